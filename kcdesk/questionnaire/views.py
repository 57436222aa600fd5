"""What the window, the command line and the paper see of an open sheet: one small read-only object per node.

Nothing is kept here; every property asks the sheet's engine at that moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kcdesk.questionnaire.engine import Engine
from kcdesk.questionnaire.entry import NotTaken, accept
from kcdesk.questionnaire.form import QUESTION, REPEAT, Definition, Text
from kcdesk.questionnaire.nodes import Node, Rows
from kcdesk.questionnaire.profile import FILLED_BY_PROGRAM, MAX_ROWS

MOST_COLUMNS = 6
"""Columns that stand beside each other on a small screen."""
_NO_CELL = frozenset(
    {"note", "select_multiple", "rank", "image", "file", "geopoint", "acknowledge"}
)
"""Types of question that need more room than a cell has."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of a select question: the name that is stored, and the label that people read."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer is not accepted.

    kind: `type` and `choice` (not stored), `constraint` and `required` (stored, but the sheet cannot be
          finished), `read_only` and `irrelevant` (not stored)
    """

    kind: str
    message: str


class NodeView:
    """A question, group, repeat or row of an open sheet, at this moment."""

    __slots__ = ("_engine", "_node", "depth")

    def __init__(self, engine: Engine, node: Node | Rows, depth: int = 0) -> None:
        self._engine = engine
        self._node = node
        self.depth = depth

    def __repr__(self) -> str:
        return f"<{self.kind} {self.path}>"

    @property
    def path(self) -> str:
        """`phone`, `machines`, `machines/<row>`, `machines/<row>/name`."""
        return self._node.path

    @property
    def name(self) -> str:
        return self._node.name

    @property
    def kind(self) -> str:
        """`question`, `group`, `repeat` or `row`."""
        if isinstance(self._node, Rows):
            return REPEAT
        return "row" if self._node.rows_of is not None else self._node.definition.kind

    @property
    def definition(self) -> Definition:
        """What the form says about it."""
        return self._node.definition

    @property
    def type(self) -> str:
        """Of a question: the value side of `profile.QUESTION_TYPES`; otherwise blank."""
        return self._node.definition.type

    @property
    def appearance(self) -> tuple[str, ...]:
        return self._node.definition.appearance

    @property
    def parameters(self) -> Mapping[str, str]:
        """Of a range: `start`, `end`, `step`."""
        return self._node.definition.parameters

    @property
    def meaning(self) -> tuple[str, str] | None:
        """The kind of record and its field that the answer says, from the column `bind::kc:field`."""
        return self._node.definition.meaning

    @property
    def value(self) -> str:
        """The stored text; blank for other nodes than questions."""
        return self._node.raw if isinstance(self._node, Node) else ""

    @property
    def relevant(self) -> bool:
        return self._node.visible

    @property
    def required(self) -> bool:
        return self._engine.holds(self._node.definition.required, self._node, otherwise=False)

    @property
    def read_only(self) -> bool:
        """Whether people may not change it: by its own or a surrounding read-only, or because it is computed."""
        definition = self._node.definition
        if (
            definition.type in FILLED_BY_PROGRAM
            or definition.type == "note"
            or definition.calculate
        ):
            return True
        node: Node | Rows | None = self._node
        while node is not None:
            if self._engine.holds(node.definition.read_only, node, otherwise=False):
                return True
            node = node.parent
        return False

    @property
    def label(self) -> str:
        return self._engine.say(self._node.definition.label, self._node)

    @property
    def hint(self) -> str:
        return self._engine.say(self._node.definition.hint, self._node)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What a select question offers now."""
        if not isinstance(self._node, Node):
            return ()
        return tuple(Choice(name, label) for name, label in self._engine.choices(self._node))

    @property
    def rows(self) -> tuple[NodeView, ...]:
        """The rows of a repeat."""
        if not isinstance(self._node, Rows):
            return ()
        shown = (row for row in self._node.rows if row.visible)
        return tuple(NodeView(self._engine, row, self.depth + 1) for row in shown)

    @property
    def columns(self) -> tuple[str, ...]:
        """Of a repeat that may stand as a table: the names of its questions; nothing when it holds more than that."""
        return columns_of(self._node.definition) if self.kind == REPEAT else ()

    @property
    def row_id(self) -> str:
        """Of a row: its stable id."""
        return self._node.row if isinstance(self._node, Node) else ""

    @property
    def can_add(self) -> bool:
        """Whether people may add a row to this repeat (and remove its rows)."""
        return (
            isinstance(self._node, Rows)
            and self._node.definition.counted is None
            and len(self._node.rows) < MAX_ROWS
        )

    @property
    def type_problem(self) -> Problem | None:
        """Whether what stands there is no answer to the question at all, also while it is not relevant."""
        node, definition = self._node, self._node.definition
        if not isinstance(node, Node) or definition.kind != QUESTION or not node.raw:
            return None
        offered = [choice.name for choice in self.choices]
        try:
            accept(node.raw, definition.type, definition.data, offered)
        except NotTaken as trouble:
            return Problem(trouble.code, say_not_taken(trouble, self._engine.language))
        return None

    @property
    def error(self) -> Problem | None:
        """What stands in the way of finishing the sheet at this question."""
        node, definition = self._node, self._node.definition
        if not isinstance(node, Node) or definition.kind != QUESTION or not node.visible:
            return None
        if not definition.control or definition.type == "note":
            return None
        if not node.raw:
            return self._required()
        if (trouble := self.type_problem) is not None:
            return trouble
        if not self._engine.holds(definition.constraint, node, otherwise=True):
            return Problem("constraint", self._message(definition.constraint_message, "constraint"))
        return None

    def _required(self) -> Problem | None:
        if not self.required:
            return None
        return Problem(
            "required", self._message(self._node.definition.required_message, "required")
        )

    def _message(self, text: Text, code: str) -> str:
        return self._engine.say(text, self._node) or say(code, self._engine.language)


def columns_of(definition: Definition) -> tuple[str, ...]:
    """The names of the questions of a repeat whose rows stand as lines of a table; nothing for any other."""
    inside = [child for child in definition.children.values() if child.shown]
    plain = all(
        child.kind == QUESTION
        and child.type not in _NO_CELL
        and "multiline" not in child.appearance
        for child in inside
    )
    fits = definition.kind == REPEAT and plain and len(inside) <= MOST_COLUMNS
    return tuple(child.name for child in inside) if fits else ()


def walk(engine: Engine, node: Node | Rows, depth: int = 0) -> Iterator[NodeView]:
    """What people see, in document order; groups, repeats and rows come before what they hold."""
    if not node.visible or not node.definition.shown:
        return
    inner = depth
    if node.parent is not None:
        yield NodeView(engine, node, depth)
        inner += 1
    below = node.rows if isinstance(node, Rows) else node.children.values()
    for child in below:
        yield from walk(engine, child, inner)


def say(code: str, language: str) -> str:
    """A standing sentence in Vietnamese, or in English for `en`."""
    vietnamese, english = SENTENCES[code]
    return english if language == "en" else vietnamese


def say_not_taken(trouble: NotTaken, language: str) -> str:
    return say(trouble.code if trouble.code == "choice" else trouble.expected, language)


SENTENCES = {
    "required": ("Câu này bắt buộc phải trả lời.", "This question must be answered."),
    "constraint": ("Câu trả lời không hợp lệ.", "This answer is not valid."),
    "read_only": ("Câu này do chương trình ghi, không sửa được.", "This answer cannot be changed."),
    "irrelevant": (
        "Câu này không áp dụng với các câu trả lời trước.",
        "This question does not apply with the answers before.",
    ),
    "choice": ("Lựa chọn này không có trong danh sách.", "This choice is not in the list."),
    "integer": ("Hãy ghi một số nguyên, ví dụ 12.", "Enter a whole number, for example 12."),
    "decimal": ("Hãy ghi một số, ví dụ 12.5.", "Enter a number, for example 12.5."),
    "date": ("Hãy ghi một ngày có thật.", "Enter a date that exists."),
    "time": ("Hãy ghi giờ và phút, ví dụ 08:30.", "Enter a time, for example 08:30."),
    "datetime": ("Hãy ghi ngày và giờ.", "Enter date and time."),
    "geopoint": (
        "Hãy ghi vĩ độ và kinh độ, ví dụ 22.4856 103.9707.",
        "Enter latitude and longitude, for example 22.4856 103.9707.",
    ),
    "acknowledge": ("Chỉ có thể đánh dấu hoặc bỏ trống.", "Tick it or leave it blank."),
    "counted": (
        "Số dòng của bảng này do chương trình tính.",
        "The number of rows of this table is computed.",
    ),
    "full": (f"Bảng này chỉ có tối đa {MAX_ROWS} dòng.", f"At most {MAX_ROWS} rows."),
    "no_node": ("Phiếu không có mục «{}».", "The sheet has no '{}'."),
}
