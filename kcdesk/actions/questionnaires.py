"""The questionnaires this version ships, and checking a workbook from outside."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kcdesk.errors import BadInput, NotFound
from kcdesk.questionnaire import Questionnaire, load_workbook
from kcdesk.resources import resource_path


@dataclass(frozen=True, slots=True)
class QuestionnaireInfo:
    id: str
    version: str
    title: str


def questionnaires() -> tuple[QuestionnaireInfo, ...]:
    """The questionnaires this version ships. Raises `BadInput` for one that cannot be read."""
    folder = resource_path("questionnaires")
    found = (load_questionnaire(path.stem) for path in sorted(folder.glob("*.xlsx")))
    return tuple(QuestionnaireInfo(one.id, one.version, one.title) for one in found)


@cache
def load_questionnaire(questionnaire: str) -> Questionnaire:
    """A questionnaire by its id (its file's name). Read once per process: it never changes while we run."""
    path = resource_path("questionnaires", f"{questionnaire}.xlsx")
    if not path.is_file():
        raise NotFound(
            f"Không có mẫu phiếu “{questionnaire}”.",
            hint="Xem các mẫu bằng kcdesk questionnaire list.",
        )
    return load_workbook(path)


def check_questionnaire(path: Path) -> QuestionnaireInfo:
    """Read a workbook from outside. Raises `WorkbookRefused` (a `BadInput`) with every problem in it."""
    if not path.is_file():
        raise BadInput(f"Không có tệp “{path}”.", hint="Kiểm tra đường dẫn.", code="no_file")
    one = load_workbook(path)
    return QuestionnaireInfo(one.id, one.version, one.title)
