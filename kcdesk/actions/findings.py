"""What the rules have to say about a record as it stands, and accepting it with a reason.

An acceptance is a change like any other: it travels, stands in the history, and colleagues are not asked again. It
holds for the value that was looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved
from kcdesk.domain.accepting import acceptance, accepted_path, findings_of, reason_of
from kcdesk.domain.field_text import field_named
from kcdesk.domain.findings import Finding
from kcdesk.domain.identifiers import RecordId
from kcdesk.domain.kinds import kind_named
from kcdesk.domain.text import normalise
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput
from kcdesk.storage.edits import Edit

MOST_LETTERS = 500


@dataclass(frozen=True, slots=True)
class RecordFinding:
    """A soft finding about a record, and why a person accepted it; None while nobody has."""

    finding: Finding
    label: str
    reason: str | None

    def as_json(self) -> dict[str, Value]:
        return {
            "field": self.finding.field,
            "code": self.finding.code,
            "level": self.finding.level,
            "message": self.finding.message,
            "hint": self.finding.hint,
            "accepted": self.reason,
        }


def list_findings(desk: Desk, kind: str, record: str) -> list[RecordFinding]:
    """All soft findings about a record, those that are open first. Raises `NotFound`."""
    of_kind = kind_named(kind)
    state = desk.workspace.state(kind, record)
    found = [
        RecordFinding(finding, field_named(of_kind, finding.field).label, reason_of(finding, state))
        for finding in findings_of(of_kind, state)
    ]
    return sorted(found, key=lambda one: one.reason is not None)


def accept_finding(desk: Desk, kind: str, record: str, field: str, code: str, reason: str) -> Saved:
    """Say that what a rule finds about a field is right as it stands, and why. Raises `BadInput`, `NotFound`."""
    given = require_reason(reason)
    state = desk.workspace.state(kind, record)
    found = findings_of(kind_named(kind), state)
    if not any(finding.field == field and finding.code == code for finding in found):
        named = ", ".join(f"{finding.field} {finding.code}" for finding in found)
        raise BadInput(
            f"Hồ sơ này không có nhận xét {code} ở mục “{field}”.",
            hint=f"Các nhận xét hiện có: {named}." if named else "Hồ sơ này không có nhận xét nào.",
            code="no_finding",
        )
    path = accepted_path(field, code)
    decided = acceptance(state.get(field), given)
    if state.get(path) == decided:
        return Saved(())
    desk.workspace.save([Edit(kind, record, {path: decided})])
    return Saved(((kind, RecordId(record)),))


def require_reason(reason: str) -> str:
    """The reason as it is kept. Raises `BadInput` for none, and for more than a sentence or two."""
    given = normalise(reason)
    if not given:
        raise BadInput("Cần ghi lý do chấp nhận nhận xét này.", code="no_reason")
    if len(given) > MOST_LETTERS:
        raise BadInput(f"Lý do dài hơn {MOST_LETTERS} chữ.", hint="Viết ngắn lại.")
    return given
