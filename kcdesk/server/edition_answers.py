"""Sending a bundle of editions over HTTP: whole, or from an offset on while it is still the same (RFC 9110, ranges).

Nothing is kept on disk for it: the same lack gives the same bytes, and `ETag` says so to a device that goes on after a
cut.
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus

from anyio.to_thread import run_sync
from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import Response

from kcdesk.domain.published.editions import EditionMark
from kcdesk.errors import Rejected
from kcdesk.server.database import reading
from kcdesk.server.editions import bundle_for, latest_mark
from kcdesk.sync import protocol

_REMEMBERED = 4
"""Bundles kept in memory by each worker."""


class EditionAnswers:
    """Answers what devices lack. After publishing hundreds lack the same: the last bundles made are remembered."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._made: dict[tuple[EditionMark | None, EditionMark | None], bytes] = {}

    async def answer(self, request: Request) -> Response:
        """What the caller lacks after the edition named by `number` and `sha256`; 204 where it lacks nothing."""
        content = await run_sync(self._bundle, _have(request))
        if not content:
            return Response(status_code=HTTPStatus.NO_CONTENT)
        etag = f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'
        headers = {"ETag": etag, "Accept-Ranges": "bytes"}
        start = range_start(request) if request.headers.get("If-Range") == etag else None
        if start is None or start >= len(content):
            return Response(content, headers=headers, media_type=protocol.BODY_TYPE)
        headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        status = HTTPStatus.PARTIAL_CONTENT
        return Response(content[start:], status, headers, protocol.BODY_TYPE)

    def _bundle(self, have: EditionMark | None) -> bytes:
        with reading(self._engine) as connection:
            key = (latest_mark(connection), have)
        content = self._made.get(key)
        if content is None:
            content = bundle_for(self._engine, have)
            for old in list(self._made)[: max(0, len(self._made) - _REMEMBERED + 1)]:
                self._made.pop(old, None)
            self._made[key] = content
        return content


def range_start(request: Request) -> int | None:
    """The start of `Range: bytes=START-`; None for none or another kind of range, which may be ignored (RFC 9110)."""
    unit, _, span = request.headers.get("Range", "").partition("=")
    start, _, end = span.partition("-")
    if unit == "bytes" and start.isascii() and start.isdigit() and not end and len(start) < 16:
        return int(start)
    return None


def _have(request: Request) -> EditionMark | None:
    number, sha256 = (request.query_params.get(name, "") for name in ("number", "sha256"))
    if not number and not sha256:
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 10 and len(sha256) == 64):
        raise Rejected("Yêu cầu không ghi rõ bản công bố đang có.", code="form")
    return EditionMark(int(number), sha256)
