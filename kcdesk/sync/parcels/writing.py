"""Writing what the province has not confirmed into parcels, and noting that it is in them.

A parcel holds everything from the last receipt on, so a lost stick costs nothing but the way. What former devices of
the workspace left unsettled goes first, as over the network. Contents of pictures and scans come after the records,
when told; each file that they need begins with the records that name them. Leaves to others: the file (`envelope`), the
answer (`reading`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kcdesk.changes import extend
from kcdesk.domain.clock import Clock, Randomness, local_time
from kcdesk.errors import BadInput, KcdeskError, Rejected
from kcdesk.storage.content_places import Travelling
from kcdesk.storage.devices.identity import Speaker, token_of
from kcdesk.storage.sync_books import Province
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import format as packing
from kcdesk.sync import protocol
from kcdesk.sync.bodies import report, size_of
from kcdesk.sync.engine import Progress
from kcdesk.sync.joining import enrolment
from kcdesk.sync.parcels import contents, envelope
from kcdesk.sync.parcels.contents import Content, Continues, UpHead, Wants
from kcdesk.sync.parcels.envelope import FILE_ENDING, LARGEST_SECTIONS, Header
from kcdesk.sync.parcels.keys import parcel_identity, recipient_of
from kcdesk.sync.settling import continues

PHASE = "parcel"
"""What progress is told of."""
_END = 1 << 53
"""Further than any log, and than any number of a device."""


@dataclass(frozen=True, slots=True)
class WrittenParcel:
    """A file that was written: how many changes and contents of pictures are in it, and how many bytes it has.

    repeats: its changes are in a file before it, too
    """

    path: Path
    id: str
    changes: int
    repeats: bool
    photos: int
    size: int


@dataclass
class _Range:
    """Changes of one device: first_n to last_n, none when last_n is first_n - 1; the chain before and at the end."""

    speaker: Speaker
    first_n: int
    last_n: int
    before: bytes
    last_hash: bytes
    successor: Speaker | None = None


@dataclass
class _Part:
    """What goes into one file; `size`: bytes of sections; `repeats`: its changes are in one before it, too."""

    ranges: list[_Range] = field(default_factory=list)
    photos: list[Travelling] = field(default_factory=list)
    size: int = 0
    repeats: bool = False


def write(
    workspace: Workspace,
    target: Path,
    *,
    clock: Clock,
    randomness: Randomness,
    photos: bool = False,
    fetch: bool = False,
    progress: Progress | None = None,
    largest: int = LARGEST_SECTIONS,
) -> list[WrittenParcel]:
    """Write a parcel into the folder `target`, or as the file of that name; several when there is too much for one.

    photos:   with the contents that the province lacks;  fetch: ask for those that this computer lacks
    progress: told of the phase `parcel` in bytes; may raise to stop
    largest:  bytes of sections in one file

    A parcel without changes is written too: it asks for what is new. Raises `BadInput` for a workspace of no province,
    and when the files cannot be written; those before the one that could not are whole and noted.
    """
    province = joined(workspace)
    current = workspace.identity.speaker()
    newest = workspace.editions.newest()
    parts = _parts(workspace, largest)
    if photos:
        _add_photos(parts, workspace.content_places.to_send(), current, largest)
    wanted = [one.sha256 for one in workspace.content_places.to_fetch()] if fetch else None
    _require_room(target, sum(one.size for part in parts for one in part.photos))
    told = Told(progress, sum(part.size for part in parts))
    at = clock()
    written: list[WrittenParcel] = []
    for number, part in enumerate(parts, 1):
        header = Header(randomness(16).hex(), "up", protocol.device_id(province.public_key))
        path = _path(target, header, at, number, len(parts))
        head = UpHead(
            current.id,
            current.public_key,
            recipient_of(parcel_identity(current.signing_key)),
            at,
            number == len(parts),
            _enrolment(workspace, province),
            newest.mark if newest is not None else None,
        )
        packed: dict[str, int] = {}
        asked = wanted if head.reads else None
        sections = told.of(_sections(workspace, province, head, part, packed, asked))
        size = envelope.write_file(path, header, province.recipient, sections, current.sign)
        ranges: dict[str, tuple[int, int]] = {
            each.speaker.id: (each.first_n, each.last_n)
            for each in part.ranges
            if each.last_n >= each.first_n
        }
        count = sum(last - first + 1 for first, last in ranges.values())
        workspace.parcels.wrote(header.id, str(path), at, ranges, packed)
        written.append(WrittenParcel(path, header.id, count, part.repeats, len(packed), size))
    return written


def joined(workspace: Workspace) -> Province:
    """The province to exchange parcels with. Raises `BadInput` when there is none, or its key is not known."""
    province = workspace.province()
    if province is None:
        raise BadInput(
            "Dữ liệu này chưa nối với tỉnh nào.",
            hint="Xin trung tâm tệp đăng ký rồi chạy kcdesk join --file, hoặc nối qua mạng.",
            code="not_joined",
        )
    if not province.recipient:
        raise BadInput(
            f"Máy này nối với {province.name} từ trước khi có gói dữ liệu nên chưa có khoá để ghi gói.",
            hint="Xin trung tâm mã đăng ký mới rồi nối lại một lần. Dữ liệu không mất.",
            code="no_recipient",
        )
    return province


def ready_name(kind: str, at: int, name: str) -> str:
    """How a parcel's file is called: what it is, the day, the start of a parcel's id. Nothing of a person."""
    return f"{kind}-{local_time(at):%Y%m%d}-{name[:8]}{FILE_ENDING}"


def _parts(workspace: Workspace, largest: int) -> list[_Part]:
    """Everything that is not confirmed, cut where a file is full."""
    speakers = [
        *workspace.identity.predecessors(unsettled_only=True),
        workspace.identity.speaker(),
    ]
    parts = [_Part()]
    for speaker, successor in zip(speakers, [*speakers[1:], None], strict=True):
        if successor is not None and next(
            workspace.own_changes(speaker.last_n, _END, speaker.id), None
        ):
            raise Rejected(
                "Dữ liệu này vừa được cứu lại và có thay đổi phải thống nhất với tỉnh qua mạng một lần.",
                hint="Đồng bộ qua mạng, hoặc mang máy đến trung tâm. Dữ liệu trên máy vẫn đầy đủ.",
                code="needs_network",
            )
        n, h = speaker.confirmed_n, speaker.confirmed_hash
        running = _Range(speaker, n + 1, n, h, h)
        for group in packing.grouped(workspace.own_changes(n, speaker.last_n, speaker.id), size_of):
            after = extend(running.last_hash, group)
            section = len(contents.encode(protocol.Sent(packing.to_columns(group), after)))
            if parts[-1].size and parts[-1].size + section > largest:
                parts[-1].ranges.append(running)
                parts.append(_Part())
                running = _Range(
                    speaker, group[0].n, group[0].n - 1, running.last_hash, running.last_hash
                )
            parts[-1].size += section
            running.last_n, running.last_hash = group[-1].n, after
        running.successor = successor
        parts[-1].ranges.append(running)
        if (running.last_n, running.last_hash) != (speaker.last_n, speaker.last_hash):
            raise ValueError("the chain of this workspace does not fit its changes")
    current = workspace.identity.speaker()
    for part in parts[:-1]:  # each names the device that signs it
        if part.ranges[-1].speaker.id != current.id:
            start = current.confirmed_hash
            n = current.confirmed_n
            part.ranges.append(_Range(current, n + 1, n, start, start))
    return parts


def _add_photos(
    parts: list[_Part], photos: Iterable[Travelling], current: Speaker, largest: int
) -> None:
    """Put contents behind the records, and into as many more files as they need.

    Each of these begins with the records of the last one, so that the province knows what a content belongs to,
    whichever file it reads first. Records that fill half a file and more are not repeated.
    """
    last = parts[-1]
    n, h = current.confirmed_n, current.confirmed_hash
    bare = _Part([_Range(current, n + 1, n, h, h)])
    first = _Part(list(last.ranges), size=last.size) if last.size <= largest // 2 else bare
    for one in photos:
        part = parts[-1]
        if part.size + one.size > largest and (part.photos or part is last):
            part = _Part(list(first.ranges), size=first.size, repeats=True)
            parts.append(part)
        part.photos.append(one)
        part.size += one.size


def _require_room(target: Path, size: int) -> None:
    """Raises `BadInput` when the place for the files has not even room for the contents."""
    folder = target if target.is_dir() else target.parent
    if not size or not folder.is_dir():
        return
    free = shutil.disk_usage(folder).free
    if free < size:
        raise BadInput(
            f"“{folder}” chỉ còn trống {free // 1_000_000} MB, riêng ảnh và tài liệu cần {size // 1_000_000} MB.",
            hint="Dùng thẻ nhớ còn chỗ, hoặc ghi gói không kèm ảnh: ảnh gửi sau.",
            code="no_room",
        )


class Told:
    """Sections on their way, and how many bytes of how many that is."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._done, self._total = 0, total

    def of(self, sections: Iterator[bytes]) -> Iterator[bytes]:
        for section in sections:
            yield section
            self._done += len(section)
            if self._progress is not None:
                self._progress(PHASE, min(self._done, self._total), self._total)


def _sections(
    workspace: Workspace,
    province: Province,
    head: UpHead,
    part: _Part,
    packed: dict[str, int],
    wanted: list[str] | None,
) -> Iterator[bytes]:
    """`packed` is filled with SHA-256 and bytes of the contents that could be read, and so are in the file."""
    yield contents.encode(head)
    cursors = {log: cursor.position for log, cursor in workspace.cursors().items()}
    for each in part.ranges:
        speaker = each.speaker
        statement = protocol.sent_statement(speaker.id, each.last_n, each.last_hash)
        yield contents.encode(
            protocol.SentHeader(
                speaker.id,
                province.epoch,
                each.first_n,
                each.last_n,
                each.before,
                each.last_hash,
                speaker.sign(statement),
                cursors if speaker.id == head.device else {},
                report(workspace) if speaker.id == head.device else None,
            )
        )
        chain = each.before
        changes = workspace.own_changes(each.first_n - 1, each.last_n, speaker.id)
        for group in packing.grouped(changes, size_of):
            chain = extend(chain, group)
            yield contents.encode(protocol.Sent(packing.to_columns(group), chain))
        if each.successor is not None:
            yield contents.encode(Continues(continues(speaker, each.successor)))
    for one in part.photos:
        try:
            content = workspace.attachments.read(one.sha256)
        except KcdeskError:  # damaged or gone: what `check` tells
            continue
        packed[one.sha256] = len(content)
        yield from contents.with_bytes(Content(one.sha256, len(content)), [content])
    if wanted is not None:
        yield contents.encode(Wants(wanted))


def _enrolment(workspace: Workspace, province: Province) -> protocol.EnrolRequest | None:
    """The one-time code, shown by the oldest device that the province has not settled."""
    if not province.enrolment_code:
        return None
    former = workspace.identity.predecessors(unsettled_only=True)
    speaker = former[0] if former else workspace.identity.speaker()
    return enrolment(speaker, province.enrolment_code, token_of(speaker.signing_key))


def _path(target: Path, header: Header, at: int, number: int, count: int) -> Path:
    if target.is_dir():
        return target / ready_name("goi-len-tinh", at, header.id)
    if count == 1:
        return target
    return target.with_name(f"{target.stem}-{number}{target.suffix}")
