"""What a column means, proposed from the words in its head, with a certainty.

Owns the words people use and the choice among columns. Finding the head is left to `layout`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kcdesk.domain.money import MoneyUnit, find_unit
from kcdesk.domain.text import normalise, search_tokens
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
    Meaning("rep_gender", "Giới tính", ("gioi tinh",), "chu co so ho nguoi dai dien"),
    Meaning(
        "rep_id_no",
        "Số CCCD / định danh",
        ("cccd", "so dinh danh", "cmnd", "can cuoc cong dan", "so can cuoc", "chung minh nhan dan"),
        "so cccd cmnd can cuoc cong dan dinh danh ca nhan chung minh nhan dan cua chu ho",
    ),
    Meaning(
        "reg_no",
        "Số giấy đăng ký",
        ("so giay dang ky", "so dang ky", "so gcn", "so dkkd", "giay phep kinh doanh"),
        "giay chung nhan kinh doanh dkkd gcn so dang ky",
    ),
    Meaning(
        "reg_date",
        "Ngày cấp đăng ký",
        ("ngay cap", "ngay dang ky", "ngay cap dang ky"),
        "giay chung nhan dang ky kinh doanh dkkd gcn",
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
    Meaning("geo", "Toạ độ", ("toa do", "gps"), "dia ly vi tri gps co so x y vi do kinh do"),
    Meaning("latitude", "Vĩ độ", ("vi do", "latitude", "lat"), "toa do bac x"),
    Meaning("longitude", "Kinh độ", ("kinh do", "longitude", "long", "lng"), "toa do dong y"),
    Meaning(
        "trade",
        "Ngành nghề",
        ("nganh nghe", "nganh san xuat", "linh vuc"),
        "nganh nghe san xuat kinh doanh sxkd chinh hoat dong cong nghiep",
    ),
    Meaning("vsic", "Mã ngành (VSIC)", ("ma nganh", "vsic"), "ma nganh nghe kinh te cap"),
    Meaning("year", "Năm của số liệu", ("nam", "nam so lieu", "nam bao cao"), "cua"),
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
    Meaning("record", "Mã hồ sơ", ("ma ho so",)),
    Meaning("establishment", "Mã hồ sơ của cơ sở", ("ma ho so co so", "ma ho so cua co so")),
    Meaning("basis", "Tính chất số liệu", ("tinh chat",), "so lieu cua"),
)

LABELS = {meaning.key: meaning.label for meaning in MEANINGS}
MONEY = ("production_value", "revenue", "capital", "avg_wage", "tax_paid", "export_value")
COUNTS = ("workers", "workers_female", "workers_ethnic")

ENOUGH = 0.7
"""A head of which less is explained is left alone: "Xã Cốc Mỳ" is a commune, not the head of communes."""

POSSIBLE = 0.4
"""A head of which so much is explained may be meant: it is asked about, and taken when a person accepts proposals."""

_SAID = 1.0

NO_CONTENTS: Mapping[int, tuple[str, float]] = {}

_IN_BRACKETS = re.compile(r"\([^)]*\)?|\[[^\]]*\]?")
_OF_A_YEAR = re.compile(r"(?i)\b(?:ước|thực hiện|kế hoạch)?\s*(?:tính\s*)?năm\s*[0-9]{4}")
_OF_WHICH = re.compile(r"(?i)\btrong đó\s*:?|\btổng số\b")
_A_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9])")
_PER_YEAR = re.compile(r"(?i)/\s*năm\b")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the list and what was proposed for it.

    index:     from 0
    header:    its head as written, on one line
    meaning:   key of a Meaning, or None when it is not read
    certainty: 0 to 1: how much of the head the meaning explains, or how well the cells fit it; of the possible one
               where none is read
    unit:      what its numbers count, when it holds money and somebody said so
    possible:  key of the Meaning it may have, where that is too uncertain to read it so
    year:      of its figures, when its head names one
    """

    index: int
    header: str
    meaning: str | None
    certainty: float
    unit: MoneyUnit | None = None
    possible: str | None = None
    year: int | None = None

    @property
    def letter(self) -> str:
        return column_letter(self.index)


@dataclass(frozen=True, slots=True)
class ChosenColumn:
    """What a person said of the column with that head; `meaning` None: it is not read."""

    header: str
    meaning: str | None
    unit: MoneyUnit | None = None


def meaning_of(header: str) -> tuple[str, float] | None:
    """The likeliest meaning of a head and its certainty; None when the head says too little.

    Of a head of several rows the last says it, or as many of the rows above it as it takes.

    >>> meaning_of("Giá trị sản xuất (triệu đồng)"), meaning_of("Xã Cốc Mỳ")
    (('production_value', 1.0), None)
    >>> meaning_of("Lao động / Trong đó nữ"), meaning_of("Tên, địa chỉ cơ sở / Tên")
    (('workers_female', 1.0), ('name', 1.0))
    """
    return _meaning_in_rows(header, ENOUGH)


def _meaning_in_rows(header: str, at_least: float) -> tuple[str, float] | None:
    rows = header.split(" / ")
    said = (_meaning_of(" ".join(rows[start:]), at_least) for start in range(len(rows))[::-1])
    return next((found for found in said if found is not None), None)


def _meaning_of(header: str, at_least: float) -> tuple[str, float] | None:
    plain = _OF_WHICH.sub(" ", _OF_A_YEAR.sub(" ", _IN_BRACKETS.sub(" ", header)))
    words = [word for word in search_tokens(plain) if not _A_YEAR.fullmatch(word)]
    if not words:
        return None
    if words == ["nam"] and "năm" not in normalise(header).casefold():
        return None  # nam: men
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
    return (key, round(certainty, 2)) if certainty >= at_least else None


def propose_columns(
    header: Sequence[str],
    unit: MoneyUnit | None = None,
    chosen: Sequence[ChosenColumn] = (),
    *,
    accept_possible: bool = False,
    reads: Collection[str] | None = None,
    by_year: bool = False,
    contents: Mapping[int, tuple[str, float]] = NO_CONTENTS,
) -> tuple[Column, ...]:
    """A column for each head that says something; each meaning is given once, to the most certain head.

    `contents`: what columns may mean by their cells, with a certainty below `ENOUGH` (`column_contents`); it counts
    where the head says less.

    `reads`: the meanings that the list may have; all when nothing is said. `by_year`: a meaning is given once for each
    year that heads name.

    `unit`: what money of the list counts where the column's own head does not say it. Earnings of a year stay
    unread: figures keep earnings of a month.
    `chosen`: what a person said goes before what is proposed.
    `accept_possible`: read a column as what it only may mean, where no other column means that.
    """
    said = {_as_known(choice.header): choice for choice in chosen}
    heads = [(index, text) for index, text in enumerate(header) if text]
    proposals = [
        (
            index,
            text,
            _year_in(text) if by_year else None,
            _proposal(text, said, reads, contents.get(index)),
        )
        for index, text in heads
    ]
    taken: dict[tuple[str, int | None], tuple[float, int]] = {}
    for index, _, year, (key, certainty) in proposals:
        if key is not None:
            taken[key, year] = max(taken.get((key, year), (0.0, 0)), (certainty, -index))
    if not accept_possible:
        taken = {key: best for key, best in taken.items() if best[0] >= ENOUGH}
    columns = []
    for index, text, year, (key, certainty) in proposals:
        choice = said.get(_as_known(text))
        if key is not None and taken.get((key, year)) == (certainty, -index):
            own = find_unit(text) or unit if key in MONEY else None
            own = (choice.unit if choice else None) or own
            columns.append(Column(index, text, key, certainty, own, year=year))
        else:
            possible = key if key is not None and (key, year) not in taken else None
            may_be = certainty if possible is not None else 0.0
            columns.append(Column(index, text, None, may_be, possible=possible))
    return tuple(columns)


def _year_in(header: str) -> int | None:
    """The one year that a head names."""
    years = set(_A_YEAR.findall(header))
    return int(years.pop()) if len(years) == 1 else None


def _proposal(
    header: str,
    said: Mapping[str, ChosenColumn],
    reads: Collection[str] | None,
    by_cells: tuple[str, float] | None,
) -> tuple[str | None, float]:
    """What a person said that a head means, or what it or its cells may mean, with the certainty."""
    choice = said.get(_as_known(header))
    if choice is not None:
        return choice.meaning, _SAID
    key, certainty = _meaning_in_rows(header, POSSIBLE) or (None, 0.0)
    if by_cells is not None and by_cells[1] > certainty:
        key, certainty = by_cells
    chosen = {choice.meaning for choice in said.values()}
    if reads is not None and key not in reads:
        return None, 0.0
    if key in chosen or (key == "avg_wage" and _PER_YEAR.search(header)):
        return None, 0.0
    return key, certainty


def _as_known(header: str) -> str:
    """A head as a person's choice knows it again."""
    return normalise(header).casefold()


def require_columns(
    columns: Sequence[Column], source: str, needed: Sequence[Sequence[str]]
) -> None:
    """Raises BadInput when a list lacks what every record needs: of each group of meanings one.

    Where a column may be what is lacking, the error asks about it.
    """
    meanings = {column.meaning for column in columns}
    lacking = [group for group in needed if not meanings.intersection(group)]
    wanted = {key for group in lacking for key in group}
    asked = [column for column in columns if column.possible in wanted]
    if asked:
        questions = "; ".join(
            f"{c.letter} “{c.header}” là “{LABELS[c.possible or '']}”" for c in asked
        )
        raise BadInput(
            f"Chưa chắc các cột của danh sách trong tệp “{source}” ghi gì: {questions}.",
            hint="Nhận đề xuất này bằng --accept proposed, hoặc ghi rõ các cột trong một tệp cho --map.",
            code="open_columns",
        )
    if lacking:
        found = ", ".join(f"“{column.header}”" for column in columns)
        named = " và cột ".join(f"“{LABELS[group[0]]}”" for group in lacking)
        raise BadInput(
            f"Danh sách trong tệp “{source}” thiếu cột {named}; các cột tìm thấy: {found}.",
            hint="Sửa dòng tiêu đề của bảng cho đúng tên cột rồi nhập lại.",
            code="missing_columns",
        )
