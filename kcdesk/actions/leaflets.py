"""The answer to "what can I get?" for the desk: in words, and as a leaflet for the owner to take along."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from kcdesk.actions.advising import advise
from kcdesk.actions.advising import in_words as advice_in_words
from kcdesk.actions.desk import Desk
from kcdesk.actions.documents import Printed
from kcdesk.actions.editions import current
from kcdesk.actions.records import get_record
from kcdesk.actions.support import (
    Part,
    SupportAnswer,
    SupportQuestion,
    ask_support,
    earlier_support,
    in_words,
    support_rules_of,
)
from kcdesk.domain.code_lists import Fund
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.domain.text import fold
from kcdesk.domain.unit_table import UnitTable
from kcdesk.errors import NotFound

TITLE = "Mức hỗ trợ khuyến công"
FOOT = (
    "Tờ này để tham khảo, không phải quyết định hỗ trợ. Mức được hỗ trợ do cấp có thẩm quyền phê duyệt theo quy định "
    "tại ngày phê duyệt; chỉ đầu tư sau khi đề án được duyệt."
)
CLEANER_PRODUCTION = ("KC3.CP_PILOT", "KC3.CP_EXISTING")
"""Rules about cleaner production, for which every industrial establishment counts (dossier 1.2)."""


@dataclass(frozen=True, slots=True)
class SupportChoices:
    """What can be asked: rules and provinces (code, name), and the province where the person works."""

    rules: tuple[tuple[str, str], ...]
    provinces: tuple[tuple[str, str], ...]
    province: str


def support_choices(desk: Desk, establishment: str | None = None) -> SupportChoices:
    """For a form. Raises `NotFound`."""
    province = ""
    for code in desk.workspace.areas:
        communes = desk.units.communes_of(code)
        province = communes[0].province if communes else province
    if establishment is not None:
        commune = get_record(desk, ESTABLISHMENTS.name, establishment).row.get("commune")
        with contextlib.suppress(NotFound):  # its commune is not decided yet
            province = desk.units.new_commune(str(commune)).province
    provinces = sorted(desk.units.provinces.values(), key=lambda each: fold(each.name))
    return SupportChoices(
        tuple(support_rules_of(current(desk)).items()),
        tuple((each.code, each.name) for each in provinces),
        province,
    )


def support_in_words(
    desk: Desk, question: SupportQuestion, establishment: str | None
) -> list[Part]:
    """The whole answer, with what speaks for the establishment. Raises `BadInput`, `NotFound`."""
    answer = ask_support(current(desk), desk.units, question)
    if establishment is None:
        return in_words(answer)
    cleaner = question.rule_id in CLEANER_PRODUCTION
    advice = advise(desk, establishment, question.approved_on, cleaner_production=cleaner)
    return [
        *in_words(answer, earlier_support(desk, establishment)),
        *advice_in_words(advice),
    ]


def support_leaflet(desk: Desk, question: SupportQuestion, establishment: str | None) -> Printed:
    """A leaflet about the rule and the amount. Raises `BadInput`, `NotFound`."""
    answer = ask_support(current(desk), desk.units, question)
    name = ""
    if establishment is not None:
        name = str(get_record(desk, ESTABLISHMENTS.name, establishment).row.get("name"))
    return leaflet_of(answer, desk.units, name)


def leaflet_of(answer: SupportAnswer, units: UnitTable, name: str = "") -> Printed:
    """An answer as a leaflet; of the establishment only its name, for the leaflet leaves the office."""
    from kcdesk.documents.own_pages import draw_leaflet  # noqa: PLC0415 -- ReportLab

    question = answer.question
    parts = in_words(answer)
    if name:
        parts.insert(0, (f"Dành cho: {name}", []))
    fund = "kinh phí khuyến công quốc gia"
    if question.province_code is not None and question.fund is Fund.KCDP:
        fund = f"kinh phí khuyến công địa phương, {units.area_name(question.province_code)}"
    pdf = draw_leaflet(f"{TITLE}: {fund}", parts, FOOT)
    return Printed(pdf, [], f"muc-ho-tro-{question.rule_id.lower().replace('.', '-')}.pdf")
