"""What the sections of a parcel say: the bodies of an exchange, with what a file must say besides.

Up:        `UpHead`, then for each former device of the workspace that is not settled a body (`SentHeader`, `Sent`
           groups) and `Continues`, then the body of the device itself, then a `Content` for each content of a picture
           or scan, then `Wants` where some are wanted in return.
Down:      `DownHead`, then where the device reads a `Bundle` for each bundle of editions that it lacks, then
           `AnswerHeader` and `ContentReceipts`, and where the device reads: `Received` groups and `End`, as often as it
           takes until all that is new has been told, then a `Content` for each content that was wanted.
Enrolment: `EnrolmentHead`, then each `Bundle`, then `Received` groups and `End` likewise: the records of the person's
           areas.

What says how long it is (`Bundle`, `Content`) is followed by its bytes as they are, in sections of at most
BYTES_TOGETHER. Where contents need several files, each begins with the same bodies: any of them may come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from kcdesk.domain.published.editions import EditionMark
from kcdesk.sync.format import BadBody, in_pieces
from kcdesk.sync.protocol import (
    AnswerHeader,
    ContinueRequest,
    End,
    EnrolRequest,
    ErrorBody,
    Received,
    Role,
    Sent,
    SentHeader,
)

BYTES_TOGETHER = 1 << 20


class UpHead(msgspec.Struct, frozen=True, tag="up"):
    """Who writes. The envelope is signed by this device's key, the device's id follows from it.

    recipient:  age recipient that the answer is to be encrypted for
    written_at: the device's clock, ms UTC
    reads:      whether what is new is wanted in return; of several parts written at once only the last one asks
    enrolment:  while the province has not answered yet: the one-time code, as over the network
    edition:    the newest edition that is here; None: none of the province's
    """

    device: str
    public_key: bytes
    recipient: str
    written_at: int
    reads: bool
    enrolment: EnrolRequest | None
    edition: EditionMark | None = None


class Continues(msgspec.Struct, frozen=True, tag="continues"):
    """The former device whose body came before says which device comes after it."""

    request: ContinueRequest


class Content(msgspec.Struct, frozen=True, tag="content"):
    """The content of a picture or scan, of so many bytes."""

    sha256: str
    length: int


class Wants(msgspec.Struct, frozen=True, tag="wants"):
    """Contents that the device lacks; also those of records that it does not know yet are wanted then."""

    sha256: list[str]


class FormerReceipt(msgspec.Struct, frozen=True):
    """The receipt of a former device. settled: the province knows the one after it."""

    device: str
    receipt: AnswerHeader
    settled: bool


class DownHead(msgspec.Struct, frozen=True, tag="down"):
    """For whom an answer is, and what became of the parcels it answers.

    former:      receipts of former devices
    missing_n:   the first number that has to come before what waits at the province; None: nothing waits
    problem:     why the province did not take the parcels; the rest of the answer is true all the same
    """

    device: str
    former: list[FormerReceipt]
    missing_n: int | None
    problem: ErrorBody | None


class RefusedContent(msgspec.Struct, frozen=True):
    """A content that the province will not have, and its sentence."""

    sha256: str
    message: str


class ContentReceipts(msgspec.Struct, frozen=True, tag="contents"):
    """Which contents of the parcels the province of that epoch holds, and which it will not have.

    What is in neither came without its record, or was too much for a day: it is to be sent again.
    """

    epoch: str
    held: list[str]
    refused: list[RefusedContent]


class Bundle(msgspec.Struct, frozen=True, tag="bundle"):
    """A bundle of editions (`kcdesk/sync/bundle.py`) of so many bytes, the same as over the network."""

    length: int


class EnrolmentHead(msgspec.Struct, frozen=True, tag="enrolment"):
    """The province, and whom it expects. Keys are pinned by the device.

    url:   address of its server, empty when there is none or it is not to be used
    areas: codes of the communes that the person looks after
    """

    province: str
    epoch: str
    public_key: bytes
    recipient: str
    url: str
    person: str
    role: Role
    areas: list[str]


up_decoder = msgspec.json.Decoder(UpHead | SentHeader | Sent | Continues | Content | Wants)
down_decoder = msgspec.json.Decoder(
    DownHead | Bundle | AnswerHeader | ContentReceipts | Received | End | Content
)
enrolment_decoder = msgspec.json.Decoder(EnrolmentHead | Bundle | Received | End)
encode = msgspec.json.encode


def with_bytes(said: Bundle | Content, data: Iterable[bytes]) -> Iterator[bytes]:
    """The sections of what is followed by its bytes; `data` is as long as it says."""
    yield encode(said)
    yield from in_pieces(data, BYTES_TOGETHER)


def bytes_after(sections: Iterator[bytes], length: int) -> Iterator[bytes]:
    """The next `length` bytes, which follow what was said. Raises `BadBody` when they are not there."""
    while length > 0:
        section = next(sections, b"")
        if not 0 < len(section) <= length:
            raise BadBody("Các phần của gói dữ liệu không đúng độ dài đã ghi.")
        length -= len(section)
        yield section
