"""Expressions of a questionnaire as text, and as a small tree.

Owns tokens and grammar: XPath 1.0 with the axes child, parent and self only (ODK XForms specification, "XPath
Axes"), plus the `${name}` of workbooks. Knows nothing of nodes, values or functions.
Nothing is ever handed to `eval`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

MAX_LENGTH = 10_000
"""Characters of an expression; a workbook is untrusted input."""
MAX_DEPTH = 100
"""Nested brackets and chained operators; keeps the walk over the tree within Python's stack."""


class SyntaxProblem(Exception):
    """An expression that does not follow the grammar. `found` is what was met, `code` says how it is wrong."""

    def __init__(self, code: str, found: str) -> None:
        super().__init__(f"{code}: {found}")
        self.code = code
        self.found = found


@dataclass(frozen=True, slots=True)
class Number:
    value: Decimal


@dataclass(frozen=True, slots=True)
class Literal:
    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """`${name}`, as it stands in a cell of a workbook."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Negate:
    operand: Tree


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path. `axis` is child, parent or self; `name` a node name or `*`."""

    axis: str
    name: str
    predicates: tuple[Tree, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """A location path; `start` is a node-set expression that it goes on from, or None."""

    start: Tree | None
    absolute: bool
    steps: tuple[Step, ...]
    predicates: tuple[Tree, ...] = ()
    """Predicates of `start` itself."""


@dataclass(frozen=True, slots=True)
class Union:
    """The nodes of several node-sets, each once and in document order."""

    parts: tuple[Tree, ...]


Tree = Number | Literal | Reference | Call | Binary | Negate | Path | Union

_NAME = r"[^\W\d][\w.\-]*"
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<number>\d+(?:\.\d*)?|\.\d+)
    | (?P<literal>"[^"]*"|'[^']*')
    | (?P<reference>\$\{{\s*{_NAME}\s*\}})
    | (?P<axis>{_NAME})\s*::
    | (?P<name>{_NAME}(?::{_NAME})?)
    | (?P<symbol>!=|<=|>=|//|\.\.|[-+*/=<>()\[\],.|@])
    )""",
    re.VERBOSE,
)
_LEVELS = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))
_OPERATOR_NAMES = frozenset({"or", "and", "div", "mod"})
_LEVEL_OF = {
    ("operator" if name == "*" or name in _OPERATOR_NAMES else "symbol", name): level
    for level, names in enumerate(_LEVELS)
    for name in names
}
_OPERAND_KINDS = frozenset({"number", "literal", "reference", "name"})
_OPERAND_ENDS = frozenset({")", "]", ".", ".."})
_AXES = frozenset({"child", "parent", "self"})


def parse(text: str) -> Tree:
    """The tree of an expression. Raises SyntaxProblem.

    >>> parse("1 + 2")
    Binary(operator='+', left=Number(value=Decimal('1')), right=Number(value=Decimal('2')))
    """
    if len(text) > MAX_LENGTH:
        raise SyntaxProblem("too_long", f"{text[:20]}…")
    parser = _Parser(list(_tokens(text)))
    tree = parser.expression()
    if parser.kind != "end":
        raise SyntaxProblem("unexpected", parser.text)
    return tree


def calls(tree: Tree) -> Iterator[Call]:
    """All function calls of a tree, outermost first."""
    for part in _walk(tree):
        if isinstance(part, Call):
            yield part


def references(tree: Tree) -> Iterator[str]:
    """All names in `${}` of a tree."""
    for part in _walk(tree):
        if isinstance(part, Reference):
            yield part.name


def _walk(tree: Tree) -> Iterator[Tree]:
    yield tree
    children: tuple[Tree, ...] = ()
    if isinstance(tree, Call):
        children = tree.arguments
    elif isinstance(tree, Binary):
        children = (tree.left, tree.right)
    elif isinstance(tree, Negate):
        children = (tree.operand,)
    elif isinstance(tree, Union):
        children = tree.parts
    elif isinstance(tree, Path):
        inner = tuple(predicate for step in tree.steps for predicate in step.predicates)
        children = (*(() if tree.start is None else (tree.start,)), *tree.predicates, *inner)
    for child in children:
        yield from _walk(child)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """(kind, text), with operator names told from node names by what stands before (XPath 1.0, 3.7)."""
    at, operand_before = 0, False
    stripped = text.rstrip()
    while at < len(stripped):
        found = _TOKEN.match(stripped, at)
        if found is None:
            raise SyntaxProblem("character", stripped[at:].lstrip()[:10])
        at = found.end()
        kind = found.lastgroup
        assert kind is not None
        word = found[kind]
        if kind == "literal":
            word = word[1:-1]
        elif kind == "reference":
            word = word[2:-1].strip()
        elif operand_before and (word == "*" or word in _OPERATOR_NAMES):
            kind = "operator"
        elif word == "*":
            kind = "name"
        operand_before = kind in _OPERAND_KINDS or (kind == "symbol" and word in _OPERAND_ENDS)
        yield kind, word
    yield "end", ""


class _Parser:
    """Precedence climbing over the six levels of binary operators."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @property
    def kind(self) -> str:
        return self._tokens[self._at][0]

    @property
    def text(self) -> str:
        return self._tokens[self._at][1]

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _is(self, *symbols: str) -> bool:
        return self.kind in {"symbol", "operator"} and self.text in symbols

    def _expect(self, symbol: str) -> None:
        if not self._is(symbol):
            raise SyntaxProblem("missing", symbol)
        self._next()

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise SyntaxProblem("too_deep", self.text)

    def expression(self, level: int = 0) -> Tree:
        before = self._depth
        left = self._unary()
        while (found := self._binary_level()) is not None and found >= level:
            self._deeper()
            operator = self._next()
            left = Binary(operator, left, self.expression(found + 1))
        self._depth = before
        return left

    def _binary_level(self) -> int | None:
        return _LEVEL_OF.get((self.kind, self.text))

    def _unary(self) -> Tree:
        if not self._is("-"):
            return self._union()
        self._deeper()
        self._next()
        operand = self._unary()
        self._depth -= 1
        return Negate(operand)

    def _union(self) -> Tree:
        parts = [self._path()]
        while self._is("|"):
            self._next()
            parts.append(self._path())
        return parts[0] if len(parts) == 1 else Union(tuple(parts))

    def _path(self) -> Tree:
        self._deeper()
        try:
            if self._is("//"):
                raise SyntaxProblem("axis", "//")
            if self._is("/"):
                self._next()
                return Path(None, True, self._steps() if self._starts_step() else ())
            if self._starts_step() and not self._starts_call():
                return Path(None, False, self._steps())
            return self._primary()
        finally:
            self._depth -= 1

    def _primary(self) -> Tree:
        tree: Tree
        kind = self.kind
        if kind == "number":
            tree = Number(Decimal(self._next()))
        elif kind == "literal":
            tree = Literal(self._next())
        elif kind == "reference":
            tree = Reference(self._next())
        elif kind == "name":
            tree = self._call()
        elif self._is("("):
            self._next()
            tree = self.expression()
            self._expect(")")
        elif kind == "end":
            raise SyntaxProblem("ends", "")
        else:
            raise SyntaxProblem("unexpected", self.text)
        predicates = self._predicates()
        if self._is("//"):
            raise SyntaxProblem("axis", "//")
        if self._is("/"):
            self._next()
            return Path(tree, False, self._steps(), predicates)
        return Path(tree, False, (), predicates) if predicates else tree

    def _call(self) -> Call:
        name = self._next()
        self._expect("(")
        arguments: list[Tree] = []
        if not self._is(")"):
            arguments.append(self.expression())
            while self._is(","):
                self._next()
                arguments.append(self.expression())
        self._expect(")")
        return Call(name, tuple(arguments))

    def _starts_call(self) -> bool:
        return (
            self.kind == "name"
            and self._tokens[self._at + 1] == ("symbol", "(")
            and self.text not in {"node", "text", "comment", "processing-instruction"}
        )

    def _starts_step(self) -> bool:
        return self.kind in {"name", "axis"} or self._is(".", "..", "@")

    def _steps(self) -> tuple[Step, ...]:
        steps = [self._step()]
        while self._is("/", "//"):
            if self._next() == "//":
                raise SyntaxProblem("axis", "//")
            steps.append(self._step())
        return tuple(steps)

    def _step(self) -> Step:
        if self._is("@"):
            raise SyntaxProblem("axis", "@")
        if self._is(".", ".."):
            axis = "self" if self._next() == "." else "parent"
            return Step(axis, "*", self._predicates())
        axis = self._next() if self.kind == "axis" else "child"
        if axis not in _AXES:
            raise SyntaxProblem("axis", f"{axis}::")
        if self.kind != "name":
            raise SyntaxProblem("unexpected" if self.text else "ends", self.text)
        name = self._next()
        if self._is("("):
            if name != "node":
                raise SyntaxProblem("unexpected", f"{name}(")
            self._next()
            self._expect(")")
            name = "*"
        return Step(axis, name, self._predicates())

    def _predicates(self) -> tuple[Tree, ...]:
        found: list[Tree] = []
        while self._is("["):
            self._next()
            found.append(self.expression())
            self._expect("]")
        return tuple(found)
