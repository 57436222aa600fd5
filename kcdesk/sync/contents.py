"""Contents of pictures and scans, up to the province and down from it: after the records, and when told.

Every step can be repeated, and the process may be killed at any moment. What has arrived at the province it knows by
the content, so that nothing about a sending is kept here; what arrives here is kept in the encrypted workspace as it
comes, and is a content once its SHA-256 is right. Leaves to others: HTTP (`content_client`), the file (`storage`).
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import httpx

from kcdesk.domain.clock import Randomness
from kcdesk.errors import BadAnswer, BadInput, KcdeskError, Rejected, Unreachable
from kcdesk.importing.attachments import PDF, require_keepable, thumbnail_of
from kcdesk.storage.content_places import ContentPlace, Travelling
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import trust
from kcdesk.sync.client import CUT, ELSEWHERE, NO_CONNECTION, Answer, GoneExchange
from kcdesk.sync.content_client import ContentClient, Upload
from kcdesk.sync.engine import Progress
from kcdesk.sync.patience import Patience, Wait

PHASE = "photos"
"""What progress is told of."""
PIECE = 32 << 10
"""Bytes between two looks at whether somebody has cancelled; also what is kept at once of what arrives."""
REFUSING = frozenset(("content", "too_large"))
"""Codes with which the province will not have a content, now or later."""
DAMAGED_TRIES = 3
"""Times that a content may come out damaged at the other end before that is told."""


@dataclass(slots=True)
class ContentsReport:
    """What a pass over contents did. Bytes are those of contents; "twice" are those that a cut made necessary again.

    sent, fetched: contents that are at the province now, or here
    known:         of those sent, what the province had already
    refused:       what the province will not have, and its sentence
    absent:        what the province does not have yet, or does not show to this device
    unreadable:    what could not be read here, so that it was not sent
    waiting:       what is still to be sent, `waiting_bytes` long; it stays for the next pass
    """

    sent: int = 0
    known: int = 0
    fetched: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    bytes_sent_twice: int = 0
    bytes_received_twice: int = 0
    round_trips: int = 0
    cuts: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    waiting: int = 0
    waiting_bytes: int = 0


def send_contents(
    workspace: Workspace,
    *,
    randomness: Randomness,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
    wait: Wait | None = None,
    transport: httpx.BaseTransport | None = None,
) -> ContentsReport:
    """Send every content that the province lacks; to be called after `engine.sync`, which tells it of the records.

    `progress` counts bytes of the phase `photos`. Raises `Unreachable`, `BadAnswer`, `Rejected`, `Cancelled`, and
    `BadInput` for a workspace of no province; what had come through until then stays there.
    """
    with _pass(workspace, randomness, progress, cancel, wait, transport) as running:
        running.send(workspace.content_places.to_send())
        left = workspace.content_places.to_send()
        running.report.waiting = len(left)
        running.report.waiting_bytes = sum(one.size for one in left)
        return running.report


def fetch_contents(
    workspace: Workspace,
    wanted: Sequence[Travelling],
    *,
    randomness: Randomness,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
    wait: Wait | None = None,
    transport: httpx.BaseTransport | None = None,
) -> ContentsReport:
    """Fetch contents from the province. Arguments and errors as those of `send_contents`."""
    with _pass(workspace, randomness, progress, cancel, wait, transport) as running:
        running.fetch(wanted)
        return running.report


def _pass(
    workspace: Workspace,
    randomness: Randomness,
    progress: Progress | None,
    cancel: threading.Event | None,
    wait: Wait | None,
    transport: httpx.BaseTransport | None,
) -> AbstractContextManager[_Pass]:
    province = workspace.province()
    if province is None:
        raise BadInput(
            "Dữ liệu này chưa nối với máy chủ của tỉnh nào.",
            hint="Xin mã đăng ký của trung tâm rồi chạy kcdesk join.",
            code="not_joined",
        )
    ca = workspace.setting(trust.SETTING) or ""
    client = ContentClient(province.url, province.token, transport, ca)
    patience = Patience(randomness, cancel, wait)
    return _Pass(workspace, client, patience, randomness, progress or (lambda *_: None))


class _Pass(AbstractContextManager["_Pass"]):
    """One pass over contents, either way. A context manager: holds the connection."""

    def __init__(
        self,
        workspace: Workspace,
        client: ContentClient,
        patience: Patience,
        randomness: Randomness,
        progress: Progress,
    ) -> None:
        self.report = ContentsReport()
        self._workspace = workspace
        self._places = workspace.content_places
        self._client = client
        self._patience = patience
        self._randomness = randomness
        self._progress = progress
        self._in_contact = False
        self._done = self._total = 0  # bytes of this pass
        self._farthest = 0  # byte of a content that was handed over

    def __exit__(self, *error: object) -> None:
        self._client.__exit__(*error)

    # Up

    def send(self, waiting: Sequence[Travelling]) -> None:
        """Send contents one after the other."""
        self._total = sum(one.size for one in waiting)
        for one in waiting:
            self._patience.stop_if_cancelled()
            try:
                content = self._workspace.attachments.read(one.sha256)
            except KcdeskError:
                self.report.unreadable.append(one.sha256)
                continue
            try:
                self._send(one, content)
            except Rejected as error:
                if error.code == "quota":
                    return
                if error.code in REFUSING:
                    self._places.note(one.sha256, ContentPlace.REFUSED, error.message)
                    self.report.refused.append((one.sha256, error.message))
                elif (
                    error.code != "not_named"
                ):  # the record was refused, or is on its way by another line
                    raise
            else:
                self._places.note(one.sha256, ContentPlace.PROVINCE)
                self.report.sent += 1
            self._done += one.size

    def _send(self, one: Travelling, content: bytes) -> None:
        """Bring one content to the province, however often the line is cut."""
        path: str | None = None
        best = damaged = self._farthest = 0
        while True:
            try:
                upload = self._announced(one, len(content), path)
                self._in_contact = True
                arrived = upload.arrived
                self.report.known += path is None and arrived == len(content)
                self.report.bytes_sent_twice += max(0, self._farthest - arrived)
                if arrived > best:
                    self._patience.moved()
                path, best = upload.path, arrived
                if arrived < len(content):
                    self.report.round_trips += 1
                    rest = len(content) - arrived
                    arrived = self._client.send_bytes(
                        path, arrived, self._pieces(content, arrived), rest
                    )
                if arrived == len(content):
                    return
                self._patience.failed(_stopped_short())
            except Unreachable as error:
                self._cut(error)
            except GoneExchange as error:
                path = None
                self._patience.failed(error)
            except Rejected as error:
                damaged += 1
                if error.code != "checksum" or damaged == DAMAGED_TRIES:
                    raise
                path, best, self._farthest = None, 0, 0

    def _announced(self, one: Travelling, length: int, path: str | None) -> Upload:
        """Where the upload stands: the one at `path`, if the province still knows it."""
        self._patience.stop_if_cancelled()
        self.report.round_trips += 1
        if path is not None:
            arrived = self._client.upload_offset(path)
            if arrived is not None:
                return Upload(path, arrived)
            self.report.round_trips += 1
        return self._client.begin_upload(one.sha256, length, one.media_type)

    def _pieces(self, content: bytes, offset: int) -> Iterator[bytes]:
        """The content from `offset` on, counted as it is handed over."""
        for start in range(offset, len(content), PIECE):
            self._patience.stop_if_cancelled()
            piece = content[start : start + PIECE]
            self.report.bytes_sent += len(piece)
            self._farthest = max(self._farthest, start + len(piece))
            yield piece
            self._progress(PHASE, self._done + start + len(piece), self._total)

    # Down

    def fetch(self, wanted: Sequence[Travelling]) -> None:
        """Fetch contents one after the other."""
        self._total = sum(one.size for one in wanted)
        for one in wanted:
            self._patience.stop_if_cancelled()
            try:
                self._fetch(one)
            except Rejected as error:
                if error.code != "not_found":
                    raise
                self._places.drop(one.sha256)
                self.report.absent.append(one.sha256)
            else:
                self.report.fetched += 1
            self._done += one.size

    def _fetch(self, one: Travelling) -> None:
        """Bring one content here, however often the line is cut."""
        damaged = 0
        while True:
            self._patience.stop_if_cancelled()
            self.report.round_trips += 1
            try:
                with self._client.fetch(one.sha256, self._places.arriving(one.sha256)) as answer:
                    self._in_contact = True
                    self._keep(one, answer)
            except Unreachable as error:
                self._cut(error)
                continue
            if self._take_in(one):
                return
            damaged += 1
            if damaged == DAMAGED_TRIES:
                raise BadAnswer(
                    "Nội dung nhận từ tỉnh không đúng với mã kiểm của nó.",
                    hint="Thử lại sau; nếu vẫn vậy, báo cho trung tâm.",
                )

    def _keep(self, one: Travelling, answer: Answer) -> None:
        """Keep bytes as they come; what a cut leaves of a piece too. Raises `Unreachable` at a cut."""
        position = answer.offset
        held = bytearray()
        try:
            for chunk in answer.chunks:
                self._patience.stop_if_cancelled()
                held += chunk
                self.report.bytes_received += len(chunk)
                self._progress(PHASE, self._done + position + len(held), self._total)
                if len(held) >= PIECE:
                    self._keep_piece(one, position, held)
                    position += len(held)
                    held = bytearray()
        finally:
            if held:
                self._keep_piece(one, position, held)

    def _keep_piece(self, one: Travelling, position: int, piece: bytearray) -> None:
        """Keep what is new of it: a server may answer from the start although asked for the rest."""
        known = self._places.arriving(one.sha256)
        fresh = bytes(piece[max(0, known - position) :])
        self.report.bytes_received_twice += len(piece) - len(fresh)
        if fresh:
            self._places.keep(one.sha256, max(known, position), fresh)
            self._patience.moved()

    def _take_in(self, one: Travelling) -> bool:
        """Make a content of what has arrived; False: it is damaged, and dropped. Raises `BadAnswer`."""
        content = self._places.arrived(one.sha256)
        try:
            return take_in_content(self._workspace, one.sha256, content, self._randomness)
        finally:
            self._places.drop(one.sha256)

    def _cut(self, error: Unreachable) -> None:
        if error.code == NO_CONNECTION and not self._in_contact:
            raise error
        self.report.cuts += error.code != ELSEWHERE
        self._patience.failed(error)


def take_in_content(
    workspace: Workspace, sha256: str, content: bytes, randomness: Randomness
) -> bool:
    """Keep a content that came from the province, with a small picture of it; False: it is not what its SHA-256 says.

    Raises `BadAnswer` for what no device takes in, `WorkspaceError` when it cannot be written.
    """
    if hashlib.sha256(content).hexdigest() != sha256:
        return False
    try:
        media_type = require_keepable(sha256[:12], content)
    except BadInput as error:
        raise BadAnswer(error.message, hint="Báo cho trung tâm.") from error
    thumbnail = None if media_type == PDF else thumbnail_of(content)
    workspace.attachments.keep(content, thumbnail, randomness)
    workspace.content_places.note(sha256, ContentPlace.PROVINCE)
    return True


def _stopped_short() -> Unreachable:
    return Unreachable(
        "Máy chủ của tỉnh chưa nhận hết tệp.",
        hint="Thử lại sau. Phần đã gửi không phải gửi lại.",
        code=CUT,
    )
