"""Which establishment each row of a list of figures is about.

Owns the finding by the id that kcdesk gave out, by tax code, or by name and commune. Unlike lists of establishments
nothing is guessed: a row that fits none or several is rejected with a sentence. What is there is handed in one after
the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from kcdesk.domain.findings import Finding, hard
from kcdesk.domain.text import fold
from kcdesk.domain.value import Value
from kcdesk.importing.cells import CellFinding
from kcdesk.importing.duplicates import Likeness, Reason, Verdict
from kcdesk.importing.matching import Existing, Fields
from kcdesk.importing.plan import (
    Action,
    ImportPlan,
    Match,
    Place,
    PlannedRow,
    Proposal,
    RejectedRow,
)

Key = tuple[Value, ...]
_BY_CODE = Likeness(10.0, Verdict.CERTAIN, (Reason("", 10.0, "cùng mã số thuế"),))
_BY_ID = Likeness(10.0, Verdict.CERTAIN, (Reason("", 10.0, "cùng mã hồ sơ"),))
_BY_NAME = Likeness(10.0, Verdict.CERTAIN, (Reason("", 10.0, "cùng tên và xã, phường"),))
_TELLING = ("hamlet", "rep_name")
"""What tells namesakes of one commune apart, where the list says it."""


def match_figures(
    plan: ImportPlan, existing: Iterable[Existing], progress: Callable[[int], None] | None = None
) -> ImportPlan:
    """The plan with the establishment of each row as its match, proposed KEEP; rows without one are rejected.

    `progress`: called with how many of the existing were looked at.
    """
    wanted = {key for row in plan.rows for key in _keys(_given(row))}
    there: dict[Key, dict[str, Fields]] = defaultdict(dict)
    for count, one in enumerate(existing, 1):
        for key in _keys(one.fields):
            if key in wanted and (
                one.stands not in there[key] or one.fields.get("id") == one.stands
            ):
                there[key][one.stands] = one.fields
        if progress is not None and count % 500 == 0:
            progress(count)
    rows: list[PlannedRow] = []
    refused: dict[Place, Finding] = {}
    for row in plan.rows:
        found = _find(_given(row), there)
        if isinstance(found, Finding):
            refused[row.place] = found
        else:
            record, name, likeness = found
            proposal = Proposal(Action.KEEP, Match(name, likeness, record=record))
            rows.append(replace(row, establishment={"name": name}, proposal=proposal))
    told = [
        CellFinding(sheet, number, plan.letter_of(found.field, sheet), found)
        for (sheet, number), found in refused.items()
    ]
    return _without(replace(plan, rows=tuple(rows)), told)


def without_repeats(plan: ImportPlan) -> ImportPlan:
    """The plan with the figures of an establishment and year once: a repeat that says the same is left out, one that
    says something else is rejected."""
    first: dict[Key, PlannedRow] = {}
    rows: list[PlannedRow] = []
    told: list[CellFinding] = []
    for row in plan.rows:
        match = row.proposal.match
        key = (
            match.record if match else None,
            row.figures.get("year"),
            row.figures.get("basis"),
        )
        earlier = first.setdefault(key, row)
        if earlier is row:
            rows.append(row)
        elif earlier.figures == row.figures:
            rows.append(replace(row, proposal=Proposal(Action.SKIP, match)))
        else:
            on_sheet = f" của trang “{earlier.sheet}”" if earlier.sheet != row.sheet else ""
            message = (
                f"Dòng {earlier.row_number}{on_sheet} đã ghi khác cho năm {key[1]} của cơ sở này "
                "(V-DUP)."
            )
            hint = "Giữ lại một dòng đúng rồi nhập lại."
            finding = hard("V-DUP.figures", "", message, str(key[1]), hint)
            told.append(CellFinding(row.sheet, row.row_number, "", finding))
    return _without(replace(plan, rows=tuple(rows)), told)


def _without(plan: ImportPlan, told: Sequence[CellFinding]) -> ImportPlan:
    """The plan with the rows rejected of which something was told, in the order of its sheets."""
    rejected = {row.place: row for row in plan.rejected}
    for found in told:
        place = found.sheet, found.row
        rejected[place] = RejectedRow(found.row, plan.cells.get(place, ()), (found,), found.sheet)
    order = {part.sheet: number for number, part in enumerate(plan.sheets)}
    refused = {(found.sheet, found.row) for found in told}
    return replace(
        plan,
        rows=tuple(row for row in plan.rows if row.place not in refused),
        rejected=tuple(rejected[p] for p in sorted(rejected, key=lambda p: (order[p[0]], p[1]))),
        findings=(*plan.findings, *told),
    )


def _given(row: PlannedRow) -> Fields:
    """What a row says of its establishment, with its id as a field."""
    return {**row.establishment, "id": row.record} if row.record else row.establishment


def _keys(fields: Fields) -> Iterator[Key]:
    if fields.get("id") is not None:
        yield "id", fields["id"]
    if fields.get("tax_code") is not None:
        yield "tax_code", fields["tax_code"]
    name = fields.get("name")
    if isinstance(name, str):
        for place in ("commune", "old_commune"):
            if fields.get(place) is not None:
                yield place, fields[place], fold(name)


def _find(
    given: Fields, there: dict[Key, dict[str, Fields]]
) -> tuple[str, str, Likeness] | Finding:
    """Id and name of the establishment and how it was found, or why there is none."""
    by_id = there.get(("id", given.get("id")), {})
    if by_id:
        ((record, fields),) = by_id.items()
        return record, str(fields.get("name", "")), _BY_ID
    code = given.get("tax_code")
    by_code = there.get(("tax_code", code), {}) if code is not None else {}
    likeness, found = _BY_CODE, by_code
    if not by_code:
        likeness = _BY_NAME
        found = {
            record: fields
            for key in _keys(given)
            if key[0] not in ("tax_code", "id")
            for record, fields in there.get(key, {}).items()
            if code is None or fields.get("tax_code") in (None, code)
        }
    for field in ("name", *_TELLING):
        said = given.get(field)
        if len(found) > 1 and isinstance(said, str):
            narrowed = {r: f for r, f in found.items() if fold(str(f.get(field))) == fold(said)}
            found = narrowed or found
    if len(found) == 1:
        ((record, fields),) = found.items()
        return record, str(fields.get("name", "")), likeness
    name = str(given.get("name") or code or "")
    if found:
        message = f"Có {len(found)} cơ sở cùng là “{name}”, chưa rõ số liệu của cơ sở nào."
        hint = "Ghi thêm mã số thuế, thôn hoặc chủ cơ sở rồi nhập lại."
        return hard("figures.several", "name", message, name, hint)
    if code is None and not given.get("commune") and not given.get("old_commune"):
        message = f"Không rõ “{name}” ở xã, phường nào nên không tìm được cơ sở."
        hint = "Ghi xã, phường hoặc mã số thuế của cơ sở."
        return hard("figures.no_place", "commune", message, name, hint)
    message = f"Trên máy này không có cơ sở “{name}” để ghi số liệu."
    hint = "Nhập danh sách cơ sở trước, hoặc sửa tên, xã, mã số thuế cho đúng với hồ sơ."
    return hard("figures.no_establishment", "name", message, name, hint)
