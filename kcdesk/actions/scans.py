"""What a code on paper leads to: the record it was printed from, and scans of signed papers filed where they belong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kcdesk.actions.attachments import add_content
from kcdesk.actions.desk import Desk
from kcdesk.actions.papers import version_of
from kcdesk.actions.records import get_record
from kcdesk.domain.code_lists import AttachmentPurpose
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.domain.page_codes import PageCode, read_scanned, read_short
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, NotFound
from kcdesk.importing.scanned_pages import ScannedPage, pages_as_pdf, read_scan
from kcdesk.storage.papers import UnreadPage


@dataclass(frozen=True, slots=True)
class FoundPaper:
    """The record that a code names. form, version, page: of a scanned code; empty, empty and 0 of a typed one."""

    kind: str
    record: str
    establishment: str
    form: str = ""
    version: str = ""
    page: int = 0


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


def find_by_code(desk: Desk, text: str) -> FoundPaper:
    """The record of a code that a scanner sent or a person typed. Raises `BadInput` for no code, `NotFound`."""
    code = read_scanned(text)
    if code is not None:
        if not code.record:
            raise NotFound(f"Đây là mẫu {code.form} trống, chưa của hồ sơ nào.")
        return _found(desk, code.record, code)
    short = read_short(text)
    if short is None:
        raise BadInput(
            "Mã trên giấy chưa đúng.",
            hint="Mã có 9 chữ và số ở chân trang, ví dụ 875-M6G-91Y; xem lại từng ký tự.",
        )
    records = desk.workspace.papers.with_code(short)
    if len(records) > 1:
        raise BadInput(
            f"Có {len(records)} hồ sơ cùng mã {short}.",
            hint="Dùng máy đọc mã QR, hoặc mở một trong các hồ sơ: "
            + ", ".join(record for _, record in records)
            + ".",
        )
    if not records:
        raise NotFound(
            f"Không có hồ sơ nào có mã {short} trong dữ liệu này.",
            hint="Đồng bộ với tỉnh rồi thử lại.",
        )
    return _found(desk, records[0][1], None)


def looks_like_code(text: str) -> bool:
    """Whether what was typed into a search is a code of a paper rather than words."""
    return read_scanned(text) is not None or read_short(text) is not None


def _found(desk: Desk, record: str, code: PageCode | None) -> FoundPaper:
    kind = desk.workspace.papers.kind_of(record)
    if kind is None:
        raise NotFound(
            "Hồ sơ của tờ giấy này chưa có trên máy.",
            hint="Đồng bộ với tỉnh rồi thử lại, hoặc ghi phiếu này vào máy.",
        )
    row = desk.workspace.lists.get(kind, record)
    owner = record if kind == ESTABLISHMENTS.name else str(row.get("establishment") or "")
    if code is None:
        return FoundPaper(kind, record, owner)
    return FoundPaper(kind, record, owner, code.form, code.version, code.page)


def is_current(desk: Desk, found: FoundPaper, printed_version: str) -> bool:
    """Whether the record still says what the paper says."""
    return version_of(dict(get_record(desk, found.kind, found.record).row)) == printed_version


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
            owners[code.record] = _found(desk, code.record, code)
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
