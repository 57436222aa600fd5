"""Establishments that may be there twice: list them with the reasons, look while somebody types, keep two apart.

Merging two is `actions.merging`. That two are not one is a change like any other (`not_same_as/<id>/decided` of one
of them), so colleagues are not asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved
from kcdesk.domain.identifiers import RecordId
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, NotFound
from kcdesk.importing.duplicates import (
    Index,
    Likeness,
    Verdict,
    compare_likely,
    parts_of,
    profile_of,
)
from kcdesk.storage.edits import Edit

Progress = Callable[[int, int], None]
_TABLE, _CELL = "not_same_as", "decided"
_SHOWN = ("name", "rep_name", "tax_code", "phone", "hamlet", "commune", "trade")


@dataclass(frozen=True, slots=True)
class Side:
    """One of two alike establishments: what tells it from others."""

    record: RecordId
    fields: dict[str, Value]

    def as_json(self) -> dict[str, Value]:
        return {"id": self.record, **self.fields}


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two establishments that are, or may be, one; the one with the smaller id first."""

    one: Side
    other: Side
    likeness: Likeness

    def as_json(self) -> dict[str, Value]:
        sides: list[Value] = [self.one.as_json(), self.other.as_json()]
        return {"records": sides, **likeness_as_json(self.likeness)}


@dataclass(frozen=True, slots=True)
class Similar:
    """An establishment that is there and may be the one that is being typed."""

    side: Side
    likeness: Likeness

    def as_json(self) -> dict[str, Value]:
        return {**self.side.as_json(), **likeness_as_json(self.likeness)}


def list_duplicates(desk: Desk, progress: Progress | None = None) -> list[DuplicatePair]:
    """The pairs of the workspace that are alike and that nobody has kept apart, likeliest first.

    `progress`: called with how many establishments were compared, and of how many; it may raise to stop.
    """
    ids: list[str] = []
    apart: set[frozenset[str]] = set()

    def standing() -> Iterator[Mapping[str, Value]]:
        for row in desk.workspace.candidates.every():
            if "survivor" not in row:
                ids.append(str(row["id"]))
                apart.update(_kept_apart(row))
                yield row

    index = Index(profile_of(row) for row in standing())
    alike: list[tuple[Likeness, str, str]] = []
    last = -1
    for one, other in index.pairs():
        if progress is not None and one // 500 != last:
            last = one // 500
            progress(one, len(ids))
        likeness = compare_likely(index.profiles[one], index.profiles[other])
        if likeness is not None and frozenset((ids[one], ids[other])) not in apart:
            first, second = sorted((ids[one], ids[other]))
            alike.append((likeness, first, second))
    sides = _sides(desk, {record for _, *pair in alike for record in pair})
    alike.sort(key=lambda pair: (pair[0].verdict is not Verdict.CERTAIN, -pair[0].score, *pair[1:]))
    return [DuplicatePair(sides[one], sides[other], likeness) for likeness, one, other in alike]


def similar_to(
    desk: Desk, fields: Mapping[str, Value], *, record: str | None = None
) -> list[Similar]:
    """The establishments that may be the one with these fields, likeliest first; `record`: not itself.

    For a form while it is typed: answers in milliseconds.
    """
    profile = profile_of(fields)
    rows = desk.workspace.candidates.near(
        tax_code=profile.tax_code,
        numbers=profile.numbers,
        phones=profile.phones,
        communes=profile.communes,
        name=profile.name.words,
        parts=list(parts_of(profile.name)),
        hamlet=profile.hamlet.split(),
        everywhere=not profile.personal,
    )
    apart = {other for pair in _kept_apart(fields) for other in pair}
    best: dict[str, Likeness] = {}
    for row in rows:
        stands = str(row.get("survivor", row["id"]))
        likeness = compare_likely(profile, profile_of(row))
        if likeness is None or stands == record or stands in apart or _says_apart(row, record):
            continue
        best[stands] = max(best.get(stands, likeness), likeness, key=lambda found: found.score)
    sides = _sides(desk, set(best))
    ordered = sorted(best.items(), key=lambda found: (-found[1].score, found[0]))
    return [Similar(sides[stands], likeness) for stands, likeness in ordered]


def keep_apart(desk: Desk, one: str, other: str) -> Saved:
    """Say that two establishments are not one, for everybody. Raises `NotFound`, `BadInput`."""
    if one == other:
        raise BadInput("Hai mã này là của cùng một cơ sở.", hint="Ghi mã của hai cơ sở khác nhau.")
    for record in (one, other):
        if desk.workspace.state("establishments", record).deleted:
            raise NotFound("Cơ sở này đã bị xoá.", hint="Lấy lại từ thùng rác trước.")
    first, second = sorted((one, other))
    if desk.workspace.state("establishments", first).get(apart_field(second)) is True:
        return Saved(())
    desk.workspace.save([Edit("establishments", first, {apart_field(second): True})])
    return Saved((("establishments", RecordId(first)),))


def apart_field(other: str) -> str:
    """The field that says that an establishment is not the same as `other`."""
    return f"{_TABLE}/{other}/{_CELL}"


def likeness_as_json(likeness: Likeness) -> dict[str, Value]:
    """Score, verdict and reasons of two alike records, as `--json` says them."""
    return {
        "verdict": likeness.verdict.value,
        "score": round(likeness.score, 1),
        "why": likeness.sentence,
        "reasons": [
            {"field": reason.field, "points": round(reason.points, 1), "message": reason.message}
            for reason in likeness.reasons
        ],
    }


def _kept_apart(row: Mapping[str, Value]) -> Iterator[frozenset[str]]:
    said = row.get(_TABLE)
    for decision in said if isinstance(said, list) else ():
        if isinstance(decision, dict) and decision.get(_CELL) is True:
            yield frozenset((str(row.get("id")), str(decision["row"])))


def _says_apart(row: Mapping[str, Value], record: str | None) -> bool:
    return any(record in pair for pair in _kept_apart(row))


def _sides(desk: Desk, records: set[str]) -> dict[str, Side]:
    rows = desk.workspace.candidates.those(records)
    return {
        record: Side(RecordId(record), {key: row[key] for key in _SHOWN if key in row})
        for record, row in rows.items()
    }
