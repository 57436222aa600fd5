"""Papers that go to somebody: with a password, as a copy without personal data, and the book of what is out.

Everything that leaves is written down: what, of which record, to whom, without which values.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pypdf import PdfReader, PdfWriter

from kcdesk.actions.desk import Desk
from kcdesk.actions.documents import PERSONAL, Printed, file_words, print_document
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
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that left, and what was not on it (keys)."""

    path: Path
    bytes: int
    left_out: tuple[str, ...]


def protect(pdf: bytes, password: str) -> bytes:
    """The PDF encrypted with AES-256; nobody opens it without the password. Raises `BadInput` for a short one."""
    if len(password) < SHORTEST_PASSWORD:
        raise BadInput(
            f"Mật khẩu của tệp cần ít nhất {SHORTEST_PASSWORD} ký tự.",
            hint="Dùng một câu dễ nhớ; báo cho người nhận bằng cách khác, không gửi kèm tệp.",
        )
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    writer.encrypt(password, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


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
    """Write a printed paper into a file, and that into the book. Raises `BadInput`, `unwritable` for the disk."""
    content = protect(printed.pdf, password) if password else printed.pdf
    try:
        write_durably(path, content)
    except OSError:
        raise BadInput(
            f"Không ghi được tệp “{path}”.",
            hint="Kiểm tra thư mục và quyền ghi.",
            code="unwritable",
        ) from None
    desk.workspace.papers.note(
        desk.clock(),
        how,
        printed.form,
        record=printed.record,
        establishment=printed.establishment,
        version=printed.version,
        file_name=path.name,
        taker=taker,
        left_out=tuple(left_out),
    )
    return Sent(path, len(content), tuple(left_out))


def send_copy(
    desk: Desk,
    form_id: str,
    record: str,
    folder: Path,
    *,
    taker: str,
    personal: bool = False,
    password: str = "",
    folders: Sequence[Path] = (),
) -> Sent:
    """A copy of a paper for somebody, in `folder` under a ready name; without personal data unless it is asked for.

    Raises `NotFound`, `BadInput`.
    """
    left_out = () if personal else PERSONAL
    printed = print_document(desk, form_id, record, leave_out=left_out, folders=folders)
    if not taker.strip():
        raise BadInput("Chưa ghi gửi cho ai.", hint="Ghi người nhận (--to).")
    name = copy_name(desk.today, printed.file_name)
    how = "protected" if password else "copy"
    return hand_out(
        desk, printed, folder / name, how=how, taker=taker, password=password, left_out=left_out
    )


def copy_name(day: datetime.date, file_name: str) -> str:
    """`2026-05-20_f02_hop-tac-xa-a.pdf`: the day it is sent, and what it is."""
    stem, _, ending = file_name.rpartition(".")
    parts = stem.split("_")[1:]
    return f"{day.isoformat()}_{'_'.join(file_words(part) for part in parts)}.{ending}"


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
