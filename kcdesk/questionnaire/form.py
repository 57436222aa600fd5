"""The compiled questionnaire: what may be asked, in a tree of definitions; no answers.

Owns the plain data that `xform` fills in and `sheet` walks. A definition stands for a node of the primary
instance on its generic path (`/data/machines/name`); how often it occurs is the sheet's matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kcdesk.questionnaire.evaluation import Evaluate

GROUP, REPEAT, QUESTION = "group", "repeat", "question"


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the labels: `vi`, and the name that the workbook gives it."""

    code: str
    name: str


class Read(NamedTuple):
    """A definition whose nodes an expression reads.

    apex:      the highest definition that the path to it passes: when a node changes, those who share that
               ancestor with it are evaluated again
    selective: the path picks rows by a predicate or number, so it may read other rows of its own column
    """

    definition: Definition
    apex: Definition
    selective: bool


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A compiled expression, its source as the XForm has it, and what it reads."""

    source: str
    evaluate: Evaluate
    reads: tuple[Read, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A text in several languages, each a sequence of plain pieces and expressions (`${}`)."""

    by_language: Mapping[str, tuple[str | Expression, ...]]

    def parts(self, language: str) -> tuple[str | Expression, ...]:
        """In that language, or in the first one that has it."""
        if language in self.by_language:
            return self.by_language[language]
        return next(iter(self.by_language.values()), ())


NO_TEXT = Text({})


@dataclass(frozen=True, slots=True)
class Itemset:
    """Where the choices of a select question come from.

    nodes gives the nodes of the choices; value and label name the child that holds each; with `translated`
    the label child holds an itext key.
    """

    nodes: Expression
    value: str
    label: str
    translated: bool


@dataclass(frozen=True, slots=True)
class Action:
    """`setvalue`: on one of `events`, `target` gets the value of `expression`, or `text`."""

    events: frozenset[str]
    target: Definition
    expression: Expression | None
    text: str


FIRST_LOAD, NEW_REPEAT, VALUE_CHANGED = (
    "odk-instance-first-load",
    "odk-new-repeat",
    "xforms-value-changed",
)


@dataclass(slots=True, eq=False)
class Definition:
    """One node of the form.

    kind:     group, repeat or question
    type:     of a question: the word of `profile.QUESTION_TYPES`; metadata and calculations too
    data:     of a question: the data type of its bind (`string`, `int`, `decimal`, `date` ...)
    default:  the static default
    control:  whether the form shows it to people
    counted:  `jr:count` of a repeat
    actions:  value-changed actions that this question sets off
    seed_rows: of a repeat: how many rows a new sheet starts with
    meaning:  (kind, field) of `kc:field`, the field of a record that the answer says; in a repeat the field is
              `table/column`; of a repeat (kind, table) of `kc:row`
    """

    name: str
    path: str
    kind: str
    parent: Definition | None
    children: dict[str, Definition] = field(default_factory=dict)
    type: str = ""
    data: str = "string"
    default: str = ""
    control: bool = False
    label: Text = NO_TEXT
    hint: Text = NO_TEXT
    appearance: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    relevant: Expression | None = None
    calculate: Expression | None = None
    constraint: Expression | None = None
    required: Expression | None = None
    read_only: Expression | None = None
    constraint_message: Text = NO_TEXT
    required_message: Text = NO_TEXT
    itemset: Itemset | None = None
    counted: Expression | None = None
    actions: list[Action] = field(default_factory=list)
    preload: tuple[str, str] = ("", "")
    seed_rows: int = 0
    meaning: tuple[str, str] | None = None

    def ancestors(self) -> Iterator[Definition]:
        """Itself, its parent, and so on to the root."""
        at: Definition | None = self
        while at is not None:
            yield at
            at = at.parent

    def walk(self) -> Iterator[Definition]:
        """Itself and everything below, in document order."""
        yield self
        for child in self.children.values():
            yield from child.walk()

    @property
    def shown(self) -> bool:
        """Whether people see it or something in it."""
        return self.control or any(child.shown for child in self.children.values())

    @property
    def repeats(self) -> list[Definition]:
        """The repeats around it, outermost first; itself when it is one."""
        return [at for at in self.ancestors() if at.kind == REPEAT][::-1]

    def __repr__(self) -> str:
        return f"<{self.kind} {self.path}>"


class Item:
    """A node of a list of choices, or of a csv file: name, text, children."""

    __slots__ = ("_children", "_indexes", "name", "parent", "text")
    definition = None

    def __init__(self, name: str, text: str = "", parent: Item | None = None) -> None:
        self.name = name
        self.text = text
        self.parent = parent
        self._children: dict[str, list[Item]] = {}
        self._indexes: dict[tuple[str, str], dict[str, list[Item]]] = {}
        if parent is not None:
            parent._children.setdefault(name, []).append(self)

    def select(self, name: str) -> Sequence[Item]:
        if name == "*":
            return [child for children in self._children.values() for child in children]
        return self._children.get(name, ())

    def having(self, name: str, child: str, text: str) -> Sequence[Item]:
        """Its children of that name whose `child` says `text`; a missing one says nothing. From an index made once."""
        index = self._indexes.get((name, child))
        if index is None:
            index = self._indexes[name, child] = {}
            for item in self.select(name):
                said = {each.text for each in item.select(child)} or {""}
                for each in said:
                    index.setdefault(each, []).append(item)
        return index.get(text, ())


@dataclass(frozen=True, slots=True)
class Vertex:
    """A thing to keep up to date: the `role` (count, relevant, calculate or choices) of a definition.

    rank: the order of evaluation; nothing depends on a vertex of higher rank
    """

    definition: Definition
    role: str
    expression: Expression
    rank: int


@dataclass(frozen=True, slots=True)
class Form:
    """Everything that opening a sheet needs.

    dependants: definition -> (vertex, highest shared definition) of what reads it
    """

    root: Definition
    form_id: str
    version: str
    title: str
    languages: tuple[Language, ...]
    itext: Mapping[str, Text]
    instances: Mapping[str, Item]
    first_load: tuple[Action, ...]
    new_repeat: Mapping[str, tuple[Action, ...]]
    vertices: tuple[Vertex, ...]
    dependants: Mapping[Definition, Sequence[tuple[Vertex, Definition]]]
