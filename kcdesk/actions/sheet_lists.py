"""Answered sheets as a list: which ones, by questionnaire, state, day, round, and what they answer."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from kcdesk.actions.desk import Desk
from kcdesk.actions.editions import on_trial
from kcdesk.actions.records import ListedRecord, list_records
from kcdesk.domain.code_lists import SheetState
from kcdesk.domain.kinds import SURVEYS
from kcdesk.domain.value import Value

_PAGE = 500


@dataclass(frozen=True, slots=True)
class SheetFilter:
    """Which sheets. Blank, empty and None: no matter which.

    since, until:  days of survey, both included; a sheet without a day is left out once one of them is said
    round:         id of a survey round
    search:        as `list_records` has it: a number of a sheet, an establishment, any text that was answered
    answers:       question -> the stored answer
    only:          of all that the ones with these ids
    """

    questionnaire: str = ""
    states: Collection[SheetState] = ()
    since: datetime.date | None = None
    until: datetime.date | None = None
    round: str = ""
    search: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    only: Collection[str] | None = None

    def takes(self, row: Mapping[str, Value]) -> bool:
        """Whether a sheet's row is one of those, by what `list_records` has not looked at."""
        day = str(row.get("survey_date") or "")
        return (
            (not self.states or row.get("sheet_state") in {state.value for state in self.states})
            and (self.since is None or (bool(day) and day >= self.since.isoformat()))
            and (self.until is None or (bool(day) and day <= self.until.isoformat()))
            and (self.only is None or row["id"] in self.only)
        )


@dataclass(frozen=True, slots=True)
class ListedSheet:
    """A sheet as lists show it. name: of its establishment;  trial: its questionnaire is on trial"""

    listed: ListedRecord
    name: str
    trial: bool

    @property
    def id(self) -> str:
        return str(self.listed.row["id"])

    def said(self, field_: str) -> str:
        """What its head says, as text; blank: nothing."""
        value = self.listed.row.get(field_)
        return "" if value is None else str(value)

    def as_json(self) -> dict[str, Value]:
        return {**self.listed.as_json(), "name": self.name, "trial": self.trial}


def find_sheets(desk: Desk, wanted: SheetFilter) -> list[ListedSheet]:
    """The saved sheets that a filter takes, in the order of lists. Raises `BadInput`."""
    where = {
        **wanted.answers,
        **({"questionnaire": wanted.questionnaire} if wanted.questionnaire else {}),
        **({"round": wanted.round} if wanted.round else {}),
    }
    found: list[ListedRecord] = []
    after: str | None = None
    while True:
        page = list_records(
            desk, SURVEYS.name, search=wanted.search, where=where, limit=_PAGE, after=after
        )
        found += (record for record in page.records if wanted.takes(record.row))
        if page.next is None:
            break
        after = page.next
    owners = sorted({str(record.row.get("establishment")) for record in found})
    names = {
        record: str(fields.get("name", ""))
        for record, fields in desk.workspace.candidates.those(owners).items()
    }
    trials = on_trial(desk)

    def listed(record: ListedRecord) -> ListedSheet:
        row = record.row
        form = (str(row.get("questionnaire")), str(row.get("questionnaire_version")))
        trial = row.get("trial") is True or form in trials
        return ListedSheet(record, names.get(str(row.get("establishment")), ""), trial)

    return [listed(record) for record in found]
