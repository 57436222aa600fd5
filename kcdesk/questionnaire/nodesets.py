"""The pieces that compiled expressions are made of: steps over nodes, predicates, operators.

Each takes closures and gives a closure. What a path may say is `compiler`'s matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from kcdesk.questionnaire import values
from kcdesk.questionnaire.evaluation import Context, Evaluate
from kcdesk.questionnaire.form import Definition, Item
from kcdesk.questionnaire.values import CONTEXT, Value, XNode, to_boolean, to_number

Nodes = Callable[[Context], list[XNode]]
Predicate = Callable[[Context], bool]
Arithmetic = Callable[[Decimal, Decimal], Decimal]


def here(context: Context) -> list[XNode]:
    return [context.node]


def nothing(_context: Context) -> list[XNode]:
    return []


def current(context: Context) -> list[XNode]:
    return [context.current]


def root(context: Context) -> list[XNode]:
    return [context.run.root]


def list_named(name: str) -> Nodes:
    def nodes(context: Context) -> list[XNode]:
        document = context.run.instance(name)
        return [] if document is None else [document]

    return nodes


def own_row(repeat: Definition) -> Nodes:
    def nodes(context: Context) -> list[XNode]:
        row = climb(context.current, repeat)
        return [] if row is None else [row]

    return nodes


def climb(node: XNode, definition: Definition) -> XNode | None:
    at: XNode | None = node
    while at is not None and at.definition is not definition:
        at = at.parent
    return at


def children(nodes: Nodes, name: str) -> Nodes:
    return lambda context: [child for node in nodes(context) for child in node.select(name)]


def parents(nodes: Nodes) -> Nodes:
    def found_parents(context: Context) -> list[XNode]:
        found = (_above(node, context) for node in nodes(context))
        return list({id(node): node for node in found if node is not None}.values())

    return found_parents


class Document:
    """What stands above the root element."""

    name = ""
    parent = None
    definition = None

    def __init__(self, root: XNode) -> None:
        self._root = root

    @property
    def text(self) -> str:
        return self._root.text

    def select(self, name: str) -> Sequence[XNode]:
        return [self._root] if name in (self._root.name, "*") else []


def _above(node: XNode, context: Context) -> XNode | None:
    return Document(node) if node is context.run.root else node.parent


def union(parts: Sequence[Nodes]) -> Nodes:
    def united_nodes(context: Context) -> list[XNode]:
        found = {id(node): node for nodes in parts for node in nodes(context)}
        return sorted(found.values(), key=_document_place)

    return united_nodes


def _document_place(node: XNode) -> tuple[int, ...]:
    """Numbers that rise in document order: of each ancestor its place among its siblings, outermost first."""
    places: list[int] = []
    at, parent = node, node.parent
    while parent is not None:
        siblings = parent.select("*")
        places.append(next((n for n, each in enumerate(siblings) if each is at), len(siblings)))
        at, parent = parent, parent.parent
    return tuple(reversed(places))


def filtered(
    nodes: Nodes, holds: Predicate, child: str = "", wanted: Evaluate | None = None
) -> Nodes:
    """The nodes for which a predicate holds. Where it can hold only if `child` says `wanted`, others are not asked."""

    def kept_nodes(context: Context) -> list[XNode]:
        found = nodes(context)
        if wanted is not None:
            found = _having(found, child, wanted(context))
        inner = Context(context.node, context.current, context.run, 0, len(found))
        kept: list[XNode] = []
        for position, node in enumerate(found, start=1):
            inner.node, inner.position = node, position
            if holds(inner):
                kept.append(node)
        return kept

    return kept_nodes


def _having(found: list[XNode], child: str, wanted: Value) -> list[XNode]:
    """Those items of a whole list whose child says one of the wanted texts; all where there is no telling."""
    parent = found[0].parent if found else None
    if not isinstance(parent, Item) or isinstance(wanted, bool | Decimal):
        return found
    name = found[0].name
    if len(found) != len(parent.select(name)):
        return found
    wanted_texts = set(values.texts(wanted) or [""])
    if len(wanted_texts) > 1:
        return found
    return list(parent.having(name, child, wanted_texts.pop()))


def position(nodes: list[XNode]) -> Value:
    if not nodes:
        return values.NAN
    parent = nodes[0].parent
    siblings = parent.select(nodes[0].name) if parent is not None else ()
    return Decimal(next((n for n, node in enumerate(siblings, 1) if node is nodes[0]), 1))


_ARITHMETIC: dict[str, Arithmetic] = {
    "+": CONTEXT.add,
    "*": CONTEXT.multiply,
    "div": values.divide,
    "mod": values.modulo,
}
_COMPARISONS: dict[str, Callable[[Value, Value], bool]] = {
    "=": values.equal,
    "!=": values.unequal,
    "<": values.less,
    "<=": values.less_or_equal,
    ">": lambda left, right: values.less(right, left),
    ">=": lambda left, right: values.less_or_equal(right, left),
}


def operation(operator: str, left: Evaluate, right: Evaluate) -> Evaluate:
    if operator == "or":
        return lambda context: to_boolean(left(context)) or to_boolean(right(context))
    if operator == "and":
        return lambda context: to_boolean(left(context)) and to_boolean(right(context))
    if operator == "-":
        return lambda context: values.subtract(left(context), right(context))
    if operator in _COMPARISONS:
        compare = _COMPARISONS[operator]
        return lambda context: compare(left(context), right(context))
    compute = _ARITHMETIC[operator]
    return lambda context: compute(to_number(left(context)), to_number(right(context)))
