"""A sheet of 300 questions on screen, beside 300 bare lines to write in: prints the seconds of each as JSON.

A program of its own, for only here is Qt loaded.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from io import BytesIO

from openpyxl import Workbook
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from kcdesk.domain.clock import system_clock, system_randomness
from kcdesk.questionnaire import Questionnaire, load_workbook
from kcdesk.ui.start import application
from kcdesk.ui.widgets.sheet_page import SheetPage

GROUPS, QUESTIONS = 15, 20
ROUNDS = 9
ANSWERS = 120
SIZE = (1090, 560)


def questionnaire() -> Questionnaire:
    """Groups with every usual type: lines, numbers, choices, days, questions that others show, sums."""
    survey: list[tuple[str, ...]] = [
        ("type", "name", "label", "relevant", "constraint", "calculation", "required")
    ]
    kinds = ("text", "integer", "decimal", "select_one yes_no", "date", "select_one grade")
    for group in range(GROUPS):
        survey.append(("begin_group", f"g{group}", f"Nhóm {group + 1}", "", "", "", ""))
        for number in range(QUESTIONS):
            kind, name = kinds[number % len(kinds)], f"q{group}_{number}"
            shown = f"${{q{group}_3}} != 'no'" if number % 5 == 4 else ""
            right = ". >= 0" if kind in {"integer", "decimal"} else ""
            survey.append((kind, name, f"Câu hỏi số {number + 1}", shown, right, "", ""))
        total = f"coalesce(${{q{group}_1}}, 0) + coalesce(${{q{group}_2}}, 0)"
        survey.append(("calculate", f"sum{group}", "", "", "", total, ""))
        survey.append(("end_group", "", "", "", "", "", ""))
    choices = [
        ("list_name", "name", "label"),
        ("yes_no", "yes", "Có"),
        ("yes_no", "no", "Không"),
        *(("grade", str(grade), f"Mức {grade}") for grade in range(1, 8)),
    ]
    book = Workbook()
    for title, rows in (
        ("survey", survey),
        ("choices", choices),
        ("settings", [("form_id", "version", "form_title"), ("B300", "1", "300 câu")]),
    ):
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    del book["Sheet"]
    content = BytesIO()
    book.save(content)
    return load_workbook(content.getvalue())


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    QApplication.processEvents()
    return time.perf_counter() - start


def open_ours(form: Questionnaire) -> SheetPage:
    sheet = form.open(clock=system_clock, randomness=system_randomness)
    page = SheetPage(QPushButton())
    page.resize(*SIZE)
    page.show_sheet(sheet)
    page.show()
    page.answered.connect(
        lambda path, stored: (sheet.set_value(path, stored), page.show_sheet(sheet))
    )
    return page


def open_bare() -> QScrollArea:
    area, inside = QScrollArea(), QWidget()
    layout = QVBoxLayout(inside)
    for _ in range(GROUPS * QUESTIONS):
        layout.addWidget(QLineEdit())
    area.setWidgetResizable(True)
    area.setWidget(inside)
    area.resize(*SIZE)
    area.show()
    return area


def main() -> None:
    application()
    form = questionnaire()
    opened, bare = [], []
    for _ in range(ROUNDS):
        kept: list[QWidget] = []
        bare.append(timed(lambda kept=kept: kept.append(open_bare())))
        opened.append(timed(lambda kept=kept: kept.append(open_ours(form))))
        for widget in kept:
            widget.close()
            widget.deleteLater()
        QApplication.processEvents()
    page, lines = open_ours(form), open_bare()
    QApplication.processEvents()
    fields = lines.findChildren(QLineEdit)
    asked = [f"q{group}_{number}" for group in range(GROUPS) for number in (0, 1, 3)]
    values = {0: "Xưởng", 1: "12", 3: "no"}
    answers, sets = [], []
    for place in range(ANSWERS):
        path = asked[place % len(asked)]
        value = values[int(path.partition("_")[2])]
        value = {"no": "yes"}.get(value, value) if place // len(asked) % 2 else value
        answers.append(timed(lambda path=path, value=value: page.answered.emit(path, value)))
        field = fields[place % len(fields)]
        sets.append(timed(lambda field=field, place=place: field.setText(str(place))))
    sys.stdout.write(json.dumps({"open": opened, "bare": bare, "answer": answers, "set": sets}))


main()
