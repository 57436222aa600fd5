"""Amounts of money: Vietnamese writing in, integer đồng kept, Vietnamese writing out.

Owns the rule V-MONEY of dossier section 6.4 and the reading of numbers in Vietnamese writing. Amounts in words
are in `words`. Everything is `Decimal`, so 5,76 triệu is 5.760.000 đồng and never one less.
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal

from kcdesk.domain.code_lists import Code
from kcdesk.domain.findings import Checked, hard
from kcdesk.domain.text import fold, normalise


class MoneyUnit(Code):
    """What a number of money counts."""

    DONG = "DONG", "đồng"
    NGHIN = "NGHIN", "nghìn đồng"
    TRIEU = "TRIEU", "triệu đồng"
    TY = "TY", "tỷ đồng"

    @property
    def vnd(self) -> int:
        """How many đồng one of it is."""
        return _VND[self]


_VND = {MoneyUnit.DONG: 1, MoneyUnit.NGHIN: 10**3, MoneyUnit.TRIEU: 10**6, MoneyUnit.TY: 10**9}

MAX_VND = 2**53 - 1
"""About nine million tỷ. Every program that reads our JSON keeps integers up to here exactly."""

PLAINLY_DONG = 1_000_000
"""A number without any unit that is at least this large can only count đồng: as triệu it would be a budget."""

_UNIT_WORDS = {
    "dong": MoneyUnit.DONG,
    "d": MoneyUnit.DONG,
    "vnd": MoneyUnit.DONG,
    "nghin": MoneyUnit.NGHIN,
    "ngan": MoneyUnit.NGHIN,
    "trieu": MoneyUnit.TRIEU,
    "tr": MoneyUnit.TRIEU,
    "ty": MoneyUnit.TY,
    "ti": MoneyUnit.TY,
}
_NUMBER = r"[0-9]+(?:[., ][0-9]+)*"
_PART = re.compile(
    rf"({_NUMBER}) ?(nghin|ngan|trieu|tr|ty|ti)?(?: ?(?:dong|d|vnd))?\.?(?![a-z0-9])"
)
_UNIT = re.compile(r"(?i)\b(nghìn|nghin|ngàn|triệu|trieu|tr|tỷ|tỉ|đồng|đ|vnđ|vnd)\b")
"""With their marks: without, lao động counts đồng and a công ty tỷ."""
_THOUSAND_DONG = re.compile(r"(?i)\b(1[., ]?000[., ]?000|1[., ]?000) ?(?:đồng|đ|vnđ|vnd)\b")


# -- numbers -------------------------------------------------------------------------------------------------

_GROUPED = {
    ".": re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]+)?"),
    ",": re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+\.[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3}){2,}"),
    " ": re.compile(r"[1-9][0-9]{0,2}(?: [0-9]{3})+(?:,[0-9]+)?"),
}
_PLAIN = re.compile(r"[0-9]+(?:[.,][0-9]+)?")


def read_number(text: str) -> Decimal | None:
    """A number in Vietnamese writing, or None.

    Points part thousands and a comma parts the decimals. English writing is understood where it cannot be taken
    for Vietnamese: `1,234.5`, `1,234,567`, and a point that parts no group of three (`5.76`).

    >>> [str(read_number(text)) for text in ("13.802,97", "1.500", "1,500", "5.76", "20 000", "1.50.0")]
    ['13802.97', '1500', '1.500', '5.76', '20000', 'None']
    """
    number = normalise(text)
    for separator, grouped in _GROUPED.items():
        if grouped.fullmatch(number):
            return Decimal(number.replace(separator, "").replace(",", "."))
    return Decimal(number.replace(",", ".")) if _PLAIN.fullmatch(number) else None


def exact_decimal(number: float) -> Decimal:
    """The decimal number a spreadsheet shows for its cell: 15 significant digits, none of binary's making.

    >>> exact_decimal(0.1 + 0.2), exact_decimal(1238.0)
    (Decimal('0.3'), Decimal('1238'))
    """
    return Decimal(number) if isinstance(number, int) else Decimal(f"{number:.15g}")


# -- money ---------------------------------------------------------------------------------------------------


def find_unit(text: str) -> MoneyUnit | None:
    """The unit of money that the head of a column or a remark names, or None.

    >>> find_unit("(triệu đồng/người/tháng)").label, find_unit("ĐVT: 1.000đ").label, find_unit("Đường Đê")
    ('triệu đồng', 'nghìn đồng', None)
    """
    head = normalise(text)
    if thousands := _THOUSAND_DONG.search(head):
        zeros = thousands[1].count("0")
        return MoneyUnit.NGHIN if zeros == 3 else MoneyUnit.TRIEU
    units = {_UNIT_WORDS[fold(word)] for word in _UNIT.findall(head)}
    larger = units - {MoneyUnit.DONG}
    if len(larger) == 1:
        return larger.pop()
    return MoneyUnit.DONG if units == {MoneyUnit.DONG} else None


def check_money(text: str, unit: MoneyUnit | None = None, *, field: str = "") -> Checked[int]:
    """The amount in đồng. `unit`: what a number without unit of its own counts, for instance the column's.

    Refused, each by a hard finding: what is no amount, a negative one, parts of a đồng, and a small number of
    which nobody said whether it counts đồng or triệu (V-MONEY).

    >>> [check_money(text).value for text in ("1,2 tỷ", "174 tr", "20.000.000đ", "1 tỷ 200 triệu", "1.500")]
    [1200000000, 174000000, 20000000, 1200000000, None]
    >>> check_money("1.500", MoneyUnit.TRIEU).value
    1500000000
    """
    written = normalise(text)
    if not written:
        return Checked(None)
    folded = fold(written)
    if folded.startswith(("-", "−", "–")) and _parts(folded[1:].lstrip(), unit) is not None:
        return _negative(written, field)
    parts = _parts(folded, unit)
    if parts is None:
        message = f"“{written}” không phải số tiền (V-MONEY)."
        hint = "Viết như 20.000.000, 174 triệu hoặc 1,2 tỷ."
        return Checked(None, (hard("V-MONEY.form", field, message, written, hint),))
    amount = Decimal(0)
    for number, of_part in parts:
        if of_part is None and 0 < number < PLAINLY_DONG:
            message = f"“{written}” không ghi đơn vị: đồng, nghìn, triệu hay tỷ (V-MONEY)."
            hint = f"Viết rõ, ví dụ {written} triệu."
            return Checked(None, (hard("V-MONEY.unit", field, message, written, hint),))
        amount += number * (of_part or MoneyUnit.DONG).vnd
    if amount != amount.to_integral_value():
        message = f"“{written}” có phần lẻ nhỏ hơn một đồng (V-MONEY)."
        return Checked(None, (hard("V-MONEY.fraction", field, message, written),))
    if amount > MAX_VND:
        return _too_large(written, field)
    return Checked(int(amount))


def money_of_number(number: float, unit: MoneyUnit | None, *, field: str = "") -> Checked[int]:
    """The amount in đồng of a number in a spreadsheet, rounded to a whole đồng, for cells are often computed.

    Without unit as `check_money`. Refused by a hard finding: a negative number, and none (not a number).

    >>> money_of_number(1238.0, MoneyUnit.TRIEU).value, money_of_number(5.76, MoneyUnit.TRIEU).value
    (1238000000, 5760000)
    """
    if not math.isfinite(number):
        message = "Ô không chứa một số tiền (V-MONEY)."
        return Checked(None, (hard("V-MONEY.form", field, message, str(number)),))
    exact = exact_decimal(number)
    if exact < 0:
        return _negative(format_decimal(exact), field)
    if unit is None and 0 < exact < PLAINLY_DONG:
        return check_money(format_decimal(exact), field=field)
    amount = (exact * (unit or MoneyUnit.DONG).vnd).to_integral_value(ROUND_HALF_UP)
    if amount > MAX_VND:
        return _too_large(format_decimal(exact), field)
    return Checked(int(amount))


def _parts(folded: str, unit: MoneyUnit | None) -> list[tuple[Decimal, MoneyUnit | None]] | None:
    """Numbers with their units, from large to small ("1 ty 200 trieu"), or None for what is no amount."""
    parts: list[tuple[Decimal, MoneyUnit | None]] = []
    position = 0
    while position < len(folded):
        match = _PART.match(folded, position)
        number = read_number(match[1]) if match else None
        if match is None or number is None:
            return None
        if match[2]:
            own: MoneyUnit | None = _UNIT_WORDS[match[2]]
        else:
            own = MoneyUnit.DONG if re.search(r"[a-z]", match[0]) else unit
        if parts and (own is None or parts[-1][1] is None or own.vnd >= parts[-1][1].vnd):
            return None
        parts.append((number, own))
        position = match.end() + (folded[match.end() : match.end() + 1] == " ")
    return parts or None


def _negative(written: str, field: str) -> Checked[int]:
    message = f"Số tiền “{written}” không được âm (V-MONEY)."
    return Checked(None, (hard("V-MONEY.negative", field, message, written),))


def _too_large(written: str, field: str) -> Checked[int]:
    message = f"Số tiền “{written}” quá lớn, có lẽ sai đơn vị (V-MONEY)."
    return Checked(None, (hard("V-MONEY.size", field, message, written),))


# -- writing -------------------------------------------------------------------------------------------------


def format_vnd(amount: int) -> str:
    """Đồng with points between thousands.

    >>> format_vnd(1234567), format_vnd(-5000)
    ('1.234.567', '-5.000')
    """
    return f"{amount:,}".replace(",", ".")


def format_decimal(number: Decimal) -> str:
    """A number in Vietnamese writing, without zeros at the end.

    >>> format_decimal(Decimal("13802.970")), format_decimal(Decimal("1E+3"))
    ('13.802,97', '1.000')
    """
    whole, _, rest = f"{number:f}".partition(".")
    rest = rest.rstrip("0")
    sign = "-" if number < 0 else ""
    return sign + format_vnd(abs(int(whole))) + (f",{rest}" if rest else "")


def format_in(amount: int, unit: MoneyUnit) -> str:
    """An amount in đồng as an exact number of `unit`, without the unit's name.

    >>> format_in(13_802_970_000, MoneyUnit.TRIEU), format_in(3_150_000_000_000, MoneyUnit.TY)
    ('13.802,97', '3.150')
    """
    return format_decimal(Decimal(amount) / unit.vnd)
