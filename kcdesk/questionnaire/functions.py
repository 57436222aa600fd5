"""The functions that an expression may call: one table, name -> how many arguments, and what it does.

Semantics: ODK XForms specification, "XPath Functions"; where that is silent, XPath 1.0. What is not in
`FUNCTIONS` is refused at import by name: `intersects`, and XPath functions that ODK does not have. Functions
that must look at their arguments before these are evaluated (`if`, `once`, `indexed-repeat` ...) have `special`
as their action and live in `compiler`.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kcdesk.domain.clock import HANOI
from kcdesk.questionnaire import geometry, moments, text_functions, values
from kcdesk.questionnaire.evaluation import Context
from kcdesk.questionnaire.values import (
    CONTEXT,
    NAN,
    Value,
    XNode,
    from_float,
    round_half_up,
    to_boolean,
    to_nodes,
    to_number,
    to_string,
)

Action = Callable[[Context, Sequence[Value]], Value]


@dataclass(frozen=True, slots=True)
class Function:
    """low, high: number of arguments, high None for any; nodes: arguments that must be node-sets."""

    low: int
    high: int | None
    action: Action
    nodes: tuple[int, ...] = ()


def special(_context: Context, _arguments: Sequence[Value]) -> Value:
    raise AssertionError("the compiler translates this function itself")


# -- truth -----------------------------------------------------------------------------------------


def _checklist(_: Context, a: Sequence[Value]) -> Value:
    return _within(a[0], a[1], Decimal(sum(_ticked(value) for value in a[2:])))


def _weighted_checklist(_: Context, a: Sequence[Value]) -> Value:
    total = Decimal(0)
    for value, weight in zip(a[2::2], a[3::2], strict=False):
        if _ticked(value):
            total = CONTEXT.add(total, to_number(weight))
    return _within(a[0], a[1], total)


def _ticked(value: Value) -> bool:
    """An answer that is a number counts when it is above nothing; any other as `boolean()` says."""
    number = to_number(value) if isinstance(value, list) else NAN
    return (
        to_boolean(to_string(value) if isinstance(value, list) else value)
        if number.is_nan()
        else number > 0
    )


def _within(low: Value, high: Value, count: Decimal) -> bool:
    least, most = to_number(low), to_number(high)
    if count.is_nan() or least.is_nan() or most.is_nan():
        return False
    return (least == -1 or count >= least) and (most == -1 or count <= most)


# -- numbers ---------------------------------------------------------------------------------------


def _numbers(a: Sequence[Value]) -> list[Decimal]:
    """What is there to count with: blank answers say nothing, as in JavaRosa; a word is not a number."""
    found: list[Decimal] = []
    for value in a:
        several = values.texts(value) if isinstance(value, list) else [value]
        found += (to_number(one) for one in several if one != "")
    return found


def _sum(_: Context, a: Sequence[Value]) -> Value:
    total = Decimal(0)
    for number in _numbers(a):
        total = CONTEXT.add(total, number)
    return total


def _extreme(choose: Callable[[list[Decimal]], Decimal]) -> Action:
    def action(_: Context, a: Sequence[Value]) -> Value:
        numbers = _numbers(a)
        return NAN if not numbers or any(n.is_nan() for n in numbers) else choose(numbers)

    return action


def _round(_: Context, a: Sequence[Value]) -> Value:
    digits = to_number(a[1]) if len(a) > 1 else Decimal(0)
    return round_half_up(to_number(a[0]), int(digits)) if digits.is_finite() else NAN


def _whole(how: Callable[[Decimal], int]) -> Action:
    def action(_: Context, a: Sequence[Value]) -> Value:
        number = values.settled(to_number(a[0]))
        return CONTEXT.create_decimal(how(number)) if number.is_finite() else number

    return action


def _pow(context: Context, a: Sequence[Value]) -> Value:
    base, exponent = to_number(a[0]), to_number(a[1])
    if exponent.is_finite() and exponent == exponent.to_integral_value() and abs(exponent) <= 1000:
        return CONTEXT.power(base, exponent) if exponent else Decimal(1)
    return _float(math.pow)(context, a)


def _float(function: Callable[..., float]) -> Action:
    def action(_: Context, a: Sequence[Value]) -> Value:
        try:
            return from_float(function(*(float(to_number(value)) for value in a)))
        except ValueError:
            return NAN
        except OverflowError:
            return Decimal("Infinity")

    return action


def _log(number: float) -> float:
    return math.log(number) if number else -math.inf


def _log10(number: float) -> float:
    return math.log10(number) if number else -math.inf


def _random(context: Context, _: Sequence[Value]) -> Value:
    return from_float(int.from_bytes(context.run.random_bytes(7), "big") % 2**53 / 2**53)


# -- nodes -----------------------------------------------------------------------------------------


def _count_non_empty(_: Context, a: Sequence[Value]) -> Value:
    return Decimal(sum(1 for node in to_nodes(a[0]) if node.text))


_PARK_MILLER = 2**31 - 1


def _randomize(context: Context, a: Sequence[Value]) -> Value:
    """Inside-out Fisher-Yates with the Park-Miller generator; without a seed stable while a sheet is open.

    A seed that is no number is a text, whose hash is taken (specification, `randomize`).
    """
    seed = to_number(a[1]) if len(a) > 1 else Decimal(context.run.shuffle_seed)
    text = to_string(a[1]) if len(a) > 1 else ""
    whole = int(seed) if seed.is_finite() else _hashed(text) if text else 0
    state = int(math.copysign(abs(whole) % _PARK_MILLER, whole))  # the remainder keeps the sign
    if state <= 0:
        state += _PARK_MILLER - 1
    shuffled: list[XNode] = []
    for index, node in enumerate(to_nodes(a[0])):
        state = state * 16807 % _PARK_MILLER
        place = int((state - 1) / (_PARK_MILLER - 1) * (index + 1))
        shuffled.append(node)
        shuffled[index], shuffled[place] = shuffled[place], node
    return shuffled


def _hashed(text: str) -> int:
    """The first eight bytes of the SHA-256 of a text as a signed number."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


# -- places ----------------------------------------------------------------------------------------


def _line(a: Sequence[Value]) -> list[geometry.Point] | None:
    """The points of one line or shape, or of several points given one by one."""
    return geometry.read_line(";".join(text for value in a for text in values.texts(value)))


def _measure(measured: Callable[[Sequence[geometry.Point]], float]) -> Action:
    """Rounded to centimetres: further digits differ with the order of adding."""

    def action(_: Context, a: Sequence[Value]) -> Value:
        points = _line(a)
        return NAN if points is None else round_half_up(from_float(measured(points)), 2)

    return action


def _geofence(_: Context, a: Sequence[Value]) -> Value:
    point, shape = geometry.read_point(to_string(a[0])), geometry.read_line(to_string(a[1]))
    return point is not None and shape is not None and geometry.is_inside(point, shape)


# -- dates -----------------------------------------------------------------------------------------


def _moment_text(value: Value) -> str:
    """A date from a number of days, a dateTime where the days have a fraction, or the text itself."""
    return moments.moment_of_days(value) if isinstance(value, Decimal) else to_string(value)


def _date(_: Context, a: Sequence[Value]) -> Value:
    text = _moment_text(a[0])
    number = values.parse_number(text)
    if number is not None:
        return moments.date_of_days(number)
    moment = moments.parse_moment(text)
    return "" if moment is None else moment.astimezone(HANOI).date().isoformat()


def _date_time(_: Context, a: Sequence[Value]) -> Value:
    """The moment as text: a date stays a date, days with a fraction are an instant."""
    text = to_string(a[0])
    number = a[0] if isinstance(a[0], Decimal) else values.parse_number(text)
    if number is not None:
        return moments.moment_of_days(number)
    moment = moments.parse_moment(text)
    if moment is None:
        return ""
    return moments.moment_text(moment) if "T" in text else text.strip()


def _format(context: Context, a: Sequence[Value]) -> Value:
    text, pattern = _moment_text(a[0]), to_string(a[1])
    return moments.format_moment(text, pattern, context.run.language)


def _decimal_date_time(_: Context, a: Sequence[Value]) -> Value:
    days = a[0] if isinstance(a[0], Decimal) else moments.utc_days(to_string(a[0]))
    return NAN if days is None else days


def _decimal_time(_: Context, a: Sequence[Value]) -> Value:
    fraction = moments.day_fraction(to_string(a[0]).rpartition("T")[2])
    return NAN if fraction is None else fraction


# -- choices ---------------------------------------------------------------------------------------


def _pulldata(context: Context, a: Sequence[Value]) -> Value:
    name, column, key_column, key = (to_string(value) for value in a)
    document = context.run.instance(name)
    for root in document.select("root") if document else ():
        for item in root.select("item"):
            if any(cell.text == key for cell in item.select(key_column)):
                return to_string(list(item.select(column)))
    return ""


def _said(value: Value) -> str:
    """A value as text; what is no number says nothing."""
    return "" if isinstance(value, Decimal) and value.is_nan() else to_string(value)


def _selected(_: Context, a: Sequence[Value]) -> Value:
    chosen, wanted = to_string(a[0]).split(), to_string(a[1]).strip()
    return wanted in chosen or (not wanted and not chosen)


def _selected_at(_: Context, a: Sequence[Value]) -> Value:
    chosen, index = to_string(a[0]).split(), to_number(a[1])
    return chosen[int(index)] if index.is_finite() and -1 < index < len(chosen) else ""


FUNCTIONS: dict[str, Function] = {
    # text
    "string": Function(1, 1, lambda _, a: to_string(a[0])),
    "concat": Function(0, None, text_functions.concat),
    "join": Function(1, None, text_functions.join),
    "substr": Function(2, 3, text_functions.substr),
    "substring-before": Function(2, 2, text_functions.before),
    "substring-after": Function(2, 2, text_functions.after),
    "translate": Function(3, 3, text_functions.translate),
    "string-length": Function(0, 1, text_functions.string_length),
    "normalize-space": Function(0, 1, text_functions.normalize_space),
    "contains": Function(2, 2, lambda _, a: to_string(a[1]) in to_string(a[0])),
    "starts-with": Function(2, 2, lambda _, a: to_string(a[0]).startswith(to_string(a[1]))),
    "ends-with": Function(2, 2, lambda _, a: to_string(a[0]).endswith(to_string(a[1]))),
    "uuid": Function(0, 1, text_functions.uuid),
    "digest": Function(2, 3, text_functions.digest),
    "base64-decode": Function(1, 1, text_functions.base64_decode),
    "pulldata": Function(4, 4, _pulldata),
    # truth
    "if": Function(3, 3, special),
    "coalesce": Function(2, 2, lambda _, a: _said(a[0]) or _said(a[1])),
    "once": Function(1, 1, special),
    "true": Function(0, 0, lambda *_: True),
    "false": Function(0, 0, lambda *_: False),
    "boolean": Function(1, 1, lambda _, a: to_boolean(a[0])),
    "boolean-from-string": Function(1, 1, lambda _, a: to_string(a[0]) in {"true", "1"}),
    "not": Function(1, 1, lambda _, a: not to_boolean(a[0])),
    "regex": Function(2, 2, text_functions.regex),
    "checklist": Function(2, None, _checklist),
    "weighted-checklist": Function(4, None, _weighted_checklist),
    # numbers
    "number": Function(1, 1, lambda _, a: to_number(a[0])),
    "random": Function(0, 0, _random),
    "int": Function(1, 1, _whole(int)),
    "floor": Function(1, 1, _whole(math.floor)),
    "ceiling": Function(1, 1, _whole(math.ceil)),
    "sum": Function(1, 1, _sum, nodes=(0,)),
    "max": Function(0, None, _extreme(max)),
    "min": Function(0, None, _extreme(min)),
    "round": Function(1, 2, _round),
    "pow": Function(2, 2, _pow),
    "log": Function(1, 1, _float(_log)),
    "log10": Function(1, 1, _float(_log10)),
    "abs": Function(1, 1, lambda _, a: to_number(a[0]).copy_abs()),
    "sin": Function(1, 1, _float(math.sin)),
    "cos": Function(1, 1, _float(math.cos)),
    "tan": Function(1, 1, _float(math.tan)),
    "asin": Function(1, 1, _float(math.asin)),
    "acos": Function(1, 1, _float(math.acos)),
    "atan": Function(1, 1, _float(math.atan)),
    "atan2": Function(2, 2, _float(math.atan2)),
    "sqrt": Function(1, 1, _float(math.sqrt)),
    "exp": Function(1, 1, _float(math.exp)),
    "exp10": Function(1, 1, lambda c, a: _pow(c, [Decimal(10), a[0]])),
    "pi": Function(0, 0, lambda *_: from_float(math.pi)),
    # nodes
    "count": Function(1, 1, lambda _, a: Decimal(len(to_nodes(a[0]))), nodes=(0,)),
    "count-non-empty": Function(1, 1, _count_non_empty, nodes=(0,)),
    "position": Function(0, 1, special, nodes=(0,)),
    "last": Function(0, 0, lambda c, _: Decimal(c.size)),
    "instance": Function(1, 1, special),
    "current": Function(0, 0, special),
    "randomize": Function(1, 2, _randomize, nodes=(0,)),
    "indexed-repeat": Function(3, 7, special),
    # places
    "distance": Function(1, None, _measure(geometry.distance_m)),
    "area": Function(1, 1, _measure(geometry.area_m2)),
    "geofence": Function(2, 2, _geofence),
    # dates and times
    "today": Function(0, 0, lambda c, _: c.run.now().date().isoformat()),
    "now": Function(0, 0, lambda c, _: moments.moment_text(c.run.now())),
    "date": Function(1, 1, _date),
    "date-time": Function(1, 1, _date_time),
    "format-date": Function(2, 2, _format),
    "format-date-time": Function(2, 2, _format),
    "decimal-date-time": Function(1, 1, _decimal_date_time),
    "decimal-time": Function(1, 1, _decimal_time),
    # choices and languages
    "selected": Function(2, 2, _selected),
    "selected-at": Function(2, 2, _selected_at),
    "count-selected": Function(1, 1, lambda _, a: Decimal(len(to_string(a[0]).split()))),
    "jr:choice-name": Function(2, 2, special),
    "jr:itext": Function(1, 1, lambda c, a: c.run.itext(to_string(a[0]))),
}
