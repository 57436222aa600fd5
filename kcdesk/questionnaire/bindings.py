"""What answers say about records: `bind::kc:field`, such as `establishments.phone` or `figures.workers`.

A repeat with `bind::kc:row`, such as `establishments.main_products`, is that table of the record: its rows have the
ids that they have there, and its questions are cells, `establishments.main_products/name`.
"""

from __future__ import annotations

from collections.abc import Mapping

from kcdesk.domain.kinds import KINDS, Field, FieldType
from kcdesk.questionnaire.nodes import Node, walk

FieldValue = str | int | list[str]


def proposals(root: Node) -> list[tuple[str, str, FieldValue]]:
    """(kind, field, value) of the relevant, answered questions that are bound, in document order.

    The field of a cell is `table/<row id>/column`. A row that was taken out of the sheet says nothing: that it is
    gone from the establishment too is for the person to say there.

    The value has the type of the field of the kind; of a field that no kind lists, of the question: whole
    numbers as int, several choices as list, everything else as text.
    """
    return [
        (node.definition.meaning[0], field_of(node), _value(node))
        for node in walk(root)
        if isinstance(node, Node)
        and node.rows_of is None
        and node.visible
        and node.raw
        and node.definition.meaning
    ]


def field_of(node: Node) -> str:
    """The field of the record that a bound question says: `phone`, `main_products/<row id>/name`."""
    assert node.definition.meaning is not None
    field = node.definition.meaning[1]
    table, stroke, column = field.partition("/")
    if not stroke:
        return field
    row: Node | None = node
    while row is not None and row.rows_of is None:
        row = row.parent
    assert row is not None
    return f"{table}/{row.row}/{column}"


def _value(node: Node) -> FieldValue:
    definition = node.definition
    assert definition.meaning is not None
    kind, name = definition.meaning
    field = _field(kind, name)
    whole = definition.data == "int" if field is None else field.type in _WHOLE
    several = (
        definition.type == "select_multiple" if field is None else field.type is FieldType.TEXTS
    )
    if field is not None and field.type is FieldType.GEO:
        return node.raw.split()[:2]  # what follows are height and accuracy
    if several:
        return node.raw.split()
    if whole and node.raw.removeprefix("-").isdecimal():
        return int(node.raw)
    return node.raw


def _field(kind: str, name: str) -> Field | None:
    """The field, or column of a table, that this version knows under that name."""
    table, stroke, column = name.partition("/")
    if kind not in KINDS:
        return None
    if not stroke:
        return KINDS[kind].field(name)
    columns = (c for t in KINDS[kind].tables if t.key == table for c in t.columns)
    return next((found for found in columns if found.key == column), None)


_WHOLE = frozenset({FieldType.INT, FieldType.MONEY})


def difference(before: Mapping[str, object], after: Mapping[str, str]) -> dict[str, str | bool]:
    """What to write so that a record that holds `before` holds `after`.

    A cleared answer is written as blank text, a row that is gone as `<row>/deleted`: True. Fields of `before`
    that belong to no answer have to be left out by the caller.

    >>> difference({"a": "1", "t/r1/x": "2", "t/r2/x": "3"}, {"a": "1", "t/r2/x": "4"})
    {'t/r1/deleted': True, 't/r2/x': '4'}
    """
    kept = {row for path in after for row in _rows(path)}
    change: dict[str, str | bool] = {}
    for path, value in before.items():
        if path in after or path.endswith("/deleted"):
            continue
        lost = next((row for row in _rows(path) if row not in kept), None)
        if lost is None:
            if value not in ("", None):
                change[path] = ""
        elif all(before.get(f"{row}/deleted") is not True for row in _rows(path)):
            change[f"{lost}/deleted"] = True
    change |= {path: text for path, text in after.items() if before.get(path) != text}
    return change


def _rows(path: str) -> list[str]:
    """The rows around an answer path, outermost first: `a/r1/b/r2/c` -> `a/r1`, `a/r1/b/r2`."""
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(2, len(parts), 2)]
