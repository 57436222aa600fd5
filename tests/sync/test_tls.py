"""TLS with a certificate of the province's own authority: a server process, real handshakes, real calls."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from kcdesk.actions import syncing
from kcdesk.actions.desk import Desk
from kcdesk.errors import BadAnswer, BadInput, Unreachable
from kcdesk.storage.workspace import Workspace
from kcdesk.sync import contents, engine, trust
from tests.server.certificates import DAY, Authority
from tests.sync.pictures import attach, picture
from tests.sync.provinces import Province, ServerProcess


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Valid today: TLS asks the real clock."""
    return Authority(tmp_path_factory.mktemp("authority"), datetime.now(UTC))


def with_certificate(province: Province, files: tuple[Path, Path]) -> ServerProcess:
    path = province.folder / "server.toml"
    path.write_text(f'[tls]\ncertificate = "{files[0]}"\nkey = "{files[1]}"\n', "utf-8")
    return ServerProcess(province, settings=path)


@pytest.fixture
def server(province: Province, authority: Authority) -> Iterator[ServerProcess]:
    process = with_certificate(province, authority.server())
    yield process
    process.close()


def desk_of(province: Province, workspace: Workspace) -> Desk:
    return Desk(workspace, province.clock, province.randomness)


def synced(province: Province, workspace: Workspace) -> int:
    report = engine.sync(workspace, clock=province.clock, randomness=province.randomness)
    return report.confirmed_n


def test_a_server_of_the_provinces_own_authority(
    province: Province, server: ServerProcess, authority: Authority
) -> None:
    assert server.url.startswith("https://")
    workspace = province.workspace(province.person("An"))
    desk, code = desk_of(province, workspace), province.code("An")
    with pytest.raises(BadAnswer) as raised:
        syncing.join(desk, server.url, code)
    assert raised.value.code == "certificate"
    assert "kcdesk join --ca" in raised.value.hint
    assert workspace.province() is None

    assert syncing.join(desk, server.url, code, ca=authority.path) == "Tỉnh Lào Cai"
    establishment = province.establishment(workspace, "Rèn An")
    attach(province, workspace, establishment, picture(1))
    assert synced(province, workspace) == 2
    report = contents.send_contents(workspace, randomness=province.randomness)
    assert report.sent == 1
    again = province.opened(0)  # as another start of the program
    assert synced(province, again) == 2
    again.close()


def test_what_is_not_the_provinces_server_is_told_nothing(
    province: Province, server: ServerProcess, authority: Authority, tmp_path: Path
) -> None:
    workspace = province.join(
        trusting(province, province.workspace(province.person("An")), authority), server.url
    )
    province.establishment(workspace, "Rèn An")
    other = Authority(tmp_path, authority.today, "another")
    for files in (
        other.server(),
        authority.server("localhost"),  # of another machine
    ):
        impostor = with_certificate(province, files)
        with pytest.raises(BadAnswer) as raised:
            engine.join(workspace, impostor.url, "AAAA-AAAA-AAAA-AAAA", clock=province.clock)
        assert raised.value.code == "certificate"
        impostor.close()
    assert province.status().devices[0].n == 0


def trusting(province: Province, workspace: Workspace, authority: Authority) -> Workspace:
    syncing.believe(desk_of(province, workspace), authority.path)
    return workspace


def test_clear_text_is_not_spoken(
    province: Province, server: ServerProcess, authority: Authority
) -> None:
    workspace = trusting(province, province.workspace(province.person("An")), authority)
    address = server.url.replace("https", "http")
    with pytest.raises(Unreachable):
        engine.join(workspace, address, province.code("An"), clock=province.clock)
    known = ssl.create_default_context(cafile=authority.path)
    assert httpx.get(f"{server.url}/healthz", verify=known).json() == {"status": "ok"}


def test_a_file_that_is_no_authority(province: Province, authority: Authority) -> None:
    desk = desk_of(province, province.workspace("An"))
    certificate, key = authority.server()
    stale = Authority(authority.folder, authority.today - 800 * DAY, "stale")
    for path in (certificate, key, authority.folder / "none.pem", stale.path):
        with pytest.raises(BadInput) as raised:
            syncing.believe(desk, path)
        assert raised.value.code == "ca"
        assert raised.value.hint
    assert desk.workspace.setting(trust.SETTING) is None
