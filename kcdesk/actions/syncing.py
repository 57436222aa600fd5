"""Joining a province, exchanging with it, and saying truthfully what is where."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kcdesk.actions.desk import Desk
from kcdesk.actions.revocation import heeding
from kcdesk.domain.clock import local_time
from kcdesk.domain.kinds import KINDS, kind_named
from kcdesk.domain.value import Value
from kcdesk.errors import NotFound
from kcdesk.storage.devices.identity import Reason, WentOn
from kcdesk.storage.reading.lists import Delivery, Place

if TYPE_CHECKING:  # httpx and cryptography are loaded when somebody syncs
    from kcdesk.sync.engine import SyncReport

SyncProgress = Callable[[str, int, int], None]
"""Called with the phase (`send`, `receive`), the bytes done and the bytes in all."""

_REFUSALS = {
    "no_right": "người dùng máy này không có quyền ghi loại hồ sơ này",
    "no_area": "xã, phường của hồ sơ không thuộc địa bàn được giao hoặc chưa chọn xã, phường",
    "form": "máy chủ không đọc được mục này",
    "size": "mục này quá lớn",
}

_TOLD = "told_of_device"

_WENT_ON: Mapping[Reason, str] = {
    "elsewhere": "Máy này chưa từng mở dữ liệu này: đây là bản chép từ máy khác.",
    "copy": "Thư mục này là một bản chép: dữ liệu đã được mở ở một thư mục khác trên máy này.",
    "missing": "Tệp dữ liệu cũ hơn dữ liệu đã có trên máy.",
    "restored": "Dữ liệu đã được khôi phục từ bản sao lưu.",
    "other_chain": "Một bản sao của dữ liệu này đã được dùng ở nơi khác và đã gửi thay đổi lên tỉnh.",
    "continued": "Một bản sao của dữ liệu này đang được dùng ở nơi khác.",
}


@dataclass(frozen=True, slots=True)
class RefusedChange:
    """A change that the province left out, and why; `title` is that of its record."""

    n: int
    kind: str
    record: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class Status:
    """How a workspace stands.

    changes:       changes this device has made, and those it was before
    undelivered:   those of them the province has not confirmed
    in_parcels:    those of the undelivered that are in a parcel
    oldest_at:     when the oldest undelivered one was made (this device's clock, milliseconds UTC)
    went_on:       each time that the workspace went on as a new device, oldest first
    edition:       number of the edition in use; 0: what the program ships with
    may_erase:     whether this person may erase personal data by law: the centre, and who works alone
    records:       kind -> how many there are
    """

    person: str
    device: str
    areas: tuple[tuple[str, str], ...]
    changes: int
    undelivered: int
    in_parcels: int
    oldest_at: int | None
    refused: tuple[RefusedChange, ...]
    province: str | None
    server: str | None
    synced_at: int | None
    went_on: tuple[WentOn, ...]
    records: dict[str, int]
    conflicts: int
    undecided_communes: int
    edition: int
    may_erase: bool

    def as_json(self) -> dict[str, Value]:
        return {
            "person": self.person,
            "device": self.device,
            "areas": [{"code": code, "name": name} for code, name in self.areas],
            "changes": self.changes,
            "undelivered": self.undelivered,
            "in_parcels": self.in_parcels,
            "oldest_undelivered_at": _iso(self.oldest_at),
            "refused": [
                {
                    "n": one.n,
                    "kind": one.kind,
                    "id": one.record,
                    "title": one.title,
                    "reason": one.reason,
                }
                for one in self.refused
            ],
            "province": self.province,
            "server": self.server,
            "synced_at": _iso(self.synced_at),
            "went_on": [_went_on_as_json(each) for each in self.went_on],
            "records": dict(self.records),
            "conflicts": self.conflicts,
            "undecided_communes": self.undecided_communes,
            "edition": self.edition,
        }


def join(desk: Desk, server: str, code: str) -> str:
    """Join the province at `server` with a one-time code; its name. What was made before goes up with the next sync.

    Raises `ServerError`, `BadInput`.
    """
    from kcdesk.sync import engine  # noqa: PLC0415

    with heeding(desk):
        return engine.join(desk.workspace, server, code, clock=desk.clock).name


def sync(
    desk: Desk, *, progress: SyncProgress | None = None, cancel: threading.Event | None = None
) -> SyncReport:
    """Exchange with the province until both have everything. Raises `ServerError`, `BadInput`, `Cancelled`.

    What had been confirmed or received before an error stays; the next pass goes on from there.
    """
    from kcdesk.sync import engine  # noqa: PLC0415

    try:
        with heeding(desk):
            report = engine.sync(
                desk.workspace,
                clock=desk.clock,
                randomness=desk.randomness,
                progress=progress,
                cancel=cancel,
            )
    finally:
        desk.workspace.erasing.finish_if_possible()
    if report.went_on:
        _has_told(desk)
    return report


def report_as_json(report: SyncReport) -> dict[str, Value]:
    return {
        "bytes_sent": report.bytes_sent,
        "bytes_received": report.bytes_received,
        "bytes_sent_twice": report.bytes_sent_twice,
        "bytes_received_twice": report.bytes_received_twice,
        "round_trips": report.round_trips,
        "cuts": report.cuts,
        "changes_sent": report.changes_sent,
        "confirmed_n": report.confirmed_n,
        "waiting": report.waiting,
        "refused": [
            {"n": one.n, "reason": refusal_text(one.reason_code)} for one in report.refused
        ],
        "received": report.received,
        "carried": report.carried,
        "digests_equal": report.digests_equal,
        "went_on": [_went_on_as_json(each) for each in report.went_on],
        "edition": report.edition,
        "bad_edition": report.bad_edition or None,
    }


def went_on_text(went_on: WentOn) -> str:
    """What a person is told when their workspace goes on as a new device."""
    return f"{_WENT_ON[went_on.reason]} Dữ liệu tiếp tục như một thiết bị mới, không mất thay đổi nào đang có ở đây."


def told_at_opening(desk: Desk) -> list[str]:
    """Sentences for the person whose workspace was just opened: that it is a new device now (once), what was found."""
    workspace = desk.workspace
    went_on = workspace.identity.went_on()
    told = []
    if went_on and workspace.setting(_TOLD) != workspace.device_id:
        told.append(went_on_text(went_on[-1]))
        _has_told(desk)
    for finding in workspace.findings:
        told += filter(None, (finding.message, finding.hint))
    return told


def _has_told(desk: Desk) -> None:
    """The person knows of the device that the workspace is now."""
    desk.workspace.set_setting(_TOLD, desk.workspace.device_id)


def status(desk: Desk) -> Status:
    """How the workspace stands, by what the province has committed and nothing else."""
    workspace, lists = desk.workspace, desk.workspace.lists
    identity, province = workspace.identity, workspace.province()
    devices = [*identity.predecessors(), identity.speaker()]
    undelivered = [each for each in devices if each.last_n > each.confirmed_n]
    oldest = [
        change.at
        for each in undelivered
        for change in workspace.own_changes(each.confirmed_n, each.confirmed_n + 1, each.id)
    ]
    return Status(
        workspace.person,
        workspace.device_id,
        tuple((code, desk.units.area_name(code)) for code in workspace.areas),
        sum(each.last_n for each in devices),
        sum(each.last_n - each.confirmed_n for each in undelivered),
        workspace.parcels.in_parcels(),
        min(oldest, default=None),
        tuple(
            RefusedChange(
                n, kind, record, _title(desk, device, n, kind, record), refusal_text(reason)
            )
            for device, n, kind, record, reason in lists.refused()
        ),
        province.name if province is not None else None,
        province.url if province is not None else None,
        province.synced_at if province is not None else None,
        tuple(identity.went_on()),
        {kind: lists.count(kind) for kind in KINDS},
        len(lists.in_conflict()),
        len(lists.undecided_communes()),
        newest.number if (newest := workspace.editions.newest()) is not None else 0,
        province is None or province.role == "centre",
    )


def delivery_text(delivery: Delivery) -> str:
    """Where a record is, in the words of lists and forms."""
    match delivery.place:
        case Place.LOCAL:
            return "Trên máy này"
        case Place.PARCEL:
            return "Trong gói"
        case Place.PROVINCE:
            return "Đã ở tỉnh"
        case Place.REFUSED:
            return f"Bị từ chối: {refusal_text(delivery.reason)}"


def refusal_text(reason: str) -> str:
    """The sentence for a reason of the province; `reason` is its code, with `: detail` where it gave one."""
    code, _, detail = reason.partition(": ")
    sentence = _REFUSALS.get(code, code)
    return f"{sentence} ({detail})" if detail else sentence


def _title(desk: Desk, device: str, n: int, kind: str, record: str) -> str:
    """The title of the record; of one that has nothing but refused changes, what this one says."""
    if kind not in KINDS:
        return ""
    said: Mapping[str, Value] = next(desk.workspace.own_changes(n - 1, n, device)).set
    with suppress(NotFound):
        said = {**said, **desk.workspace.lists.get(kind, record)}
    title = said.get(kind_named(kind).title)
    return str(title) if title is not None else ""


def _went_on_as_json(went_on: WentOn) -> dict[str, Value]:
    return {
        "device": went_on.device,
        "before": went_on.before,
        "reason": went_on.reason,
        "at": _iso(went_on.at),
    }


def _iso(at: int | None) -> str | None:
    return local_time(at).isoformat(timespec="seconds") if at is not None else None
