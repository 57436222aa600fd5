"""How devices and communes stand: what devices tell, what the province knows, and who may see it."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from kcdesk import __version__
from kcdesk.errors import BadInput, Rejected
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import format as packing
from kcdesk.sync import standing
from kcdesk.sync.protocol import STANDING_PATH, CommuneStanding, DeviceStanding, ProvinceStanding
from tests.conftest import SettableClock
from tests.sync.provinces import NOWHERE_URL, Province
from tests.sync.test_parcels import Post

DAY = 24 * 3600 * 1000


def of(province: Province, workspace: Workspace) -> DeviceStanding:
    return next(one for one in province.status().devices if one.device == str(workspace.device_id))


def asked(province: Province, workspace: Workspace) -> ProvinceStanding:
    return standing.province_standing(workspace, transport=province.transport())


def test_a_device_tells_what_it_uses_and_what_is_undelivered(
    province: Province,
    clock: SettableClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    an = province.joined(province.person("An"))
    one = of(province, an)
    assert (one.program, one.edition, one.oldest_at, one.told_n) == ("", None, None, 0)
    province.establishment(an, "Một")
    province.sync(an)
    one = of(province, an)
    assert (one.program, one.edition) == (__version__, 0)
    assert (one.n, one.told_n, one.missing, one.oldest_at) == (1, 1, [], None)

    clock.advance(DAY)
    post = Post(province, tmp_path)
    first_at = clock()
    province.establishment(an, "Hai")
    clock.advance(DAY)
    province.establishment(an, "Ba")
    post.write(an)  # this stick is lost
    monkeypatch.setattr(packing, "GROUP_CHANGES", 1)
    _first, second = post.write(an, largest=1)
    post.take(second)
    one = of(province, an)
    assert (one.n, one.told_n, one.missing, one.waits) == (1, 3, [(2, 2)], [(3, 3)])
    assert one.oldest_at is not None
    assert 0 <= one.oldest_at - first_at < 1000
    assert one.last_contact_at == clock()
    province.sync(an)
    one = of(province, an)
    assert (one.n, one.missing, one.waits, one.oldest_at) == (3, [], [], None)


def test_communes_say_how_long_nothing_came(province: Province, clock: SettableClock) -> None:
    an = province.joined(province.person("An"))
    province.establishment(an, "Một", commune=province.communes[1])
    province.sync(an)
    came = clock()
    clock.advance(3 * DAY)
    status = province.status()
    assert status.at == clock()
    assert len(status.communes) == len(province.communes)
    by_code = {one.code: one for one in status.communes}
    name = by_code[province.communes[1]].name
    assert by_code[province.communes[1]] == CommuneStanding(province.communes[1], name, came, 3)
    assert by_code[province.communes[0]].days is None
    province.establishment(an, "Hai", commune=province.communes[1])
    province.sync(an)
    assert {one.code: one.days for one in province.status().communes}[province.communes[1]] == 0


@pytest.mark.parametrize("role", ["collaborator", "officer", "administrator", "centre"])
def test_only_the_centre_is_told(province: Province, role: str) -> None:
    """The table of rights: people, areas and devices are all the centre's to see."""
    other = province.joined(province.person("Bình"))
    one = province.joined(province.person("An", role))
    if role != "centre":
        with pytest.raises(Rejected) as error:
            asked(province, one)
        assert error.value.code == "no_right"
        return
    now = asked(province, one)
    assert {each.device for each in now.devices} == {str(one.device_id), str(other.device_id)}
    assert now == ProvinceStanding(
        province.clock(), province.status().devices, province.status().communes
    )


def test_without_a_token_or_a_province_nothing_is_told(province: Province) -> None:
    alone = province.workspace(province.person("An", "centre"))
    with pytest.raises(BadInput):
        asked(province, alone)
    with httpx.Client(transport=province.transport()) as line:
        assert line.get(f"{NOWHERE_URL}{STANDING_PATH}").status_code == 401
