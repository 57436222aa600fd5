"""A bundle: editions that a receiver lacks, with the contents it lacks, packed and signed; the same by wire and stick.

A body of `format`: for each edition, oldest first, `Published` and then `Content` for each file that no edition before
it has brought; then DIGEST_BYTES of BLAKE2b over that, so that any damage is known before anything is read.

Owns the form and the checks that need nothing else: signature, numbers, names, sizes and hashes. Leaves to others: what
a receiver has (`server.editions`), where it is kept (`sync.editions`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from kcdesk.domain.published.editions import EditionMark, Manifest, decode_manifest
from kcdesk.sync import format as packing
from kcdesk.sync.protocol import is_signed

DIGEST_BYTES = 16
BUNDLE_BYTES = 16 << 20
"""Bytes of contents after which a bundle ends with the edition that is under way; another brings the rest."""


class Published(msgspec.Struct, frozen=True, tag="edition"):
    """An edition: its manifest as it was signed, and the province's signature over `edition_statement`."""

    manifest: bytes
    signature: bytes


class Content(msgspec.Struct, frozen=True, tag="content"):
    """What is in a file of the edition before it, named by its own hash."""

    data: bytes


class BadBundle(packing.BadBody):
    """A bundle that is damaged, forged or made for somebody else; `reason` is stable."""

    code = "bad_edition"

    def __init__(self, reason: Literal["damaged", "form", "signature", "order", "content"]) -> None:
        super().__init__(
            "Bản công bố nhận được bị hỏng hoặc không phải của tỉnh; máy vẫn dùng bản đang có.",
            hint="Đồng bộ lại; nếu vẫn vậy, báo cho trung tâm khuyến công của tỉnh.",
        )
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition out of a bundle, checked: all its contents are in the bundle or were at the receiver's."""

    manifest: Manifest
    signed: Published
    contents: dict[str, bytes]

    @property
    def mark(self) -> EditionMark:
        return mark_of(self.manifest.number, self.signed.manifest)


_decoder = msgspec.json.Decoder(Published | Content)


def edition_statement(manifest: bytes) -> bytes:
    return b"kcdesk edition\n" + hashlib.sha256(manifest).hexdigest().encode()


def mark_of(number: int, manifest: bytes) -> EditionMark:
    return EditionMark(number, hashlib.sha256(manifest).hexdigest())


def pack_bundle(
    editions: Iterable[Published], had: Collection[str], content_of: Callable[[str], bytes]
) -> bytes:
    """The bundle of these editions (oldest first) for somebody who has the contents `had` (SHA-256).

    content_of: bytes by SHA-256. It ends early after BUNDLE_BYTES, with a whole edition.
    """
    packed = b"".join(packing.pack(_sections(editions, set(had), content_of)))
    return packed + _digest(packed)


def _sections(
    editions: Iterable[Published], had: set[str], content_of: Callable[[str], bytes]
) -> Iterator[bytes]:
    size = 0
    for edition in editions:
        if size > BUNDLE_BYTES:
            return
        manifest = decode_manifest(edition.manifest)
        if manifest is None:
            raise ValueError("an edition that should never have been published")
        yield msgspec.json.encode(edition)
        for sha256 in dict.fromkeys(file.sha256 for file in manifest.files):
            if sha256 not in had:
                had.add(sha256)
                content = content_of(sha256)
                size += len(content)
                yield msgspec.json.encode(Content(content))


def last_of(bundle: bytes) -> EditionMark:
    """The newest edition in a bundle that was packed here. Raises `BadBundle`."""
    last: EditionMark | None = None
    for said in _said(bundle[:-DIGEST_BYTES]):
        if isinstance(said, Published) and (manifest := decode_manifest(said.manifest)) is not None:
            last = mark_of(manifest.number, said.manifest)
    if last is None:
        raise BadBundle("form")
    return last


def _digest(packed: bytes) -> bytes:
    return hashlib.blake2b(packed, digest_size=DIGEST_BYTES).digest()


def unpack_bundle(
    bundle: bytes, public_key: bytes, has: Callable[[str], bool]
) -> Iterator[Edition]:
    """The editions of a bundle, each once it is whole and proved. Raises `BadBundle`.

    public_key: the pinned one of the province;  has: whether a content (SHA-256) is there already
    """
    packed = bundle[:-DIGEST_BYTES]
    if bundle[-DIGEST_BYTES:] != _digest(packed):
        raise BadBundle("damaged")
    signed: Published | None = None
    manifest: Manifest | None = None
    contents: dict[str, bytes] = {}
    brought: set[str] = set()
    wanted: dict[str, int] = {}

    def whole() -> Edition:
        if signed is None or manifest is None:
            raise BadBundle("form")
        if any(sha256 not in brought and not has(sha256) for sha256 in wanted):
            raise BadBundle("content")
        return Edition(manifest, signed, contents)

    for said in _said(packed):
        if isinstance(said, Content):
            sha256 = hashlib.sha256(said.data).hexdigest()
            if wanted.pop(sha256, None) != len(said.data):
                raise BadBundle("content")
            contents[sha256] = said.data
            brought.add(sha256)
            continue
        if signed is not None:
            yield whole()
            contents = {}
        if not is_signed(public_key, said.signature, edition_statement(said.manifest)):
            raise BadBundle("signature")
        before, signed, manifest = manifest, said, decode_manifest(said.manifest)
        if manifest is None:
            raise BadBundle("form")
        if before is not None and manifest.number <= before.number:
            raise BadBundle("order")
        wanted = {file.sha256: file.bytes for file in manifest.files}
    yield whole()


def _said(packed: bytes) -> Iterator[Published | Content]:
    try:
        for section in packing.unpack([packed]):
            yield packing.decode(_decoder, section)
    except packing.BadBody as error:
        if isinstance(error, BadBundle):
            raise
        raise BadBundle("form") from error
