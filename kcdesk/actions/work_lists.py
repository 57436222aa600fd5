"""Lists of work as tables to give out: the bin, conflicts, communes to be chosen, likely duplicates, survey rounds,
erasures.

Owns what stands in them. Records of a kind are `exporting`'s, as is writing the file. An establishment carries its id
as "Mã hồ sơ", so that a file that is taken in by mistake says nothing new.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kcdesk.actions.bin import hanging_text, list_bin
from kcdesk.actions.communes import work_list
from kcdesk.actions.conflicts import list_conflicts
from kcdesk.actions.desk import Desk
from kcdesk.actions.duplicates import list_duplicates
from kcdesk.actions.erasing import list_erasures
from kcdesk.actions.exporting import PERSONAL, Progress, give_out, require_format
from kcdesk.actions.handing_out import Pictures
from kcdesk.actions.rounds import rounds
from kcdesk.domain.clock import local_time
from kcdesk.domain.field_text import field_named
from kcdesk.domain.kinds import KINDS, kind_named
from kcdesk.domain.value import Value
from kcdesk.reports.spreadsheet import OutCell, OutTable

_EVERY = 1_000_000
_HIDDEN = "(không xuất)"

Lines = Iterator[tuple[OutCell, ...]]


@dataclass(frozen=True, slots=True)
class WorkList:
    """A list that can be given out.

    name:  as the command line has it
    label: as people read it; names the sheet
    lines: its rows in the order of `head`; second argument: whether values of `PERSONAL` fields stand in them
    """

    name: str
    label: str
    head: tuple[str, ...]
    lines: Callable[[Desk, bool], Lines]

    def table(self, desk: Desk, *, personal: bool = True) -> OutTable:
        """The list as it stands, numbered."""
        numbered = [(number, *line) for number, line in enumerate(self.lines(desk, personal), 1)]
        return OutTable(self.label, ("STT", *self.head), numbered)


def export_work_list(
    desk: Desk,
    name: str,
    path: Path,
    *,
    personal: bool = True,
    taker: str = "",
    pictures: Pictures | None = None,
    progress: Progress | None = None,
) -> int:
    """Write a list of work into a file, as `export_records` does; how many rows it has.

    Raises `BadInput` for another kind of file, `WorkspaceError` when it cannot be written.
    """
    require_format(path, pictures)
    if progress is not None:
        progress(0, 0)
    table = WORK_LISTS[name].table(desk, personal=personal)
    left_out = () if personal else sorted(PERSONAL)
    give_out(
        desk,
        table,
        path,
        taker=taker,
        left_out=left_out,
        pictures=pictures,
        progress=progress,
    )
    return len(table.rows)


def _bin(desk: Desk, _: bool) -> Lines:
    for one in list_bin(desk, limit=_EVERY):
        kind = KINDS[str(one.record.row["kind"])]
        title = _text(one.record.row.get(kind.title))
        hanging = hanging_text(one.hanging)
        yield kind.label, title, _moment(one.at), one.who, hanging, str(one.record.row["id"])


def _conflicts(desk: Desk, personal: bool) -> Lines:
    for one in list_conflicts(desk):
        hidden = one.field in PERSONAL and not personal
        for side in one.sides:
            shown = _HIDDEN if hidden else side.shown
            showing = "đang hiện" if side is one.sides[-1] else None
            label = KINDS[one.kind].label
            said = shown, side.who, _moment(side.at), showing
            yield label, one.title, one.label, *said, one.record


def _communes(desk: Desk, _: bool) -> Lines:
    for one in work_list(desk):
        may_be = "; ".join(desk.units.display_name(unit) for unit in one.candidates)
        yield one.name, one.address, one.old_commune, may_be, one.why, one.record


def _duplicates(desk: Desk, _: bool) -> Lines:
    for pair in list_duplicates(desk):
        names = (_text(side.fields.get("name")) for side in (pair.one, pair.other))
        places = (_commune(desk, side.fields.get("commune")) for side in (pair.one, pair.other))
        score, why = round(pair.likeness.score), pair.likeness.sentence
        yield score, why, *names, *places, pair.one.record, pair.other.record


def _rounds(desk: Desk, _: bool) -> Lines:
    for one in rounds(desk):
        for sheet in one.sheets:
            given = sheet.given
            where = given.name, sheet.commune_name, given.hamlet or None
            who = given.assigned_to or None, sheet.progress.value
            due = _day(given.due_on)
            ids = given.establishment, given.record
            yield one.title, one.questionnaire, due, *where, *who, *ids


def _erasures(desk: Desk, _: bool) -> Lines:
    for one in list_erasures(desk):
        kind = kind_named(one.kind)
        fields = ", ".join(field_named(kind, field).label for field in one.fields)
        paper = one.reason, one.paper, _day(one.paper_date)
        yield _moment(one.at), one.who, kind.label, fields, *paper, one.record


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


def _commune(desk: Desk, code: Value) -> str | None:
    return None if code is None else desk.units.display_name(desk.units.new_commune(str(code)))


def _moment(at: int) -> datetime.datetime:
    """The wall clock's, without zone, to the minute: spreadsheets know no more."""
    return local_time(at).replace(tzinfo=None, second=0, microsecond=0)


def _day(iso: str) -> OutCell:
    try:
        return datetime.date.fromisoformat(iso)
    except ValueError:
        return iso or None


WORK_LISTS: Mapping[str, WorkList] = {
    each.name: each
    for each in (
        WorkList(
            "bin",
            "Thùng rác",
            ("Loại hồ sơ", "Hồ sơ", "Bỏ lúc", "Ai bỏ", "Đi cùng", "Mã hồ sơ"),
            _bin,
        ),
        WorkList(
            "conflicts",
            "Giá trị khác nhau",
            ("Loại hồ sơ", "Hồ sơ", "Mục", "Giá trị", "Ai ghi", "Lúc", "Đang hiện", "Mã hồ sơ"),
            _conflicts,
        ),
        WorkList(
            "communes",
            "Chờ chọn xã, phường",
            ("Tên cơ sở", "Nơi ghi trong danh sách", "Nơi cũ", "Có thể là", "Vì sao", "Mã hồ sơ"),
            _communes,
        ),
        WorkList(
            "duplicates",
            "Có thể trùng nhau",
            (
                *("Điểm", "Vì sao", "Cơ sở A", "Cơ sở B", "Nơi của A", "Nơi của B"),
                *("Mã hồ sơ A", "Mã hồ sơ B"),
            ),
            _duplicates,
        ),
        WorkList(
            "rounds",
            "Phiếu của các đợt",
            (
                *("Đợt", "Mẫu phiếu", "Hạn", "Tên cơ sở", "Xã, phường", "Thôn", "Giao cho"),
                *("Tình trạng", "Mã hồ sơ", "Mã phiếu giao"),
            ),
            _rounds,
        ),
        WorkList(
            "erasures",
            "Xoá theo văn bản",
            (
                *("Xoá lúc", "Ai xoá", "Loại hồ sơ", "Các mục", "Lý do", "Văn bản"),
                *("Ngày văn bản", "Mã hồ sơ"),
            ),
            _erasures,
        ),
    )
}
