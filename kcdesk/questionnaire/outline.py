"""One walk over a sheet that says what stands on its paper: empty with all branches, or filled with what was asked.

Questions have the same numbers on both, so a rule may name them. Leaves drawing to others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kcdesk.domain.sheet_outline import Asked, Grid, Option, Outline, Part, Remark, Section
from kcdesk.questionnaire.conditions import in_words
from kcdesk.questionnaire.engine import Engine
from kcdesk.questionnaire.form import QUESTION, REPEAT, Definition, Expression, Form, Text
from kcdesk.questionnaire.nodes import Node, Rows
from kcdesk.questionnaire.profile import FILLED_BY_PROGRAM
from kcdesk.questionnaire.views import NodeView, columns_of

Shown = Callable[[NodeView], str]
"""A stored answer as people write it."""

MOST_BOXES = 12
"""Choices that are offered with boxes on paper; of a longer list one is written on a line."""
BLANK_ROWS = 5
BLANK_BLOCKS = 2
"""Rows of an empty table; of a repeat whose rows stand below each other."""
_SEVERAL = 3
_LONG = frozenset({"multiline"})
_TALL = frozenset({"image", "file"})


def outline(form: Form, engine: Engine, shown: Shown, *, blank: bool, record: str) -> Outline:
    """The paper of a sheet. blank: all branches, nothing filled in"""
    return _Outliner(form, engine, shown, blank=blank).whole(record)


class _Outliner:
    def __init__(self, form: Form, engine: Engine, shown: Shown, *, blank: bool) -> None:
        self._form = form
        self._engine = engine
        self._shown = shown
        self._blank = blank
        asked = [each for each in form.root.walk() if _is_numbered(each)]
        self._numbers = {each: number for number, each in enumerate(asked, start=1)}
        self._by_name = {each.name: each for each in form.root.walk()}

    def whole(self, record: str) -> Outline:
        return Outline(
            self._form.form_id,
            self._form.version,
            self._form.title,
            self._engine.language,
            record,
            tuple(self._below(self._engine.root)),
        )

    def _below(self, node: Node) -> Iterator[Part]:
        for child in node.children.values():
            if child.definition.shown and (self._blank or child.visible):
                yield from self._part(child)

    def _part(self, node: Node | Rows) -> Iterator[Part]:
        definition = node.definition
        condition = self._condition(definition)
        if isinstance(node, Rows):
            yield from self._repeat(node, condition)
        elif definition.kind != QUESTION:
            inside = tuple(self._below(node))
            if inside:
                yield Section(self._say(definition.label, node), condition, inside)
        elif definition.type == "note":
            if not (self._blank and _changes(definition.label)):
                yield Remark(self._say(definition.label, node), condition)
        else:
            yield self._question(node, condition)

    def _question(self, node: Node, condition: str) -> Asked:
        definition = node.definition
        view = NodeView(self._engine, node)
        lines = _SEVERAL if _LONG & set(definition.appearance) or definition.type in _TALL else 1
        options = self._options(view)
        answer = "" if self._blank or options else self._shown(view)
        required = definition.required is not None and (self._blank or view.required)
        return Asked(
            self._numbers[definition],
            self._say(definition.label, node),
            self._say(definition.hint, node) if self._blank else "",
            condition,
            required,
            answer,
            options,
            lines,
        )

    def _options(self, view: NodeView) -> tuple[Option, ...]:
        """The choices with boxes; none where they are too many, or follow from other answers."""
        if view.type == "acknowledge":
            return (Option(self._words("Đồng ý", "Agreed"), bool(view.value) and not self._blank),)
        itemset = view.definition.itemset
        if itemset is None or (self._blank and itemset.nodes.reads):
            return ()
        choices = view.choices
        if len(choices) > MOST_BOXES:
            return ()
        ticked = set() if self._blank else set(view.value.split())
        return tuple(Option(choice.label, choice.name in ticked) for choice in choices)

    def _repeat(self, rows: Rows, condition: str) -> Iterator[Part]:
        definition = rows.definition
        label = self._say(definition.label, rows)
        lines = [row for row in rows.rows if row.visible]
        if self._blank:
            empty = BLANK_ROWS if columns_of(definition) else BLANK_BLOCKS
            lines = [Node(definition, rows.parent, rows_of=rows, row=str(n)) for n in range(empty)]
        names = columns_of(definition)
        if names:
            columns = [definition.children[name] for name in names]
            cells = tuple(tuple(self._cell(row, name) for name in names) for row in lines)
            heads = tuple(self._say(column.label, rows) for column in columns)
            if self._blank or cells:
                yield Grid(self._numbers[definition], label, condition, heads, cells)
            return
        for number, row in enumerate(lines, start=1):
            title = f"{label} – {self._words('dòng', 'row')} {number}"
            yield Section(title, condition if number == 1 else "", tuple(self._below(row)))

    def _cell(self, row: Node, name: str) -> str:
        cell = row.children[name]
        if self._blank or not isinstance(cell, Node) or not cell.visible:
            return ""
        return self._shown(NodeView(self._engine, cell))

    def _condition(self, definition: Definition) -> str:
        if not self._blank or definition.relevant is None:
            return ""
        language = self._engine.language
        return in_words(definition.relevant.source, self._number_of, self._label_of, language)

    def _number_of(self, name: str) -> int | None:
        definition = self._by_name.get(name)
        return self._numbers.get(definition) if definition is not None else None

    def _label_of(self, question: str, choice: str) -> str:
        node = _first(self._engine.root, question)
        return self._engine.choice_name(node, choice) or choice if node is not None else choice

    def _say(self, text: Text, node: Node | Rows) -> str:
        """A text; on the empty paper with dots for what answers would put into it."""
        if not self._blank:
            return self._engine.say(text, node)
        parts = text.parts(self._engine.language)
        return "".join(part if isinstance(part, str) else "……" for part in parts)

    def _words(self, vietnamese: str, english: str) -> str:
        return english if self._engine.language == "en" else vietnamese


def _is_numbered(definition: Definition) -> bool:
    """Questions, and tables as a whole: their columns have heads of their own, repeats below each other a title."""
    in_table = any(
        columns_of(around) for around in definition.ancestors() if around is not definition
    )
    if not definition.shown or in_table:
        return False
    if definition.kind == REPEAT:
        return bool(columns_of(definition))
    return (
        definition.kind == QUESTION
        and definition.type != "note"
        and definition.type not in FILLED_BY_PROGRAM
    )


def _changes(text: Text) -> bool:
    """Whether a text says something only with answers in it."""
    return any(isinstance(part, Expression) for part in next(iter(text.by_language.values()), ()))


def _first(node: Node, name: str) -> Node | None:
    """A node of that name, wherever; of a repeat one that is made for looking."""
    for child in node.children.values():
        if isinstance(child, Rows):
            row = (
                child.rows[0] if child.rows else Node(child.definition, child.parent, rows_of=child)
            )
            found = _first(row, name)
        elif child.name == name:
            return child
        else:
            found = _first(child, name)
        if found is not None:
            return found
    return None
