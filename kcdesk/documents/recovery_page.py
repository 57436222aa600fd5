"""The page with a recovery code: one A4 sheet to print and put away. Its text is the program's own and stands here."""

from __future__ import annotations

import datetime
from html import escape

from reportlab.lib.enums import TA_CENTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, Spacer
from reportlab.platypus import Table as PdfTable

from kcdesk.documents import paper
from kcdesk.documents.fonts import BOLD, register_fonts
from kcdesk.documents.own_pages import draw_own_pages

TITLE = "Mã khôi phục dữ liệu kcdesk"
_LINE = 3
"""Groups in a line of the sheet."""

_GROUP = ParagraphStyle(
    "group", paper.CELL, fontName=BOLD, fontSize=26, leading=32, alignment=TA_CENTER
)
_NUMBER = ParagraphStyle("number", paper.CELL, alignment=TA_CENTER, spaceBefore=4)


def draw_recovery_page(person: str, code: str, on: datetime.date) -> bytes:
    """The page as PDF; the same arguments give the same bytes. `code`: groups joined by hyphens."""
    register_fonts()
    groups = code.split("-")
    cells: list[list[Flowable]] = [
        [Paragraph(group, _GROUP), Paragraph(f"nhóm {number}", _NUMBER)]
        for number, group in enumerate(groups, start=1)
    ]
    rows = [cells[at : at + _LINE] for at in range(0, len(cells), _LINE)]
    table = PdfTable(rows, colWidths=(paper.BODY_WIDTH - 4 * mm) / _LINE, rowHeights=22 * mm)
    table.setStyle(
        [
            ("BOX", (0, 0), (-1, -1), 1, "black"),
            ("INNERGRID", (0, 0), (-1, -1), 0.3, "black"),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("FONT", (0, 0), (-1, -1), BOLD, paper.BODY_SIZE),
        ]
    )
    story: list[Flowable] = [
        Paragraph(TITLE.upper(), paper.TITLE),
        Spacer(0, 6 * mm),
        Paragraph(escape(f"Người dùng: {person}"), paper.BODY),
        Paragraph(f"Ngày lập: {on:%d/%m/%Y}. Mã lập trước đó đã thôi dùng.", paper.BODY),
        Spacer(0, 4 * mm),
        table,
        Spacer(0, 8 * mm),
        *(Paragraph(text, paper.BODY) for text in _TEXTS),
    ]
    return draw_own_pages(TITLE, story)


_TEXTS = (
    "Tờ giấy này mở được dữ liệu kcdesk của người ghi ở trên, không cần mật khẩu. Chỉ nó làm được việc ấy khi quên"
    " mật khẩu, khi kho khoá của máy mất khoá, hoặc khi khôi phục bản sao lưu trên một máy khác.",
    "Cất tờ giấy trong tủ có khoá, xa máy tính. Không chụp ảnh, không gửi qua tin nhắn. Ai có cả tờ giấy và dữ liệu"
    " thì đọc được mọi hồ sơ.",
    "Cách dùng: ở màn hình mở khoá chọn “Mở bằng mã khôi phục” rồi gõ chín nhóm theo thứ tự; gõ sai ở nhóm nào"
    " chương trình nói rõ nhóm ấy. Mã chỉ có chữ số và chữ cái không dấu, không có các chữ I, L, O, U: thấy giống"
    " chữ O là số 0, giống chữ I hay L là số 1.",
    "Tờ giấy bị mất hoặc có người khác xem: lập mã mới bằng lệnh kcdesk key recovery-code; mã trên tờ này thôi dùng.",
)
