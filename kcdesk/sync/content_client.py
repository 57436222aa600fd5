"""The device's end of the calls about contents: uploads by tus 1.0, downloads by ranges of bytes.

Any tus server will do for uploads. Owns requests and answers; leaves to others: what to send and fetch, and what to
keep (`contents`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

import httpx

from kcdesk.errors import Unreachable
from kcdesk.sync import tus
from kcdesk.sync.client import ELSEWHERE, Answer, Client
from kcdesk.sync.protocol import LENGTH_HEADER, OFFSET_HEADER

_ELSEWHERE = {HTTPStatus.CONFLICT, HTTPStatus.LOCKED}
"""Of a tus server whose end of a cut line still takes bytes: ask again how far it is (tus 1.0, PATCH)."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload at the province: its path below the server's address, and how many bytes have arrived."""

    path: str
    arrived: int


class ContentClient(Client):
    """Calls to one province about contents. All raise `ServerError`."""

    def begin_upload(self, sha256: str, length: int, media_type: str) -> Upload:
        """Announce a content, and learn how much of it is there already: all, when the province has it.

        Announced again, an upload goes on where it ended, if the server knows uploads by their content.
        """
        told = {"filename": sha256, "filetype": media_type, "sha256": sha256}
        headers = {
            tus.RESUMABLE_HEADER: tus.TUS_VERSION,
            LENGTH_HEADER: str(length),
            tus.METADATA_HEADER: tus.written_metadata(told),
            "Content-Length": "0",
        }
        with self._call("POST", tus.UPLOADS_PATH, headers=headers) as response:
            if response.status_code != HTTPStatus.CREATED:
                raise self._error(response)
            try:
                url = response.url.join(response.headers["Location"])
            except (KeyError, httpx.InvalidURL):
                raise self._not_ours() from None
            if not str(url).startswith(self._url + "/"):  # the token is for nobody else
                raise self._not_ours()
            path = str(url).removeprefix(self._url)
            return Upload(path, self._offset(response, "0"))

    def upload_offset(self, path: str) -> int | None:
        """How many bytes of an upload are there; None: the province does not know it any more."""
        headers = {tus.RESUMABLE_HEADER: tus.TUS_VERSION}
        with self._call("HEAD", path, headers=headers) as response:
            if response.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
                return None
            if not response.is_success:
                raise self._error(response)
            return self._offset(response, "")

    def send_bytes(self, path: str, offset: int, data: Iterable[bytes], length: int) -> int:
        """Send `length` bytes of an upload from `offset` on; how many are there afterwards."""
        headers = {
            tus.RESUMABLE_HEADER: tus.TUS_VERSION,
            OFFSET_HEADER: str(offset),
            "Content-Type": tus.CHUNK_TYPE,
            "Content-Length": str(length),
        }
        with self._call("PATCH", path, headers=headers, content=data) as response:
            if response.status_code in _ELSEWHERE:
                raise Unreachable(
                    "Phần gửi dở trước đó chưa dừng hẳn.",
                    hint="Thử lại sau ít phút.",
                    code=ELSEWHERE,
                )
            if not response.is_success:
                raise self._error(response)
            return self._offset(response, "")

    @contextmanager
    def fetch(self, sha256: str, offset: int) -> Iterator[Answer]:
        """The bytes of a content from `offset` on, with how long it is as a whole."""
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        path = f"{tus.CONTENTS_PATH}/{sha256}"
        with self._call("GET", path, headers=headers) as response:
            if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                yield Answer(offset, offset, iter(()))
                return
            if not response.is_success:
                raise self._error(response)
            start, total = self._extent(response)
            if response.headers.get("ETag") != f'"{sha256}"' or total > tus.CONTENT_BYTES:
                raise self._not_ours()
            yield Answer(start, total, self._chunks(response))

    def _offset(self, response: httpx.Response, otherwise: str) -> int:
        try:
            return int(response.headers.get(OFFSET_HEADER, otherwise))
        except ValueError:
            raise self._not_ours() from None
