"""A test page with rulers of 100 mm: an office prints it and measures it, to see that nothing is scaled."""

from __future__ import annotations

import io

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from kcdesk.documents.fonts import BOLD, REGULAR, register_fonts

TITLE = "Trang thử máy in"
_TEXTS = (
    "Đặt thước lên hai vạch dưới đây: mỗi vạch phải dài đúng 100 mm.",
    "Ngắn hơn hoặc dài hơn: trong hộp thoại in, bỏ “vừa với trang giấy”, chọn khổ A4 và tỷ lệ 100%.",
    "Khung ngoài cách mép giấy 10 mm: bị mất cạnh nào là máy in không in được sát mép ấy.",
)


def draw_ruler() -> bytes:
    """The page as PDF: a level ruler from 55 to 155 mm at 150 mm from the top, an upright one below it."""
    register_fonts()
    out = io.BytesIO()
    width, height = A4
    canvas = Canvas(
        out,
        pagesize=A4,
        invariant=1,
        initialFontName=REGULAR,  # type: ignore[arg-type]  # the stub says float
        lang="vi-VN",
    )
    canvas.setTitle(TITLE)
    canvas.setFont(BOLD, 16)
    canvas.drawCentredString(width / 2, height - 40 * mm, TITLE.upper())
    canvas.setFont(REGULAR, 13)
    for count, text in enumerate(_TEXTS):
        canvas.drawCentredString(width / 2, height - (60 + 9 * count) * mm, text)
    canvas.setLineWidth(0.6)
    canvas.rect(10 * mm, 10 * mm, width - 20 * mm, height - 20 * mm)
    canvas.setLineWidth(0.4)
    left, level = 55 * mm, height - 150 * mm
    for at in range(101):
        tall = 7 if at % 10 == 0 else 5 if at % 5 == 0 else 3
        canvas.line(left + at * mm, level, left + at * mm, level + tall * mm)
        canvas.line(left, level - (15 + at) * mm, left + tall * mm, level - (15 + at) * mm)
    canvas.line(left, level, left + 100 * mm, level)
    canvas.line(left, level - 15 * mm, left, level - 115 * mm)
    canvas.showPage()
    canvas.save()
    return out.getvalue()
