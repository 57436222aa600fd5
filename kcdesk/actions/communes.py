"""The work list of communes: establishments whose address fits no single commune of today."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved
from kcdesk.domain.administrative_units import NewCommune, OldCommune
from kcdesk.domain.identifiers import RecordId
from kcdesk.domain.value import Value
from kcdesk.errors import NotFound
from kcdesk.storage.edits import Edit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Undecided:
    """An establishment that waits: what its list said, the old commune where that is sure, what it may be, and why."""

    record: RecordId
    name: str
    address: str
    old_commune: str
    candidates: tuple[NewCommune, ...]
    why: str = ""

    def is_like(self, other: Undecided) -> bool:
        """Whether both wait for the same answer: the same former commune may be in the same places today."""
        return bool(self.old_commune and self.candidates) and (
            (self.old_commune, self.candidates) == (other.old_commune, other.candidates)
        )

    def as_json(self) -> dict[str, Value]:
        return {
            "id": self.record,
            "name": self.name,
            "address_as_written": self.address,
            "old_commune": self.old_commune,
            "why": self.why,
            "candidates": [
                {"code": unit.code, "name": f"{unit.kind} {unit.name}", "province": unit.province}
                for unit in self.candidates
            ],
        }


def work_list(desk: Desk) -> list[Undecided]:
    """Establishments that wait for a decision, in Vietnamese order of their names."""
    waiting = []
    for row in desk.workspace.lists.undecided_communes():
        codes, old = row.get("commune_candidates"), row.get("old_commune")
        before = next(_known(desk.units.old_commune, [old]), None)
        candidates = tuple(_known(desk.units.new_commune, codes if isinstance(codes, list) else []))
        waiting.append(
            Undecided(
                RecordId(str(row["id"])),
                str(row.get("name", "")),
                str(row.get("address_as_written", "")),
                desk.units.display_name(before) if before is not None else "",
                candidates,
                _why(desk, before, candidates),
            )
        )
    return waiting


def _why(desk: Desk, before: OldCommune | None, candidates: Sequence[NewCommune]) -> str:
    """Why a person has to choose, in one sentence."""
    ours = {unit.code for area in desk.workspace.areas for unit in desk.units.communes_of(area)}
    if before is not None and before.divided:
        return f"{before.kind} {before.name} đã chia về {len(before.successors)} nơi."
    if candidates and ours.isdisjoint(unit.code for unit in candidates):
        return "Nơi này nằm ngoài địa bàn phụ trách."
    if len(candidates) > 1:
        return "Địa chỉ có thể hiểu theo nhiều cách."
    if candidates:
        return "Địa chỉ ghi gần giống nơi này nhưng chưa chắc chắn."
    return "Không nhận ra xã, phường trong địa chỉ."


def _known(unit_of: Callable[[str], T], codes: Sequence[Value]) -> Iterator[T]:
    """The units with these codes; a code of another edition of the list is left out."""
    for code in codes:
        with suppress(NotFound):
            yield unit_of(str(code))


def decide_communes(desk: Desk, records: Sequence[str], commune: str) -> Saved:
    """Say in which commune of today establishments are, in one action; their old commune stays. Raises `NotFound`."""
    desk.units.new_commune(commune)
    edits = []
    for record in records:
        state = desk.workspace.state("establishments", record)
        if state.deleted:
            raise NotFound(
                "Cơ sở này đã bị xoá.", hint="Lấy lại từ thùng rác trước khi chọn xã, phường."
            )
        edits.append(Edit("establishments", record, {"commune": commune}, state.seen))
    desk.workspace.save(edits)
    return Saved(tuple(("establishments", RecordId(record)) for record in records))
