"""Whole numbers and amounts of money in Vietnamese words, as official papers print them.

Owns the reading of integers of any size. Printing digits with dots is the business of whoever prints.

Rules (dossier V-WORDS): a group of three below the leading one is read in full (`không trăm linh năm`);
an empty group is named when something follows it (`một triệu không nghìn không trăm linh năm`) and
silent otherwise; `mốt`, `tư`, `lăm` after `mươi`, `lăm` after `mười`; beyond 999 tỷ the number of
tỷ is itself a number (`một nghìn hai trăm năm mươi tỷ`, `một tỷ tỷ`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_AFTER_MUOI = {5: "lăm"}
_AFTER_TENS = {1: "mốt", 4: "tư", 5: "lăm"}
_BILLION = 10**9


@dataclass(frozen=True)
class WordStyle:
    """Which of the equally right words a province prefers, and what stands behind an amount."""

    linh: Literal["linh", "lẻ"] = "linh"
    nghin: Literal["nghìn", "ngàn"] = "nghìn"
    ty: Literal["tỷ", "tỉ"] = "tỷ"
    dong: Literal["đồng", "đồng chẵn"] = "đồng"


OFFICIAL = WordStyle()


def in_words(number: int, style: WordStyle = OFFICIAL) -> str:
    """`number` in lower-case words; any size, negative numbers with `âm`.

    >>> in_words(1_005_000)
    'một triệu không trăm linh năm nghìn'
    >>> in_words(-21, WordStyle())
    'âm hai mươi mốt'
    """
    if number < 0:
        return f"âm {in_words(-number, style)}"
    return " ".join(_number(number, style)) or _DIGITS[0]


def dong_in_words(amount_vnd: int, style: WordStyle = OFFICIAL) -> str:
    """An amount in đồng as a sentence begins: first letter capital, `đồng` behind.

    >>> dong_in_words(105_000_000)
    'Một trăm linh năm triệu đồng'
    """
    words = f"{in_words(amount_vnd, style)} {style.dong}"
    return words[0].upper() + words[1:]


def _number(number: int, style: WordStyle) -> list[str]:
    """Words of a number without padding; empty for 0."""
    billions, rest = divmod(number, _BILLION)
    if not billions:
        return _below_billion(rest, style, padded=False)
    return [*_number(billions, style), style.ty, *_below_billion(rest, style, padded=True)]


def _below_billion(number: int, style: WordStyle, *, padded: bool) -> list[str]:
    words: list[str] = []
    for scale, name in ((1_000_000, "triệu"), (1_000, style.nghin), (1, "")):
        group, rest = divmod(number, scale)
        follows = padded or bool(words)
        if group:
            words += _group(group, style, padded=follows)
        elif follows and rest:
            words.append(_DIGITS[0])
        if name and (group or (follows and rest)):
            words.append(name)
        number = rest
    return words


def _group(group: int, style: WordStyle, *, padded: bool) -> list[str]:
    """Words of 1 to 999; `padded` reads the hundreds even when they are nought."""
    hundreds, below = divmod(group, 100)
    tens, ones = divmod(below, 10)
    words = [_DIGITS[hundreds], "trăm"] if hundreds or padded else []
    if tens == 0:
        if ones:
            words += [style.linh, _DIGITS[ones]] if words else [_DIGITS[ones]]
        return words
    words += ["mười"] if tens == 1 else [_DIGITS[tens], "mươi"]
    if ones:
        words.append((_AFTER_MUOI if tens == 1 else _AFTER_TENS).get(ones, _DIGITS[ones]))
    return words
