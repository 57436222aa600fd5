"""Scans of signed papers, filed by the codes of their pages where they belong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kcdesk.actions.attachments import add_content
from kcdesk.actions.desk import Desk
from kcdesk.actions.paper_codes import FoundPaper, found_record
from kcdesk.domain.code_lists import AttachmentPurpose
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.domain.page_codes import PageCode
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, NotFound
from kcdesk.storage.papers import UnreadPage

if TYPE_CHECKING:
    from kcdesk.importing.scanned_pages import ScannedPage


@dataclass(frozen=True, slots=True)
class Filed:
    """Pages of a scan that were filed together: to which paper, and as which attachment."""

    form: str
    record: str
    pages: tuple[int, ...]
    attachment: str

    def as_json(self) -> dict[str, Value]:
        return {
            "form": self.form,
            "record": self.record,
            "pages": list(self.pages),
            "attachment": self.attachment,
        }


@dataclass(frozen=True, slots=True)
class ScanFiled:
    """What became of a scan. waiting: pages whose code was not read, or names nothing here; their pictures are kept.
    not_scanned: pages that are no pictures."""

    filed: tuple[Filed, ...]
    waiting: tuple[int, ...]
    not_scanned: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan that was read: the file, and its pages with their codes."""

    name: str
    content: bytes
    pages: tuple[ScannedPage, ...]


def file_scan(desk: Desk, path: Path) -> ScanFiled:
    """Split a scan by the codes of its pages, and attach each paper to its record as a signed copy.

    Raises `BadInput`, `WorkspaceError`.
    """
    return file_pages(desk, read_pages(path))


def read_pages(path: Path, read: Callable[[int], None] = lambda _: None) -> Scan:
    """A scan with the codes of its pages. Needs no desk. `read` is told each page, and may raise. Raises `BadInput`."""
    from kcdesk.importing.scanned_pages import read_scan  # noqa: PLC0415 -- loads Pillow, zxing

    try:
        content = path.read_bytes()
    except OSError:
        raise BadInput(
            f"Không đọc được tệp “{path}”.", hint="Kiểm tra đường dẫn.", code="no_file"
        ) from None
    pages = []
    for page in read_scan(path.name, content):
        pages.append(page)
        read(page.number)
    return Scan(path.name, content, tuple(pages))


def file_pages(desk: Desk, scan: Scan) -> ScanFiled:
    """Attach each paper of a scan to its record, or to the establishment that it was handed out for.

    Pages of one paper go together in their order, however they lay in the scanner. Raises `WorkspaceError`.
    """
    from kcdesk.importing.scanned_pages import pages_as_pdf  # noqa: PLC0415

    together: dict[tuple[str, str], list[tuple[int, int]]] = {}
    owners: dict[str, FoundPaper] = {}
    waiting: list[ScannedPage] = []
    not_scanned: list[int] = []
    for page in scan.pages:
        if page.picture is None:
            not_scanned.append(page.number)
            continue
        code = page.code
        try:
            if code is None or not code.record:
                raise NotFound("")
            owners[code.record] = _owner(desk, code)
        except NotFound:
            waiting.append(page)
            continue
        together.setdefault((code.form, code.record), []).append((code.page, page.number))
    filed = []
    for (form, record), pages in together.items():
        numbers = tuple(number for _, number in sorted(pages))
        copy = pages_as_pdf(scan.name, scan.content, numbers)
        attachment = add_content(
            desk,
            owners[record].establishment,
            f"{form} da ky",
            copy,
            title=f"{form} đã ký",
            purpose=AttachmentPurpose.APPLICATION,
            of=record if owners[record].kind not in ("", ESTABLISHMENTS.name) else "",
        )
        desk.workspace.papers.came_back(desk.clock(), form, record, attachment)
        filed.append(Filed(form, record, numbers, attachment))
    for page in waiting:
        desk.workspace.papers.keep_unread(
            desk.clock(),
            scan.name,
            page.number,
            page.picture or b"",
            page.code.record if page.code is not None else "",
        )
    return ScanFiled(tuple(filed), tuple(page.number for page in waiting), tuple(not_scanned))


def _owner(desk: Desk, code: PageCode) -> FoundPaper:
    """Whose a page is; of a form whose record was never typed in, who it was handed out for. Raises `NotFound`."""
    try:
        return found_record(desk, code.record, code)
    except NotFound:
        establishment = desk.workspace.papers.handed_out_for(code.record)
        if not establishment or desk.workspace.papers.kind_of(establishment) is None:
            raise
        return FoundPaper("", code.record, establishment, code.form)


def unread_pages(desk: Desk) -> list[UnreadPage]:
    """The pages that wait, with their pictures."""
    return desk.workspace.papers.unread()


def file_unread(desk: Desk, number: int, establishment: str) -> str:
    """Attach a waiting page to the establishment a person says; the attachment. Raises `NotFound`, `WorkspaceError`."""
    page = next((one for one in desk.workspace.papers.unread() if one.id == number), None)
    if page is None:
        raise NotFound(
            f"Không có trang chờ số {number}.",
            hint="Xem các trang chờ bằng kcdesk document waiting.",
        )
    title = f"Trang {page.page} của {page.file_name}"
    attachment = add_content(
        desk, establishment, "trang.jpg", page.picture, title=title, purpose=AttachmentPurpose.OTHER
    )
    desk.workspace.papers.forget_unread(number)
    return attachment


def drop_unread(desk: Desk, number: int) -> None:
    """Forget a waiting page: nobody needs it. Whatever its number, it is not there afterwards."""
    desk.workspace.papers.forget_unread(number)
