"""What a list of questionnaires says of one, and checking a workbook from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kcdesk.domain.published.tables import ReportNeed
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput
from kcdesk.questionnaire import load_workbook


@dataclass(frozen=True, slots=True)
class QuestionnaireInfo:
    """own: added in this workspace;  trial: own in a workspace with a province, so it counts for nothing"""

    id: str
    version: str
    title: str
    own: bool = False
    trial: bool = False

    def as_json(self) -> dict[str, Value]:
        """`own` and `trial` stand there for own ones only."""
        told: dict[str, Value] = {"id": self.id, "version": self.version, "title": self.title}
        return {**told, "own": True, "trial": self.trial} if self.own else told

    @property
    def name(self) -> str:
        """Id and title as lists offer them: `TEST  Phiếu mới (mẫu thử)`."""
        mark = " (mẫu thử)" if self.trial else " (tự thêm)" if self.own else ""
        return f"{self.id}  {self.title}{mark}"


def check_questionnaire(path: Path, needs: Sequence[ReportNeed] = ()) -> QuestionnaireInfo:
    """Read a workbook from outside. Raises `WorkbookRefused` (a `BadInput`) with every problem in it.

    needs: what the reports need of questionnaires
    """
    require_file(path)
    one = load_workbook(path, needs=needs)
    return QuestionnaireInfo(one.id, one.version, one.title)


def require_file(path: Path) -> None:
    """Raise `BadInput` where there is no file."""
    if not path.is_file():
        raise BadInput(f"Không có tệp “{path}”.", hint="Kiểm tra đường dẫn.", code="no_file")
