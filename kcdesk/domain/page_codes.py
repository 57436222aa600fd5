"""The code on each page: which form, record, state and page it is, for a scanner and for people who type.

Letters and digits that no Vietnamese input method changes (Telex, VNI): no vowel, no letter that marks a tone,
so a scanner that types into a field can be read whatever keyboard is on.

    scanned   KC1:F02:<record, 28 letters>:<version, 7>:<page>
    typed     F02 7KQ-2BN-M4T: of the form and the record, the last letter checks the others
"""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass

from stdnum.iso7064.mod_37_36 import calc_check_digit

ALPHABET = "0123456789BCGHKLMNPQTVYZ"
"""Y and Z are not changed either without a vowel before them."""
_PREFIX = "KC1"
_RECORD, _VERSION, _SHORT = 28, 7, 8
_SCANNED = re.compile(rf"{_PREFIX}:([A-Z0-9-]+):([{ALPHABET}]*):([{ALPHABET}]*):(\d+)")

_SHEET = re.compile(r"kcdesk:([\w.-]+)@[^:]*:([0-9a-f-]{36}|):[^:]*:(\d+)", re.IGNORECASE)
"""The code of an answer sheet, which also names the version of its questionnaire."""


@dataclass(frozen=True, slots=True)
class PageCode:
    """record: its id, empty on a form for nobody yet; version: 8 hexadecimal digits or empty; page counts from 1."""

    form: str
    record: str
    version: str
    page: int

    def scanned(self) -> str:
        """The text of the QR code."""
        record = _letters(uuid.UUID(self.record).int, _RECORD) if self.record else ""
        version = _letters(int(self.version, 16), _VERSION) if self.version else ""
        return f"{_PREFIX}:{self.form}:{record}:{version}:{self.page}"

    def typed(self) -> str:
        """What people type: the form, and nine letters of the record; only the form where there is no record."""
        return f"{self.form} {short_code(self.record)}".strip() if self.record else self.form


def read_scanned(text: str) -> PageCode | None:
    """The code in what a scanner sent; None when it is none of ours.

    >>> code = PageCode("F02", "019a2b3c-4d5e-7000-8000-000000000000", "0000beef", 3)
    >>> read_scanned(code.scanned().lower() + "\\n") == code
    True
    """
    sent = "".join(text.split())
    if sheet := _SHEET.fullmatch(sent):
        return PageCode(sheet[1].upper(), sheet[2], "", int(sheet[3]))
    found = _SCANNED.fullmatch(sent.upper())
    if found is None:
        return None
    form, record, version, page = found.groups()
    number = _number(record)
    if number >> 128 or (record and len(record) != _RECORD):
        return None
    name = str(uuid.UUID(int=number)) if record else ""
    return PageCode(form, name, f"{_number(version):08x}" if version else "", int(page))


def short_code(record: str) -> str:
    """Nine letters for a record, in groups of three; the last is a check letter (ISO 7064, hybrid system).

    >>> short_code("019a2b3c-4d5e-7000-8000-000000000000")
    '875-M6G-91Y'
    """
    digest = hashlib.blake2b(record.encode(), digest_size=8).digest()
    letters = _letters(int.from_bytes(digest) % len(ALPHABET) ** _SHORT, _SHORT)
    letters += str(calc_check_digit(letters, ALPHABET))
    return "-".join(letters[at : at + 3] for at in range(0, 9, 3))


def read_short(text: str) -> str | None:
    """The nine letters in what was typed, as `short_code` writes them; None when it is no such code, or a slip.

    >>> read_short("f02 875 m6g91y"), read_short("875-M6G-91V")
    ('875-M6G-91Y', None)
    """
    letters = re.sub(r"[^A-Z0-9]", "", text.upper().strip())[-9:]
    if len(letters) != 9 or not set(letters) <= set(ALPHABET):
        return None
    if str(calc_check_digit(letters[:-1], ALPHABET)) != letters[-1]:
        return None
    return "-".join(letters[at : at + 3] for at in range(0, 9, 3))


def _letters(number: int, count: int) -> str:
    out = ""
    for _ in range(count):
        number, digit = divmod(number, len(ALPHABET))
        out = ALPHABET[digit] + out
    return out


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * len(ALPHABET) + ALPHABET.index(letter)
    return number
