"""The record of administration: every change is a line, in the transaction of the change, and says no secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from kcdesk.cli import main
from kcdesk.errors import KcdeskError
from kcdesk.server import admin, publishing, revoking
from kcdesk.server.audit import Actor, act_as, entries, this_account
from kcdesk.sync import protocol
from tests.conftest import SettableClock
from tests.server.speaking import Device
from tests.sync import published
from tests.sync.provinces import AREA, Province


@pytest.fixture
def kept(province: Province) -> Province:
    """The province with an administrator whose account is known."""
    act_as(province.database, Actor("lan", province.clock))
    with province.database.begin() as connection:
        connection.execute(text("DELETE FROM audit"))
    return province


def told(province: Province) -> list[tuple[str, str]]:
    return [(one.account, one.action) for one in entries(province.database)]


def test_every_change_of_the_administration_is_a_line(
    kept: Province, clock: SettableClock, tmp_path: Path
) -> None:
    kept.person("An", "collaborator", AREA)
    code = kept.code("An")
    device = Device(kept, b"d" * 32)
    assert device.http.post(
        protocol.ENROL_PATH, content=protocol.encode(device.enrolment(code))
    ).is_success
    clock.advance(60_000)
    revoking.revoke(kept.database, device.id, clock=clock)
    folder = published.everything(tmp_path / "published")
    publishing.publish(kept.database, folder, clock=clock)
    found = entries(kept.database)
    assert [(one.account, one.action, one.about) for one in found] == [
        ("lan", "user.added", {"user": "An", "role": "collaborator"}),
        (
            "lan",
            "area.assigned",
            {
                "user": "An",
                "code": AREA,
                "communes": len(kept.communes),
                "valid_from": "2026-03-02",
            },
        ),
        ("lan", "code.made", {"user": "An", "expires_at": found[2].about["expires_at"]}),
        (f"device {device.id}", "device.enrolled", {"user": "An"}),
        ("lan", "device.revoked", {"devices": [device.id]}),
        ("lan", "edition.published", {"number": 1, "files": found[5].about["files"]}),
    ]
    assert found[-1].at == clock()
    assert [one.action for one in entries(kept.database, clock())] == [
        "device.revoked",
        "edition.published",
    ]
    everything = json.dumps([one.about for one in found])
    assert code not in everything
    assert code.replace("-", "") not in everything


def test_what_was_not_done_or_changed_nothing_is_no_line(
    kept: Province, clock: SettableClock
) -> None:
    kept.person("An")
    device = Device(kept, b"d" * 32)
    device.enrol("An")
    revoking.revoke(kept.database, device.id, clock=clock)
    before = told(kept)
    with pytest.raises(KcdeskError):
        admin.add_user(kept.database, "An", "officer")
    with pytest.raises(KcdeskError):
        admin.enrol(kept.database, "Ai", clock=clock, randomness=kept.randomness)
    admin.assign(kept.database, "An", AREA, kept.units, clock=clock)
    admin.add_area(kept.database, AREA, kept.units)
    revoking.revoke(kept.database, device.id, clock=clock)
    assert told(kept) == before


def test_the_command_shows_who_did_what_since_when(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'p.db'}"
    for words in (["init", "tỉnh Lào Cai"], ["area", "old:10"], ["user", "An", "--area", "old:10"]):
        assert main(["server", *words, "--db", url]) == 0
    capsys.readouterr()
    assert main(["server", "audit", "--db", url, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["entries"]
    assert [one["action"] for one in found] == [
        "province.made",
        "area.added",
        "user.added",
        "area.assigned",
    ]
    assert {one["account"] for one in found} == {this_account()}
    assert main(["server", "audit", "--db", url]) == 0
    said = capsys.readouterr().out
    assert "giao địa bàn" in said
    assert this_account() in said
    assert main(["server", "audit", "--db", url, "--json", "--since", "2999-01-01"]) == 0
    assert json.loads(capsys.readouterr().out)["entries"] == []
    with pytest.raises(SystemExit) as usage:
        main(["server", "audit", "--db", url, "--since", "hôm qua"])
    assert usage.value.code == 2
