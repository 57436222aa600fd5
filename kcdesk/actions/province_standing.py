"""How the devices and communes of the province stand, for the centre: asking, and saying it in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kcdesk.actions.desk import Desk
from kcdesk.actions.former import numbers_in_words
from kcdesk.actions.revocation import heeding
from kcdesk.actions.sync_settings import age_days
from kcdesk.domain.clock import local_time

if TYPE_CHECKING:  # httpx is loaded when somebody asks
    from kcdesk.sync.protocol import DeviceStanding, ProvinceStanding


def province_standing(desk: Desk) -> ProvinceStanding:
    """Ask the province now. Raises `ServerError` (`no_right` unless this is a device of the centre), `BadInput`."""
    from kcdesk.sync import standing  # noqa: PLC0415

    with heeding(desk):
        return standing.province_standing(desk.workspace)


def sees_province(desk: Desk) -> bool:
    """Whether this person is of the centre, and a server can be asked."""
    province = desk.workspace.province()
    return province is not None and province.role == "centre" and bool(province.url)


def state_text(one: DeviceStanding) -> str:
    """Whether a device may speak."""
    if one.revoked_at is not None:
        return "đã thu hồi"
    return "đã chuyển máy" if one.continued_as else "đang dùng"


def in_words(one: DeviceStanding, now: int) -> str:
    """All that is known of a device, in a sentence."""
    parts = [f"tỉnh đã nhận đến số {one.n}"]
    if one.missing:
        parts.append(f"chưa bao giờ đến: {numbers_in_words(one.missing)}")
    if one.waits:
        parts.append(f"đã đến nhưng chưa nhận: {numbers_in_words(one.waits)}")
    if one.oldest_at is not None:
        parts.append(f"thay đổi cũ nhất chưa đến đã {oldest_text(one, now)}, theo máy ấy báo")
    if one.continued_as:
        parts.append(f"tiếp nối bằng máy {', '.join(one.continued_as)}")
    if one.revoked_at is not None:
        parts.append(f"thu hồi {moment_text(one.revoked_at)}")
        if one.key_destroyed_at is not None:
            parts.append(f"máy báo đã huỷ khoá {moment_text(one.key_destroyed_at)}")
        else:
            parts.append("máy chưa liên lạc lại, chưa báo huỷ khoá")
    if one.held:
        parts.append(f"giữ riêng {one.held} gói, lần gửi, đợi trung tâm quyết định")
    return f"Máy {one.device}: {'; '.join(parts)}."


def gaps_text(one: DeviceStanding) -> str:
    """Numbers that never arrived, as far as the device has told; nothing when there are none."""
    return numbers_in_words(one.missing)


def oldest_text(one: DeviceStanding, now: int) -> str:
    """The age of the oldest undelivered change, as far as the device has told; nothing when there is none."""
    return "" if one.oldest_at is None else f"{age_days(one.oldest_at, now)} ngày"


def edition_text(one: DeviceStanding) -> str:
    return "" if one.edition is None else str(one.edition)


def days_text(days: int | None) -> str:
    """Days since anything of a commune arrived."""
    return "chưa có gì" if days is None else f"{days} ngày"


def moment_text(at: int) -> str:
    return local_time(at).strftime("%d/%m/%Y %H:%M")
