"""Two profiles beside each other: what speaks for one establishment, what against, and what follows.

Every field that both know gives a reason with points, for or against; the points add up to the score. What one of
them does not know says nothing. Points and thresholds were set on labelled pairs (docs/decisions/0016-duplicates.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from rapidfuzz.distance import OSA

from kcdesk.domain.code_lists import LegalForm
from kcdesk.domain.codes import show_phone
from kcdesk.importing.duplicates.names import MARKS_DIFFER, likeness
from kcdesk.importing.duplicates.profiles import Profile


class Verdict(StrEnum):
    """What the likeness of two records means.

    CERTAIN:   one establishment, as far as anybody can tell from the records; still never joined by itself
    ASK:       a person has to look
    DIFFERENT: two establishments
    """

    CERTAIN = "certain"
    ASK = "ask"
    DIFFERENT = "different"


class Reason(NamedTuple):
    """One reason for or against, in points and in a Vietnamese phrase that goes into a sentence."""

    field: str
    points: float
    message: str


class Likeness(NamedTuple):
    """How alike two records are.

    score: the sum of the points of all reasons; the higher the likelier one establishment
    """

    score: float
    verdict: Verdict
    reasons: tuple[Reason, ...]

    @property
    def sentence(self) -> str:
        """The reasons in a phrase: those for first, the strongest before the weaker.

        >>> reasons = (Reason("phone", -2.0, "khác điện thoại"), Reason("name", 6.0, "cùng tên"))
        >>> Likeness(4.0, Verdict.DIFFERENT, reasons).sentence
        'cùng tên; nhưng khác điện thoại'
        """
        ordered = sorted(self.reasons, key=lambda reason: (-abs(reason.points), reason.field))
        for_ = ", ".join(reason.message for reason in ordered if reason.points > 0)
        against = ", ".join(reason.message for reason in ordered if reason.points < 0)
        return "; nhưng ".join(side for side in (for_, against) if side)


CERTAIN = 10.0
ASK = 7.0
SAME_NAME = 0.85
"""A pair is certain only when the names are at least so alike; with one tax code, `OWN_NAME`."""
OWN_NAME = 0.6

_BEST_NAME, _BEST_PERSON = 6.0, 3.0
_NAME_POINTS = (
    (1.0, _BEST_NAME),
    (MARKS_DIFFER, 5.0),
    (0.85, 3.0),
    (0.75, 0.0),
    (0.6, -4.0),
    (0.5, -6.0),
    (0.0, -7.0),
)
"""Points by likeness of the names; between two lines in proportion."""
_POINTS_OF_OWNERS = (*_NAME_POINTS[:4], (0.7, -9.0), (0.0, -9.0))
"""Where both are named by their owners: another given name is another owner, and that is another household."""
_OTHER_KIND_OF_NAME = -2.0
"""One is named by its owner, the other by what it does: that says little, the owner says more."""
_SAME_TRADE = 0.5
"""Part of the words of two trades that they share."""


def compare(one: Profile, other: Profile) -> Likeness:
    """How alike two records are, the same in both directions."""
    return _weighed(one, other, _cheap_reasons(one, other))


def compare_likely(one: Profile, other: Profile) -> Likeness | None:
    """`compare`, or None for two that are different; in most cases without comparing their names."""
    cheap = _cheap_reasons(one, other)
    best = sum(reason[1] for reason in cheap) + _BEST_NAME
    if not (one.personal and other.personal):
        best += _BEST_PERSON
    if (
        best < ASK
        and not (one.numbers and other.numbers)
        and not (one.tax_code and one.tax_code == other.tax_code)
    ):
        return None
    found = _weighed(one, other, cheap)
    return None if found.verdict is Verdict.DIFFERENT else found


def _weighed(one: Profile, other: Profile, cheap: list[Reason]) -> Likeness:
    names = likeness(one.name, other.name)
    reasons = (*_of_names(one, other, names), *_of_persons(one, other), *cheap)
    score = sum(reason[1] for reason in reasons)
    return Likeness(score, _verdict(one, other, names, score, reasons), reasons)


def _verdict(
    one: Profile, other: Profile, names: float, score: float, reasons: tuple[Reason, ...]
) -> Verdict:
    one_tax_code = bool(one.tax_code) and one.tax_code == other.tax_code
    if score >= CERTAIN and not _contradict(one, other):
        likely = names >= (OWN_NAME if one_tax_code else SAME_NAME)
        return (
            Verdict.CERTAIN
            if likely and not _may_be_relatives(one, other, names, reasons)
            else Verdict.ASK
        )
    one_number = not one.numbers.isdisjoint(other.numbers)
    if score >= ASK or one_tax_code or (one_number and not _contradict(one, other)):
        return Verdict.ASK
    return Verdict.DIFFERENT


def _contradict(one: Profile, other: Profile) -> bool:
    """Whether numbers that offices give out once say that these are two."""
    return bool(
        (one.tax_code and other.tax_code and one.tax_code != other.tax_code)
        or (one.numbers and other.numbers and one.numbers.isdisjoint(other.numbers))
    )


def _may_be_relatives(
    one: Profile, other: Profile, names: float, reasons: tuple[Reason, ...]
) -> bool:
    """Hùng and Dũng at one telephone: a typing mistake, or brothers? With anything against it, a person looks."""
    one_letter = one.personal and other.personal and names < MARKS_DIFFER
    return one_letter and any(reason.points < 0 for reason in reasons)


def _cheap_reasons(one: Profile, other: Profile) -> list[Reason]:
    """The reasons of all fields but names and personal numbers."""
    reasons = []
    if one.tax_code and other.tax_code:
        reasons.append(_of_tax_codes(one.tax_code, other.tax_code))
    if one.phones and other.phones:
        reasons.append(_of_phones(one.phones, other.phones))
    if one.communes and other.communes:
        reasons.append(_of_communes(one, other))
    if one.hamlet and other.hamlet and _OTHER_COMMUNE not in reasons:
        reasons.append(_of_hamlets(one.hamlet, other.hamlet))
    if one.trade and other.trade:
        reasons.append(_of_trades(one.trade, other.trade))
    elif one.vsic and other.vsic:
        reasons.append(_SAME_TRADES if one.vsic == other.vsic else _OTHER_TRADES)
    if one.year and other.year and abs(one.year - other.year) != 1:
        reasons.append(_SAME_YEAR if one.year == other.year else _OTHER_YEAR)
    if (
        one.form
        and other.form
        and one.form != other.form
        and _NO_FORM not in (one.form, other.form)
    ):
        reasons.append(_OTHER_FORM)
    if one.name.branch != other.name.branch:
        reasons.append(_BRANCH)
    return reasons


_NO_FORM = LegalForm.KHAC.value
_SAME_YEAR = Reason("founded_year", 1.5, "cùng năm thành lập")
_OTHER_YEAR = Reason("founded_year", -1.5, "khác năm thành lập")
_OTHER_FORM = Reason("legal_form", -2.0, "khác loại hình")
_BRANCH = Reason("name", -16.0, "một bên là chi nhánh")
_SAME_PERSON = Reason("rep_name", _BEST_PERSON, "cùng chủ cơ sở")
_NEAR_PERSON = Reason("rep_name", 1.5, "tên chủ cơ sở gần giống nhau")
_OTHER_PERSON = Reason("rep_name", -2.0, "khác chủ cơ sở")
_OTHER_NUMBER = Reason("rep_id_no", -4.0, "khác số định danh của chủ")
_NEAR_NUMBER = Reason("rep_id_no", 2.0, "số định danh của chủ chỉ khác một chữ số")
_NEAR_PHONE = Reason("phone", 3.0, "điện thoại chỉ khác một chữ số")
_OTHER_PHONE = Reason("phone", -2.0, "khác điện thoại")
_SAME_COMMUNE = Reason("commune", 2.0, "cùng xã, phường")
_MAYBE_COMMUNE = Reason("commune", 1.0, "có thể cùng xã, phường")
_OTHER_OLD = Reason("commune", -1.0, "nay cùng xã, phường nhưng xã cũ khác nhau")
_OTHER_COMMUNE = Reason("commune", -3.0, "khác xã, phường")
_SAME_HAMLET = Reason("hamlet", 2.0, "cùng thôn")
_NEAR_HAMLET = Reason("hamlet", 1.0, "tên thôn gần giống nhau")
_OTHER_HAMLET = Reason("hamlet", -3.0, "khác thôn")
_SAME_TRADES = Reason("trade", 1.5, "cùng ngành nghề")
_OTHER_TRADES = Reason("trade", -1.5, "khác ngành nghề")
_NEAR_TAX_CODE = Reason("tax_code", 5.0, "mã số thuế chỉ khác một chữ số")
_OTHER_TAX_CODE = Reason("tax_code", -6.0, "khác mã số thuế")
_BRANCH_TAX_CODE = Reason("tax_code", -8.0, "mã số thuế của hai đơn vị trong một doanh nghiệp")


def _of_names(one: Profile, other: Profile, names: float) -> Iterator[Reason]:
    if not one.name.joined or not other.name.joined:
        return
    points = _points(_POINTS_OF_OWNERS if one.personal and other.personal else _NAME_POINTS, names)
    if one.personal != other.personal:
        points = max(points, _OTHER_KIND_OF_NAME)
    if names == 1.0:
        message = "cùng tên"
    elif names >= MARKS_DIFFER:
        message = "tên giống nhau, dấu khác nhau"
    elif points > 0:
        message = "tên gần giống nhau"
    else:
        message = "tên khác nhau"
    yield Reason("name", points, message)


def _points(scale: tuple[tuple[float, float], ...], names: float) -> float:
    above, most = scale[0]
    for at, points in scale[1:]:
        if names >= at:
            return points + (most - points) * (names - at) / (above - at)
        above, most = at, points
    return most


def _of_tax_codes(one: str, other: str) -> Reason:
    if one == other:
        return Reason("tax_code", 12.0, f"cùng mã số thuế {one}")
    if one[:10] == other[:10]:
        return _BRANCH_TAX_CODE
    return _NEAR_TAX_CODE if OSA.distance(one, other, score_cutoff=1) == 1 else _OTHER_TAX_CODE


def _of_persons(one: Profile, other: Profile) -> Iterator[Reason]:
    """Two firms of one owner share the owner: his number tells more of a household than of a firm."""
    named_by_owner = one.personal and other.personal
    if one.numbers and other.numbers:
        if shared := one.numbers & other.numbers:
            points = 8.0 if named_by_owner else 4.0
            yield Reason("rep_id_no", points, f"cùng số định danh {min(shared)}")
            return
        near = any(
            OSA.distance(a, b, score_cutoff=1) == 1 for a in one.numbers for b in other.numbers
        )
        yield _NEAR_NUMBER if near else _OTHER_NUMBER
    if named_by_owner or not one.person.joined or not other.person.joined:
        return
    persons = likeness(one.person, other.person)
    if persons >= MARKS_DIFFER:
        yield _SAME_PERSON
    elif persons >= SAME_NAME:
        yield _NEAR_PERSON
    else:
        yield _OTHER_PERSON


def _of_phones(one: frozenset[str], other: frozenset[str]) -> Reason:
    if shared := one & other:
        return Reason("phone", 6.0, f"cùng điện thoại {show_phone(min(shared))}")
    near = any(OSA.distance(a, b, score_cutoff=1) == 1 for a in one for b in other)
    return _NEAR_PHONE if near else _OTHER_PHONE


def _of_communes(one: Profile, other: Profile) -> Reason:
    if one.communes.isdisjoint(other.communes):
        return _OTHER_COMMUNE
    if one.old and other.old and one.old != other.old:
        return _OTHER_OLD
    if len(one.communes) + len(other.communes) > 2 and one.old != other.old:
        return _MAYBE_COMMUNE
    return _SAME_COMMUNE


def _of_hamlets(one: str, other: str) -> Reason:
    if one == other:
        return _SAME_HAMLET
    return _NEAR_HAMLET if _near_hamlets(one, other) else _OTHER_HAMLET


def _near_hamlets(one: str, other: str) -> bool:
    """One typing mistake in a word; the number of a hamlet is never one."""
    if OSA.distance(one, other, score_cutoff=1) > 1:
        return False
    words, others = one.split(), other.split()
    return len(words) == len(others) and all(
        a == b or (len(a) > 2 and not (a.isdecimal() or b.isdecimal()))
        for a, b in zip(words, others, strict=True)
    )


def _of_trades(one: frozenset[str], other: frozenset[str]) -> Reason:
    if one == other or len(one & other) / min(len(one), len(other)) > _SAME_TRADE:
        return _SAME_TRADES
    return _OTHER_TRADES
