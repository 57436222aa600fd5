"""Which columns of a sheet were typed in an old encoding, and the sheet in Unicode.

Owns the guess, with its certainty and its reason, and the turning of whole columns. The tables are those of
`old_encodings`. A guess is proposed to a person where it is not certain; cells that were Unicode already stay.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import islice

from kcdesk.domain.syllables import looks_vietnamese
from kcdesk.importing.cells import column_letter
from kcdesk.importing.columns import meaning_of
from kcdesk.importing.old_encodings import Encoding, decode
from kcdesk.importing.workbook import Cell, Sheet

Fonts = Mapping[tuple[int, int], str]
"""(row from 0, column from 0) -> name of the font of that cell."""

CERTAIN = 0.9
"""From here on a guess needs nobody's word."""

_MOSTLY = 0.5
"""A column in which fewer words than this can be Vietnamese was typed in something else."""

_SAMPLES = 3
_READ_AT_MOST = 2_000
"""Different texts of a column that a guess looks at."""

_AROUND = ".,;:()[]\"'“”‘’-–/0123456789"


@dataclass(frozen=True, slots=True)
class ColumnEncoding:
    """How a column was typed.

    certainty: 0 to 1; reason: in words, for the person who decides
    samples:   some of its texts before and after
    """

    index: int
    encoding: Encoding
    certainty: float
    reason: str
    samples: tuple[tuple[str, str], ...]

    @property
    def letter(self) -> str:
        return column_letter(self.index)

    @property
    def is_certain(self) -> bool:
        return self.certainty >= CERTAIN


def detect_columns(sheet: Sheet, fonts: Fonts | None = None) -> tuple[ColumnEncoding, ...]:
    """The columns that are not plain Unicode, each with what it seems to be.

    fonts: of the cells, where the file says them; a font named `.Vn*` or `VNI-*` settles the matter
    """
    columns = _texts_of(sheet)
    guesses = {index: _guess(index, texts, fonts or {}) for index, texts in columns.items()}
    certain = Counter(guess.encoding for guess in guesses.values() if guess and guess.is_certain)
    around = next((encoding for encoding, _ in certain.most_common(1)), None)
    found = [
        _beside(guesses[index], around, index, texts, fonts or {})
        for index, texts in columns.items()
    ]
    return tuple(column for column in found if column is not None)


def seems_old(sheet: Sheet, guesses: Sequence[ColumnEncoding]) -> bool:
    """Whether some column is not plain Vietnamese in Unicode, so that its fonts are worth reading.

    guesses: of `detect_columns` without fonts
    """
    if any(column.encoding is not Encoding.DECOMPOSED for column in guesses):
        return True
    composed = {column.index for column in guesses}
    return any(
        _share_of_syllables(_some_of(texts)) < _MOSTLY
        for index, texts in _texts_of(sheet).items()
        if index not in composed
    )


def as_chosen(
    sheet: Sheet, index: int, encoding: Encoding, fonts: Fonts | None = None
) -> ColumnEncoding:
    """The column typed as a person said."""
    texts = _texts_of(sheet).get(index, {})
    return _column(index, texts, fonts or {}, encoding, 1.0, "được chọn")


def in_unicode(
    sheet: Sheet, encodings: Mapping[int, Encoding], fonts: Fonts | None = None
) -> Sheet:
    """The sheet with its texts in Unicode (NFC); `encodings`: column index -> how it was typed.

    A capitals font (`.VnTimeH`) gives the capitals that were read on paper.
    """
    names = fonts or {}
    of_old_fonts = {column for (_, column), font in names.items() if _family(font)}
    rows: list[list[Cell]] = []
    for row, cells in enumerate(sheet.rows):
        rows.append(
            [
                _decoded(cell, encodings[index], names.get((row, index), ""), index in of_old_fonts)
                if index in encodings and isinstance(cell, str)
                else cell
                for index, cell in enumerate(cells)
            ]
        )
    return replace(sheet, rows=rows)


def _family(font: str) -> Encoding | None:
    """The encoding that a font was made for; None for a font of Unicode, or no font at all."""
    name = font.casefold()
    if name.startswith(".vn"):
        return Encoding.TCVN3
    if name.startswith("vni"):
        return Encoding.VNI
    return Encoding.VPS if name.startswith("vps") else None


_Texts = Mapping[int, str]
"""Row from 0 -> text, of one column."""


def _texts_of(sheet: Sheet) -> dict[int, _Texts]:
    """Column from 0 -> its texts with other letters than those of ASCII; columns without any are left out."""
    columns: dict[int, dict[int, str]] = {}
    for row, cells in enumerate(sheet.rows):
        for index, cell in enumerate(cells):
            if isinstance(cell, str) and not cell.isascii():
                columns.setdefault(index, {})[row] = cell
    return {index: columns[index] for index in sorted(columns)}


def _guess(index: int, texts: _Texts, fonts: Fonts) -> ColumnEncoding | None:
    """What a column seems to be, looked at by itself; None for plain composed Unicode."""

    column = partial(_column, index, texts, fonts)
    if not all(unicodedata.is_normalized("NFC", text) for text in texts.values()):
        return column(Encoding.DECOMPOSED, 1.0, "dấu đứng rời khỏi chữ")
    of_texts = (fonts.get((row, index), "") for row in texts) if fonts else ()
    families = Counter(family for font in of_texts if (family := _family(font)) is not None)
    by_font, count = next(iter(families.most_common(1)), (None, 0))
    if by_font is Encoding.VPS and count * 2 > len(texts):
        return column(Encoding.VPS, 1.0, "phông chữ VPS")
    scores = _scores(texts)
    if by_font is not None and scores.get(by_font, 0.0) >= scores[Encoding.UNICODE]:
        certainty = 1.0 if count == len(texts) else 0.95
        return column(by_font, certainty, f"phông chữ {by_font.value}")
    best = max(scores, key=lambda encoding: (scores[encoding], encoding is Encoding.UNICODE))
    if best is Encoding.UNICODE:
        return None
    margin = scores[best] - max(share for other, share in scores.items() if other is not best)
    certainty = round(scores[best] * min(1.0, margin * 2) * min(1.0, len(texts) / 5), 2)
    return column(best, certainty, f"{scores[best]:.0%} số tiếng đọc được theo {best.value}")


def _beside(
    guess: ColumnEncoding | None,
    around: Encoding | None,
    index: int,
    texts: _Texts,
    fonts: Fonts,
) -> ColumnEncoding | None:
    """A guess again, among the other columns: who types one in an old font mostly types all of them in it."""
    if around not in {Encoding.TCVN3, Encoding.VNI} or (guess is not None and guess.is_certain):
        return guess
    if guess is not None and guess.encoding is around:
        return replace(guess, certainty=CERTAIN, reason=f"{guess.reason}, như các cột bên cạnh")
    scores = _scores(texts)
    if (
        guess is not None
        or scores[around] < scores[Encoding.UNICODE]
        or _is_plainly_unicode(index, texts, around, fonts)
    ):
        return guess
    reason = "đọc được cả hai cách; các cột bên cạnh là cách này"
    column = _column(index, texts, fonts, around, 0.5, reason)
    return None if all(before == after for before, after in column.samples) else column


def _is_plainly_unicode(index: int, texts: _Texts, other: Encoding, fonts: Fonts) -> bool:
    """Whether a column that could be read both ways shows that it is Unicode: by its fonts, by letters that the old
    encoding does not have, or by a head that says something only so."""
    of_fonts = [fonts[row, index] for row in texts if (row, index) in fonts]
    if of_fonts and not any(map(_family, of_fonts)):
        return True
    return any(
        _is_unicode_already(text)
        or (meaning_of(text) is not None and meaning_of(_decoded(text, other, "")) is None)
        for text in _some_of(texts)
    )


def _column(
    index: int, texts: _Texts, fonts: Fonts, encoding: Encoding, certainty: float, reason: str
) -> ColumnEncoding:
    samples = tuple(
        (text, _decoded(text, encoding, fonts.get((row, index), "")))
        for row, text in list(texts.items())[:_SAMPLES]
    )
    return ColumnEncoding(index, encoding, certainty, reason, samples)


def _scores(texts: _Texts) -> dict[Encoding, float]:
    read = _some_of(texts)
    return {
        encoding: _share_of_syllables(_decoded(text, encoding, "") for text in read)
        for encoding in (Encoding.UNICODE, Encoding.TCVN3, Encoding.VNI)
    }


def _some_of(texts: _Texts) -> list[str]:
    """The first different texts of a column."""
    return list(islice(dict.fromkeys(texts.values()), _READ_AT_MOST))


def _share_of_syllables(texts: Iterable[str]) -> float:
    """How many of the words with a mark could be Vietnamese, 0 to 1."""
    words = [
        word
        for text in texts
        for part in text.split()
        if (word := part.strip(_AROUND)) and not word.isascii()
    ]
    return sum(map(_could_be_syllable, words)) / len(words) if words else 0.0


_could_be_syllable = lru_cache(maxsize=1 << 14)(looks_vietnamese)
"""Names and places are few words said again and again."""


def _decoded(text: str, encoding: Encoding, font: str, beside_old_fonts: bool = False) -> str:
    """A text of a column in Unicode. `beside_old_fonts`: other cells of the column have fonts of an old encoding."""
    if encoding is Encoding.VPS:
        return text
    if encoding in {Encoding.TCVN3, Encoding.VNI} and (
        _is_unicode_already(text) or _reads_better_as_it_is(text, encoding, font, beside_old_fonts)
    ):
        return unicodedata.normalize("NFC", text)
    return decode(text, encoding, capitals=_is_capitals(font) and encoding is Encoding.TCVN3)


def _reads_better_as_it_is(
    text: str, encoding: Encoding, font: str, beside_old_fonts: bool
) -> bool:
    """Whether a cell of a column in an old encoding was Unicode all the same: people typed on in another font.

    An old font settles it. Otherwise the reading that gives more Vietnamese words does, and where both give as many, a
    font of Unicode between old ones.
    """
    if text.isascii() or _family(font) is not None:
        return False
    as_it_is = _share_of_syllables([text])
    decoded = _share_of_syllables([decode(text, encoding)])
    return as_it_is > decoded or (as_it_is == decoded and beside_old_fonts and font != "")


def _is_capitals(font: str) -> bool:
    return _family(font) is Encoding.TCVN3 and font.rstrip().endswith("H")


def _is_unicode_already(text: str) -> bool:
    """Whether a text has small letters that the old encodings do not have as characters: ả, ờ, ạ ..."""
    return any(letter.islower() and ord(letter) > 0xFF for letter in text)
