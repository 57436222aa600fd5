"""Values of expressions: what they are, and how one kind becomes another.

Owns the XPath 1.0 conversions (number, string, boolean, equality) with the extensions of the ODK XForms
specification, section "XPath Operators". Numbers are decimal, so that 0.1 + 0.2 is 0.3 and an amount in đồng
never shows an exponent. Leaves dates as such to `moments`, functions to `functions`.
"""

from __future__ import annotations

import decimal
import re
from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Protocol

from kcdesk.questionnaire import moments

CONTEXT = decimal.Context(
    prec=34, rounding=decimal.ROUND_HALF_EVEN, Emin=-330, Emax=308, clamp=0, traps=[]
)
"""34 digits hold any sum of money exactly; the exponents of a double keep printed numbers short."""

NAN = Decimal("NaN")

_MOST_WRITTEN = 22
"""Digits of the longest fraction that is kept as it stands, such as đồng with millionths."""
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


class XNode(Protocol):
    """A node that a path can reach: of the answer sheet, or of a list of choices."""

    @property
    def name(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def parent(self) -> XNode | None: ...
    @property
    def definition(self) -> object:
        """What stands for it in the form; None for a choice."""

    def select(self, name: str) -> Sequence[XNode]:
        """The children of that name, or all for `*`."""


Value = str | Decimal | bool | list[XNode]


def parse_number(text: str) -> Decimal | None:
    """The number that a plain decimal notation says; None for anything else (also for exponents and commas).

    >>> parse_number("-2.50"), parse_number("1,5"), parse_number("1e3")
    (Decimal('-2.50'), None, None)
    """
    text = text.strip()
    return CONTEXT.create_decimal(text) if _NUMBER.fullmatch(text) else None


def from_float(number: float) -> Decimal:
    """The decimal that people read in the shortest notation of a double."""
    return CONTEXT.create_decimal(repr(number))


def to_string(value: Value) -> str:
    """XPath `string()`. Numbers in plain notation, without trailing zeros.

    >>> to_string(Decimal("2.50E+7")), to_string(Decimal("0.30")), to_string(True), to_string([])
    ('25000000', '0.3', 'true', '')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return _plain(value)
    return value[0].text if value else ""


def _plain(number: Decimal) -> str:
    if number.is_nan():
        return "NaN"
    if number.is_infinite():
        return "Infinity" if number > 0 else "-Infinity"
    if not number:
        return "0"
    number = settled(number)
    return format(number.normalize(CONTEXT), "f")


def settled(number: Decimal) -> Decimal:
    """A number as people and other engines see it: a fraction that no person writes so long, as the nearest double.

    Inside of an expression all 34 digits count, so that `10 div 3 * 3` is 10.

    >>> third = CONTEXT.divide(Decimal(10), Decimal(3))
    >>> str(settled(third)), str(settled(CONTEXT.multiply(third, Decimal(3))))
    ('3.3333333333333335', '10.0')
    """
    if (
        number.is_finite()
        and len(number.as_tuple().digits) > _MOST_WRITTEN
        and number != number.to_integral_value()
    ):
        return from_float(float(number))
    return number


def to_number(value: Value) -> Decimal:
    """XPath `number()`; a date or dateTime becomes days since 1970-01-01 (ODK specification, `number`).

    >>> to_number(" 12 "), to_number("1970-02-01"), to_number("x")
    (Decimal('12'), Decimal('31'), Decimal('NaN'))
    """
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool):
        return Decimal(int(value))
    text = to_string(value)
    number = parse_number(text)
    if number is None:
        number = moments.days(text)
    return NAN if number is None else number


def to_boolean(value: Value) -> bool:
    """XPath `boolean()`: a node-set is true when it holds a node, a text when it is not empty."""
    if isinstance(value, Decimal):
        return bool(value) and not value.is_nan()
    return bool(value)


def to_nodes(value: Value) -> list[XNode]:
    """The nodes of a node-set. Raises TypeError for another value: the compiler has checked the argument."""
    if isinstance(value, list):
        return value
    raise TypeError(f"a node-set is needed, not {value!r}")


def texts(value: Value) -> list[str]:
    """The texts of all nodes of a node-set, or the one text of another value."""
    if isinstance(value, list):
        return [node.text for node in value]
    return [to_string(value)]


def equal(left: Value, right: Value) -> bool:
    """XPath `=`. An empty node-set counts as one blank node, as in JavaRosa, so `${x} = ''` holds for it."""
    if isinstance(left, bool) or isinstance(right, bool):
        return to_boolean(left) == to_boolean(right)
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return any(_same_number(a, b) for a in _atoms(left) for b in _atoms(right))
    rights = set(texts(right) or [""])
    return any(text in rights for text in texts(left) or [""])


def unequal(left: Value, right: Value) -> bool:
    """XPath `!=`: true when some pair differs, which for node-sets is not the opposite of `=`."""
    if isinstance(left, bool) or isinstance(right, bool):
        return to_boolean(left) != to_boolean(right)
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return any(not _same_number(a, b) for a in _atoms(left) for b in _atoms(right))
    return any(a != b for a in texts(left) or [""] for b in texts(right) or [""])


def less(left: Value, right: Value) -> bool:
    """XPath `<`. Two dates or dateTimes are compared as instants, a date as its midnight in Vietnam."""
    return any(_ordered(a, b, strict=True) for a in _atoms(left) for b in _atoms(right))


def less_or_equal(left: Value, right: Value) -> bool:
    """XPath `<=`."""
    return any(_ordered(a, b, strict=False) for a in _atoms(left) for b in _atoms(right))


def subtract(left: Value, right: Value) -> Decimal:
    """XPath `-`; between two dates or dateTimes the days between the instants."""
    pair = _instants(left, right)
    if pair is not None:
        return divide(Decimal(pair[0] - pair[1]), Decimal(moments.DAY))
    return CONTEXT.subtract(to_number(left), to_number(right))


def divide(left: Decimal, right: Decimal) -> Decimal:
    """XPath `div`."""
    return CONTEXT.divide(left, right)


def modulo(left: Decimal, right: Decimal) -> Decimal:
    """XPath `mod`: the remainder has the sign of the dividend."""
    return CONTEXT.remainder(settled(left), settled(right))


def round_half_up(number: Decimal, digits: int) -> Decimal:
    """To so many decimal places, halves towards plus infinity (XPath 1.0), on the decimal text.

    >>> round_half_up(Decimal("2.675"), 2), round_half_up(Decimal("-2.5"), 0)
    (Decimal('2.68'), Decimal('-2'))
    """
    if not number.is_finite() or digits > 30:
        return number
    number = settled(number)
    unit = CONTEXT.scaleb(Decimal(1), -max(digits, -300))
    steps = CONTEXT.add(CONTEXT.divide(number, unit), Decimal("0.5"))
    return CONTEXT.multiply(steps.to_integral_value(ROUND_FLOOR), unit)


def _atoms(value: Value) -> Sequence[str | Decimal | bool]:
    if isinstance(value, list):
        return [node.text for node in value] or [""]
    return [value]


def _same_number(left: Value, right: Value) -> bool:
    a, b = to_number(left), to_number(right)
    return not a.is_nan() and not b.is_nan() and settled(a) == settled(b)


def _ordered(left: Value, right: Value, *, strict: bool) -> bool:
    pair = _instants(left, right)
    if pair is not None:
        return pair[0] < pair[1] if strict else pair[0] <= pair[1]
    a, b = settled(to_number(left)), settled(to_number(right))
    if a.is_nan() or b.is_nan():
        return False
    return a < b if strict else a <= b


def _instants(left: Value, right: Value) -> tuple[int, int] | None:
    """Both as microseconds, when both are dates or dateTimes."""
    if isinstance(left, Decimal | bool) or isinstance(right, Decimal | bool):
        return None
    a = moments.instant(to_string(left))
    b = None if a is None else moments.instant(to_string(right))
    return None if a is None or b is None else (a, b)
