"""Joining a province, exchanging with it, and saying truthfully what is where."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kcdesk.actions.desk import Desk
from kcdesk.actions.refusals import RefusedChange, list_refused, refusal_text
from kcdesk.actions.revocation import heeding
from kcdesk.actions.sync_settings import age_days, sync_settings
from kcdesk.domain.clock import local_time
from kcdesk.domain.kinds import KINDS
from kcdesk.domain.value import Value
from kcdesk.storage.devices.identity import Reason, WentOn
from kcdesk.storage.reading.lists import Delivery, Place

if TYPE_CHECKING:  # httpx and cryptography are loaded when somebody syncs
    from kcdesk.sync.engine import SyncReport

SyncProgress = Callable[[str, int, int], None]
"""Called with the phase (`send`, `receive`), the bytes done and the bytes in all."""

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
class Status:
    """How a workspace stands.

    changes:       changes this device has made, and those it was before
    undelivered:   those of them the province has not confirmed
    in_parcels:    those of the undelivered that are in a parcel
    at_province:   those the province holds and has not refused
    oldest_at:     when the oldest undelivered one was made (this device's clock, milliseconds UTC)
    oldest_days:   for how many days that has been; late: longer than `late_days`, which is a setting
    background:    whether the window exchanges by itself
    refused:       those the province left out that still stand, newest first
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
    at_province: int
    oldest_at: int | None
    oldest_days: int | None
    late_days: int
    late: bool
    background: bool
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

    @property
    def here(self) -> int:
        """Changes that are on this computer and nowhere else."""
        return self.undelivered - self.in_parcels

    def as_json(self) -> dict[str, Value]:
        return {
            "person": self.person,
            "device": self.device,
            "areas": [{"code": code, "name": name} for code, name in self.areas],
            "changes": self.changes,
            "undelivered": self.undelivered,
            "on_this_computer": self.here,
            "in_parcels": self.in_parcels,
            "at_province": self.at_province,
            "oldest_undelivered_at": _iso(self.oldest_at),
            "oldest_undelivered_days": self.oldest_days,
            "late_after_days": self.late_days,
            "late": self.late,
            "background": self.background,
            "refused": [one.as_json() for one in self.refused],
            "province": self.province,
            "server": self.server,
            "synced_at": _iso(self.synced_at),
            "went_on": [_went_on_as_json(each) for each in self.went_on],
            "records": dict(self.records),
            "conflicts": self.conflicts,
            "undecided_communes": self.undecided_communes,
            "edition": self.edition,
        }


def believe(desk: Desk, ca: Path) -> None:
    """From now on believe a server whose certificate this authority has given (PEM), too. Raises `BadInput`."""
    from kcdesk.sync import trust  # noqa: PLC0415

    desk.workspace.set_setting(trust.SETTING, trust.read_ca(ca, desk.clock()))


def join(desk: Desk, server: str, code: str, *, ca: Path | None = None) -> str:
    """Join the province at `server` with a one-time code; its name. What was made before goes up with the next sync.

    ca: as in `believe`. Raises `ServerError`, `BadInput`.
    """
    from kcdesk.sync import engine  # noqa: PLC0415

    if ca is not None:
        believe(desk, ca)
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
        "sent_again": report.sent_again,
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
    changes = sum(each.last_n for each in devices)
    waiting = sum(each.last_n - each.confirmed_n for each in undelivered)
    oldest_at = min(oldest, default=None)
    oldest_days = None if oldest_at is None else age_days(oldest_at, desk.clock())
    settings = sync_settings(desk)
    late_days = settings.late_days
    return Status(
        workspace.person,
        workspace.device_id,
        tuple((code, desk.units.area_name(code)) for code in workspace.areas),
        changes,
        waiting,
        workspace.parcels.in_parcels(),
        changes - waiting - workspace.refused.count(),
        oldest_at,
        oldest_days,
        late_days,
        province is not None and oldest_days is not None and oldest_days >= late_days,
        settings.background,
        tuple(list_refused(desk)),
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


def delivery_text(delivery: Delivery, days: int | None = None) -> str:
    """Where a record is, in the words of lists and forms; `days`: for how many it has not been at the province."""
    age = f", {days} ngày" if days else ""
    match delivery.place:
        case Place.LOCAL:
            return f"Trên máy này{age}"
        case Place.PARCEL:
            return f"Trong gói{age}"
        case Place.PROVINCE:
            return "Đã ở tỉnh"
        case Place.REFUSED:
            return f"Bị từ chối: {refusal_text(delivery.reason)}"


def _went_on_as_json(went_on: WentOn) -> dict[str, Value]:
    return {
        "device": went_on.device,
        "before": went_on.before,
        "reason": went_on.reason,
        "at": _iso(went_on.at),
    }


def _iso(at: int | None) -> str | None:
    return local_time(at).isoformat(timespec="seconds") if at is not None else None
