"""What is being typed in forms: kept as it is typed, opened again as it was, dropped.

A draft keeps what its form was opened with, so saving it later is truthful about what its author had seen. Saving a
form drops its draft in the same transaction (`Workspace.save`, `closes`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.changes import State
from kcdesk.domain.clock import local_time
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.domain.value import Value
from kcdesk.errors import NotFound
from kcdesk.storage.drafts import Draft, Form


@dataclass(frozen=True, slots=True)
class ListedDraft:
    """A form that somebody left half filled in, for a list of them.

    title: of the establishment it is about;  since: `14:05 hôm qua`;  new: its record is not there yet
    """

    kind: str
    record: str
    establishment: str
    title: str
    since: str
    began_at: int
    at: int
    new: bool

    def as_json(self) -> dict[str, Value]:
        return {
            "kind": self.kind,
            "id": self.record,
            "establishment": self.establishment,
            "title": self.title,
            "new": self.new,
            "began_at": local_time(self.began_at).isoformat(timespec="seconds"),
            "at": local_time(self.at).isoformat(timespec="seconds"),
        }


def keep_draft(
    desk: Desk, form: Form, values: Mapping[str, Value], gone: Iterable[str] = ()
) -> Draft | None:
    """Keep what is typed in these fields of a form, and forget `gone`; the draft as it is then, None when empty."""
    desk.workspace.drafts.keep(form, values, gone, at=desk.clock())
    return desk.workspace.drafts.get(form.kind, form.record)


def draft_of(desk: Desk, kind: str, record: str) -> Draft | None:
    """The draft of the form of a record, or None."""
    return desk.workspace.drafts.get(kind, record)


def new_draft_of(desk: Desk, kind: str, establishment: str | None) -> Draft | None:
    """The draft, typed in last, of a record that is not there yet: of an establishment, or a new one for None."""
    drafts = desk.workspace.drafts
    found = (
        (draft for draft in drafts.every() if draft.form.kind == kind)
        if establishment is None
        else drafts.of_establishment(kind, establishment)
    )
    return next((draft for draft in found if seen_by(desk, draft.form) is None), None)


def seen_by(desk: Desk, form: Form) -> State | None:
    """The record as it was when the form was opened; None for a new one."""
    try:
        return desk.workspace.state(form.kind, form.record, form.seen)
    except NotFound:
        return None


def drop_draft(desk: Desk, kind: str, record: str) -> None:
    """Forget what was typed. Raises `NotFound` where nothing was."""
    if desk.workspace.drafts.get(kind, record) is None:
        raise NotFound("Không có phần đang ghi dở nào như vậy.", hint="Xem bằng kcdesk draft list.")
    desk.workspace.drafts.drop(kind, record)


def list_drafts(desk: Desk) -> list[ListedDraft]:
    """Every form left half filled in, the one typed in last first."""
    return [_listed(desk, draft) for draft in desk.workspace.drafts.every()]


def since_text(desk: Desk, draft: Draft) -> str:
    """When somebody began with a draft: `14:05`, `14:05 hôm qua`, `14:05 ngày 02/03/2026`."""
    began = local_time(draft.began_at)
    days = (desk.today - began.date()).days
    if days == 0:
        return f"{began:%H:%M} hôm nay"
    if days == 1:
        return f"{began:%H:%M} hôm qua"
    return f"{began:%H:%M} ngày {began:%d/%m/%Y}"


def _listed(desk: Desk, draft: Draft) -> ListedDraft:
    form = draft.form
    establishment = form.record if form.kind == ESTABLISHMENTS.name else form.establishment or ""
    try:
        title = str(desk.workspace.lists.get(ESTABLISHMENTS.name, establishment).get("name", ""))
    except NotFound:
        title = str(draft.values.get("name", ""))
    return ListedDraft(
        form.kind,
        form.record,
        establishment,
        title,
        since_text(desk, draft),
        draft.began_at,
        draft.at,
        seen_by(desk, form) is None,
    )
