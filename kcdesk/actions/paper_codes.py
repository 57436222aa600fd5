"""What a code on paper leads to: the record it was printed from."""

from __future__ import annotations

from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.domain.page_codes import PageCode, read_scanned, read_short
from kcdesk.errors import BadInput, NotFound


@dataclass(frozen=True, slots=True)
class FoundPaper:
    """The record that a code names. form, version, page: of a scanned code; empty, empty and 0 of a typed one."""

    kind: str
    record: str
    establishment: str
    form: str = ""
    version: str = ""
    page: int = 0


def find_by_code(desk: Desk, text: str) -> FoundPaper:
    """The record of a code that a scanner sent or a person typed. Raises `BadInput` for no code, `NotFound`."""
    code = read_scanned(text)
    if code is not None:
        if not code.record:
            raise NotFound(f"Đây là mẫu {code.form} trống, chưa của hồ sơ nào.")
        return found_record(desk, code.record, code)
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
    return found_record(desk, records[0][1], None)


def looks_like_code(text: str) -> bool:
    """Whether what was typed into a search is a code of a paper rather than words."""
    return read_scanned(text) is not None or read_short(text) is not None


def found_record(desk: Desk, record: str, code: PageCode | None) -> FoundPaper:
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
