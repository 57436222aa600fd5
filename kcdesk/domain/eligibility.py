"""Whether an establishment may be supported on a day: each criterion with its verdict, its reason and its source.

Deterministic and dated (dossier 1.2). It advises and stops nobody: what cannot be told from the record is asked of a
person, never guessed. Owns the reading of `resources/eligibility.toml` and the criteria.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import msgspec

from kcdesk.domain.code_lists import Code, LegalForm
from kcdesk.domain.published.confidence import Confidence


class Verdict(Code):
    YES = "YES", "đạt"
    NO = "NO", "không đạt"
    ASK = "ASK", "cần người xem xét"


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of commune (`unit`), in provinces of a kind (`of`; None: any); `why`: what a person has to look at."""

    unit: str
    of: str | None = None
    why: str = ""


class Period(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What held in a time; both days included, None for no end. `map`: whose communes count."""

    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None
    legal_doc: str
    article: str
    confidence: str
    legal_forms: frozenset[str]
    map: Literal["old", "new"]
    places: tuple[Place, ...]
    open_places: tuple[Place, ...]

    def holds(self, day: datetime.date) -> bool:
        return (self.valid_from or day) <= day <= (self.valid_to or day)


class SmeLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Workers and (revenue or capital) at most, from a day on."""

    valid_from: datetime.date
    workers_max: int
    revenue_max_vnd: int
    capital_max_vnd: int
    legal_doc: str
    confidence: str


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    period: tuple[Period, ...]
    sme: SmeLimits

    @classmethod
    def read(cls, content: bytes) -> Rules:
        """Raises `ValueError` for a file that is none."""
        try:
            rules = msgspec.convert(tomllib.loads(content.decode("utf-8")), cls)
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise ValueError(str(error)) from error
        for mark in [rules.sme.confidence, *(period.confidence for period in rules.period)]:
            Confidence.of(mark)
        for form in frozenset().union(*(period.legal_forms for period in rules.period)):
            LegalForm.of(form)
        return rules


@dataclass(frozen=True, slots=True)
class Facts:
    """What the record says; None where it does not.

    commune, old_commune: (kind of the commune, kind of its province), `("Phường", "Tỉnh")`
    vsic: `1610`;  workers, revenue_vnd, capital_vnd: of its newest figures
    cleaner_production: whether it is about cleaner production, for which every industrial establishment counts
    """

    legal_form: str | None = None
    commune: tuple[str, str] | None = None
    old_commune: tuple[str, str] | None = None
    vsic: str | None = None
    workers: int | None = None
    revenue_vnd: int | None = None
    capital_vnd: int | None = None
    cleaner_production: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict on one criterion. `source`: where it stands, empty where nothing was read."""

    criterion: str
    label: str
    verdict: Verdict
    reason: str
    source: str
    confidence: Confidence


def judge(rules: Rules, facts: Facts, day: datetime.date) -> tuple[Answer, ...]:
    """All criteria on that day; none where no rule held."""
    period = next((each for each in rules.period if each.holds(day)), None)
    if period is None:
        return ()
    answers = [_legal_form(period, facts), _place(period, facts), _industry(facts)]
    if facts.legal_form == LegalForm.DOANH_NGHIEP and day >= rules.sme.valid_from:
        answers.append(_size(rules.sme, facts))
    return tuple(answers)


def overall(answers: Iterable[Answer]) -> Verdict:
    """NO if one criterion is not met, ASK if one has to be looked at, YES if all are met.

    >>> overall([])
    <Verdict.ASK: 'ASK'>
    """
    verdicts = {answer.verdict for answer in answers}
    if Verdict.NO in verdicts:
        return Verdict.NO
    return Verdict.YES if verdicts == {Verdict.YES} else Verdict.ASK


def _legal_form(period: Period, facts: Facts) -> Answer:
    form = facts.legal_form
    if form is None or form == LegalForm.KHAC:
        verdict, reason = Verdict.ASK, "Hồ sơ chưa ghi loại hình của cơ sở."
        if form is not None:
            reason = "Loại hình “Khác”: xem giấy đăng ký thuộc loại nào."
    else:
        known = form in period.legal_forms
        verdict = Verdict.YES if known else Verdict.NO
        label = next((each.label for each in LegalForm if each == form), form)
        reason = f"{label} {'thuộc' if known else 'không thuộc'} các loại hình được hỗ trợ."
    return _answer("legal_form", "Loại hình", verdict, reason, period)


def _place(period: Period, facts: Facts) -> Answer:
    place = facts.old_commune if period.map == "old" else facts.commune
    if facts.cleaner_production:
        reason = "Áp dụng sản xuất sạch hơn: cơ sở công nghiệp ở mọi địa bàn."
        return _answer("place", "Địa bàn", Verdict.YES, reason, period)
    if place is None:
        before = " trước 01/07/2025" if period.map == "old" else ""
        reason = f"Hồ sơ chưa rõ xã, phường{before}."
        return _answer("place", "Địa bàn", Verdict.ASK, reason, period)
    unit, province = place
    where = f"{unit} thuộc {province[0].lower()}{province[1:]}"
    if _named(period.places, unit, province):
        return _answer("place", "Địa bàn", Verdict.YES, f"{where} thuộc địa bàn hỗ trợ.", period)
    doubt = _named(period.open_places, unit, province)
    if doubt is not None:
        return _answer("place", "Địa bàn", Verdict.ASK, f"{where}: {doubt.why}.", period)
    return _answer("place", "Địa bàn", Verdict.NO, f"{where} ngoài địa bàn hỗ trợ.", period)


def _named(places: Iterable[Place], unit: str, province: str) -> Place | None:
    return next(
        (each for each in places if each.unit == unit and each.of in (None, province)), None
    )


def _industry(facts: Facts) -> Answer:
    """Manufacturing (VSIC 10 to 33) is industrial production; anything else a person compares with the decree."""
    division = (facts.vsic or "")[:2]
    if division.isdecimal() and 10 <= int(division) <= 33:
        verdict, reason = Verdict.YES, f"Mã ngành {facts.vsic} là công nghiệp chế biến, chế tạo."
    elif facts.vsic:
        verdict = Verdict.ASK
        reason = (
            f"Mã ngành {facts.vsic} ngoài nhóm 10 đến 33: đối chiếu với ngành nghề của nghị định."
        )
    else:
        verdict, reason = (
            Verdict.ASK,
            "Hồ sơ chưa ghi mã ngành: xem cơ sở có trực tiếp sản xuất không.",
        )
    return Answer("industry", "Sản xuất công nghiệp", verdict, reason, "", Confidence.DESIGNED)


def _size(limits: SmeLimits, facts: Facts) -> Answer:
    money = [
        None if value is None else value <= most
        for value, most in (
            (facts.revenue_vnd, limits.revenue_max_vnd),
            (facts.capital_vnd, limits.capital_max_vnd),
        )
    ]
    if facts.workers is not None and facts.workers > limits.workers_max:
        verdict, reason = (
            Verdict.NO,
            f"Trên {limits.workers_max} lao động: không phải doanh nghiệp nhỏ và vừa.",
        )
    elif money == [False, False]:
        verdict, reason = Verdict.NO, "Doanh thu và vốn đều vượt mức của doanh nghiệp nhỏ và vừa."
    elif facts.workers is not None and True in money:
        verdict, reason = (
            Verdict.YES,
            "Lao động, doanh thu hoặc vốn trong mức của doanh nghiệp nhỏ và vừa.",
        )
    else:
        verdict, reason = Verdict.ASK, "Chưa đủ số liệu lao động, doanh thu, vốn để xét quy mô."
    return Answer(
        "size", "Quy mô", verdict, reason, limits.legal_doc, Confidence.of(limits.confidence)
    )


def _answer(criterion: str, label: str, verdict: Verdict, reason: str, period: Period) -> Answer:
    source = f"{period.article} {period.legal_doc}"
    return Answer(criterion, label, verdict, reason, source, Confidence.of(period.confidence))
