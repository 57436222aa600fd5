"""A device that never has a network: from its enrolment to its third exchange, without one socket."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kcdesk.cli import main
from tests.cli.conftest import Kcdesk
from tests.sync import published
from tests.sync.pictures import picture

_FORBIDDEN = [False]


def _no_sockets(event: str, _: object) -> None:
    if _FORBIDDEN[0] and event.startswith("socket."):
        raise RuntimeError(f"a socket was used: {event}")


sys.addaudithook(_no_sockets)


@pytest.fixture
def without_sockets() -> Iterator[None]:
    """Whoever opens a socket in this test fails it."""
    _FORBIDDEN[0] = True
    yield
    _FORBIDDEN[0] = False


class Centre:
    """The province's own machine, by its commands."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.db = f"sqlite:///{folder / 'province.db'}"
        self._folder = folder
        self._capture = capture
        self("init", "tỉnh Lào Cai")
        self("area", "old:10")

    def publish(self, title: str) -> None:
        """The next edition: F02 with this title."""
        published.write(self._folder / "publish", documents__F02_toml=published.form(title))
        self("publish", self._folder / "publish")

    def __call__(self, *words: object) -> Any:
        self._capture.readouterr()
        status = main(["server", *map(str, words), "--db", self.db, "--json"])
        out, err = self._capture.readouterr()
        assert status == 0, err
        return json.loads(out)


@pytest.mark.usefixtures("without_sockets")
def test_three_exchanges_without_a_socket(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RuntimeError):  # the test would notice
        socket.socket()
    centre = Centre(tmp_path, capsys)
    centre.publish("Đơn thứ nhất")
    stick = tmp_path / "stick"
    stick.mkdir()
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("một mật khẩu đủ dài")
    people = {}
    for name in ("An", "Bình"):
        centre("user", name, "--role", "collaborator", "--area", "old:10")
        enrolled = centre("enrol", name, "-o", stick / f"{name}.kcparcel")
        kcdesk = Kcdesk(tmp_path / name, capsys, passphrase)
        kcdesk.json("init", "--name", name, "--area", "old:10", "--no-recovery-code")
        joined = kcdesk.json(
            "join", "--file", stick / f"{name}.kcparcel", "--code", enrolled["code"].lower()
        )
        assert (joined["province"], joined["person"], joined["server"]) == (
            "tỉnh Lào Cai",
            name,
            None,
        )
        assert (joined["editions"], kcdesk.json("status")["edition"]) == ([1], 1)
        people[name] = kcdesk
    an, binh = people["An"], people["Bình"]

    def exchange(kcdesk: Kcdesk, *words: str) -> Any:
        written = kcdesk.json("parcel", "write", "-o", stick, *words)
        up = written["files"][0]["file"]
        assert Path(up).is_file()
        answer = stick / "tra-loi.kcparcel"
        took = centre("parcel", "read", up, "-o", answer)
        assert took["not_taken"] == []
        read = kcdesk.json("parcel", "read", answer)
        assert set(read["removed"]) >= {up, str(answer)}
        assert not answer.exists()
        assert not Path(up).exists()
        return read["answers"][0]

    # the first: what was written before, one of it outside of the person's areas
    an.json("add", "establishments", "name=Rèn An", "commune=02728")
    an.json("add", "establishments", "name=Ngoài địa bàn", "commune=00004")
    status = an.json("status")
    assert (status["undelivered"], status["in_parcels"]) == (2, 0)
    an.json("parcel", "write", "-o", stick / "thu.kcparcel")
    assert an.json("status")["in_parcels"] == 2
    answer = exchange(an)
    assert answer["waiting"] == 0
    assert not (stick / "thu.kcparcel").exists()  # what was in it has its receipt too
    assert [one["n"] for one in answer["refused"]] == [2]
    status = an.json("status")
    assert (status["undelivered"], status["in_parcels"]) == (0, 0)
    assert [one["title"] for one in status["refused"]] == ["Ngoài địa bàn"]

    # the second: another device's changes, with a photo
    added = binh.json("add", "establishments", "name=Mộc Bình", "commune=02728")
    photo = tmp_path / "máy cưa.jpg"
    photo.write_bytes(picture(1))
    binh.json("attachment", "add", added["id"], photo)
    assert binh.json("parcel", "list")["photos"]["to_send"] == 1
    answer = exchange(binh, "--photos")
    assert (answer["received"], answer["photos_held"]) == (1, 1)
    an.json("add", "establishments", "name=Chè An", "commune=02728")
    answer = exchange(an, "--fetch")
    assert (answer["received"], answer["photos"]) == (2, 1)
    (shown,) = an.json("attachment", "list", added["id"])["records"]
    assert (shown["here"], shown["at_province"]) == (True, True)
    an.json("attachment", "save", shown["id"], "-o", tmp_path / "ảnh.jpg")
    assert (tmp_path / "ảnh.jpg").read_bytes() == photo.read_bytes()
    names = [one["name"] for one in an.json("list", "establishments")["records"]]
    assert sorted(names) == ["Chè An", "Mộc Bình", "Rèn An"]

    # the third: no record is new, but what is published; and all is said to be there
    centre.publish("Đơn thứ hai")
    answer = exchange(an)
    assert (answer["waiting"], answer["received"], answer["digests_equal"]) == (0, 0, True)
    assert (answer["editions"], answer["bad_edition"]) == ([2], None)
    assert an.json("parcel", "list")["edition"] == 2
    assert {one["delivered"] for one in an.json("parcel", "list")["own"]} == {True}
    failed = an("sync", "--json")
    assert (failed.status, failed.json["error"]["code"]) == (1, "parcels_only")


def test_several_devices_get_a_folder_of_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    centre = Centre(tmp_path, capsys)
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("một mật khẩu đủ dài")
    stick, files = tmp_path / "stick", []
    stick.mkdir()
    for name in ("An", "Bình"):
        centre("user", name, "--area", "old:10")
        code = centre("enrol", name, "-o", stick / f"{name}.kcparcel")["code"]
        kcdesk = Kcdesk(tmp_path / name, capsys, passphrase)
        kcdesk.json("init", "--name", name, "--area", "old:10", "--no-recovery-code")
        kcdesk.json("join", "--file", stick / f"{name}.kcparcel", "--code", code)
        kcdesk.json("parcel", "write", "-o", stick / f"len-{name}.kcparcel")
        files.append(stick / f"len-{name}.kcparcel")
    an, binh = (Kcdesk(tmp_path / name, capsys, passphrase) for name in ("An", "Bình"))
    assert binh.json("parcel", "carry", files[0]) == {"taken": 1, "known": 0}
    assert binh.json("parcel", "carry", files[0]) == {"taken": 0, "known": 1}
    own = an("parcel", "carry", files[0], "--json")
    assert (own.status, own.json["error"]["code"]) == (1, "own_parcel")
    assert binh.json("parcel", "carried", "-o", stick) == {
        "files": [],
        "passed_on": [],
        "waiting": 1,
    }
    assert [one["state"] for one in binh.json("parcel", "list")["carried"]] == ["waits"]
    took = centre("parcel", "read", *files, "-o", tmp_path / "answers")
    assert len(took["answers"]) == 2
    assert all(Path(path).parent == tmp_path / "answers" for path in took["answers"].values())
    spoilt = stick / "hong.kcparcel"
    spoilt.write_bytes(files[0].read_bytes()[:-1] + b"x")
    capsys.readouterr()
    words = ["server", "parcel", "read", spoilt, "-o", tmp_path / "x", "--db", centre.db]
    assert main([*map(str, words)]) == 1
    assert "bị hỏng hoặc bị sửa" in capsys.readouterr().err
