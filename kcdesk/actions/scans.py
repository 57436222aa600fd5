"""Scans of signed papers, filed by the codes of their pages where they belong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kcdesk.actions.attachments import add_content
from kcdesk.actions.desk import Desk
from kcdesk.actions.paper_codes import FoundPaper, found_record
from kcdesk.domain.code_lists import AttachmentPurpose
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, NotFound
from kcdesk.importing.scanned_pages import ScannedPage, pages_as_pdf, read_scan
from kcdesk.storage.papers import UnreadPage


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


def file_scan(desk: Desk, path: Path) -> ScanFiled:
    """Split a scan by the codes of its pages, and attach each paper to its record as a signed copy.

    Pages of one paper go together in their order, however they lay in the scanner. Raises `BadInput`, `WorkspaceError`.
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise BadInput(
            f"Không đọc được tệp “{path}”.", hint="Kiểm tra đường dẫn.", code="no_file"
        ) from None
    together: dict[tuple[str, str], list[tuple[int, int]]] = {}
    owners: dict[str, FoundPaper] = {}
    waiting: list[ScannedPage] = []
    not_scanned: list[int] = []
    for page in read_scan(path.name, content):
        if page.picture is None:
            not_scanned.append(page.number)
            continue
        code = page.code
        try:
            if code is None or not code.record:
                raise NotFound("")
            owners[code.record] = found_record(desk, code.record, code)
        except NotFound:
            waiting.append(page)
            continue
        together.setdefault((code.form, code.record), []).append((code.page, page.number))
    filed = []
    for (form, record), pages in together.items():
        numbers = tuple(number for _, number in sorted(pages))
        copy = pages_as_pdf(path.name, content, numbers)
        attachment = add_content(
            desk,
            owners[record].establishment,
            f"{form} da ky",
            copy,
            title=f"{form} đã ký",
            purpose=AttachmentPurpose.APPLICATION,
            of=record if owners[record].kind != ESTABLISHMENTS.name else "",
        )
        desk.workspace.papers.came_back(desk.clock(), form, record, attachment)
        filed.append(Filed(form, record, numbers, attachment))
    for page in waiting:
        desk.workspace.papers.keep_unread(desk.clock(), path.name, page.number, page.picture or b"")
    return ScanFiled(tuple(filed), tuple(page.number for page in waiting), tuple(not_scanned))


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
