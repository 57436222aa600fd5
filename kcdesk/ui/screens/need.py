"""Registering a need: what is known is shown, and only what nobody has said yet is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kcdesk.actions.desk import Desk
from kcdesk.actions.needs import NeedForm, open_need, register_need
from kcdesk.actions.records import Saved
from kcdesk.domain.kinds import ESTABLISHMENTS, NEEDS
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.screens.drafting import DraftKeeper, DraftLine
from kcdesk.ui.screens.record_data import communes_of
from kcdesk.ui.widgets.fields import FieldRow
from kcdesk.ui.widgets.parts import button, card, column, heading, label, reveal, row, scrolled
from kcdesk.ui.widgets.rows_editor import RowsEditor
from kcdesk.ui.widgets.search_choice import Option

_ALSO_ASKED = ("other",)
"""Of a need, what the paper can do without but an owner may want to say."""
_NOT_HERE = frozenset(("province", "workers_total"))
"""What follows from another field, or is figures of a year, and is said on their own screens."""
_TABLES = {table.key: table for table in (*NEEDS.tables, *ESTABLISHMENTS.tables)}


@dataclass(frozen=True, slots=True)
class _Opened:
    form: NeedForm
    communes: tuple[Option, ...]


class NeedScreen(Screen):
    """Event: the need is registered; its id."""

    registered = Signal(str)

    def __init__(self, context: Context, establishment: str) -> None:
        super().__init__(context)
        self.entitle(self.tr("Đăng ký nhu cầu hỗ trợ"))
        self.fields: dict[str, FieldRow] = {}
        self.tables: dict[str, RowsEditor] = {}
        self._establishment = establishment
        self._done = False
        self.summary = label(quiet=True, wrap=True)
        self.save_button = button(
            self.tr("Đăng ký"), lambda: self.save(lambda: None), key="Ctrl+S", main=True
        )
        self.save_button.setEnabled(False)
        self.draft_line = DraftLine()
        self.draft_line.dropped.connect(lambda: self.discard(lambda: None))
        self.keeper = DraftKeeper(self, self.tasks, self._changed)
        self.keeper.failed.connect(self._tell)
        self._form = QWidget()
        top = row(gap=theme.SPACE)
        top.addWidget(self.summary, 1)
        top.addWidget(self.save_button)
        self._area = scrolled(self._form)
        self.setLayout(column(top, self.draft_line, self._area, gap=theme.SPACE))

    def entered(self) -> None:
        if not self.fields:
            establishment = self._establishment
            self.tasks.ask(
                self,
                lambda desk: _Opened(open_need(desk, establishment), communes_of(desk)),
                self._show,
            )

    @property
    def unsaved(self) -> bool:
        return not self._done and (
            any(field.changed for field in self.fields.values())
            or any(table.typed for table in self.tables.values())
        )

    def _changed(self) -> dict[str, str]:
        said = {key: field.text for key, field in self.fields.items() if field.changed}
        for table in self.tables.values():
            said |= table.typed
        return said

    def keep(self, then: Callable[[], None]) -> None:
        self.keeper.keep(then)

    def discard(self, go: Callable[[], None]) -> None:
        form = self.keeper.form

        def dropped() -> None:
            self.draft_line.hide()
            for field in self.fields.values():
                field.open(None)
            for table in self.tables.values():
                table.open({})
            if form is not None:
                self.keeper.begin(form, {})
            go()

        self.keeper.drop(dropped)

    def typed(self) -> dict[str, str]:
        """What was typed: path -> text."""
        said = {key: field.text for key, field in self.fields.items() if field.text.strip()}
        for table in self.tables.values():
            said |= {path: text for path, text in table.typed.items() if text.strip()}
        return said

    def save(self, then: Callable[[], None]) -> None:
        wrong = [field for field in self.fields.values() if not field.check()]
        tables = [table for table in self.tables.values() if not table.check()]
        if wrong or tables:
            if wrong:
                reveal(self._area, wrong[0].editor)
            self.told.emit(
                "error",
                self.tr("Chưa đăng ký được: còn mục ghi chưa đúng."),
                self.tr("Sửa mục có chữ đỏ rồi làm lại."),
            )
            return
        typed, establishment, form = self.typed(), self._establishment, self.keeper.form
        self.keeper.hold()

        def work(desk: Desk) -> Saved:
            return register_need(desk, establishment, typed, form=form)

        def done(saved: Saved) -> None:
            self._done = True
            self.told.emit("good", self.tr("Đã đăng ký nhu cầu trên máy này."), "")
            self.registered.emit(str(saved.records[0][1]))
            then()

        def failed(error: KcdeskError) -> None:
            self.keeper.release()
            self._tell(error)

        self.tasks.ask(self, work, done, failed=failed)

    def _tell(self, error: KcdeskError) -> None:
        self.told.emit("error", error.message, error.hint)

    def _show(self, opened: _Opened) -> None:
        form = opened.form
        asked = dict(form.missing)
        for path in (
            form.typed
        ):  # somebody may have said it meanwhile: what was typed stands there all the same
            spec = NEEDS.field(path) or ESTABLISHMENTS.field(path)
            if spec is not None:
                asked.setdefault(path, spec.label)
        name = str(form.known.get("name") or "")
        self.entitle(self.tr("Đăng ký nhu cầu: {0}").format(name))
        lacking = [label_ for key, label_ in form.missing if key in _NOT_HERE]
        self.summary.setText(self._summary(form, lacking))
        of_need = [key for key in asked if NEEDS.field(key) is not None]
        of_need += [key for key in _ALSO_ASKED if key not in of_need]
        of_establishment = [
            key for key in asked if key not in of_need and ESTABLISHMENTS.field(key) is not None
        ]
        groups = [
            (self.tr("Còn thiếu về cơ sở"), of_establishment, ("main_products",)),
            (self.tr("Đề nghị hỗ trợ"), of_need, ("machines_to_buy", "expected")),
        ]
        cards = []
        for title, keys, tables in groups:
            rows: list[QWidget] = [self._field(key, asked.get(key, ""), opened) for key in keys]
            for key in tables:
                if key in asked or key != "main_products":
                    rows += self._table(key)
            if rows:
                cards.append(card(heading(title), *rows))
        layout = column(*cards, None, gap=theme.SPACE)
        layout.setContentsMargins(0, 0, theme.GAP, 0)
        self._form.setLayout(layout)
        self.save_button.setEnabled(True)
        for path, text in form.typed.items():
            table = self.tables.get(path.partition("/")[0])
            if table is not None:
                table.type(path, text)
            elif path in self.fields:
                self.fields[path].type(text)
        self.draft_line.show_since(form.since)
        self.keeper.begin(form.form, form.typed)
        first = next(iter(self.fields.values()), None)
        if first is not None:
            first.editor.setFocus()

    def _summary(self, form: NeedForm, lacking: list[str]) -> str:
        said = self.tr(
            "Đơn đã có sẵn {0} mục từ hồ sơ cơ sở; chỉ còn hỏi những mục dưới đây."
        ).format(len(form.known))
        if lacking:
            said += " " + self.tr("Ghi thêm trong hồ sơ cơ sở: {0}.").format(", ".join(lacking))
        return said

    def _field(self, key: str, caption: str, opened: _Opened) -> FieldRow:
        spec = NEEDS.field(key) or ESTABLISHMENTS.field(key)
        assert spec is not None
        made = FieldRow(
            spec,
            today=self.context.today,
            communes=opened.communes,
            caption=caption or spec.label,
        )
        made.open(None)
        made.edited.connect(self.keeper.soon)
        self.fields[key] = made
        return made

    def _table(self, key: str) -> list[QWidget]:
        table = RowsEditor(_TABLES[key], today=self.context.today)
        table.edited.connect(self.keeper.soon)
        self.tables[key] = table
        return [label(_TABLES[key].label), table]
