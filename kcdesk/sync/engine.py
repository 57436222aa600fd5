"""A pass of sync over a workspace.

Owns the order of things: what is sent, what is kept before it is believed, what is done after a cut. Every step can be
repeated and the process may be killed at any moment: the truth is (device, n, h) and the cursors, bytes kept in the
workspace only save sending and fetching them again. Leaves to others: HTTP (`client`), packing (`format`), the file
(`storage`). Knows nothing of windows: progress is a callback, cancelling an event, waiting an argument.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field, replace
from functools import partial

import httpx

from kcdesk.domain.clock import Clock, Randomness
from kcdesk.errors import BadAnswer, BadInput, Rejected, Unreachable
from kcdesk.storage.devices.identity import Reason, Speaker, WentOn
from kcdesk.storage.sync_books import Exchange, Province
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import bodies, protocol, renewing, restored, trust
from kcdesk.sync import format as packing
from kcdesk.sync.client import (
    BUSY,
    ELSEWHERE,
    NO_CONNECTION,
    Answer,
    Client,
    GoneExchange,
    TooLarge,
)
from kcdesk.sync.editions import fetch
from kcdesk.sync.joining import join
from kcdesk.sync.parcels import carrying
from kcdesk.sync.patience import Patience, Wait
from kcdesk.sync.protocol import AnswerHeader, End, Received, Refusal
from kcdesk.sync.settling import COPY_CODES, settle

__all__ = ["COPIES", "Progress", "SyncReport", "join", "sync"]

Progress = Callable[[str, int, int], None]
"""`progress(phase, done, total)`: phase `send`, `receive` or `editions`, both numbers in bytes."""
COPIES = 3
"""Times that a workspace may become a new device in one pass: copies of it may sync at the same moment."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a pass did. Bytes are those of bodies; "twice" are those of them that a cut made necessary again.

    changes_sent:   changes packed into exchanges of this pass
    confirmed_n:    the province holds this device's changes up to here, committed
    waiting:        changes of this device that it does not hold yet
    refused:        what it newly refused
    received:       changes of other devices that came, repeats included
    differing_logs: logs whose digests differ although asked for again; empty when all is well
    carried:        parcels of others that were brought to the province and answered
    went_on:        that the workspace became a new device in this pass, because a copy of it is in use elsewhere
    edition:        number of the edition in use afterwards; 0: what the program ships with
    bad_edition:    why a newer one was refused; empty when all is well
    sent_again:     changes that the province had held and, come back from a backup, has forgotten
    """

    bytes_sent: int
    bytes_received: int
    bytes_sent_twice: int
    bytes_received_twice: int
    round_trips: int
    cuts: int
    changes_sent: int
    confirmed_n: int
    waiting: int
    refused: tuple[Refusal, ...]
    received: int
    differing_logs: tuple[str, ...]
    went_on: tuple[WentOn, ...]
    edition: int = 0
    bad_edition: str = ""
    carried: int = 0
    sent_again: int = 0

    @property
    def digests_equal(self) -> bool:
        return not self.differing_logs


def sync(
    workspace: Workspace,
    *,
    clock: Clock,
    randomness: Randomness,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
    wait: Wait | None = None,
    transport: httpx.BaseTransport | None = None,
) -> SyncReport:
    """Send what the province lacks and take in what is new, until both have everything.

    A workspace of which a copy is in use goes on as a new device and settles that first (`settling`).

    After a cut it goes on where the bytes ended, up to TRIES times without progress. Raises `Unreachable`, `BadAnswer`,
    `Rejected`, `Cancelled`, and `BadInput` for a workspace of no province; what was done until then stays done, and
    the next pass continues.
    """
    province = workspace.province()
    if province is None:
        raise BadInput(
            "Dữ liệu này chưa nối với máy chủ của tỉnh nào.",
            hint="Xin mã đăng ký của trung tâm rồi chạy kcdesk join.",
            code="not_joined",
        )
    if not province.url:
        raise BadInput(
            f"Máy này trao đổi với {province.name} bằng gói (USB), chưa có địa chỉ máy chủ.",
            hint="Ghi gói bằng kcdesk parcel write; hoặc xin địa chỉ và mã đăng ký rồi chạy kcdesk join --server.",
            code="parcels_only",
        )
    if province.enrolment_code:  # enrolled by a file, and the network is there first
        province = join(
            workspace, province.url, province.enrolment_code, clock=clock, transport=transport
        )
    patience = Patience(randomness, cancel, wait)
    ca = workspace.setting(trust.SETTING) or ""
    with Client(province.url, transport=transport, ca=ca) as client:
        running = _Pass(
            workspace,
            province,
            client,
            randomness,
            progress or (lambda *_: None),
            patience,
        )
        report = running.run()
        answered = carrying.carry(workspace, client, patience, clock=clock)
        report = replace(report, carried=answered)
        renewing.renew_if_due(workspace, client, clock())
    workspace.synced(clock())
    return report


@dataclass
class _Pass:
    """device: the one that speaks; only the workspace's current one reads."""

    workspace: Workspace
    province: Province
    client: Client
    randomness: Randomness
    progress: Progress
    patience: Patience

    device: str = ""
    bytes_sent: int = 0
    bytes_received: int = 0
    bytes_sent_twice: int = 0
    bytes_received_twice: int = 0
    round_trips: int = 0
    cuts: int = 0
    changes_sent: int = 0
    received: int = 0
    refused: list[Refusal] = field(default_factory=list)
    differing: set[str] = field(default_factory=set)
    asked_again: bool = False
    in_contact: bool = False
    highest_sent: int | None = None
    arrived: int = 0
    byte_limit: int = protocol.EXCHANGE_BYTES
    bad_edition: str = ""
    sent_again: int = 0
    unsettled: bool = False
    renewals: int = 0

    def run(self) -> SyncReport:
        went_on: list[WentOn] = []
        while True:
            try:
                settle(self.workspace, self.client, self._speak_as)
            except packing.BadBody as error:
                raise BadAnswer(error.message, hint=error.hint) from error
            except Rejected as error:
                self._renew_after(error)
                continue
            try:
                self._fetch_editions()
                self._speak_as(self.workspace.device_id)
                return self._report(tuple(went_on))
            except Rejected as error:
                if error.code == "token" and not self.unsettled:
                    # A province that came back from a backup may know only what this was before.
                    self.unsettled = True
                    if self.workspace.identity.unsettle():
                        continue
                if error.code == "token_replaced":
                    self._renew_after(error)
                    continue
                if error.code not in COPY_CODES or len(went_on) == COPIES:
                    raise
                reason: Reason = "continued" if error.code == "continued" else "other_chain"
                went_on.append(self.workspace.go_on_as_new_device(reason, self.randomness))

    def _renew_after(self, error: Rejected) -> None:
        """Take the next token where a copy of this workspace has replaced the one shown. Raises `Rejected`."""
        if error.code != "token_replaced" or self.renewals == renewing.STEPS:
            raise error
        self.renewals += 1
        renewing.renew(self.workspace, self.client)

    def _speak_as(self, device: str) -> None:
        """Carry out exchanges as one of the workspace's devices until neither side has more."""
        self.device = device
        more = True
        while more:
            self.patience.stop_if_cancelled()
            try:
                more = self._exchange()
            except TooLarge as error:
                self.workspace.end_exchange()
                if error.limit >= self.byte_limit:
                    raise
                self.byte_limit = error.limit
            except GoneExchange as error:
                self.workspace.end_exchange()
                self.patience.failed(error)
            except (Rejected, BadAnswer):
                self.workspace.end_exchange()
                raise

    def _report(self, went_on: tuple[WentOn, ...]) -> SyncReport:
        chain = self.workspace.chain()
        return SyncReport(
            self.bytes_sent,
            self.bytes_received,
            self.bytes_sent_twice,
            self.bytes_received_twice,
            self.round_trips,
            self.cuts,
            self.changes_sent,
            chain.confirmed_n,
            chain.last_n - chain.confirmed_n,
            tuple(self.refused),
            self.received,
            tuple(sorted(self.differing)),
            went_on,
            newest.number if (newest := self.workspace.editions.newest()) is not None else 0,
            self.bad_edition,
            sent_again=self.sent_again,
        )

    # One exchange

    def _exchange(self) -> bool:
        """Carry one exchange to its end; whether another one is needed."""
        exchange = self.workspace.exchange()
        self.highest_sent = None  # not known: a process before this one may have sent some
        self.arrived = 0
        if exchange is None:
            self.highest_sent = 0
            exchange = self._begin()
        end: End | None = None
        reads = self.device == self.workspace.device_id
        try:
            with closing(self._answer(exchange)) as pieces:
                sections = packing.unpack(pieces)
                for number, section in enumerate(sections):
                    said = packing.decode(protocol.answer_decoder, section)
                    match said:
                        case AnswerHeader() if number == 0:
                            speaker = self.workspace.identity.speaker(self.device)
                            if reads and self._follow(speaker, said):
                                return True
                            sent = exchange.last_n, exchange.last_hash
                            bodies.confirm(self.workspace, speaker, self.province, sent, said)
                            self.refused += said.refusals
                            if reads:
                                bodies.know_former(self.workspace, said)
                            if reads and said.edition is not None:
                                self.workspace.editions.tell(said.edition)
                                self._fetch_editions()
                        case Received() if number > 0 and end is None and not reads:
                            pass  # the current device will read it
                        case Received() if number > 0 and end is None:
                            self.received += bodies.take_in(self.workspace, said)
                        case End() if number > 0 and end is None:
                            end = said
                        case _:
                            raise bodies.strange()
        except packing.BadBody as error:
            raise BadAnswer(error.message, hint=error.hint) from error
        if end is None:
            raise bodies.strange()
        self.workspace.end_exchange()
        speaker = self.workspace.identity.speaker(self.device)
        sends_more = speaker.last_n > speaker.confirmed_n == exchange.last_n
        if not reads:
            return sends_more
        asks_again = self._compare(end)
        return end.more or asks_again or sends_more

    def _follow(self, speaker: Speaker, said: AnswerHeader) -> bool:
        """Whether the province has come back from a backup and changes are to be sent again first."""
        if not restored.is_new_epoch(self.workspace, said):
            return False
        forgotten = restored.follow(self.workspace, self.client, self.province, speaker, said)
        self.province = replace(self.province, epoch=said.epoch)
        self.sent_again += forgotten
        return forgotten > 0

    def _begin(self) -> Exchange:
        speaker = self.workspace.identity.speaker(self.device)
        exchange = bodies.begin(
            self.workspace,
            speaker,
            self.province,
            self.randomness,
            self.byte_limit,
            reads=self.device == self.workspace.device_id,
        )
        self.changes_sent += exchange.last_n - speaker.confirmed_n
        return exchange

    def _compare(self, end: End) -> bool:
        """Compare digests; whether logs that differ are to be asked for from their start, which is done once."""
        self.differing = bodies.differing_logs(self.workspace, end)
        if self.asked_again or not self.differing:
            return False
        self.asked_again = True
        bodies.read_again(self.workspace, self.differing)
        return True

    def _fetch_editions(self) -> None:
        """Have what is published before the records that were made with it; as far as the province has told of it.

        An edition that is no good stops nothing else: what is here stays in use.
        """
        editions = self.workspace.editions
        while not self.bad_edition and editions.lacks(editions.told()):
            self.patience.stop_if_cancelled()
            self.round_trips += 1
            before = editions.arrived()
            try:
                more = fetch(self.workspace, self.client, partial(self.progress, "editions"))
                self.in_contact = True
                self.patience.moved()
                if not more:
                    return
            except packing.BadBody as error:
                self.bad_edition = error.message
            except Unreachable as error:
                if error.code == NO_CONNECTION and not self.in_contact:
                    raise
                self.cuts += 1
                if editions.arrived() != before:
                    self.patience.moved()
                self.patience.failed(error)

    # Bytes, both ways

    def _answer(self, exchange: Exchange) -> Generator[bytes, None, None]:
        """The answer's bytes: those kept from before, then as they come, each kept before it is given out."""
        yield from self.workspace.answer_from(0)
        while True:
            try:
                with self._call(exchange) as answer:
                    self.in_contact = True
                    yield from self._keep(answer)
                return
            except Unreachable as error:
                if error.code == NO_CONNECTION and not self.in_contact:
                    raise
                self.cuts += error.code not in {ELSEWHERE, BUSY}
                self.patience.failed(error)

    def _keep(self, answer: Answer) -> Iterator[bytes]:
        held = bytearray()
        position = answer.offset
        cut: Unreachable | None = None
        try:
            for chunk in answer.chunks:
                self.patience.stop_if_cancelled()
                held += chunk
                self.bytes_received += len(chunk)
                self.progress("receive", position + len(held), answer.total)
                if len(held) >= packing.PIECE:
                    fresh = self._keep_piece(position, held)
                    position += len(held)
                    held = bytearray()
                    yield fresh
        except Unreachable as error:
            cut = error
        if held:
            yield self._keep_piece(position, held)
        if cut is not None:
            raise cut

    def _keep_piece(self, position: int, piece: bytearray) -> bytes:
        """Keep what is new of it: a server may answer from the start although asked for the rest."""
        known = self.workspace.answer_bytes()
        if position > known:
            raise bodies.strange()
        fresh = bytes(piece[known - position :])
        self.bytes_received_twice += len(piece) - len(fresh)
        if fresh:
            self.workspace.keep_answer(known, fresh)
            self.patience.moved()
        return fresh

    def _call(self, exchange: Exchange) -> AbstractContextManager[Answer]:
        """The call that brings this exchange forward from wherever it is."""
        self.patience.stop_if_cancelled()
        kept = self.workspace.answer_bytes()
        if kept:
            self.round_trips += 1
            return self.client.answer_from(exchange.id, kept)
        if self.highest_sent == 0:
            self.round_trips += 1
            return self.client.send(exchange.id, self._body(exchange, 0), exchange.body_bytes)
        self.round_trips += 1
        arrived = self.client.arrived(exchange.id)
        self.in_contact = True
        self.round_trips += 1
        if arrived is not None and arrived.answer_bytes is not None:
            return self.client.answer_from(exchange.id, 0)
        offset = 0 if arrived is None else arrived.offset
        if offset > exchange.body_bytes:
            raise bodies.strange()
        if offset > self.arrived:
            self.arrived = offset
            self.patience.moved()
        if self.highest_sent is not None:
            self.bytes_sent_twice += max(0, self.highest_sent - offset)
        if arrived is None:
            return self.client.send(exchange.id, self._body(exchange, 0), exchange.body_bytes)
        return self.client.send_rest(
            exchange.id, offset, self._body(exchange, offset), exchange.body_bytes
        )

    def _body(self, exchange: Exchange, offset: int) -> Iterator[bytes]:
        """The body from `offset` on, counted as it is handed over."""
        self.highest_sent = max(self.highest_sent or 0, offset)
        for piece in packing.in_pieces(self.workspace.body_from(offset), packing.PIECE // 2):
            self.patience.stop_if_cancelled()
            offset += len(piece)
            self.bytes_sent += len(piece)
            self.highest_sent = max(self.highest_sent, offset)
            yield piece
            self.progress("send", offset, exchange.body_bytes)
