"""Checking a workspace, and making anew what can be made from its changes.

Owns the list of checks. What each looks at is its own room's: add a Check here for what else must be whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.domain.value import Value
from kcdesk.errors import WorkspaceError
from kcdesk.storage.safety.check import Difference, Progress

CheckProgress = Callable[[str, int, int], None]
"""Called with what is being checked, how much is done and of how much; what it raises stops the check."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at. `label` says what, for people who wait."""

    label: str
    find: Callable[[Desk, Progress], Iterable[Difference]]


CHECKS: tuple[Check, ...] = (
    Check("Tệp dữ liệu", lambda desk, _: desk.workspace.checker.file()),
    Check("Cấu trúc", lambda desk, _: desk.workspace.checker.schema()),
    Check("Số thứ tự và dấu kiểm", lambda desk, _: desk.workspace.checker.counters()),
    Check("Hồ sơ", lambda desk, progress: desk.workspace.checker.rows(progress)),
    Check("Chỉ mục tìm kiếm", lambda desk, _: desk.workspace.checker.search()),
    Check("Phần đang ghi dở", lambda desk, _: desk.workspace.checker.drafts()),
    Check("Dữ liệu phải xoá", lambda desk, _: desk.workspace.erasing.check()),
    Check("Ảnh và tài liệu", lambda desk, progress: desk.workspace.attachments.check(progress)),
)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found, and which of it has been made anew.

    records, changes: how many were looked at
    """

    changes: int
    found: tuple[Difference, ...]
    repaired: tuple[Difference, ...]

    @property
    def clean(self) -> bool:
        """Nothing is left that is not as it should be."""
        return len(self.found) == len(self.repaired)

    def as_json(self) -> dict[str, Value]:
        return {
            "clean": self.clean,
            "changes": self.changes,
            "differences": [
                {
                    "table": one.table,
                    "record": one.record,
                    "column": one.column,
                    "what": one.what,
                    "repaired": one in self.repaired,
                }
                for one in self.found
            ],
        }


def check(
    desk: Desk, *, repair: bool = False, progress: CheckProgress | None = None
) -> CheckReport:
    """Look at everything; with `repair` make anew what follows from changes. Changes are never written."""
    found: list[Difference] = []
    for one in CHECKS:
        found += [each for each in _found(desk, one, progress) if each not in found]
    repaired = desk.workspace.checker.repair(found) if repair else []
    changes = 0
    with suppress(WorkspaceError), desk.workspace.at_work():
        changes = desk.workspace.count_changes()
    desk.workspace.damage_told = True
    return CheckReport(changes, tuple(found), tuple(repaired))


def _found(desk: Desk, one: Check, progress: CheckProgress | None) -> list[Difference]:
    def tell(done: int, total: int) -> None:
        if progress is not None:
            progress(one.label, done, total)

    tell(0, 1)
    found: list[Difference] = []
    try:
        with desk.workspace.at_work():
            found.extend(one.find(desk, tell))
    except WorkspaceError as error:  # damage that keeps even from being looked at
        found.append(Difference("file", "", "", error.message))
    return found
