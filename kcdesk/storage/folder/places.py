"""Whether a folder is a bad place for a workspace: one that a cloud program or a network share keeps.

Such a folder is not refused, but warned of: a cloud program copies the files of a database one by one and at other
moments, and a share may lose a lock or a write. Owns recognising them; whoever makes a workspace shows the finding.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from kcdesk.domain.findings import Finding, soft
from kcdesk.domain.text import fold

CLOUD_FOLDERS = {
    "onedrive": "OneDrive",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "my drive": "Google Drive",
    "drive cua toi": "Google Drive",
    "dropbox": "Dropbox",
    "icloud drive": "iCloud",
    "iclouddrive": "iCloud",
    "mobile documents": "iCloud",
    "zalo received files": "Zalo",
    "zalopc": "Zalo",
}
"""Names of folders, without diacritics, and who keeps them; a company's name may follow (`OneDrive - EVN`)."""

CLOUD_VARIABLES = {
    "OneDrive": "OneDrive",
    "OneDriveCommercial": "OneDrive",
    "OneDriveConsumer": "OneDrive",
}
"""Environment variables in which a program names its folder."""

CLOUD_MARKERS = {
    ".dropbox": "Dropbox",
    ".dropbox.cache": "Dropbox",
    ".tmp.driveupload": "Google Drive",
    ".tmp.drivedownload": "Google Drive",
    ".849C9593-D756-4E56-8D6E-42412F2A707B": "OneDrive",
}
"""Files that a program leaves in a folder it keeps."""

NETWORK_FILE_SYSTEMS = frozenset(
    ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ncpfs", "davfs", "fuse.sshfs")
) | frozenset(("fuse.rclone", "fuse.davfs2", "fuse.gvfsd-fuse", "fuse.google-drive-ocamlfuse"))

_WINDOWS_REMOTE_DRIVE = 4  # DRIVE_REMOTE of GetDriveTypeW


def folder_findings(
    folder: Path, environment: Mapping[str, str], mounts: str | None = None
) -> list[Finding]:
    """What speaks against keeping a workspace in `folder`, which need not exist yet; nothing for a good place.

    environment: the variables of the process. mounts: the text of /proc/mounts; None: read it where there is one.
    """
    folder = folder.absolute()
    program = _cloud_program(folder, environment)
    found = []
    if program:
        found.append(
            soft(
                "place.cloud",
                "folder",
                f"Thư mục “{folder}” do {program} chép lên mạng: {program} chép từng tệp vào những lúc khác"
                " nhau, nên bản chép có thể không mở được, và dữ liệu đang ghi có thể bị đổi ở dưới.",
                str(folder),
                "Chọn một thư mục chỉ nằm trên ổ đĩa của máy; muốn có bản thứ hai thì dùng sao lưu của kcdesk.",
            )
        )
    if _on_network(folder, _mounts() if mounts is None else mounts):
        found.append(
            soft(
                "place.network",
                "folder",
                f"Thư mục “{folder}” nằm trên máy khác trong mạng: mất mạng giữa chừng thì việc đang ghi bị hỏng,"
                " và hai máy có thể cùng mở một dữ liệu.",
                str(folder),
                "Chọn một thư mục trên ổ đĩa của máy này.",
            )
        )
    return found


def _cloud_program(folder: Path, environment: Mapping[str, str]) -> str | None:
    """The program that keeps the folder, or None."""
    for variable, program in CLOUD_VARIABLES.items():
        kept = environment.get(variable)
        if kept and folder.is_relative_to(Path(kept)):
            return program
    for part in folder.parts:
        name = fold(part)
        for cloud, program in CLOUD_FOLDERS.items():
            if name == cloud or re.match(rf"{cloud} ?[-(]", name):
                return program
    for each in (folder, *folder.parents):
        for marker, program in CLOUD_MARKERS.items():
            if _is_there(each / marker):
                return program
    return None


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder above that may not be looked into
        return False


def _on_network(folder: Path, mounts: str) -> bool:
    drive = folder.drive
    if drive.startswith("\\\\"):
        return True
    if sys.platform == "win32":
        kind = ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\")
        return bool(kind == _WINDOWS_REMOTE_DRIVE)
    return _file_system(folder, mounts) in NETWORK_FILE_SYSTEMS


def _file_system(folder: Path, mounts: str) -> str:
    """The type of the file system that holds the folder, by the longest mount point above it; "" when unknown."""
    found: tuple[int, str] = (0, "")
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        at = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[1]))
        if folder.is_relative_to(at):
            found = max(found, (len(at.parts), fields[2]), key=lambda each: each[0])
    return found[1]


def _mounts() -> str:
    try:
        return Path("/proc/mounts").read_text("utf-8", errors="replace")
    except OSError:  # not Linux
        return ""
