"""Tokens renew themselves: long before their end, across a cut at any point, and for copies that show an old one."""

from __future__ import annotations

import hashlib
import shutil

import pytest
from sqlalchemy import select

from kcdesk.errors import Rejected, ServerError
from kcdesk.server import tables
from kcdesk.server.database import reading
from kcdesk.server.people import TOKEN_MS, hash_token
from kcdesk.storage.devices.marks import Marks
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import protocol
from kcdesk.sync.renewing import RENEW_BEFORE_MS
from tests.conftest import SettableClock
from tests.server.speaking import Device
from tests.server.test_app import client, error_of
from tests.sync.provinces import NOWHERE_URL, Province

DAY = 24 * 3_600_000
DUE = TOKEN_MS - RENEW_BEFORE_MS + DAY


@pytest.fixture
def device(province: Province) -> Workspace:
    workspace = province.joined(province.person("An"))
    province.sync(workspace)
    return workspace


def token(workspace: Workspace) -> str:
    known = workspace.province()
    assert known is not None
    return known.token


def standing(province: Province, shown: str) -> str:
    """What the province makes of a token."""
    line = client(province, None)
    headers = {"Authorization": f"Bearer {shown}"}
    answer = line.get(f"{NOWHERE_URL}{protocol.SYNC_PATH}/{'0' * 32}", headers=headers)
    return error_of(answer)


def test_a_token_is_renewed_when_its_end_comes_near(
    province: Province, device: Workspace, clock: SettableClock
) -> None:
    first = token(device)
    clock.advance(DUE - 2 * DAY)
    province.sync(device)
    assert token(device) == first
    clock.advance(2 * DAY)
    province.sync(device)
    second = token(device)
    assert second != first
    assert standing(province, first) == "gone"  # still good: the second was not used
    province.sync(device)
    assert standing(province, first) == "token_replaced"
    assert standing(province, second) == "gone"
    known = device.province()
    assert known is not None
    assert known.token_expires_at == clock() + TOKEN_MS
    clock.advance(TOKEN_MS - DAY)  # longer than the first lived
    assert province.sync(device).digests_equal
    with reading(province.database) as connection:
        hashes = connection.scalars(select(tables.tokens.c.hash)).all()
    assert hash_token(first) not in hashes  # forgotten once it had ended
    assert len(hashes) == 2


@pytest.mark.parametrize("lost", ["request", "answer"])
@pytest.mark.parametrize("number", range(4))
def test_a_cut_at_any_point_costs_nothing(
    province: Province, device: Workspace, clock: SettableClock, number: int, lost: str
) -> None:
    first = token(device)
    clock.advance(DUE)
    for at in (number, number, 9):  # the line breaks at the same call twice, then holds
        province.establishment(device, f"Rèn {at}")
        transport = province.transport()
        transport.breaks_at(at, lost)  # type: ignore[arg-type]
        try:
            province.sync(device, transport)
        except ServerError:
            assert transport.broken
    assert province.sync(device).digests_equal
    assert province.status().changes == 3
    assert token(device) != first
    assert standing(province, first) == "token_replaced"
    with reading(province.database) as connection:
        assert len(connection.scalars(select(tables.tokens.c.hash)).all()) == 2


def test_a_copy_with_an_old_token_takes_the_same_step(
    province: Province, device: Workspace, clock: SettableClock
) -> None:
    """A folder that was put away before a renewal, and opened on another computer months later."""
    province.establishment(device, "Một")
    province.sync(device)
    copy = province.folder / "copy"
    shutil.copytree(province.folder / "workspace0", copy)
    old = token(device)
    clock.advance(DUE)
    province.sync(device)
    province.sync(device)
    assert standing(province, old) == "token_replaced"
    elsewhere = Marks(province.folder / "another computer")
    with Workspace.open(
        copy,
        province.keys,
        elsewhere,
        units=province.units,
        clock=clock,
        randomness=province.randomness,
    ) as other:
        province.establishment(other, "Hai")
        report = province.sync(other)
        assert (report.waiting, report.digests_equal) == (0, True)
        assert other.device_id != device.device_id
    province.establishment(device, "Ba")
    assert province.sync(device).waiting == 0
    assert province.status().changes == 3


def test_an_expired_token_is_told_with_what_to_do(
    province: Province, device: Workspace, clock: SettableClock
) -> None:
    clock.advance(TOKEN_MS)
    with pytest.raises(Rejected) as raised:
        province.sync(device)
    assert raised.value.code == "token_expired"
    assert "06/04/2027" in raised.value.message
    assert "kcdesk join" in raised.value.hint
    province.establishment(device, "Giữ nguyên")
    province.join(device)
    assert province.sync(device).waiting == 0
    assert province.status().changes == 1


def test_only_the_device_itself_renews(province: Province, clock: SettableClock) -> None:
    device, thief = Device(province, b"d" * 32), Device(province, b"t" * 32)
    device.enrol(province.person("An"))
    wanted = hashlib.sha256(b"mine").digest()

    def asked(by: Device, name: str, token_hash: bytes) -> str:
        statement = protocol.renew_statement(name, token_hash)
        request = protocol.RenewRequest(name, token_hash, by.key.sign(statement))
        answer = device.http.post(protocol.TOKEN_PATH, content=protocol.encode(request))
        return "" if answer.is_success else error_of(answer)

    assert asked(thief, device.id, wanted) == "signature"  # the token alone, stolen
    assert asked(thief, thief.id, wanted) == "signature"
    assert asked(device, device.id, b"short") == "signature"
    assert asked(device, device.id, hash_token(device.token)) == "signature"
    assert asked(device, device.id, wanted) == ""
    assert asked(device, device.id, wanted) == ""
    assert standing(province, "mine") == "gone"
    assert standing(province, device.token) == "token_replaced"
    line = Device(province, b"d" * 32, device.token).http
    answer = line.get(protocol.EDITIONS_PATH)
    assert (answer.status_code, error_of(answer)) == (401, "token_replaced")
