"""What the page of an establishment reads before it shows anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.actions.drafts import draft_of, new_draft_of, seen_by, since_text
from kcdesk.actions.findings import RecordFinding, list_findings
from kcdesk.actions.handing_out import BookLine, book_lines
from kcdesk.actions.history import HistoryEntry, history
from kcdesk.actions.merging import merged_into
from kcdesk.actions.records import ListedRecord, get_record, open_record, records_of
from kcdesk.actions.surveys import surveys_of
from kcdesk.changes import State
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.identifiers import new_record_id
from kcdesk.domain.kinds import ESTABLISHMENTS, FIGURES, NEEDS
from kcdesk.storage.drafts import Form
from kcdesk.ui.widgets.search_choice import Option


@dataclass(frozen=True, slots=True)
class RecordData:
    """What the screen shows of a record; None of a new one where there is nothing yet.

    form:         as its drafts are kept
    typed, since: what was typed in it when it was left without being saved, and since when
    findings:     soft ones about what it says, accepted ones too
    papers:       what of it left the program, for whom, and what came back
    into, merged: the establishment that it was merged into, and those that were merged into it
    """

    form: Form
    typed: Mapping[str, str]
    since: str
    state: State | None
    listed: ListedRecord | None
    figures: list[ListedRecord]
    surveys: list[ListedRecord]
    needs: list[ListedRecord]
    history: list[HistoryEntry]
    into: ListedRecord | None
    merged: list[ListedRecord]
    units: AdministrativeUnits
    communes: tuple[Option, ...]
    findings: Sequence[RecordFinding] = ()
    papers: Sequence[BookLine] = ()


def read_record(desk: Desk, record: str | None) -> RecordData:
    """Everything about an establishment, or an empty form, as it was left. Raises `NotFound`."""
    communes = communes_of(desk)
    kind = ESTABLISHMENTS.name
    draft = new_draft_of(desk, kind, None) if record is None else draft_of(desk, kind, record)
    typed = {path: str(text) for path, text in draft.values.items()} if draft else {}
    since = since_text(desk, draft) if draft else ""
    if record is None:
        form = draft.form if draft else Form(kind, new_record_id(desk.clock, desk.randomness))
        return RecordData(
            form, typed, since, None, None, [], [], [], [], None, [], desk.units, communes
        )
    state = seen_by(desk, draft.form) if draft else open_record(desk, kind, record)
    listed = get_record(desk, kind, record)
    into = listed.row.get("survivor")
    figures = records_of(desk, FIGURES.name, record)
    figures.sort(
        key=lambda one: (str(one.row.get("year")), str(one.row.get("basis"))), reverse=True
    )
    return RecordData(
        draft.form if draft else Form(kind, record, seen=state.seen if state else {}),
        typed,
        since,
        state,
        listed,
        figures,
        surveys_of(desk, record),
        records_of(desk, NEEDS.name, record),
        history(desk, ESTABLISHMENTS.name, record)[::-1],
        get_record(desk, kind, str(into)) if into is not None else None,
        merged_into(desk, record),
        desk.units,
        communes,
        list_findings(desk, kind, record),
        book_lines(desk, establishment=record),
    )


def communes_of(desk: Desk) -> tuple[Option, ...]:
    """The communes of the workspace's areas, to choose from."""
    communes = {
        commune.code: Option(commune.code, f"{commune.kind} {commune.name}")
        for area in desk.workspace.areas
        for commune in desk.units.communes_of(area)
    }
    return tuple(sorted(communes.values(), key=lambda option: option.name))
