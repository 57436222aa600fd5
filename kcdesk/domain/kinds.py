"""The kinds of record and their fields: one table that storage, screens, reports and lists read.

A kind's name is its word everywhere: table, wire, command line. A field that stands here has a type and a
Vietnamese label; a record may carry fields that do not (a newer version's, an answer's), and they are kept.
Keys and types: dossier sections 6.2 and 6.3.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from kcdesk.domain import code_lists
from kcdesk.domain.identifiers import RecordId
from kcdesk.domain.value import Value
from kcdesk.errors import NotFound

CodeList = type[code_lists.Code]


class FieldType(Enum):
    """How a value looks in a record: the JSON type it has, and what a person types for it."""

    TEXT = "text"
    LONG_TEXT = "long text"
    INT = "int"
    MONEY = "money"  # integer đồng
    DECIMAL = "decimal"  # text in plain notation, "2.5"
    DATE = "date"  # ISO text
    BOOL = "bool"
    CODE = "code"  # a code of the field's code list
    TEXTS = "texts"  # list of texts
    COMMUNE = "commune"  # code of a commune of today
    OLD_COMMUNE = "old commune"  # code of a commune until 30/06/2025
    REF = "ref"  # id of a record
    GEO = "geo"  # latitude and longitude in degrees, two decimals as texts
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Field:
    key: str
    label: str
    type: FieldType = FieldType.TEXT
    codes: CodeList | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows inside a record: each cell is the record's field `key/<row id>/<column key>`."""

    key: str
    label: str
    columns: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record.

    log:    which log carries it (design 4b): of an area's two `open` is read by collaborators, `office` is not;
            `published` is read by everybody
    parent: the field that names the establishment it belongs to, whose area it shares; None for establishments
    """

    name: str
    label: str
    title: str
    log: Literal["open", "office", "published"]
    parent: str | None
    fields: tuple[Field, ...]
    tables: tuple[Table, ...] = ()

    def field(self, key: str) -> Field | None:
        return next((field for field in self.fields if field.key == key), None)


_T = FieldType

ACCEPTED_FINDINGS = "accepted_findings"
"""Key of the table of what a person accepted with a reason (`domain.accepting`)."""

_ACCEPTED = Table(
    ACCEPTED_FINDINGS,
    "Nhận xét đã chấp nhận",
    (Field("accepted", "Nhận xét đã chấp nhận", _T.JSON),),
)

OF_THE_PROGRAM = frozenset(("not_same_as", ACCEPTED_FINDINGS))
"""Keys of tables that say what was decided about a record, not what it is: lists and exports leave them out."""

ESTABLISHMENTS = Kind(
    "establishments",
    "Cơ sở công nghiệp nông thôn",
    title="name",
    log="open",
    parent=None,
    fields=(
        Field("name", "Tên cơ sở"),
        Field("legal_form", "Loại hình", _T.CODE, code_lists.LegalForm),
        Field("status", "Tình trạng hoạt động", _T.CODE, code_lists.OperationStatus),
        Field("tax_code", "Mã số thuế"),
        Field("reg_no", "Số giấy đăng ký"),
        Field("reg_date", "Ngày cấp đăng ký", _T.DATE),
        Field("reg_issuer", "Nơi cấp đăng ký"),
        Field("rep_name", "Người đại diện"),
        Field("rep_position", "Chức vụ"),
        Field("rep_gender", "Giới tính", _T.CODE, code_lists.Gender),
        Field("rep_ethnic", "Dân tộc", _T.CODE, code_lists.EthnicGroup),
        Field("rep_id_no", "Số CCCD / định danh"),
        Field("phone", "Điện thoại"),
        Field("email", "Email"),
        Field("hamlet", "Thôn, bản, tổ dân phố"),
        Field("address", "Địa chỉ"),
        Field("commune", "Xã, phường", _T.COMMUNE),
        Field("old_commune", "Xã, phường cũ", _T.OLD_COMMUNE),
        Field("address_as_written", "Địa chỉ theo danh sách"),
        Field("commune_candidates", "Xã, phường có thể", _T.JSON),
        Field("trade", "Ngành nghề"),
        Field("vsic", "Mã ngành (VSIC)"),
        Field("founded_year", "Năm thành lập", _T.INT),
        Field("area_m2", "Diện tích nhà xưởng (m²)", _T.DECIMAL),
        Field("electricity_kwh", "Điện tiêu thụ (kWh/năm)", _T.DECIMAL),
        Field("markets", "Thị trường", _T.TEXTS),
        Field("geo", "Toạ độ", _T.GEO),
        Field("note", "Ghi chú", _T.LONG_TEXT),
    ),
    tables=(
        Table(
            "main_products",
            "Sản phẩm chính",
            (
                Field("name", "Tên"),
                Field("unit", "Đơn vị"),
                Field("output", "Sản lượng/năm", _T.DECIMAL),
            ),
        ),
        Table(
            "not_same_as",  # its row ids are ids of establishments
            "Không phải cùng một cơ sở",
            (Field("decided", "Đã xác nhận", _T.BOOL),),
        ),
        _ACCEPTED,
    ),
)

FIGURES = Kind(
    "figures",
    "Số liệu theo năm",
    title="year",
    log="open",
    parent="establishment",
    fields=(
        Field("establishment", "Cơ sở", _T.REF),
        Field("year", "Năm", _T.INT),
        Field("basis", "Tính chất", _T.CODE, code_lists.FigureBasis),
        Field("workers", "Lao động (người)", _T.INT),
        Field("workers_female", "Lao động nữ (người)", _T.INT),
        Field("workers_ethnic", "Lao động dân tộc thiểu số (người)", _T.INT),
        Field("production_value", "Giá trị sản xuất (đồng)", _T.MONEY),
        Field("revenue", "Doanh thu (đồng)", _T.MONEY),
        Field("capital", "Vốn (đồng)", _T.MONEY),
        Field("avg_wage", "Thu nhập bình quân (đồng/người/tháng)", _T.MONEY),
        Field("tax_paid", "Nộp ngân sách (đồng)", _T.MONEY),
        Field("export_value", "Giá trị xuất khẩu (đồng)", _T.MONEY),
        Field("source", "Nguồn số liệu", _T.CODE, code_lists.FigureSource),
        Field("source_date", "Ngày của số liệu", _T.DATE),
    ),
)

SURVEYS = Kind(
    "surveys",
    "Phiếu khảo sát",
    title="survey_no",
    log="open",
    parent="establishment",
    fields=(
        Field("establishment", "Cơ sở", _T.REF),
        Field("questionnaire", "Mẫu phiếu"),
        Field("questionnaire_version", "Phiên bản mẫu phiếu"),
        Field("edition", "Bản công bố", _T.INT),
        Field("sheet_state", "Trạng thái phiếu", _T.CODE, code_lists.SheetState),
        Field("survey_no", "Số phiếu"),
        Field("survey_date", "Ngày khảo sát", _T.DATE),
        Field("surveyor", "Người khảo sát"),
        Field("accepted_on", "Ngày nhận vào hồ sơ", _T.DATE),
        Field("round", "Đợt khảo sát"),
        Field("trial", "Mẫu thử", _T.BOOL),
        Field("carried_from", "Chuyển từ phiếu"),
        Field("return_note", "Lý do trả lại", _T.LONG_TEXT),
    ),
    tables=(
        Table(
            "return_remarks",
            "Nhận xét khi trả lại",
            (Field("answer", "Câu hỏi"), Field("text", "Nhận xét", _T.LONG_TEXT)),
        ),
    ),
)
SHEET_FIELDS = frozenset(
    (
        "establishment",
        "questionnaire",
        "questionnaire_version",
        "edition",
        "sheet_state",
        "accepted_on",
        "round",
        "trial",
        "carried_from",
        "return_note",
        "return_remarks",
    )
)
"""Fields and tables of an answer sheet that are not answers; a question must not take these names."""

ROUND_SHEETS = Kind(
    "round_sheets",
    "Phiếu giao trong đợt khảo sát",
    title="round_title",
    log="open",
    parent="establishment",
    fields=(
        Field("establishment", "Cơ sở", _T.REF),
        Field("round", "Mã đợt"),
        Field("round_title", "Đợt khảo sát"),
        Field("questionnaire", "Mẫu phiếu"),
        Field("due_on", "Hạn", _T.DATE),
        Field("assigned_to", "Giao cho"),
        Field("result", "Không có phiếu vì", _T.CODE, code_lists.RoundResult),
        Field("remark", "Ghi chú", _T.LONG_TEXT),
    ),
)
"""One establishment of a round: a sheet that somebody is asked to fill in. A round is the sheets that carry its id: so
each is where its establishment is, and everybody sees those of the own area only."""

NEEDS = Kind(
    "needs",
    "Đăng ký nhu cầu",
    title="purpose",
    log="open",
    parent="establishment",
    fields=(
        Field("establishment", "Cơ sở", _T.REF),
        Field("receiver", "Kính gửi"),
        Field("activity_code", "Nội dung hoạt động", _T.CODE, code_lists.ActivityGroup),
        Field("purpose", "Nội dung đề nghị", _T.LONG_TEXT),
        Field("project_place", "Địa điểm thực hiện"),
        Field("total", "Tổng kinh phí (đồng)", _T.MONEY),
        Field("kcqg", "Khuyến công quốc gia (đồng)", _T.MONEY),
        Field("kcdp", "Khuyến công địa phương (đồng)", _T.MONEY),
        Field("counterpart", "Vốn đối ứng (đồng)", _T.MONEY),
        Field("other", "Nguồn khác (đồng)", _T.MONEY),
        Field("start", "Bắt đầu", _T.DATE),
        Field("finish", "Kết thúc", _T.DATE),
        Field("attachments", "Hồ sơ kèm theo", _T.TEXTS),
        Field("place", "Nơi ký"),
        Field("date", "Ngày ký", _T.DATE),
        Field("registered_on", "Ngày đăng ký", _T.DATE),
        Field("edition", "Bản công bố", _T.INT),
    ),
    tables=(
        Table(
            "machines_to_buy",
            "Máy móc, thiết bị đầu tư",
            (
                Field("name", "Tên máy, thiết bị"),
                Field("maker", "Hãng sản xuất"),
                Field("model", "Model"),
                Field("origin", "Xuất xứ"),
                Field("capacity", "Công suất"),
                Field("quantity", "Số lượng", _T.INT),
                Field("unit_price", "Đơn giá (đồng)", _T.MONEY),
                Field("vat", "Đã có VAT", _T.BOOL),
            ),
        ),
        Table(
            "expected",
            "Hiệu quả dự kiến",
            (
                Field("indicator", "Chỉ tiêu"),
                Field("before", "Trước hỗ trợ"),
                Field("after", "Sau hỗ trợ"),
            ),
        ),
    ),
)

ATTACHMENTS = Kind(
    "attachments",
    "Ảnh và tài liệu",
    title="title",
    log="open",
    parent="establishment",
    fields=(
        Field("establishment", "Cơ sở", _T.REF),
        Field("title", "Tên"),
        Field("purpose", "Là gì", _T.CODE, code_lists.AttachmentPurpose),
        Field("of", "Kèm theo hồ sơ", _T.REF),
        Field("media_type", "Loại tệp"),
        Field("sha256", "Mã nội dung"),
        Field("bytes", "Dung lượng (byte)", _T.INT),
        Field("width", "Chiều rộng (điểm ảnh)", _T.INT),
        Field("height", "Chiều cao (điểm ảnh)", _T.INT),
        Field("pages", "Số trang", _T.INT),
        Field("taken_at", "Chụp lúc"),
        Field("geo", "Toạ độ nơi chụp", _T.GEO),
        Field("original_sha256", "Mã bản gốc"),
        Field("original_media_type", "Loại tệp gốc"),
    ),
)
WRITTEN_OF_ATTACHMENTS = frozenset(("title", "purpose", "of"))
"""Fields of an attachment that a person may write; the others say what its file is."""

_NAMING_CONTENTS = ("sha256", "original_sha256")

ERASURES = Kind(
    "erasures",
    "Dữ liệu đã xoá theo yêu cầu",
    title="paper",
    log="published",
    parent=None,
    fields=(
        Field("of_kind", "Loại hồ sơ"),
        Field("of", "Hồ sơ", _T.REF),
        Field("fields", "Các mục đã xoá", _T.TEXTS),
        Field("reason", "Lý do", _T.LONG_TEXT),
        Field("paper", "Số văn bản"),
        Field("paper_date", "Ngày văn bản", _T.DATE),
    ),
)
"""The list of erasures (`kcdesk.changes.erasing`). It is no kind that people list, edit, delete or undo."""

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (ESTABLISHMENTS, FIGURES, SURVEYS, ROUND_SHEETS, NEEDS, ATTACHMENTS)
}

KINDS_THAT_TRAVEL: dict[str, Kind] = {**KINDS, ERASURES.name: ERASURES}
"""The kinds that a province takes in."""


def named_contents(kind: str, said: Mapping[str, Value]) -> set[str]:
    """The contents (SHA-256) that what is said of a record of this kind names."""
    if kind != ATTACHMENTS.name:
        return set()
    return {str(said[name]) for name in _NAMING_CONTENTS if said.get(name) is not None}


def kind_named(name: str) -> Kind:
    """The kind with that plural name. Raises NotFound."""
    try:
        return KINDS[name]
    except KeyError:
        raise NotFound(
            f"Không có loại hồ sơ “{name}”.",
            hint="Các loại có thể dùng: " + ", ".join(KINDS) + ".",
        ) from None


def round_sheet_id(establishment: str, round_id: str) -> RecordId:
    """The id of an establishment's sheet in a round: two people who add it to one round add it once."""
    return RecordId(str(uuid.uuid5(uuid.UUID(establishment), f"rounds/{round_id}")))


def figures_id(establishment: str, year: int, basis: str) -> RecordId:
    """The id of an establishment's figures of a year: the same on every device.

    Figures have a natural key; a name-based id (UUIDv5, RFC 9562 section 5.5) lets two people who enter the
    same year offline meet in one record instead of making two.
    """
    return RecordId(str(uuid.uuid5(uuid.UUID(establishment), f"figures/{year}/{basis}")))
