"""What the province refused, on the page of sync: each with its reason, to correct, send again or withdraw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QMessageBox, QVBoxLayout, QWidget

from kcdesk.actions import refusals
from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved
from kcdesk.actions.refusals import RefusedChange
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.field_text import field_named
from kcdesk.domain.kinds import ESTABLISHMENTS, KINDS
from kcdesk.domain.value import Value
from kcdesk.errors import KcdeskError, NotFound
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import Context, kind_label
from kcdesk.ui.screens.record_data import communes_of
from kcdesk.ui.widgets.fields import FieldRow
from kcdesk.ui.widgets.parts import Table, button, card, column, heading, label, row, scrolled
from kcdesk.ui.widgets.search_choice import Option

ROWS = 4
"""Rows on screen at once."""


class RefusedCard(QFrame):
    """The refused changes that stand. `told`: tone, sentence, hint; `record_wanted`: kind and id of one to look at."""

    told = Signal(str, str, str)
    record_wanted = Signal(str, str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.model: RowsModel[RefusedChange] = RowsModel(self._columns(), self)
        self.table = Table(self.model, self.tr("Bị tỉnh từ chối"))
        self.table.setFixedHeight((ROWS + 1) * theme.ROW_HEIGHT + theme.GAP)
        self.table.chosen.connect(self._open)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._explain())
        self.what_to_do = label(wrap=True)
        self.correct_button = button(self.tr("Sửa…"), self.correct, key="F4")
        self.again_button = button(self.tr("Gửi lại"), self.ask_again, key="Ctrl+R")
        self.all_again_button = button(self.tr("Gửi lại tất cả"), self.ask_all_again)
        self.withdraw_button = button(self.tr("Rút lại"), self.withdraw, key="Delete")
        self.dialog: QDialog | None = None
        inside = card(
            heading(self.tr("Bị tỉnh từ chối")),
            label(
                self.tr(
                    "Các mục này vẫn nằm trên máy, không mục nào khác phải chờ. Enter: xem hồ sơ."
                ),
                quiet=True,
                wrap=True,
            ),
            self.table,
            self.what_to_do,
            row(
                self.correct_button,
                self.again_button,
                self.all_again_button,
                None,
                self.withdraw_button,
            ),
        )
        whole = QVBoxLayout()
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(inside)
        self.setLayout(whole)

    def show_refused(self, refused: Sequence[RefusedChange]) -> None:
        """Show these instead; the cursor stays where it was."""
        was, number = self.table.current(), self.table.currentIndex().row()
        self.model.set_rows(refused)
        self.setVisible(bool(refused))
        changes = [one.change for one in refused]
        if was is not None and was.change in changes:
            number = changes.index(was.change)
        if refused:
            self.table.selectRow(max(0, min(number, len(refused) - 1)))
        self.all_again_button.setVisible(len(refused) > 1)

    # Doing

    def _open(self, one: RefusedChange) -> None:
        """Look at the record; of one that was refused as a whole there is nothing but what to correct."""
        if one.record_stands:
            self.record_wanted.emit(one.kind, one.record)
        else:
            self.correct()

    def correct(self) -> None:
        """Ask for the right values."""
        one = self.table.current()
        if one is None:
            return

        def read(desk: Desk) -> tuple[AdministrativeUnits, tuple[Option, ...], dict[str, Value]]:
            now: dict[str, Value] = {}
            with suppress(NotFound):  # all of it was refused
                now = desk.workspace.state(one.kind, one.record).values
            return desk.units, communes_of(desk), now

        def ready(
            known: tuple[AdministrativeUnits, tuple[Option, ...], dict[str, Value]],
        ) -> None:
            dialog = CorrectDialog(self._context, one, *known, self)
            dialog.told.connect(self.told)
            self.dialog = dialog
            dialog.open()

        self._context.tasks.ask(self, read, ready)

    def ask_again(self) -> None:
        """Send the chosen one once more as it is."""
        one = self.table.current()
        if one is not None:
            what = [str(one.change)]
            self._do(lambda desk: refusals.ask_again(desk, what), self._sent_again)

    def ask_all_again(self) -> None:
        self._do(refusals.ask_again, self._sent_again)

    def withdraw(self) -> None:
        """Give the chosen one up, after asking."""
        one = self.table.current()
        if one is None:
            return
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(self.tr("Rút lại"))
        box.setText(self.tr("Rút lại mục bị từ chối của “{0}”?").format(one.title or one.record))
        box.setInformativeText(
            self.tr("Hồ sơ giữ nguyên như ở tỉnh. Những gì khác đã ghi không mất.")
        )
        yes = box.addButton(self.tr("Rút lại"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(self.tr("Thôi"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(yes)
        what = [str(one.change)]

        def answered() -> None:
            if box.clickedButton() is yes:
                self._do(
                    lambda desk: refusals.withdraw(desk, what),
                    lambda _: self.told.emit("good", self.tr("Đã rút lại."), ""),
                )

        box.finished.connect(lambda _: answered())
        self.dialog = box
        box.open()

    def _sent_again(self, saved: Saved) -> None:
        said = self.tr("Đã ghi lại {0} hồ sơ; lần đồng bộ tới sẽ gửi.").format(len(saved.records))
        self.told.emit("good", said, "")

    def _do(self, work: Callable[[Desk], Saved], done: Callable[[Saved], None]) -> None:
        self._context.tasks.ask(
            self,
            work,
            done,
            failed=lambda error: self.told.emit("error", error.message, error.hint),
        )

    def _explain(self) -> None:
        one = self.table.current()
        self.what_to_do.setText(_in_sentences(one) if one is not None else "")

    def _columns(self) -> list[Column[RefusedChange]]:
        return [
            Column(self.tr("Hồ sơ"), lambda one: one.title or one.record, 260),
            Column(self.tr("Loại"), lambda one: kind_label(one.kind), 210),
            Column(self.tr("Mục"), _fields_in_words, 220),
            Column(self.tr("Vì sao"), lambda one: one.reason),
        ]


class CorrectDialog(QDialog):
    """Asks for the right values of what was refused. Closes when they are saved."""

    told = Signal(str, str, str)

    def __init__(
        self,
        context: Context,
        refused: RefusedChange,
        units: AdministrativeUnits,
        communes: Sequence[Option],
        now: dict[str, Value],
        parent: QWidget,
    ) -> None:
        """`now`: what the record says without the refused change."""
        super().__init__(parent)
        self._context = context
        self._refused = refused
        self.setWindowTitle(self.tr("Sửa mục bị từ chối"))
        self.resize(theme.LABEL_WIDTH + theme.FIELD_WIDTH + theme.NOTE_WIDTH, 420)
        of_kind = KINDS.get(refused.kind)
        names = dict.fromkeys(refused.fields)
        if refused.code == "no_area" and refused.kind == ESTABLISHMENTS.name:
            names = {"commune": None, **names}  # it is what is wrong, said or not
        self.fields: dict[str, FieldRow] = {}
        for name in names if of_kind is not None else ():
            assert of_kind is not None
            field = field_named(of_kind, name)
            made = FieldRow(field, today=context.today, communes=communes, units=units)
            made.open(refused.fields.get(name, now.get(name)))
            self.fields[name] = made
        self._trouble = label(wrap=True)
        self._trouble.setProperty("note", "error")
        self._trouble.hide()
        kinds = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(kinds.Save | kinds.Cancel)
        self.buttons.button(kinds.Save).setText(self.tr("Ghi lại"))
        self.buttons.button(kinds.Cancel).setText(self.tr("Thôi"))
        self.buttons.accepted.connect(self.save)
        self.buttons.rejected.connect(self.reject)
        form = QWidget()
        form.setLayout(column(*self.fields.values(), None))
        self.setLayout(
            column(
                heading(refused.title or refused.record),
                label(_in_sentences(refused), quiet=True, wrap=True),
                scrolled(form),
                self._trouble,
                self.buttons,
                margin=theme.SPACE,
            )
        )
        for made in self.fields.values():
            made.editor.setFocus()
            break

    def save(self) -> None:
        """Say it anew with what was typed."""
        wrong = [made for made in self.fields.values() if made.changed and not made.check()]
        if wrong:
            wrong[0].editor.setFocus()
            return
        typed = {name: made.text for name, made in self.fields.items() if made.changed}
        what = str(self._refused.change)

        def done(_: Saved) -> None:
            self.told.emit("good", self.tr("Đã ghi lại; lần đồng bộ tới sẽ gửi."), "")
            self.accept()

        def failed(error: KcdeskError) -> None:
            self._trouble.setText(f"{error.message} {error.hint}")
            self._trouble.show()

        self._context.tasks.ask(
            self, lambda desk: refusals.correct(desk, what, typed), done, failed=failed
        )


def _in_sentences(one: RefusedChange) -> str:
    return f"{one.reason[:1].upper()}{one.reason[1:]}. {one.what_to_do}"


def _fields_in_words(one: RefusedChange) -> str:
    of_kind = KINDS.get(one.kind)
    if of_kind is None:
        return ", ".join(one.fields)
    return ", ".join(dict.fromkeys(field_named(of_kind, name).label for name in one.fields))
