"""The tables of law that a province writes: support rules, deadlines, weights of priority, code lists, settings.

Owns their columns and what has to hold between rows. A source that is not known stays empty: `article` is never made
up, and `confidence` says how far a row can be trusted. Import format of support rules: dossier section 4.3.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

import msgspec

from kcdesk.domain.code_lists import CODE_LISTS, Fund, PriorityFlag, SchemeState
from kcdesk.domain.published.confidence import Confidence
from kcdesk.domain.published.editions import Fault
from kcdesk.domain.published.table_files import (
    Column,
    Line,
    backwards,
    date,
    day_of_year,
    decimal,
    duplicates,
    identifier,
    integer,
    long_text,
    one_of,
    question_name,
    read_lines,
    text,
)

_MOST_VND = 10**15


class SupportRule(msgspec.Struct, frozen=True):
    """What may be given for one unit of an activity, in a time.

    rule_id:       `KC3.MACHINERY`;  fund: of `Fund`;  province_code: None for the whole country
    name:          what it supports, in words; None: as the rule of this code is called elsewhere
    valid_from, valid_to: both days included, None for no end
    percent_cap:   of the eligible cost;  percent_confidence: of the percentage alone, where it is another
    money_cap_vnd: đồng for one `unit`;  caps are None where the law names none
    multiplier:    by which the money cap is multiplied: a line is 1,5 times the machine
    legal_doc, article: where it stands; None where that is not known
    """

    rule_id: str
    fund: str
    province_code: str | None
    valid_from: datetime.date
    valid_to: datetime.date | None
    percent_cap: Decimal | None
    money_cap_vnd: int | None
    unit: str | None
    multiplier: Decimal | None
    legal_doc: str | None
    article: str | None
    confidence: str
    note: str | None
    name: str | None = None
    percent_confidence: str | None = None


class Deadline(msgspec.Struct, frozen=True):
    """A day of every year (`day`, as `05-20`) until which something is to be done; `scheme_state`: of which step."""

    deadline_id: str
    name: str
    day: str
    fund: str | None
    scheme_state: str | None
    valid_from: datetime.date | None
    valid_to: datetime.date | None
    legal_doc: str | None
    article: str | None
    confidence: str
    note: str | None


class Weight(msgspec.Struct, frozen=True):
    """What a criterion of priority (`PriorityFlag`) counts, 0 to 100."""

    flag: str
    weight: Decimal
    valid_from: datetime.date | None
    valid_to: datetime.date | None
    legal_doc: str | None
    confidence: str
    note: str | None


class ListedCode(msgspec.Struct, frozen=True):
    """A code of a list, as this province calls it."""

    code: str
    label: str
    valid_from: datetime.date | None
    valid_to: datetime.date | None
    note: str | None


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a province sets for all its devices; None: as the program has it.

    undelivered_red_days: days after which what has not been delivered shows red
    ask_above_kb:         kilobytes above which a metered line is asked about before syncing
    round_support_to_vnd: đồng to which support is rounded down
    """

    undelivered_red_days: int | None = None
    ask_above_kb: int | None = None
    round_support_to_vnd: int | None = None


_LIMITS = {
    "undelivered_red_days": (1, 365),
    "ask_above_kb": (1, 1_000_000),
    "round_support_to_vnd": (1, 10_000_000),
}

_CONFIDENCE = one_of([mark.value for mark in Confidence])
_VALID = (Column("valid_from", date), Column("valid_to", date))
_SOURCE = (
    Column("legal_doc", text),
    Column("article", text),
    Column("confidence", _CONFIDENCE, required=True),
    Column("note", long_text),
)
_FUND = one_of([fund.value for fund in Fund])


class ReportNeed(msgspec.Struct, frozen=True):
    """A question that a questionnaire has to ask, for a report counts it.

    questionnaire: its id;  question: the name;  report: the table that needs it
    field:         the field of a record that the answer has to say, as in `kc:field`; None: no matter
    """

    questionnaire: str
    question: str
    field: str | None
    report: str
    note: str | None


def support_rules(
    path: str, content: bytes, provinces: Collection[str]
) -> tuple[list[SupportRule], list[Fault]]:
    """The rules of a table, and everything that is wrong in it. `provinces`: codes there are."""
    columns = (
        Column("rule_id", identifier, required=True),
        Column("name", text),
        Column("fund", _FUND, required=True),
        Column("province_code", one_of(sorted(provinces))),
        Column("valid_from", date, required=True),
        Column("valid_to", date),
        Column("percent_cap", decimal("0.01", "100")),
        Column("percent_confidence", _CONFIDENCE),
        Column("money_cap_vnd", integer(1, _MOST_VND)),
        Column("unit", text),
        Column("multiplier", decimal("0.01", "100")),
        *_SOURCE,
    )
    lines, faults = read_lines(path, content, columns)
    faults += backwards(path, lines)
    faults += duplicates(path, lines, ("rule_id", "fund", "province_code"), dated=True)
    faults += [
        Fault(path, "ghi điều khoản mà không ghi văn bản", line.row, "article")
        for line in lines
        if line.cells["article"] is not None and line.cells["legal_doc"] is None
    ]
    faults += [
        Fault(path, "mức “confirmed” phải có văn bản", line.row, "legal_doc")
        for line in lines
        if line.cells["confidence"] == "confirmed" and line.cells["legal_doc"] is None
    ]
    return _as(SupportRule, lines), faults


def deadlines(path: str, content: bytes) -> tuple[list[Deadline], list[Fault]]:
    """The deadlines of a table, and everything that is wrong in it."""
    columns = (
        Column("deadline_id", identifier, required=True),
        Column("name", text, required=True),
        Column("day", day_of_year, required=True),
        Column("fund", _FUND),
        Column("scheme_state", one_of([state.value for state in SchemeState])),
        *_VALID,
        *_SOURCE,
    )
    lines, faults = read_lines(path, content, columns)
    faults += backwards(path, lines)
    faults += duplicates(path, lines, ("deadline_id", "fund"), dated=True)
    return _as(Deadline, lines), faults


def weights(path: str, content: bytes) -> tuple[list[Weight], list[Fault]]:
    """The weights of a table, and everything that is wrong in it."""
    columns = (
        Column("flag", one_of([flag.value for flag in PriorityFlag]), required=True),
        Column("weight", decimal("0", "100"), required=True),
        *_VALID,
        *(column for column in _SOURCE if column.name != "article"),
    )
    lines, faults = read_lines(path, content, columns)
    faults += backwards(path, lines)
    faults += duplicates(path, lines, ("flag",), dated=True)
    return _as(Weight, lines), faults


def report_needs(path: str, content: bytes) -> tuple[list[ReportNeed], list[Fault]]:
    """What reports need of questionnaires, and everything that is wrong in the table."""
    columns = (
        Column("questionnaire", question_name, required=True),
        Column("question", question_name, required=True),
        Column("field", question_name),
        Column("report", text, required=True),
        Column("note", long_text),
    )
    lines, faults = read_lines(path, content, columns)
    faults += duplicates(path, lines, ("questionnaire", "question", "report"), dated=False)
    return _as(ReportNeed, lines), faults


def code_list(path: str, content: bytes) -> tuple[list[ListedCode], list[Fault]]:
    """The codes of `code-lists/NAME.csv`, and everything that is wrong in it; NAME is a list that forms name."""
    columns = (
        Column("code", identifier, required=True),
        Column("label", text, required=True),
        *_VALID,
        Column("note", long_text),
    )
    lines, faults = read_lines(path, content, columns)
    name = path.rpartition("/")[2].removesuffix(".csv")
    if name not in CODE_LISTS:
        known = ", ".join(CODE_LISTS)
        faults.insert(0, Fault(path, f"không có danh mục “{name}”; các danh mục: {known}"))
    faults += backwards(path, lines)
    faults += duplicates(path, lines, ("code",), dated=True)
    return _as(ListedCode, lines), faults


def settings(path: str, content: bytes) -> tuple[Settings, list[Fault]]:
    """The settings of a TOML file, and everything that is wrong in it."""
    try:
        said = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return Settings(), [Fault(path, "không phải văn bản UTF-8")]
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        return Settings(), [Fault(path, "sai cú pháp TOML", int(place[1]) if place else None)]
    faults = []
    good: dict[str, int] = {}
    for name, value in said.items():
        least, most = _LIMITS.get(name, (0, 0))
        if not most:
            faults.append(Fault(path, f"không có thiết lập “{name}”: {', '.join(_LIMITS)}"))
        elif isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            faults.append(Fault(path, f"“{name}” phải là số nguyên từ {least} đến {most}"))
        else:
            good[name] = value
    return Settings(**good), faults


def _as(kind: Any, lines: Iterable[Line]) -> list[Any]:
    return [kind(**line.cells) for line in lines]
