"""The work list of communes: establishments whose address fits no single commune of today."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved
from kcdesk.domain.administrative_units import NewCommune
from kcdesk.domain.identifiers import RecordId
from kcdesk.domain.value import Value
from kcdesk.errors import NotFound
from kcdesk.storage.edits import Edit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Undecided:
    """An establishment that waits: what its list said, the old commune where that is sure, and what it may be."""

    record: RecordId
    name: str
    address: str
    old_commune: str
    candidates: tuple[NewCommune, ...]

    def as_json(self) -> dict[str, Value]:
        return {
            "id": self.record,
            "name": self.name,
            "address_as_written": self.address,
            "old_commune": self.old_commune,
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
        waiting.append(
            Undecided(
                RecordId(str(row["id"])),
                str(row.get("name", "")),
                str(row.get("address_as_written", "")),
                "".join(map(desk.units.display_name, _known(desk.units.old_commune, [old]))),
                tuple(_known(desk.units.new_commune, codes if isinstance(codes, list) else [])),
            )
        )
    return waiting


def _known(unit_of: Callable[[str], T], codes: Sequence[Value]) -> Iterator[T]:
    """The units with these codes; a code of another edition of the list is left out."""
    for code in codes:
        with suppress(NotFound):
            yield unit_of(str(code))


def decide_commune(desk: Desk, record: str, commune: str) -> Saved:
    """Say in which commune of today an establishment is; its old commune stays. Raises `NotFound`."""
    desk.units.new_commune(commune)
    state = desk.workspace.state("establishments", record)
    if state.deleted:
        raise NotFound(
            "Cơ sở này đã bị xoá.", hint="Lấy lại từ thùng rác trước khi chọn xã, phường."
        )
    desk.workspace.save([Edit("establishments", record, {"commune": commune}, state.seen)])
    return Saved((("establishments", RecordId(record)),))
