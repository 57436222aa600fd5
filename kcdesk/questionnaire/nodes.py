"""The answers of an open sheet as a tree: nodes with text, repeats with rows.

Owns what a path of an expression walks over and how relevance is inherited. When something is computed again
is `engine`'s matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kcdesk.questionnaire.form import REPEAT, Definition


class Node:
    """A question, a group or a row, as it stands in one sheet.

    raw:      the stored text, also while the node is not relevant
    own:      what its own relevance says
    beyond:   of a row: the count of its repeat has become smaller than its place; it is kept, hidden
    visible:  own, and so are all around it
    row:      of a row: its stable id; rows stand in the order of their ids
    """

    __slots__ = (
        "beyond",
        "children",
        "definition",
        "own",
        "parent",
        "raw",
        "row",
        "rows_of",
        "visible",
    )

    def __init__(
        self,
        definition: Definition,
        parent: Node | None,
        *,
        rows_of: Rows | None = None,
        row: str = "",
    ) -> None:
        self.definition = definition
        self.parent = parent
        self.raw = definition.default
        self.own = True
        self.beyond = False
        self.visible: bool = parent is None or parent.visible
        self.rows_of = rows_of
        self.row = row
        self.children: dict[str, Node | Rows] = {
            name: Rows(child, self) if child.kind == REPEAT else Node(child, self)
            for name, child in definition.children.items()
        }

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def text(self) -> str:
        """What expressions read: blank while not relevant; of a group everything in it (XPath string-value)."""
        if not self.visible:
            return ""
        return "".join(node.text for node in self.select("*")) if self.children else self.raw

    def select(self, name: str) -> Sequence[Node]:
        """Relevant children: expressions do not see others (as in JavaRosa)."""
        if name == "*":
            return [node for child in self.children.values() for node in _occurrences(child)]
        child = self.children.get(name)
        return () if child is None else _occurrences(child)

    @property
    def path(self) -> str:
        """The answer path: `phone`, `machines/<row>`, `machines/<row>/name`; groups do not appear."""
        if self.rows_of is not None:
            return f"{self.rows_of.path}/{self.row}"
        around = _prefix(self.parent)
        return f"{around}{self.name}"


class Rows:
    """A repeat in one sheet. `counted` rows are made by an expression and not by people."""

    __slots__ = ("definition", "own", "parent", "rows", "visible")

    def __init__(self, definition: Definition, parent: Node) -> None:
        self.definition = definition
        self.parent = parent
        self.rows: list[Node] = []
        self.own = True
        self.visible: bool = parent.visible

    name = property(lambda self: self.definition.name)
    text = ""

    def select(self, _name: str) -> Sequence[Node]:
        return ()

    def add(self, row: str) -> Node:
        """A new last row."""
        node = Node(self.definition, self.parent, rows_of=self, row=row)
        self.rows.append(node)
        return node

    @property
    def path(self) -> str:
        return f"{_prefix(self.parent)}{self.definition.name}"


def _prefix(parent: Node | None) -> str:
    """The path of the nearest row, with a stroke; blank outside of repeats."""
    at = parent
    while at is not None and at.rows_of is None:
        at = at.parent
    return "" if at is None else f"{at.path}/"


def _occurrences(child: Node | Rows) -> Sequence[Node]:
    if isinstance(child, Rows):
        return [row for row in child.rows if row.visible]
    return (child,) if child.visible else ()


def walk(node: Node) -> Iterator[Node | Rows]:
    """The node and everything below, relevant or not, in document order."""
    yield node
    for child in node.children.values():
        if isinstance(child, Rows):
            yield child
            for row in child.rows:
                yield from walk(row)
        else:
            yield from walk(child)


def instances(definition: Definition, under: Node | Rows) -> list[Node | Rows]:
    """All nodes of a definition at or below `under`; of a repeat the repeat and its rows."""
    if under.definition is definition:
        return [under, *under.rows] if isinstance(under, Rows) else [under]
    assert definition.parent is not None
    reached: list[Node | Rows] = []
    for parent in instances(definition.parent, under):
        if isinstance(parent, Node):
            child = parent.children[definition.name]
            reached.append(child)
            if isinstance(child, Rows):
                reached += child.rows
    return reached


def refresh_visibility(node: Node | Rows) -> Iterator[Node | Rows]:
    """Passes relevance on, from `node` downwards; gives the nodes whose visibility has changed."""
    around = node.parent is None or node.parent.visible
    if isinstance(node, Node) and node.rows_of is not None:
        around = node.rows_of.visible and not node.beyond
    visible = around and node.own
    below: Sequence[Node | Rows]
    below = node.rows if isinstance(node, Rows) else list(node.children.values())
    if visible == node.visible:
        if isinstance(node, Rows):  # a count may have hidden or shown single rows
            for row in node.rows:
                yield from refresh_visibility(row)
        return
    node.visible = visible
    yield node
    for child in below:
        yield from refresh_visibility(child)
