"""Lines that are paid by the byte: what would be sent is told before, and asked about when it is much.

What would come is not known before it is asked for, so only what is sent counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.actions.sync_settings import sync_settings
from kcdesk.domain.money import format_vnd
from kcdesk.errors import KcdeskError

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What the next exchange would send: changes, and about how many bytes they are packed; photos, if they go too."""

    changes: int
    record_bytes: int
    photos: int
    photo_bytes: int


class TooMuch(KcdeskError):
    """More than is set would go over a line that is paid by the byte; nothing was sent."""

    code = "metered"

    def __init__(self, outgoing: Outgoing) -> None:
        super().__init__(
            f"Mạng này tính tiền theo dung lượng: {amount_in_words(outgoing)}.",
            hint="Đồng ý gửi: kcdesk sync --yes; chỉ hồ sơ: thêm --no-photos."
            " Đặt mức hỏi: kcdesk settings sync --ask-above.",
        )
        self.outgoing = outgoing


def line_is_metered(desk: Desk, told: bool | None) -> bool | None:
    """Whether the line is paid by the byte: as the person has set it, else as the system tells; None: nobody knows."""
    setting = sync_settings(desk).metered
    return told if setting is None else setting


def outgoing(desk: Desk, *, photos: bool) -> Outgoing:
    """What would be sent now; `photos`: whether those would go too."""
    from kcdesk.sync.amount import amount_to_send  # noqa: PLC0415

    workspace = desk.workspace
    speakers = [*workspace.identity.predecessors(unsettled_only=True), workspace.identity.speaker()]
    waiting = workspace.content_places.to_send() if photos else []
    return Outgoing(
        sum(each.last_n - each.confirmed_n for each in speakers),
        amount_to_send(workspace),
        len(waiting),
        sum(one.size for one in waiting),
    )


def require_little(desk: Desk, *, photos: bool) -> None:
    """Raises `TooMuch` when records or photos are more than is set."""
    most = sync_settings(desk).ask_above_mb * MB
    found = outgoing(desk, photos=photos)
    if found.record_bytes > most or found.photo_bytes > most:
        raise TooMuch(found)


def amount_in_words(found: Outgoing) -> str:
    """Records and photos, each with its amount."""
    said = f"sẽ gửi {format_vnd(found.changes)} thay đổi, khoảng {_size(found.record_bytes)}"
    if found.photos:
        said += f", và {format_vnd(found.photos)} ảnh, tài liệu, {_size(found.photo_bytes)}"
    return said


def _size(size: int) -> str:
    return f"{size / MB:.1f} MB".replace(".", ",") if size >= MB else f"{-(-size // 1000)} kB"
