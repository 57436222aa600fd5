"""Rows of a list that are there already, in the workspace or earlier in the list, and what the list says anew of them.

Owns which row is which establishment and what is proposed for it; how alike two records are is `duplicates`. What is
there is handed in as plain rows, one after the other, and is never held as a whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from kcdesk.changes import same
from kcdesk.domain.findings import soft
from kcdesk.domain.value import Value
from kcdesk.importing.cells import CellFinding
from kcdesk.importing.duplicates import (
    Index,
    Likeness,
    Reason,
    Verdict,
    compare,
    compare_likely,
    profile_of,
)
from kcdesk.importing.plan import Action, FieldChange, ImportPlan, Match, PlannedRow, Proposal

Fields = Mapping[str, Value]

_CONTAINED = Reason("", 10.0, "mọi thông tin của dòng đều giống hồ sơ đã có")
"""The row says nothing that the record does not say: it was imported before, or might as well have been."""
_EQUAL_ROWS = Likeness(
    10.0, Verdict.CERTAIN, (Reason("", 10.0, "mọi thông tin của hai dòng đều giống nhau"),)
)
_NAMED = Likeness(10.0, Verdict.CERTAIN, (Reason("", 10.0, "cùng mã hồ sơ"),))
_GUESSES = frozenset(("commune_candidates",))
"""What a list does not say itself."""
_NO_NEWS = frozenset(("address_as_written", "source"))
"""How something was written and who says it: a change only together with another."""
_OF_THE_RECORD = frozenset(("id", "survivor"))
MOST_QUESTIONS = 5
_TOLD_EACH = 500


class Existing(NamedTuple):
    """An establishment that is there.

    stands: the id of the record that it is read under: its own, or the one it was merged into
    """

    stands: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class _Found:
    """A record that a row may be.

    merged: it was merged into the one it stands under
    more:   when it says all that the row says, how many fields it has beside
    """

    stands: str
    name: str
    likeness: Likeness
    merged: bool
    more: int | None = None

    @property
    def order(self) -> tuple[bool, float, int]:
        """Sorts first what the row was made of: a record that says just that; then the likeliest."""
        return self.more != 0, -self.likeness.score, self.more or 0


def match_plan(
    plan: ImportPlan, existing: Iterable[Existing], progress: Callable[[int], None] | None = None
) -> ImportPlan:
    """The plan with a proposal for each row, and what of the workspace is not on the list.

    `progress`: called with how many of the existing were looked at, also while the rows are compared with each other;
    may raise to stop.
    Of rows that certainly are one establishment the one that says most stands for all, of several the first; a record
    that is there is taken by one of them. Nothing else depends on the order of the rows, and nothing on that of what
    is there.
    """
    matching = _Matching(plan.rows)
    scope = _Scope(plan.rows)
    count = 0
    for count, there in enumerate(existing, 1):
        matching.look_at(there)
        scope.look_at(there)
        if progress is not None and count % _TOLD_EACH == 0:
            progress(count)

    def still_at_it() -> None:
        if progress is not None:
            progress(count)

    rows = tuple(map(_with_findings, matching.proposals(still_at_it)))
    taken = {row.proposal.match.record for row in rows if row.proposal.match is not None}
    asked = {question.record for row in rows for question in row.proposal.questions}
    found = chain.from_iterable(row.findings[-1:] for row in rows if _told(row.proposal))
    return replace(
        plan,
        rows=rows,
        findings=(*plan.findings, *found),
        missing=scope.without(taken | asked),
    )


def with_changes(
    row: PlannedRow, record: str, there: Fields, figures_id: str, figures: Fields | None
) -> PlannedRow:
    """A row that is the establishment `record`, with what it says differently of it or of its figures.

    `there`: what the record says. `figures_id`, `figures`: its figures of that year and basis; None when it has none.
    """
    given: Fields = row.establishment
    if row.record:  # given out by kcdesk, which writes the place in its own words
        same_place = same(given.get("commune"), there.get("commune"))
        passed_over = _NO_NEWS | (frozenset(("old_commune",)) if same_place else frozenset())
        given = {field: value for field, value in given.items() if field not in passed_over}
    changes = tuple(_changes("establishments", record, given, there))
    if row.figures:
        changes += tuple(_changes("figures", figures_id, row.figures, figures or {}))
    action = Action.UPDATE if changes else Action.KEEP
    return replace(row, proposal=replace(row.proposal, action=action, changes=changes))


def _changes(kind: str, record: str, given: Fields, there: Fields) -> Iterator[FieldChange]:
    """The fields that are given and differ. What a list leaves open clears nothing, nor does a guess replace."""
    differing = {
        field: value
        for field, value in given.items()
        if field not in _GUESSES and not same(there.get(field), value)
    }
    if differing.keys() <= _NO_NEWS:
        return
    for field, value in differing.items():
        yield FieldChange(kind, record, field, there.get(field), value)


class _Matching:
    """Gathers, while what is there passes by, which rows are like it."""

    def __init__(self, rows: Sequence[PlannedRow]) -> None:
        self._rows = rows
        self._equal_to: dict[int, int] = {}
        self._by_text: dict[tuple[Value, Value], list[int]] = defaultdict(list)
        self._different: list[int] = []
        self._named: dict[str, list[int]] = defaultdict(list)
        self._known: dict[int, _Found] = {}
        first: dict[tuple[str, str], int] = {}
        for place, row in enumerate(rows):
            if row.record:
                self._named[row.record].append(place)
            earlier = first.setdefault((row.record, _said(row.establishment)), place)
            if earlier != place:
                self._equal_to[place] = earlier
            else:
                self._by_text[_text_of(row.establishment)].append(len(self._different))
                self._different.append(place)
        self._index = Index(profile_of(rows[place].establishment) for place in self._different)
        self._certain: dict[int, list[_Found]] = defaultdict(list)
        self._questions: dict[int, list[_Found]] = defaultdict(list)

    def look_at(self, there: Existing) -> None:
        name = str(there.fields.get("name", ""))
        merged = there.fields.get("id") != there.stands
        named = self._row_named(there)
        if named is not None:
            self._known[named] = _Found(there.stands, name, _NAMED, merged, 0)
            return
        contained = {
            near
            for near in self._by_text.get(_text_of(there.fields), ())
            if _says_all(there.fields, self._given(near))
        }
        profile = profile_of(there.fields)
        for near in contained:
            natural = compare(profile, self._index.profiles[near])
            likeness = Likeness(
                natural.score + _CONTAINED.points, Verdict.CERTAIN, (*natural.reasons, _CONTAINED)
            )
            more = len(there.fields.keys() - _GUESSES - _OF_THE_RECORD - self._given(near).keys())
            found = _Found(there.stands, name, likeness, merged, more)
            self._certain[self._different[near]].append(found)
        for near in self._index.near(profile) - contained:
            likely = compare_likely(profile, self._index.profiles[near])
            if likely is not None:
                of = self._certain if likely.verdict is Verdict.CERTAIN else self._questions
                of[self._different[near]].append(_Found(there.stands, name, likely, merged))

    def _row_named(self, there: Existing) -> int | None:
        """The row that names this record by its id; of copies of such a row the one that still has its name."""
        places = self._named.get(str(there.fields.get("id")), [])
        if len(places) > 1:
            name = there.fields.get("name")
            places = [p for p in places if self._rows[p].establishment.get("name") == name]
        return places[0] if places else None

    def _given(self, near: int) -> Fields:
        return self._rows[self._different[near]].establishment

    def proposals(self, still_at_it: Callable[[], None]) -> Iterator[PlannedRow]:
        """The rows in their order, each with its proposal."""
        groups = _Groups()
        certain: dict[int, list[Match]] = defaultdict(list)
        asked: dict[int, list[Match]] = defaultdict(list)
        for place, earlier in self._equal_to.items():
            groups.join(place, earlier)
            certain[place].append(self._row_match(earlier, _EQUAL_ROWS, place))
        for place, other, likeness in self._pairs(still_at_it):
            if place in self._known and other in self._known:
                continue
            of = certain if likeness.verdict is Verdict.CERTAIN else asked
            if likeness.verdict is Verdict.CERTAIN:
                groups.join(place, other)
            of[place].append(self._row_match(other, likeness, place))
            of[other].append(self._row_match(place, likeness, other))
        stands_for = self._representatives(groups)
        taken = self._assigned(groups)
        stands_for |= {group: place for group, (place, found) in taken.items() if found.more == 0}
        stands_for |= {groups.of(place): place for place in self._known}
        for place, row in enumerate(self._rows):
            group = groups.of(place)
            if place in self._known:
                known_as = self._known[place]
                match = Match(known_as.name, known_as.likeness, record=known_as.stands)
                action = Action.SKIP if known_as.merged else Action.KEEP
                yield replace(row, proposal=Proposal(action, match))
            elif stands_for[group] != place:
                yield replace(
                    row,
                    proposal=Proposal(Action.SKIP, self._twin(place, stands_for[group], certain)),
                )
            elif group in taken:
                _, found = taken[group]
                match = Match(found.name, found.likeness, record=found.stands)
                yield replace(row, proposal=Proposal(Action.KEEP, match))
            elif known := next((f for f in self._certain.get(place, ()) if f.merged), None):
                match = Match(known.name, known.likeness, record=known.stands)
                yield replace(row, proposal=Proposal(Action.SKIP, match))
            else:
                of_records = (
                    Match(found.name, found.likeness, record=found.stands)
                    for found in chain(self._certain.get(place, ()), self._questions.get(place, ()))
                )
                questions = _best([*of_records, *asked.get(place, ())])[:MOST_QUESTIONS]
                yield replace(row, proposal=Proposal(questions=tuple(questions)))

    def _representatives(self, groups: _Groups) -> dict[int, int]:
        """The row that stands for each group: the one that says most, of several the first."""
        order = sorted(
            range(len(self._rows)),
            key=lambda place: (-len(self._rows[place].establishment), place),
        )
        return {groups.of(place): place for place in reversed(order)}

    def _twin(self, place: int, stands_for: int, certain: Mapping[int, list[Match]]) -> Match:
        """The row that stands for this one, or, when they are one only by way of others, the likeliest of those."""
        matches = _best(certain[place])
        wanted = self._row_match(stands_for, _EQUAL_ROWS, place)
        where = wanted.sheet, wanted.row_number
        return next((m for m in matches if (m.sheet, m.row_number) == where), matches[0])

    def _assigned(self, groups: _Groups) -> dict[int, tuple[int, _Found]]:
        """Each group of rows with the record it is, and the row that is likest to it: no group and no record twice.

        A group that comes too late is another establishment than the one that came first: it is asked about.
        """
        edges = sorted(
            ((place, found) for place, all_found in self._certain.items() for found in all_found),
            key=lambda edge: (
                *edge[1].order,
                _said(self._rows[edge[0]].establishment),
                edge[1].stands,
            ),
        )
        assigned: dict[int, tuple[int, _Found]] = {}
        records: set[str] = set()
        for place, found in edges:
            group = groups.of(place)
            if group not in assigned and found.stands not in records:
                assigned[group] = place, found
                records.add(found.stands)
        return assigned

    def _pairs(self, still_at_it: Callable[[], None]) -> Iterator[tuple[int, int, Likeness]]:
        profiles = self._index.profiles
        for number, (one, other) in enumerate(self._index.pairs()):
            if number % _TOLD_EACH == 0:
                still_at_it()
            likeness = compare_likely(profiles[one], profiles[other])
            if likeness is not None:
                yield self._different[one], self._different[other], likeness

    def _row_match(self, place: int, likeness: Likeness, seen_from: int) -> Match:
        row = self._rows[place]
        name = str(row.establishment.get("name", ""))
        elsewhere = row.sheet if row.sheet != self._rows[seen_from].sheet else ""
        return Match(name, likeness, row_number=row.row_number, sheet=elsewhere)


class _Groups:
    """Rows that certainly are one establishment, directly or by way of others (union-find)."""

    def __init__(self) -> None:
        self._parents: dict[int, int] = {}

    def of(self, place: int) -> int:
        way = [place]
        while (parent := self._parents.get(way[-1], way[-1])) != way[-1]:
            way.append(parent)
        self._parents |= dict.fromkeys(way[:-1], way[-1])
        return way[-1]

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.of(one), self.of(other)))
        if low != high:
            self._parents[high] = low


class _Scope:
    """What a list could have named: establishments in its communes and of its legal forms."""

    def __init__(self, rows: Iterable[PlannedRow]) -> None:
        self._kinds = {_kind_of(row.establishment) for row in rows}
        self._names: dict[str, str] = {}

    def look_at(self, there: Existing) -> None:
        if there.stands == there.fields.get("id") and _kind_of(there.fields) in self._kinds:
            self._names[there.stands] = str(there.fields.get("name", ""))

    def without(self, on_the_list: set[str | None]) -> tuple[tuple[str, str], ...]:
        return tuple(
            (record, name) for record, name in self._names.items() if record not in on_the_list
        )


def _kind_of(fields: Fields) -> tuple[Value, Value]:
    return fields.get("commune"), fields.get("legal_form")


def _said(fields: Fields) -> str:
    """The fields as a text: equal for equal fields, and an order that does not depend on where a row stands."""
    return repr(sorted(fields.items()))


def _text_of(fields: Fields) -> tuple[Value, Value]:
    return fields.get("name"), fields.get("address_as_written")


def _says_all(there: Fields, given: Fields) -> bool:
    return all(there.get(field) == value for field, value in given.items() if field not in _GUESSES)


def _best(matches: list[Match]) -> list[Match]:
    """The likeliest first; of one record only once."""
    ordered = sorted(
        matches, key=lambda m: (-m.likeness.score, m.record or "", m.sheet, m.row_number or 0)
    )
    return list({(m.record, m.sheet, m.row_number): m for m in reversed(ordered)}.values())[::-1]


def _told(proposal: Proposal) -> bool:
    return bool(proposal.questions) or proposal.action is Action.SKIP


def _row_named(match: Match) -> str:
    on_sheet = f" của trang “{match.sheet}”" if match.sheet else ""
    return f"dòng {match.row_number}{on_sheet}"


def _with_findings(row: PlannedRow) -> PlannedRow:
    """The row with a finding (V-DUP) when the list has it twice, or when it may be there already."""
    proposal = row.proposal
    if proposal.action is Action.SKIP and proposal.match is not None:
        match = proposal.match
        twin = _row_named(match) if match.record is None else f"“{match.name}” đã gộp"
        message = f"Trùng với {twin} ({match.likeness.sentence}), không thêm lần nữa (V-DUP)."
        hint = "Nếu là hai cơ sở khác nhau, ghi thêm mã số thuế, điện thoại hoặc thôn rồi nhập lại."
        code = "V-DUP.twice"
    elif proposal.questions:
        match = proposal.questions[0]
        where = _row_named(match) if match.record is None else f"“{match.name}” đã có"
        message = f"Có thể trùng với {where}: {match.likeness.sentence} (V-DUP)."
        hint = (
            "Xem hai cơ sở cạnh nhau (kcdesk duplicates), rồi gộp lại hoặc xác nhận là hai cơ sở."
        )
        code = "V-DUP.maybe"
    else:
        return row
    name = str(row.establishment.get("name", ""))
    finding = CellFinding(row.sheet, row.row_number, "", soft(code, "name", message, name, hint))
    return replace(row, findings=(*row.findings, finding))
