"""Pictures and scans of an establishment: add, look at, hand out as a file.

Changing the title is `records.set_fields`, removing is `bin.delete_record`, as with every kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kcdesk.actions.clear_files import write_clear_file
from kcdesk.actions.contents import Where, where
from kcdesk.actions.desk import Desk
from kcdesk.actions.records import ListedRecord, records_of
from kcdesk.domain.code_lists import AttachmentPurpose
from kcdesk.domain.coordinates import findings_of_place
from kcdesk.domain.findings import Finding
from kcdesk.domain.identifiers import RecordId, new_record_id
from kcdesk.domain.kinds import ATTACHMENTS, ESTABLISHMENTS, NEEDS, SURVEYS
from kcdesk.domain.text import fold, normalise
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, KcdeskError, NotFound
from kcdesk.importing.attachments import (
    Prepared,
    media_type_of,
    prepare,
    read_attachment,
    thumbnail_of,
)
from kcdesk.storage.edits import Edit
from kcdesk.storage.reading.lists import Row

Progress = Callable[[int, int], None]
"""Called with how many files are done, and of how many; may raise `Cancelled`, then nothing is added."""

ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/heic": ".heic",
    "application/pdf": ".pdf",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not taken, and why."""

    file: str
    error: KcdeskError


@dataclass(frozen=True, slots=True)
class Added:
    """What adding files did.

    records: the new attachments, in the order of the files
    already: names of files that the establishment has already
    refused: files that could not be taken
    findings: of photos that were taken outside the surroundings of the establishment's commune
    """

    records: tuple[tuple[str, RecordId], ...]
    already: tuple[str, ...]
    refused: tuple[Refusal, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """An attachment as a strip of pictures shows it; `thumbnail` is a JPEG, None of a PDF and of what is elsewhere."""

    record: ListedRecord
    thumbnail: bytes | None
    where: Where

    @property
    def here(self) -> bool:
        """Whether its content is on this computer."""
        return self.where.here

    @property
    def id(self) -> str:
        return str(self.record.row["id"])

    @property
    def title(self) -> str:
        return str(self.record.row.get("title") or "")

    @property
    def is_picture(self) -> bool:
        return str(self.record.row.get("media_type")).startswith("image/")

    def as_json(self) -> dict[str, Value]:
        return {**self.record.as_json(), **self.where.as_json()}


def add_attachments(
    desk: Desk,
    establishment: str,
    files: Sequence[Path],
    *,
    title: str = "",
    purpose: str = "",
    of: str = "",
    keep_original: bool = False,
    progress: Progress | None = None,
) -> Added:
    """Add files to an establishment, in one action; those that cannot be taken are named, the others are added.

    title:         of all of them; without it each is called like its file
    purpose:       a code of `AttachmentPurpose`, or its label
    of:            the survey or need of that establishment that they belong to
    keep_original: also keep each picture as it came, on this computer only
    Raises `NotFound`, `BadInput`, `WorkspaceError`, and what `progress` raises; then nothing was added.
    """
    commune = desk.workspace.state(ESTABLISHMENTS.name, establishment).get("commune")
    said: dict[str, Value] = {
        "establishment": establishment,
        "purpose": _purpose(purpose),
        "of": _record_of(desk, establishment, of),
    }
    there = {
        (row.get("sha256"), row.get("of"))
        for row in desk.workspace.lists.of_establishments(ATTACHMENTS.name, [establishment])
    }
    edits: list[Edit] = []
    already: list[str] = []
    refused: list[Refusal] = []
    findings: list[Finding] = []
    for done, path in enumerate(files):
        _tell(progress, done, len(files))
        try:
            prepared = read_attachment(path, keep_original=keep_original)
        except BadInput as error:
            refused.append(Refusal(path.name, error))
            continue
        name = desk.workspace.attachments.keep(
            prepared.content, prepared.thumbnail, desk.randomness
        )
        if (name, said["of"]) in there:
            already.append(path.name)
            continue
        there.add((name, said["of"]))
        values = {**said, "title": normalise(title) or prepared.title, "sha256": name}
        values |= _described(prepared)
        taken = f"Nơi chụp ảnh “{path.name}”"
        findings += findings_of_place(desk.units, commune, values["geo"], what=taken)
        if prepared.original is not None:
            kept = desk.workspace.attachments.keep(prepared.original, None, desk.randomness)
            values["original_sha256"] = kept
        record = new_record_id(desk.clock, desk.randomness)
        edits.append(
            Edit(ATTACHMENTS.name, record, {k: v for k, v in values.items() if v is not None})
        )
    _tell(progress, len(files), len(files))
    desk.workspace.save(edits)
    desk.workspace.attachments.sweep(desk.clock())
    saved = tuple((edit.kind, RecordId(edit.record)) for edit in edits)
    return Added(saved, tuple(already), tuple(refused), tuple(findings))


def add_content(
    desk: Desk,
    establishment: str,
    name: str,
    content: bytes,
    *,
    title: str,
    purpose: AttachmentPurpose,
    of: str = "",
) -> str:
    """Add what was made in memory (a part of a scan) to an establishment; the attachment. What is there is left.

    Raises `NotFound`, `BadInput`, `WorkspaceError`.
    """
    desk.workspace.state(ESTABLISHMENTS.name, establishment)
    prepared = prepare(name, content)
    kept = desk.workspace.attachments.keep(prepared.content, prepared.thumbnail, desk.randomness)
    for row in desk.workspace.lists.of_establishments(ATTACHMENTS.name, [establishment]):
        if row.get("sha256") == kept and (row.get("of") or "") == of:
            return str(row["id"])
    values: dict[str, Value] = {
        "establishment": establishment,
        "purpose": purpose.value,
        "of": of or None,
        "title": title,
        "sha256": kept,
        **_described(prepared),
    }
    record = new_record_id(desk.clock, desk.randomness)
    said: dict[str, Value] = {key: value for key, value in values.items() if value is not None}
    desk.workspace.save([Edit(ATTACHMENTS.name, record, said)])
    desk.workspace.attachments.sweep(desk.clock())
    return str(record)


def list_attachments(desk: Desk, establishment: str, *, of: str = "") -> list[Shown]:
    """The attachments of an establishment, or of one of its records, the oldest first. Raises `NotFound`."""
    desk.workspace.state(ESTABLISHMENTS.name, establishment)
    found = [
        record
        for record in records_of(desk, ATTACHMENTS.name, establishment)
        if not of or record.row.get("of") == of
    ]
    return [_shown(desk, record) for record in sorted(found, key=lambda each: str(each.row["id"]))]


def open_attachment(desk: Desk, attachment: str, *, original: bool = False) -> bytes:
    """The content of an attachment, or the file as it came. Raises `NotFound`, `WorkspaceError`."""
    return desk.workspace.attachments.read(_content_of(desk, attachment, original=original))


def file_name(row: Row, *, original: bool = False) -> str:
    """A ready name for an attachment as a file: its title in plain letters, with the right ending.

    >>> file_name({"title": "Máy ép gạch (mới)", "media_type": "image/jpeg"})
    'may-ep-gach-moi.jpg'
    """
    words = "".join(c if c.isalnum() else " " for c in fold(str(row.get("title") or ""))).split()
    ending = ENDINGS.get(str(row.get("original_media_type" if original else "media_type")), "")
    return ("-".join(words) or "tai-lieu")[:80] + ending


def save_attachment(desk: Desk, attachment: str, path: Path, *, original: bool = False) -> int:
    """Write the content of an attachment, in clear, to a file that the person chose; its size in bytes.

    Raises `NotFound`, `WorkspaceError`, `BadInput` when the file cannot be written.
    """
    content = open_attachment(desk, attachment, original=original)
    write_clear_file(path, content)
    return len(content)


def _shown(desk: Desk, record: ListedRecord) -> Shown:
    contents, name = desk.workspace.attachments, str(record.row.get("sha256"))
    shown = Shown(record, contents.thumbnail(name), where(desk, name))
    if shown.thumbnail is not None or not (shown.here and shown.is_picture):
        return shown
    try:  # a thumbnail that was lost is made again
        content = contents.read(name)
    except KcdeskError:
        return shown
    thumbnail = thumbnail_of(content)
    contents.keep(content, thumbnail, desk.randomness)
    return Shown(record, thumbnail, shown.where)


def _content_of(desk: Desk, attachment: str, *, original: bool) -> str:
    state = desk.workspace.state(ATTACHMENTS.name, attachment)
    name = state.get("original_sha256" if original else "sha256")
    if not isinstance(name, str):
        raise NotFound(
            "Không giữ bản gốc của ảnh này." if original else "Hồ sơ này chưa có nội dung.",
            hint="Mở bản đã thu gọn." if original else "Thêm lại tệp.",
            code="no_content",
        )
    return name


def _purpose(written: str) -> str | None:
    """The code that a code or label means. Raises `BadInput`."""
    if not written:
        return None
    for code in AttachmentPurpose:
        if written == code.value or fold(written) == fold(code.label):
            return code.value
    raise BadInput(
        f"“{written}” không có trong danh mục loại ảnh, tài liệu.",
        hint="Chọn một trong: " + ", ".join(code.value for code in AttachmentPurpose) + ".",
    )


def _record_of(desk: Desk, establishment: str, record: str) -> str | None:
    """The survey or need of the establishment with that id. Raises `NotFound`."""
    if not record:
        return None
    for kind in (SURVEYS.name, NEEDS.name):
        rows = desk.workspace.lists.of_establishments(kind, [establishment])
        if any(row["id"] == record for row in rows):
            return record
    raise NotFound(
        f"Cơ sở này không có phiếu khảo sát hay đăng ký nhu cầu {record}.",
        hint="Kiểm tra lại mã hồ sơ.",
    )


def _described(prepared: Prepared) -> dict[str, Value]:
    original = prepared.original
    return {
        "media_type": prepared.media_type,
        "bytes": len(prepared.content),
        "width": prepared.width,
        "height": prepared.height,
        "pages": prepared.pages,
        "taken_at": prepared.taken_at,
        "geo": list(prepared.geo) if prepared.geo is not None else None,
        "original_media_type": media_type_of(original) if original is not None else None,
    }


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)
