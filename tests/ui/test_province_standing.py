"""The centre looks at its devices and communes in the window, served by a real server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kcdesk import __version__
from kcdesk.actions.desk import Desk, shipped_units
from kcdesk.actions.syncing import join, sync
from kcdesk.demo.program import command
from kcdesk.domain.clock import system_clock, system_randomness
from kcdesk.server import admin
from kcdesk.ui import sample
from kcdesk.ui.screens.province_standing import ProvinceStandingScreen
from kcdesk.ui.window import MainWindow
from tests.ui.hands import Ask, Settle


@pytest.fixture
def at_the_province(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A server's address and a code for somebody of the centre."""
    url = f"sqlite:///{tmp_path / 'tinh.db'}"
    engine = admin.init_province(url, "Tỉnh Lào Cai", randomness=system_randomness)
    for code in ("02683", "02728"):
        admin.add_area(engine, code, shipped_units())
    admin.add_user(engine, sample.PERSON, "centre")
    code = admin.enrol(engine, sample.PERSON, clock=system_clock, randomness=system_randomness)
    engine.dispose()
    with subprocess.Popen(
        command("server", "run", "--db", url, "--port", "0", "--json"),
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as running:
        assert running.stdout is not None
        yield str(json.loads(running.stdout.readline())["url"]), code
        running.terminate()


def test_devices_and_communes_are_listed(
    window: MainWindow,
    ask: Ask,
    settle: Settle,
    at_the_province: tuple[str, str],
) -> None:
    window.go(window.sync)
    settle(window.tasks)
    assert not window.sync.province_button.isVisible()

    def joined(desk: Desk) -> str:
        join(desk, *at_the_province)
        sync(desk)
        return desk.workspace.device_id

    device = ask(joined)
    window.sync.entered()
    settle(window.tasks)
    assert window.sync.province_button.isVisible()
    window.sync.province_button.click()
    settle(window.tasks)
    screen = window.findChild(ProvinceStandingScreen)
    assert screen is not None
    assert screen.isVisible()
    (row,) = [
        [screen.devices.index(row, at).data() for at in range(8)]
        for row in range(screen.devices.rowCount())
    ]
    assert row[:3] == [sample.PERSON, device, "đang dùng"]
    assert row[4:] == ["0", __version__, "", ""]
    days = [screen.communes.index(row, 3).data() for row in range(screen.communes.rowCount())]
    assert days == ["0 ngày", "0 ngày"]
    assert screen.asked.text().startswith("Lúc ")
