"""Contents of pictures and scans in parcels: taken in from one that goes up, put into those that go down.

The same rights and judgement as over the network (`contents`). Leaves to others: the parcels (`parcels`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, select

from kcdesk.domain.clock import Randomness
from kcdesk.errors import Rejected
from kcdesk.server import contents, tables
from kcdesk.server.people import Caller
from kcdesk.sync.parcels.contents import Content, ContentReceipts, RefusedContent, with_bytes
from kcdesk.sync.tus import CONTENT_BYTES, SHA256

REFUSED = frozenset(("content", "checksum"))
"""Codes with which a content is never taken; with others it may come again."""


@dataclass
class Receipts:
    """What became of the contents of parcels. refused: SHA-256 -> sentence."""

    held: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, every: Iterable[Receipts]) -> Receipts:
        """Those of several parcels together."""
        found = cls()
        for one in every:
            found.held |= one.held
            found.refused |= one.refused
        return found

    def section(self, epoch: str) -> ContentReceipts:
        """As they are told."""
        refused = [
            RefusedContent(sha256, why)
            for sha256, why in self.refused.items()
            if sha256 not in self.held
        ]
        return ContentReceipts(epoch, sorted(self.held), refused)


def take_in(
    engine: Engine,
    caller: Caller,
    said: Content,
    data: Iterator[bytes],
    receipts: Receipts,
    *,
    now: int,
    randomness: Randomness,
    day_bytes: int,
) -> None:
    """Take in a content, and note what became of it; `data` has been read to its end afterwards.

    One that no record names, or that is too much for a day, is left out of the receipts. Raises what `data` raises.
    """
    try:
        _take_in(engine, caller, said, data, now, randomness, day_bytes)
    except Rejected as error:
        if error.code in REFUSED:
            receipts.refused[said.sha256] = error.message
    except contents.Superseded:
        pass  # it comes over the network at this moment
    else:
        receipts.held.add(said.sha256)
    for _ in data:
        pass


def _take_in(
    engine: Engine,
    caller: Caller,
    said: Content,
    data: Iterator[bytes],
    now: int,
    randomness: Randomness,
    day_bytes: int,
) -> None:
    if not SHA256.fullmatch(said.sha256) or not 0 < said.length <= CONTENT_BYTES:
        raise Rejected("Nội dung trong gói quá dài hoặc không có mã kiểm.", code="content")
    found = contents.begin(
        engine,
        caller,
        said.sha256,
        said.length,
        now=now,
        randomness=randomness,
        day_bytes=day_bytes,
    )
    if found.whole:
        return
    position = 0
    for piece in data:
        fresh = piece[max(0, found.arrived - position) :]
        if fresh:
            contents.keep(engine, found.id, position + len(piece) - len(fresh), fresh, now)
        position += len(piece)
    contents.complete(engine, found)


@dataclass
class Outgoing:
    """The contents that go to a device, over as many files as they need.

    wanted: those it asked for. `named` collects those of records that it is told of.
    """

    engine: Engine
    caller: Caller
    wanted: Collection[str]
    named: set[str] = field(default_factory=set)
    _left: list[tuple[str, int]] | None = None

    @property
    def done(self) -> bool:
        """Whether all has gone that was asked for."""
        return not self._left

    def sections(self, connection: Connection, room: int) -> Iterator[bytes]:
        """As many as there is room for, in bytes of sections, but one at least; the next call goes on behind them."""
        if self._left is None:
            self._left = self._readable(connection)
        first = True
        while self._left and (first or self._left[0][1] <= room):
            sha256, length = self._left.pop(0)
            data = self._bytes(sha256)
            if data:  # else it was taken away meanwhile
                first = False
                room -= length
                yield from with_bytes(Content(sha256, len(data)), [data])

    def _readable(self, connection: Connection) -> list[tuple[str, int]]:
        """What is here of it and may be read, with its length."""
        found = []
        for sha256 in sorted({*self.wanted, *self.named}):
            length = connection.scalar(
                select(tables.contents.c.length).where(tables.contents.c.sha256 == sha256)
            )
            if length is not None and contents.is_readable(connection, self.caller, sha256):
                found.append((sha256, length))
        return found

    def _bytes(self, sha256: str) -> bytes:
        try:
            content = contents.content_for(self.engine, self.caller, sha256)
        except Rejected:
            return b""
        data = b"".join(contents.bytes_of(self.engine, content, 0))
        return data if len(data) == content.length else b""
