"""What the columns of a list mean, as a person said it once: a small file that is kept and passed on.

Owns the file (JSON) and finding its columns in a sheet. One file stands for one layout of lists: columns are known
by their heads, so further ones, other ones and another order do no harm.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from kcdesk.domain.money import MoneyUnit
from kcdesk.domain.text import normalise
from kcdesk.errors import BadInput, WorkspaceError
from kcdesk.importing.column_contents import ColumnContents
from kcdesk.importing.columns import LABELS, MONEY, ChosenColumn
from kcdesk.importing.layout import read_layout
from kcdesk.importing.old_encodings import READABLE, Encoding, decode
from kcdesk.importing.plan import ImportPlan
from kcdesk.importing.workbook import Sheet

_A_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_LOOKED_AT = 60
"""Heads are looked for in so many first rows."""


class MappedColumn(msgspec.Struct, frozen=True, omit_defaults=True):
    """One column in the file.

    header:   its head as read, in Unicode; rows of a head parted by " / "
    field:    key of what it means, null for a column that is not read
    unit:     code of what its money counts
    encoding: name of the encoding it was typed in
    """

    header: str
    field: str | None
    unit: str | None = None
    encoding: str | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    columns: list[MappedColumn]


def read_map(path: Path) -> tuple[MappedColumn, ...]:
    """The columns of the file. Raises `BadInput` for a file that is none, naming what is wrong in it."""
    try:
        columns = msgspec.json.decode(path.read_bytes(), type=_File).columns
    except FileNotFoundError:
        raise BadInput(f"Không tìm thấy tệp cột “{path}”.", code="no_file") from None
    except OSError as error:
        raise BadInput(f"Không đọc được tệp cột “{path}”.", code="unreadable") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadInput(
            f"Tệp “{path.name}” không phải tệp cột của danh sách.",
            hint="Lập tệp này bằng --save-map khi nhập một danh sách cùng mẫu.",
            code="no_map",
        ) from error
    for column in columns:
        _check(column, path)
    fields = [column.field for column in columns if column.field is not None]
    for field in fields:
        if fields.count(field) > 1:
            raise _wrong(path, f"“{LABELS[field]}” được ghi cho nhiều cột")
    return tuple(columns)


def write_map(path: Path, plan: ImportPlan) -> None:
    """The columns of a plan as they were read, of all its sheets.

    Raises `WorkspaceError` when the file cannot be written, `BadInput` where sheets have different heads for one
    thing: a file stands for one layout of lists.
    """
    columns = list(dict.fromkeys(c for part in plan.sheets for c in _columns_of(part)))
    fields = [column.field for column in columns if column.field is not None]
    if len(fields) > len(set(fields)):
        raise BadInput(
            "Các trang của tệp có tên cột khác nhau nên không lưu chung một cách đọc được.",
            hint="Chọn từng trang bằng --sheet rồi lưu cách đọc của trang đó.",
        )
    content = msgspec.json.format(msgspec.json.encode(_File(columns)), indent=2)
    try:
        path.write_bytes(content + b"\n")
    except OSError as error:
        raise WorkspaceError(
            f"Không ghi được tệp “{path}”.",
            hint="Chọn một thư mục ghi được và còn chỗ trống.",
        ) from error


def kept_columns(plan: ImportPlan) -> str:
    """The columns of a plan as they were read, as a text to keep for the next list of its layout."""
    return msgspec.json.encode(_File(list(_columns_of(plan)))).decode()


def columns_kept(text: str) -> tuple[MappedColumn, ...]:
    """What `kept_columns` kept; nothing of what another version kept and this one does not know."""
    try:
        columns = msgspec.json.decode(text.encode(), type=_File).columns
    except msgspec.MsgspecError:
        return ()
    return tuple(c for c in columns if c.field is None or c.field in LABELS)


def layout_of(sheet: Sheet, contents: ColumnContents | None = None) -> str | None:
    """What lists of one source have in common: the heads of their columns, as a short hash; None without any."""
    try:
        layout = read_layout(replace(sheet, rows=sheet.rows[:_LOOKED_AT]), contents=contents)
    except BadInput:
        return None
    heads = (_A_YEAR.sub("", normalise(head).casefold()) for head in layout.header)
    return hashlib.blake2b("\n".join(heads).encode(), digest_size=12).hexdigest()


def said_over(
    kept: Iterable[MappedColumn], said: Iterable[MappedColumn]
) -> tuple[MappedColumn, ...]:
    """What was kept and what a person says now, which goes first: for a column, and for a meaning."""
    said = tuple(said)
    heads = {column.header for column in said}
    fields = {column.field for column in said if column.field is not None}
    left = (c for c in kept if c.header not in heads and c.field not in fields)
    return (*said, *left)


def chosen_columns(columns: Iterable[MappedColumn]) -> tuple[ChosenColumn, ...]:
    """What the columns mean."""
    return tuple(
        ChosenColumn(column.header, column.field, MoneyUnit[column.unit] if column.unit else None)
        for column in columns
    )


def encodings_in(columns: Iterable[MappedColumn], sheet: Sheet) -> dict[int, Encoding]:
    """Column of the sheet from 0 -> encoding, for the columns whose head reads so in the encoding of the file."""
    wanted = [(c.header.split(" / ")[-1], Encoding[c.encoding]) for c in columns if c.encoding]
    return {
        index: encoding
        for head, encoding in wanted
        for row in sheet.rows[:_LOOKED_AT]
        for index, cell in enumerate(row)
        if isinstance(cell, str) and normalise(decode(cell, encoding)).casefold() == head.casefold()
    }


def _columns_of(plan: ImportPlan) -> Iterator[MappedColumn]:
    encodings = {typed.index: typed.encoding.name for typed in plan.encodings}
    for column in plan.columns:
        yield MappedColumn(
            column.header,
            column.meaning,
            column.unit.value if column.unit is not None else None,
            encodings.get(column.index),
        )


def _check(column: MappedColumn, path: Path) -> None:
    if column.field is not None and column.field not in LABELS:
        raise _wrong(path, f"cột “{column.header}” có field “{column.field}” không có trong hồ sơ")
    if column.unit is not None and (column.unit not in set(MoneyUnit) or column.field not in MONEY):
        raise _wrong(path, f"cột “{column.header}” có unit “{column.unit}” không dùng được")
    if column.encoding is not None and column.encoding not in {e.name for e in READABLE}:
        raise _wrong(path, f"cột “{column.header}” có encoding “{column.encoding}” không đọc được")


def _wrong(path: Path, what: str) -> BadInput:
    return BadInput(
        f"Tệp cột “{path.name}”: {what}.",
        hint=f"field: {', '.join(LABELS)}. unit: {', '.join(MoneyUnit)}. "
        f"encoding: {', '.join(e.name for e in READABLE)}.",
        code="no_map",
    )
