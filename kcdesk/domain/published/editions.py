"""An edition: the dated, numbered whole of what a province publishes, as a list of files that is signed.

Owns what a file is by its path, which paths may be, how large all may become, and the faults of a file as sentences.
Edition 0 is what the program ships with, the folder `resources/`; a file of an edition takes the place of the shipped
one of the same path, all others of edition 0 stay. An edition is whole: what the next one lacks is withdrawn.

Leaves to others: signing and carrying (`kcdesk.sync.bundle`), checking contents (`kcdesk.server.publishing`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

EDITION_BYTES = 20 << 20
"""Bytes of all files of an edition."""
FILE_BYTES = 10 << 20
"""Bytes of one file: one section of a bundle holds it."""
EDITION_FILES = 500
SHIPPED = 0
"""The number of the edition that the program ships with."""


class FileKind(StrEnum):
    """What a published file is."""

    QUESTIONNAIRE = "questionnaire"
    MEDIA = "media"  # a list that a questionnaire names
    DOCUMENT = "document"
    BLOCK = "block"  # what forms share
    UNITS = "units"
    CODE_LIST = "code_list"
    SUPPORT_RULES = "support_rules"
    DEADLINES = "deadlines"
    WEIGHTS = "weights"
    REPORT_NEEDS = "report_needs"
    SETTINGS = "settings"


UNITS_PATH = "administrative-units/units.tsv"

_IN_FOLDERS: Mapping[tuple[str, str], FileKind] = MappingProxyType(
    {
        ("questionnaires", "xlsx"): FileKind.QUESTIONNAIRE,
        ("questionnaires", "csv"): FileKind.MEDIA,
        ("documents", "toml"): FileKind.DOCUMENT,
        ("documents/blocks", "toml"): FileKind.BLOCK,
        ("code-lists", "csv"): FileKind.CODE_LIST,
    }
)
_BY_PATH: Mapping[str, FileKind] = MappingProxyType(
    {
        UNITS_PATH: FileKind.UNITS,
        "support-rules.csv": FileKind.SUPPORT_RULES,
        "deadlines.csv": FileKind.DEADLINES,
        "weights.csv": FileKind.WEIGHTS,
        "report-needs.csv": FileKind.REPORT_NEEDS,
        "settings.toml": FileKind.SETTINGS,
    }
)
LABELS: Mapping[FileKind, str] = MappingProxyType(
    {
        FileKind.QUESTIONNAIRE: "Mẫu phiếu",
        FileKind.MEDIA: "Danh sách của mẫu phiếu",
        FileKind.DOCUMENT: "Mẫu giấy tờ",
        FileKind.BLOCK: "Khối chung của mẫu giấy tờ",
        FileKind.UNITS: "Đơn vị hành chính",
        FileKind.CODE_LIST: "Danh mục",
        FileKind.SUPPORT_RULES: "Mức hỗ trợ",
        FileKind.DEADLINES: "Thời hạn",
        FileKind.WEIGHTS: "Điểm ưu tiên",
        FileKind.REPORT_NEEDS: "Câu hỏi mà báo cáo cần",
        FileKind.SETTINGS: "Thiết lập",
    }
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}(\.[A-Za-z0-9_-]{1,20}){0,2}")
_PORTS = (f"{port}{number}" for port in ("com", "lpt") for number in range(10))
_DEVICE_NAMES = frozenset(("con", "prn", "aux", "nul", *_PORTS))
"""What Windows takes for a device, whatever comes after the dot."""


class EditionFile(msgspec.Struct, frozen=True):
    """A file of an edition.

    path:     below the published folder, `/` between its parts
    kind:     a `FileKind`; a newer program may know others, and they are kept
    sha256:   hexadecimal;  bytes: its size
    replaces: whether a shipped file has this path
    """

    path: str
    kind: str
    sha256: str
    bytes: int
    replaces: bool


class Manifest(msgspec.Struct, frozen=True):
    """What the province signs.

    number:       1, 2, 3 ... of this province
    published_at: its clock, milliseconds UTC
    note:         what a person should know of it, as the province wrote it
    """

    number: int
    published_at: int
    note: str
    files: tuple[EditionFile, ...]


class EditionMark(msgspec.Struct, frozen=True):
    """Names an edition: its number, and the SHA-256 of its manifest (hexadecimal), which tells it from a namesake."""

    number: int
    sha256: str


class Fault(msgspec.Struct, frozen=True):
    """One thing that keeps a folder from being published.

    path: the file;  row: of a table or text, counted from 1;  sheet, column: where the file has such
    """

    path: str
    message: str
    row: int | None = None
    column: str = ""
    sheet: str = ""

    @property
    def sentence(self) -> str:
        """
        >>> Fault("weights.csv", "thiếu điểm", 3, "weight").sentence
        'weights.csv, dòng 3, cột weight: thiếu điểm'
        """
        where = [self.path]
        where += [f"trang {self.sheet}"] if self.sheet else []
        where += [f"dòng {self.row}"] if self.row is not None else []
        where += [f"cột {self.column}"] if self.column else []
        return f"{', '.join(where)}: {self.message}"


def kind_of(path: str) -> FileKind | None:
    """What the file at this path is; None: nothing that is published.

    >>> kind_of("documents/F02.toml"), kind_of("documents/x/F02.toml"), kind_of("documents/blocks/EST.toml")
    (<FileKind.DOCUMENT: 'document'>, None, <FileKind.BLOCK: 'block'>)
    """
    if path in _BY_PATH:
        return _BY_PATH[path]
    folder, _, name = path.rpartition("/")
    return _IN_FOLDERS.get((folder, name.rpartition(".")[2]))


def is_plain(path: str) -> bool:
    """Whether a path names a file below a folder on every system: no way up, no root, no device of Windows.

    >>> [is_plain(path) for path in ("documents/F02.toml", "../F02.toml", "/F02", "a//b", "a/CON.csv", "á.csv")]
    [True, False, False, False, False, False]
    """
    parts = path.split("/")
    return len(parts) <= 3 and all(
        _NAME.fullmatch(part) and part.partition(".")[0].lower() not in _DEVICE_NAMES
        for part in parts
    )


def decode_manifest(content: bytes) -> Manifest | None:
    """The manifest that was signed; None when it is none, names a path that is not plain or twice, or is too large."""
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    paths = [file.path.lower() for file in manifest.files]
    sound = (
        manifest.number > SHIPPED
        and manifest.published_at >= 0
        and len(set(paths)) == len(paths) <= EDITION_FILES
        and all(is_plain(file.path) and 0 <= file.bytes <= FILE_BYTES for file in manifest.files)
        and all(re.fullmatch(r"[0-9a-f]{64}", file.sha256) for file in manifest.files)
        and sum(file.bytes for file in manifest.files) <= EDITION_BYTES
    )
    return manifest if sound else None


def label_of_kind(kind: str) -> str:
    """What a file is, in words; a kind of a newer version keeps its word."""
    return LABELS[FileKind(kind)] if kind in set(FileKind) else kind
