"""Erasing personal data out of the history, as the law on it asks: what, why, on which paper.

The centre may, and whoever works alone. What anybody said of the named fields until now is gone for good from all that
kcdesk keeps; that it was said, by whom and when, stays. Files that people printed or saved elsewhere are out of reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from kcdesk.actions.backups import connected_second_home
from kcdesk.actions.desk import Desk
from kcdesk.changes import MERGED_INTO, Change
from kcdesk.changes.erasing import FIELDS, OF, OF_KIND
from kcdesk.changes.fold import DELETED
from kcdesk.domain.clock import local_time
from kcdesk.domain.codes import check_date
from kcdesk.domain.findings import Finding, soft
from kcdesk.domain.identifiers import RecordId, new_record_id
from kcdesk.domain.kinds import (
    ATTACHMENTS,
    ERASURES,
    SHEET_FIELDS,
    SURVEYS,
    WRITTEN_OF_ATTACHMENTS,
    kind_named,
    named_contents,
)
from kcdesk.domain.text import normalise
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, WorkspaceError
from kcdesk.storage.edits import Edit
from kcdesk.storage.erased_papers import Forgotten
from kcdesk.storage.folder.swap import SET_ASIDE

SHORTEST = 5
"""Letters of a text that is looked for in other records: shorter ones are codes and numbers, found everywhere."""

_KEPT = frozenset((DELETED, MERGED_INTO))
"""Fields that say nothing of a person, and hold the records together."""


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What an erasure would take away, and what it would not.

    fields:    as they were named
    cells:     the fields that are meant, each cell of a table by itself
    changes:   how many changes say something of them
    contents:  pictures and scans that go, with their small pictures
    drafts:    whether something of the record is half typed
    set_aside: the folder of files that a restore has set aside: they cannot be looked into, and go as a whole
    elsewhere: (kind, record, field) of what has the same texts in it and stays, unless it is erased too
    papers:    lines of the book of papers that lose their file name, or their taker for it has such a text in it
    pages:     scanned pages that wait without a code: nobody can know whose they are, so they go as a whole
    """

    kind: str
    record: str
    title: str
    fields: tuple[str, ...]
    cells: tuple[str, ...]
    changes: int
    contents: int
    drafts: bool
    set_aside: Path | None
    elsewhere: tuple[tuple[str, str, str], ...]
    papers: int = 0
    pages: int = 0

    def as_json(self) -> dict[str, Value]:
        return {
            "kind": self.kind,
            "id": self.record,
            "fields": list(self.fields),
            "cells": list(self.cells),
            "changes": self.changes,
            "contents": self.contents,
            "drafts": self.drafts,
            "papers": self.papers,
            "pages": self.pages,
            "set_aside": str(self.set_aside) if self.set_aside is not None else None,
            "elsewhere": [
                {"kind": kind, "id": record, "field": field}
                for kind, record, field in self.elsewhere
            ],
        }


@dataclass(frozen=True, slots=True)
class Erased:
    """One entry of the list of erasures. `at` is the clock of who made it; `paper_date` is an ISO date."""

    id: RecordId
    at: int
    who: str
    kind: str
    record: str
    fields: tuple[str, ...]
    reason: str
    paper: str
    paper_date: str

    def as_json(self) -> dict[str, Value]:
        return {
            "id": self.id,
            "at": local_time(self.at).isoformat(timespec="seconds"),
            "who": self.who,
            "kind": self.kind,
            "record": self.record,
            "fields": list(self.fields),
            "reason": self.reason,
            "paper": self.paper,
            "paper_date": self.paper_date,
        }


def plan_erasure(desk: Desk, kind: str, record: str, fields: Sequence[str] = ()) -> ErasurePlan:
    """What erasing `fields` (a table stands for all its cells) of a record would do.

    Of an attachment no field means its file and all that was read from it. Raises `NotFound`, `BadInput`.
    """
    _require_right(desk)
    of_kind = kind_named(kind)
    workspace = desk.workspace
    said = [one.change for one in workspace.journal.of_record(kind, record)]
    state = workspace.state(kind, record)
    if kind == ATTACHMENTS.name and not fields:
        kept = (WRITTEN_OF_ATTACHMENTS - {"title"}) | {of_kind.parent}
        fields = sorted(state.heads.keys() - kept - _KEPT)
    named = _found(kind, said, fields)
    touched = [change for change in said if any(change.set.get(name) is not None for name in named)]
    contents = {
        content
        for change in touched
        for content in named_contents(kind, {name: change.set.get(name) for name in named})
    }
    aside = workspace.folder / SET_ASIDE
    return ErasurePlan(
        kind,
        record,
        str(state.get(of_kind.title) or ""),
        tuple(dict.fromkeys(fields)),
        tuple(sorted(named)),
        len(touched),
        len(contents),
        workspace.drafts.get(kind, record) is not None,
        aside if aside.is_dir() else None,
        _elsewhere(desk, touched, named),
        _lines_of_book(desk, record, touched, named),
        sum(not page.record for page in workspace.papers.unread()) if touched else 0,
    )


def erase(
    desk: Desk, plan: ErasurePlan, *, reason: str, paper: str, paper_date: str
) -> tuple[Erased, tuple[Finding, ...]]:
    """Erase what one plan says; as `erase_together`."""
    (made,), findings = erase_together(
        desk, [plan], reason=reason, paper=paper, paper_date=paper_date
    )
    return made, findings


def erase_together(
    desk: Desk, plans: Sequence[ErasurePlan], *, reason: str, paper: str, paper_date: str
) -> tuple[list[Erased], tuple[Finding, ...]]:
    """Erase what `plans` say on one paper, for good, from everything kept here, all or nothing.

    findings: what a person has to do besides;  paper: its number;  paper_date: as people write dates
    Raises `BadInput`, `WorkspaceBusy` while another part of the program has the workspace open.
    """
    _require_right(desk)
    workspace = desk.workspace
    workspace.require_alone()
    reason, paper = normalise(reason), normalise(paper)
    if not reason or not paper:
        raise BadInput(
            "Xoá dữ liệu cá nhân phải có lý do và số văn bản.",
            hint="Ghi lý do chung, ví dụ “theo yêu cầu của chủ cơ sở”; đừng ghi lại thông tin cần xoá.",
            code="no_reason",
        )
    date = check_date(paper_date, field="paper_date", today=desk.today)
    if date.value is None:
        what = " ".join(finding.message for finding in date.findings) or "Chưa ghi ngày văn bản."
        raise BadInput(what, hint="Ghi dạng 05/03/2027.", code="no_paper_date")
    edits: list[Edit] = []
    for plan in plans:
        entry: dict[str, Value] = {
            OF_KIND: plan.kind,
            OF: plan.record,
            FIELDS: list(plan.fields),
            "reason": reason,
            "paper": paper,
            "paper_date": date.value,
        }
        edits.append(Edit(ERASURES.name, new_record_id(desk.clock, desk.randomness), entry))
        # Whoever reads the record from now on has seen this change, and with it the erasure before it.
        edits.append(Edit(plan.kind, plan.record, dict.fromkeys(plan.cells)))
    made = workspace.save(edits)
    findings = [*workspace.erasing.finish_and_tell(), *_second_place(desk)]
    return [_entry(desk, change) for change in made if change.kind == ERASURES.name], tuple(
        findings
    )


def list_erasures(desk: Desk) -> list[Erased]:
    """The list of erasures, the latest first."""
    found = [_entry(desk, erasure.by) for erasure in desk.workspace.erasing.every()]
    return sorted(found, key=lambda one: (one.at, one.id), reverse=True)


def _require_right(desk: Desk) -> None:
    """Raises `BadInput` for anybody but the centre and who works alone, and before all is delivered."""
    province = desk.workspace.province()
    if province is None:
        return
    if province.role != "centre":
        raise BadInput(
            "Chỉ trung tâm được xoá dữ liệu cá nhân khỏi lịch sử.",
            hint=f"Gửi yêu cầu và văn bản cho {province.name}.",
            code="no_right",
        )
    identity = desk.workspace.identity
    chain = desk.workspace.chain()
    if chain.last_n > chain.confirmed_n or identity.predecessors(unsettled_only=True):
        raise BadInput(
            "Còn thay đổi chưa gửi lên tỉnh nên chưa xoá được.",
            hint="Đồng bộ trước (kcdesk sync), rồi làm lại.",
            code="undelivered",
        )


def _found(kind: str, said: Sequence[Change], fields: Sequence[str]) -> set[str]:
    """The fields of the record that are meant. Raises `BadInput`."""
    there = {field for change in said for field in change.set}
    kept = _KEPT | {kind_named(kind).parent} | (SHEET_FIELDS if kind == SURVEYS.name else set())
    named: set[str] = set()
    for field in fields:
        meant = {name for name in there if name == field or name.startswith(f"{field}/")}
        meant = {name for name in meant if name.rpartition("/")[2] != DELETED}
        if not meant or field in kept:
            raise BadInput(
                f"Hồ sơ này không có mục “{field}” để xoá.",
                hint="Các mục đã ghi: " + ", ".join(sorted(there - kept)) + ".",
                code="no_field",
            )
        named |= meant
    if not named:
        raise BadInput("Chưa nói xoá mục nào.", hint="Ghi tên các mục cần xoá.", code="no_field")
    return named


def _lines_of_book(desk: Desk, record: str, touched: Sequence[Change], named: set[str]) -> int:
    forgotten = Forgotten(frozenset((record,)))
    for change in touched:
        for name in named:
            forgotten.learn_text(change.set.get(name))
    rows = (asdict(note) for note in desk.workspace.papers.all())
    return sum(forgotten.of_paper(row) != (row["file_name"], row["taker"]) for row in rows)


def _elsewhere(
    desk: Desk, touched: Sequence[Change], named: set[str]
) -> tuple[tuple[str, str, str], ...]:
    """Where else one of the texts stands: a person's name is written in many papers."""
    texts = {
        value.removeprefix("+84")  # a telephone number is written with a zero, too
        for change in touched
        for name, value in change.set.items()
        if name in named and isinstance(value, str) and len(value) >= SHORTEST
    }
    if not texts:
        return ()
    mine = {change.record for change in touched}
    found = {
        (change.kind, change.record, field): None
        for change in desk.workspace.changes()
        for field, value in change.set.items()
        if isinstance(value, str)
        and not (change.record in mine and field in named)
        and any(text in value for text in texts)
    }
    return tuple(found)


def _second_place(desk: Desk) -> list[Finding]:
    home = connected_second_home(desk)
    if home is not None:
        with suppress(WorkspaceError):
            desk.workspace.erasing.forget_in_second_place(home)
            return []
    if desk.workspace.setting("backup_place") is None:
        return []
    return [
        soft(
            "erasing.second_place",
            "",
            "Bản sao lưu ở nơi thứ hai vẫn còn dữ liệu đã xoá.",
            hint="Cắm ổ ấy vào và chạy: kcdesk backup --to THƯ_MỤC.",
        )
    ]


def _entry(desk: Desk, by: Change) -> Erased:
    persons = desk.workspace.devices()
    said = by.set
    fields = said.get(FIELDS)
    return Erased(
        RecordId(by.record),
        by.at,
        persons.get(by.device, by.device),
        str(said.get(OF_KIND)),
        str(said.get(OF)),
        tuple(map(str, fields)) if isinstance(fields, list) else (),
        str(said.get("reason", "")),
        str(said.get("paper", "")),
        str(said.get("paper_date", "")),
    )
