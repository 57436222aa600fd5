"""Texts in cells and under signatures: broken into lines by words, and by letters where a word is too long."""

from __future__ import annotations

from reportlab.pdfbase.pdfmetrics import stringWidth


def broken(text: str, font: str, size: float, width: float) -> list[str]:
    """The lines of a text in `width` points; nothing is ever cut off."""
    lines: list[str] = []
    for part in text.split("\n"):
        line = ""
        for word in part.split():
            candidate = f"{line} {word}" if line else word
            if stringWidth(candidate, font, size) <= width:
                line = candidate
                continue
            if line:
                lines.append(line)
            line = word
            while stringWidth(line, font, size) > width:
                head = _fitting(line, font, size, width)
                lines.append(line[:head])
                line = line[head:]
        lines.append(line)
    return lines


def _fitting(word: str, font: str, size: float, width: float) -> int:
    """How many letters of a word fit; at least one."""
    for count in range(len(word), 1, -1):
        if stringWidth(word[:count], font, size) <= width:
            return count
    return 1
