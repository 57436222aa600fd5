"""Dates and times of answers: ISO text in and out, days since 1970, printing by pattern.

Times without an offset, and dates, are Vietnamese: a fixed +07:00, for a time zone database says +08:00 of
1970. Formats: ODK XForms specification, "Data Types" and `format-date`.
"""

from __future__ import annotations

import datetime
import re
from decimal import Decimal

from kcdesk.domain.clock import HANOI

DAY = 86_400_000_000
"""Microseconds of a day."""

_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?")
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)

_MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "vi": [f"thg {month}" for month in range(1, 13)],
}
_WEEKDAYS = {
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "vi": ["Th 2", "Th 3", "Th 4", "Th 5", "Th 6", "Th 7", "CN"],
}


def parse_date(text: str) -> datetime.date | None:
    """The day that an ISO date or the date part of an ISO dateTime names, or None."""
    day = text.strip().partition("T")[0]
    found = _DATE.fullmatch(day)
    if found is None:
        return None
    try:
        return datetime.date(*map(int, found.groups()))
    except ValueError:
        return None


def parse_time(text: str) -> datetime.time | None:
    """A time of day with its offset, +07:00 where it names none, or None."""
    text = text.strip()
    if not _TIME.fullmatch(text):
        return None
    try:
        time = datetime.time.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=HANOI)


def parse_moment(text: str) -> datetime.datetime | None:
    """An ISO date (its midnight in Vietnam) or dateTime as an aware datetime, or None."""
    text = text.strip()
    day = parse_date(text)
    if day is None:
        return None
    _, mark, rest = text.partition("T")
    time = parse_time(rest) if mark else datetime.time(tzinfo=HANOI)
    return None if time is None else datetime.datetime.combine(day, time)


def instant(text: str) -> int | None:
    """Microseconds since 1970-01-01 UTC of a date or dateTime."""
    if len(text) < 8 or text[4:5] != "-":  # most texts are neither: leave early
        return None
    moment = parse_moment(text)
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def days(text: str) -> Decimal | None:
    """Whole days since 1970-01-01 of a date, or of the Vietnamese day of a dateTime: `number()`.

    >>> days("1970-01-02"), days("1970-01-02T23:00:00.000Z")
    (Decimal('1'), Decimal('2'))
    """
    if len(text) < 8 or text[4:5] != "-":  # most texts are neither: leave early
        return None
    moment = parse_moment(text)
    if moment is None:
        return None
    return Decimal((moment.astimezone(HANOI).date() - _EPOCH.date()).days)


def utc_days(text: str) -> Decimal | None:
    """Days since 1970-01-01 UTC with fraction, also for a date: `decimal-date-time()`."""
    microseconds = instant(text)
    if microseconds is None:
        return None
    whole, rest = divmod(microseconds, DAY)
    return Decimal(whole) if rest == 0 else Decimal(repr(microseconds / DAY))


def day_fraction(text: str) -> Decimal | None:
    """The part of the Vietnamese day that has passed at a time of day: `decimal-time()`.

    >>> day_fraction("18:00:00.000+07:00"), day_fraction("05:00Z")
    (Decimal('0.75'), Decimal('0.5'))
    """
    time = parse_time(text)
    if time is None:
        return None
    here = datetime.datetime.combine(_EPOCH.date(), time).astimezone(HANOI)
    passed = here - here.replace(hour=0, minute=0, second=0, microsecond=0)
    return Decimal(repr((passed // _MICROSECOND) / DAY))


def date_of_days(number: Decimal) -> str:
    """The Vietnamese day of so many days since 1970-01-01 UTC, as ISO text; blank outside the calendar."""
    try:
        milliseconds = round(number * (DAY // 1000))  # days with a fraction come from doubles
        moment = _EPOCH + datetime.timedelta(milliseconds=milliseconds)
        return moment.astimezone(HANOI).date().isoformat()
    except (ValueError, OverflowError):  # NaN, infinity, beyond the year 9999
        return ""


def moment_of_days(number: Decimal) -> str:
    """The instant of so many days since 1970-01-01 UTC: an ISO date for whole days, else a dateTime at +07:00."""
    if number == number.to_integral_value():
        return date_of_days(number)
    try:
        milliseconds = round(number * (DAY // 1000))
        return moment_text(
            (_EPOCH + datetime.timedelta(milliseconds=milliseconds)).astimezone(HANOI)
        )
    except (ValueError, OverflowError):
        return ""


def moment_text(at: datetime.datetime) -> str:
    """A dateTime as the specification stores it: milliseconds and offset.

    >>> moment_text(datetime.datetime(2026, 11, 22, 8, 30, tzinfo=HANOI))
    '2026-11-22T08:30:00.000+07:00'
    """
    return at.isoformat(timespec="milliseconds")


def format_moment(text: str, pattern: str, language: str) -> str:
    """`format-date` and `format-date-time`; a date is its midnight; blank when `text` is no date.

    >>> format_moment("2026-11-02", "%d/%m/%Y, %e %b", "vi")
    '02/11/2026, 2 thg 11'
    """
    moment = parse_moment(text)
    if moment is None:
        return ""
    moment = moment.astimezone(HANOI)
    names = "vi" if language == "vi" else "en"
    parts = {
        "Y": f"{moment.year:04}",
        "y": f"{moment.year % 100:02}",
        "m": f"{moment.month:02}",
        "n": str(moment.month),
        "b": _MONTHS[names][moment.month - 1],
        "d": f"{moment.day:02}",
        "e": str(moment.day),
        "a": _WEEKDAYS[names][moment.weekday()],
        "%": "%",
        "H": f"{moment.hour:02}",
        "h": str(moment.hour),
        "M": f"{moment.minute:02}",
        "S": f"{moment.second:02}",
        "3": f"{moment.microsecond // 1000:03}",
    }
    return re.sub(r"%(.)", lambda found: parts.get(found[1], found[0]), pattern, flags=re.DOTALL)
