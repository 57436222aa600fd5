"""A tree becomes a closure: paths are resolved against the form, functions are looked up, mistakes are named.

Owns the meaning of paths (which nodes a step reaches, statically and at run time), of operators, and of the
functions that need more than the values of their arguments. The static part finds what an expression reads,
which is what order, cycles and recalculation rest on.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import regex  # type: ignore[import-untyped]

from kcdesk.questionnaire import nodesets, xpath
from kcdesk.questionnaire.evaluation import Context, Evaluate
from kcdesk.questionnaire.form import GROUP, REPEAT, Definition, Expression, Read
from kcdesk.questionnaire.functions import FUNCTIONS, special
from kcdesk.questionnaire.narrowing import equality_in
from kcdesk.questionnaire.nodesets import Nodes, Predicate
from kcdesk.questionnaire.values import (
    CONTEXT,
    Value,
    XNode,
    to_boolean,
    to_nodes,
    to_number,
    to_string,
)


class ExpressionProblem(Exception):
    """An expression that cannot be compiled. `code` and `subject` (the name it is about) say why."""

    def __init__(self, code: str, subject: str) -> None:
        super().__init__(f"{code}: {subject}")
        self.code = code
        self.subject = subject


class Place(NamedTuple):
    """What a path stands on while it is resolved, before any answers.

    at:   the definition; None outside of the form, in a list of choices
    apex: the highest definition passed so far
    """

    at: Definition | None
    apex: Definition | None


OUTSIDE = Place(None, None)


def compile_expression(
    source: str,
    origin: Definition,
    root: Definition,
    instances: frozenset[str],
    *,
    known_paths: bool = True,
) -> Expression:
    """The compiled form of `source` as it stands at `origin`. Raises ExpressionProblem.

    instances:   names of the lists of choices that `instance()` may ask for
    known_paths: whether a path that leads nowhere in the form is a problem; otherwise it reaches no nodes
    """
    try:
        tree = xpath.parse(source)
    except xpath.SyntaxProblem as problem:
        raise ExpressionProblem(problem.code, problem.found) from None
    compiler = _Compiler(origin, root, instances, known_paths=known_paths)
    evaluate = compiler.compile(tree, Place(origin, origin))
    return Expression(source, evaluate, tuple(dict.fromkeys(compiler.reads)))


def check_call(call: xpath.Call) -> None:
    """Whether there is such a function with so many arguments. Raises ExpressionProblem."""
    function = FUNCTIONS.get(call.name)
    if function is None:
        raise ExpressionProblem("function", call.name)
    count = len(call.arguments)
    if count < function.low or (function.high is not None and count > function.high):
        raise ExpressionProblem("arguments", call.name)
    if call.name == "indexed-repeat" and count % 2 == 0:
        raise ExpressionProblem("arguments", call.name)
    for index in function.nodes:
        if index < count and not _gives_nodes(call.arguments[index]):
            raise ExpressionProblem("nodes", call.name)
    if call.name == "regex" and isinstance(call.arguments[1], xpath.Literal):
        try:
            regex.compile(call.arguments[1].text)
        except regex.error:
            raise ExpressionProblem("pattern", call.arguments[1].text) from None


def _gives_nodes(tree: xpath.Tree) -> bool:
    if isinstance(tree, xpath.Call):
        return tree.name in {"instance", "current", "randomize"}
    if isinstance(tree, xpath.Union):
        return all(map(_gives_nodes, tree.parts))
    return isinstance(tree, xpath.Path | xpath.Reference)


class _Compiler:
    """Compiles one expression and collects what it reads."""

    def __init__(
        self,
        origin: Definition,
        root: Definition,
        instances: frozenset[str],
        *,
        known_paths: bool,
    ) -> None:
        self._known_paths = known_paths
        self._origin = origin
        self._root = root
        self._document = Definition("", "", GROUP, None, children={root.name: root})
        self._instances = instances
        self.reads: list[Read] = []

    def compile(self, tree: xpath.Tree, place: Place) -> Evaluate:
        match tree:
            case xpath.Number(number):
                return lambda _: number
            case xpath.Literal(text):
                return lambda _: text
            case xpath.Negate(operand):
                inner = self.compile(operand, place)
                return lambda context: CONTEXT.minus(to_number(inner(context)))
            case xpath.Binary(operator, left, right):
                return nodesets.operation(
                    operator, self.compile(left, place), self.compile(right, place)
                )
            case xpath.Call():
                return self._call(tree, place)
            case xpath.Path() | xpath.Union():
                return self._reading(tree, place)
            case xpath.Reference(name):
                raise ExpressionProblem("reference", name)

    # -- functions ---------------------------------------------------------------------------------

    def _call(self, call: xpath.Call, place: Place) -> Evaluate:
        check_call(call)
        action = FUNCTIONS[call.name].action
        if action is special:
            return self._special(call, place)
        arguments = [self.compile(argument, place) for argument in call.arguments]
        if len(arguments) == 1:
            only = arguments[0]
            return lambda context: action(context, (only(context),))
        return lambda context: action(context, [argument(context) for argument in arguments])

    def _special(self, call: xpath.Call, place: Place) -> Evaluate:
        arguments = call.arguments
        match call.name:
            case "if":
                test, then, otherwise = (self.compile(argument, place) for argument in arguments)
                return lambda c: then(c) if to_boolean(test(c)) else otherwise(c)
            case "once":
                inner = self.compile(arguments[0], place)
                return lambda c: c.current.text or to_string(inner(c))
            case "position" if not arguments:
                return lambda c: Decimal(c.position)
            case "position":
                nodes, places = self._resolve(arguments[0], place)
                # a place among siblings: it changes when any row of the repeat comes or goes
                self.reads += [Read(at, at.parent or at, False) for at, _ in places if at]
                return lambda c: nodesets.position(nodes(c))
            case "indexed-repeat":
                return self._indexed_repeat(arguments, place)
            case "jr:choice-name":
                return self._choice_name(arguments, place)
            case _:
                return self._reading(call, place)

    def _choice_name(self, arguments: tuple[xpath.Tree, ...], place: Place) -> Evaluate:
        value = self.compile(arguments[0], place)
        if not isinstance(arguments[1], xpath.Literal):
            raise ExpressionProblem("arguments", "jr:choice-name")
        try:
            path = xpath.parse(arguments[1].text)
        except xpath.SyntaxProblem as problem:
            raise ExpressionProblem(problem.code, problem.found) from None
        nodes = self._reading(path, place)

        def evaluate(context: Context) -> Value:
            found = nodes(context)
            return context.run.choice_name(found[0], to_string(value(context))) if found else ""

        return evaluate

    def _indexed_repeat(self, arguments: tuple[xpath.Tree, ...], place: Place) -> Evaluate:
        """The rows with the given numbers; of other repeats on the way the own row, or all."""
        target = self._definition(arguments[0], place)
        indexes = {
            self._definition(repeat, place): self.compile(index, place)
            for repeat, index in zip(arguments[1::2], arguments[2::2], strict=True)
        }
        own = set(self._origin.ancestors())
        way = [*target.ancestors()][-2::-1]
        self.reads += [Read(read, self._root, True) for read in (target, *indexes)]

        def evaluate(context: Context) -> Value:
            nodes: list[XNode] = [context.run.root]
            for step in way:
                children = [list(node.select(step.name)) for node in nodes]
                if step in indexes:
                    number = to_number(indexes[step](context))
                    index = int(number) - 1 if number.is_finite() else -1
                    children = [rows[index : index + 1] if index >= 0 else [] for rows in children]
                elif step.kind == REPEAT and step in own:
                    row = nodesets.climb(context.current, step)
                    children = [[node for node in rows if node is row] for rows in children]
                nodes = [node for rows in children for node in rows]
            return nodes

        return evaluate

    def _definition(self, tree: xpath.Tree, place: Place) -> Definition:
        _, (found, *_) = self._resolve(tree, place)
        if found.at is None:
            raise ExpressionProblem("nodes", "indexed-repeat")
        return found.at

    # -- paths -------------------------------------------------------------------------------------

    def _reading(self, tree: xpath.Tree, place: Place) -> Nodes:
        """The nodes of a path, whose values the expression then depends on."""
        nodes, places = self._resolve(tree, place)
        self.reads += [
            Read(at, apex, _selective(tree)) for at, apex in places if at and apex is not None
        ]
        return nodes

    def _resolve(self, tree: xpath.Tree, place: Place) -> tuple[Nodes, tuple[Place, ...]]:
        if isinstance(tree, xpath.Call):
            return self._source(tree, place)
        if isinstance(tree, xpath.Union):
            parts = [self._resolve(part, place) for part in tree.parts]
            places = tuple(each for _, those in parts for each in those)
            return nodesets.union([nodes for nodes, _ in parts]), places
        if not isinstance(tree, xpath.Path):
            raise ExpressionProblem("nodes", "/")
        rest = tree.steps
        nodes: Nodes
        if tree.absolute:
            nodes, places, rest = self._from_root(rest)
        elif tree.start is None:
            nodes, places = nodesets.here, (place,)
        else:
            nodes, places = self._resolve(tree.start, place)
        for predicate in tree.predicates:
            nodes = nodesets.filtered(nodes, self._predicate(predicate, places))
        for step in rest:
            nodes, places = self._step(nodes, places, step)
        return nodes, places

    def _source(self, call: xpath.Call, place: Place) -> tuple[Nodes, tuple[Place, ...]]:
        check_call(call)
        match call.name:
            case "current":
                return nodesets.current, (Place(self._origin, self._origin),)
            case "instance":
                name = call.arguments[0]
                if not isinstance(name, xpath.Literal):
                    raise ExpressionProblem("arguments", "instance")
                if name.text not in self._instances:
                    raise ExpressionProblem("instance", name.text)
                return nodesets.list_named(name.text), (OUTSIDE,)
            case "randomize":
                nodes, places = self._resolve(call.arguments[0], place)
                seed = [self.compile(argument, place) for argument in call.arguments[1:]]
                action = FUNCTIONS["randomize"].action
                return (
                    lambda c: to_nodes(action(c, [nodes(c), *(argument(c) for argument in seed)])),
                    places,
                )
            case _:
                raise ExpressionProblem("nodes", call.name)

    def _from_root(
        self, steps: tuple[xpath.Step, ...]
    ) -> tuple[Nodes, tuple[Place, ...], tuple[xpath.Step, ...]]:
        """Where an absolute path starts: at the root, or at the own row of the repeats it shares.

        Absolute paths inside repeats speak of the own row (specification, "A Big Deviation with XForms");
        a path that ends at the repeat itself means all rows.
        """
        if not steps or steps[0].name not in {self._root.name, "*"} or steps[0].axis != "child":
            if steps and not self._known_paths:
                return nodesets.nothing, (OUTSIDE,), ()
            raise ExpressionProblem("path", _spelled(steps, absolute=True))
        own = set(self._origin.ancestors())
        at, shared, taken = self._root, self._root, 1
        for index, step in enumerate(steps[1:-1], start=2):
            child = at.children.get(step.name)
            if step.axis != "child" or step.predicates or child is None:
                break
            at = child
            if at.kind == REPEAT and at in own:
                shared, taken = at, index
        rest = steps[taken:]
        if shared is self._root:
            return nodesets.root, (Place(self._root, self._root),), rest
        return nodesets.own_row(shared), (Place(shared, shared),), rest

    def _step(
        self, nodes: Nodes, places: tuple[Place, ...], step: xpath.Step
    ) -> tuple[Nodes, tuple[Place, ...]]:
        reached = tuple(place for before in places for place in self._reached(before, step))
        if not reached and not self._known_paths:
            reached = (OUTSIDE,)
        if not reached:
            where = places[0].at.path if places[0].at else ""
            raise ExpressionProblem(
                "path", f"{where}/{step.name}" if step.axis == "child" else ".."
            )
        if step.axis == "child":
            nodes = nodesets.children(nodes, step.name)
        elif step.axis == "parent":
            nodes = nodesets.parents(nodes)
        for predicate in step.predicates:
            nodes = self._filtered(nodes, predicate, reached)
        return nodes, reached

    def _reached(self, place: Place, step: xpath.Step) -> list[Place]:
        if place.at is self._root and step.axis == "parent":
            return [Place(self._document, self._root)]
        if place.at is self._document and step.axis == "child" and step.name == "*":
            return [Place(self._root, self._root)]
        return _reached(place, step)

    def _filtered(self, nodes: Nodes, tree: xpath.Tree, places: tuple[Place, ...]) -> Nodes:
        holds = self._predicate(tree, places)
        equality = equality_in(tree) if places == (OUTSIDE,) else None
        if equality is None:
            return nodesets.filtered(nodes, holds)
        wanted = self.compile(equality.other, OUTSIDE)
        return nodesets.filtered(nodes, holds, equality.child, wanted)

    def _predicate(self, tree: xpath.Tree, places: tuple[Place, ...]) -> Predicate:
        evaluate, *_ = [self.compile(tree, place) for place in places]

        def holds(context: Context) -> bool:
            value = evaluate(context)
            if isinstance(value, Decimal):
                return value == context.position
            return to_boolean(value)

        return holds


def _reached(place: Place, step: xpath.Step) -> list[Place]:
    """The places that a step leads to; none when the form has no such node."""
    at, apex = place
    if at is None or step.axis == "self":
        return [place]
    if step.axis == "parent":
        if at.parent is None:
            return []
        return [Place(at.parent, at.parent if at is apex else apex)]
    if step.name == "*":
        return [Place(child, apex) for child in at.children.values()]
    return [Place(at.children[step.name], apex)] if step.name in at.children else []


def _spelled(steps: tuple[xpath.Step, ...], *, absolute: bool) -> str:
    return ("/" if absolute else "") + "/".join(step.name for step in steps)


def _selective(tree: xpath.Tree) -> bool:
    """Whether a path picks some nodes by a predicate."""
    if isinstance(tree, xpath.Union):
        return any(map(_selective, tree.parts))
    return isinstance(tree, xpath.Path) and (
        bool(tree.predicates) or any(step.predicates for step in tree.steps)
    )
