"""Answered sheets of one questionnaire as tables: one for the sheets, one for each repeat, with its parent's id.

Sheets of several versions stand in one table: their questions are columns by name, those of the newest version first.
Only what was asked (relevant) is written; computed answers are computed again as the sheet's own version does.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from kcdesk.actions.desk import Desk
from kcdesk.actions.documents import Origin
from kcdesk.actions.editions import find_questionnaire
from kcdesk.actions.exporting import PERSONAL, Progress, write_tables
from kcdesk.actions.handing_out import note_papers
from kcdesk.actions.sheet_lists import ListedSheet, SheetFilter, find_sheets
from kcdesk.actions.surveys import answers_of, device_of
from kcdesk.domain.clock import HANOI
from kcdesk.domain.field_text import show_value
from kcdesk.domain.kinds import SURVEYS
from kcdesk.errors import BadInput, KcdeskError
from kcdesk.questionnaire import Questionnaire, Sheet
from kcdesk.questionnaire.form import QUESTION, REPEAT, Definition
from kcdesk.reports.spreadsheet import OutCell, OutTable

MOST_CHOICES = 60
"""Choices of one question that get columns of their own without having been chosen."""

_MOST_DIGITS, _FIRST_YEAR = 15, 1900
"""What the numbers and days of a spreadsheet hold; the rest stays text."""
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,14})?")
_UNSEEN = frozenset({"note"})
_NUMBERS = frozenset({"int", "decimal"})
_SEVERAL = "select_multiple"
_OF_PERSONS = PERSONAL | {"phonenumber"}
"""Fields, questions and types that are numbers of persons."""


@dataclass(frozen=True, slots=True)
class Style:
    """How answers are written.

    labels:   heads and choices as people read them; else names, as the questionnaire has them
    one:      several choices in one column, parted by `; ` (names: by blanks)
    each:     a column for each choice, 1 or 0
    personal: also questions that ask for numbers of persons
    language: of labels
    """

    labels: bool = True
    one: bool = True
    each: bool = False
    personal: bool = False
    language: str = "vi"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written. sheets: how many; files: where; unreadable: ids of sheets whose version is not here."""

    sheets: int
    files: tuple[Path, ...]
    unreadable: tuple[str, ...] = ()


def export_sheets(
    desk: Desk,
    path: Path,
    wanted: SheetFilter,
    style: Style | None = None,
    progress: Progress | None = None,
) -> Exported:
    """Write the sheets that a filter takes into a file, .xlsx or .csv by its name, and note in the book that they left.

    A workbook has a sheet for each repeat; beside a `.csv` lies one more for each, `<name>_<repeat>.csv`. Raises
    `BadInput` when the sheets are of several questionnaires, or for another kind of file; `WorkspaceError` when it
    cannot be written.
    """
    found = find_sheets(desk, wanted)
    asked = sorted({sheet.said("questionnaire") for sheet in found})
    if len(asked) > 1:
        raise BadInput(
            f"Các phiếu này thuộc {len(asked)} mẫu ({', '.join(asked)}); mỗi lần chỉ xuất được một mẫu.",
            hint="Chọn một mẫu phiếu rồi xuất lại.",
            code="several_questionnaires",
        )
    style = style or Style()
    writer = _Writer(style)
    unreadable: list[str] = []
    for number, listed in enumerate(found):
        if progress is not None:
            progress(number, len(found))
        opened = _opened(desk, listed, style.language)
        if opened is None:
            unreadable.append(listed.id)
        else:
            writer.add(listed, *opened)
    files = write_tables(path, writer.tables(asked[0] if asked else wanted.questionnaire))
    left_out = () if style.personal else sorted(PERSONAL)
    note_papers(desk, (Origin(""),), how="list", file_name=path.name, left_out=left_out)
    return Exported(len(found) - len(unreadable), files, tuple(unreadable))


def _opened(desk: Desk, listed: ListedSheet, language: str) -> tuple[Questionnaire, Sheet] | None:
    """The sheet as it was saved, by the version it was filled in by; None: that version is not here."""
    row = listed.listed.row
    try:
        known = find_questionnaire(
            desk,
            listed.said("questionnaire"),
            row.get("questionnaire_version"),
            row.get("edition"),
            trial=row.get("trial") is True,
        )
    except KcdeskError:
        known = None
    if known is None:
        return None
    questionnaire = known.questionnaire
    answers = answers_of(desk.workspace.state(SURVEYS.name, listed.id))
    sheet = questionnaire.open(
        answers,
        clock=desk.clock,
        randomness=desk.randomness,
        language=language,
        device=device_of(desk),
    )
    return questionnaire, sheet


@dataclass(slots=True)
class _Column:
    """A question in all versions.

    choices: names of several choices -> their labels, in order of the list
    counted: of a computed answer, which has no type of its own: whether it has been a plain number on every sheet
    """

    name: str
    label: str
    definition: Definition
    choices: dict[str, str] = field(default_factory=dict)
    counted: bool = True


@dataclass(slots=True)
class _Line:
    """What stands in one line, by name of the question: stored answer and the cell for it."""

    head: tuple[OutCell, ...]
    cells: dict[str, tuple[str, OutCell]] = field(default_factory=dict)


@dataclass(slots=True)
class _Table:
    """A repeat, or the sheets themselves (name blank)."""

    name: str
    label: str
    columns: dict[str, _Column] = field(default_factory=dict)
    lines: list[_Line] = field(default_factory=list)


_HEAD = ("sheet_id", "establishment_id", "of", "sheet_state", "questionnaire_version", "trial")
_HEAD_LABELS = ("Mã phiếu", "Mã cơ sở", "Cơ sở", "Trạng thái", "Phiên bản mẫu", "Mẫu thử")
_ROW_HEAD = ("row_id", "parent_id", "sheet_id", "row")
_ROW_HEAD_LABELS = ("Mã dòng", "Thuộc (mã phiếu hoặc mã dòng)", "Mã phiếu", "Dòng thứ")


class _Writer:
    """Gathers sheets, then says the tables: which choices get columns is known at the end only."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._tables: dict[tuple[str, ...], _Table] = {(): _Table("", "")}
        self._known: set[tuple[str, str]] = set()
        self._title = ""

    def add(self, listed: ListedSheet, questionnaire: Questionnaire, sheet: Sheet) -> None:
        if (questionnaire.id, questionnaire.version) not in self._known:
            self._known.add((questionnaire.id, questionnaire.version))
            self._learn(questionnaire, sheet)
        row = listed.listed.row
        state = SURVEYS.field("sheet_state")
        assert state is not None
        said = listed.said("sheet_state")
        whole = _Line(
            (
                listed.id,
                listed.said("establishment"),
                listed.name,
                show_value(state, row.get("sheet_state")) if self._style.labels else said,
                questionnaire.version,
                self._yes(listed.trial),
            )
        )
        self._tables[()].lines.append(whole)
        lines: dict[str, _Line] = {"": whole}
        places: Counter[str] = Counter()
        for view in sheet.walk():
            if view.kind == "row":
                repeat = view.path.rpartition("/")[0]
                around = repeat.rpartition("/")[0]
                places[repeat] += 1
                ids = (_row_id(listed.id, view.path), _row_id(listed.id, around), listed.id)
                lines[view.path] = _Line((*ids, places[repeat]))
                self._tables[_repeats(view.definition)].lines.append(lines[view.path])
        for path, stored in sheet.finished_answers().items():
            around, _, name = path.rpartition("/")
            line = lines.get(around)
            if line is not None:
                line.cells[name] = (stored, self._cell(sheet, path, stored))
                column = self._tables[_repeats(sheet.node(path).definition)].columns.get(name)
                if column is not None and not _PLAIN_NUMBER.fullmatch(stored):
                    column.counted = False

    def _learn(self, questionnaire: Questionnaire, sheet: Sheet) -> None:
        """The tables and columns of a version; what another version had already stays as it is."""
        for definition in questionnaire.form.root.walk():
            repeats = _repeats(definition)
            label = _plain(definition, sheet.language)
            if definition.kind == REPEAT:
                self._tables.setdefault(repeats, _Table(definition.name, label))
            elif self._asked(definition):
                column = self._tables[repeats].columns.setdefault(
                    definition.name, _Column(definition.name, label, definition)
                )
                if definition.type == _SEVERAL:
                    column.choices |= {
                        name: column.choices.get(name, text)
                        for name, text in sheet.all_choices(definition, MOST_CHOICES)
                    }

    def _asked(self, definition: Definition) -> bool:
        if definition.kind != QUESTION or definition.type in _UNSEEN or _is_meta(definition):
            return False
        said = {definition.name, definition.type}
        if definition.meaning is not None:
            said.add(definition.meaning[1].rpartition("/")[2])
        return self._style.personal or not said & _OF_PERSONS

    def _cell(self, sheet: Sheet, path: str, stored: str) -> OutCell:
        view = sheet.node(path)
        definition = view.definition
        if definition.itemset is not None:
            chosen = stored.split() if view.type != "select_one" else [stored]
            labels = {choice.name: choice.label for choice in view.choices}
            if view.type == _SEVERAL:
                column = self._tables[_repeats(definition)].columns.get(view.name)
                if column is not None:
                    for name in chosen:
                        column.choices.setdefault(name, labels.get(name, name))
            if not self._style.labels:
                return stored
            return "; ".join(labels.get(name) or name for name in chosen)
        return _typed(definition, stored)

    def _yes(self, holds: bool) -> OutCell:
        if self._style.labels:
            return "Mẫu thử" if holds else None
        return int(holds)

    # The tables as they are written

    def tables(self, questionnaire: str) -> list[OutTable]:
        labels = self._style.labels
        found = []
        for repeats, table in self._tables.items():
            head = (
                (_HEAD_LABELS if labels else _HEAD)
                if not repeats
                else (_ROW_HEAD_LABELS if labels else _ROW_HEAD)
            )
            columns = list(table.columns.values())
            heads = list(head)
            for column in columns:
                heads += (_unlike(each, column, heads) for each in self._heads(column))
            title = (table.label if labels else "") or table.name or questionnaire or SURVEYS.label
            rows = [
                (*line.head, *(cell for column in columns for cell in self._cells(column, line)))
                for line in table.lines
            ]
            found.append(OutTable(title, tuple(heads), rows, name=table.name))
        return found

    def _heads(self, column: _Column) -> Iterator[str]:
        head = (column.label if self._style.labels else "") or column.name
        if not self._in_parts(column) or self._style.one:
            yield head
        if self._in_parts(column):
            for name, label in column.choices.items():
                yield f"{head}: {label or name}" if self._style.labels else f"{head}/{name}"

    def _cells(self, column: _Column, line: _Line) -> Iterator[OutCell]:
        stored, cell = line.cells.get(column.name, ("", None))
        if column.counted and stored and column.definition.type == "calculate":
            cell = _number(stored)
        if not self._in_parts(column) or self._style.one:
            yield cell
        if self._in_parts(column):
            chosen = set(stored.split())
            yield from (int(name in chosen) if stored else None for name in column.choices)

    def _in_parts(self, column: _Column) -> bool:
        return self._style.each and column.definition.type == _SEVERAL


def _unlike(head: str, column: _Column, heads: Sequence[str]) -> str:
    """A head that says which question it is, where the label alone does not."""
    return f"{head} ({column.name})" if head in heads else head


def _row_id(sheet: str, path: str) -> str:
    """A row's id, which stays the same for ever; of no row the sheet's."""
    return f"{sheet}/{path}" if path else sheet


def _repeats(definition: Definition) -> tuple[str, ...]:
    return tuple(each.name for each in definition.repeats)


def _is_meta(definition: Definition) -> bool:
    return any(each.name == "meta" and each.parent is not None for each in definition.ancestors())


def _plain(definition: Definition, language: str) -> str:
    """A label without the values it mentions."""
    parts: Sequence[object] = definition.label.parts(language)
    return " ".join("".join(p if isinstance(p, str) else "…" for p in parts).split())


def _number(stored: str) -> OutCell:
    number = Decimal(stored)
    if len(number.as_tuple().digits) > _MOST_DIGITS:
        return stored
    return int(number) if number == number.to_integral_value() else number


def _typed(definition: Definition, stored: str) -> OutCell:
    """An answer with the type that a spreadsheet has for it; what does not fit its type stays text."""
    try:
        if definition.data in _NUMBERS:
            return _number(stored)
        if definition.data == "date":
            day = datetime.date.fromisoformat(stored)
            return day if day.year >= _FIRST_YEAR else stored
        if definition.data == "dateTime":
            moment = datetime.datetime.fromisoformat(stored).astimezone(HANOI)
            return moment.replace(tzinfo=None) if moment.year >= _FIRST_YEAR else stored
    except (ValueError, InvalidOperation):
        pass
    return stored
