"""Who issues a paper: the office with its names and its signer on one day, and how it writes numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

from kcdesk.domain.words import OFFICIAL, WordStyle


@dataclass(frozen=True, slots=True)
class Signer:
    """prefix: lines above the position, such as `KT. GIÁM ĐỐC`; empty for the head of the office."""

    name: str
    position: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Issuer:
    """An office on the day of a paper.

    Schemes take `{number}`, `{symbol}` (of the kind of paper), `{office}` (of the office) and `{year}`.
    """

    name: str
    parent: str = ""
    symbol: str = ""
    place: str = ""
    signer: Signer | None = None
    number_scheme: str = "{number}/{symbol}-{office}"
    letter_scheme: str = "{number}/{office}"
    contract_scheme: str = "{number}/{year}/{symbol}-{office}"

    def number(self, number: str, symbol: str, year: str, *, letter: bool) -> str:
        """`05/BC-TTKC`; a number below 10 has a leading nought (NĐ 30/2020), an unknown one leaves room to write it."""
        shown = number.zfill(2) if number.isdecimal() else number
        scheme = self.letter_scheme if letter else self.number_scheme
        if symbol == "HĐ":
            scheme = self.contract_scheme
        values = {"number": shown or " " * 6, "symbol": symbol, "office": self.symbol, "year": year}
        for key, value in values.items():
            scheme = scheme.replace(f"{{{key}}}", value)
        return scheme


@dataclass(frozen=True, slots=True)
class Manner:
    """How papers of this office are written: who issues them, and the words of amounts."""

    issuer: Issuer | None = None
    words: WordStyle = field(default=OFFICIAL)
