"""How alike two records are: laws that hold for all, what people write, and what the labelled pairs measure."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcdesk.domain.value import Value
from kcdesk.importing.duplicates import Index, Verdict, compare, compare_likely, profile_of
from kcdesk.importing.duplicates.names import likeness, read_name
from tests.importing.labelled_pairs import Pair, Record, labelled_pairs, register_records

HOUSEHOLD: Record = {
    "name": "Hộ Vàng A Páo",
    "legal_form": "HO_KINH_DOANH",
    "rep_name": "Vàng A Páo",
    "phone": "+84752859644",
    "hamlet": "Thôn Dín 1",
    "commune": "02989",
    "old_commune": "02989",
    "trade": "Sản xuất gạch không nung",
    "founded_year": 2006,
}
FIRM: Record = {
    "name": "Công ty TNHH Sơn Sàng Ma Sáo",
    "legal_form": "DOANH_NGHIEP",
    "rep_name": "Thào Quốc Sơn",
    "tax_code": "5309464944",
    "phone": "+84758659227",
    "hamlet": "Thôn Phương 3",
    "commune": "02707",
    "trade": "Dệt thổ cẩm",
}


@cache
def records() -> list[Record]:
    return register_records()


def verdict(one: Record, **changed: Value) -> Verdict:
    """Of a record and itself with some fields changed; None takes one away."""
    other = {field: value for field, value in {**one, **changed}.items() if value is not None}
    return compare(profile_of(one), profile_of(other)).verdict


# -- names -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HTX rèn Tân Thượng", "Hợp tác xã Rèn Tân Thượng"),
        ("Công ty TNHH MTV SX và TM Hoàng Liên", "CTY TNHH Một thành viên Sản xuất và Thương mại Hoàng Liên"),
        ("DNTN Minh Đức", "Doanh nghiệp tư nhân Minh Đức"),
        ("Cơ sở chế biến chè Y Tý", "CSSX chè Y Tý"),
        ("Hộ ông Vàng A Páo", "vang a pao"),
        ("HO VANG A PAO", "Hộ kinh doanh Vàng A Páo"),
        ("Ng. Văn Hùng", "Nguyễn Văn Hùng"),
        ("Hoà Bình", "Hòa Bình"),
        ("Si Ma Cai", "Simacai"),
    ],
)  # fmt: skip
def test_one_name(one: str, other: str) -> None:
    assert likeness(read_name(one), read_name(other)) == 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Vàng A Páo", "Vàng A Sử"),
        ("HTX chế biến chè Y Tý", "HTX chế biến gỗ Y Tý"),
        ("Công ty TNHH Thành Công 1", "Công ty TNHH Thành Công 2"),
        ("Hồ Văn An", "Vàng Văn An"),
    ],
)
def test_two_names(one: str, other: str) -> None:
    assert likeness(read_name(one), read_name(other)) < 0.85


def test_marks_and_mistakes_count_a_little() -> None:
    name = read_name("Vàng A Phương")
    assert likeness(name, read_name("Vang A Phuong")) == 1.0
    assert 0.85 < likeness(name, read_name("Vàng A Phượng")) < 1.0
    assert 0.85 < likeness(name, read_name("Vàng A Phuơgn")) < 1.0
    assert likeness(name, read_name("V. A Phương")) > 0.85


# -- laws ------------------------------------------------------------------------------------------------------

_fields = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(
            ["Hộ Vàng A Páo", "Vàng A Sáo", "HTX chè Y Tý", "CN HTX chè Y Tý", "Hộ Lý A Sử", ""]
        ),
        "rep_name": st.sampled_from(["Vàng A Páo", "Lý A Sử", "Giàng Thị Mẩy"]),
        "legal_form": st.sampled_from(["HO_KINH_DOANH", "HTX", "KHAC"]),
        "tax_code": st.sampled_from(["5309464944", "5309464949", "5309464944-001", "010085000001"]),
        "rep_id_no": st.sampled_from(["010085000001", "010085000002", "066195123456"]),
        "phone": st.sampled_from(["+84752859644", "+84752859645", "0865.842.388; 0752859644"]),
        "commune": st.sampled_from(["02989", "02707"]),
        "commune_candidates": st.just(["02989", "02707"]),
        "old_commune": st.sampled_from(["02989", "02707"]),
        "hamlet": st.sampled_from(["Thôn Dín 1", "Dín 01", "Dính 1", "Thôn 2"]),
        "trade": st.sampled_from(["Chế biến chè", "Dệt"]),
        "vsic": st.sampled_from(["1076", "1312"]),
        "founded_year": st.sampled_from([2005, 2006, 2015]),
    },
)


@given(_fields, _fields)
def test_it_is_the_same_in_both_directions(one: Record, other: Record) -> None:
    there, back = (compare(profile_of(a), profile_of(b)) for a, b in ((one, other), (other, one)))
    assert there.verdict is back.verdict
    assert there.score == pytest.approx(back.score)
    assert Counter(there.reasons) == Counter(back.reasons)


@given(_fields, _fields)
def test_the_reasons_add_up_and_the_short_way_says_the_same(one: Record, other: Record) -> None:
    found = compare(profile_of(one), profile_of(other))
    assert found.score == pytest.approx(sum(reason.points for reason in found.reasons))
    likely = compare_likely(profile_of(one), profile_of(other))
    assert likely == (None if found.verdict is Verdict.DIFFERENT else found)


def test_which_pairs_are_found_does_not_depend_on_the_order() -> None:
    some = [pair.one for pair in pairs()[::10]] + [pair.other for pair in pairs()[::10]]
    profiles = [profile_of(record) for record in some]

    def alike(order: list[int]) -> set[frozenset[int]]:
        index = Index(profiles[place] for place in order)
        return {
            frozenset((order[one], order[other]))
            for one, other in index.pairs()
            if compare_likely(index.profiles[one], index.profiles[other])
        }

    order = list(range(len(some)))
    forward = alike(order)
    random.Random(1).shuffle(order)
    assert forward == alike(order)
    assert len(forward) > 50


# -- what people write -----------------------------------------------------------------------------------------


def test_what_is_certain() -> None:
    assert verdict(HOUSEHOLD) is Verdict.CERTAIN
    assert verdict(HOUSEHOLD, name="HKD VANG A PAO", phone=None) is Verdict.CERTAIN
    assert verdict(HOUSEHOLD, phone="+84912345678") is Verdict.CERTAIN
    assert verdict(HOUSEHOLD, phone=None, trade=None, founded_year=None) is Verdict.CERTAIN
    assert verdict(FIRM, rep_name="Lý A Sử", phone="+84912345678") is Verdict.CERTAIN
    assert verdict(FIRM, commune="02989", hamlet="Thôn 2") is Verdict.CERTAIN


def test_what_a_person_is_asked() -> None:
    name_and_commune = {"phone": None, "trade": None, "founded_year": None, "hamlet": None}
    assert verdict(HOUSEHOLD, **name_and_commune) is Verdict.ASK
    assert verdict(FIRM, tax_code="5309464950") is Verdict.ASK
    hung = {**HOUSEHOLD, "name": "Hộ Lù Thanh Hùng", "rep_name": "Lù Thanh Hùng"}
    dung = {"name": "Hộ Lù Thanh Dũng", "rep_name": "Lù Thanh Dũng"}
    assert verdict(hung, **dung) is Verdict.CERTAIN
    assert verdict(hung, **dung, founded_year=2020) is Verdict.ASK
    stranger = {**HOUSEHOLD, "tax_code": FIRM["tax_code"]}
    assert compare(profile_of(FIRM), profile_of(stranger)).verdict is Verdict.ASK
    numbered = {**HOUSEHOLD, "rep_id_no": "010085000001"}
    other = {"name": "HTX chè Y Tý", "tax_code": "010085000001", "commune": "02707"}
    assert compare(profile_of(numbered), profile_of(other)).verdict is Verdict.ASK


def test_who_is_somebody_else() -> None:
    son = {"name": "Hộ Vàng A Sử", "rep_name": "Vàng A Sử", "founded_year": 2021}
    assert verdict(HOUSEHOLD, **son) is Verdict.DIFFERENT
    namesake = {"hamlet": "Thôn Lềnh 2", "phone": "+84912345678", "trade": "Chế biến chè"}
    assert verdict(HOUSEHOLD, **namesake) is Verdict.DIFFERENT
    branch = {"name": f"Chi nhánh {FIRM['name']}", "tax_code": "5309464944-001"}
    assert verdict(FIRM, **branch) is Verdict.DIFFERENT
    assert verdict(FIRM, name="HTX chè Y Tý", tax_code="5306328083") is Verdict.DIFFERENT


def test_the_reasons_in_words() -> None:
    other = {**FIRM, "phone": "+84912345678", "hamlet": "Thôn 2"}
    found = compare(profile_of(FIRM), profile_of(other))
    assert found.sentence == (
        "cùng mã số thuế 5309464944, cùng tên, cùng chủ cơ sở, cùng xã, phường, cùng ngành nghề;"
        " nhưng khác thôn, khác điện thoại"
    )


# -- measured --------------------------------------------------------------------------------------------------


@cache
def pairs() -> list[Pair]:
    return labelled_pairs(records())


def test_labelled_pairs() -> None:
    """As a finished program would meet them: found by a key, and then weighed."""
    warned: dict[str, Counter[bool]] = defaultdict(Counter)
    certain_strangers = 0
    for pair in pairs():
        one, other = profile_of(pair.one), profile_of(pair.other)
        found = compare_likely(one, other) if Index([one]).near(other) else None
        warned[pair.kind][found is not None] += 1
        certain_strangers += (
            found is not None and found.verdict is Verdict.CERTAIN and not pair.same
        )
    same = {pair.kind for pair in pairs() if pair.same}
    assert sum(warned[kind].total() for kind in same) == len(pairs()) // 2
    right = sum(warned[kind][True] for kind in same)
    wrong = sum(warned[kind][True] for kind in warned.keys() - same)
    assert right / (right + wrong) >= 0.98
    assert right / (len(pairs()) // 2) >= 0.98
    assert all(warned[kind][True] / warned[kind].total() >= 0.95 for kind in same), warned
    assert all(warned[k][True] / warned[k].total() <= 0.05 for k in warned.keys() - same), warned
    assert certain_strangers <= len(pairs()) // 500


def test_the_register_has_one_pair_to_look_at() -> None:
    profiles = [profile_of(record) for record in records()]
    index = Index(profiles)
    alike = [
        (one, other, found)
        for one, other in index.pairs()
        if (found := compare_likely(profiles[one], profiles[other])) is not None
    ]
    ((one, other, found),) = alike
    assert records()[one]["tax_code"] == records()[other]["tax_code"] == "5308181598"
    assert found.verdict is Verdict.ASK


def test_a_crowd_is_passed_over_and_its_members_are_still_found() -> None:
    """Hundreds of rows with the telephone of one office, and one establishment twice among them."""
    office = [
        {**HOUSEHOLD, "name": f"Hộ Lý Văn {number}", "rep_name": "", "hamlet": f"Thôn {number}"}
        for number in range(300)
    ]
    index = Index(map(profile_of, [*office, office[7]]))
    assert (300, 7) in set(index.pairs())
    assert len(list(index.pairs())) < 3_000
