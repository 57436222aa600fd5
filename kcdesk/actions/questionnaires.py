"""What a list of questionnaires says of one, and checking a workbook from outside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kcdesk.errors import BadInput
from kcdesk.questionnaire import load_workbook


@dataclass(frozen=True, slots=True)
class QuestionnaireInfo:
    id: str
    version: str
    title: str


def check_questionnaire(path: Path) -> QuestionnaireInfo:
    """Read a workbook from outside. Raises `WorkbookRefused` (a `BadInput`) with every problem in it."""
    if not path.is_file():
        raise BadInput(f"Không có tệp “{path}”.", hint="Kiểm tra đường dẫn.", code="no_file")
    one = load_workbook(path)
    return QuestionnaireInfo(one.id, one.version, one.title)
