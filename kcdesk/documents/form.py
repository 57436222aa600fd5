"""What a form is: a TOML file in `resources/documents/`, read into types and checked as a whole.

Owns the shape of a form file and the refusal of a bad one. What values look like is `values`, how the
paper looks is `paper` and `blocks`. A province replaces a form by a file of the same name elsewhere.

A text of a form is a template: `{key}` stands for the printed value of a field, `{key:words}` for an
amount in words; in a row, `{key:number}` for a number that records keep as text. Where nothing is
known the paper carries dots to write on.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Formatter
from typing import Literal

import msgspec

from kcdesk.domain.code_lists import CODE_LISTS
from kcdesk.errors import BadInput, NotFound

FORMS = Path(__file__).resolve().parents[2] / "resources" / "documents"
BODY_WIDTH_MM = 165
"""A4 less 30 mm on the left and 15 mm on the right: what the columns of a table share."""
NUMBER_COLUMN_MM = 8
"""The running number in front of the columns of a table of rows."""

FieldType = Literal[
    "text", "int", "decimal", "money", "date", "bool", "code", "codes", "figure", "rows", "geo"
]
"""`figure`: a number, or what was typed instead. `rows`: rows of a table in one sentence.
`geo`: latitude and longitude. The others as in the records."""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Condition(_Part, frozen=True):
    """True when the field has one of `any_of`, none of `none_of`, or no value at all (`absent`)."""

    key: str
    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    absent: bool = False


class Field(_Part, frozen=True):
    """What a form knows about one key of the record.

    codes:        name of a code list (types `code` and `codes`)
    default_from: other keys whose values, joined by commas, stand in for an empty one
    sum_of:       keys whose sum this is; a value in the record must agree with it
    item:         template of one row (type `rows`), with the keys of the row
    lines:        further dotted lines when empty
    """

    label: str
    type: FieldType = "text"
    codes: str = ""
    required: bool = False
    required_when: Condition | None = None
    default_from: tuple[str, ...] = ()
    sum_of: tuple[str, ...] = ()
    item: str = ""
    lines: int = 0


class Heading(_Part, frozen=True, tag_field="kind", tag="heading"):
    """Begins a section; numbered I, II, III; left out when nothing of its section is printed."""

    text: str


class Item(_Part, frozen=True, tag_field="kind", tag="item"):
    """A line numbered 1, 2, 3 inside its section. `boxes`: an empty form offers all codes to tick."""

    text: str
    boxes: bool = False


class Text(_Part, frozen=True, tag_field="kind", tag="text"):
    """A paragraph. `blank = false` keeps it off the empty form."""

    text: str
    when: Condition | None = None
    blank: bool = True


class Column(_Part, frozen=True):
    """A column of a table of rows. `keys`: cells joined by commas. `product_of`: computed."""

    head: str
    width: int
    keys: tuple[str, ...] = ()
    type: FieldType = "text"
    codes: str = ""
    product_of: tuple[str, ...] = ()
    total: bool = False
    required: bool = False


class Table(_Part, frozen=True, tag_field="kind", tag="table"):
    """The rows of `key`, with a running number. `preset`: first cells of an empty form's rows."""

    key: str
    columns: tuple[Column, ...]
    blank_rows: int = 5
    preset: tuple[str, ...] = ()


class GridColumn(_Part, frozen=True):
    head: str
    width: int
    number: bool = False


class Grid(_Part, frozen=True, tag_field="kind", tag="grid"):
    """A table whose rows stand in the form; each cell is a template. The last row is the total."""

    columns: tuple[GridColumn, ...]
    rows: tuple[tuple[str, ...], ...]


class Option(_Part, frozen=True):
    """Something to tick; `activities` (empty: all) says for which activity codes it is offered."""

    code: str
    label: str
    activities: tuple[str, ...] = ()


class Checklist(_Part, frozen=True, tag_field="kind", tag="checklist"):
    """The options of list `key`, ticked where the record has them; other texts of it are added."""

    key: str
    activity: str
    options: tuple[Option, ...]


Block = Heading | Item | Text | Table | Grid | Checklist


class Signature(_Part, frozen=True):
    """Who signs. Except `title` and `note` all are keys of fields."""

    title: str
    note: str
    place: str
    date: str
    name: str
    position: str
    prefix: str


class Form(_Part, frozen=True):
    """One official paper. `family` is the layout of dossier 6.1 (B: papers of an owner), `needs` the
    kind of record it is printed from."""

    id: str
    title: str
    family: Literal["B"]
    source: str
    receiver: str
    fields: dict[str, Field]
    body: tuple[Block, ...]
    signature: Signature


class FormInfo(_Part, frozen=True):
    id: str
    title: str
    family: str
    source: str


def info_of(form: Form) -> FormInfo:
    """What a list of forms says of one."""
    return FormInfo(form.id, form.title, form.family, form.source)


def list_forms(folder: Path = FORMS) -> tuple[FormInfo, ...]:
    """The forms of a folder in order of id. Raises BadInput for a file that is no good form."""
    return tuple(info_of(read_form(path)) for path in sorted(folder.glob("*.toml")))


def load_form(form_id: str, folder: Path = FORMS) -> Form:
    """The form with that id. Raises NotFound, or BadInput when its file is bad."""
    known = {path.stem: path for path in sorted(folder.glob("*.toml"))}
    if form_id not in known:
        raise no_such_form(form_id, known)
    return read_form(known[form_id])


def no_such_form(form_id: str, known: Iterable[str]) -> NotFound:
    """What is said of a form that is not there; `known`: ids of those that are."""
    return NotFound(
        f"Không có mẫu giấy tờ “{form_id}”.",
        hint="Các mẫu có thể dùng: " + ", ".join(known) + ".",
    )


def read_form(path: Path) -> Form:
    """One form file. Raises BadInput naming file, line or key, and reason."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _bad(path.name, f"không đọc được ({error.strerror})") from error
    return parse_form(path.name, content)


def parse_form(name: str, content: bytes) -> Form:
    """The form in a file's content; `name` is the file's. Raises BadInput as `read_form`."""
    form, faults = _parsed(name, content)
    if form is None or faults:
        raise _bad(name, faults[0][1])
    return form


def form_faults(name: str, content: bytes) -> list[tuple[int | None, str]]:
    """Everything that is wrong with a form file, each with its line where that is known."""
    return _parsed(name, content)[1]


def _parsed(name: str, content: bytes) -> tuple[Form | None, list[tuple[int | None, str]]]:
    try:
        text = unicodedata.normalize("NFC", content.decode("utf-8"))
        form = msgspec.convert(tomllib.loads(text), Form)
    except UnicodeDecodeError:
        return None, [(None, "không phải văn bản UTF-8")]
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        return None, [(int(place[1]) if place else None, _toml_reason(str(error)))]
    except (msgspec.ValidationError, RecursionError) as error:
        return None, [(None, _type_reason(str(error)))]
    return form, [(None, fault) for fault in _faults(form, name.removesuffix(".toml"))]


def keys_in(template: str) -> Iterator[tuple[str, str, str]]:
    """Pieces `(literal, key, format)` of a template; key and format are empty at its end.

    Raises ValueError when braces do not match.
    """
    for literal, key, spec, _ in Formatter().parse(template):
        yield literal, key or "", spec or ""


def _bad(name: str, reason: str) -> BadInput:
    return BadInput(
        f"Tệp mẫu {name} không dùng được: {reason}.",
        hint="Sửa tệp mẫu theo hướng dẫn, hoặc dùng lại mẫu kèm theo chương trình.",
    )


def _toml_reason(text: str) -> str:
    """tomllib says where at the end: `... (at line 3, column 5)`."""
    place = re.search(r"at line (\d+), column (\d+)", text)
    where = f"dòng {place[1]}, cột {place[2]}" if place else "cuối tệp"
    return f"sai cú pháp TOML ở {where}"


_TYPE_REASONS = (
    (r"missing required field `(.+?)`", "thiếu “{}”"),
    (r"contains unknown field `(.+?)`", "không hiểu “{}”"),
    (r"Invalid enum value '(.+?)'", "“{}” không có trong danh sách cho phép"),
    (r"Invalid value '(.+?)'", "“{}” không có trong danh sách cho phép"),
    (r"Expected `(.+?)`", "kiểu giá trị phải là {}"),
)


def _type_reason(text: str) -> str:
    """msgspec says `reason - at `$.path``; the path is kept, the reason said in Vietnamese."""
    place = re.search(r"at `(?:key in )?\$\.?(.*?)`$", text)
    where = f"khóa {place[1]}: " if place and place[1] else ""
    for pattern, sentence in _TYPE_REASONS:
        if found := re.search(pattern, text):
            return where + sentence.format(found[1])
    return where + "giá trị không hợp lệ"


def _faults(form: Form, stem: str) -> Iterator[str]:
    """What types cannot see: references that lead nowhere, columns that do not fit."""
    if form.id != stem:
        yield f"khóa id: “{form.id}” khác tên tệp “{stem}”"
    for key, field in form.fields.items():
        where = f"khóa fields.{key}"
        used = [*field.default_from, *field.sum_of]
        used += [field.required_when.key] if field.required_when else []
        yield from _unknown(form, used, where)
        yield from _bad_codes(field.type, field.codes, where)
        if (field.type == "rows") != bool(field.item):
            yield f"{where}: kiểu rows cần item, kiểu khác thì không"
        if field.item:
            yield from _bad_template(field.item, None, where)
    sign = form.signature
    signed = (sign.place, sign.date, sign.name, sign.position, sign.prefix)
    yield from _unknown(form, signed, "khóa signature")
    yield from _bad_template(form.receiver, form, "khóa receiver")
    for index, block in enumerate(form.body):
        yield from _block_faults(form, block, f"khóa body[{index}]")


def _block_faults(form: Form, block: Block, where: str) -> Iterator[str]:
    match block:
        case Heading():
            pass
        case Item(text=text):
            yield from _bad_template(text, form, where)
            keys = _keys(text)
            fields = [form.fields[key] for key in keys if key in form.fields]
            if block.boxes and (len(keys) != 1 or any(field.type != "code" for field in fields)):
                yield f"{where}: boxes cần đúng một trường kiểu code"
        case Text(text=text, when=when):
            yield from _bad_template(text, form, where)
            yield from _unknown(form, [when.key] if when else [], where)
        case Table(key=key, columns=columns):
            yield from _unknown(form, [key], where)
            yield from _too_wide(columns, BODY_WIDTH_MM - NUMBER_COLUMN_MM, where)
            for column in columns:
                yield from _bad_codes(column.type, column.codes, f"{where}: cột {column.head}")
        case Grid(columns=columns, rows=rows):
            yield from _too_wide(columns, BODY_WIDTH_MM, where)
            for row in rows:
                if len(row) != len(columns):
                    yield f"{where}: dòng có {len(row)} ô, bảng có {len(columns)} cột"
                for cell in row:
                    yield from _bad_template(cell, form, where)
        case Checklist(key=key, activity=activity):
            yield from _unknown(form, [key, activity], where)


def _keys(template: str) -> list[str]:
    """The keys of a template; none of one that is faulty, which `_bad_template` tells."""
    try:
        return [key for _, key, _ in keys_in(template) if key]
    except ValueError:
        return []


def _unknown(form: Form, keys: Iterable[str], where: str) -> Iterator[str]:
    yield from (f"{where}: trường “{key}” chưa khai báo" for key in keys if key not in form.fields)


def _bad_codes(field_type: FieldType, codes: str, where: str) -> Iterator[str]:
    if field_type in ("code", "codes") and codes not in CODE_LISTS:
        yield f"{where}: không có danh mục “{codes}”"


def _bad_template(template: str, form: Form | None, where: str) -> Iterator[str]:
    """Faults of a template; without a form any key will do (the keys of a row)."""
    try:
        pieces = list(keys_in(template))
    except ValueError:
        yield f"{where}: dấu ngoặc nhọn không khớp trong “{template}”"
        return
    if form is not None:
        yield from _unknown(form, [key for _, key, _ in pieces if key], where)
    for _, key, spec in pieces:
        if spec not in ("", "words" if form else "number"):
            yield f"{where}: không hiểu cách in “{spec}” của trường “{key}”"


def _too_wide(columns: Iterable[Column | GridColumn], room: int, where: str) -> Iterator[str]:
    if (width := sum(column.width for column in columns)) > room:
        yield f"{where}: các cột rộng {width} mm, khổ giấy chỉ có {room} mm"
