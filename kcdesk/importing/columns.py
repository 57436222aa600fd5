"""What a column means, proposed from the words in its head, with a certainty.

Owns the words people use and the choice among columns. Finding the head is left to `layout`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kcdesk.domain.money import MoneyUnit, find_unit
from kcdesk.domain.text import search_tokens
from kcdesk.errors import BadInput
from kcdesk.importing.cells import column_letter


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a column can mean.

    key:     the field of the establishment or of its figures; `stt`, `district`, `province` serve reading only
    phrases: folded words in this order, one of which has to stand in the head
    around:  further folded words that may stand with them
    """

    key: str
    label: str
    phrases: tuple[str, ...]
    around: str = ""


_COMMUNE_WORDS = "xa phuong thi tran dac khu ten moi cu noi dat co so truoc sap nhap"

MEANINGS = (
    Meaning("stt", "Số thứ tự", ("stt", "tt", "so tt", "so thu tu")),
    Meaning(
        "name",
        "Tên cơ sở",
        ("ten", "ten co so", "ten don vi", "ten doanh nghiep", "ten ho", "co so san xuat"),
        "cua cac co so cs cnnt san xuat kinh doanh sxkd cong nghiep nong thon ttcn don vi doanh nghiep ho htx",
    ),
    Meaning(
        "legal_form",
        "Loại hình",
        ("loai hinh", "hinh thuc to chuc"),
        "to chuc san xuat kinh doanh doanh nghiep phap ly hoat dong co so",
    ),
    Meaning(
        "rep_name",
        "Chủ cơ sở, người đại diện",
        ("chu co so", "chu ho", "dai dien", "ho ten", "ho va ten", "giam doc", "chu doanh nghiep"),
        "ten ho va nguoi theo phap luat chu co so ho nhiem doanh nghiep",
    ),
    Meaning("tax_code", "Mã số thuế", ("ma so thue", "mst", "ma so doanh nghiep"), "dn"),
    Meaning(
        "phone",
        "Điện thoại",
        ("dien thoai", "sdt", "so dt", "dt"),
        "so lien he di dong mst ma so thue",
    ),
    Meaning("email", "Email", ("email", "e mail", "thu dien tu"), "dia chi"),
    Meaning(
        "hamlet",
        "Thôn, bản, tổ dân phố",
        ("thon", "ban", "to dan pho", "ap", "khu pho", "khom", "khoi"),
        "thon ban to dan pho ap khu khom khoi buon so nha duong",
    ),
    Meaning("commune", "Xã, phường", ("xa", "phuong"), _COMMUNE_WORDS),
    Meaning(
        "district",
        "Huyện (cũ)",
        ("huyen", "quan", "thi xa"),
        "huyen quan thi xa thanh pho tp tx ten cu truoc sap nhap",
    ),
    Meaning("province", "Tỉnh", ("tinh",), "thanh pho tp ten moi cu"),
    Meaning(
        "address", "Địa chỉ", ("dia chi", "dia diem"), "co so san xuat kinh doanh tru so chinh"
    ),
    Meaning(
        "trade",
        "Ngành nghề",
        ("nganh nghe", "nganh san xuat", "linh vuc"),
        "nganh nghe san xuat kinh doanh sxkd chinh hoat dong cong nghiep",
    ),
    Meaning("vsic", "Mã ngành (VSIC)", ("ma nganh", "vsic"), "ma nganh nghe kinh te cap"),
    Meaning("founded_year", "Năm thành lập", ("nam thanh lap", "nam hoat dong", "nam bat dau")),
    Meaning("workers", "Số lao động", ("lao dong",), "so tong nguoi binh quan"),
    Meaning("workers_female", "Lao động nữ", ("lao dong nu",), "so trong do"),
    Meaning("workers_ethnic", "Lao động dân tộc", ("lao dong dan toc",), "so trong do thieu"),
    Meaning(
        "production_value",
        "Giá trị sản xuất",
        ("gia tri san xuat", "gtsx", "gia tri sx"),
        "cong nghiep cn ttcn gia hien hanh so sanh theo",
    ),
    Meaning("revenue", "Doanh thu", ("doanh thu",), "tong thuan"),
    Meaning("capital", "Vốn", ("von",), "tong dau tu kinh doanh san xuat"),
    Meaning(
        "avg_wage",
        "Thu nhập bình quân",
        ("thu nhap", "luong", "tien luong"),
        "bq binh quan nguoi lao dong thang cua dau",
    ),
    Meaning("tax_paid", "Nộp ngân sách", ("nop ngan sach", "nop thue"), "nha nuoc so tien thue"),
    Meaning("export_value", "Giá trị xuất khẩu", ("xuat khau",), "gia tri kim ngach"),
    Meaning("note", "Ghi chú", ("ghi chu",)),
)

LABELS = {meaning.key: meaning.label for meaning in MEANINGS}
MONEY = ("production_value", "revenue", "capital", "avg_wage", "tax_paid", "export_value")
COUNTS = ("workers", "workers_female", "workers_ethnic")

ENOUGH = 0.7
"""A head of which less is explained is left alone: "Xã Cốc Mỳ" is a commune, not the head of communes."""

_IN_BRACKETS = re.compile(r"\([^)]*\)?|\[[^\]]*\]?")
_OF_A_YEAR = re.compile(r"(?i)\b(?:ước|thực hiện|kế hoạch)?\s*(?:tính\s*)?năm\s*[0-9]{4}")
_OF_WHICH = re.compile(r"(?i)\btrong đó\s*:?|\btổng số\b")
_PER_YEAR = re.compile(r"(?i)/\s*năm\b")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the list and what was proposed for it.

    index:     from 0
    header:    its head as written, on one line
    meaning:   key of a Meaning, or None when it is not read
    certainty: 0 to 1: how much of the head the meaning explains
    unit:      what its numbers count, when it holds money and somebody said so
    """

    index: int
    header: str
    meaning: str | None
    certainty: float
    unit: MoneyUnit | None = None

    @property
    def letter(self) -> str:
        return column_letter(self.index)


def meaning_of(header: str) -> tuple[str, float] | None:
    """The likeliest meaning of a head and its certainty; None when the head says too little.

    Of a head of several rows the last says it, or all of them together.

    >>> meaning_of("Giá trị sản xuất (triệu đồng)"), meaning_of("Xã Cốc Mỳ")
    (('production_value', 1.0), None)
    >>> meaning_of("Lao động / Trong đó nữ"), meaning_of("Tên, địa chỉ cơ sở / Tên")
    (('workers_female', 1.0), ('name', 1.0))
    """
    *above, last = header.split(" / ")
    found = _meaning_of(last)
    return _meaning_of(" ".join([*above, last])) if found is None and above else found


def _meaning_of(header: str) -> tuple[str, float] | None:
    plain = _OF_WHICH.sub(" ", _OF_A_YEAR.sub(" ", _IN_BRACKETS.sub(" ", header)))
    words = search_tokens(plain)
    if not words:
        return None
    joined = f" {' '.join(words)} "
    best: tuple[float, int, str] = (0.0, 0, "")
    for meaning in MEANINGS:
        phrase = max((p for p in meaning.phrases if f" {p} " in joined), key=len, default=None)
        if phrase is None:
            continue
        explained = {*phrase.split(), *meaning.around.split()}
        certainty = sum(word in explained for word in words) / len(words)
        best = max(best, (certainty, len(phrase), meaning.key))
    certainty, _, key = best
    return (key, round(certainty, 2)) if certainty >= ENOUGH else None


def propose_columns(header: Sequence[str], unit: MoneyUnit | None = None) -> tuple[Column, ...]:
    """A column for each head that says something; each meaning is given once, to the most certain head.

    `unit`: what money of the list counts where the column's own head does not say it. Earnings of a year stay
    unread: figures keep earnings of a month.
    """
    proposals = [(index, text, meaning_of(text)) for index, text in enumerate(header) if text]
    taken: dict[str, tuple[float, int]] = {}
    for index, text, proposal in proposals:
        if proposal is None or (proposal[0] == "avg_wage" and _PER_YEAR.search(text)):
            continue
        key, certainty = proposal
        taken[key] = max(taken.get(key, (0.0, 0)), (certainty, -index))
    columns = []
    for index, text, proposal in proposals:
        if proposal is None or taken.get(proposal[0]) != (proposal[1], -index):
            columns.append(Column(index, text, None, 0.0))
        else:
            own = (find_unit(text) or unit) if proposal[0] in MONEY else None
            columns.append(Column(index, text, *proposal, own))
    return tuple(columns)


def require_columns(columns: Sequence[Column], source: str) -> None:
    """Raises BadInput when a list lacks what every record needs: a name, and a commune or an address."""
    meanings = {column.meaning for column in columns}
    lacking = [LABELS["name"]] if "name" not in meanings else []
    if not meanings & {"commune", "address"}:
        lacking.append(LABELS["commune"])
    if lacking:
        found = ", ".join(f"“{column.header}”" for column in columns)
        raise BadInput(
            f"Danh sách trong tệp “{source}” thiếu cột {' và cột '.join(f'“{c}”' for c in lacking)}; "
            f"các cột tìm thấy: {found}.",
            hint="Sửa dòng tiêu đề của bảng cho đúng tên cột rồi nhập lại.",
            code="missing_columns",
        )
