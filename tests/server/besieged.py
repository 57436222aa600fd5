"""A province with somebody's records, photo, exchange and parcel in it, and an attacker with a token of their own.

`state` is a digest of every row of every table but those that are the attacker's own, so that a test can say: nothing
has changed. `same` compares answers as an attacker would.
"""

from __future__ import annotations

import base64
import hashlib
import io
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import httpx
from sqlalchemy import Select, Table, select

from kcdesk.changes import Change, chain_start, extend
from kcdesk.server import tables
from kcdesk.server.database import reading
from kcdesk.sync import protocol, tus
from kcdesk.sync.parcels import contents, envelope
from kcdesk.sync.parcels.contents import UpHead
from kcdesk.sync.parcels.envelope import Header
from kcdesk.sync.parcels.keys import parcel_identity, recipient_of
from kcdesk.sync.protocol import EnrolAnswer
from tests.server.speaking import Device, answer_of
from tests.sync.in_process import Cut
from tests.sync.pictures import picture
from tests.sync.provinces import Province

TUS = {tus.RESUMABLE_HEADER: tus.TUS_VERSION}
CHUNK = {**TUS, "Content-Type": tus.CHUNK_TYPE}
UNKNOWN_RECORD = "01990000-0000-7000-8000-00000000dead"
UNKNOWN_ID = "dead" * 8
UNKNOWN_SHA = "dead" * 16
UNKNOWN_DEVICE = "dead" * 4

OWN_COLUMNS = {
    "devices": ("id",),
    "device_reports": ("device",),
    "refusals": ("device",),
    "exchanges": ("device",),
    "uploads": ("device",),
}
"""Tables in which a device with a token has rows of its own, whatever it says."""


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class Besieged:
    """The province; Bình's laptop, whose data it is; and Cù, who looks after another commune and wants more."""

    province: Province
    victim: Device = field(init=False)
    attacker: Device = field(init=False)

    def __post_init__(self) -> None:
        here, there = self.province.communes[:2]
        self.province.person("Bình", "officer", here)
        self.province.person("Cù", "collaborator", there)
        self.victim = Device(self.province, b"v" * 32)
        self.victim.enrol("Bình")
        self.attacker = Device(self.province, b"c" * 32)
        self.home: EnrolAnswer = self.attacker.enrol("Cù")
        self.province.person("Sửu", "officer")
        self.stale = Device(self.province, b"s" * 32)
        self.stale.enrol("Sửu")
        self.code = self.province.code("Bình")
        self._fill(here)
        self.mine = self.attacker.change("establishments", commune=there, name="Của Cù").record
        self.attacker.say(self.attacker.said)

    def _fill(self, commune: str) -> None:
        victim = self.victim
        self.photo, self.half = picture(1), picture(2)
        self.record = victim.change("establishments", commune=commune, name="Của Bình").record
        self.child = victim.change("needs", establishment=self.record, purpose="Máy dệt").record
        for content in (self.photo, self.half):
            victim.change("attachments", establishment=self.record, sha256=sha(content))
        victim.say(victim.said)
        self.upload = self.announce(victim, self.half).headers["Location"].rpartition("/")[2]
        self.send(victim, self.upload, self.half[:40_000])
        self.send(victim, self.announce(victim, self.photo).headers["Location"], self.photo)
        change = victim.change("establishments", self.record, note="Chưa gửi xong" * 400)
        early = [victim.change("establishments", self.record, note=note) for note in "12"][1:]
        self.waiting = "ee" * 16
        parcel = self.parcel_of(victim, [victim.body_sections(early)], name=self.waiting)
        assert self.carry(victim, parcel).is_success
        self.body = victim.body([change])
        self.exchange = victim.new_exchange()
        line = victim.http
        line._transport.cuts = [Cut("body", 100)]  # type: ignore[attr-defined]
        with suppress(httpx.ReadError):
            line.post(f"{protocol.SYNC_PATH}/{self.exchange}", content=self.body)

    def announce(self, device: Device, content: bytes, name: str = "") -> httpx.Response:
        """Say that a content is to come."""
        told = base64.b64encode((name or sha(content)).encode()).decode()
        headers = {**TUS, "Upload-Length": str(len(content)), "Upload-Metadata": f"sha256 {told}"}
        return device.http.post(tus.UPLOADS_PATH, headers=headers)

    def send(self, device: Device, upload: str, content: bytes, offset: int = 0) -> httpx.Response:
        headers = {**CHUNK, "Upload-Offset": str(offset)}
        name = upload.rpartition("/")[2]
        return device.http.patch(f"{tus.UPLOADS_PATH}/{name}", headers=headers, content=content)

    @cached_property
    def parcel(self) -> bytes:
        """A parcel of the victim's with what is not there yet."""
        return self.parcel_of(self.victim, [self.victim.body_sections(self.victim.said[4:5])])

    def parcel_of(
        self,
        writer: Device,
        bodies: list[list[bytes]],
        *,
        signed_by: Device | None = None,
        name: str = "ab" * 16,
        **wrong: object,
    ) -> bytes:
        """A parcel with these bodies; `wrong`: what its head says otherwise."""
        recipient = recipient_of(parcel_identity(writer.secret))
        said: dict[str, object] = {
            "device": writer.id,
            "public_key": writer.public_key,
            "recipient": recipient,
            "written_at": self.province.clock(),
            "reads": True,
            "enrolment": None,
            **wrong,
        }
        head = contents.encode(UpHead(**said))  # type: ignore[arg-type]
        header = Header(name, "up", protocol.device_id(self.home.public_key))
        target = io.BytesIO()
        sections = [head, *(section for body in bodies for section in body)]
        key = (signed_by or writer).key
        envelope.write(target, header, self.home.recipient, sections, key.sign)
        return target.getvalue()

    def carry(self, device: Device, parcel: bytes) -> httpx.Response:
        """Have a device bring a parcel to the province."""
        path = f"{protocol.PARCELS_PATH}/{device.new_exchange()}"
        return device.http.post(path, content=parcel)

    def state(self, *, but: Device | None = None) -> dict[str, str]:
        """A digest of each table; without the rows that are the device's own."""
        found = {}
        with reading(self.province.database) as connection:
            for table in tables.metadata.sorted_tables:
                wanted = _others(table, but.id) if but is not None else select(table)
                if table.name == "exchange_bytes" and but is not None:
                    own = select(tables.exchanges.c.id).where(tables.exchanges.c.device == but.id)
                    wanted = wanted.where(table.c.exchange.not_in(own))
                if table.name == "content_bytes" and but is not None:
                    own = select(tables.uploads.c.id).where(tables.uploads.c.device == but.id)
                    wanted = wanted.where(table.c.upload.not_in(own))
                rows = sorted(repr(tuple(row)) for row in connection.execute(wanted))
                found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        return found

    def chain(self, changes: list[Change], device: Device) -> bytes:
        return extend(chain_start(device.id), changes)


def _others(table: Table, device: str) -> Select[Any]:
    wanted = select(table)
    for name in OWN_COLUMNS.get(table.name, ()):
        wanted = wanted.where(table.c[name] != device)
    return wanted


def told(response: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """All that an answer says, but for the number of the request."""
    headers = {name: value for name, value in response.headers.items() if name != "x-request-id"}
    return response.status_code, response.content, headers


def same(*responses: httpx.Response) -> bool:
    """Whether answers tell nothing apart."""
    return all(told(response) == told(responses[0]) for response in responses)


def refusals_of(response: httpx.Response) -> list[tuple[int, str, str]]:
    header = answer_of(response)[0]
    assert isinstance(header, protocol.AnswerHeader)
    return [(one.n, one.reason_code, one.detail) for one in header.refusals]
