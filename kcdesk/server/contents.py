"""The contents of pictures and scans: who may send and fetch which, and their bytes, whole or still arriving.

A content is known by its SHA-256 and kept once, whoever sends it. Its bytes stay where they arrived, in the pieces of
one upload; that it is whole and what it should be is a row of `contents`, written last. Any worker can go on where
another ended (docs/decisions/0020-contents-of-photos.md). Leaves to others: HTTP (`content_routes`), what a picture or
PDF may be (`kcdesk.importing`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, select, update

from kcdesk.changes import Change
from kcdesk.domain.clock import Randomness
from kcdesk.domain.kinds import ATTACHMENTS
from kcdesk.errors import BadInput, Rejected
from kcdesk.importing.attachments import require_keepable
from kcdesk.server import pieces
from kcdesk.server.database import insert_rows, reading, writing
from kcdesk.server.people import Caller
from kcdesk.server.rights import READS_OPEN
from kcdesk.server.tables import (
    content_bytes,
    content_names,
    contents,
    record_areas,
    records,
    uploads,
)
from kcdesk.sync.format import PIECE
from kcdesk.sync.tus import SHA256

UPLOAD_MS = 7 * 24 * 3_600_000
"""So long after its last byte an upload can be gone on with."""
DAY_MS = 24 * 3_600_000
DAY_BYTES = 2 << 30
"""What one device may begin to send within a day: about 6,000 photos."""
SWEPT = 100
"""Expired uploads that go at once, whenever another begins."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A content on its way from a device; `whole`: the province has it, from whomever."""

    id: str
    sha256: str
    length: int
    arrived: int
    expires_at: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Content:
    """A content that is here as a whole; `upload` holds its bytes."""

    length: int
    media_type: str
    upload: str


class Superseded(Exception):
    """Another request for the same upload has gone on meanwhile; this one must not write."""


class Mismatch(Rejected):
    """The bytes that arrived are not those that were announced."""

    code = "checksum"


# Who may


def names_in(changes: Iterable[Change]) -> set[tuple[str, str]]:
    """The contents (SHA-256) that changes name, each with its record."""
    return {
        (name, change.record)
        for change in changes
        if change.kind == ATTACHMENTS.name
        and isinstance(name := change.set.get("sha256"), str)
        and SHA256.fullmatch(name)
    }


def note_names(connection: Connection, changes: Iterable[Change]) -> None:
    """Remember which records name which contents, from changes that were just accepted."""
    insert_rows(connection, content_names, sorted(names_in(changes)), or_leave=True)


def is_readable(connection: Connection, caller: Caller, sha256: str) -> bool:
    """Whether the caller reads a record that names the content: in the open log of an area, the centre all."""
    return _is_named(connection, caller, sha256, made_too=False)


def _is_named(connection: Connection, caller: Caller, sha256: str, *, made_too: bool) -> bool:
    """`made_too`: what the same person's record names counts also where it is not read, or no longer."""
    person = caller.person
    naming = connection.execute(
        select(records.c.made_by, record_areas.c.area)
        .select_from(content_names)
        .join(records, records.c.id == content_names.c.record)
        .outerjoin(
            record_areas,
            (record_areas.c.record == records.c.parent) & record_areas.c.current.is_(True),
        )
        .where(content_names.c.sha256 == sha256)
    ).all()
    return any(
        (made_too and made_by == person.user)
        or person.role == "centre"
        or (person.role in READS_OPEN and area in person.areas)
        for made_by, area in naming
    )


# On the way in


def begin(
    engine: Engine,
    caller: Caller,
    sha256: str,
    length: int,
    *,
    now: int,
    randomness: Randomness,
    day_bytes: int = DAY_BYTES,
) -> Upload:
    """The device's upload of a content: a new one, or the one it has begun before, however far that came.

    Raises `Rejected`: `not_named` when no record that the device may read or has made names the content, `length` when
    another length was announced before, `quota`.
    """
    with writing(engine) as connection:
        _sweep(connection, now)
        if not _is_named(connection, caller, sha256, made_too=True):
            raise Rejected(
                "Không có hồ sơ nào của máy này ở tỉnh nói tới nội dung này.",
                hint="Đồng bộ hồ sơ trước, rồi gửi ảnh.",
                code="not_named",
            )
        mine = (uploads.c.device == caller.device) & (uploads.c.sha256 == sha256)
        if connection.scalar(select(uploads.c.id).where(mine)) is None:
            if not _is_whole(connection, sha256):
                _require_within_quota(connection, caller.device, length, now, day_bytes)
            row = (randomness(16).hex(), caller.device, sha256, length, 0, now, now + UPLOAD_MS)
            insert_rows(connection, uploads, [row], or_leave=True)
        found = _upload(connection, connection.execute(select(uploads).where(mine)).one())
        if found.length != length:
            raise Rejected("Độ dài của nội dung khác với lần gửi trước.", code="form")
        return found


def find(engine: Engine, upload: str, device: str) -> Upload | None:
    """A device's upload; somebody else's is as good as none."""
    with reading(engine) as connection:
        row = connection.execute(
            select(uploads).where(uploads.c.id == upload, uploads.c.device == device)
        ).one_or_none()
        return None if row is None else _upload(connection, row)


def keep(engine: Engine, upload: str, position: int, data: bytes, now: int) -> None:
    """Keep bytes that arrived at `position`. Raises `Superseded` when that is not where they ended."""
    with writing(engine) as connection:
        moved = connection.execute(
            update(uploads)
            .where(uploads.c.id == upload, uploads.c.arrived == position)
            .values(arrived=position + len(data), expires_at=now + UPLOAD_MS)
        )
        if moved.rowcount != 1:
            raise Superseded
        starts = range(0, len(data), PIECE)
        rows = [(upload, position + start, data[start : start + PIECE]) for start in starts]
        insert_rows(connection, content_bytes, rows)


def take_back(engine: Engine, upload: str, position: int, end: int) -> None:
    """Drop what arrived from `position` on to `end`, unless another request has gone on there."""
    with writing(engine) as connection:
        moved = connection.execute(
            update(uploads)
            .where(uploads.c.id == upload, uploads.c.arrived == end)
            .values(arrived=position)
        )
        if moved.rowcount == 1:
            later = (content_bytes.c.upload == upload) & (content_bytes.c.position >= position)
            connection.execute(delete(content_bytes).where(later))


def complete(engine: Engine, found: Upload) -> None:
    """Judge an upload that arrived to its end, and keep it as a content. Repeating it is harmless.

    Raises `Rejected`: `checksum` when it is not what its SHA-256 says, `content` for what no device would take in; the
    upload is forgotten then.
    """
    content = b"".join(_bytes_of(engine, found.id))
    try:
        if hashlib.sha256(content).hexdigest() != found.sha256:
            raise Mismatch(
                "Nội dung nhận được không đúng với mã kiểm của nó.", hint="Gửi lại từ đầu."
            )
        try:
            media_type = require_keepable(found.sha256[:12], content)
        except BadInput as error:
            raise Rejected(error.message, hint=error.hint, code="content") from error
    except Rejected:
        terminate(engine, found.id)
        raise
    with writing(engine) as connection:
        row = (found.sha256, found.length, media_type, found.id)
        insert_rows(connection, contents, [row], or_leave=True)
        _drop_spare(connection, found)


def drop_spare(engine: Engine, found: Upload) -> None:
    """Drop the bytes of an upload whose content another device's upload has made whole meanwhile."""
    with writing(engine) as connection:
        _drop_spare(connection, found)


def _drop_spare(connection: Connection, found: Upload) -> None:
    kept = select(contents.c.upload).where(contents.c.sha256 == found.sha256)
    if connection.scalar(kept) != found.id:  # another device was first
        connection.execute(delete(content_bytes).where(content_bytes.c.upload == found.id))


def terminate(engine: Engine, upload: str) -> None:
    """Forget an upload; the bytes of a content stay."""
    with writing(engine) as connection:
        _forget_uploads(connection, [upload])


# On the way out


def content_for(engine: Engine, caller: Caller, sha256: str) -> Content:
    """A content that the caller may fetch. Raises `Rejected`: `not_found`, the same whatever the reason."""
    with reading(engine) as connection:
        row = connection.execute(
            select(contents.c.length, contents.c.media_type, contents.c.upload).where(
                contents.c.sha256 == sha256
            )
        ).one_or_none()
        if row is None or not is_readable(connection, caller, sha256):
            raise Rejected(
                "Nội dung của ảnh hoặc tài liệu này chưa có ở tỉnh.",
                hint="Máy đã thêm nó chưa gửi lên; thử lại sau.",
                code="not_found",
            )
    return Content(*row)


def bytes_of(engine: Engine, content: Content, offset: int) -> Iterator[bytes]:
    """The bytes of a content from `offset` on, piece by piece."""
    return _bytes_of(engine, content.upload, offset)


# Taking away


def unname(connection: Connection, record: str) -> frozenset[str]:
    """Forget what a record names, and `remove` the contents that no other record names; which those are."""
    names = select(content_names.c.sha256).where(content_names.c.record == record)
    had = frozenset(connection.scalars(names))
    connection.execute(delete(content_names).where(content_names.c.record == record))
    still = select(content_names.c.sha256).where(content_names.c.sha256.in_(had))
    gone = had - frozenset(connection.scalars(still))
    for sha256 in sorted(gone):
        remove(connection, sha256)
    return gone


def remove(connection: Connection, sha256: str) -> None:
    """Take a content away, with all that is arriving of it. A record that still names it may have it sent again."""
    arriving = connection.scalars(select(uploads.c.id).where(uploads.c.sha256 == sha256)).all()
    whole = connection.scalars(select(contents.c.upload).where(contents.c.sha256 == sha256)).all()
    connection.execute(delete(contents).where(contents.c.sha256 == sha256))
    _forget_uploads(connection, {*arriving, *whole})


def _sweep(connection: Connection, now: int) -> None:
    expired = (
        select(uploads.c.id)
        .where(uploads.c.expires_at <= now)
        .order_by(uploads.c.id)
        .limit(SWEPT)
        .with_for_update(skip_locked=True)
    )
    _forget_uploads(connection, connection.scalars(expired).all())


def _forget_uploads(connection: Connection, ids: Iterable[str]) -> None:
    wanted = set(ids)
    if not wanted:
        return
    whole = set(connection.scalars(select(contents.c.upload).where(contents.c.upload.in_(wanted))))
    connection.execute(delete(content_bytes).where(content_bytes.c.upload.in_(wanted - whole)))
    connection.execute(delete(uploads).where(uploads.c.id.in_(wanted)))


def _upload(connection: Connection, row: Any) -> Upload:
    whole = _is_whole(connection, row.sha256)
    arrived = row.length if whole else row.arrived
    return Upload(row.id, row.sha256, row.length, arrived, row.expires_at, whole)


def _is_whole(connection: Connection, sha256: str) -> bool:
    known = select(contents.c.sha256).where(contents.c.sha256 == sha256)
    return connection.scalar(known) is not None


def _require_within_quota(
    connection: Connection, device: str, length: int, now: int, day_bytes: int
) -> None:
    lately = (uploads.c.device == device) & (uploads.c.begun_at > now - DAY_MS)
    begun = connection.scalar(select(func.coalesce(func.sum(uploads.c.length), 0)).where(lately))
    if int(begun or 0) + length > day_bytes:
        raise Rejected(
            "Máy này đã gửi nhiều ảnh nhất có thể trong một ngày.",
            hint="Phần còn lại sẽ được gửi vào lần đồng bộ ngày mai.",
            code="quota",
        )


def _bytes_of(engine: Engine, upload: str, offset: int = 0) -> Iterator[bytes]:
    return pieces.bytes_from(engine, content_bytes, content_bytes.c.upload == upload, offset)
