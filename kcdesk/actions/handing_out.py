"""Papers that go to somebody: with a password, as a copy without personal data, and the book of what is out.

Everything that leaves is written down: what, of which record, to whom, without which values.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kcdesk.actions.desk import Desk
from kcdesk.actions.documents import (
    PERSONAL,
    Ending,
    Origin,
    Printed,
    file_words,
    print_document,
)
from kcdesk.domain.clock import local_time
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, NotFound
from kcdesk.storage.folder.durable import write_durably
from kcdesk.storage.papers import PaperNote

SHORTEST_PASSWORD = 8
HOW = {
    "printed": "In ra giấy",
    "file": "Ghi ra tệp",
    "protected": "Tệp có mật khẩu",
    "copy": "Bản gửi đi",
    "word": "Tệp Word",
    "blank": "Mẫu trống",
    "picture": "Ảnh",
    "list": "Danh sách",
}


class CopyAs(StrEnum):
    """What a copy is: a PDF, pictures of its pages, or what it says as a spreadsheet."""

    PDF = "pdf"
    PICTURE = "png"
    SHEET = "xlsx"


Pictures = Callable[[bytes], list[bytes]]
"""The pages of a PDF as PNG files."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that left, with further ones of the same paper, and what was not on it (keys)."""

    path: Path
    bytes: int
    left_out: tuple[str, ...]
    more: tuple[Path, ...] = ()


def protect(pdf: bytes, password: str) -> bytes:
    """The PDF encrypted with AES-256; nobody opens it without the password. Raises `BadInput` for a short one."""
    if len(password) < SHORTEST_PASSWORD:
        raise BadInput(
            f"Mật khẩu của tệp cần ít nhất {SHORTEST_PASSWORD} ký tự.",
            hint="Dùng một câu dễ nhớ; báo cho người nhận bằng cách khác, không gửi kèm tệp.",
        )
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415 -- loaded when something is encrypted

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    writer.encrypt(password, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def write_out(path: Path, content: bytes, *, make_folder: bool = False) -> None:
    """Put a file where a person wants it, whole or not at all. Raises `BadInput`, `unwritable` for the disk."""
    try:
        if make_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, content)
    except OSError:
        raise BadInput(
            f"Không ghi được tệp “{path}”.",
            hint="Kiểm tra thư mục và quyền ghi, hoặc đóng tệp nếu đang mở.",
            code="unwritable",
        ) from None


def note_papers(
    desk: Desk,
    origins: Iterable[Origin],
    *,
    how: str,
    file_name: str = "",
    taker: str = "",
    left_out: Collection[str] = (),
) -> None:
    """Write into the book that papers left. `how`: a key of `HOW`."""
    for one in origins:
        desk.workspace.papers.note(
            desk.clock(),
            how,
            one.form,
            record=one.record,
            establishment=one.establishment,
            version=one.version,
            file_name=file_name,
            taker=taker.strip(),
            left_out=tuple(left_out),
        )


def hand_out(
    desk: Desk,
    printed: Printed,
    path: Path,
    *,
    how: str,
    taker: str = "",
    password: str = "",
    left_out: Sequence[str] = (),
) -> Sent:
    """Write printed papers into a file, and that into the book. Raises `BadInput`."""
    content = protect(printed.pdf, password) if password else printed.pdf
    write_out(path, content)
    note_papers(desk, printed.origins, how=how, file_name=path.name, taker=taker, left_out=left_out)
    return Sent(path, len(content), tuple(left_out))


Draw = Callable[[Desk, Collection[str], Ending], Printed]
"""Draws a paper without the keys that are named, as a file with that ending."""


def draws(form_id: str, record: str, folders: Sequence[Path] = ()) -> Draw:
    """How the paper of a form for a record is drawn."""
    return lambda desk, left_out, ending: print_document(
        desk, form_id, record, leave_out=left_out, ending=ending, folders=folders
    )


def send_copy(
    desk: Desk,
    draw: Draw,
    folder: Path,
    *,
    taker: str,
    personal: bool = False,
    password: str = "",
    kind: CopyAs = CopyAs.PDF,
    pictures: Pictures | None = None,
) -> Sent:
    """A copy of a paper for somebody, in `folder` under a ready name; without personal data unless it is asked for.

    kind: pictures are one file a page, drawn by `pictures`, and have no password. Raises `NotFound`, `BadInput`.
    """
    if not taker.strip():
        raise BadInput("Chưa ghi gửi cho ai.", hint="Ghi tên người hoặc cơ quan nhận.")
    left_out = () if personal else PERSONAL
    if password and kind is not CopyAs.PDF:
        raise BadInput("Chỉ tệp PDF đặt mật khẩu được.", hint="Gửi tệp PDF để có mật khẩu.")
    printed = draw(desk, left_out, "xlsx" if kind is CopyAs.SHEET else "pdf")
    name = copy_name(desk.today, printed.file_name)
    if kind is not CopyAs.PICTURE or pictures is None:
        how = "protected" if password else "copy"
        path = folder / name
        return hand_out(
            desk, printed, path, how=how, taker=taker, password=password, left_out=left_out
        )
    pages = pictures(printed.pdf)
    stem = name.rpartition(".")[0]
    ends = [f"_trang-{page}" for page in range(1, len(pages) + 1)] if len(pages) > 1 else [""]
    paths = [folder / f"{stem}{end}.png" for end in ends]
    for path, page in zip(paths, pages, strict=True):
        write_out(path, page)
    first = paths[0]
    note_papers(
        desk, printed.origins, how="picture", file_name=first.name, taker=taker, left_out=left_out
    )
    return Sent(first, sum(map(len, pages)), left_out, tuple(paths[1:]))


def copy_name(day: datetime.date, file_name: str) -> str:
    """`2026-05-20_f02_hop-tac-xa-a.pdf`: the day it is sent, and what it is."""
    stem, _, ending = file_name.rpartition(".")
    parts = stem.split("_")[1:]
    return f"{day.isoformat()}_{'_'.join(file_words(part) for part in parts)}.{ending}"


@dataclass(frozen=True, slots=True)
class BookLine:
    """A paper of the book, with the name of the establishment as it is now."""

    note: PaperNote
    name: str

    @property
    def what(self) -> str:
        """`F02, in ra giấy`."""
        how = HOW.get(self.note.how, self.note.how)
        return f"{self.note.form}, {how[:1].lower()}{how[1:]}" if self.note.form else how


def book_lines(desk: Desk, *, out: bool = False, establishment: str = "") -> list[BookLine]:
    """The book of papers with names, newest first; as `paper_book`."""
    notes = paper_book(desk, out=out, establishment=establishment)
    owners = sorted({note.establishment for note in notes if note.establishment})
    known = desk.workspace.candidates.those(owners)
    names = {record: str(fields.get("name") or "") for record, fields in known.items()}
    return [BookLine(note, names.get(note.establishment, "")) for note in notes]


def paper_book(desk: Desk, *, out: bool = False, establishment: str = "") -> list[PaperNote]:
    """What left and what came back, newest first. `out`: only what somebody has and has not brought back."""
    return desk.workspace.papers.all(out=out, establishment=establishment)


def bring_back(desk: Desk, number: int) -> None:
    """A paper of the book came back. Raises `NotFound`."""
    if not desk.workspace.papers.mark_back(desk.clock(), number):
        raise NotFound(
            f"Sổ giấy tờ không có số {number}.", hint="Xem các số bằng kcdesk document book."
        )


def note_as_json(note: PaperNote) -> dict[str, Value]:
    return {
        "number": note.id,
        "at": local_time(note.at).isoformat(),
        "how": note.how,
        "form": note.form,
        "record": note.record,
        "establishment": note.establishment,
        "file": note.file_name,
        "taker": note.taker,
        "left_out": list(note.left_out),
        "back_at": None if note.back_at is None else local_time(note.back_at).isoformat(),
        "attachment": note.attachment,
    }
