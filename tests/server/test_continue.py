"""Saying that another device comes after one's own: who may, what a closed device may still do, what repeats do."""

from __future__ import annotations

import dataclasses
import hashlib

import httpx
import msgspec
import pytest
from sqlalchemy import text

from kcdesk.storage.devices.identity import Speaker, token_of
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import format as packing
from kcdesk.sync import protocol
from kcdesk.sync.protocol import ContinueRequest, Held
from tests.sync.provinces import NOWHERE_URL, Province

NEXT_KEY = b"n" * 32


@pytest.fixture
def device(province: Province) -> Workspace:
    device = province.joined(province.person("An"))
    province.establishment(device, "Một")
    province.sync(device)
    return device


def next_of(speaker: Speaker, key: bytes = NEXT_KEY) -> Speaker:
    """Another device, as a workspace makes one."""
    new = dataclasses.replace(speaker, signing_key=key, token=token_of(key))
    return dataclasses.replace(new, id=protocol.device_id(new.public_key))


def request(speaker: Speaker, successor: Speaker, **wrong: object) -> ContinueRequest:
    token_hash = hashlib.sha256(successor.token.encode()).digest()
    statement = protocol.continue_statement(speaker.id, successor.id, "age1", token_hash)
    honest = ContinueRequest(
        speaker.id,
        successor.id,
        successor.public_key,
        "age1",
        token_hash,
        speaker.sign(statement),
        successor.sign(statement),
    )
    return msgspec.structs.replace(honest, **wrong)


def client(province: Province, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(transport=province.transport(), headers=headers, base_url=NOWHERE_URL)


def answer(response: httpx.Response) -> tuple[int, str]:
    if response.status_code == 200:
        return 200, ""
    return response.status_code, msgspec.json.decode(
        response.content, type=protocol.ErrorDocument
    ).error.code


def ask(
    province: Province, speaker: Speaker, signed_by: Speaker | None = None, token: str | None = None
) -> httpx.Response:
    signature = (signed_by or speaker).sign(protocol.held_statement(speaker.id, 0))
    return client(province, speaker.token if token is None else token).get(
        f"{protocol.DEVICES_PATH}/{speaker.id}/changes?after=0",
        headers={protocol.SIGNATURE_HEADER: signature.hex()},
    )


def go_on(province: Province, content: ContinueRequest, token: str) -> httpx.Response:
    return client(province, token).post(protocol.CONTINUE_PATH, content=protocol.encode(content))


def test_a_device_continues_and_is_closed(province: Province, device: Workspace) -> None:
    speaker = device.identity.speaker()
    successor = next_of(speaker)
    for _ in range(2):  # the second: an answer was lost
        assert answer(go_on(province, request(speaker, successor), speaker.token)) == (200, "")
    for _ in range(2):
        assert answer(ask(province, speaker)) == (200, "")
    assert answer(ask(province, successor)) == (200, "")
    sync = client(province, speaker.token).head(f"{protocol.SYNC_PATH}/{'0' * 32}")
    assert sync.status_code == 409
    sync = client(province, speaker.token).post(f"{protocol.SYNC_PATH}/{'0' * 32}", content=b"x")
    assert answer(sync) == (409, "continued")
    told = {one.device: one for one in province.status().devices}
    assert told[speaker.id].continued_as == [successor.id]
    assert (told[successor.id].person, told[successor.id].continued_as) == ("An", [])
    with province.database.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM tokens")) == 2


def test_each_copy_has_its_own_successor(province: Province, device: Workspace) -> None:
    speaker = device.identity.speaker()
    one, other = next_of(speaker), next_of(speaker, b"m" * 32)
    for successor in (one, other):
        assert answer(go_on(province, request(speaker, successor), speaker.token))[0] == 200
    told = {each.device: each for each in province.status().devices}
    assert sorted(told[speaker.id].continued_as) == sorted([one.id, other.id])


def test_what_is_held_is_told(province: Province, device: Workspace) -> None:
    speaker = device.identity.speaker()
    content = ask(province, speaker).content
    first, *groups = packing.unpack([content])
    held = protocol.held_decoder.decode(first)
    assert isinstance(held, Held)
    assert (held.n, held.h, held.closed) == (1, speaker.last_hash, False)
    group = protocol.held_decoder.decode(groups[0])
    assert packing.from_columns(group.columns) == list(device.own_changes(0, 1))  # type: ignore[union-attr]


def test_forged_requests_are_refused(province: Province, device: Workspace) -> None:
    speaker = device.identity.speaker()
    thief = province.joined(province.person("Bình")).identity.speaker()
    successor = next_of(speaker)
    stranger = next_of(speaker, b"x" * 32)
    honest = request(speaker, successor)
    for content, token, code in (
        (honest, "", "token"),
        (honest, "other", "token"),
        (honest, thief.token, "signature"),  # the key without the token
        (request(thief, successor, device=speaker.id), speaker.token, "signature"),
        (request(speaker, successor, signature=b"x" * 64), speaker.token, "signature"),
        (request(speaker, successor, signature=b""), speaker.token, "signature"),
        (
            request(speaker, successor, successor_signature=honest.signature),
            speaker.token,
            "signature",
        ),
        (request(speaker, successor, token_hash=b"t" * 32), speaker.token, "signature"),
        (request(speaker, successor, public_key=stranger.public_key), speaker.token, "form"),
        (request(speaker, successor, token_hash=b"t"), speaker.token, "form"),
        (request(speaker, speaker), speaker.token, "form"),
        (request(speaker, thief), speaker.token, "other_person"),
    ):
        assert answer(go_on(province, content, token))[1] == code, content
    assert all(not each.continued_as for each in province.status().devices)

    assert answer(ask(province, speaker, signed_by=thief))[1] == "signature"
    assert answer(ask(province, speaker, token=thief.token))[1] == "signature"
    assert answer(ask(province, speaker, token=""))[1] == "token"
    line = client(province, speaker.token)
    path = f"{protocol.DEVICES_PATH}/{speaker.id}/changes"
    for query in ("", "?after=", "?after=-1", "?after=x", "?after=1e3"):
        assert answer(line.get(path + query))[1] == "form"
    assert answer(line.get(f"{path}?after=0"))[1] == "signature"
    assert (
        answer(line.get(f"{path}?after=0", headers={protocol.SIGNATURE_HEADER: "zz"}))[1]
        == "signature"
    )
    assert answer(line.post(protocol.CONTINUE_PATH, content=b"{}"))[1] == "form"
    assert answer(line.post(protocol.CONTINUE_PATH, content=b" " * 5_000))[1] == "too_large"


@pytest.mark.parametrize("before", [True, False], ids=["revoked", "revoked after closing"])
def test_a_revoked_device_neither_looks_nor_continues(
    province: Province, device: Workspace, before: bool
) -> None:
    speaker = device.identity.speaker()
    successor = next_of(speaker)
    if not before:
        assert answer(go_on(province, request(speaker, successor), speaker.token))[0] == 200
    with province.database.begin() as connection:
        connection.execute(
            text("UPDATE devices SET revoked_at = 1 WHERE id = :id"), {"id": speaker.id}
        )
    assert answer(go_on(province, request(speaker, successor), speaker.token)) == (403, "revoked")
    assert answer(ask(province, speaker)) == (403, "revoked")


def test_a_revoked_successor_does_not_come_back(province: Province, device: Workspace) -> None:
    speaker = device.identity.speaker()
    successor = next_of(speaker)
    assert answer(go_on(province, request(speaker, successor), speaker.token))[0] == 200
    with province.database.begin() as connection:
        connection.execute(
            text("UPDATE devices SET revoked_at = 1 WHERE id = :id"), {"id": successor.id}
        )
    assert answer(go_on(province, request(speaker, successor), speaker.token)) == (403, "revoked")
    assert answer(ask(province, successor))[1] == "revoked"


def test_a_device_closed_while_it_sends_says_nothing_more(
    province: Province, device: Workspace
) -> None:
    """The check stands under the lock of the device, not only at the door."""
    from kcdesk.errors import Rejected
    from kcdesk.server import intake, people
    from kcdesk.server.database import reading

    speaker = device.identity.speaker()
    with reading(province.database) as connection:
        caller = people.recognise_device(connection, speaker.id, province.clock())
    assert answer(go_on(province, request(speaker, next_of(speaker)), speaker.token))[0] == 200
    with pytest.raises(Rejected) as closed:
        intake.take_in(province.database, caller, [], speaker.last_hash, speaker.last_hash)
    assert closed.value.code == "continued"
