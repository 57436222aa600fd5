"""Which items of a long list a choice filter can let through at all, found in an index instead of one by one.

`item[province = /data/province and ...]` asks every item of a list for its province. Where a filter compares a child
of the items with something that is the same for all of them, the items with that text are looked up, and only they are
asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kcdesk.questionnaire import xpath
from kcdesk.questionnaire.xpath import Binary, Call, Literal, Negate, Path, Tree, Union

_SAME_FOR_ALL = frozenset({"current", "instance"})
_BY_PLACE = frozenset({"position", "last"})


class Equality(NamedTuple):
    """`child = other`, where `other` does not depend on the item."""

    child: str
    other: Tree


def equality_in(predicate: Tree) -> Equality | None:
    """An equality that every item let through must fulfil; None where none is plain, or the place of an item counts."""
    if any(isinstance(each, Call) and each.name in _BY_PLACE for each in _within(predicate)):
        return None
    for one in _conjuncts(predicate):
        if isinstance(one, Binary) and one.operator == "=":
            for side, other in ((one.left, one.right), (one.right, one.left)):
                child = _child_of_item(side)
                if child and _same_for_all(other):
                    return Equality(child, other)
    return None


def _conjuncts(tree: Tree) -> Iterator[Tree]:
    if isinstance(tree, Binary) and tree.operator == "and":
        yield from _conjuncts(tree.left)
        yield from _conjuncts(tree.right)
    else:
        yield tree


def _child_of_item(tree: Tree) -> str:
    match tree:
        case Path(None, False, (xpath.Step("child", name, ()),)) if name != "*":
            return name
    return ""


def _same_for_all(tree: Tree) -> bool:
    match tree:
        case Literal():
            return True
        case Path(_, True, _):
            return True
        case Path(Call(name, _), _, _):
            return name in _SAME_FOR_ALL
    return False


def _within(tree: Tree) -> Iterator[Tree]:
    yield tree
    match tree:
        case Binary(_, left, right):
            yield from _within(left)
            yield from _within(right)
        case Negate(operand):
            yield from _within(operand)
        case Union(parts):
            for part in parts:
                yield from _within(part)
        case Call(_, arguments):
            for argument in arguments:
                yield from _within(argument)
        case Path(start, _, steps, predicates):
            inner = (*predicates, *(each for step in steps for each in step.predicates))
            for each in inner if start is None else (start, *inner):
                yield from _within(each)
