"""Contents of pictures and scans on their way: when they are sent, fetching them, and saying where each is."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kcdesk.actions import syncing
from kcdesk.actions.desk import Desk
from kcdesk.actions.metered import require_little
from kcdesk.actions.revocation import heeding
from kcdesk.actions.syncing import SyncProgress
from kcdesk.domain.code_lists import Code
from kcdesk.domain.kinds import ATTACHMENTS
from kcdesk.domain.value import Value
from kcdesk.errors import KcdeskError, NotFound
from kcdesk.storage.content_places import ContentPlace, Travelling

if TYPE_CHECKING:  # httpx and cryptography are loaded when somebody syncs
    from kcdesk.sync.contents import ContentsReport
    from kcdesk.sync.engine import SyncReport

_SETTING = "photos"


class PhotosSent(Code):
    """When contents are sent after the records, without being told each time."""

    ALWAYS = "always", "Luôn gửi"
    UNMETERED = "unmetered", "Khi mạng không tính tiền theo dung lượng"
    ASK = "ask", "Chỉ khi tôi bảo gửi"
    NEVER = "never", "Không gửi"


@dataclass(frozen=True, slots=True)
class Where:
    """Where a content is. place: what the province has said of it; reason: why it refused it

    in_parcel: it lies in a parcel that was written here, and the province has not said anything yet
    """

    here: bool
    place: ContentPlace | None
    reason: str
    in_parcel: bool = False

    @property
    def text(self) -> str:
        """In the words of lists and forms."""
        match self.here, self.place:
            case True, ContentPlace.PROVINCE:
                return "Trên máy này và ở tỉnh"
            case True, ContentPlace.REFUSED:
                return f"Chỉ trên máy này; tỉnh không nhận: {self.reason}"
            case True, None if self.in_parcel:
                return "Trên máy này và trong gói, chưa ở tỉnh"
            case True, None:
                return "Chỉ trên máy này, chưa gửi lên tỉnh"
            case False, ContentPlace.PROVINCE:
                return "Ở tỉnh, chưa tải về máy này"
        return "Chưa có trên máy này"

    def as_json(self) -> dict[str, Value]:
        return {
            "here": self.here,
            "at_province": self.place is ContentPlace.PROVINCE,
            "in_parcel": self.in_parcel,
            "content_refused": self.reason if self.place is ContentPlace.REFUSED else None,
            "content": self.text,
        }


@dataclass(frozen=True, slots=True)
class PhotosStanding:
    """How the contents of a workspace stand: how many, and how many bytes, are still to be sent and to be fetched."""

    when: PhotosSent
    to_send: int
    to_send_bytes: int
    to_fetch: int
    to_fetch_bytes: int


def where(desk: Desk, sha256: str) -> Where:
    """Where a content is."""
    places = desk.workspace.content_places
    place, reason = places.place(sha256)
    in_parcel = place is None and places.in_parcel(sha256)
    return Where(desk.workspace.attachments.holds(sha256), place, reason, in_parcel)


def where_is_attachment(desk: Desk, attachment: str) -> Where:
    """Where the content of an attachment is. Raises `NotFound`."""
    return where(desk, _content_of(desk, attachment))


def when_sent(desk: Desk) -> PhotosSent:
    """The setting: when contents are sent by themselves."""
    return PhotosSent[(desk.workspace.setting(_SETTING) or PhotosSent.UNMETERED.value).upper()]


def set_when_sent(desk: Desk, when: PhotosSent) -> None:
    desk.workspace.set_setting(_SETTING, when.value)


def standing(desk: Desk) -> PhotosStanding:
    up, down = desk.workspace.content_places.to_send(), desk.workspace.content_places.to_fetch()
    return PhotosStanding(when_sent(desk), len(up), _size(up), len(down), _size(down))


def exchange(
    desk: Desk,
    *,
    photos: bool | None = None,
    metered: bool | None = None,
    agreed: bool = False,
    progress: SyncProgress | None = None,
    cancel: threading.Event | None = None,
) -> tuple[SyncReport, ContentsReport | None]:
    """Exchange records with the province, then send contents, if they are to be sent now.

    photos:  whether they are, as somebody has just said; None: as the setting says
    metered: whether the line is paid by the byte; None where nobody knows, which for photos is taken as yes
    agreed:  somebody knows how much will be sent, and wants it
    Raises as `syncing.sync`, and `TooMuch` before anything is sent. What had come through until then stays.
    """
    photos = photos_go(desk, photos, metered)
    if metered and not agreed:
        require_little(desk, photos=photos)
    report = syncing.sync(desk, progress=progress, cancel=cancel)
    if not photos:
        return report, None
    return report, send_photos(desk, progress=progress, cancel=cancel)


def photos_go(desk: Desk, told: bool | None, metered: bool | None) -> bool:
    """Whether photos are sent after the records: as somebody has just `told`, else as the setting says."""
    when = when_sent(desk)
    by_setting = when is PhotosSent.ALWAYS or (when is PhotosSent.UNMETERED and metered is False)
    return by_setting if told is None else told


def send_photos(
    desk: Desk, *, progress: SyncProgress | None = None, cancel: threading.Event | None = None
) -> ContentsReport:
    """Send every content that the province lacks and whose record it knows. Raises `ServerError`, `Cancelled`."""
    from kcdesk.sync.contents import send_contents  # noqa: PLC0415

    with heeding(desk):
        return send_contents(
            desk.workspace, randomness=desk.randomness, progress=progress, cancel=cancel
        )


def fetch_photos(
    desk: Desk,
    attachments: Sequence[str] | None = None,
    *,
    progress: SyncProgress | None = None,
    cancel: threading.Event | None = None,
) -> ContentsReport:
    """Fetch the contents of these attachments, or of all, as far as they cannot be read here.

    Raises `NotFound`, `BadInput`, `ServerError`, `Cancelled`.
    """
    from kcdesk.sync.contents import fetch_contents  # noqa: PLC0415

    if attachments is None:
        wanted = desk.workspace.content_places.to_fetch()
    else:
        wanted = [
            one for each in attachments if not _is_readable(desk, (one := _travelling(desk, each)))
        ]
    with heeding(desk):
        return fetch_contents(
            desk.workspace, wanted, randomness=desk.randomness, progress=progress, cancel=cancel
        )


def fetch_one(
    desk: Desk,
    attachment: str,
    *,
    progress: SyncProgress | None = None,
    cancel: threading.Event | None = None,
) -> None:
    """Fetch the content of one attachment. Raises as `fetch_photos`; `NotFound` also when the province lacks it."""
    report = fetch_photos(desk, [attachment], progress=progress, cancel=cancel)
    if report.absent:
        raise NotFound(
            "Tỉnh chưa có nội dung của ảnh hoặc tài liệu này.",
            hint="Người đã thêm nó chưa gửi ảnh lên tỉnh. Thử lại sau.",
            code="no_content",
        )


def report_as_json(report: ContentsReport) -> dict[str, Value]:
    return {
        "sent": report.sent,
        "known": report.known,
        "fetched": report.fetched,
        "bytes_sent": report.bytes_sent,
        "bytes_received": report.bytes_received,
        "bytes_sent_twice": report.bytes_sent_twice,
        "bytes_received_twice": report.bytes_received_twice,
        "round_trips": report.round_trips,
        "cuts": report.cuts,
        "refused": [{"sha256": name, "reason": reason} for name, reason in report.refused],
        "absent": len(report.absent),
        "unreadable": len(report.unreadable),
        "waiting": report.waiting,
        "waiting_bytes": report.waiting_bytes,
    }


def in_megabytes(size: int) -> str:
    """Bytes for people.

    >>> in_megabytes(2_300_000_000), in_megabytes(3_449_000), in_megabytes(12_300), in_megabytes(5)
    ('2,3 GB', '3,4 MB', '12 kB', '1 kB')
    """
    if size >= 1_000_000_000:
        return f"{size / 1_000_000_000:.1f} GB".replace(".", ",")
    if size >= 1_000_000:
        return f"{size / 1_000_000:.1f} MB".replace(".", ",")
    return f"{max(1, round(size / 1000))} kB"


def _content_of(desk: Desk, attachment: str) -> str:
    name = desk.workspace.state(ATTACHMENTS.name, attachment).get("sha256")
    if not isinstance(name, str):
        raise NotFound("Hồ sơ này chưa có nội dung.", hint="Thêm lại tệp.", code="no_content")
    return name


def _travelling(desk: Desk, attachment: str) -> Travelling:
    size = desk.workspace.state(ATTACHMENTS.name, attachment).get("bytes")
    return Travelling(_content_of(desk, attachment), "", size if isinstance(size, int) else 0)


def _is_readable(desk: Desk, one: Travelling) -> bool:
    try:
        desk.workspace.attachments.read(one.sha256)
    except KcdeskError:
        return False
    return True


def _size(travelling: Sequence[Travelling]) -> int:
    return sum(one.size for one in travelling)
