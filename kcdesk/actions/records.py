"""Records in lists and forms: read, add, set, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.changes import ChangeId, State, fold, same
from kcdesk.domain.clock import local_time
from kcdesk.domain.code_lists import FigureBasis
from kcdesk.domain.field_text import field_named, knows_field, read_text
from kcdesk.domain.findings import Finding
from kcdesk.domain.identifiers import RecordId, new_record_id, new_row_id
from kcdesk.domain.kinds import FIGURES, SURVEYS, Field, FieldType, figures_id, kind_named
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, NotFound
from kcdesk.storage.lists import Delivery, Row
from kcdesk.storage.workspace import Edit

_MEASURES = {
    field.key: "workers_total" if field.key == "workers" else field.key
    for field in FIGURES.fields
    if field.type in (FieldType.INT, FieldType.MONEY) and field.key != "year"
}
"""Fields of figures, and the keys of dossier section 6.2 under which an establishment shows them."""


@dataclass(frozen=True, slots=True)
class ListedRecord:
    """A record as a list shows it.

    row:      `id`, `kind`, `conflicts` and the values; of an establishment also the names of its commune and the
              figures of its latest year, under the keys of dossier section 6.2
    delivery: on this computer, at the province, or refused and why
    """

    row: Row
    delivery: Delivery

    def as_json(self) -> dict[str, Value]:
        out: dict[str, Value] = {
            "id": self.row["id"],
            "kind": self.row["kind"],
            "state": self.delivery.place.value,
        }
        if self.delivery.reason:
            out["reason"] = self.delivery.reason
        return {**out, **{key: value for key, value in self.row.items() if key not in out}}


@dataclass(frozen=True, slots=True)
class RecordPage:
    records: list[ListedRecord]
    next: str | None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One field of one change: what it said before on that author's screen, and what it says since.

    `old` is None where nothing was said before. `at` is the author's clock, for reading only.
    """

    change: ChangeId
    at: int
    who: str
    field: str
    old: Value
    new: Value

    def as_json(self) -> dict[str, Value]:
        return {
            "change": str(self.change),
            "at": local_time(self.at).isoformat(timespec="seconds"),
            "who": self.who,
            "device": self.change.device,
            "field": self.field,
            "old": self.old,
            "new": self.new,
        }


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
) -> RecordPage:
    """A page of the records of a kind, in Vietnamese order or best match first. Raises `NotFound`, `BadInput`.

    `where`: field -> the value it has, as people type it (`phone` with blanks, a code by its label).
    """
    of_kind = kind_named(kind)
    wanted = {
        name: _as_kept(field_named(of_kind, name), text, desk)
        for name, text in (where or {}).items()
    }
    page = desk.workspace.lists.page(kind, search=search, where=wanted, limit=limit, after=after)
    return RecordPage(_listed(desk, page.records), page.next)


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


def add_record(desk: Desk, kind: str, typed: Mapping[str, str]) -> Saved:
    """Add a record of a kind from typed texts. Raises `BadInput` with every hard finding, `NotFound`."""
    require_fields(kind, typed)
    values, findings = read_fields(desk, kind, typed)
    if kind == "establishments" and not values.get("name"):
        raise BadInput("Chưa có tên cơ sở.", hint="Ghi tên cơ sở (name=...) rồi lưu lại.")
    parent = kind_named(kind).parent
    if parent is not None:
        desk.workspace.state("establishments", str(values.get(parent)))
    record = new_record_id(desk.clock, desk.randomness)
    if kind == "figures":
        record = _figures_record(values)
    desk.workspace.save([Edit(kind, record, {k: v for k, v in values.items() if v is not None})])
    return Saved(((kind, record),), findings)


def set_fields(
    desk: Desk,
    kind: str,
    record: str,
    typed: Mapping[str, str],
    *,
    seen: Mapping[str, int] | None = None,
) -> Saved:
    """Set fields of a record from typed texts; an empty text clears the field; what already says so is left.

    `seen` is that of the form's `State`; without it the record is read now. Raises `BadInput`, `NotFound`.
    """
    state = desk.workspace.state(kind, record)
    require_fields(kind, typed, state)
    values, findings = read_fields(desk, kind, typed, state)
    changed: dict[str, Value] = {
        field: value
        for field, value in values.items()
        if field in state.conflicts or not same(state.get(field), value)
    }
    desk.workspace.save([Edit(kind, record, changed, seen)])
    return Saved(((kind, RecordId(record)),) if changed else (), findings)


def delete_record(
    desk: Desk, kind: str, record: str, *, seen: Mapping[str, int] | None = None
) -> Saved:
    """Put a record into the bin. Raises `NotFound`."""
    desk.workspace.state(kind, record)
    desk.workspace.save([Edit(kind, record, {"deleted": True}, seen)])
    return Saved(((kind, RecordId(record)),))


def history(desk: Desk, kind: str, record: str) -> list[HistoryEntry]:
    """Everything ever said about a record, oldest first, field by field. Raises `NotFound`."""
    persons = desk.workspace.devices()
    entries: list[HistoryEntry] = []
    changes = desk.workspace.history(kind, record)
    for change in changes:
        # by what the author had seen, not by the clock: clocks of laptops are wrong
        known = [other for other in changes if change.has_seen(other)]
        before = fold(known) if known else None
        for field, value in change.set.items():
            old = before.get(field) if before is not None else None
            who = persons.get(change.device, change.device)
            entries.append(HistoryEntry(change.id, change.at, who, field, old, value))
    return entries


def require_fields(kind: str, typed: Mapping[str, str], state: State | None = None) -> None:
    """Raise `BadInput` for a field that neither the kind nor the record (`state`) has: it is a slip of the pen.

    An answer sheet has whatever fields its questionnaire asks.
    """
    of_kind = kind_named(kind)
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
    refused = [finding for finding in findings if finding.level == "hard"]
    if refused:
        raise BadInput(
            " ".join(finding.message for finding in refused),
            hint=" ".join(dict.fromkeys(finding.hint for finding in refused if finding.hint)),
        )
    return values, tuple(findings)


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
    return [ListedRecord(row, deliveries[str(row["id"])]) for row in rows]


def _with_names(desk: Desk, row: Row) -> Row:
    """The row with the names of its communes and province, as far as this version knows the codes."""
    out = dict(row)
    try:
        if isinstance(commune := row.get("commune"), str):
            unit = desk.units.new_commune(commune)
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
    """The rows with the figures of their latest year; actual ones before estimates, plans never."""
    latest: dict[str, Row] = {}
    of_these = desk.workspace.lists.of_establishments("figures", [str(row["id"]) for row in rows])
    for figures in of_these:
        if figures.get("basis") == FigureBasis.PLAN or not isinstance(figures.get("year"), int):
            continue
        key = str(figures["establishment"])
        if key not in latest or _newer(figures) > _newer(latest[key]):
            latest[key] = figures
    return [_joined(row, latest.get(str(row["id"]))) for row in rows]


def _newer(figures: Row) -> tuple[int, bool]:
    year = figures["year"]
    return (year if isinstance(year, int) else 0, figures.get("basis") == FigureBasis.ACTUAL)


def _joined(row: Row, figures: Row | None) -> Row:
    if figures is None:
        return row
    measures = {shown: figures[key] for key, shown in _MEASURES.items() if key in figures}
    return {
        **row,
        "figures_year": figures["year"],
        "figures_basis": figures.get("basis"),
        **measures,
    }
