"""What speaks for supporting an establishment and what against: eligibility and priority, from what its records say.

Both advise and stop nobody. The criteria are `domain.eligibility` and `domain.priority`; this says which facts the
records give. What they do not say stays open, for a person to look at.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from kcdesk.actions.desk import Desk
from kcdesk.actions.editions import current
from kcdesk.actions.records import get_record, records_of
from kcdesk.actions.support import Part
from kcdesk.actions.surveys import answers_of, surveys_of
from kcdesk.domain.code_lists import FigureBasis, Gender, PriorityFlag
from kcdesk.domain.eligibility import Answer, Facts, Rules, Verdict, judge, overall
from kcdesk.domain.kinds import ESTABLISHMENTS, FIGURES, SURVEYS
from kcdesk.domain.money import format_decimal
from kcdesk.domain.priority import Priority, prioritise
from kcdesk.domain.unit_table import UnitTable
from kcdesk.domain.value import Value
from kcdesk.errors import NotFound
from kcdesk.resources import resource_path
from kcdesk.storage.reading.lists import Row

MANY_WORKERS = 50
"""Labour-intensive: 50 workers or more (dossier 4.4)."""
LOCAL_SHARE = 50
"""Local raw material: more than this percentage from the province (dossier 4.4)."""


@dataclass(frozen=True, slots=True)
class Advice:
    """On a day: the criteria of eligibility, and of priority."""

    day: datetime.date
    eligibility: tuple[Answer, ...]
    priority: Priority

    @property
    def verdict(self) -> Verdict:
        return overall(self.eligibility)

    def as_json(self) -> dict[str, Value]:
        return {
            "date": self.day.isoformat(),
            "eligible": self.verdict.value,
            "eligibility": [
                {
                    "criterion": one.criterion,
                    "verdict": one.verdict.value,
                    "reason": one.reason,
                    "source": one.source or None,
                    "confidence": one.confidence.value,
                }
                for one in self.eligibility
            ],
            "priority_score": format_decimal(self.priority.score).replace(",", "."),
            "priority": [
                {
                    "flag": one.flag.value,
                    "met": one.met,
                    "weight": format_decimal(one.weight).replace(",", "."),
                }
                for one in self.priority.criteria
            ],
        }


def advise(
    desk: Desk, establishment: str, day: datetime.date, *, cleaner_production: bool = False
) -> Advice:
    """Raises `NotFound`."""
    row = get_record(desk, ESTABLISHMENTS.name, establishment).row
    figures = _newest_figures(desk, establishment)
    answers = _newest_answers(desk, establishment)
    facts = Facts(
        _text(row.get("legal_form")),
        _unit_and_province(desk.units, row),
        _old_unit_and_province(desk.units, row),
        _text(row.get("vsic")),
        _whole(figures.get("workers")),
        _whole(figures.get("revenue")),
        _whole(figures.get("capital")),
        cleaner_production,
    )
    met = _flags(row, figures, answers)
    weights = current(desk).weights()
    return Advice(day, judge(_rules(), facts, day), prioritise(met, weights, day))


def in_words(advice: Advice) -> list[Part]:
    """A sentence for each criterion; what is not known is said to be open."""
    criteria = []
    for one in advice.eligibility:
        source = f" Căn cứ: {one.source} ({one.confidence.label})." if one.source else ""
        criteria.append(f"{one.label}: {one.verdict.label}. {one.reason}{source}")
    score, highest = format_decimal(advice.priority.score), format_decimal(advice.priority.highest)
    words = {True: "có", False: "không", None: "hồ sơ chưa ghi"}
    flags = [
        f"{one.flag.label}: {words[one.met]} (trọng số {format_decimal(one.weight)})."
        for one in advice.priority.criteria
    ]
    return [
        (f"Xét đối tượng tại ngày {advice.day:%d/%m/%Y}: {advice.verdict.label}", criteria),
        (f"Điểm ưu tiên {score}, cao nhất có thể {highest} (chỉ để tham khảo)", flags),
    ]


@cache
def _rules() -> Rules:
    return Rules.read(resource_path("eligibility.toml").read_bytes())


def _newest_figures(desk: Desk, establishment: str) -> Row:
    """The newest actual figures of a year; others where there are none."""
    rows = [one.row for one in records_of(desk, FIGURES.name, establishment)]
    return max(
        rows,
        key=lambda row: (row.get("basis") == FigureBasis.ACTUAL, _whole(row.get("year")) or 0),
        default={},
    )


def _newest_answers(desk: Desk, establishment: str) -> dict[str, Value]:
    """The answers of its newest survey sheet that was kept."""
    kept = [one.row for one in surveys_of(desk, establishment) if one.row.get("survey_date")]
    if not kept:
        return {}
    newest = max(kept, key=lambda row: str(row["survey_date"]))
    try:
        return answers_of(desk.workspace.state(SURVEYS.name, str(newest["id"])))
    except NotFound:  # begun and never saved
        return {}


def _flags(row: Row, figures: Row, answers: dict[str, Value]) -> dict[PriorityFlag, bool | None]:
    gender, ethnic, workers = row.get("rep_gender"), row.get("rep_ethnic"), figures.get("workers")
    kinds = set(_cells(answers, "certificates", "certificate_kind"))
    return {
        PriorityFlag.WOMEN_OWNED: None if gender is None else gender == Gender.FEMALE,
        PriorityFlag.ETHNIC_OWNED: None if ethnic is None else ethnic != "KINH",
        PriorityFlag.LABOUR_INTENSIVE: (
            workers >= MANY_WORKERS if isinstance(workers, int) else None
        ),
        PriorityFlag.EXPORT: _exports(row.get("markets"), figures.get("export_value")),
        PriorityFlag.LOCAL_MATERIAL: _local(_cells(answers, "materials", "material_local")),
        PriorityFlag.TYPICAL_PRODUCT: True if "TYPICAL" in kinds else None,
    }


def _exports(markets: Value, value: Value) -> bool | None:
    if isinstance(value, int) and value > 0:
        return True
    return "EXPORT" in markets if isinstance(markets, list) and markets else None


def _local(shares: Iterable[str]) -> bool | None:
    """Of all materials or of none; where some are local and some are not, the values are not known."""
    local = {float(share) > LOCAL_SHARE for share in shares if share.replace(".", "", 1).isdigit()}
    return local.pop() if len(local) == 1 else None


def _cells(answers: dict[str, Value], table: str, column: str) -> list[str]:
    return [
        str(value)
        for path, value in answers.items()
        if path.startswith(f"{table}/") and path.endswith(f"/{column}") and value is not None
    ]


def _unit_and_province(units: UnitTable, row: Row) -> tuple[str, str] | None:
    try:
        commune = units.new_commune(str(row["commune"]))
    except (KeyError, NotFound):
        return None
    return commune.kind, units.provinces[commune.province].kind


def _old_unit_and_province(units: UnitTable, row: Row) -> tuple[str, str] | None:
    try:
        commune = units.old_commune(str(row["old_commune"]))
    except (KeyError, NotFound):
        return None
    return commune.kind, units.old_province_of(commune).kind


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: Value) -> int | None:
    return value if isinstance(value, int) else None
