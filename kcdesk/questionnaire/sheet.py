"""An open answer sheet: the one object that window, command line and tests work with.

Owns opening, answering, rows, and the flat form in which a record stores the answers. Leaves computing to
`engine`, looking to `views`, other forms of the answers to `bindings` and `instance`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kcdesk.domain.clock import Clock, Randomness
from kcdesk.domain.sheet_outline import Outline
from kcdesk.errors import BadInput, NotFound
from kcdesk.questionnaire import bindings, instance, moments, views
from kcdesk.questionnaire.engine import Engine
from kcdesk.questionnaire.entry import NotTaken, accept
from kcdesk.questionnaire.form import QUESTION, Definition, Form
from kcdesk.questionnaire.nodes import Node, Rows, refresh_visibility
from kcdesk.questionnaire.nodes import walk as walk_nodes
from kcdesk.questionnaire.outline import Shown, outline
from kcdesk.questionnaire.profile import MAX_ROWS
from kcdesk.questionnaire.views import NodeView, Problem

DELETED = "deleted"
"""The cell of a row that says it is gone."""


@dataclass(frozen=True, slots=True)
class Device:
    """What a questionnaire may ask about who fills it in, and on what."""

    device_id: str = ""
    username: str = ""
    phone: str = ""
    email: str = ""


class Sheet:
    """One answer sheet. `answers`: as a record stores it; None opens a new sheet, with its defaults."""

    def __init__(
        self,
        form: Form,
        answers: Mapping[str, object] | None,
        *,
        clock: Clock,
        randomness: Randomness,
        language: str,
        device: Device,
    ) -> None:
        self._form = form
        self._engine = Engine(form, clock, randomness, language)
        self._preload(device)
        if answers is None:
            self._begin()
        else:
            self._restore(answers)

    # -- opening -----------------------------------------------------------------------------------

    def _preload(self, device: Device) -> None:
        now = self._engine.now()
        known = {
            "start": moments.moment_text(now),
            "end": moments.moment_text(now),
            "today": now.date().isoformat(),
            "deviceid": device.device_id,
            "username": device.username,
            "phonenumber": device.phone,
            "email": device.email,
        }
        for node in self._questions():
            if node.definition.type in known:
                node.raw = known[node.definition.type]
            elif node.definition.type == "instanceID":
                node.raw = f"uuid:{uuid.UUID(bytes=self._engine.random_bytes(16), version=4)}"

    def _begin(self) -> None:
        engine = self._engine
        self._seed(engine.root)
        engine.mark(walk_nodes(engine.root))
        engine.settle(triggers=False)
        for action in self._form.first_load:
            engine.run(action, engine.root)
        engine.settle(triggers=False)

    def _seed(self, node: Node) -> None:
        for child in node.children.values():
            if isinstance(child, Rows):
                wanted = 0 if child.definition.counted else child.definition.seed_rows
                for _ in range(wanted):
                    self._seed(self._engine.add_row(child))
            else:
                self._seed(child)

    def _restore(self, answers: Mapping[str, object]) -> None:
        """The rows and texts that the answers name; what the form does not know is left alone."""
        gone = tuple(
            path.removesuffix(DELETED)
            for path, value in answers.items()
            if path.endswith(f"/{DELETED}") and value is True
        )
        for node in self._questions():
            if node.definition.control or node.definition.calculate:
                node.raw = ""
        for path in sorted(answers):
            if not path.startswith(gone):
                found = self._place(self._engine.root, path.split("/"))
                if found is not None:
                    found.raw = _text(answers[path])
        self._engine.mark(walk_nodes(self._engine.root), choices=False)
        self._engine.settle(triggers=False)

    def _place(self, at: Node, parts: list[str]) -> Node | None:
        """The question at an answer path, with the rows on the way to it."""
        found = _below(at, parts[0])
        if isinstance(found, Rows) and len(parts) > 2:
            row = next((row for row in found.rows if row.row == parts[1]), None)
            if row is None:
                row = found.add(parts[1])
                for below in walk_nodes(row):
                    if isinstance(below, Node):
                        below.raw = ""
                for _changed in refresh_visibility(row):
                    pass
            return self._place(row, parts[2:])
        if isinstance(found, Node) and len(parts) == 1 and found.definition.kind == QUESTION:
            return found
        return None

    @property
    def form(self) -> Form:
        """What it asks."""
        return self._form

    # -- looking -----------------------------------------------------------------------------------

    @property
    def language(self) -> str:
        return self._engine.language

    @language.setter
    def language(self, code: str) -> None:
        """Labels, messages and choices speak another language from now on; answers stay."""
        self._engine.language = code
        self._engine.mark(
            walk_nodes(self._engine.root), choices=False
        )  # jr:choice-name speaks it too
        self._engine.settle()

    def node(self, path: str) -> NodeView:
        """The node at an answer path, relevant or not. Raises NotFound."""
        return NodeView(self._engine, self._find(path))

    def walk(self) -> Iterator[NodeView]:
        """All relevant nodes that people see, in document order, `depth` levels deep."""
        return views.walk(self._engine, self._engine.root)

    def first_error(self) -> NodeView | None:
        """The first question whose `error` stands in the way of finishing the sheet, or None."""
        return next((view for view in self.walk() if view.error is not None), None)

    def all_choices(self, definition: Definition, most: int) -> list[tuple[str, str]]:
        """Name and label of the choices of a question that follow from no other answer; none of longer lists."""
        return self._engine.all_choices(definition, most)

    # -- answering ---------------------------------------------------------------------------------

    def set_value(self, path: str, text: str) -> Problem | None:
        """Answers a question; None, or what is wrong with the answer (`Problem` says whether it is stored).

        Raises NotFound for a path that is no question of the sheet.
        """
        node = self._find(path)
        view = NodeView(self._engine, node)
        if not isinstance(node, Node) or node.definition.kind != QUESTION:
            raise self._no_node(path)
        if view.read_only:
            return Problem("read_only", views.say("read_only", self.language))
        if not view.relevant:
            return Problem("irrelevant", views.say("irrelevant", self.language))
        trouble = self._put(node, text)
        if trouble is not None:
            return Problem(trouble.code, views.say_not_taken(trouble, self.language))
        self._edited()
        return view.error

    def prefill(self, known: Mapping[str, object]) -> int:
        """Answers blank questions with what records already say; the number of answers given.

        known: `kind.field` -> value, as in `bind::kc:field`; cells as `kind.table/<row id>/column`, whose rows are
        made. Values that do not fit the question are left out.
        """
        for rows in [node for node in walk_nodes(self._engine.root) if isinstance(node, Rows)]:
            self._know_rows(rows, known)
        filled = 0
        for node in self._questions():
            meaning = node.definition.meaning
            key = f"{meaning[0]}.{bindings.field_of(node)}" if meaning else ""
            value = None if node.raw else known.get(key)
            if value is not None and value != "" and self._put(node, _text(value)) is None:
                filled += 1
        self._edited()
        return filled

    def _know_rows(self, rows: Rows, known: Mapping[str, object]) -> None:
        """The rows of the table that a repeat is, in place of the blank ones that a new sheet starts with."""
        if rows.definition.meaning is None:
            return
        prefix = "{}.{}/".format(*rows.definition.meaning)
        cells = [key.removeprefix(prefix) for key in known if key.startswith(prefix)]
        there = dict.fromkeys(sorted(cell.partition("/")[0] for cell in cells))
        wanted = [row for row in there if known.get(f"{prefix}{row}/{DELETED}") is not True]
        if not wanted or rows.definition.counted is not None:
            return
        for blank in [row for row in rows.rows if not any(map(_answered, walk_nodes(row)))]:
            self._engine.remove_row(blank)
        for row in wanted[: MAX_ROWS - len(rows.rows)]:
            self._engine.mark(walk_nodes(rows.add(row)))
        self._engine.settle(triggers=False)

    def _put(self, node: Node, text: str) -> NotTaken | None:
        definition = node.definition
        offered = [name for name, _ in self._engine.choices(node)]
        try:
            self._engine.put(node, accept(text, definition.type, definition.data, offered))
        except NotTaken as trouble:
            return trouble
        return None

    def _edited(self) -> None:
        now = moments.moment_text(self._engine.now())
        for node in self._questions():
            if node.definition.type == "end":
                self._engine.put(node, now)
        self._engine.settle()

    def add_row(self, path: str) -> str:
        """A new last row of the repeat at `path`; its id. Raises NotFound, BadInput (counted or full)."""
        rows = self._find(path)
        if not isinstance(rows, Rows):
            raise self._no_node(path)
        if rows.definition.counted is not None:
            raise BadInput(views.say("counted", self.language))
        if len(rows.rows) >= MAX_ROWS:
            raise BadInput(views.say("full", self.language))
        row = self._engine.add_row(rows)
        self._engine.settle()
        self._engine.run_new_row(row)
        self._engine.settle()
        return row.row

    def remove_row(self, path: str) -> None:
        """Removes the row at `machines/<row>`. Raises NotFound, BadInput (counted)."""
        row = self._find(path)
        if not isinstance(row, Node) or row.rows_of is None:
            raise self._no_node(path)
        if row.definition.counted is not None:
            raise BadInput(views.say("counted", self.language))
        self._engine.remove_row(row)
        self._engine.settle()

    # -- the answers in other forms ----------------------------------------------------------------

    def answers(self) -> dict[str, str]:
        """Every answer, also those that are not relevant at the moment: answer path -> text.

        `Questionnaire.open(answers)` restores the sheet from it. Rows are named by their ids; a row without any
        answer is there with one blank answer.
        """
        found: dict[str, str] = {}
        for node in walk_nodes(self._engine.root):
            if not isinstance(node, Node):
                continue
            if node.rows_of is not None and not any(_answered(below) for below in walk_nodes(node)):
                question = next(filter(_is_question, walk_nodes(node)), None)
                if question is not None:
                    found[question.path] = ""
            elif _answered(node):
                found[node.path] = node.raw
        return found

    def finished_answers(self) -> dict[str, str]:
        """The relevant answers only: what a finished sheet says."""
        return {node.path: node.raw for node in self._questions() if node.raw and node.visible}

    def proposals(self) -> list[tuple[str, str, bindings.FieldValue]]:
        """What the relevant answers say about records: (kind, field, value), by `bind::kc:field`."""
        return bindings.proposals(self._engine.root)

    def outline(self, shown: Shown, *, blank: bool = False, record: str = "") -> Outline:
        """What stands on the paper of this sheet. shown: an answer as people write it; blank: all branches, empty"""
        return outline(self._form, self._engine, shown, blank=blank, record=record)

    def instance_xml(self) -> str:
        """The submission as ODK instance XML: relevant nodes only."""
        return instance.write(self._form, self._engine.root)

    # -- finding -----------------------------------------------------------------------------------

    def _questions(self) -> Iterator[Node]:
        for node in walk_nodes(self._engine.root):
            if isinstance(node, Node) and node.definition.kind == QUESTION:
                yield node

    def _find(self, path: str) -> Node | Rows:
        at: Node | Rows | None = self._engine.root
        for part in path.split("/"):
            if isinstance(at, Rows):
                at = next((row for row in at.rows if row.row == part), None)
            elif at is not None:
                at = _below(at, part)
        if at is None:
            raise self._no_node(path)
        return at

    def _no_node(self, path: str) -> NotFound:
        return NotFound(views.say("no_node", self.language).format(path))


def _below(at: Node, name: str) -> Node | Rows | None:
    """The child of that name; groups on the way do not count."""
    for child in at.children.values():
        if child.name == name:
            return child
        if isinstance(child, Node) and child.children:
            found = _below(child, name)
            if found is not None:
                return found
    return None


def _is_question(node: Node | Rows) -> bool:
    return isinstance(node, Node) and node.definition.kind == QUESTION


def _answered(node: Node | Rows) -> bool:
    return isinstance(node, Node) and node.definition.kind == QUESTION and node.raw != ""


def _text(value: object) -> str:
    """A value of a record as the text of an answer."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)
