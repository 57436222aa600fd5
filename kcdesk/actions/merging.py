"""Merging duplicate establishments, and parting them again.

Nothing is copied or moved: the duplicate says what it is merged into, and reading follows (`changes.merging`). Its
surveys, needs, figures and attachments are shown and counted under the one that survives, and are its own again once
the two are parted. Figures of the same year and basis from both are shown side by side; reports count the survivor's.
"""

from __future__ import annotations

from collections.abc import Iterable

from kcdesk.actions.desk import Desk
from kcdesk.actions.records import ListedRecord, Saved, get_record, standing_establishment
from kcdesk.changes import MERGED_INTO, State
from kcdesk.changes.fold import DELETED
from kcdesk.domain.field_text import knows_field
from kcdesk.domain.identifiers import RecordId
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput
from kcdesk.storage.edits import Edit

_KIND = ESTABLISHMENTS.name
_TABLES = [table.key for table in ESTABLISHMENTS.tables]


def merge(desk: Desk, duplicate: str, into: str, take: Iterable[str] = ()) -> Saved:
    """Say that an establishment is a duplicate of another, in one action.

    into: the one that survives; where it was merged itself, the one it is read under
    take: fields (a table by its name) whose values the survivor takes from the duplicate, when it has any

    Raises `NotFound`, `BadInput`.
    """
    state = desk.workspace.state(_KIND, duplicate)
    survivor = standing_establishment(desk, into)
    if duplicate in (into, survivor):
        raise BadInput(
            "Hai hồ sơ này đã là một cơ sở.", hint="Chọn hai cơ sở khác nhau.", code="same_record"
        )
    if state.deleted:
        raise BadInput(
            "Hồ sơ định gộp đang ở trong thùng rác.",
            hint="Lấy lại bằng kcdesk bin take, rồi gộp.",
            code="deleted",
        )
    if state.get(MERGED_INTO) is not None and MERGED_INTO not in state.conflicts:
        raise BadInput(
            "Hồ sơ này đã được gộp vào một cơ sở khác.",
            hint="Tách ra bằng kcdesk unmerge trước, nếu muốn gộp vào chỗ khác.",
            code="merged",
        )
    edits = [Edit(_KIND, duplicate, {MERGED_INTO: survivor}, state.seen)]
    taken = _taken(state, take)
    if taken:
        seen = desk.workspace.state(_KIND, survivor).seen
        edits.append(Edit(_KIND, survivor, taken, seen))
    desk.workspace.save(edits)
    return Saved(tuple((_KIND, RecordId(edit.record)) for edit in edits))


def unmerge(desk: Desk, duplicate: str) -> Saved:
    """Part an establishment from the one it was merged into; values that one has taken stay with it.

    Raises `NotFound`, `BadInput`.
    """
    state = desk.workspace.state(_KIND, duplicate)
    if state.get(MERGED_INTO) is None:
        raise BadInput("Hồ sơ này chưa được gộp vào cơ sở nào.", hint="Kiểm tra lại mã hồ sơ.")
    desk.workspace.save([Edit(_KIND, duplicate, {MERGED_INTO: None}, state.seen)])
    return Saved(((_KIND, RecordId(duplicate)),))


def merged_into(desk: Desk, establishment: str) -> list[ListedRecord]:
    """The duplicates that are read under an establishment, those of its duplicates too."""
    rows = desk.workspace.lists.merged_under(establishment)
    return [get_record(desk, _KIND, str(row["id"])) for row in rows]


def _taken(state: State, take: Iterable[str]) -> dict[str, Value]:
    taken: dict[str, Value] = {}
    for field in take:
        if not knows_field(ESTABLISHMENTS, field) and field not in _TABLES:
            raise BadInput(
                f"Cơ sở không có mục “{field}” để lấy.",
                hint="Các mục: "
                + ", ".join([f.key for f in ESTABLISHMENTS.fields] + _TABLES)
                + ".",
                code="no_field",
            )
        taken |= {
            path: value
            for path, value in state.values.items()
            if value is not None and (path == field or path.startswith(f"{field}/"))
        }
    taken.pop(DELETED, None)
    return taken
