"""The device's end of HTTP: the calls of the protocol, and what went wrong as one of three kinds of error.

`Unreachable` (nobody answered, the line was cut: worth another try), `BadAnswer` (somebody else answered) and
`Rejected` (the province said no, in its own words). Leaves to others: when to call what, and what to keep (`engine`).
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

import httpx
import msgspec

from kcdesk import __version__
from kcdesk.changes import Change
from kcdesk.domain.published.editions import EditionMark
from kcdesk.errors import BadAnswer, Rejected, ServerError, Unreachable
from kcdesk.sync import format as packing
from kcdesk.sync import protocol
from kcdesk.sync.protocol import (
    ContinueAnswer,
    ContinueRequest,
    EnrolAnswer,
    EnrolRequest,
    ErrorBody,
    ErrorDocument,
    Held,
    KeyDestroyed,
    Noted,
    ProvinceStanding,
    Received,
    RenewAnswer,
    RenewRequest,
)
from kcdesk.sync.trust import is_doubt, tls_context

CONNECT_TIMEOUT_S = 15.0
ANSWER_TIMEOUT_S = 120.0
"""A province that takes in 20,000 changes on a slow disk is silent for a while."""
SEND_BUFFER = 16 << 10
"""Bytes the system may hold unsent (Linux doubles it): what is handed to it counts as sent, and a cut loses it.
Fills 1.7 Mbit/s at 150 ms."""
ERROR_LIMIT = 64 << 10
STANDING_LIMIT = 8 << 20
"""Bytes of a list of devices and communes: some hundred bytes each."""
A = TypeVar("A")

NO_CONNECTION, CUT, TIMEOUT, ELSEWHERE = "no_connection", "cut", "timeout", "elsewhere"
"""Codes of `Unreachable`; the last: the line holds, but another call for the same exchange went on meanwhile."""
BUSY = "busy"
"""Also of `Unreachable`: the line holds, but the server, or what it stands on, cannot answer now."""


class GoneExchange(ServerError):
    """The province no longer holds this exchange; the engine begins another one."""

    code = "gone"


class Revoked(Rejected):
    """The province says that the device may do nothing more. Whether that is its word shows in `revocation`."""

    code = "revoked"

    def __init__(self, said: ErrorBody) -> None:
        super().__init__(said.message, hint=said.hint)
        self.revocation = said.revocation


class TooLarge(Rejected):
    """The body is larger than the province takes; `limit` is what it takes, in bytes."""

    code = "too_large"

    def __init__(self, message: str, limit: int) -> None:
        super().__init__(message)
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Arrived:
    """What the province holds of an exchange: bytes of the body, and of the answer when that is ready."""

    offset: int
    answer_bytes: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Bytes of an answer as they come, from `offset` of `total` on. Reading raises `Unreachable` at a cut.

    etag: names what the bytes are a part of, where the province says so
    """

    offset: int
    total: int
    chunks: Iterator[bytes]
    etag: str = ""


class Client:
    """Calls to one province. A context manager: keeps one connection open between calls."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        transport: httpx.BaseTransport | None = None,
        ca: str = "",
    ) -> None:
        """`url` of the server, without `/v1`; `transport` replaces the network; `ca` as in `trust`.

        Raises `Unreachable` for no URL.
        """
        self._url = url.rstrip("/")
        headers = {"User-Agent": f"kcdesk/{__version__}", "Accept-Encoding": "identity"}
        try:
            parsed = httpx.URL(self._url)
        except httpx.InvalidURL:
            parsed = httpx.URL("")
        if parsed.scheme not in {"http", "https"} or not parsed.host:
            raise Unreachable(
                f"“{url}” không phải là địa chỉ máy chủ.",
                hint="Địa chỉ có dạng https://may-chu-cua-tinh.",
                code="bad_url",
            )
        self._http = httpx.Client(
            headers=headers,
            timeout=httpx.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            transport=transport
            or httpx.HTTPTransport(
                verify=tls_context(ca) if parsed.scheme == "https" else False,
                socket_options=[(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)],
            ),
        )
        self.token = ""
        if token is not None:
            self.speak_with(token)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def speak_with(self, token: str) -> None:
        """From now on be the device that has this token."""
        self.token = token
        self._http.headers["Authorization"] = f"Bearer {token}"

    def enrol(self, request: EnrolRequest) -> EnrolAnswer:
        """Exchange a one-time code for a token. Raises `ServerError`."""
        return self._ask(protocol.ENROL_PATH, request, EnrolAnswer)

    def continue_as(self, request: ContinueRequest) -> ContinueAnswer:
        """Have another device come after the one that speaks. Repeating it is harmless. Raises `ServerError`."""
        return self._ask(protocol.CONTINUE_PATH, request, ContinueAnswer)

    def renew(self, request: RenewRequest) -> RenewAnswer:
        """Have the province know the next token. Repeating it is harmless. Raises `ServerError`."""
        return self._ask(protocol.TOKEN_PATH, request, RenewAnswer)

    def key_destroyed(self, said: KeyDestroyed) -> None:
        """Tell the province that a revoked device's key is gone. Repeating it is harmless. Raises `ServerError`."""
        self._ask(protocol.DESTROYED_PATH, said, Noted)

    def standing(self) -> ProvinceStanding:
        """How the devices and communes of the province stand; for the centre. Raises `ServerError`."""
        with self._call("GET", protocol.STANDING_PATH) as response:
            if response.status_code != HTTPStatus.OK:
                raise self._error(response)
            try:
                return msgspec.json.decode(_short(response, STANDING_LIMIT), type=ProvinceStanding)
            except msgspec.MsgspecError:
                raise self._not_ours() from None

    def held(
        self, device: str, after: int, signature: bytes, *, changes: bool = True
    ) -> tuple[Held, list[Change]]:
        """What the province holds of the device that speaks: its end, and changes after a number, not always all.

        changes: whether they are wanted

        Raises `ServerError`, `BadBody`.
        """
        path = f"{protocol.DEVICES_PATH}/{device}/changes?after={after}"
        headers = {protocol.SIGNATURE_HEADER: signature.hex()}
        with self._call("GET", path, headers=headers) as response:
            pieces = self._answer(response).chunks
            sections = packing.unpack(pieces)
            said = packing.decode(protocol.held_decoder, next(sections, b""))
            if not isinstance(said, Held):
                raise self._not_ours()
            found: list[Change] = []
            for section in sections if changes else ():
                group = packing.decode(protocol.held_decoder, section)
                if not isinstance(group, Received):
                    raise self._not_ours()
                found += packing.from_columns(group.columns)
            return said, found

    @contextmanager
    def send(
        self, exchange: str, body: Iterable[bytes], length: int, *, at: str = protocol.SYNC_PATH
    ) -> Iterator[Answer]:
        """Begin an exchange with its whole body, and read the answer; `at`: its path. Raises `ServerError`."""
        headers = {"Content-Type": protocol.BODY_TYPE, "Content-Length": str(length)}
        with self._call("POST", f"{at}/{exchange}", headers=headers, content=body) as response:
            yield self._answer(response)

    @contextmanager
    def send_rest(
        self,
        exchange: str,
        offset: int,
        rest: Iterable[bytes],
        length: int,
        *,
        at: str = protocol.SYNC_PATH,
    ) -> Iterator[Answer]:
        """Go on with a body of `length` bytes at `offset`, and read the answer. Raises `ServerError`."""
        headers = {
            "Content-Type": protocol.BODY_TYPE,
            "Content-Length": str(length - offset),
            protocol.OFFSET_HEADER: str(offset),
            protocol.LENGTH_HEADER: str(length),
        }
        with self._call("PATCH", f"{at}/{exchange}", headers=headers, content=rest) as response:
            yield self._answer(response)

    @contextmanager
    def answer_from(
        self, exchange: str, offset: int, *, at: str = protocol.SYNC_PATH
    ) -> Iterator[Answer]:
        """The rest of an answer. Raises `GoneExchange` when the province has none, `ServerError`."""
        headers = {"Range": f"bytes={offset}-"}
        with self._call("GET", f"{at}/{exchange}", headers=headers) as response:
            if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                yield Answer(offset, offset, iter(()))
                return
            yield self._answer(response)

    @contextmanager
    def editions(self, have: EditionMark | None, etag: str, offset: int) -> Iterator[Answer | None]:
        """The bundle of what is lacking after the edition `have`; None: nothing. Raises `ServerError`.

        From `offset` on, where it still is the one that `etag` names; otherwise from its start.
        """
        path = protocol.EDITIONS_PATH
        if have is not None:
            path += f"?number={have.number}&sha256={have.sha256}"
        headers = {"Range": f"bytes={offset}-", "If-Range": etag} if offset else None
        with self._call("GET", path, headers=headers) as response:
            nothing = response.status_code == HTTPStatus.NO_CONTENT
            yield None if nothing else self._answer(response)

    def arrived(self, exchange: str, *, at: str = protocol.SYNC_PATH) -> Arrived | None:
        """What the province holds of an exchange; None: nothing. Raises `ServerError`."""
        with self._call("HEAD", f"{at}/{exchange}") as response:
            if response.status_code == HTTPStatus.NOT_FOUND:
                return None
            if response.status_code != HTTPStatus.NO_CONTENT:
                raise self._error(response)
            answer = response.headers.get(protocol.ANSWER_HEADER)
            try:
                return Arrived(
                    int(response.headers[protocol.OFFSET_HEADER]),
                    None if answer is None else int(answer),
                )
            except (KeyError, ValueError):
                raise self._not_ours() from None

    def _ask(self, path: str, request: msgspec.Struct, answer: type[A]) -> A:
        with self._call("POST", path, content=protocol.encode(request)) as response:
            if response.status_code != HTTPStatus.OK:
                raise self._error(response)
            try:
                return msgspec.json.decode(_short(response), type=answer)
            except msgspec.MsgspecError:
                raise self._not_ours() from None

    @contextmanager
    def _call(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        content: bytes | Iterable[bytes] | None = None,
    ) -> Iterator[httpx.Response]:
        with (
            self._told_plainly(),
            self._http.stream(
                method, self._url + path, headers=headers, content=content
            ) as response,
        ):
            yield response

    def _chunks(self, response: httpx.Response) -> Iterator[bytes]:
        with self._told_plainly():
            yield from response.iter_raw()

    @contextmanager
    def _told_plainly(self) -> Iterator[None]:
        """Turn httpx's errors about the line into `Unreachable`."""
        try:
            yield
        except (httpx.ConnectTimeout, httpx.ConnectError) as error:
            if is_doubt(error):
                raise BadAnswer(
                    f"Nơi trả lời tại {self._url} không chứng minh được là máy chủ của tỉnh:"
                    " chứng thư của nó không do nơi máy này tin cấp, đã hết hạn hoặc mang tên khác.",
                    hint="Kiểm tra địa chỉ và ngày giờ của máy. Nếu tỉnh dùng chứng thư riêng, xin trung tâm tệp chứng"
                    " thư của nơi cấp (CA) rồi nối lại: kcdesk join --ca.",
                    code="certificate",
                ) from error
            raise Unreachable(
                f"Không kết nối được với máy chủ của tỉnh ({self._url}).",
                hint="Kiểm tra mạng và địa chỉ máy chủ rồi thử lại. Dữ liệu trên máy này vẫn đầy đủ.",
                code=NO_CONNECTION,
            ) from error
        except httpx.TimeoutException as error:
            raise Unreachable(
                f"Máy chủ của tỉnh ({self._url}) không trả lời trong thời gian chờ.",
                hint="Thử lại sau. Phần đã gửi không phải gửi lại.",
                code=TIMEOUT,
            ) from error
        except httpx.TransportError as error:
            raise Unreachable(
                f"Đường truyền tới máy chủ của tỉnh ({self._url}) bị ngắt giữa chừng.",
                hint="Thử lại khi có mạng. Phần đã gửi không phải gửi lại.",
                code=CUT,
            ) from error

    def _answer(self, response: httpx.Response) -> Answer:
        if response.status_code not in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
            raise self._error(response)
        if response.headers.get("Content-Type") != protocol.BODY_TYPE:
            raise self._not_ours()
        etag = response.headers.get("ETag", "")
        return Answer(*self._extent(response), self._chunks(response), etag)

    def _extent(self, response: httpx.Response) -> tuple[int, int]:
        """Where the bytes of an answer begin, and how many the whole has."""
        try:
            length = int(response.headers["Content-Length"])
            offset = 0
            if response.status_code == HTTPStatus.PARTIAL_CONTENT:
                unit, _, span = response.headers["Content-Range"].partition(" ")
                offset = int(span.partition("-")[0])
                if unit != "bytes":
                    raise ValueError
        except (KeyError, ValueError):
            raise self._not_ours() from None
        return offset, offset + length

    def _error(self, response: httpx.Response) -> ServerError:
        try:
            said = msgspec.json.decode(_short(response), type=ErrorDocument).error
        except msgspec.MsgspecError:
            if (
                response.request.method == "HEAD"
            ):  # a HEAD has no words: those of a GET are the same
                with self._call("GET", response.url.path) as again:
                    return self._error(again)
            if response.status_code in _PASSING:
                return self._busy(response)
            return self._not_ours()
        match said.code:
            case "too_large" if said.limit is not None:
                return TooLarge(said.message, said.limit)
            case "revoked":
                return Revoked(said)
            case "gone":
                return GoneExchange(said.message)
            case "too_often" | "busy":
                return self._busy(response, said)
            case "timeout":  # ours came too slowly: go on where it ended
                return Unreachable(said.message, hint=said.hint, code=CUT)
            case "offset":  # another call of ours went on meanwhile: ask again how far
                return Unreachable(said.message, hint=said.hint, code=ELSEWHERE)
        return Rejected(said.message, hint=said.hint, code=said.code)

    def _busy(self, response: httpx.Response, said: ErrorBody | None = None) -> Unreachable:
        """Whoever answers asks to come back later: the province in its own words, or a proxy before it."""
        message, hint = f"Máy chủ của tỉnh ({self._url}) đang tạm ngừng.", "Thử lại sau ít phút."
        if said is not None:
            message, hint = said.message, said.hint
        busy = Unreachable(message, hint=hint, code=BUSY)
        busy.wait_s = _seconds(response.headers.get("Retry-After", "0"))
        return busy

    def _not_ours(self) -> BadAnswer:
        return BadAnswer(
            f"Nơi trả lời tại {self._url} không phải là máy chủ kcdesk của tỉnh.",
            hint="Kiểm tra địa chỉ máy chủ; nếu mạng đòi đăng nhập (Wi-Fi), hãy đăng nhập trước.",
        )


_PASSING = {
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
"""What a proxy says while the server behind it restarts."""


def _seconds(header: str) -> float:
    """What `Retry-After` says in seconds; nonsense and dates are a second."""
    return float(header) if header.isascii() and header.isdecimal() and len(header) < 8 else 1.0


def _short(response: httpx.Response, limit: int = ERROR_LIMIT) -> bytes:
    """The first `limit` bytes or a little more of a response that should be short."""
    content = bytearray()
    for chunk in response.iter_raw():
        content += chunk
        if len(content) > limit:
            break
    return bytes(content)
