"""What depends on what: an order in which everything can be computed once, or the circle that prevents it.

Vertices are the count, relevance and calculation of definitions, and the choices of filtered selects. The
last clear answers that are no longer offered; they come after everything else and may refer to each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from kcdesk.questionnaire.form import REPEAT, Definition, Expression, Vertex

COUNT, RELEVANT, CALCULATE, CHOICES = "count", "relevant", "calculate", "choices"

_Key = tuple[Definition, str]


class Circle(Exception):
    """Definitions whose expressions wait for each other, in order, the first again at the end."""

    def __init__(self, definitions: Sequence[Definition]) -> None:
        super().__init__(" → ".join(definition.name for definition in definitions))
        self.definitions = tuple(definitions)


def order(definitions: Iterable[Definition]) -> tuple[Vertex, ...]:
    """All vertices in an order of evaluation. Raises Circle."""
    found = {
        (definition, role): expression
        for definition in definitions
        for role, expression in _expressions(definition)
    }
    sorter: TopologicalSorter[_Key] = TopologicalSorter()
    for key, expression in found.items():
        sorter.add(key, *(wait for wait in _waits(key, expression) if wait in found))
    try:
        ordered = list(sorter.static_order())
    except CycleError as error:
        circle: list[_Key] = error.args[1][::-1]
        names = [definition for definition, _ in circle]
        raise Circle(
            [d for n, d in enumerate(names) if n == 0 or names[n - 1] is not d] or names
        ) from None
    ordered.sort(key=lambda key: key[1] == CHOICES)
    return tuple(
        Vertex(definition, role, found[definition, role], rank)
        for rank, (definition, role) in enumerate(ordered)
    )


def dependants(vertices: Iterable[Vertex]) -> dict[Definition, list[tuple[Vertex, Definition]]]:
    """definition -> what reads it, each with the highest definition that the reading path passes."""
    found: dict[Definition, list[tuple[Vertex, Definition]]] = {}
    for vertex in vertices:
        for read in vertex.expression.reads:
            entry = (vertex, read.apex)
            listed = found.setdefault(read.definition, [])
            if entry not in listed:
                listed.append(entry)
    return found


def _expressions(definition: Definition) -> Iterator[tuple[str, Expression]]:
    if definition.counted is not None:
        yield COUNT, definition.counted
    if definition.relevant is not None:
        yield RELEVANT, definition.relevant
    if definition.calculate is not None:
        yield CALCULATE, definition.calculate
    if definition.itemset is not None and definition.itemset.nodes.reads:
        yield CHOICES, definition.itemset.nodes


def _waits(key: _Key, expression: Expression) -> Iterator[_Key]:
    """What has to be known before an expression can be evaluated."""
    definition, role = key
    if role == CHOICES:
        return
    for read in expression.reads:
        if read.selective and read.definition is definition:
            continue  # another row of its own column, as in a running total
        yield read.definition, CALCULATE
        for around in read.definition.ancestors():
            yield around, RELEVANT
            if around.kind == REPEAT:
                yield around, COUNT
