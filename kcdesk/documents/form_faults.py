"""What the types of a form cannot see: references that lead nowhere, templates that do not close, columns too wide."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from kcdesk.documents import form as f
from kcdesk.documents.toml_lines import Path as Key
from kcdesk.domain.code_lists import CODE_LISTS

_COMPUTED = ("product_of", "sum_of", "minus", "percent_of")


@dataclass(frozen=True)
class Fault:
    """Where in the file, and what is wrong, in Vietnamese."""

    key: Key
    reason: str


def faults(form: f.FormFile, stem: str, laws: Collection[str]) -> Iterator[Fault]:
    """Everything wrong with a form, in the order of the file. `laws`: ids that a basis may name."""
    if form.id != stem:
        yield Fault(("id",), f"“{form.id}” khác tên tệp “{stem}”")
    for name, field in form.fields.items():
        yield from _field_faults(form, field, ("fields", name))
    for key, text in (
        ("receiver", form.receiver),
        ("subject", form.subject),
        ("title", form.title),
    ):
        yield from _bad_template(text, form, (key,))
    for number, text in enumerate(form.recipients):
        yield from _bad_template(text, form, ("recipients", number))
    if form.family == "A" and not form.symbol:
        yield Fault((), "giấy tờ của cơ quan (family A) cần symbol")
    yield from _body_faults(form, laws)
    for line, signatures in enumerate(form.signatures):
        for number, sign in enumerate(signatures):
            keys = [key for key in (sign.name, sign.position, sign.prefix, sign.table) if key]
            yield from _unknown(form, keys, ("signatures", line, number))


def _field_faults(form: f.FormFile, field: f.Field, where: Key) -> Iterator[Fault]:
    used = [*field.default_from, *field.least_of]
    used += [key.partition("/")[0] for key in (*field.sum_of, *field.minus)]
    used += [field.required_when.key] if field.required_when else []
    yield from _unknown(form, used, where)
    yield from _bad_codes(field.type, field.codes, where)
    if (field.type == "rows") != bool(field.item):
        yield Fault(where, "kiểu rows cần item, kiểu khác thì không")
    if field.item:
        yield from _bad_template(field.item, None, (*where, "item"))


def _body_faults(form: f.FormFile, laws: Collection[str]) -> Iterator[Fault]:
    landscape, blocks = form.landscape, form.blocks
    for number, block in enumerate(blocks):
        where: Key = ("body", number)
        if block.when is not None:
            yield from _unknown(form, [block.when.key], (*where, "when"))
        if isinstance(block, f.Page):
            landscape = block.landscape
        yield from _block_faults(form, block, where, f.BODY_WIDTH_MM[landscape], laws)
    if not blocks or not isinstance(blocks[-1], f.Text):
        yield Fault(
            ("body", len(blocks) - 1),
            "cuối bài phải là một đoạn chữ, để chữ ký không đứng một mình trên trang",
        )


def _block_faults(
    form: f.FormFile, block: f.Block, where: Key, room: int, laws: Collection[str]
) -> Iterator[Fault]:
    match block:
        case f.Items(texts=texts) | f.Basis(texts=texts):
            for number, text in enumerate(texts):
                yield from _bad_template(text, form, (*where, "texts", number))
            if isinstance(block, f.Basis):
                yield from _unknown(form, [block.key] if block.key else [], (*where, "key"))
                yield from (
                    Fault((*where, "laws"), f"không có văn bản “{law}” trong law.toml")
                    for law in block.laws
                    if law not in laws
                )
        case f.Text(text=text):
            yield from _bad_template(text, form, (*where, "text"))
        case f.Table(key=key, columns=columns):
            yield from _unknown(form, [key], (*where, "key"))
            yield from _too_wide(columns, room - f.NUMBER_COLUMN_MM, (*where, "columns"))
            for number, column in enumerate(columns):
                yield from _column_faults(column, (*where, "columns", number))
            for number, group in enumerate(block.groups):
                if group.codes:
                    yield from _bad_codes("code", group.codes, (*where, "groups", number))
        case f.Grid(columns=columns, rows=rows):
            yield from _too_wide(columns, room, (*where, "columns"))
            for number, row in enumerate(rows):
                if len(row) != len(columns):
                    yield Fault(
                        (*where, "rows", number),
                        f"dòng có {len(row)} ô, bảng có {len(columns)} cột",
                    )
                for cell, text in enumerate(row):
                    yield from _bad_template(text, form, (*where, "rows", number, cell))
        case f.Checklist(key=key, activity=activity):
            yield from _unknown(form, [key, *([activity] if activity else [])], where)
        case f.Photos(key=key):
            yield from _unknown(form, [key], (*where, "key"))
        case _:
            pass


def _column_faults(column: f.Column, where: Key) -> Iterator[Fault]:
    yield from _bad_codes(column.type, column.codes, where)
    computed = [name for name in _COMPUTED if getattr(column, name)]
    if not column.keys and not computed:
        yield Fault(where, "cột cần keys, hoặc cách tính")
    if len(column.percent_of) not in (0, 2):
        yield Fault((*where, "percent_of"), "cần hai khóa: phần và toàn bộ")
    if column.minus and not column.sum_of:
        yield Fault((*where, "minus"), "minus cần sum_of")
    if (column.total or column.average) and column.type not in ("money", "int", "decimal"):
        yield Fault(where, "chỉ cộng được cột số (money, int, decimal)")


def _unknown(form: f.FormFile, keys: Iterable[str], where: Key) -> Iterator[Fault]:
    yield from (
        Fault(where, f"trường “{key}” chưa khai báo") for key in keys if key not in form.fields
    )


def _bad_codes(field_type: f.FieldType, codes: str, where: Key) -> Iterator[Fault]:
    if field_type in ("code", "codes") and codes not in CODE_LISTS:
        yield Fault(where, f"không có danh mục “{codes}”")


def _bad_template(template: str, form: f.FormFile | None, where: Key) -> Iterator[Fault]:
    """Faults of a template; without a form any key will do (the keys of a row)."""
    try:
        pieces = list(f.keys_in(template))
    except ValueError:
        yield Fault(where, f"dấu ngoặc nhọn không khớp trong “{template}”")
        return
    if form is not None:
        yield from _unknown(form, [key for _, key, _ in pieces if key], where)
    for _, key, spec in pieces:
        if spec not in (f.SPECS if form else ("", "number")):
            yield Fault(where, f"không hiểu cách in “{spec}” của trường “{key}”")
        elif form and spec == "boxes" and key in form.fields and form.fields[key].type != "code":
            yield Fault(where, f"boxes cần trường kiểu code, “{key}” thì không")


def _too_wide(columns: Iterable[f.Column | f.GridColumn], room: int, where: Key) -> Iterator[Fault]:
    if (width := sum(column.width for column in columns)) > room:
        yield Fault(where, f"các cột rộng {width} mm, khổ giấy chỉ có {room} mm")
