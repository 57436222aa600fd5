"""Records in lists and forms: read, add, set, and what became of them."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.actions.sync_settings import age_days, sync_settings
from kcdesk.changes import State, same
from kcdesk.domain.accepting import without_accepted
from kcdesk.domain.code_lists import FigureBasis
from kcdesk.domain.coordinates import findings_of_place
from kcdesk.domain.field_text import field_named, knows_field, read_text
from kcdesk.domain.findings import Finding
from kcdesk.domain.identifiers import RecordId, new_record_id, new_row_id
from kcdesk.domain.kinds import (
    ATTACHMENTS,
    ESTABLISHMENTS,
    FIGURES,
    SURVEYS,
    WRITTEN_OF_ATTACHMENTS,
    Field,
    FieldType,
    figures_id,
    kind_named,
)
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, NotFound
from kcdesk.storage.drafts import Form
from kcdesk.storage.edits import Edit
from kcdesk.storage.reading.lists import Delivery, Row

_MEASURES = {
    field.key: "workers_total" if field.key == "workers" else field.key
    for field in FIGURES.fields
    if field.type in (FieldType.INT, FieldType.MONEY) and field.key != "year"
}
"""Fields of figures, and the keys of dossier section 6.2 under which an establishment shows them."""
_PLACE = ("commune", "geo")


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """A record as a list shows it.

    row:      `id`, `kind`, `conflicts` and the values; of an establishment also the names of its commune and the
              figures of its latest year, under the keys of dossier section 6.2
    delivery: on this computer, in a parcel, at the province, or refused and why
    days:     for how many days something of it has not been at the province; None: nothing
    late:     that is longer than is set (`sync_settings`)
    """

    row: Row
    delivery: Delivery
    days: int | None = None
    late: bool = False

    def as_json(self) -> dict[str, Value]:
        out: dict[str, Value] = {
            "id": self.row["id"],
            "kind": self.row["kind"],
            "state": self.delivery.place.value,
        }
        if self.delivery.reason:
            out["reason"] = self.delivery.reason
        if self.days is not None:
            out |= {"undelivered_days": self.days, "late": self.late}
        return {**out, **{key: value for key, value in self.row.items() if key not in out}}


@dataclass(frozen=True, slots=True)
class RecordPage:
    records: list[ListedRecord]
    next: str | None


@dataclass(frozen=True, slots=True)
class Saved:
    """What an action wrote: the records, and soft findings about the values."""

    records: tuple[tuple[str, RecordId], ...]
    findings: tuple[Finding, ...] = ()


def list_records(
    desk: Desk,
    kind: str,
    *,
    search: str = "",
    where: Mapping[str, str] | None = None,
    limit: int = 50,
    after: str | None = None,
    by_person: bool = False,
) -> RecordPage:
    """A page of the records of a kind, in Vietnamese order or best match first. Raises `NotFound`, `BadInput`.

    `where`: field -> the value it has, as people type it (`phone` with blanks, a code by its label). `by_person`:
    establishments in the order of their persons, by given name.
    """
    of_kind = kind_named(kind)
    wanted = {
        name: _as_kept(field_named(of_kind, name), text, desk)
        for name, text in (where or {}).items()
    }
    page = desk.workspace.lists.page(
        kind, search=search, where=wanted, limit=limit, after=after, by_person=by_person
    )
    return RecordPage(_listed(desk, page.records), page.next)


def page_starts(desk: Desk, kind: str, *, size: int, after: str) -> list[str]:
    """Where the next pages of `size` records after the cursor `after` end, each given as `list_records` takes it.

    Some hundred at a time, so that nothing waits for long; empty at the end of the list. Raises `BadInput`.
    """
    return desk.workspace.lists.page_ends(kind, size=size, after=after)


def count_records(desk: Desk, kind: str, where: Mapping[str, str] | None = None) -> int:
    return desk.workspace.lists.count(kind, where)


def get_record(desk: Desk, kind: str, record: str) -> ListedRecord:
    """One record as lists show it. Raises `NotFound`."""
    return _listed(desk, [desk.workspace.lists.get(kind, record)])[0]


def open_record(desk: Desk, kind: str, record: str) -> State:
    """A record as a form opens it; its `seen` goes back with what the form saves. Raises `NotFound`."""
    return desk.workspace.state(kind, record)


def records_of(desk: Desk, kind: str, establishment: str) -> list[ListedRecord]:
    """The records of a kind that belong to an establishment (figures, surveys, needs)."""
    return _listed(desk, desk.workspace.lists.of_establishments(kind, [establishment]))


def add_record(
    desk: Desk, kind: str, typed: Mapping[str, str], *, form: Form | None = None
) -> Saved:
    """Add a record of a kind from typed texts. Raises `BadInput` with every hard finding, `NotFound`.

    form: the form it was typed in, which has its id ready and whose draft goes with it
    """
    if kind == ATTACHMENTS.name:
        raise BadInput(
            "Ảnh và tài liệu được thêm từ tệp.", hint="Dùng kcdesk attachment add CƠ_SỞ TỆP..."
        )
    require_fields(kind, typed)
    values, findings = read_fields(desk, kind, typed)
    if kind == "establishments" and not values.get("name"):
        raise BadInput("Chưa có tên cơ sở.", hint="Ghi tên cơ sở (name=...) rồi lưu lại.")
    parent = kind_named(kind).parent
    if parent is not None:
        values[parent] = standing_establishment(desk, str(values.get(parent)))
    if form is not None:
        record = RecordId(form.record)
    elif kind == "figures":
        record = _figures_record(values)
    else:
        record = new_record_id(desk.clock, desk.randomness)
    said: dict[str, Value] = {k: value for k, value in values.items() if value is not None}
    desk.workspace.save([Edit(kind, record, said)], closes=(kind, record) if form else None)
    return Saved(((kind, record),), findings)


def set_fields(
    desk: Desk,
    kind: str,
    record: str,
    typed: Mapping[str, str],
    *,
    form: Form | None = None,
) -> Saved:
    """Set fields of a record from typed texts; an empty text clears the field; what already says so is left.

    form: the form they were typed in, with what it had seen, and whose draft goes; without it the record is read now

    Raises `BadInput`, `NotFound`.
    """
    state = desk.workspace.state(kind, record)
    require_fields(kind, typed, state)
    values, findings = read_fields(desk, kind, typed, state)
    changed: dict[str, Value] = {
        field: value
        for field, value in values.items()
        if field in state.conflicts or not same(state.get(field), value)
    }
    if form is None:
        desk.workspace.save([Edit(kind, record, changed)])
    else:
        desk.workspace.save([Edit(kind, record, changed, form.seen)], closes=(kind, record))
    left = without_accepted(findings, {**state.values, **values})
    return Saved(((kind, RecordId(record)),) if changed else (), left)


def standing_establishment(desk: Desk, establishment: str) -> str:
    """The establishment under which this one is read: itself, or the one it was merged into.

    New records belong to that one. Raises `NotFound`, and `BadInput` when it lies in the bin.
    """
    standing = desk.workspace.lists.stands_for(establishment)
    if desk.workspace.state(ESTABLISHMENTS.name, standing).deleted:
        raise BadInput(
            "Cơ sở này đang ở trong thùng rác.",
            hint="Lấy lại bằng kcdesk bin take, rồi làm tiếp.",
            code="deleted",
        )
    return standing


def require_fields(kind: str, typed: Mapping[str, str], state: State | None = None) -> None:
    """Raise `BadInput` for a field that neither the kind nor the record (`state`) has: it is a slip of the pen.

    An answer sheet has whatever fields its questionnaire asks.
    """
    of_kind = kind_named(kind)
    if kind == ATTACHMENTS.name and not WRITTEN_OF_ATTACHMENTS.issuperset(typed):
        raise BadInput(
            "Của ảnh và tài liệu chỉ sửa được tên, loại và hồ sơ kèm theo.",
            hint="Các trường sửa được: " + ", ".join(sorted(WRITTEN_OF_ATTACHMENTS)) + ".",
            code="no_field",
        )
    unknown = [
        path
        for path in typed
        if kind != SURVEYS.name
        and not knows_field(of_kind, path)
        and (state is None or path not in state.heads)
    ]
    if unknown:
        fields = [field.key for field in of_kind.fields] + [f"{t.key}/..." for t in of_kind.tables]
        raise BadInput(
            f"Loại hồ sơ {kind} không có trường “{unknown[0]}”.",
            hint="Các trường: " + ", ".join(fields) + ".",
            code="no_field",
        )


def read_fields(
    desk: Desk, kind: str, typed: Mapping[str, str], state: State | None = None
) -> tuple[dict[str, Value], tuple[Finding, ...]]:
    """The values of typed texts, and soft findings. Raises `BadInput` with all hard findings at once.

    A row that is given as a plain number (`machines_to_buy/1/name`) is a new row and gets its id here, below the
    rows that the record (`state`) has.
    """
    of_kind = kind_named(kind)
    values: dict[str, Value] = {}
    findings: list[Finding] = []
    for path, text in _with_row_ids(desk, typed, state).items():
        checked = read_text(field_named(of_kind, path), text, today=desk.today)
        findings += checked.findings
        values[path] = checked.value
    commune = values.get("commune")
    if kind == "establishments" and isinstance(commune, str):
        desk.units.new_commune(commune)
    if kind == ESTABLISHMENTS.name and not values.keys().isdisjoint(_PLACE):
        before = {key: state.get(key) for key in _PLACE} if state is not None else {}
        said = before | values
        findings += findings_of_place(desk.units, said.get("commune"), said.get("geo"))
    refused = [finding for finding in findings if finding.level == "hard"]
    if refused:
        raise BadInput(
            " ".join(finding.message for finding in refused),
            hint=" ".join(dict.fromkeys(finding.hint for finding in refused if finding.hint)),
        )
    return values, tuple(findings)


def read_typed(kind: str, typed: Mapping[str, str], today: datetime.date) -> dict[str, Value]:
    """The values of texts that are still being typed; what is not right yet is left out."""
    of_kind = kind_named(kind)
    read = {
        path: read_text(field_named(of_kind, path), text, today=today).value
        for path, text in typed.items()
    }
    return {path: value for path, value in read.items() if value is not None}


def _as_kept(field: Field, text: str, desk: Desk) -> str:
    value = read_text(field, text, today=desk.today).value
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else text


def _with_row_ids(desk: Desk, typed: Mapping[str, str], state: State | None) -> dict[str, str]:
    there = [path.split("/") for path in (state.heads if state is not None else ())]
    rows: dict[tuple[str, str], str] = {}
    out: dict[str, str] = {}
    for path, text in typed.items():
        table, _, rest = path.partition("/")
        row, _, cell = rest.partition("/")
        if cell and row.isdigit() and len(row) <= 3:
            if (table, row) not in rows:
                used = [parts[1] for parts in there if parts[0] == table and len(parts) > 2]
                used += [id_ for (of, _), id_ in rows.items() if of == table]
                rows[table, row] = new_row_id(used, desk.randomness)
            out[f"{table}/{rows[table, row]}/{cell}"] = text
        else:
            out[path] = text
    return out


def _figures_record(values: Mapping[str, Value]) -> RecordId:
    establishment, year, basis = (values.get(key) for key in ("establishment", "year", "basis"))
    if not isinstance(year, int) or not isinstance(basis, str):
        raise BadInput(
            "Số liệu cần có năm (year) và tính chất (basis).", hint="Ví dụ: year=2025 basis=actual"
        )
    return figures_id(str(establishment), year, basis)


def _listed(desk: Desk, rows: Sequence[Row]) -> list[ListedRecord]:
    deliveries = desk.workspace.lists.deliveries([str(row["id"]) for row in rows])
    if rows and rows[0]["kind"] == "establishments":
        rows = with_figures(desk, [_with_names(desk, row) for row in rows])
    return [_with_age(desk, row, deliveries[str(row["id"])]) for row in rows]


def _with_age(desk: Desk, row: Row, delivery: Delivery) -> ListedRecord:
    if delivery.since is None or desk.workspace.province() is None:
        return ListedRecord(row, delivery)
    days = age_days(delivery.since, desk.clock())
    return ListedRecord(row, delivery, days, days >= sync_settings(desk).late_days)


def _with_names(desk: Desk, row: Row) -> Row:
    """The row with the names of its communes and province, as far as this version knows the codes."""
    out = dict(row)
    try:
        if isinstance(commune := row.get("commune"), str):
            unit = desk.units.new_commune(commune)
            now = desk.units.standing(commune)
            if len(now) == 1:  # one that was divided keeps its name until somebody decides
                (unit,) = now
            province = desk.units.provinces[unit.province]
            out["commune_name"] = f"{unit.kind} {unit.name}"
            out["province"], out["province_name"] = (
                province.code,
                f"{province.kind} {province.name}",
            )
        if isinstance(old := row.get("old_commune"), str):
            before = desk.units.old_commune(old)
            district = desk.units.old_districts[before.district]
            out["old_commune_name"] = f"{before.kind} {before.name}"
            out["old_district"] = f"{district.kind} {district.name}"
    except NotFound:
        pass
    return out


def with_figures(desk: Desk, rows: list[Row]) -> list[Row]:
    """The rows with the figures of their latest year; actual ones before estimates, plans never.

    Where a duplicate that was merged has figures of the same year and basis, the survivor's own are taken, and
    `figures_left_out` says how many were not.
    """
    latest: dict[str, Row] = {}
    of_basis: Counter[tuple[object, ...]] = Counter()
    of_these = desk.workspace.lists.of_establishments("figures", [str(row["id"]) for row in rows])
    for figures in of_these:
        if figures.get("basis") == FigureBasis.PLAN or not isinstance(figures.get("year"), int):
            continue
        key = str(figures["establishment"])
        of_basis[_same_figures(figures)] += 1
        if key not in latest or _before_others(figures) > _before_others(latest[key]):
            latest[key] = figures
    return [_joined(row, latest.get(str(row["id"])), of_basis) for row in rows]


def _same_figures(figures: Row) -> tuple[object, ...]:
    return figures["establishment"], figures["year"], str(figures.get("basis"))


def _before_others(figures: Row) -> tuple[int, bool, bool, str]:
    year = figures["year"]
    return (
        year if isinstance(year, int) else 0,
        figures.get("basis") == FigureBasis.ACTUAL,
        "merged_from" not in figures,
        str(figures["id"]),
    )


def _joined(row: Row, figures: Row | None, of_basis: Counter[tuple[object, ...]]) -> Row:
    if figures is None:
        return row
    left_out = of_basis[_same_figures(figures)] - 1
    measures = {shown: figures[key] for key, shown in _MEASURES.items() if key in figures}
    return {
        **row,
        "figures_year": figures["year"],
        "figures_basis": figures.get("basis"),
        **({"figures_left_out": left_out} if left_out else {}),
        **measures,
    }
