"""Photos by the command line: sent when told, fetched when wanted, and whole after a process was killed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from kcdesk.demo.cutting_proxy import CuttingProxy
from kcdesk.storage.attachments import FOLDER
from tests.cli.conftest import ROOT, Kcdesk
from tests.importing.attachment_files import encoded, pdf, phone_jpeg
from tests.ui.servers import province


@pytest.fixture
def at_the_province(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    (tmp_path / "tinh").mkdir()
    with province(tmp_path / "tinh", enrolments=2) as running:
        yield running


@pytest.fixture
def colleague(tmp_path: Path, capsys: pytest.CaptureFixture[str], lan: Kcdesk) -> Kcdesk:
    made = Kcdesk(tmp_path / "other", capsys)
    assert made("init", "--name", "Hoa", "--area", "old:10").status == 0
    return made


@pytest.fixture
def photos(lan: Kcdesk, tmp_path: Path) -> list[str]:
    """The ids of a photo and a scan that were added."""
    establishment = lan.json("add", "establishments", "name=Hộ Lử", "commune=02989")["id"]
    (tmp_path / "máy ép.jpg").write_bytes(phone_jpeg())
    (tmp_path / "giấy.pdf").write_bytes(pdf())
    files = [tmp_path / "máy ép.jpg", tmp_path / "giấy.pdf"]
    return list(lan.json("attachment", "add", establishment, *files)["added"])


def test_photos_go_when_told_and_come_when_wanted(
    lan: Kcdesk,
    colleague: Kcdesk,
    photos: list[str],
    at_the_province: tuple[str, list[str]],
    tmp_path: Path,
) -> None:
    url, codes = at_the_province
    shown = lan.json("show", "attachments", photos[0])
    assert (shown["here"], shown["at_province"]) == (True, False)
    for who, code in zip((lan, colleague), codes, strict=True):
        who("join", "--server", url, "--code", code)

    told = lan("sync")  # nobody knows what this line costs: records only
    assert told.status == 0
    assert "Còn 2 ảnh, tài liệu" in told.err
    assert "kcdesk sync --photos" in told.err
    colleague("sync")
    listed = colleague("attachment", "list", lan.json("list", "establishments")["records"][0]["id"])
    assert listed.out.count("Chưa có trên máy này") == 2
    early = colleague.json("attachment", "fetch", photos[0])
    assert (early["fetched"], early["absent"]) == (0, 1)

    sent = lan.json("sync", "--photos")["photos"]
    assert (sent["sent"], sent["waiting"], sent["bytes_sent_twice"]) == (2, 0, 0)
    assert lan.json("show", "attachments", photos[0])["content"] == "Trên máy này và ở tỉnh"
    one = colleague.json("attachment", "fetch", photos[0])
    assert (one["fetched"], one["bytes_received"]) == (1, shown["bytes"])
    assert colleague.json("attachment", "fetch", photos[0])["round_trips"] == 0
    assert colleague.json("attachment", "fetch", "--all")["fetched"] == 1
    for number, photo in enumerate(photos):
        for who, name in ((lan, "a"), (colleague, "b")):
            assert who("attachment", "save", photo, "-o", tmp_path / f"{name}{number}").status == 0
        assert (tmp_path / f"a{number}").read_bytes() == (tmp_path / f"b{number}").read_bytes()
    assert colleague.json("check")["clean"] is True


def test_what_was_never_fetched_is_no_fault_and_what_was_lost_comes_again(
    lan: Kcdesk, colleague: Kcdesk, photos: list[str], at_the_province: tuple[str, list[str]]
) -> None:
    url, codes = at_the_province
    for who, code in zip((lan, colleague), codes, strict=True):
        who("join", "--server", url, "--code", code)
    lan("sync", "--photos")
    colleague("sync")
    assert colleague.json("check")["clean"] is True
    sha256 = lan.json("show", "attachments", photos[0])["sha256"]
    (lan.folder / FOLDER / sha256).unlink()
    found = lan("check")
    assert found.status == 1
    assert f"kcdesk attachment fetch {photos[0]}" in found.out + found.err
    assert lan.json("attachment", "fetch", photos[0])["fetched"] == 1
    assert lan.json("check")["clean"] is True


def test_when_photos_are_sent_is_a_setting(
    lan: Kcdesk, photos: list[str], at_the_province: tuple[str, list[str]]
) -> None:
    url, codes = at_the_province
    lan("join", "--server", url, "--code", codes[0])
    assert lan.json("attachment", "sending")["when"] == "unmetered"
    assert lan.json("attachment", "sending", "always")["to_send"] == 2
    assert "Luôn gửi" in lan("attachment", "sending").out
    assert "sent" not in lan.json("sync", "--no-photos")["photos"]
    assert lan.json("sync")["photos"]["sent"] == 2
    assert lan.json("attachment", "sending", "never")["to_send"] == 0
    assert lan("attachment", "fetch").status == 1
    assert lan("attachment", "fetch", photos[0], "--all").status == 1


def scanned_page() -> bytes:
    """A PDF of one page in fine grain, more than a megabyte."""
    grain = random.Random("page").randbytes(1_600 * 1_600)
    content = encoded(Image.frombytes("L", (1_600, 1_600), grain), "PDF", quality=90)
    assert len(content) > 1_000_000
    return content


def until_kept(folder: Path, least: int) -> None:
    """Returns when a program has written so much into its workspace: proxy and kernel hold some of what passed."""
    deadline = time.monotonic() + 60
    while (folder / "workspace.db-wal").stat().st_size < least:
        assert time.monotonic() < deadline


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_program_that_is_killed_goes_on_at_the_byte(
    lan: Kcdesk,
    colleague: Kcdesk,
    tmp_path: Path,
    at_the_province: tuple[str, list[str]],
    direction: str,
) -> None:
    """SIGKILL in the middle of a photo of a megabyte, then the same command again."""
    url, codes = at_the_province
    establishment = lan.json("add", "establishments", "name=Hộ Lử", "commune=02989")["id"]
    with CuttingProxy(url) as proxy:
        for who, code in zip((lan, colleague), codes, strict=True):
            who("join", "--server", proxy.url, "--code", code)
        scan = scanned_page()
        (tmp_path / "giấy.pdf").write_bytes(scan)
        record = lan.json("attachment", "add", establishment, tmp_path / "giấy.pdf")["added"][0]
        lan("sync", "--no-photos")
        words, who = ["sync", "--photos"], lan
        if direction == "down":
            lan("sync", "--photos")
            colleague("sync", "--no-photos")
            words, who = ["attachment", "fetch", record], colleague
        held = proxy.hold_after(direction, 600_000)  # type: ignore[arg-type]
        running = subprocess.Popen(
            [sys.executable, "-m", "kcdesk", *who.where, *words],
            cwd=ROOT,
            env=os.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert held.wait(60)
        if direction == "down":
            until_kept(colleague.folder, 300_000)
        running.kill()
        running.wait()
        proxy.lead_to(url)
        if direction == "up":
            again = who.json(*words)["photos"]
            assert (again["sent"], again["waiting"]) == (1, 0)
            assert again["bytes_sent"] < len(scan) - 500_000
            colleague("sync", "--no-photos")
            colleague("attachment", "fetch", record)
        else:
            again = who.json(*words)
            assert again["fetched"] == 1
            assert again["bytes_received"] < len(scan) - 200_000
        out = tmp_path / "ra.pdf"
        assert colleague("attachment", "save", record, "-o", out).status == 0
        assert out.read_bytes() == scan
