"""Giving a list out: a spreadsheet of the records of a kind, with heads that an import of ours knows again."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

from kcdesk.actions.desk import Desk
from kcdesk.actions.documents import Origin, file_words
from kcdesk.actions.handing_out import Pictures, note_papers
from kcdesk.actions.records import list_records
from kcdesk.documents import render_list
from kcdesk.domain.code_lists import FigureBasis
from kcdesk.domain.field_text import show_value
from kcdesk.domain.kinds import (
    ESTABLISHMENTS,
    FIGURES,
    OF_THE_PROGRAM,
    Field,
    FieldType,
    Kind,
    kind_named,
)
from kcdesk.domain.money import format_vnd, read_number
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, WorkspaceError
from kcdesk.reports.spreadsheet import OutCell, OutTable, as_csv, as_workbook, as_xlsx
from kcdesk.storage.folder.durable import write_durably
from kcdesk.storage.reading.lists import Row

FORMATS = {".xlsx": as_xlsx, ".csv": as_csv}
ON_PAPER = (".pdf", ".png")
"""Files that show the main columns of a list, as many as a page holds; pictures are one file a page."""

PERSONAL = frozenset(("rep_id_no", "phone", "email", "address", "geo"))
"""Fields of a person that a list leaves out unless somebody asks for them."""
_COLUMNS_ON_PAPER = 9
_MOST_PICTURES = 20
_NOT_ON_PAPER = ("Mã hồ sơ",)

Progress = Callable[[int, int], None]
"""Called with how many records are written, and of how many (0: still reading); may raise to stop, then no file is
written."""

_AT_ONCE = 500
_LEFT_OUT = frozenset((FieldType.JSON, FieldType.REF))
_PLACE = ("commune", "old_commune")
_MEASURES = tuple(f for f in FIGURES.fields if f.type in (FieldType.MONEY, FieldType.INT))[1:]
"""What figures count: all numbers but the year."""


def export_records(
    desk: Desk,
    kind: str,
    path: Path,
    *,
    search: str = "",
    where: Mapping[str, str] | None = None,
    only: Collection[str] | None = None,
    personal: bool = True,
    taker: str = "",
    pictures: Pictures | None = None,
    progress: Progress | None = None,
) -> int:
    """Write the records of a kind that match into a file, .xlsx, .csv, .pdf or .png by its name; how many they are.

    `search`, `where`: as `list_records` has them. `only`: of those the ones with these ids. `personal`: also the
    columns of `PERSONAL`. `taker`: who gets it; that it left is noted in the book of papers. `pictures`: draws the
    pages of a .png. Establishments come with their figures of the last year that any of them has figures of.
    Raises `NotFound`, `BadInput` for another kind of file, `WorkspaceError` when it cannot be written; then what was
    there before is still there.
    """
    require_format(path, pictures)
    of_kind = kind_named(kind)
    rows: list[Row] = []
    for row in _rows(desk, kind, search, where or {}):
        if progress is not None and len(rows) % _AT_ONCE == 0:
            progress(len(rows), 0)
        if only is None or row["id"] in only:
            rows.append(row)
    left_out = frozenset() if personal else PERSONAL
    table = (
        _establishments(desk, rows, left_out)
        if of_kind is ESTABLISHMENTS
        else _others(desk, of_kind, rows)
    )
    origins = (Origin("", "", next(iter(only)) if only is not None and len(only) == 1 else ""),)
    give_out(
        desk,
        table,
        path,
        origins=origins,
        taker=taker,
        left_out=sorted(left_out),
        pictures=pictures,
        progress=progress,
    )
    return len(rows)


def require_format(path: Path, pictures: Pictures | None = None) -> None:
    """Raise `BadInput` for a name of a file that no list can be written into."""
    ending = path.suffix.casefold()
    if ending not in ON_PAPER or (ending == ".png" and pictures is None):
        _format(path)


def give_out(
    desk: Desk,
    table: OutTable,
    path: Path,
    *,
    origins: tuple[Origin, ...] = (Origin("", "", ""),),
    taker: str = "",
    left_out: Sequence[str] = (),
    pictures: Pictures | None = None,
    progress: Progress | None = None,
) -> None:
    """Write a table into a file, .xlsx, .csv, .pdf or .png by its name, and note that it left, and what was left out.

    Raises `BadInput` for another kind of file, `WorkspaceError` when it cannot be written.
    """
    require_format(path, pictures)
    ending = path.suffix.casefold()
    if ending in FORMATS:
        _put(path, FORMATS[ending](table, progress))
    else:
        pdf = _on_paper(table, desk.today)
        pages = [pdf] if ending == ".pdf" or pictures is None else pictures(pdf)
        if len(pages) > _MOST_PICTURES:
            raise BadInput(
                f"Danh sách dài {len(pages)} trang, quá nhiều để gửi bằng ảnh.",
                hint="Chọn ít dòng hơn, hoặc gửi tệp PDF, Excel.",
            )
        for number, page in enumerate(pages, 1):
            name = path.name if number == 1 else f"{path.stem}_trang-{number}{path.suffix}"
            _put(path.with_name(name), page)
    note_papers(desk, origins, how="list", file_name=path.name, taker=taker, left_out=left_out)


def file_name(desk: Desk, label: str) -> str:
    """`2026-05-20_co-so-cong-nghiep-nong-thon_xa-bat-xat`: the day, what it is, whose; without an ending."""
    areas = [desk.units.area_name(code) for code in desk.workspace.areas]
    of = file_words(areas[0]) if len(areas) == 1 else f"{len(areas)}-dia-ban"
    return f"{desk.today.isoformat()}_{file_words(label)}_{of}"


def write_tables(path: Path, tables: Sequence[OutTable]) -> tuple[Path, ...]:
    """Write tables into one workbook, or each into a .csv of its own, `<file>_<name of the table>.csv`; the files.

    Raises `BadInput` for another kind of file, `WorkspaceError` when one cannot be written.
    """
    if _format(path) is as_xlsx:
        _put(path, as_workbook(tables))
        return (path,)
    files = {
        path.with_stem(f"{path.stem}_{table.name}") if table.name else path: as_csv(table)
        for table in tables
    }
    for file, content in files.items():
        _put(file, content)
    return tuple(files)


def _format(path: Path) -> Callable[[OutTable, Progress | None], bytes]:
    write = FORMATS.get(path.suffix.casefold())
    if write is None:
        raise BadInput(
            f"Không biết ghi danh sách ra tệp “{path.name}”.",
            hint="Đặt tên tệp có đuôi .xlsx hoặc .csv; một danh sách còn ghi được ra .pdf.",
        )
    return write


def _put(path: Path, content: bytes) -> None:
    try:
        write_durably(path, content)
    except OSError as error:
        raise WorkspaceError(
            f"Không ghi được tệp “{path}”.",
            hint="Đóng tệp nếu đang mở trong chương trình khác; chọn một thư mục ghi được và còn chỗ trống.",
        ) from error


def _on_paper(table: OutTable, on: datetime.date) -> bytes:
    """The columns that say something, as many as are readable on a page."""
    said = [
        at
        for at, head in enumerate(table.head)
        if head not in _NOT_ON_PAPER and any(row[at] not in (None, "") for row in table.rows)
    ][:_COLUMNS_ON_PAPER]
    head = [table.head[at] for at in said]
    rows = [[_printed(row[at]) for at in said] for row in table.rows]
    return render_list(table.title, head, rows, on_date=on)


def _printed(value: OutCell) -> str:
    if isinstance(value, datetime.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, int):
        return format_vnd(value)
    return "" if value is None else str(value)


def _rows(desk: Desk, kind: str, search: str, where: Mapping[str, str]) -> Iterator[Row]:
    after = None
    while True:
        page = list_records(desk, kind, search=search, where=where, limit=_AT_ONCE, after=after)
        yield from (record.row for record in page.records)
        after = page.next
        if after is None:
            return


def _establishments(desk: Desk, rows: list[Row], left_out: Collection[str]) -> OutTable:
    fields = [
        field
        for field in ESTABLISHMENTS.fields
        if field.type not in _LEFT_OUT and field.key not in {*_PLACE, *left_out}
    ]
    figures, suffix = _last_figures(desk, [str(row["id"]) for row in rows])
    head = (
        "STT",
        *(field.label for field in fields),
        "Xã, phường",
        "Huyện (cũ)",
        "Tỉnh",
        "Xã, phường trước tháng 7/2025",
        *(_head_of_year(field, suffix) for field in _MEASURES),
        *_heads_of_tables(ESTABLISHMENTS),
        "Mã hồ sơ",
    )
    lines = [
        (
            number,
            *(_cell(field, row.get(field.key)) for field in fields),
            *_place(row),
            *(_cell(f, figures.get(str(row["id"]), {}).get(f.key)) for f in _MEASURES),
            *_tables(ESTABLISHMENTS, row),
            str(row["id"]),
        )
        for number, row in enumerate(rows, 1)
    ]
    return OutTable(ESTABLISHMENTS.label, head, lines)


def _others(desk: Desk, kind: Kind, rows: list[Row]) -> OutTable:
    """Records of an establishment, with what tells it: name, commune, tax code and id."""
    fields = [field for field in kind.fields if field.type not in _LEFT_OUT]
    owners = sorted({str(row[kind.parent]) for row in rows if kind.parent in row})
    owning = desk.workspace.candidates.those(owners)
    head = (
        *("STT", "Tên cơ sở", "Xã, phường", "Mã số thuế"),
        *(field.label for field in fields),
        *_heads_of_tables(kind),
        *("Mã hồ sơ của cơ sở", "Mã hồ sơ"),
    )
    lines = [
        (
            number,
            *_owner(desk, owning.get(str(row.get(kind.parent or "")), {})),
            *(_cell(field, row.get(field.key)) for field in fields),
            *_tables(kind, row),
            str(row.get(kind.parent or "", "")),
            str(row["id"]),
        )
        for number, row in enumerate(rows, 1)
    ]
    return OutTable(kind.label, head, lines)


def _owner(desk: Desk, fields: Mapping[str, Value]) -> tuple[str, str, str]:
    """Name, commune and tax code of an establishment."""
    code = fields.get("commune")
    commune = desk.units.new_commune(code) if isinstance(code, str) else None
    place = f"{commune.kind} {commune.name}" if commune is not None else ""
    return str(fields.get("name", "")), place, str(fields.get("tax_code", ""))


def _last_figures(desk: Desk, records: list[str]) -> tuple[dict[str, Row], str]:
    """The figures of the last year there are any of, by establishment, and what their heads say of it.

    Actual ones go before estimates, for all of them: one list says one kind of figures of one year.
    """
    every = [
        figures
        for start in range(0, len(records), _AT_ONCE)
        for figures in desk.workspace.lists.of_establishments(
            "figures", records[start : start + _AT_ONCE]
        )
        if isinstance(figures.get("year"), int) and figures.get("basis") != FigureBasis.PLAN
    ]
    last = max(((_year(f), f.get("basis") == FigureBasis.ACTUAL) for f in every), default=None)
    if last is None:
        return {}, ""
    year, actual = last
    own_last = sorted(every, key=lambda f: ("merged_from" not in f, str(f["id"])))
    by_establishment = {
        str(figures["establishment"]): figures
        for figures in own_last
        if (_year(figures), figures.get("basis") == FigureBasis.ACTUAL) == last
    }
    return by_establishment, f"năm {year}" if actual else f"ước năm {year}"


def _year(figures: Row) -> int:
    year = figures["year"]
    return year if isinstance(year, int) else 0


def _head_of_year(field: Field, year: str) -> str:
    """`Doanh thu (đồng, ước năm 2024)`: the unit and the year stand in brackets."""
    if not year:
        return field.label
    return (
        f"{field.label[:-1]}, {year})" if field.label.endswith(")") else f"{field.label} ({year})"
    )


def _place(row: Row) -> tuple[str, str, str, str]:
    """Commune, district and province as today, of a former one while nobody has chosen; and the former commune."""
    old, district = (str(row.get(key, "")) for key in ("old_commune_name", "old_district"))
    former = f"{old}, {district}" if old else ""
    if "commune_name" in row:
        return str(row["commune_name"]), "", str(row["province_name"]), former
    return old or str(row.get("address_as_written", "")), district, "", former


def _cell(field: Field, value: Value) -> OutCell:
    """A value with the type that a spreadsheet has for it."""
    if value is None:
        return None
    if field.type is FieldType.DATE and isinstance(value, str):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            return value
    if field.type is FieldType.DECIMAL and isinstance(value, str):
        return read_number(value.replace(".", ",")) or value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return show_value(field, value)


def _heads_of_tables(kind: Kind) -> Iterator[str]:
    return (table.label for table in kind.tables if table.key not in OF_THE_PROGRAM)


def _tables(kind: Kind, row: Row) -> Iterator[str]:
    """Each table of a record in one cell: its rows parted by semicolons."""
    for table in kind.tables:
        if table.key not in OF_THE_PROGRAM:
            rows = row.get(table.key)
            yield "; ".join(
                ", ".join(
                    show_value(column, each[column.key])
                    for column in table.columns
                    if column.key in each
                )
                for each in (rows if isinstance(rows, list) else [])
                if isinstance(each, dict)
            )
