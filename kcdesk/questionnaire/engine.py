"""Keeps an open sheet consistent: counts, relevance, calculations, choices and triggers after every change.

A change marks what reads it (`Form.dependants`); marked things are evaluated in topological order, and only
where they share the ancestor that the reading path passes. Questions to be asked lazily (required, constraint,
labels) are not evaluated here. Clock and randomness are the sheet's.
"""

from __future__ import annotations

import datetime
import heapq
from collections.abc import Iterable, Iterator
from decimal import Decimal

from kcdesk.domain.clock import Clock, Randomness, local_time
from kcdesk.domain.identifiers import new_row_id
from kcdesk.questionnaire import graph, moments
from kcdesk.questionnaire.evaluation import Context
from kcdesk.questionnaire.form import (
    NO_TEXT,
    Action,
    Definition,
    Expression,
    Form,
    Item,
    Itemset,
    Text,
    Vertex,
)
from kcdesk.questionnaire.nodes import Node, Rows, instances, refresh_visibility, walk
from kcdesk.questionnaire.profile import MAX_ROWS
from kcdesk.questionnaire.values import (
    Value,
    XNode,
    parse_number,
    to_boolean,
    to_nodes,
    to_number,
    to_string,
)

MAX_EVALUATIONS = 200_000
"""Of one settling: running totals look at other rows of their own column and might never come to rest."""
MAX_TRIGGERS = 1_000
"""Values that one change may set off by triggers, which may go in circles."""


class Engine:
    """The tree of one sheet with everything that keeps it up to date; the `Run` of its expressions."""

    def __init__(self, form: Form, clock: Clock, randomness: Randomness, language: str) -> None:
        self.form = form
        self.language = language
        self.root: Node = Node(form.root, None)
        self._clock = clock
        self._randomness = randomness
        self.shuffle_seed = int.from_bytes(randomness(4), "big")
        self._heap: list[tuple[int, int, Vertex, Node | Rows]] = []
        self._pending: set[tuple[int, int]] = set()
        self._pushed = 0
        self._changed: list[Node] = []

    # -- what expressions may ask ------------------------------------------------------------------

    def now(self) -> datetime.datetime:
        return local_time(self._clock())

    def random_bytes(self, size: int) -> bytes:
        return self._randomness(size)

    def instance(self, name: str) -> Item | None:
        return self.form.instances.get(name)

    def itext(self, key: str) -> str:
        return self.say(self.form.itext.get(key, NO_TEXT), self.root)

    def choice_name(self, node: XNode, value: str) -> str:
        assert isinstance(node, Node)
        return next((label for name, label in self.choices(node) if name == value), "")

    # -- asking ------------------------------------------------------------------------------------

    def evaluate(self, expression: Expression, node: Node | Rows) -> Value:
        return expression.evaluate(Context(node, node, self))

    def holds(self, expression: Expression | None, node: Node | Rows, *, otherwise: bool) -> bool:
        if expression is None:
            return otherwise
        return to_boolean(self.evaluate(expression, node))

    def say(self, text: Text, node: Node | Rows) -> str:
        """A text in the language of the sheet, with the values it mentions."""
        return "".join(
            part if isinstance(part, str) else to_string(self.evaluate(part, node))
            for part in text.parts(self.language)
        )

    def choices(self, node: Node) -> Iterator[tuple[str, str]]:
        """Name and label of the choices offered at a select question."""
        itemset = node.definition.itemset
        if itemset is None:
            return
        for choice in to_nodes(self.evaluate(itemset.nodes, node)):
            name = to_string(list(choice.select(itemset.value)))
            if name:
                yield name, self._choice_label(itemset, choice)

    def all_choices(self, definition: Definition, most: int) -> list[tuple[str, str]]:
        """Name and label of the choices of a list that is the same on every sheet; none of one longer than `most`."""
        itemset = definition.itemset
        if itemset is None or itemset.nodes.reads:
            return []
        nodes = to_nodes(self.evaluate(itemset.nodes, self.root))
        if len(nodes) > most:
            return []
        named = ((to_string(list(each.select(itemset.value))), each) for each in nodes)
        return [(name, self._choice_label(itemset, each)) for name, each in named if name]

    def offered(self, node: Node) -> set[str]:
        """The names of the choices offered at a select question."""
        itemset = node.definition.itemset
        if itemset is None:
            return set()
        nodes = to_nodes(self.evaluate(itemset.nodes, node))
        return {to_string(list(choice.select(itemset.value))) for choice in nodes}

    def _choice_label(self, itemset: Itemset, choice: XNode) -> str:
        label = to_string(list(choice.select(itemset.label)))
        return self.itext(label) if itemset.translated else label

    # -- changing ----------------------------------------------------------------------------------

    def put(self, node: Node, text: str) -> None:
        """Sets the text of a question and marks what reads it. `settle` does the rest."""
        if node.raw == text:
            return
        node.raw = text
        self.touch(node)
        if node.definition.actions:
            self._changed.append(node)

    def add_row(self, rows: Rows) -> Node:
        """A new last row with its defaults; everything in it is marked."""
        node = rows.add(new_row_id([row.row for row in rows.rows], self._randomness))
        for _changed in refresh_visibility(node):
            pass
        self.mark(walk(node))
        return node

    def run_new_row(self, node: Node) -> None:
        for action in self.form.new_repeat.get(node.definition.path, ()):
            self.run(action, node)

    def remove_row(self, node: Node) -> None:
        assert node.rows_of is not None
        for below in walk(node):
            self.touch(below)
        node.rows_of.rows.remove(node)

    def run(self, action: Action, around: Node) -> None:
        """`setvalue` at every node of the target that belongs to `around`."""
        shared = set(action.target.ancestors())
        anchor: Node | None = around
        while anchor is not None and anchor.definition not in shared:
            anchor = anchor.parent
        assert anchor is not None
        for target in instances(action.target, anchor):
            if isinstance(target, Node):
                text = action.text
                if action.expression is not None:
                    text = stored(self.evaluate(action.expression, target), target.definition)
                self.put(target, text)

    # -- coming to rest ----------------------------------------------------------------------------

    def mark(self, nodes: Iterable[Node | Rows], *, choices: bool = True) -> None:
        """Marks everything that is computed at these nodes, and what reads them."""
        wanted = {id(node): node for node in nodes}
        by_definition: dict[Definition, list[Node | Rows]] = {}
        for node in wanted.values():
            by_definition.setdefault(node.definition, []).append(node)
        for vertex in self.form.vertices:
            if vertex.role == graph.CHOICES and not choices:
                continue
            for node in by_definition.get(vertex.definition, ()):
                self._push(vertex, node)
        for node in wanted.values():
            self.touch(node)

    def touch(self, node: Node | Rows) -> None:
        """Marks what reads this node."""
        for vertex, apex in self.form.dependants.get(node.definition, ()):
            anchor: Node | Rows | None = node
            while anchor is not None and anchor.definition is not apex:
                anchor = anchor.parent
            if anchor is not None:
                for target in instances(vertex.definition, anchor):
                    self._push(vertex, target)

    def _push(self, vertex: Vertex, node: Node | Rows) -> None:
        is_rows = isinstance(node, Rows)
        wrong = (
            (not is_rows)
            if vertex.role == graph.COUNT
            else (is_rows and vertex.role != graph.RELEVANT)
        )
        key = (vertex.rank, id(node))
        if not wrong and key not in self._pending:
            self._pending.add(key)
            self._pushed += 1
            heapq.heappush(self._heap, (vertex.rank, self._pushed, vertex, node))

    def settle(self, *, triggers: bool = True) -> None:
        """Evaluates what is marked until nothing changes any more, then runs triggers, and again."""
        for _ in range(MAX_TRIGGERS):
            self._drain()
            if not self._changed or not triggers:
                break
            node = self._changed.pop(0)
            for action in node.definition.actions:
                self.run(action, node)
        self._changed.clear()

    def _drain(self) -> None:
        budget = MAX_EVALUATIONS
        while self._heap and budget:
            budget -= 1
            rank, _, vertex, node = heapq.heappop(self._heap)
            self._pending.discard((rank, id(node)))
            self._update(vertex, node)
        self._heap.clear()
        self._pending.clear()

    def _update(self, vertex: Vertex, node: Node | Rows) -> None:
        if vertex.role == graph.RELEVANT:
            node.own = to_boolean(self.evaluate(vertex.expression, node))
            self._show(node)
        elif isinstance(node, Rows):
            self._count(node, to_number(self.evaluate(vertex.expression, node)))
        elif vertex.role == graph.CALCULATE:
            self.put(node, stored(self.evaluate(vertex.expression, node), node.definition))
        elif node.raw:
            offered = self.offered(node)
            self.put(node, " ".join(name for name in node.raw.split() if name in offered))

    def _show(self, node: Node | Rows) -> None:
        for changed in refresh_visibility(node):
            self.touch(changed)

    def _count(self, rows: Rows, wanted: Decimal) -> None:
        """As many rows as the count says; rows beyond it are kept, hidden, in case it grows again."""
        count = min(int(wanted), MAX_ROWS) if wanted.is_finite() else 0
        while len(rows.rows) < count:
            self.run_new_row(self.add_row(rows))
        for index, row in enumerate(rows.rows):
            row.beyond = index >= count
        self._show(rows)
        self.touch(rows)


def stored(value: Value, definition: Definition) -> str:
    """A computed value as the answer stores it: no NaN, whole numbers for `int`, days for `date`."""
    number = value if isinstance(value, Decimal) else None
    if definition.data == "int" and not isinstance(value, bool):
        number = parse_number(to_string(value)) if number is None else number
        if number is not None and number.is_finite():
            return str(int(number))
    if number is not None:
        if number.is_nan():
            return ""
        if definition.data == "date":
            return moments.date_of_days(number)
    return to_string(value)
