"""Texts in cells and under signatures: broken into lines by words, and by letters where a word is too long."""

from __future__ import annotations

from functools import lru_cache

from reportlab.pdfbase.pdfmetrics import stringWidth


@lru_cache(maxsize=16384)
def width_of(text: str, font: str, size: float) -> float:
    """Points across; kept, for most texts of a pile are those of its form."""
    return stringWidth(text, font, size)


def broken(text: str, font: str, size: float, width: float) -> list[str]:
    """The lines of a text in `width` points; nothing is ever cut off."""
    return list(_broken(text, font, size, width))


@lru_cache(maxsize=8192)
def _broken(text: str, font: str, size: float, width: float) -> tuple[str, ...]:
    """Kept, for most texts of a pile are those of its form."""
    lines: list[str] = []
    for part in text.split("\n"):
        line = ""
        for word in part.split():
            candidate = f"{line} {word}" if line else word
            if width_of(candidate, font, size) <= width:
                line = candidate
                continue
            if line:
                lines.append(line)
            line = word
            while width_of(line, font, size) > width:
                head = _fitting(line, font, size, width)
                lines.append(line[:head])
                line = line[head:]
        lines.append(line)
    return tuple(lines)


def _fitting(word: str, font: str, size: float, width: float) -> int:
    """How many letters of a word fit, up to a mark inside it if there is one; at least one letter."""
    fits = next((n for n in range(len(word), 1, -1) if width_of(word[:n], font, size) <= width), 1)
    at_mark = max((word.rfind(mark, 0, fits) for mark in "_-/"), default=-1) + 1
    return at_mark or fits


_PLACES = ("TỈNH", "THÀNH PHỐ", "XÃ", "PHƯỜNG", "ĐẶC KHU", "HUYỆN")


def office_lines(text: str, font: str, size: float, width: float) -> list[str]:
    """The name of an office (capitals): the place it belongs to begins a line, where that makes no more lines.

    A line break in the name is one on paper, too.
    """
    lines = broken(text, font, size, width)
    for place in _PLACES if len(lines) > 1 else ():
        at = text.rfind(f" {place} ")
        if at > 0:
            parted = [
                part
                for half in (text[:at], text[at + 1 :])
                for part in broken(half, font, size, width)
            ]
            if len(parted) == len(lines):
                return parted
    return lines


def fitting_size(text: str, font: str, size: float, width: float) -> float:
    """The size at which a number stands in one line: digits of an amount are never parted."""
    needed = width_of(text, font, size)
    return size if needed <= width else max(size * width / needed, 4.0)
