"""A stolen laptop by the command line, with a server in its own process: its key goes, and it says so."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kcdesk.cli import main
from kcdesk.demo.program import command
from tests.cli.conftest import ROOT, Kcdesk

KILLED = """
import os, signal, sys
def hook(event, arguments):
    if event == "os.remove" and str(arguments[0]).endswith("key.json"):
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
from kcdesk.cli import main
main(sys.argv[1:])
"""


class AtTheProvince:
    """The province's commands; its server runs in a process of its own at `url`."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.db = f"sqlite:///{folder / 'tinh.db'}"
        self.url = ""
        self._capture = capture
        self("init", "tỉnh Lào Cai")
        self("area", "02989")
        self("user", "Lan", "--area", "02989")

    def __call__(self, *words: object, as_json: bool = True) -> Any:
        self._capture.readouterr()
        status = main(["server", *map(str, words), "--db", self.db, *(["--json"] * as_json)])
        out, err = self._capture.readouterr()
        assert status == 0, err
        return json.loads(out) if as_json else out

    def device(self, device: str) -> Any:
        devices = self("device", "list")["devices"]
        return next(one for one in devices if one["device"] == device)


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> AtTheProvince:
    """Without a server."""
    return AtTheProvince(tmp_path, capsys)


@pytest.fixture
def centre(office: AtTheProvince) -> Iterator[AtTheProvince]:
    with subprocess.Popen(
        command("server", "run", "--db", office.db, "--port", "0", "--json"),
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as running:
        assert running.stdout is not None
        office.url = str(json.loads(running.stdout.readline())["url"])
        yield office
        running.terminate()


def joined(who: Kcdesk, centre: AtTheProvince) -> str:
    """Join, send a record; the device."""
    who("add", "establishments", "name=Hộ Lử", "commune=02989")
    who("join", "--server", centre.url, "--code", centre("enrol", "Lan")["code"])
    assert who.json("sync")["waiting"] == 0
    return str(who.json("status")["device"])


def test_a_stolen_laptop_destroys_its_key_and_says_so(
    lan: Kcdesk, centre: AtTheProvince, keyring_file: Path, tmp_path: Path
) -> None:
    device = joined(lan, centre)
    stick = tmp_path / "stick"
    stick.mkdir()
    assert lan("backup", "--to", stick).status == 0
    workspace = json.loads((lan.folder / "workspace.json").read_text())["id"]
    assert workspace in keyring_file.read_text()
    assert list(stick.rglob("key.json"))
    assert centre("device", "revoke", device) == {"devices": [device], "later": []}
    standing = centre.device(device)
    assert standing["revoked_at"] is not None
    assert standing["key_destroyed_at"] is None
    assert lan("add", "establishments", "name=Hộ Sùng", "commune=02989").status == 0

    result = lan.process("sync", "--json")
    assert result.status == 1
    assert result.json["error"]["code"] == "key_destroyed"
    assert "đã thu hồi máy này" in result.json["error"]["message"]
    assert centre.device(device)["key_destroyed_at"] is not None
    assert workspace not in keyring_file.read_text()
    assert not [*lan.folder.rglob("key*.json"), *stick.rglob("key*.json")]
    assert (lan.folder / "workspace.db").stat().st_size > 100_000
    code = tmp_path / "code"
    code.write_text("A" * 36)
    for words in (
        ("status",),
        ("sync",),
        ("recover",),
        ("restore", stick),
        ("--recovery-code-file", code, "list", "establishments"),
    ):
        again = lan(*words)
        assert again.status != 0, words
        assert "khoá" in again.err, words
    assert centre("status")["changes"] == 1
    assert "máy báo đã huỷ khoá" in centre("device", "list", as_json=False)


def test_what_a_kill_left_is_finished_and_told_at_the_next_start(
    locked: Kcdesk, centre: AtTheProvince
) -> None:
    device = joined(locked, centre)
    centre("device", "revoke", device)
    died = subprocess.run(
        [sys.executable, "-c", KILLED, *locked.where, "sync"],
        check=False,
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
    )
    assert died.returncode == -signal.SIGKILL
    assert (locked.folder / "key.json").exists()
    assert centre.device(device)["key_destroyed_at"] is None

    again = locked("status")
    assert again.status == 1
    assert "đã thu hồi máy này" in again.err
    assert not (locked.folder / "key.json").exists()
    told = centre.device(device)["key_destroyed_at"]
    assert told is not None
    assert locked("status").status == 1
    assert centre.device(device)["key_destroyed_at"] == told


def test_what_comes_late_by_parcel_is_the_centres_to_decide(
    lan: Kcdesk, office: AtTheProvince, tmp_path: Path
) -> None:
    code = office("enrol", "Lan", "-o", tmp_path / "lan.kcenrol")["code"]
    assert lan("join", "--file", tmp_path / "lan.kcenrol", "--code", code).status == 0
    parcels = []
    for name in ("Hộ Lử", "Hộ Sùng", "Hộ Vàng"):
        lan("add", "establishments", f"name={name}", "commune=02989")
        parcels.append(lan.json("parcel", "write", "-o", tmp_path)["files"][0]["file"])
    office("parcel", "read", parcels[0], "-o", tmp_path / "answer")
    device = lan.json("status")["device"]
    office("device", "revoke", device)
    (said,) = office("parcel", "read", parcels[2], "-o", tmp_path / "answer")["taken"]
    assert (said["accepted"], said["held_apart"]) == (0, True)
    assert office("status")["changes"] == 1

    assert "giữ riêng 1 gói" in office("device", "list", as_json=False)
    (standing,) = office("status")["devices"]
    assert (standing["n"], standing["told_n"], standing["waits"]) == (1, 3, [[2, 3]])
    assert standing["oldest_at"] is not None
    words = office("status", as_json=False)
    assert "đã thu hồi" in words
    assert re.search(r"^02989 .* 0 ngày$", words, re.MULTILINE)
    (held,) = office("device", "held", device)["held"]
    assert [change["set"]["name"] for change in held["changes"]] == ["Hộ Sùng", "Hộ Vàng"]
    words = office("device", "held", as_json=False)
    assert "2 thay đổi tỉnh chưa có" in words
    assert "commune, name" in words
    taken = office("device", "take", device, "--up-to", 2)
    assert (taken["taken"], taken["waiting"]) == (1, 1)
    assert "bỏ 1" in office("device", "leave", device, as_json=False)
    assert office("status")["changes"] == 2
    assert office("device", "held", as_json=False) == "Không có gì đang giữ riêng.\n"

    told = lan("parcel", "read", tmp_path / "answer")
    assert told.status == 1
    assert "đã thu hồi máy này" in told.err
    assert lan("status").status == 1


def test_the_centre_asks_from_its_own_device(lan: Kcdesk, centre: AtTheProvince) -> None:
    centre("user", "Trưởng phòng", "--role", "centre")
    code = centre("enrol", "Trưởng phòng")["code"]
    lan("join", "--server", centre.url, "--code", code)
    (device,) = lan.json("province")["devices"]
    assert device["person"] == "Trưởng phòng"
    assert "chưa có gì" in lan("province").out
    assert lan.json("devices") == {"devices": []}


def test_an_officer_is_told_that_it_is_the_centres(lan: Kcdesk, centre: AtTheProvince) -> None:
    joined(lan, centre)
    refused = lan("province")
    assert refused.status == 1
    assert "Chỉ trung tâm" in refused.err
