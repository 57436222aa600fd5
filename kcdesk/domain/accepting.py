"""Soft findings that a person has accepted with a reason, as part of the record itself.

Owns where that stands: a table of the record with a row for each field and rule, and one cell that holds reason and
value together. The value tells what was looked at: when the field says something else, the rule asks again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from kcdesk.domain import codes
from kcdesk.domain.field_text import RULES
from kcdesk.domain.findings import Finding
from kcdesk.domain.kinds import ACCEPTED_FINDINGS, Kind
from kcdesk.domain.value import Value

_CELL = "accepted"


class Said(Protocol):
    """What a record says: a folded state, or a plain mapping."""

    def get(self, field: str, /) -> Value: ...


def accepted_path(field: str, code: str) -> str:
    """The field of the record that says that this rule was accepted for this field.

    >>> accepted_path("tax_code", "V-MST.checksum")
    'accepted_findings/tax_code.V-MST.checksum/accepted'
    """
    return f"{ACCEPTED_FINDINGS}/{field.replace('/', '.')}.{code}/{_CELL}"


def acceptance(value: Value, reason: str) -> Value:
    """What stands there."""
    return {"reason": reason, "value": value}


def reason_of(finding: Finding, record: Said) -> str | None:
    """Why a person accepted a finding about what the record says now; None: nobody did."""
    said = record.get(accepted_path(finding.field, finding.code))
    return _reason(said, record.get(finding.field))


def without_accepted(findings: Iterable[Finding], record: Said) -> tuple[Finding, ...]:
    """The findings that nobody has accepted yet for what the record says now."""
    return tuple(
        finding
        for finding in findings
        if finding.level == "hard" or reason_of(finding, record) is None
    )


def reason_in_row(finding: Finding, row: Mapping[str, Value], value: Value) -> str | None:
    """As `reason_of`, of a projected row (its tables are lists of rows) that would say `value`."""
    table = row.get(ACCEPTED_FINDINGS)
    name = accepted_path(finding.field, finding.code).split("/")[1]
    for each in table if isinstance(table, list) else ():
        if isinstance(each, dict) and each.get("row") == name:
            return _reason(each.get(_CELL), value)
    return None


def findings_of(kind: Kind, record: Said) -> tuple[Finding, ...]:
    """The soft findings about the values of a record as they stand, accepted ones too."""
    found: list[Finding] = []
    for field in kind.fields:
        value = record.get(field.key)
        if field.key == "rep_id_no" and isinstance(value, str):
            gender = record.get("rep_gender")
            of = codes.check_personal_number(
                value, gender=gender if isinstance(gender, str) else None
            )
            found += of.findings
        elif field.key in RULES and isinstance(value, str):
            found += RULES[field.key](value).findings
    return tuple(finding for finding in found if finding.level == "soft")


def _reason(said: Value, value: Value) -> str | None:
    if isinstance(said, dict) and said.get("value") == value and said.get("reason"):
        return str(said["reason"])
    return None
