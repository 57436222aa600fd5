"""Tinos, the one typeface of our papers: Times New Roman's metrics, all Vietnamese letters, OFL 1.1.

Owns where the four faces lie and their one registration per process.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD, ITALIC, BOLD_ITALIC = (
    "Tinos-Regular",
    "Tinos-Bold",
    "Tinos-Italic",
    "Tinos-BoldItalic",
)
_FOLDER = Path(__file__).resolve().parents[2] / "resources" / "fonts" / "tinos"


@cache
def register_fonts() -> None:
    """Makes the faces known to ReportLab; 40 to 100 ms the first time, nothing afterwards."""
    for face in (REGULAR, BOLD, ITALIC, BOLD_ITALIC):
        pdfmetrics.registerFont(TTFont(face, str(_FOLDER / f"{face}.ttf")))
    pdfmetrics.registerFontFamily(REGULAR, REGULAR, BOLD, ITALIC, BOLD_ITALIC)
