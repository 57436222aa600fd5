"""Rows of a record as the table of a paper: numbers, groups with their sums, totals, what is carried over pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

from kcdesk.documents import content as c
from kcdesk.documents import form as f
from kcdesk.documents.computing import cell_value, total_of
from kcdesk.documents.values import Record, clean, is_empty, number, printed, roman, rows_of
from kcdesk.domain.code_lists import label_of
from kcdesk.errors import BadInput

_NUMBERS = ("money", "int", "decimal", "figure")


def table_of(form: f.Form, block: f.Table, record: Record, *, blank: bool) -> c.Table | None:
    """The table of a block; None when a filled paper has nothing to put in it. Raises BadInput."""
    rows = [] if blank else rows_of(form, record, block.key)
    if not rows and not blank:
        return None
    columns = block.columns
    room = f.NUMBER_COLUMN_MM
    totals = any(column.total or column.average for column in columns)
    first = next(
        (i for i, column in enumerate(columns, 1) if column.total or column.average), len(columns)
    )
    lines = list(_hand_rows(block)) if blank else list(_lines(block, rows, Running(columns)))
    if totals and (blank or len(rows) > 0):
        lines.append(_total_line(block, rows))
    return c.Table(
        heads=("TT", *(column.head for column in columns)),
        widths_mm=(room, *(float(column.width) for column in columns)),
        rows=tuple(lines),
        over=tuple(_over(columns)),
        label_span=first,
        carries=any(column.total for column in columns) and not blank,
    )


class Running:
    """What the summed columns have come to, row by row; a hole in a column ends its carrying."""

    def __init__(self, columns: Sequence[f.Column]) -> None:
        self._columns = columns
        self._sums: list[Decimal | None] = [
            Decimal() if column.total else None for column in columns
        ]

    def after(self, row: Record) -> tuple[str, ...]:
        for place, column in enumerate(self._columns):
            before = self._sums[place]
            if before is not None:
                value = cell_value(self._columns, column, row)
                self._sums[place] = None if is_empty(value) else before + number(value, column.head)
        pairs = zip(self._columns, self._sums, strict=True)
        return (
            "",
            *(printed(column, total) if total is not None else "" for column, total in pairs),
        )


def _lines(block: f.Table, rows: Sequence[Record], running: Running) -> Iterator[c.Row]:
    count = 0
    for path, row in _in_groups(block.groups, rows):
        if isinstance(row, list):
            yield _group_line(block, path, row)
            continue
        count += 1
        cells = [
            c.Cell(str(count), "centre"),
            *(_cell(block.columns, column, row) for column in block.columns),
        ]
        yield c.Row(tuple(cells), carried=running.after(row))


def _in_groups(
    groups: Sequence[f.Group], rows: Sequence[Record], above: tuple[tuple[int, str], ...] = ()
) -> Iterator[tuple[tuple[tuple[int, str], ...], Record | list[Record]]]:
    """Rows in their groups: before each group its path (number and name) with its rows."""
    if not groups:
        yield from ((above, row) for row in rows)
        return
    group, *rest = groups
    together: dict[str, list[Record]] = {}
    for row in rows:
        together.setdefault(str(row.get(group.key) or ""), []).append(row)
    for place, (code, of_group) in enumerate(together.items()):
        name = label_of(group.codes, code) if group.codes else code
        path = (*above, (place, clean(name) or "Chưa phân nhóm"))
        yield path, of_group
        yield from _in_groups(rest, of_group, path)


def _group_line(block: f.Table, path: tuple[tuple[int, str], ...], rows: list[Record]) -> c.Row:
    place, name = path[-1]
    mark = (roman(place + 1) if len(path) == 1 else str(place + 1)) + "."
    cells = [c.Cell(f"{mark} {name}", "left", True), *[c.Cell()] * len(block.columns)]
    for at, column in enumerate(block.columns, 1):
        if column.total and (total := total_of(block.columns, column, rows)) is not None:
            cells[at] = c.Cell(printed(column, total), "right", True)
    return c.Row(tuple(cells), "group")


def _total_line(block: f.Table, rows: Sequence[Record]) -> c.Row:
    cells = [c.Cell(block.total_label, "centre", True), *[c.Cell()] * len(block.columns)]
    for at, column in enumerate(block.columns, 1):
        if (column.total or column.average) and (
            total := total_of(block.columns, column, rows)
        ) is not None:
            cells[at] = c.Cell(printed(column, total), "right", True)
    return c.Row(tuple(cells), "total", hand=not rows)


def _cell(columns: Sequence[f.Column], column: f.Column, row: Record) -> c.Cell:
    align: c.Align = (
        "right"
        if column.type in _NUMBERS
        else "centre"
        if column.type in ("bool", "date")
        else "left"
    )
    return c.Cell(printed(column, cell_value(columns, column, row)), align)


def _hand_rows(block: f.Table) -> Iterator[c.Row]:
    rest = (c.Cell(),) * (len(block.columns) - 1)
    for count, name in enumerate(block.preset or ("",) * block.blank_rows, 1):
        yield c.Row((c.Cell(str(count), "centre"), c.Cell(name), *rest), hand=True)


def _over(columns: Sequence[f.Column]) -> Iterator[tuple[str, int, int]]:
    start = 0
    for at in range(1, len(columns) + 1):
        if at == len(columns) or columns[at].over != columns[start].over:
            if columns[start].over:
                yield columns[start].over, start + 1, at
            start = at


def grid_of(block: f.Grid, text: Callable[[str], str], *, hand: bool) -> c.Table:
    """A table whose rows stand in the form. `text` fills in a template."""
    rows = []
    for count, row in enumerate(block.rows, 1):
        last = block.total and count == len(block.rows)
        pairs = zip(block.columns, row, strict=True)
        cells = tuple(
            c.Cell(text(cell), "right" if column.number else "left", last) for column, cell in pairs
        )
        rows.append(c.Row(cells, "data", hand))
    return c.Table(
        tuple(column.head for column in block.columns),
        tuple(float(column.width) for column in block.columns),
        tuple(rows),
    )


def report_of(name: str, record: Record, *, blank: bool) -> c.Table | None:
    """A table of `reports`, given under `report_tables` as `{id: {head, rows, total}}` of printed texts.

    The first column is as wide as two. Raises BadInput when it is no such table.
    """
    given = record.get("report_tables")
    table = given.get(name) if isinstance(given, Mapping) else None
    if table is None or blank:
        return None
    try:
        head = [clean(str(cell)) for cell in table["head"]]
        lines = [[clean(str(cell)) for cell in line] for line in (*table["rows"], table["total"])]
    except (KeyError, TypeError) as error:
        raise BadInput(f"Không in được biểu {name}: số liệu không phải là bảng.") from error
    if any(len(line) != len(head) for line in lines):
        raise BadInput(f"Không in được biểu {name}: có dòng thiếu hoặc thừa ô.")
    width = f.BODY_WIDTH_MM[True] / (len(head) + 1)
    rows = [
        c.Row(
            tuple(c.Cell(cell, "right" if at else "left", last) for at, cell in enumerate(line)),
            "total" if last else "data",
        )
        for count, line in enumerate(lines, 1)
        for last in (count == len(lines),)
    ]
    return c.Table(tuple(head), (2 * width, *[width] * (len(head) - 1)), tuple(rows))
