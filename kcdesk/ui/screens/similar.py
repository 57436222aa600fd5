"""While a new establishment is typed: those that are there already and may be it, with the reasons.

Owns when to ask and how it is shown; how alike two are is `actions.duplicates`'. Answers come from the desk's thread,
some milliseconds after the last keystroke; an answer to older text is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kcdesk.actions.desk import Desk
from kcdesk.actions.duplicates import Similar, similar_to
from kcdesk.actions.records import read_typed
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.ui import theme
from kcdesk.ui.screens.base import Context
from kcdesk.ui.widgets.parts import card, clear, column, heading, label, link, row

PAUSE_MS = 300
MOST = 3
LOOKED_AT = (
    "name",
    "legal_form",
    "rep_name",
    "rep_id_no",
    "tax_code",
    "phone",
    "hamlet",
    "commune",
)


class SimilarCard(QWidget):
    """What may be there already; not on screen while nothing is. Event: one of them to look at (its id)."""

    wanted = Signal(str)

    def __init__(self, context: Context, typed: Callable[[], Mapping[str, str]]) -> None:
        """`typed`: the texts of the form, by field."""
        super().__init__()
        self._tasks = context.tasks
        self._today = context.today
        self._typed = typed
        self._asked = 0
        self._last: dict[str, str] = {}
        self.found: list[Similar] = []
        self._title = heading("")
        self._lines: QVBoxLayout = column(gap=theme.TIGHT)
        hint = label(
            self.tr("Bấm vào tên để xem. Nếu là cơ sở khác thì cứ ghi tiếp rồi lưu."),
            quiet=True,
            wrap=True,
        )
        self.setLayout(column(card(self._title, self._lines, hint)))
        self.hide()
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self._ask)

    def soon(self) -> None:
        """Something was typed: look again when the hands rest."""
        self._timer.start()

    @property
    def settled(self) -> bool:
        """Whether what is shown is the answer to what is typed."""
        return not self._timer.isActive()

    def _ask(self) -> None:
        typed = {key: text for key, text in self._typed().items() if key in LOOKED_AT and text}
        if typed == self._last:
            return
        self._last = typed
        self._asked += 1
        number, today = self._asked, self._today

        def work(desk: Desk) -> list[Similar]:
            return similar_to(desk, read_typed(ESTABLISHMENTS.name, typed, today))[:MOST]

        def done(found: list[Similar]) -> None:
            if number == self._asked:
                self._show(found)

        self._tasks.ask(self, work, done)

    def _show(self, found: list[Similar]) -> None:
        self.found = found
        clear(self._lines)
        self._title.setText(self.tr("Có thể cơ sở này đã có"))
        for one in found:
            fields = one.side.fields
            said = [str(fields.get(key) or "") for key in ("name", "hamlet")]
            name = link(
                ", ".join(filter(None, said)), partial(self.wanted.emit, str(one.side.record))
            )
            why = label(one.likeness.sentence, quiet=True, wrap=True)
            line = row(name, gap=theme.SPACE)
            line.addWidget(why, 1)
            self._lines.addLayout(line)
        self.setVisible(bool(found))
