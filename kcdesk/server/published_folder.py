"""The folder that is to be published: read without trusting it, and checked whole.

Owns which files are taken from the disk and every fault of them, all at once. A symbolic link, a device or a file that
is too large is never opened. Leaves to others: making an edition of the files (`publishing`).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from kcdesk.documents import block_faults, form_faults
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.published import tables
from kcdesk.domain.published.editions import (
    EDITION_BYTES,
    EDITION_FILES,
    FILE_BYTES,
    UNITS_PATH,
    Fault,
    FileKind,
    is_plain,
    kind_of,
)
from kcdesk.domain.published.unit_files import unit_faults
from kcdesk.errors import BadInput, NotFound
from kcdesk.questionnaire import WorkbookRefused, load_workbook
from kcdesk.resources import resource_path

_LEFT_BY_PROGRAMS = ("~$", ".", "Thumbs.db", "desktop.ini", "README")
"""What spreadsheet programs and systems leave in a folder, and words for people: passed over."""
_ENTRIES = 2_000
_BLOCKS = "documents/blocks"

Files = Mapping[str, bytes]
"""Path below the folder, with `/` -> content."""


def read_folder(folder: Path) -> tuple[dict[str, bytes], list[Fault]]:
    """The files of a folder that can be published, and what is wrong with the others. Raises `NotFound`, `BadInput`."""
    if not folder.is_dir():
        raise NotFound(f"Không có thư mục “{folder}”.", hint="Kiểm tra đường dẫn.")
    files: dict[str, bytes] = {}
    faults: list[Fault] = []
    size = 0
    try:
        for path, entry in _entries(folder):
            fault, content = _read(path, entry)
            if fault is not None:
                faults.append(fault)
                continue
            size += len(content)
            files[path] = content
            if size > EDITION_BYTES or len(files) > EDITION_FILES:
                what = f"{EDITION_BYTES >> 20} MB hoặc {EDITION_FILES} tệp"
                return files, [*faults, Fault(path, f"cả thư mục vượt quá {what}")]
    except OSError as error:
        raise BadInput(
            f"Không đọc được thư mục “{folder}” ({error.strerror}).",
            hint="Kiểm tra quyền đọc các tệp trong thư mục.",
            code="unreadable",
        ) from None
    if not files and not faults:
        faults.append(Fault(str(folder.name), "không có tệp nào để công bố"))
    return files, faults


def _entries(folder: Path, within: str = "") -> Iterator[tuple[str, os.DirEntry[str]]]:
    """What lies in a folder, in those below it, and in the one of shared blocks, in order of path."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    if len(entries) > _ENTRIES:
        raise BadInput(
            f"Thư mục “{folder}” có hơn {_ENTRIES} mục: không phải là thư mục để công bố.",
            hint="Chọn thư mục chỉ gồm các tệp cần công bố.",
        )
    for entry in entries:
        if entry.name.startswith(_LEFT_BY_PROGRAMS):
            continue
        path = f"{within}{entry.name}"
        if entry.is_dir(follow_symlinks=False) and (not within or path == _BLOCKS):
            yield from _entries(Path(entry.path), f"{path}/")
        else:
            yield path, entry


def _read(path: str, entry: os.DirEntry[str]) -> tuple[Fault | None, bytes]:
    if entry.is_symlink():
        return Fault(path, "là một liên kết, không phải tệp; chép chính tệp ấy vào thư mục"), b""
    if not is_plain(path):
        return Fault(path, "tên chỉ gồm chữ cái không dấu, chữ số, dấu - _ và phần mở rộng"), b""
    if kind_of(path) is None:
        return Fault(path, "không phải loại tệp nào được công bố ở chỗ này"), b""
    # Between looking and opening the entry may have become something else: what was opened is looked at again.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    flags |= getattr(os, "O_BINARY", 0)
    if not entry.is_file(follow_symlinks=False):
        return Fault(path, "không phải tệp thường"), b""
    with os.fdopen(os.open(entry.path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return Fault(path, "không phải tệp thường"), b""
        content = file.read(FILE_BYTES + 1)
    if len(content) > FILE_BYTES:
        return Fault(path, f"lớn hơn {FILE_BYTES >> 20} MB"), b""
    return None, content


def check_files(files: Files, before: Files) -> list[Fault]:
    """Everything that is wrong with the contents; `before`: the files of the last edition."""
    found: list[Fault] = []
    media = {
        PurePosixPath(path).name: content
        for path, content in files.items()
        if kind_of(path) is FileKind.MEDIA
    }
    blocks = {
        PurePosixPath(path).name: content
        for path, content in files.items()
        if kind_of(path) is FileKind.BLOCK
    }
    needs_path = "report-needs.csv"
    needs = tables.report_needs(needs_path, files.get(needs_path) or _shipped(needs_path) or b"")[0]
    units = files.get(UNITS_PATH)
    bad_units = unit_faults(UNITS_PATH, units) if units is not None else []
    for path, content in files.items():
        match kind_of(path):
            case FileKind.QUESTIONNAIRE:
                replaced = before.get(path) or _shipped(path)
                found += _questionnaire_faults(path, content, media, replaced, needs)
            case FileKind.MEDIA:
                found += _text_faults(path, content)
            case FileKind.DOCUMENT:
                found += _form_faults(path, content, blocks)
            case FileKind.BLOCK:
                name = PurePosixPath(path).name
                found += (Fault(path, what, row) for row, what in block_faults(name, content))
            case FileKind.UNITS:
                found += bad_units
            case FileKind.CODE_LIST:
                found += tables.code_list(path, content)[1]
            case FileKind.SUPPORT_RULES:
                provinces = _provinces(units if not bad_units else None)
                found += tables.support_rules(path, content, provinces)[1]
            case FileKind.DEADLINES:
                found += tables.deadlines(path, content)[1]
            case FileKind.WEIGHTS:
                found += tables.weights(path, content)[1]
            case FileKind.REPORT_NEEDS:
                found += tables.report_needs(path, content)[1]
            case FileKind.SETTINGS:
                found += tables.settings(path, content)[1]
    if blocks:
        found += _faults_of_shipped_forms(files, blocks)
    return list(dict.fromkeys(found))


def _form_faults(path: str, content: bytes, blocks: Files) -> Iterator[Fault]:
    """What is wrong with a form; a fault in a block that is published with it is told of that block."""
    for file, row, what in form_faults(PurePosixPath(path).name, content, blocks):
        yield Fault(f"{_BLOCKS}/{file}" if file in blocks else path, what, row)


def _faults_of_shipped_forms(files: Files, blocks: Files) -> Iterator[Fault]:
    """Forms of ours that stay, and take up blocks that are published: each must still be read."""
    for shipped in sorted(resource_path("documents").glob("*.toml")):
        path = f"documents/{shipped.name}"
        if path not in files:
            yield from _form_faults(path, shipped.read_bytes(), blocks)


def _questionnaire_faults(
    path: str,
    content: bytes,
    media: Files,
    replaced: bytes | None,
    needs: Sequence[tables.ReportNeed],
) -> Iterator[Fault]:
    """`replaced`: what this workbook takes the place of;  needs: what reports need of it."""
    try:
        form = load_workbook(content, media, needs)
    except WorkbookRefused as refused:
        for one in refused.problems:
            yield Fault(path, one.message_vi, one.row, one.column or "", one.sheet or "")
        return
    stem = PurePosixPath(path).stem
    if form.id != stem:
        yield Fault(path, f"mã mẫu phiếu (form_id) là “{form.id}”, khác tên tệp", sheet="settings")
    if not form.version:
        yield Fault(path, "chưa ghi phiên bản (version)", sheet="settings")
    elif replaced is not None and replaced != content and _version(replaced, media) == form.version:
        what = (
            f"đã sửa mà vẫn ghi phiên bản {form.version}: phiếu cũ và mới sẽ không phân biệt được"
        )
        yield Fault(path, what, column="version", sheet="settings")


def _version(content: bytes, media: Files) -> str:
    try:
        return load_workbook(content, media).version
    except WorkbookRefused:  # with the lists of today it cannot be read
        return ""


def _text_faults(path: str, content: bytes) -> Iterator[Fault]:
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        yield Fault(path, "không phải văn bản UTF-8; lưu lại dạng “CSV UTF-8”")


def _shipped(path: str) -> bytes | None:
    shipped = resource_path(*path.split("/"))
    return shipped.read_bytes() if shipped.is_file() else None


def _provinces(units: bytes | None) -> frozenset[str]:
    content = units if units is not None else _shipped(UNITS_PATH)
    assert content is not None, "the program ships with a table of units"
    return frozenset(AdministrativeUnits(content.decode("utf-8")).provinces)
