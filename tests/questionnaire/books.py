"""Small workbooks for tests, made in memory the way a person would type them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from io import BytesIO

from openpyxl import Workbook

from kcdesk.questionnaire import Device, Questionnaire, Sheet, load_workbook

CLOCK_AT = 1_795_318_200_000  # 2026-11-22 10:30 in Vietnam
LABEL = "label::Tiếng Việt (vi)"
ENGLISH = "label::English (en)"

Row = dict[str, object]


def clock() -> int:
    return CLOCK_AT


class Chance:
    """Bytes that differ at every call and are the same in every run."""

    def __init__(self) -> None:
        self._random = random.Random(1)

    def __call__(self, size: int) -> bytes:
        return self._random.randbytes(size)


def q(type_: str, name: str, **cells: object) -> Row:
    """A row of the sheet `survey`; a label is made up for what people see."""
    row: Row = {"type": type_, "name": name, **cells}
    unseen = type_.startswith(("end", "calculate", "hidden", "start", "today", "username"))
    if not unseen and not any(heading.startswith("label") for heading in cells):
        row["label"] = f"Câu {name}"
    return row


def choices(**lists: Sequence[str | Row]) -> list[Row]:
    """Rows of the sheet `choices`: `markets=["a", "b"]`."""
    rows: list[Row] = []
    for name, entries in lists.items():
        for entry in entries:
            cells = (
                {"name": entry, "label": f"Lựa chọn {entry}"} if isinstance(entry, str) else entry
            )
            rows.append({"list_name": name, **cells})
    return rows


def book(
    survey: Sequence[Row], choice_rows: Sequence[Row] = (), settings: Row | None = None
) -> bytes:
    """The bytes of an .xlsx workbook."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    settings = {"form_id": "T", "version": "1", "form_title": "Thử"} | (settings or {})
    for title, rows in (("survey", survey), ("choices", choice_rows), ("settings", [settings])):
        sheet = workbook.create_sheet(title)
        headings = list(dict.fromkeys(heading for row in rows for heading in row))
        sheet.append(headings)
        for row in rows:
            sheet.append([row.get(heading) for heading in headings])
    buffer = BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def load(
    survey: Sequence[Row],
    choice_rows: Sequence[Row] = (),
    settings: Row | None = None,
    media: dict[str, bytes] | None = None,
) -> Questionnaire:
    return load_workbook(book(survey, choice_rows, settings), media)


def open_sheet(
    questionnaire: Questionnaire, answers: dict[str, str] | None = None, language: str = "vi"
) -> Sheet:
    return questionnaire.open(
        answers,
        clock=clock,
        randomness=Chance(),
        language=language,
        device=Device("d1", "lan", "0912345678", "lan@example.vn"),
    )
