"""What the page of an establishment is made of: groups of fields, and the lists beside the form."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtWidgets import QWidget

from kcdesk.actions.handing_out import BookLine
from kcdesk.actions.history import HistoryEntry
from kcdesk.actions.records import ListedRecord
from kcdesk.actions.surveys import OpenSurvey
from kcdesk.actions.syncing import delivery_text
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.code_lists import SheetState
from kcdesk.domain.coordinates import findings_of_place
from kcdesk.domain.field_text import field_named, read_text, show_value
from kcdesk.domain.kinds import ESTABLISHMENTS, FIGURES, NEEDS, SURVEYS, Kind
from kcdesk.domain.value import Value
from kcdesk.ui import theme
from kcdesk.ui.models.rows import Column, RowsModel
from kcdesk.ui.screens.base import moment
from kcdesk.ui.widgets.fields import FieldRow, show
from kcdesk.ui.widgets.parts import Empty, Table, column, row

READ_ONLY = frozenset(("old_commune", "address_as_written"))
"""What the imported list said; corrected through the commune and the address."""
DEVICE_SHOWN = 8
"""Letters of a device's id that tell the devices of a record apart."""
_HIDDEN = frozenset(("commune_candidates",))


class ListPage(QWidget):
    """A list on a tab of its own, with what to do while it is empty."""

    def __init__(self, title: str, columns: list[Column[Any]], empty: str, *tools: QWidget) -> None:
        super().__init__()
        self.title = title
        self.model: RowsModel[Any] = RowsModel(columns, self)
        self.table = Table(self.model, title)
        self._empty = Empty(self.tr("Chưa có gì ở đây"), empty)
        top = row(*tools, None) if tools else row()
        self.setLayout(column(top, self.table, self._empty, margin=theme.GAP))

    def set_rows(self, rows: Iterable[Any]) -> None:
        self.model.set_rows(rows)
        self.table.setVisible(bool(self.model.rows))
        self._empty.setVisible(not self.model.rows)

    @property
    def tab_title(self) -> str:
        count = len(self.model.rows)
        return f"{self.title} ({count})" if count else self.title


def field_label(kind: Kind, path: str) -> str:
    """The label of a field; of a cell with its table: `Sản phẩm chính: Tên`."""
    table = next((t for t in kind.tables if t.key == path.partition("/")[0]), None)
    field = field_named(kind, path)
    return f"{table.label}: {field.label}" if table is not None else field.label


def groups_of(screen: QWidget) -> list[tuple[str, tuple[str, ...]]]:
    """The fields of an establishment in groups; one that stands in no group stands in the last."""
    tr = screen.tr
    groups: list[tuple[str, tuple[str, ...]]] = [
        (tr("Cơ sở"), ("name", "legal_form", "status", "trade", "vsic", "founded_year")),
        (
            tr("Địa chỉ, liên hệ"),
            (
                *("commune", "hamlet", "address", "geo", "phone", "email"),
                *("old_commune", "address_as_written"),
            ),
        ),
        (tr("Người đại diện"), ("rep_name", "rep_position", "rep_gender", "rep_ethnic", "rep_id_no")),
        (tr("Đăng ký kinh doanh"), ("tax_code", "reg_no", "reg_date", "reg_issuer")),
        (tr("Sản xuất"), ("area_m2", "electricity_kwh", "markets")),
    ]  # fmt: skip
    placed = {key for _, keys in groups for key in keys} | _HIDDEN
    rest = tuple(field.key for field in ESTABLISHMENTS.fields if field.key not in placed)
    return [*groups, (tr("Ghi thêm"), rest)]


def note_place(
    geo: FieldRow, commune: FieldRow, units: AdministrativeUnits | None, today: datetime.date
) -> None:
    """Say beside the coordinates when they do not lie in the commune, also before anything is saved."""
    read = read_text(geo.field, geo.text, today=today)
    if read.value is not None and units is not None:
        found = (*read.findings, *findings_of_place(units, commune.text, read.value))
        geo.note("warning", " ".join(f"{one.message} {one.hint}".strip() for one in found))


def _said(kind: Kind, key: str) -> Callable[[ListedRecord], str]:
    field = field_named(kind, key)
    return lambda record: show_value(field, record.row.get(key))


def _place(screen: QWidget) -> Column[ListedRecord]:
    return Column(screen.tr("Nơi lưu"), lambda r: delivery_text(r.delivery), 125)


def figures_columns(screen: QWidget) -> list[Column[ListedRecord]]:
    tr = screen.tr
    money = [
        Column(head, _said(FIGURES, key), 165, number=True)
        for head, key in (
            (tr("Giá trị SX (đồng)"), "production_value"),
            (tr("Doanh thu (đồng)"), "revenue"),
            (tr("Vốn (đồng)"), "capital"),
        )
    ]
    return [
        Column(tr("Năm"), _said(FIGURES, "year"), 70, number=True),
        Column(tr("Tính chất"), _said(FIGURES, "basis"), 104),
        Column(tr("Lao động"), _said(FIGURES, "workers"), 110, number=True),
        *money,
        Column(tr("Nguồn số liệu"), _said(FIGURES, "source")),
        _place(screen),
    ]


def survey_columns(screen: QWidget) -> list[Column[ListedRecord]]:
    tr = screen.tr
    return [
        Column(tr("Số phiếu"), _said(SURVEYS, "survey_no"), 200),
        Column(tr("Ngày khảo sát"), _said(SURVEYS, "survey_date"), 120),
        Column(tr("Mẫu"), _of_questionnaire(screen), 130),
        Column(tr("Người khảo sát"), _said(SURVEYS, "surveyor")),
        Column(tr("Trạng thái"), _said(SURVEYS, "sheet_state"), 160),
        _place(screen),
    ]


def _of_questionnaire(screen: QWidget) -> Callable[[ListedRecord], str]:
    mark = screen.tr(" (mẫu thử)")
    said = _said(SURVEYS, "questionnaire")
    return lambda record: said(record) + (mark if record.row.get("trial") is True else "")


def how_it_stands(screen: QWidget, survey: OpenSurvey) -> str:
    """What is said of an answer sheet when it comes up."""
    stands = _how_it_stands(screen, survey)
    if survey.trial:
        mark = screen.tr("MẪU THỬ: không vào báo cáo, không làm thay đổi hồ sơ.")
        return f"{mark} {stands}"
    return stands


def _how_it_stands(screen: QWidget, survey: OpenSurvey) -> str:
    if survey.state is None:
        return (
            screen.tr("Phiếu ghi dở, mở lại.")
            if survey.since
            else screen.tr("Phiếu mới, chưa lưu.")
        )
    match survey.state.get("sheet_state"):
        case SheetState.RETURNED:
            note = str(survey.state.get("return_note") or "")
            return screen.tr("Phiếu bị trả lại. {0}").format(note).strip()
        case SheetState.ACCEPTED:
            return screen.tr("Phiếu đã nhận vào hồ sơ: chỉ xem, trả lại rồi mới sửa được.")
        case SheetState.FINISHED:
            return screen.tr("Phiếu đã ghi xong, mở lại.")
    return screen.tr("Phiếu ghi dở, mở lại.")


def need_columns(screen: QWidget) -> list[Column[ListedRecord]]:
    tr = screen.tr
    return [
        Column(tr("Ngày đăng ký"), _said(NEEDS, "registered_on"), 120),
        Column(tr("Nội dung đề nghị"), _said(NEEDS, "purpose")),
        Column(tr("Tổng kinh phí (đồng)"), _said(NEEDS, "total"), 160, number=True),
        Column(tr("Bắt đầu"), _said(NEEDS, "start"), 100),
        _place(screen),
    ]


def history_columns(
    screen: QWidget, units: Callable[[], AdministrativeUnits | None]
) -> list[Column[HistoryEntry]]:
    """`units` is asked when a value is shown: the table comes with the first record."""
    tr = screen.tr

    def shown(field: str, value: Value) -> str:
        return show(field_named(ESTABLISHMENTS, field), value, units())

    return [
        Column(tr("Lúc"), lambda e: moment(e.at), 152),
        Column(tr("Ai"), lambda e: e.who, 140),
        Column(tr("Thiết bị"), lambda e: e.change.device[:DEVICE_SHOWN], 100),
        Column(tr("Mục"), lambda e: field_label(ESTABLISHMENTS, e.field), 170),
        Column(tr("Trước"), lambda e: shown(e.field, e.old), 160),
        Column(tr("Ghi thành"), lambda e: e.erased or shown(e.field, e.new)),
        Column(tr("Nơi lưu"), lambda e: delivery_text(e.delivery), 125),
    ]


def book_columns(screen: QWidget, *, of_one: bool = False) -> list[Column[BookLine]]:
    """The columns of the book of papers; `of_one`: of one establishment, which need not be named."""
    tr = screen.tr

    def back(line: BookLine) -> str:
        return moment(line.note.back_at) if line.note.back_at is not None else ""

    return [
        Column(tr("Số"), lambda line: str(line.note.id), 60, number=True),
        Column(tr("Lúc"), lambda line: moment(line.note.at), 150),
        Column(tr("Giấy tờ"), lambda line: line.what, 190),
        Column(tr("Tệp"), lambda line: line.note.file_name)
        if of_one
        else Column(tr("Cơ sở"), lambda line: line.name),
        Column(tr("Giao cho"), lambda line: line.note.taker, 190),
        Column(tr("Đã về"), back, 150),
    ]
