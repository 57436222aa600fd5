"""The line above a record that is not simply one of the list: it lies in the bin, or is part of a merge."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from kcdesk.actions.records import ListedRecord
from kcdesk.ui import theme
from kcdesk.ui.widgets.parts import clear, column, label, link, restyle, row


class StandingLine(QFrame):
    """Events: take it back from the bin; part a duplicate (its id); an establishment to look at (its id)."""

    take_back_wanted = Signal()
    part_wanted = Signal(str)
    record_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        restyle(self, "tone", "warning")
        self.said: list[str] = []
        self._lines: QVBoxLayout = column(gap=0, margin=theme.TIGHT)
        self.setLayout(self._lines)
        self.hide()

    def show_standing(
        self, *, deleted: bool, into: ListedRecord | None, merged: Sequence[ListedRecord]
    ) -> None:
        """Say where the record is; the line goes where there is nothing to say."""
        clear(self._lines)
        self.said = []
        if deleted:
            self._add(
                self.tr("Cơ sở này đang ở trong thùng rác."),
                link(self.tr("Lấy lại"), self.take_back_wanted.emit),
            )
        if into is not None:
            self._add_merged(self.tr("Đã gộp vào “{0}”."), into, part="")
        for one in merged:
            self._add_merged(self.tr("Gồm cả “{0}”, đã gộp vào đây."), one, part=str(one.row["id"]))
        self.setVisible(bool(self.said))

    def _add_merged(self, sentence: str, other: ListedRecord, *, part: str) -> None:
        """`part`: the duplicate that parting sets free; empty: the record itself."""
        name = str(other.row.get("name") or self.tr("(chưa có tên)"))
        record = str(other.row["id"])
        self._add(
            sentence.format(name),
            link(self.tr("Mở hồ sơ ấy"), partial(self.record_wanted.emit, record)),
            link(self.tr("Tách ra"), partial(self.part_wanted.emit, part)),
        )

    def _add(self, sentence: str, *links: QWidget) -> None:
        self.said.append(sentence)
        text = label(sentence)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        line = QWidget()
        line.setLayout(row(text, *links, None, gap=theme.GAP))
        self._lines.addWidget(line)
