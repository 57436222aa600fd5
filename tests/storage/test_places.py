"""Bad places for a workspace are warned of, and odd but good ones work."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PurePosixPath

import pytest

from kcdesk.storage.edits import Edit
from kcdesk.storage.folder.places import folder_findings
from tests.storage.workspaces import make, reopen

ONE = "00000000-0000-7000-8000-000000000001"
LOCAL = "/dev/sda1 / ext4 rw 0 0\n"


def codes(
    folder: Path, environment: dict[str, str] | None = None, mounts: str = LOCAL
) -> list[str]:
    found = folder_findings(folder, environment or {}, mounts)
    for finding in found:
        assert finding.level == "soft"
        assert str(folder) in finding.message
        assert finding.hint.endswith(".")
    return [finding.code for finding in found]


@pytest.mark.parametrize(
    ("path", "program"),
    [
        ("OneDrive/kcdesk", "OneDrive"),
        ("OneDrive - Sở Công Thương/kcdesk", "OneDrive"),
        ("Google Drive/My Drive", "Google Drive"),
        ("GoogleDrive-lan@gmail.com/kcdesk", "Google Drive"),
        ("Drive của tôi/kcdesk", "Google Drive"),
        ("Dropbox (Cá nhân)/kcdesk", "Dropbox"),
        ("iCloudDrive/kcdesk", "iCloud"),
        ("Library/Mobile Documents/x", "iCloud"),
        ("Documents/Zalo Received Files/kcdesk", "Zalo"),
        ("AppData/Local/ZaloPC/kcdesk", "Zalo"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_cloud_program_is_known_by_its_folder(path: str, program: str, form: str) -> None:
    folder = Path("/home/lan") / unicodedata.normalize(form, path)  # type: ignore[arg-type]
    (finding,) = folder_findings(folder, {}, LOCAL)
    assert finding.code == "place.cloud"
    assert f"do {program} chép" in finding.message


@pytest.mark.parametrize(
    "path", ["OneDriver/kcdesk", "Du lieu", "dropboxes", "my drive-in", "Zalo"]
)
def test_other_names_are_no_cloud(path: str) -> None:
    assert codes(Path("/home/lan") / path) == (["place.cloud"] if path == "my drive-in" else [])


def test_a_cloud_program_is_known_by_its_variable_and_its_marks(tmp_path: Path) -> None:
    kept = tmp_path / "Tài liệu"
    kept.mkdir()
    folder = kept / "kcdesk" / "workspace"
    assert codes(folder) == []
    assert codes(folder, {"OneDriveCommercial": str(kept)}) == ["place.cloud"]
    assert codes(tmp_path / "kcdesk", {"OneDriveCommercial": str(kept)}) == []
    (kept / ".dropbox").touch()
    assert codes(folder) == ["place.cloud"]


@pytest.mark.parametrize(
    ("kind", "network"),
    [("nfs4", True), ("cifs", True), ("fuse.sshfs", True), ("ext4", False), ("tmpfs", False)],
)
def test_a_share_is_known_by_its_file_system(kind: str, network: bool) -> None:
    mounts = f"{LOCAL}server:/du-lieu /mnt/Kho\\040chung {kind} rw 0 0\nbroken line\n"
    assert codes(Path("/mnt/Kho chung/kcdesk"), mounts=mounts) == ["place.network"] * network
    assert codes(Path("/mnt/Kho"), mounts=mounts) == []


def test_this_machine_is_asked_where_nothing_is_said(tmp_path: Path) -> None:
    assert folder_findings(tmp_path, {}) == []


LONG = "Dữ liệu khuyến công của chị Nguyễn Thị Hoa, địa bàn huyện Bát Xát cũ "


@pytest.mark.parametrize(
    "name",
    [
        "có dấu cách",
        unicodedata.normalize("NFC", "Dữ liệu Đặng Thị Ngọc Ánh"),
        unicodedata.normalize("NFD", "Dữ liệu Đặng Thị Ngọc Ánh"),
        "100% #1 ?mode=ro & 'nháy'",
        f"{LONG}/{LONG}/{LONG}",
    ],
)
def test_a_workspace_works_wherever_people_put_it(tmp_path: Path, name: str) -> None:
    folder = tmp_path / PurePosixPath(name)
    with make(folder) as workspace:
        workspace.save([Edit("establishments", ONE, {"name": "Hộ Vàng A Páo"})])
    if name.startswith(LONG):
        assert len(str(folder)) >= 200
    with reopen(folder) as workspace:
        assert workspace.state("establishments", ONE).get("name") == "Hộ Vàng A Páo"
        written = workspace.back_up("asked")
        workspace.backups.verify(written.manifest)
    # composed and decomposed are two folders; nothing lies beside the one that was named
    assert {path.name for path in folder.iterdir()} >= {"workspace.db", "workspace.json"}
