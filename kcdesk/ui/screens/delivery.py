"""Where what was written here is: on this computer, in a parcel, at the province, refused, and since when; in words."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from kcdesk.actions.syncing import Status
from kcdesk.domain.kinds import KINDS
from kcdesk.domain.money import format_vnd
from kcdesk.ui.screens.base import moment


def in_one_line(window: QWidget, status: Status) -> str:
    """For the line below the window."""
    tr: Callable[[str], str] = window.tr
    if status.province is None:
        parts = [tr("Chưa nối với tỉnh: mọi thứ nằm trên máy này")]
    elif status.undelivered:
        parts = [tr("{0} thay đổi chưa đến tỉnh").format(format_vnd(status.undelivered))]
        if status.oldest_days:
            parts[0] += tr(", cũ nhất {0} ngày").format(status.oldest_days)
        if status.in_parcels:
            parts.append(tr("{0} trong gói").format(format_vnd(status.in_parcels)))
    else:
        parts = [tr("Mọi thay đổi đã ở tỉnh")]
    if status.province is not None:
        parts.append(status.province)
    if status.refused:
        parts.append(tr("{0} mục bị từ chối").format(len(status.refused)))
    return "   ·   ".join(parts)


def standing_text(screen: QWidget, status: Status) -> str:
    """In a sentence."""
    tr: Callable[[str], str] = screen.tr
    if status.undelivered == 0:
        return tr("Mọi thay đổi của máy này đã ở tỉnh.")
    since = moment(status.oldest_at) if status.oldest_at is not None else ""
    undelivered = format_vnd(status.undelivered)
    if not status.in_parcels:
        said = tr("{0} thay đổi còn ở trên máy này, cũ nhất từ {1}.").format(undelivered, since)
    else:
        said = tr("{0} thay đổi chưa đến tỉnh, cũ nhất từ {1}; {2} đã ở trong gói.").format(
            undelivered, since, format_vnd(status.in_parcels)
        )
    if status.late:
        said += " " + tr("Đã {0} ngày, quá hạn {1} ngày: gửi ngay, bằng mạng hoặc gói.").format(
            status.oldest_days, status.late_days
        )
    return said


def facts_of(screen: QWidget, status: Status) -> list[tuple[str, str, bool]]:
    """Line by line: what it is, how it stands, whether that is late."""
    tr: Callable[[str], str] = screen.tr
    synced = moment(status.synced_at) if status.synced_at is not None else tr("chưa lần nào")
    province = (
        f"{status.province} ({status.server or tr('bằng gói USB')})"
        if status.province
        else tr("chưa nối với tỉnh")
    )
    records = "; ".join(
        f"{KINDS[kind].label}: {format_vnd(count)}" for kind, count in status.records.items()
    )
    oldest = tr("không có")
    if status.oldest_at is not None and status.oldest_days is not None:
        oldest = tr("{0} ngày (từ {1})").format(status.oldest_days, moment(status.oldest_at))
    return [
        (tr("Người dùng"), status.person, False),
        (tr("Địa bàn"), "; ".join(name for _, name in status.areas), False),
        (tr("Tỉnh"), province, False),
        (tr("Đồng bộ lần cuối"), synced, False),
        (tr("Thay đổi đã ghi"), format_vnd(status.changes), False),
        (tr("Chỉ trên máy này"), format_vnd(status.here), status.late and status.here > 0),
        (tr("Trong gói"), format_vnd(status.in_parcels), False),
        (tr("Đã ở tỉnh"), format_vnd(status.at_province), False),
        (tr("Bị từ chối"), format_vnd(len(status.refused)), False),
        (tr("Chưa đến tỉnh, cũ nhất"), oldest, status.late),
        (tr("Hồ sơ trên máy"), records, False),
        (tr("Mã thiết bị"), status.device, False),
    ]
