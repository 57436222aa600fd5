"""Survey rounds (đợt khảo sát): establishments and a questionnaire are picked, people are named, progress is seen.

A round has no record of its own: it is the sheets given out that carry its id (`kinds.ROUND_SHEETS`), so each person
sees those of the own area. Whether a sheet is done follows from the survey that was filled in for it; that an
establishment was not found or refused is said. Leaves to others: filling in (`surveys`), looking through (`reviewing`).
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from kcdesk.actions.desk import Desk
from kcdesk.actions.editions import current
from kcdesk.actions.records import Saved, standing_establishment
from kcdesk.domain.code_lists import RoundResult, SheetState
from kcdesk.domain.identifiers import RecordId, new_record_id
from kcdesk.domain.kinds import ROUND_SHEETS, round_sheet_id
from kcdesk.domain.text import normalise, sort_key
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, NotFound
from kcdesk.storage.edits import Edit
from kcdesk.storage.reading.rounds import GivenOut


class Progress(Enum):
    """How far one sheet of a round is; the label as people read it."""

    LEFT = "Chưa làm"
    BEGUN = "Đang ghi"
    RETURNED = "Trả lại"
    DONE = "Đã ghi xong"
    ACCEPTED = "Đã nhận"
    NOT_FOUND = "Không tìm thấy"
    REFUSED = "Từ chối"


_OF_SURVEY = {
    SheetState.DRAFT.value: Progress.BEGUN,
    SheetState.RETURNED.value: Progress.RETURNED,
    SheetState.FINISHED.value: Progress.DONE,
    SheetState.ACCEPTED.value: Progress.ACCEPTED,
}
_OF_RESULT = {
    RoundResult.NOT_FOUND.value: Progress.NOT_FOUND,
    RoundResult.REFUSED.value: Progress.REFUSED,
}


@dataclass(frozen=True, slots=True)
class RoundSheet:
    """A sheet that was given out, and how far it is. `commune_name` as people read it."""

    given: GivenOut
    progress: Progress
    commune_name: str

    def as_json(self) -> dict[str, Value]:
        given = self.given
        return {
            "id": given.record,
            "establishment": given.establishment,
            "name": given.name,
            "commune": given.commune,
            "assigned_to": given.assigned_to,
            "due_on": given.due_on,
            "progress": self.progress.name,
            "survey": given.survey,
        }


@dataclass(frozen=True, slots=True)
class Tally:
    """How many sheets of a round, or of a commune or person in it, are how far."""

    of: str
    counts: Counter[Progress]

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def closed(self) -> int:
        """Sheets that nothing more is expected of from whoever fills in."""
        open_ones = (Progress.LEFT, Progress.BEGUN, Progress.RETURNED)
        return self.total - sum(self.counts[each] for each in open_ones)

    def as_json(self) -> dict[str, Value]:
        return {
            "of": self.of,
            "total": self.total,
            **{each.name.lower(): self.counts[each] for each in Progress},
        }


@dataclass(frozen=True, slots=True)
class Round:
    """A survey round as this computer sees it: the sheets of the own area."""

    id: str
    title: str
    questionnaire: str
    due_on: str
    sheets: tuple[RoundSheet, ...]

    @property
    def tally(self) -> Tally:
        return _tally(self.title, self.sheets)

    @property
    def by_commune(self) -> list[Tally]:
        return _by(self.sheets, "commune_name")

    @property
    def by_person(self) -> list[Tally]:
        return _by(self.sheets, "assigned_to")

    def as_json(self) -> dict[str, Value]:
        return {
            "id": self.id,
            "title": self.title,
            "questionnaire": self.questionnaire,
            "due_on": self.due_on,
            **{key: value for key, value in self.tally.as_json().items() if key != "of"},
        }


def give_out(
    desk: Desk,
    title: str,
    questionnaire: str,
    establishments: Sequence[str],
    *,
    due_on: datetime.date | None = None,
    assigned_to: str = "",
    round_id: str = "",
) -> tuple[str, Saved]:
    """Give out a sheet for each of these establishments, in a new round or one that is there; its id.

    An establishment that is in the round already stays as it is. Raises `BadInput`, `NotFound`.
    """
    title = normalise(title)
    if not title and not round_id:
        raise BadInput("Chưa có tên đợt khảo sát.", hint="Ghi tên đợt, ví dụ: Khảo sát quý I/2027.")
    if round_id:
        known = get_round(desk, round_id)
        title, questionnaire = known.title, known.questionnaire
        due_on = due_on or (datetime.date.fromisoformat(known.due_on) if known.due_on else None)
    if current(desk).info(questionnaire).trial:
        raise BadInput(
            f"Mẫu {questionnaire} là mẫu thử nên không giao trong đợt khảo sát được.",
            hint="Chọn mẫu phiếu do tỉnh công bố.",
            code="trial",
        )
    if due_on is not None and due_on < desk.today:
        raise BadInput(
            f"Hạn của đợt khảo sát ({due_on:%d/%m/%Y}) đã qua.",
            hint="Ghi một ngày từ hôm nay trở đi.",
        )
    if not establishments:
        raise BadInput(
            "Đợt khảo sát chưa có cơ sở nào.",
            hint="Chọn ít nhất một cơ sở.",
            code="no_establishments",
        )
    of_round = round_id or new_record_id(desk.clock, desk.randomness)
    there = {sheet.given.establishment for sheet in _sheets(desk, of_round)}
    standing = dict.fromkeys(standing_establishment(desk, each) for each in establishments)
    said: dict[str, Value] = {
        "round": of_round,
        "round_title": title,
        "questionnaire": questionnaire,
        "due_on": due_on.isoformat() if due_on is not None else None,
        "assigned_to": normalise(assigned_to) or None,
    }
    edits = [
        Edit(
            ROUND_SHEETS.name,
            round_sheet_id(each, of_round),
            {
                "establishment": each,
                **{key: value for key, value in said.items() if value is not None},
            },
        )
        for each in standing
        if each not in there
    ]
    desk.workspace.save(edits)
    return of_round, Saved(tuple((edit.kind, RecordId(edit.record)) for edit in edits))


@dataclass(frozen=True, slots=True)
class CommuneChoice:
    """A commune that a round may take, with how many establishments stand there."""

    code: str
    name: str
    establishments: int


def communes_to_choose(desk: Desk) -> list[CommuneChoice]:
    """The communes with establishments, by name."""
    found = [
        CommuneChoice(code, desk.units.commune_name(code), count)
        for code, count in desk.workspace.rounds.communes()
    ]
    return sorted(found, key=lambda commune: sort_key(commune.name))


def establishments_in(desk: Desk, communes: Collection[str]) -> list[str]:
    """The establishments of these communes."""
    return desk.workspace.rounds.standing_in(communes)


def rounds(desk: Desk) -> list[Round]:
    """The rounds with a sheet on this computer: those with the earliest date first, without a date last."""
    by_round: dict[str, list[RoundSheet]] = {}
    for sheet in _sheets(desk):
        by_round.setdefault(sheet.given.round, []).append(sheet)
    found = [_round(round_id, sheets) for round_id, sheets in by_round.items()]
    return sorted(found, key=lambda one: (not one.due_on, one.due_on, sort_key(one.title), one.id))


def get_round(desk: Desk, round_id: str) -> Round:
    """A round by its id. Raises `NotFound`."""
    sheets = _sheets(desk, round_id)
    if not sheets:
        raise NotFound(
            f"Không có đợt khảo sát {round_id}.", hint="Xem các đợt bằng kcdesk round list."
        )
    return _round(round_id, sheets)


def sheets_for(desk: Desk, person: str) -> list[RoundSheet]:
    """What a person has to do in all rounds: the sheets that name them, or nobody, and that are still open."""
    done = (Progress.DONE, Progress.ACCEPTED, Progress.NOT_FOUND, Progress.REFUSED)
    mine = [
        sheet
        for sheet in _sheets(desk)
        if sheet.given.assigned_to in ("", person) and sheet.progress not in done
    ]
    return sorted(mine, key=lambda sheet: (not sheet.given.due_on, sheet.given.due_on))


def assign(desk: Desk, sheets: Sequence[str], person: str) -> Saved:
    """Give sheets of a round to somebody; nobody for a blank name. Raises `NotFound`."""
    return _set(desk, sheets, {"assigned_to": normalise(person) or None})


def close_without(desk: Desk, sheet: str, result: RoundResult | None, remark: str = "") -> Saved:
    """Say why an establishment will have no sheet; None: it is still to be done. Raises `NotFound`."""
    said: dict[str, Value] = {
        "result": result.value if result is not None else None,
        "remark": normalise(remark) or None,
    }
    return _set(desk, [sheet], said)


def _set(desk: Desk, sheets: Sequence[str], said: dict[str, Value]) -> Saved:
    edits = []
    for sheet in sheets:
        state = desk.workspace.state(ROUND_SHEETS.name, sheet)
        changed = {key: value for key, value in said.items() if state.get(key) != value}
        edits.append(Edit(ROUND_SHEETS.name, sheet, changed, state.seen))
    edits = [edit for edit in edits if edit.set]
    desk.workspace.save(edits)
    return Saved(tuple((edit.kind, RecordId(edit.record)) for edit in edits))


def _sheets(desk: Desk, round_id: str | None = None) -> list[RoundSheet]:
    return [_sheet(desk, given) for given in desk.workspace.rounds.given_out(round_id)]


def _sheet(desk: Desk, given: GivenOut) -> RoundSheet:
    progress = _OF_SURVEY.get(given.survey_state) or _OF_RESULT.get(given.result, Progress.LEFT)
    return RoundSheet(given, progress, desk.units.commune_name(given.commune))


def _round(round_id: str, sheets: Sequence[RoundSheet]) -> Round:
    first = sheets[0].given
    return Round(round_id, first.round_title, first.questionnaire, first.due_on, tuple(sheets))


def _by(sheets: Iterable[RoundSheet], what: str) -> list[Tally]:
    groups: dict[str, list[RoundSheet]] = {}
    for sheet in sheets:
        of = sheet.commune_name if what == "commune_name" else sheet.given.assigned_to
        groups.setdefault(of, []).append(sheet)
    return [_tally(of, groups[of]) for of in sorted(groups, key=lambda of: (not of, sort_key(of)))]


def _tally(of: str, sheets: Iterable[RoundSheet]) -> Tally:
    return Tally(of, Counter(sheet.progress for sheet in sheets))
