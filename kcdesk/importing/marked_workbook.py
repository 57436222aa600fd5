"""An .xlsx with some cells coloured and a column of remarks, and everything else as it was, to the byte.

Owns the few places of such a file that change: the rows that are marked, the styles they need, the width of one column.
Charts, pictures, macros' sheets and formats stay, and a hundred thousand rows take seconds. A file that is written in a
way that is not understood here is refused (`Unmarkable`); who calls has a slower way.
Source: ECMA-376, part 1, 18.3 (worksheets) and 18.8 (styles).
"""

from __future__ import annotations

import io
import posixpath
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape
from zipfile import BadZipFile, ZipFile

from kcdesk.importing.cells import column_index, column_letter

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ROW = re.compile(r"<row\b[^>]*?(?:/>|>.*?</row>)", re.DOTALL)
_CELL = re.compile(r"<c\b[^>]*?(?:/>|>.*?</c>)", re.DOTALL)
_XF = re.compile(r"<xf\b[^>]*?(?:/>|>.*?</xf>)", re.DOTALL)
_FILL = re.compile(r"<fill\b[^>]*?(?:/>|>.*?</fill>)", re.DOTALL)
_ALIGNMENT = re.compile(r"<alignment\b[^>]*/>")
_COL = re.compile(r"<col\b[^>]*/>")
_ATTRIBUTE = re.compile(r'\b([\w:]+)="([^"]*)"')
_PLACE = re.compile(r"([A-Z]+)[0-9]+")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
_PLAIN_WORKBOOK = b"spreadsheetml.sheet.main+xml"
_WRAPPED = '<alignment vertical="top" wrapText="1"/>'


class Unmarkable(Exception):
    """The file is not written as Excel, LibreOffice and the usual libraries write."""


@dataclass(frozen=True, slots=True)
class SheetMarks:
    """What becomes of one sheet. Columns count from 0, rows from 1.

    column:  of the remarks; what stood there below `head_row` goes
    head:    the text in `head_row`, and how wide the column is, in characters
    remarks: row -> text
    colours: (row, column) -> ARGB
    """

    column: int
    head_row: int
    head: str
    width: int
    remarks: Mapping[int, str] = field(default_factory=dict)
    colours: Mapping[tuple[int, int], str] = field(default_factory=dict)


def marked(content: bytes, sheets: Mapping[str, SheetMarks]) -> bytes:
    """The workbook with these sheets marked, by their names. Raises `Unmarkable`."""
    out = io.BytesIO()
    try:
        with ZipFile(io.BytesIO(content)) as old, ZipFile(out, "w") as new:
            parts = _sheet_parts(old)
            styles = _Styles(old.read("xl/styles.xml").decode())
            changed = {
                parts[name]: _marked_sheet(old.read(parts[name]).decode(), marks, styles)
                for name, marks in sheets.items()
            }
            changed["xl/styles.xml"] = styles.text()
            for entry in old.infolist():
                text = changed.get(entry.filename)
                new.writestr(entry, old.read(entry) if text is None else text.encode())
    except (BadZipFile, KeyError, ET.ParseError, UnicodeDecodeError, NotImplementedError) as error:
        raise Unmarkable(str(error)) from error
    return out.getvalue()


def _sheet_parts(book: ZipFile) -> dict[str, str]:
    """Name of a sheet -> the part of the file it is in."""
    if _PLAIN_WORKBOOK not in book.read("[Content_Types].xml"):
        raise Unmarkable("a template, or with macros: another name would not do")
    rels = ET.fromstring(book.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 -- expat expands no files
    targets = {rel.get("Id"): rel.get("Target", "") for rel in rels}
    sheets = ET.fromstring(book.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")  # noqa: S314
    return {
        sheet.get("name", ""): posixpath.normpath(
            posixpath.join("/xl", targets[sheet.get(_ID)])
        ).lstrip("/")
        for sheet in sheets
    }


class _Styles:
    """The looks of cells (`cellXfs`), to which coloured and wrapped ones are added as they are needed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._xfs = _XF.findall(_between(text, "cellXfs"))
        self._fills = _FILL.findall(_between(text, "fills"))
        self._known: dict[tuple[int, str], int] = {}

    def coloured(self, style: int, argb: str) -> int:
        """The number of the style like this one, with that colour behind the text."""
        return self._like(style, argb)

    def wrapped(self, style: int) -> int:
        """The number of the style like this one, whose text goes on in further lines."""
        return self._like(style, "")

    def _like(self, style: int, argb: str) -> int:
        key = style, argb
        if key not in self._known:
            if style >= len(self._xfs):
                raise Unmarkable(f"no style {style}")
            made = self._xfs[style]
            made = _coloured(made, self._fill(argb)) if argb else _wrapped(made)
            self._xfs.append(made)
            self._known[key] = len(self._xfs) - 1
        return self._known[key]

    def _fill(self, argb: str) -> int:
        fill = (
            f'<fill><patternFill patternType="solid"><fgColor rgb="{argb}"/></patternFill></fill>'
        )
        if fill not in self._fills:
            self._fills.append(fill)
        return self._fills.index(fill)

    def text(self) -> str:
        text = self._text
        for name, entries in (("fills", self._fills), ("cellXfs", self._xfs)):
            inside = _between(text, name)
            start = text.index(inside, text.index(f"<{name}"))
            text = text[:start] + "".join(entries) + text[start + len(inside) :]
            text = re.sub(rf'(<{name}\b[^>]*?)\bcount="[0-9]+"', rf'\1count="{len(entries)}"', text)
        return text


def _between(text: str, name: str) -> str:
    found = re.search(rf"<{name}\b[^>]*>(.*?)</{name}>", text, re.DOTALL)
    inside = "" if found is None else str(found[1])
    if not inside:
        raise Unmarkable(f"no {name}")
    return inside


def _coloured(xf: str, fill: int) -> str:
    return _with_attributes(xf, fillId=str(fill), applyFill="1")


def _wrapped(xf: str) -> str:
    xf = _with_attributes(xf, applyAlignment="1")
    if xf.endswith("/>"):
        return f"{xf[:-2]}>{_WRAPPED}</xf>"
    if _ALIGNMENT.search(xf):
        return _ALIGNMENT.sub(_WRAPPED, xf)
    end = xf.index(">") + 1
    return f"{xf[:end]}{_WRAPPED}{xf[end:]}"


def _with_attributes(element: str, **values: str) -> str:
    """The element with these attributes in its first tag; an empty value takes one away."""
    end = element.index(">")
    closing = "/" if element[end - 1] == "/" else ""
    tag = element[: end - len(closing)]
    for name, value in values.items():
        tag = re.sub(rf'\s{name}="[^"]*"', "", tag)
        tag = f'{tag.rstrip()} {name}="{value}"' if value else tag
    return f"{tag}{closing}{element[end:]}"


def _marked_sheet(text: str, marks: SheetMarks, styles: _Styles) -> str:
    found = re.search(r"<sheetData>(.*)</sheetData>", text, re.DOTALL)
    if found is None:
        raise Unmarkable("no rows")
    before = re.sub(r"<dimension\b[^>]*/>", "", text[: found.start(1)])
    rows = _rows(found[1], marks, styles)
    return f"{_with_width(before, marks)}{''.join(rows)}{text[found.end(1) :]}"


def _with_width(before: str, marks: SheetMarks) -> str:
    """The part before the rows, with the column of remarks wide where nobody has said how wide it is."""
    number = marks.column + 1
    own = f'<col min="{number}" max="{number}" width="{marks.width}" customWidth="1"/>'
    columns = [
        (int(said["min"]), int(said["max"]), column)
        for column in _COL.findall(before)
        if (said := dict(_ATTRIBUTE.findall(column)))
    ]
    if not columns:
        return before.replace("<sheetData>", f"<cols>{own}</cols><sheetData>")
    if any(first <= number <= last for first, last, _ in columns):
        return before
    entries = "".join(column for *_, column in sorted([*columns, (number, number, own)]))
    return re.sub(r"<cols>.*</cols>", f"<cols>{entries}</cols>", before, flags=re.DOTALL)


def _rows(text: str, marks: SheetMarks, styles: _Styles) -> Iterator[str]:
    colours: dict[int, dict[int, str]] = {}
    for (number, column), colour in marks.colours.items():
        colours.setdefault(number, {})[column] = colour
    wanted = {marks.head_row, *marks.remarks, *colours}
    at = 0
    for found in _ROW.finditer(text):
        yield text[at : found.start()]
        at = found.end()
        row = found[0]
        number = int(_attribute(row, "r"))
        wanted.discard(number)
        remark = marks.remarks.get(number, marks.head if number == marks.head_row else "")
        if number < marks.head_row:
            yield row
        else:
            yield _row(row, number, marks.column, remark, colours.get(number, {}), styles)
    yield text[at:]
    if wanted:
        raise Unmarkable(f"no row {min(wanted)}")


def _row(
    row: str,
    number: int,
    column: int,
    remark: str,
    colours: Mapping[int, str],
    styles: _Styles,
) -> str:
    """The row with cells coloured and its remark; what stood in the column of remarks goes."""
    place = column_letter(column)
    if not remark and not colours and f'"{place}{number}"' not in row:
        return row
    cells = {_column_of(cell): cell for cell in _CELL.findall(row)}
    cells.pop(column, None)
    if remark:
        said = escape(_FORBIDDEN.sub("", remark))
        style = styles.wrapped(0)
        cells[column] = (
            f'<c r="{place}{number}" s="{style}" t="inlineStr">'
            f'<is><t xml:space="preserve">{said}</t></is></c>'
        )
    for at, colour in colours.items():
        cell = cells.get(at, f'<c r="{column_letter(at)}{number}"/>')
        style = styles.coloured(int(dict(_ATTRIBUTE.findall(_tag(cell))).get("s", "0")), colour)
        cells[at] = _with_attributes(cell, s=str(style))
    tag = _with_attributes(_tag(row).replace("/>", ">"), spans="")
    return f"{tag}{''.join(cells[at] for at in sorted(cells))}</row>"


def _tag(element: str) -> str:
    return element[: element.index(">") + 1]


def _attribute(element: str, name: str) -> str:
    attributes: dict[str, str] = dict(_ATTRIBUTE.findall(_tag(element)))
    if name not in attributes:
        raise Unmarkable(f"no {name}")
    return attributes[name]


def _column_of(cell: str) -> int:
    place = _PLACE.fullmatch(_attribute(cell, "r"))
    if place is None:
        raise Unmarkable("no place")
    return column_index(place[1])
