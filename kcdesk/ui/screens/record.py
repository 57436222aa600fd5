"""One establishment: its fields in groups, figures, surveys, needs and history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QTabWidget, QWidget

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import (
    ListedRecord,
    Saved,
    add_record,
    set_fields,
)
from kcdesk.actions.syncing import delivery_text
from kcdesk.changes import State
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.domain.value import Value
from kcdesk.errors import KcdeskError
from kcdesk.ui import theme
from kcdesk.ui.screens.attachments import AttachmentsPage
from kcdesk.ui.screens.base import Context, Screen
from kcdesk.ui.screens.drafting import DraftKeeper, DraftLine
from kcdesk.ui.screens.figures import FiguresDialog
from kcdesk.ui.screens.record_data import RecordData, read_record
from kcdesk.ui.screens.record_findings import FindingsLine
from kcdesk.ui.screens.record_history import HistoryPage
from kcdesk.ui.screens.record_parts import (
    READ_ONLY,
    ListPage,
    book_columns,
    figures_columns,
    groups_of,
    need_columns,
    note_place,
    survey_columns,
)
from kcdesk.ui.screens.second_thoughts import SecondThoughts
from kcdesk.ui.screens.similar import SimilarCard
from kcdesk.ui.screens.survey import QUESTIONNAIRE, Wanted
from kcdesk.ui.tasks import EVERYTHING
from kcdesk.ui.widgets.fields import FieldRow
from kcdesk.ui.widgets.parts import button, card, column, heading, label, reveal, row, scrolled
from kcdesk.ui.widgets.questionnaire_menu import QuestionnaireMenu
from kcdesk.ui.widgets.rows_editor import RowsEditor


class RecordScreen(Screen):
    """Events: a survey to fill in, a need, a paper to print.

    attachment_wanted: a picture or document to look at (id of the establishment, its id)
    merge_wanted, record_wanted: an establishment to merge with another, or to look at (its id)
    """

    survey_wanted = Signal(object)
    """Wanted."""
    need_wanted = Signal(str)
    paper_wanted = Signal(str)
    conflicts_wanted = Signal()
    attachment_wanted = Signal(str, str)
    merge_wanted = Signal(str)
    record_wanted = Signal(str)
    support_wanted = Signal(str)
    """What this establishment can get."""

    shows = EVERYTHING

    def __init__(self, context: Context, record: str | None = None) -> None:
        super().__init__(context)
        self.record = record
        self.fields: dict[str, FieldRow] = {}
        self.products = RowsEditor(ESTABLISHMENTS.tables[0], today=context.today)
        self.draft_line = DraftLine()
        self.draft_line.dropped.connect(lambda: self.discard(self.entered))
        self.keeper = DraftKeeper(self, self.tasks, self._typed)
        self.keeper.failed.connect(self._tell)
        self.products.edited.connect(self.keeper.soon)
        self._units: AdministrativeUnits | None = None
        self.entitle(self.tr("Cơ sở mới") if record is None else "")

        self.where = label(quiet=True, wrap=True)
        self.save_button = button(self.tr("Lưu"), self._save, key="Ctrl+S", main=True)
        self._survey = button(self.tr("Khảo sát"), self._want_survey, key="F3")
        self._other_survey = QuestionnaireMenu(self)
        self._other_survey.chosen.connect(self._want_survey)
        self._need = button(self.tr("Đăng ký nhu cầu"), self._want_need, key="F4")
        self._print = button(self.tr("In đơn"), self._want_paper, key="Ctrl+P")
        self.second = SecondThoughts(self, lambda: str(self.record))
        self.findings = FindingsLine(self.tasks, lambda: self.record)
        self.findings.accepted.connect(self._accepted)
        self.findings.failed.connect(self._tell)
        self.second.merge_wanted.connect(self.merge_wanted)
        self.second.record_wanted.connect(self.record_wanted)
        self.second.history_wanted.connect(self._history_of_field)
        self.second.offer(self.tr("Được hỗ trợ bao nhiêu?"), "Ctrl+B", self._want_support)
        buttons = row(self.second.menu, self._print, self._need)
        buttons.addWidget(self._survey)
        buttons.addWidget(self._other_survey)
        buttons.addWidget(self.save_button)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self._form = QWidget()
        self._form_built = False
        self._area = scrolled(self._form)
        self.similar = SimilarCard(context, lambda: {k: f.text for k, f in self.fields.items()})
        self.similar.wanted.connect(self._look_at_similar)
        self.tabs.addTab(self._area, self.tr("Thông tin"))
        top = row(gap=theme.SPACE)
        top.addWidget(self.where, 1)
        top.addLayout(buttons)
        lines = (self.second.line, self.draft_line, self.findings, self.similar)
        self.setLayout(column(top, *lines, self.tabs, gap=theme.GAP))
        if record is not None:
            self._add_lists()
        for wide in self._of_kept:
            wide.setVisible(record is not None)

    def entered(self) -> None:
        if self.unsaved:
            return  # what is being typed stays; the heads it was opened with decide at saving
        self.keeper.keep(
            lambda: self.tasks.ask(self, lambda desk: read_record(desk, self.record), self._show)
        )

    # Saving

    @property
    def unsaved(self) -> bool:
        return any(field.changed for field in self.fields.values()) or bool(self.products.typed)

    def _typed(self) -> dict[str, str]:
        """path -> text of what differs from what the record said when it was opened."""
        typed = {key: field.text for key, field in self.fields.items() if field.changed}
        return typed | self.products.typed

    def keep(self, then: Callable[[], None]) -> None:
        self.keeper.keep(then)

    def discard(self, go: Callable[[], None]) -> None:
        def dropped() -> None:
            for field in self.fields.values():
                field.settle(field.text)
            self.products.settle()
            self.draft_line.hide()
            go()

        self.keeper.drop(dropped)

    def save(self, then: Callable[[], None]) -> None:
        wrong = [field for field in self.fields.values() if not field.check()]
        if not self.products.check() or wrong:
            if wrong:
                self.tabs.setCurrentIndex(0)
                reveal(self._area, wrong[0].editor)
            self.told.emit(
                "error",
                self.tr("Chưa lưu được: còn mục ghi chưa đúng."),
                self.tr("Sửa mục có chữ đỏ bên cạnh rồi lưu lại."),
            )
            return
        typed, record, form = self._typed(), self.record, self.keeper.form
        self.keeper.hold()

        def work(desk: Desk) -> Saved:
            if record is None:
                return add_record(desk, ESTABLISHMENTS.name, typed, form=form)
            return set_fields(desk, ESTABLISHMENTS.name, record, typed, form=form)

        def done(saved: Saved) -> None:
            if record is None:
                self.record = str(saved.records[0][1])
                self.similar.hide()
                self._add_lists()
                for part in self._of_kept:
                    part.show()
            self.told.emit("good", self.tr("Đã lưu trên máy này."), _softly(saved))
            self.draft_line.hide()
            self._read_again(typed, then)

        def failed(error: KcdeskError) -> None:
            self.keeper.release()
            self._tell(error)

        self.tasks.ask(self, work, done, failed=failed)

    def _tell(self, error: KcdeskError) -> None:
        self.told.emit("error", error.message, error.hint)

    def _accepted(self) -> None:
        self.told.emit("good", self.tr("Đã ghi lý do chấp nhận vào hồ sơ."), "")
        self.entered()

    def _save(self) -> None:
        if self.unsaved:
            self.save(lambda: None)
        else:
            self.told.emit("good", self.tr("Không có gì mới để lưu."), "")

    def _read_again(self, saved: Mapping[str, str], then: Callable[[], None]) -> None:
        """After saving: show what the record says now, but keep what was typed meanwhile."""

        def done(data: RecordData) -> None:
            for key, field in self.fields.items():
                field.settle(saved.get(key))
            self.products.settle()
            self._show(data)
            then()

        self.tasks.ask(self, lambda desk: read_record(desk, self.record), done)

    # Showing

    def _show(self, data: RecordData) -> None:
        self._units = data.units
        if not self._form_built:
            self._build_form(data)
        for key, field in self.fields.items():
            if not field.changed:
                field.open(self._value(data.state, key))
            if data.state is not None and key in data.state.conflicts:
                field.note("warning", self.tr("Có nhiều giá trị khác nhau, chờ chọn (F7)."))
        self._check_place()
        if not self.products.typed:
            self.products.open(data.state.rows("main_products") if data.state else {})
        for path, text in data.typed.items():
            self._type(path, text)
        self.draft_line.show_since(data.since)
        self.findings.show_findings(data.findings)
        self.keeper.begin(data.form, data.typed)
        if self.unsaved:
            self.keeper.soon()
        if data.listed is None:
            self.where.setText(
                self.tr("Chỉ cần tên và xã, phường là lưu được; phần còn lại ghi sau.")
            )
            return
        name = self._value(data.state, "name")
        self.entitle(str(name) if name else self.tr("(chưa có tên)"))
        self._say_where(data.listed)
        deleted = data.state is not None and data.state.deleted
        self.second.show_standing(deleted=deleted, into=data.into, merged=data.merged)
        shown: tuple[tuple[ListPage, Sequence[object]], ...] = (
            (self.figures, data.figures),
            (self.surveys, data.surveys),
            (self.needs, data.needs),
            (self.history, data.history),
            (self.papers, data.papers),
        )
        for page, rows in shown:
            page.set_rows(rows)
            self._entitle_tab(page)
        self.attachments.read()

    def _check_place(self) -> None:
        note_place(self.fields["geo"], self.fields["commune"], self._units, self.context.today)

    def _entitle_tab(self, page: ListPage | AttachmentsPage) -> None:
        self.tabs.setTabText(self.tabs.indexOf(page), page.tab_title)

    def _type(self, path: str, text: str) -> None:
        """Put a text into its field or cell again."""
        if path in self.fields:
            self.fields[path].type(text)
        elif path.startswith(f"{self.products.table.key}/"):
            self.products.type(path, text)

    def _say_where(self, listed: ListedRecord) -> None:
        listed_row = listed.row
        said = [listed_row.get("commune_name"), listed_row.get("province_name")]
        place = ", ".join(str(part) for part in said if part)
        self.where.setText(
            "   ·   ".join(part for part in (place, delivery_text(listed.delivery)) if part)
        )

    @staticmethod
    def _value(state: State | None, key: str) -> Value:
        return state.get(key) if state is not None else None

    def _build_form(self, data: RecordData) -> None:
        self._form_built = True
        groups = groups_of(self)
        cards = []
        for title, keys in groups:
            rows: list[QWidget] = []
            for key in keys:
                field = ESTABLISHMENTS.field(key)
                assert field is not None
                if data.state is None and key in READ_ONLY:
                    continue
                made = FieldRow(
                    field,
                    today=self.context.today,
                    communes=data.communes,
                    units=data.units,
                    required=key == "name",
                )
                made.set_read_only(key in READ_ONLY)
                made.edited.connect(self.keeper.soon)
                if self.record is None:
                    made.edited.connect(self.similar.soon)
                self.fields[key] = made
                rows.append(made)
            if title == groups[-2][0]:
                products = label(self.products.table.label)
                products.setFixedWidth(theme.LABEL_WIDTH)
                self.products.setMaximumWidth(theme.FIELD_WIDTH + theme.NOTE_WIDTH)
                line = row(products, self.products, None, gap=theme.SPACE)
                rows.append(QWidget())
                rows[-1].setLayout(line)
            cards.append(card(heading(title), *rows))
        for key in ("geo", "commune"):
            self.fields[key].checked.connect(self._check_place)
        layout = column(*cards, None, gap=theme.SPACE)
        layout.setContentsMargins(0, theme.SPACE, theme.GAP, 0)
        self._form.setLayout(layout)
        self.fields["name"].editor.setFocus()

    def _add_lists(self) -> None:
        add = button(self.tr("Thêm số liệu"), lambda: self._edit_figures(None))
        self.figures = ListPage(
            self.tr("Số liệu theo năm"),
            figures_columns(self),
            self.tr("Số liệu đến từ danh sách nhập vào, từ phiếu khảo sát, hoặc ghi tay ở đây."),
            add,
        )
        self.surveys = ListPage(
            self.tr("Phiếu khảo sát"),
            survey_columns(self),
            self.tr("Bấm F3 để khảo sát cơ sở này. Phiếu ghi dở được giữ lại."),
        )
        self.needs = ListPage(
            self.tr("Nhu cầu hỗ trợ"),
            need_columns(self),
            self.tr("Bấm F4 để đăng ký nhu cầu, rồi Ctrl+P để in đơn."),
        )
        self.history = HistoryPage(self, lambda: self._units)
        self.history.undo_wanted.connect(self.second.undo)
        self.figures.table.chosen.connect(self._edit_figures)
        self.surveys.table.chosen.connect(self._reopen_survey)
        self.needs.table.chosen.connect(lambda need: self.paper_wanted.emit(str(need.row["id"])))
        assert self.record is not None
        self.attachments = AttachmentsPage(self.context, self.record)
        self.attachments.told.connect(self.told)
        self.attachments.opened.connect(
            lambda attachment: self.attachment_wanted.emit(self.record, attachment)
        )
        self.attachments.counted.connect(lambda: self._entitle_tab(self.attachments))
        self.papers = ListPage(
            self.tr("Giấy tờ đã ra ngoài"),
            book_columns(self, of_one=True),
            self.tr("Giấy tờ của cơ sở đã in, ghi ra tệp hay gửi cho ai sẽ hiện ở đây."),
        )
        of_record = (self.figures, self.surveys, self.needs, self.attachments)
        for page in (*of_record, self.history, self.papers):
            self.tabs.addTab(page, page.title)

    @property
    def _of_kept(self) -> tuple[QWidget, ...]:
        """What can be done with a record that was saved once."""
        return (self.second.menu, self._survey, self._other_survey, self._need, self._print)

    def _history_of_field(self) -> None:
        """The history of the field that the cursor is in; of all fields when it is in none."""
        if self.record is None:
            return
        field = next((key for key, made in self.fields.items() if made.editor.hasFocus()), "")
        self.tabs.setCurrentWidget(self.history)
        self.history.show_field(field)

    # Events

    def _look_at_similar(self, record: str) -> None:
        """What was typed stays as a draft."""
        self.keep(lambda: self.record_wanted.emit(record))

    def _want_survey(self, questionnaire: str = QUESTIONNAIRE) -> None:
        self.leave(
            lambda: self.survey_wanted.emit(Wanted(str(self.record), questionnaire=questionnaire))
        )

    def _want_need(self) -> None:
        self.leave(lambda: self.need_wanted.emit(self.record))

    def _want_support(self) -> None:
        self.leave(lambda: self.support_wanted.emit(str(self.record)))

    def _want_paper(self) -> None:
        self.leave(lambda: self.paper_wanted.emit(self.record))

    def _reopen_survey(self, survey: ListedRecord) -> None:
        wanted = Wanted(str(self.record), str(survey.row["id"]))
        self.leave(lambda: self.survey_wanted.emit(wanted))

    def _edit_figures(self, figures: ListedRecord | None) -> None:
        assert self.record is not None
        dialog = FiguresDialog(self.context, self.record, figures, self)
        dialog.told.connect(self.told)
        dialog.open()


def _softly(saved: Saved) -> str:
    return " ".join(finding.message for finding in saved.findings if finding.level == "soft")
