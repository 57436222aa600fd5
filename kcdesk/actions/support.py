"""What an establishment can get: the rule of a day, the amount, what it must put up, and what it had before.

Owns the words of the answer, which can be printed as they are. The formula and the choice of the rule are
`domain.support`; the rows are those of the edition in use.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.actions.editions import Library
from kcdesk.actions.records import get_record
from kcdesk.actions.surveys import answers_of, surveys_of
from kcdesk.domain.code_lists import Fund
from kcdesk.domain.kinds import ESTABLISHMENTS, SURVEYS
from kcdesk.domain.money import format_decimal, format_vnd
from kcdesk.domain.published.confidence import Confidence
from kcdesk.domain.published.tables import SupportRule
from kcdesk.domain.support import (
    ROUNDED_TO_VND,
    SupportLevel,
    activity_of,
    held_on,
    level,
    rule_ids,
)
from kcdesk.domain.unit_table import UnitTable
from kcdesk.domain.value import Value
from kcdesk.domain.words import dong_in_words
from kcdesk.errors import BadInput, NotFound

Part = tuple[str, list[str]]
"""A heading, and the sentences below it."""


@dataclass(frozen=True, slots=True)
class SupportQuestion:
    """What is asked: which rule, for how much, decided when.

    rule_id:       `KC3.MACHINERY`;  province_code: needed for a local fund
    cost:          eligible cost in đồng;  units: of the rule's unit
    approved_on:   the day that decides;  registered_on: when the need was registered, where that is known
    """

    rule_id: str
    fund: Fund
    province_code: str | None
    cost: int
    approved_on: datetime.date
    units: int = 1
    registered_on: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class SupportAnswer:
    """What holds on the day of approval, and what held at the registration where that was another rule."""

    question: SupportQuestion
    level: SupportLevel
    at_registration: SupportLevel | None

    def as_json(self) -> dict[str, Value]:
        before = self.at_registration
        return {
            **_level_as_json(self.level),
            "fund": self.question.fund.value,
            "province": self.question.province_code,
            "date": self.question.approved_on.isoformat(),
            "at_registration": None if before is None else _level_as_json(before),
        }


@dataclass(frozen=True, slots=True)
class EarlierSupport:
    """Support that an establishment says it had; `amount` in đồng. None where the sheet does not say."""

    year: int | None
    text: str
    amount: int | None
    fund: str | None

    def as_json(self) -> dict[str, Value]:
        return {"year": self.year, "text": self.text, "amount": self.amount, "fund": self.fund}


def ask_support(library: Library, units: UnitTable, question: SupportQuestion) -> SupportAnswer:
    """Raises `BadInput`; `NotFound` when no rule held on that day, or the province has not entered its own."""
    if question.cost <= 0 or question.units <= 0:
        raise BadInput(
            "Chi phí và số lượng phải lớn hơn 0.",
            hint="Ghi chi phí hợp lệ bằng đồng, ví dụ 500000000.",
        )
    rules = library.support_rules()
    rule = _rule(rules, units, question, question.approved_on)
    rounded_to = library.settings().round_support_to_vnd or ROUNDED_TO_VND
    before = None
    if question.registered_on is not None:
        before = held_on(
            rules, question.rule_id, question.fund, question.province_code, question.registered_on
        )
    return SupportAnswer(
        question,
        level(rule, question.cost, question.units, rounded_to),
        None
        if before is None or before == rule
        else level(before, question.cost, question.units, rounded_to),
    )


def earlier_support(desk: Desk, establishment: str) -> list[EarlierSupport]:
    """What the establishment has told of support it had, in its sheets and those of its duplicates; the newest first.

    Raises `NotFound`.
    """
    get_record(desk, ESTABLISHMENTS.name, establishment)
    found: dict[EarlierSupport, None] = {}
    for survey in surveys_of(desk, establishment):
        state = desk.workspace.state(SURVEYS.name, str(survey.row["id"]))
        rows: dict[str, dict[str, Value]] = {}
        for path, value in answers_of(state).items():
            match path.split("/"):
                case [*_, "past_support", row, name]:
                    rows.setdefault(row, {})[name] = value
        for said in rows.values():
            found[_told(said)] = None
    return sorted(found, key=lambda one: (-(one.year or 0), one.text))


def support_rules_of(library: Library) -> dict[str, str]:
    """Every rule that can be asked for, with its name."""
    return rule_ids(library.support_rules())


def in_words(answer: SupportAnswer, earlier: Sequence[EarlierSupport] = ()) -> list[Part]:
    """The answer in plain Vietnamese, as a leaflet has it."""
    parts = [_level_in_words(answer.level, answer.question.approved_on)]
    before = answer.at_registration
    if before is not None and answer.question.registered_on is not None:
        parts[0][1].append(
            "Mức này khác mức tại ngày đăng ký (ghi dưới đây); ngày phê duyệt quyết định."
        )
        parts.append(_level_in_words(before, answer.question.registered_on))
    if earlier:
        told = [_earlier_in_words(one) for one in earlier]
        told.append("Kiểm tra để không hỗ trợ trùng cùng nội dung, cùng thời kỳ.")
        parts.append(("Cơ sở cho biết đã được hỗ trợ trước đây", told))
    return parts


def _rule(
    rules: Sequence[SupportRule], units: UnitTable, question: SupportQuestion, day: datetime.date
) -> SupportRule:
    known = rule_ids(rules)
    if question.rule_id not in known:
        raise NotFound(
            f"Không có mức hỗ trợ nào mang mã “{question.rule_id}”.",
            hint=f"Các mã: {', '.join(known)}.",
            code="no_rule",
        )
    place = question.province_code
    if place is not None and place not in units.provinces:
        raise NotFound(
            f"Không có tỉnh nào mang mã “{place}”.",
            hint="Dùng mã của 34 tỉnh, thành phố từ 01/07/2025, ví dụ 66 cho Đắk Lắk.",
        )
    if question.fund is Fund.KCDP and place is None:
        raise BadInput(
            "Kinh phí khuyến công địa phương theo mức của từng tỉnh, mà chưa ghi tỉnh nào.",
            hint="Ghi thêm --province với mã tỉnh.",
        )
    rule = held_on(rules, question.rule_id, question.fund, place, day)
    if rule is not None:
        return rule
    name = known[question.rule_id]
    if question.fund is Fund.KCDP and place is not None:
        raise NotFound(
            f"{units.area_name(place)} chưa nhập mức chi của mình cho “{name}” tại ngày {day:%d/%m/%Y}; "
            "mức của kinh phí quốc gia không áp dụng thay.",
            hint="Trung tâm ghi mức theo văn bản của tỉnh vào support-rules.csv và công bố bằng kcdesk server publish.",
            code="no_province_rule",
        )
    spans = [
        f"{r.valid_from:%d/%m/%Y} – {f'{r.valid_to:%d/%m/%Y}' if r.valid_to else 'nay'}"
        for r in rules
        if (r.rule_id, r.fund) == (question.rule_id, question.fund)
    ]
    raise NotFound(
        f"Không có mức nào cho “{name}” tại ngày {day:%d/%m/%Y}.",
        hint=f"Thời gian có mức: {'; '.join(spans)}." if spans else "Kinh phí này không có mức đó.",
        code="no_rule",
    )


def _level_as_json(found: SupportLevel) -> dict[str, Value]:
    rule = found.rule
    activity = activity_of(rule.rule_id)
    return {
        "rule": rule.rule_id,
        "name": rule.name,
        "activity_code": None if activity is None else activity.value,
        "valid_from": rule.valid_from.isoformat(),
        "valid_to": None if rule.valid_to is None else rule.valid_to.isoformat(),
        "percent_cap": None if rule.percent_cap is None else f"{rule.percent_cap.normalize():f}",
        "money_cap": None if rule.money_cap_vnd is None else rule.money_cap_vnd,
        "multiplier": None if rule.multiplier is None else f"{rule.multiplier.normalize():f}",
        "unit": rule.unit,
        "units": found.units,
        "cost": found.cost,
        "support": found.support,
        "counterpart": found.counterpart,
        "caps": [
            {"kind": cap.kind, "vnd": cap.vnd, "confidence": cap.confidence.value}
            for cap in found.caps
        ],
        "legal_doc": rule.legal_doc,
        "article": rule.article,
        "confidence": rule.confidence,
        "note": rule.note,
    }


def _level_in_words(found: SupportLevel, day: datetime.date) -> Part:
    rule = found.rule
    lines: list[str] = []
    if found.support is None or found.counterpart is None:
        lines.append("Văn bản này không ấn định mức; hỏi trung tâm.")
    else:
        lines.append(
            f"Hỗ trợ nhiều nhất {format_vnd(found.support)} đồng ({dong_in_words(found.support)})."
        )
        lines.append(f"Cơ sở phải tự bỏ ra ít nhất {format_vnd(found.counterpart)} đồng.")
    lines += [_cap_in_words(found, kind) for kind in ("percent", "money") if _has(found, kind)]
    source = " ".join(filter(None, (rule.article, rule.legal_doc)))
    until = f" đến {rule.valid_to:%d/%m/%Y}" if rule.valid_to else ""
    span = f"áp dụng từ {rule.valid_from:%d/%m/%Y}{until}"
    lines.append(f"Căn cứ: {source or 'chưa ghi văn bản'}; {span}.")
    lines.append(f"Mức độ tin cậy: {Confidence.of(rule.confidence).label}.")
    if rule.note:
        lines.append(f"Ghi chú: {rule.note}")
    return f"{rule.name or rule.rule_id} ({rule.rule_id}), tại ngày {day:%d/%m/%Y}", lines


def _has(found: SupportLevel, kind: str) -> bool:
    return any(cap.kind == kind for cap in found.caps)


def _cap_in_words(found: SupportLevel, kind: str) -> str:
    rule = found.rule
    cap = next(cap for cap in found.caps if cap.kind == kind)
    doubt = "" if cap.confidence.binds else f" ({cap.confidence.label})"
    if rule.percent_cap is not None and kind == "percent":
        percent = format_decimal(rule.percent_cap)
        return f"Tỷ lệ: {percent}% của {format_vnd(found.cost)} đồng là {format_vnd(cap.vnd)} đồng{doubt}."
    each = f"{format_vnd(rule.money_cap_vnd or 0)} đồng"
    times = f" × {format_decimal(rule.multiplier)}" if rule.multiplier is not None else ""
    unit = f" cho {found.units} {rule.unit}" if rule.unit else f" × {found.units}"
    return f"Mức trần: {each}{times}{unit}, là {format_vnd(cap.vnd)} đồng{doubt}."


def _told(said: dict[str, Value]) -> EarlierSupport:
    """Answers are texts in plain notation; one that is no number is left out, not guessed."""

    def number(name: str) -> int | None:
        whole = str(said.get(name) or "").partition(".")[0]
        return int(whole) if whole.isdecimal() else None

    fund = said.get("support_fund")
    return EarlierSupport(
        number("support_year"),
        str(said.get("support_text") or ""),
        number("support_amount"),
        None if fund is None else str(fund),
    )


def _earlier_in_words(one: EarlierSupport) -> str:
    parts = [
        f"năm {one.year}" if one.year else "không rõ năm",
        one.text or "không rõ nội dung",
        f"{format_vnd(one.amount)} đồng" if one.amount is not None else "không rõ số tiền",
    ]
    sentence = ", ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."
