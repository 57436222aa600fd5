"""A device that was stolen: what the province tells it, whom it believes, and what everybody else notices (nothing)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from kcdesk.actions import parcels as parcel_actions
from kcdesk.actions import revocation
from kcdesk.actions.desk import Desk
from kcdesk.errors import KeyDestroyed, NotFound, Rejected
from kcdesk.server import revoking
from kcdesk.storage.keys import destroying
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import engine, protocol
from kcdesk.sync import revocation as judging
from kcdesk.sync.client import Client, Revoked
from kcdesk.sync.protocol import DeviceStanding, Revocation
from kcdesk.sync.protocol import KeyDestroyed as Word
from tests.sync.laptops import Laptop
from tests.sync.provinces import NOWHERE_URL, Province
from tests.sync.test_parcels import Post


@pytest.fixture
def an(province: Province) -> Workspace:
    workspace = province.joined(province.person("An"))
    province.establishment(workspace, "Lò rèn của An")
    province.sync(workspace)
    return workspace


@pytest.fixture
def post(province: Province, tmp_path: Path) -> Post:
    (tmp_path / "stick").mkdir()
    return Post(province, tmp_path / "stick")


def desk(province: Province, workspace: Workspace) -> Desk:
    return Desk(workspace, province.clock, province.randomness)


def revoke(province: Province, device: str, *, later: bool = False) -> revoking.Revoked:
    return revoking.revoke(province.database, device, later=later, clock=province.clock)


def told(province: Province, call: Callable[[], object]) -> Revocation:
    """The statement with which the province refuses a call."""
    with pytest.raises(Revoked) as error:
        call()
    assert error.value.revocation is not None
    return error.value.revocation


def standing(province: Province, device: str) -> DeviceStanding:
    return next(one for one in province.status().devices if one.device == device)


def test_every_call_is_refused_and_the_word_is_taken_once_it_is_signed(
    province: Province, an: Workspace
) -> None:
    device = an.device_id
    assert revoke(province, device) == revoking.Revoked([device], [])
    at = standing(province, device).revoked_at
    assert at == province.clock()
    province.establishment(an, "Sau khi mất")
    said = told(province, lambda: province.sync(an))
    code = province.code("An")
    join = told(
        province,
        lambda: engine.join(
            an, NOWHERE_URL, code, clock=province.clock, transport=province.transport()
        ),
    )
    assert join == said
    assert (said.device, said.at) == (device, at)
    assert province.status().changes == 1

    speaker = an.identity.speaker()
    word = Word(device, said.at, speaker.sign(protocol.destroyed_statement(device, said.at)))
    with Client(NOWHERE_URL, transport=province.transport()) as client:
        for wrong in (
            msgspec.structs.replace(word, revoked_at=said.at + 1),
            msgspec.structs.replace(word, signature=bytes(64)),
            msgspec.structs.replace(word, device="0" * 16),
        ):
            with pytest.raises(Rejected) as error:
                client.key_destroyed(wrong)
            assert error.value.code == "signature"
        assert standing(province, device).key_destroyed_at is None
        client.key_destroyed(word)
        client.key_destroyed(word)
    assert standing(province, device).key_destroyed_at == province.clock()
    with pytest.raises(NotFound):
        revoke(province, "f" * 16)


def test_the_key_goes_and_nothing_opens_any_more(
    province: Province, an: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = an.device_id
    revoke(province, device)
    said = told(province, lambda: province.sync(an))
    tell = judging.tell
    monkeypatch.setattr(judging, "tell", lambda *of: tell(*of, transport=province.transport()))
    with pytest.raises(KeyDestroyed):
        revocation.obey(desk(province, an), said)
    an.close()
    assert standing(province, device).key_destroyed_at == province.clock()
    found = destroying.announced(an.folder)
    assert found is not None
    assert found.told
    with pytest.raises(KeyDestroyed):
        province.opened(0)


@pytest.mark.parametrize("how", ["nothing", "other key", "other device", "other time", "settled"])
def test_who_answers_in_the_servers_place_destroys_nothing(province: Province, how: str) -> None:
    laptop = Laptop.new(province, "An")
    laptop.write("0" * 8 + "-0000-7000-8000-" + "0" * 12, "một")
    laptop.sync()
    former = laptop.workspace.device_id
    copy = laptop.copied("b")
    copy.sync()
    an = copy.workspace
    assert an.device_id != former
    revoke(province, former)
    said = told(province, laptop.sync)
    assert said.device == former
    speaker = an.identity.speaker()
    now = province.clock()
    own = speaker.sign(protocol.revocation_statement(an.device_id, now))
    forged = {
        "nothing": None,
        "other key": Revocation(an.device_id, now, own),
        "other device": Revocation(an.device_id, said.at, said.signature),
        "other time": Revocation(former, said.at + 1, said.signature),
        "settled": said,  # the province's own word, about the laptop that An's new one took over from
    }[how]
    revocation.obey(desk(province, an), forged)
    assert destroying.announced(an.folder) is None
    copy.reopen()
    copy.write("0" * 8 + "-0000-7000-8000-" + "0" * 12, "hai")
    assert copy.sync().waiting == 0


def test_with_a_device_go_those_that_it_was_before_and_what_follows_is_named(
    province: Province,
) -> None:
    """The keys of former devices lie in the same file; a copy elsewhere goes on unless it is meant as well."""
    stolen = Laptop.new(province, "An")
    first = stolen.workspace.device_id
    at_home = stolen.copied("b")
    at_home.sync()
    home = at_home.workspace.device_id
    stolen.sync()  # is told that a copy went on, and goes on itself
    second = stolen.workspace.device_id
    assert len({first, home, second}) == 3

    gone = revoke(province, second)
    assert gone == revoking.Revoked(sorted([first, second]), [home])
    at_home.write("0" * 8 + "-0000-7000-8000-" + "0" * 12, "ba")
    assert at_home.sync().waiting == 0
    thief = stolen.copied("c")  # opened on another computer: it speaks as what it was
    said = told(province, thief.sync)
    assert said.device == second
    assert judging.believed(thief.workspace, said)
    assert revoke(province, second, later=True) == revoking.Revoked(
        sorted([first, second, home]), []
    )
    assert told(province, at_home.sync).device == home


def test_without_a_network_the_answer_says_so_and_its_carrier_goes_on(
    province: Province, post: Post
) -> None:
    an = post.enrolled("An")
    province.establishment(an, "Một")
    post.round(an)
    relay = province.joined(province.person("Bình"))
    province.establishment(relay, "Của Bình")
    revoke(province, an.device_id)
    province.establishment(an, "Hai")
    parcel_actions.carry(desk(province, relay), post.write(an))
    report = province.sync(relay)
    assert (report.carried, report.waiting) == (1, 0)
    back = post.folder / "back"
    back.mkdir()
    (answer,) = parcel_actions.write_carried(desk(province, relay), back)
    with pytest.raises(KeyDestroyed):
        parcel_actions.read(desk(province, an), [answer])
    assert destroying.announced(an.folder) is not None
    assert province.status().changes == 2
