"""How changes are packed: groups in columns, groups into one zstd stream, and back.

Owns the packing only; what the sections of a body mean is in `protocol`. A body is zstd (RFC 8878) over sections,
each a four-byte big-endian length and that many bytes of JSON; it ends with its `tail`. Nothing that comes from outside
is trusted: sizes are capped before memory is taken, and what does not decode exactly is one `BadBody`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Annotated, Any, TypeVar, cast

import msgspec
import zstandard

from kcdesk.changes import Change, Value
from kcdesk.errors import KcdeskError
from kcdesk.sync.tail import Cut, Whole, with_tail

GROUP_CHANGES = 2_000
"""Changes of a group: what one transaction of the receiver takes in."""
GROUP_BYTES = 2 << 20
"""Canonical bytes after which a group ends earlier, so that memory is bounded."""
SECTION_LIMIT = 16 << 20
"""Bytes of one section, unpacked. A group of GROUP_BYTES stays far below in the worst case."""
BODY_LIMIT = 64 << 20
"""Bytes of all sections of a body, unpacked."""
PIECE = 32 << 10
"""Bytes that are kept, sent and counted together: what a cut can cost."""
STRONG_UP_TO = 2 << 20
"""Bytes of sections that are worth zstd level 19; larger bodies take 9, 25 times faster and 6 % larger."""

_WINDOW_LIMIT = 1 << 23

T = TypeVar("T")
Index = Annotated[int, msgspec.Meta(ge=0)]


class BadBody(KcdeskError):
    """Bytes that are no body of ours: damaged, cut, made by something else, or too large."""

    code = "bad_body"


class Column(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All values of one field, or of one cell of a table over all its rows (`machines/*/price`).

    field:  the field; row ids are taken out of it and marked with `*`
    steps:  from each value's change to that of the next, the first counted from the first change of the group;
            what is stepped over does not set the field. Empty: every change sets it once.
    rows:   the row ids taken out, value by value
    values: the values
    """

    field: str
    steps: list[Index]
    rows: list[str]
    values: list[Any]


class Columns(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A group of changes, field by field instead of change by change: equal things stand side by side.

    device, kind: index into `devices` and `kinds`
    n:            difference to the number of the same device's change before it in the group
    record:       0 for the next of `records`, k for the k-th last of those named so far
    at:           difference to the change before
    seen:         as in the change
    """

    devices: list[str]
    device: list[Index]
    n: list[int]
    kinds: list[str]
    kind: list[Index]
    records: list[str]
    record: list[Index]
    at: list[int]
    seen: list[dict[str, int]]
    cells: list[Column]


def to_columns(changes: Sequence[Change]) -> Columns:
    """A group in columns. `from_columns` gives back equal changes in the same order."""
    devices, kinds, records = _Names(), _Names(), _Names()
    last_n: dict[str, int] = {}
    last_at = 0
    device, n, kind, record, at = [], [], [], [], []
    cells: dict[str, tuple[list[int], list[str], list[Value]]] = {}
    for position, change in enumerate(changes):
        device.append(devices.index(change.device))
        n.append(change.n - last_n.get(change.device, 0))
        last_n[change.device] = change.n
        kind.append(kinds.index(change.kind))
        known = len(records)
        found = records.index(change.record)
        record.append(known - found)
        at.append(change.at - last_at)
        last_at = change.at
        for field, value in change.set.items():
            ids: list[str] = []
            if "/" in field:
                field, ids = _take_rows_out(field)  # noqa: PLW2901
            column = cells.get(field)
            if column is None:
                column = cells[field] = ([], [], [])
            column[0].append(position)
            column[1].extend(ids)
            column[2].append(value)
    return Columns(
        list(devices),
        device,
        n,
        list(kinds),
        kind,
        list(records),
        record,
        at,
        [change.seen for change in changes],
        [
            Column(field, _steps(positions, len(changes)), ids, values)
            for field, (positions, ids, values) in cells.items()
        ],
    )


def from_columns(columns: Columns) -> list[Change]:
    """The changes of a group. Raises `BadBody` when the columns do not fit together."""
    if len(columns.seen) > GROUP_CHANGES:
        raise _bad("nhóm quá dài")
    try:
        return _from_columns(columns)
    except (IndexError, ValueError):
        raise _bad("cột") from None


def _from_columns(columns: Columns) -> list[Change]:
    sets: list[dict[str, Value]] = [{} for _ in columns.seen]
    for column in columns.cells:
        positions: Iterable[int] = itertools.accumulate(column.steps)
        if not column.steps:
            positions = range(len(sets))
        if "/" in column.field:
            names = _put_rows_in(column.field, column.rows, len(column.values))
            for position, name, value in zip(positions, names, column.values, strict=True):
                sets[position][name] = value
        else:
            field = column.field
            for position, value in zip(positions, column.values, strict=True):
                sets[position][field] = value

    changes = []
    last_n = dict.fromkeys(columns.devices, 0)
    at = 0
    named = 0
    for i_device, step_n, i_kind, back, step_at, said, seen in zip(
        columns.device,
        columns.n,
        columns.kind,
        columns.record,
        columns.at,
        sets,
        columns.seen,
        strict=True,
    ):
        device = columns.devices[i_device]
        n = last_n[device] = last_n[device] + step_n
        if back == 0:
            named += 1
        elif back > named:
            raise IndexError
        record = columns.records[named - (back or 1)]
        at += step_at
        changes.append(Change(device, n, columns.kinds[i_kind], record, at, said, seen))
    return changes


class _Names(dict[str, int]):
    """Strings by the order in which they first came."""

    def index(self, name: str) -> int:
        return self.setdefault(name, len(self))


def _take_rows_out(field: str) -> tuple[str, list[str]]:
    """`machines/x7/price` -> `machines/*/price`, [`x7`]: every second part that others follow is a row id.

    >>> _take_rows_out("a/1/b/2/c"), _take_rows_out("a/b")
    (('a/*/b/*/c', ['1', '2']), ('a/b', []))
    """
    parts = field.split("/")
    last = len(parts) - 1
    ids = parts[1:last:2]
    parts[1:last:2] = "*" * len(ids)
    return "/".join(parts), ids


def _put_rows_in(field: str, rows: Sequence[str], count: int) -> Iterator[str]:
    parts = field.split("/")
    last = len(parts) - 1
    width = len(parts[1:last:2])
    if len(rows) != width * count:
        raise ValueError
    for start in range(0, width * count, width) if width else itertools.repeat(0, count):
        parts[1:last:2] = rows[start : start + width]
        yield "/".join(parts)


def _steps(positions: list[int], count: int) -> list[int]:
    if len(positions) == count and all(i == p for i, p in enumerate(positions)):
        return []
    return [positions[0], *(b - a for a, b in itertools.pairwise(positions))]


def grouped(items: Iterable[T], size_of: Callable[[T], int]) -> Iterator[list[T]]:
    """Runs of at most GROUP_CHANGES items and about GROUP_BYTES; `size_of` says how many bytes an item has."""
    group: list[T] = []
    size = 0
    for item in items:
        group.append(item)
        size += size_of(item)
        if len(group) == GROUP_CHANGES or size >= GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def pack(*parts: Iterable[bytes]) -> Iterator[bytes]:
    """A whole body: the sections of each part as a frame of their own, and the tail."""
    return with_tail(itertools.chain.from_iterable(map(frame, parts)))


def frame(sections: Iterable[bytes]) -> Iterator[bytes]:
    """Sections as one zstd frame, a flush after each, so that a receiver can work while bytes still come.

    Frames may follow each other in a body, which `with_tail` makes of them. At most STRONG_UP_TO bytes are held back
    before the first come out.
    """
    rest = iter(sections)
    held: list[bytes] = []
    size = 0
    for section in rest:
        held.append(section)
        size += len(section)
        if size > STRONG_UP_TO:
            break
    if size > STRONG_UP_TO:
        parameters = zstandard.ZstdCompressionParameters.from_level(9, write_checksum=True)
    else:  # the size keeps the tables of level 19 small: 90 MB of them otherwise
        parameters = zstandard.ZstdCompressionParameters.from_level(
            19, source_size=max(size, 1), write_checksum=True
        )
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    for section in itertools.chain(held, rest):
        if len(section) > SECTION_LIMIT:
            raise ValueError("a section larger than any receiver takes")
        start = compressor.compress(len(section).to_bytes(4, "big"))
        middle = compressor.compress(section)
        yield start + middle + compressor.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    yield compressor.flush()


def unpack(pieces: Iterable[bytes], *, limit: int = BODY_LIMIT) -> Iterator[bytes]:
    """The sections of a body that comes in `pieces`, cut anywhere; `limit`: their bytes in all.

    Raises `BadBody`, at the latest at the end: after it every bit is known to be as it was packed.
    """
    reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW_LIMIT).stream_reader(
        cast(IO[bytes], Whole(pieces)), read_across_frames=True
    )
    total = 0
    try:
        while head := reader.read(4):
            size = int.from_bytes(head, "big")
            total += size
            if len(head) < 4:
                raise _bad("độ dài")
            if size > SECTION_LIMIT or total > limit:
                raise BadBody("Dữ liệu nhận được lớn hơn mức cho phép.", code="too_large")
            section = reader.read(size) if size else b""
            if len(section) < size:
                raise _bad("bị cắt")
            yield section
    except zstandard.ZstdError:
        raise _bad("zstd") from None
    except Cut:
        raise _bad("bị cắt hoặc bị hỏng") from None


def in_pieces(chunks: Iterable[bytes], size: int = PIECE) -> Iterator[bytes]:
    """The same bytes in pieces of `size`, the last one shorter."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)


def decode(decoder: msgspec.json.Decoder[T], section: bytes) -> T:
    """A section's typed content. Raises `BadBody`."""
    try:
        return decoder.decode(section)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, RecursionError):
        raise _bad("nội dung") from None


def _bad(what: str) -> BadBody:
    return BadBody(
        f"Dữ liệu nhận được không đúng định dạng của kcdesk ({what}).",
        hint="Đồng bộ lại; nếu vẫn vậy, kiểm tra địa chỉ máy chủ và phiên bản chương trình.",
    )
