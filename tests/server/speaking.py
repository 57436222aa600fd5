"""A device without a workspace: keys and calls only, so that a test can say what no honest program says.

It enrols and speaks through the real application, and keeps its chain as an honest device does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kcdesk.changes import Change, Value, chain_start, extend
from kcdesk.domain.identifiers import new_record_id
from kcdesk.sync import format as packing
from kcdesk.sync import protocol
from kcdesk.sync.parcels.keys import parcel_identity, recipient_of
from kcdesk.sync.protocol import AnswerHeader, EnrolAnswer, EnrolRequest, Sent, SentHeader
from tests.sync.provinces import NOWHERE_URL, Province


@dataclass
class Device:
    """Keys, a token, and the changes said so far. `secret`: 32 bytes, the private Ed25519 key."""

    province: Province
    secret: bytes
    token: str = ""
    said: list[Change] = field(default_factory=list)
    exchanges: Iterator[int] = field(default_factory=count)

    @property
    def key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.secret)

    @property
    def public_key(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    @property
    def id(self) -> str:
        return protocol.device_id(self.public_key)

    @property
    def http(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return httpx.Client(
            transport=self.province.transport(), headers=headers, base_url=NOWHERE_URL
        )

    def enrolment(self, code: str, **wrong: object) -> EnrolRequest:
        recipient = recipient_of(parcel_identity(self.secret))
        statement = protocol.enrol_statement(code, self.id, recipient)
        honest = EnrolRequest(code, self.id, self.public_key, recipient, self.key.sign(statement))
        return msgspec.structs.replace(honest, **wrong)

    def enrol(self, person: str) -> EnrolAnswer:
        code = self.province.code(person)
        content = protocol.encode(self.enrolment(code))
        response = self.http.post(protocol.ENROL_PATH, content=content)
        answer = msgspec.json.decode(response.content, type=EnrolAnswer)
        self.token = answer.token
        return answer

    def new_exchange(self) -> str:
        return f"{self.id}{next(self.exchanges):016x}"

    def change(
        self,
        kind: str,
        record: str | None = None,
        seen: dict[str, int] | None = None,
        **said: Value,
    ) -> Change:
        """The next change of this device, said with the next body; of a new record when none is given."""
        record = record or new_record_id(self.province.clock, self.province.randomness)
        n = len(self.said) + 1
        made = Change(self.id, n, kind, record, self.province.clock() + n, said, seen or {})
        self.said.append(made)
        return made

    def body(
        self, changes: list[Change], cursors: dict[str, int] | None = None, **wrong: object
    ) -> bytes:
        """A body with these last changes, as an honest device makes it, except for what is `wrong` in its header."""
        header, *groups = self.body_sections(changes, cursors, **wrong)
        return b"".join(packing.pack([header], groups))

    def body_sections(
        self, changes: list[Change], cursors: dict[str, int] | None = None, **wrong: object
    ) -> list[bytes]:
        """The sections of such a body; signed over what the header says in the end, unless the signature is wrong."""
        first = changes[0].n if changes else len(self.said) + 1
        before = extend(chain_start(self.id), self.said[: first - 1])
        after = extend(before, changes)
        last = first - 1 + len(changes)
        header = SentHeader(self.id, "epoch", first, last, before, after, b"", cursors or {})
        header = msgspec.structs.replace(header, **wrong)
        if "signature" not in wrong:
            statement = protocol.sent_statement(header.device, header.last_n, header.last_hash)
            header = msgspec.structs.replace(header, signature=self.key.sign(statement))
        groups = [protocol.encode(Sent(packing.to_columns(changes), after))] if changes else []
        return [protocol.encode(header), *groups]

    def post(self, body: bytes, exchange: str | None = None) -> httpx.Response:
        path = f"{protocol.SYNC_PATH}/{exchange or self.new_exchange()}"
        return self.http.post(path, content=body)

    def say(self, changes: list[Change]) -> AnswerHeader:
        """Send these last changes; what the province answers to them."""
        header = answer_of(self.post(self.body(changes)))[0]
        assert isinstance(header, AnswerHeader)
        assert header.confirmed_n == len(self.said)
        return header

    def read(self) -> tuple[set[str], set[tuple[str, int]]]:
        """The names of all logs that are told, and the changes `(device, n)` that stand in them."""
        logs: set[str] = set()
        entries: set[tuple[str, int]] = set()
        for section in answer_of(self.post(self.body([])))[1:]:
            if isinstance(section, protocol.Received):
                for run in section.runs:
                    logs.add(run.log)
                    entries |= {(device, n) for _, device, n in protocol.entries_of(run)}
            elif isinstance(section, protocol.End):
                logs |= section.logs.keys()
                assert not section.more
        return logs, entries


def answer_of(response: httpx.Response) -> list[object]:
    """The sections of an answer."""
    assert response.status_code == 200, response.text
    sections = packing.unpack([response.content])
    return [packing.decode(protocol.answer_decoder, section) for section in sections]
