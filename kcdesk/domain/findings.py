"""Findings: what a rule has to say about one value, in a sentence a user reads.

Owns the shape only; rules live beside what they judge (`codes`, `money`). A hard finding says that there is no
usable value; a soft one that the value is kept and a person should look.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

T = TypeVar("T")

Level = Literal["hard", "soft"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark of one rule.

    code:    stable, the rule of dossier section 6.4 and what went wrong: `V-MST.checksum`
    field:   the key of the field judged
    message: one Vietnamese sentence that names the rule
    value:   what was judged, as it was written
    hint:    what to do next, or nothing
    """

    level: Level
    code: str
    field: str
    message: str
    value: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Checked(Generic[T]):
    """A value in the form in which it is stored, and what was found on the way.

    `value` is None when nothing was written or when a finding is hard.
    """

    value: T | None
    findings: tuple[Finding, ...] = ()


def hard(code: str, field: str, message: str, value: str = "", hint: str = "") -> Finding:
    return Finding("hard", code, field, message, value, hint)


def soft(code: str, field: str, message: str, value: str = "", hint: str = "") -> Finding:
    return Finding("soft", code, field, message, value, hint)


def any_hard(findings: Iterable[Finding]) -> bool:
    """Whether one of them is hard.

    >>> any_hard([soft("V-MST.checksum", "tax_code", "...")])
    False
    """
    return any(finding.level == "hard" for finding in findings)
