"""What the demonstration says of itself: steps, each with checks that were found true or not."""

from __future__ import annotations

import sys
from collections.abc import Sized
from dataclasses import dataclass, field

from kcdesk.domain.money import format_vnd


@dataclass(frozen=True)
class Check:
    """One thing that was read back: what it is, how it was found, and whether that is right."""

    label: str
    found: str
    right: bool


@dataclass
class Step:
    title: str
    checks: list[Check] = field(default_factory=list)

    @property
    def right(self) -> bool:
        return bool(self.checks) and all(check.right for check in self.checks)


@dataclass
class Minutes:
    """The steps so far; said line by line as they happen, unless `quiet`."""

    quiet: bool
    steps: list[Step] = field(default_factory=list)

    @property
    def right(self) -> bool:
        return bool(self.steps) and all(step.right for step in self.steps)

    def begin(self, title: str) -> None:
        self.steps.append(Step(title))
        self._say(f"{len(self.steps)}. {title}")

    def equal(self, label: str, found: object, wanted: object) -> None:
        """Note something that must be equal to what was read elsewhere."""
        right = found == wanted
        self._note(
            label, _shown(found) if right else f"{_shown(found)}, lẽ ra {_shown(wanted)}", right
        )

    def same_many(self, label: str, found: Sized, wanted: Sized) -> None:
        """Note a collection that must equal another; only how many there are is said, and none is not enough."""
        right = found == wanted and len(found) > 0
        wrong = f"{len(found)}, lẽ ra {len(wanted)} và giống hệt"
        self._note(label, _shown(len(found)) if right else wrong, right)

    def holds(self, label: str, found: object, right: bool) -> None:
        """Note something that must hold."""
        self._note(label, _shown(found), right)

    def as_json(self) -> dict[str, object]:
        return {
            "ok": self.right,
            "steps": [
                {
                    "title": step.title,
                    "ok": step.right,
                    "checks": [
                        {"label": c.label, "found": c.found, "ok": c.right} for c in step.checks
                    ],
                }
                for step in self.steps
            ],
        }

    def _note(self, label: str, found: str, right: bool) -> None:
        self.steps[-1].checks.append(Check(label, found, right))
        self._say(f"   {'đúng' if right else 'SAI '}  {label}: {found}")

    def _say(self, line: str) -> None:
        if not self.quiet:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, int):
        return format_vnd(value) if value >= 0 else str(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shown(one)}" for key, one in value.items())
    return str(value)
