"""What of a record tells establishments apart, reduced so that two can be compared fast.

Owns reading the fields of a record for that purpose; weighing them is `comparing`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from kcdesk.domain.code_lists import LegalForm
from kcdesk.domain.codes import check_phone
from kcdesk.domain.text import search_tokens
from kcdesk.domain.value import Value
from kcdesk.importing.duplicates.names import Name, read_name

_SEVERAL = re.compile(r"[;,/\n]|\s-\s|\bvà\b|\bhoặc\b")
_STORED_PHONE = re.compile(r"\+84[0-9]{9,10}")
_HAMLET_KINDS = frozenset(
    (
        *("thon", "ban", "to", "dan", "pho", "tdp", "ap", "khu", "khom", "khoi", "xom", "buon"),
        *("lang", "doi", "cum", "so", "tieu"),
    )
)
PERSONAL_NUMBER_DIGITS = 12


class Profile(NamedTuple):
    """An establishment as it is compared. What is not known is empty.

    person:   whoever represents it; of a household whose list gives nobody, the name itself
    personal: its name is that person's
    tax_code: 10 digits, or 13 with the hyphen; a personal number used as tax code stands with the numbers
    numbers:  personal numbers
    phones:   as `+84...`
    communes: codes of today, several while nobody has decided
    old:      code of the former commune
    hamlet:   folded, without "thôn", "bản"
    trade:    folded words
    """

    name: Name
    person: Name
    personal: bool
    tax_code: str
    numbers: frozenset[str]
    phones: frozenset[str]
    communes: frozenset[str]
    old: str
    hamlet: str
    trade: frozenset[str]
    vsic: str
    year: int
    form: str


def profile_of(record: Mapping[str, Value]) -> Profile:
    """The profile of fields of an establishment: of a listed row, a folded state or a row to be imported."""
    name, person = read_name(_text(record, "name")), read_name(_text(record, "rep_name"))
    form = _text(record, "legal_form")
    if not person.joined and form == LegalForm.HO_KINH_DOANH:
        person = name
    tax_code, numbers = _text(record, "tax_code"), _text(record, "rep_id_no")
    found = {numbers} if numbers else set()
    if len(tax_code) == PERSONAL_NUMBER_DIGITS and tax_code.isdecimal():
        found.add(tax_code)
        tax_code = ""
    commune, candidates = record.get("commune"), record.get("commune_candidates")
    if isinstance(commune, str):
        communes = frozenset((commune,))
    else:
        listed = candidates if isinstance(candidates, list) else ()
        communes = frozenset(code for code in listed if isinstance(code, str))
    year = record.get("founded_year")
    return Profile(
        name,
        person,
        bool(name.joined) and name.words == person.words,
        tax_code,
        frozenset(found) if found else _NONE,
        _phones(_text(record, "phone")),
        communes,
        _text(record, "old_commune"),
        _hamlet(_text(record, "hamlet")),
        _trade(_text(record, "trade")),
        _text(record, "vsic"),
        year if isinstance(year, int) else 0,
        form,
    )


_NONE: frozenset[str] = frozenset()


def _text(record: Mapping[str, Value], field: str) -> str:
    value = record.get(field)
    return value if isinstance(value, str) else ""


def _phones(written: str) -> frozenset[str]:
    """The numbers in a text as `+84...`; what is no number of Vietnam is left out.

    >>> sorted(_phones("0865.842.388; 0912 345 678"))
    ['+84865842388', '+84912345678']
    """
    if _STORED_PHONE.fullmatch(written):
        return frozenset((written,))
    numbers = (check_phone(part).value for part in _SEVERAL.split(written))
    return frozenset(n for n in numbers if n is not None and _STORED_PHONE.fullmatch(n))


@lru_cache(maxsize=16384)
def _hamlet(written: str) -> str:
    """What names a hamlet, with numbers as numbers.

    >>> _hamlet("Thôn Dín 01") == _hamlet("dín 1"), _hamlet("Tổ dân phố số 3")
    (True, '3')
    """
    words = [str(int(w)) if w.isdecimal() else w for w in search_tokens(written)]
    return " ".join([word for word in words if word not in _HAMLET_KINDS] or words)


@lru_cache(maxsize=4096)
def _trade(written: str) -> frozenset[str]:
    return frozenset(search_tokens(written))
