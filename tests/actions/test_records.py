"""Records are added, set, deleted and remembered; what is typed wrongly is told before anything is written."""

from __future__ import annotations

import pytest

from kcdesk.actions.bin import delete_record
from kcdesk.actions.desk import Desk
from kcdesk.actions.history import history
from kcdesk.actions.records import (
    add_record,
    get_record,
    list_records,
    records_of,
    set_fields,
)
from kcdesk.changes import Change, fold
from kcdesk.errors import BadInput, NotFound
from tests.actions.conftest import ESTABLISHMENT
from tests.conftest import SettableClock

KIND = "establishments"
OTHER = "00000000000000b2"


def test_what_is_typed_is_kept_in_one_form(desk: Desk, establishment: str) -> None:
    row = get_record(desk, KIND, establishment).row
    assert row["legal_form"] == "HO_KINH_DOANH"
    assert row["phone"] == "+84752859644"
    assert row["founded_year"] == 2006
    assert row["commune_name"] == "Xã Bảo Hà"
    assert row["province_name"] == "Tỉnh Lào Cai"


def test_a_listed_record_has_the_keys_of_the_contract(desk: Desk, establishment: str) -> None:
    (listed,) = list_records(desk, KIND).records
    document = listed.as_json()
    assert list(document)[:3] == ["id", "kind", "state"]
    assert (document["id"], document["kind"], document["state"]) == (establishment, KIND, "local")


def test_each_field_in_the_history_is_told_with_what_it_said_before(
    desk: Desk, establishment: str, clock: SettableClock
) -> None:
    clock.advance(60_000)
    set_fields(desk, KIND, establishment, {"phone": "0912345678", "founded_year": "2006"})
    clock.advance(60_000)
    set_fields(desk, KIND, establishment, {"phone": ""})
    told = [
        (entry.field, entry.old, entry.new)
        for entry in history(desk, KIND, establishment)
        if entry.field == "phone"
    ]
    assert told == [
        ("phone", None, "+84752859644"),
        ("phone", "+84752859644", "+84912345678"),
        ("phone", "+84912345678", None),
    ]
    entries = history(desk, KIND, establishment)
    assert len([entry for entry in entries if entry.field == "founded_year"]) == 1
    assert {entry.who for entry in entries} == {"Lan"}
    assert entries[-1].as_json()["at"] == "2026-03-02T08:32:00+07:00"


def test_history_goes_by_what_the_author_had_seen_and_not_by_clocks(
    desk: Desk, establishment: str
) -> None:
    """The other laptop's clock stands in 1970, and it has seen our telephone number."""
    state = fold(desk.workspace.history(KIND, establishment))
    changes = [
        Change(OTHER, 1, KIND, establishment, 0, {"phone": "+84911111111"}, dict(state.seen)),
        Change(OTHER, 2, KIND, establishment, 1, {"note": "x"}, dict(state.seen)),
    ]
    desk.workspace.receive(changes, {})
    desk.workspace.know_devices({OTHER: "Hùng"})
    theirs = [entry for entry in history(desk, KIND, establishment) if entry.who == "Hùng"]
    assert [(e.field, e.old, e.new) for e in theirs] == [
        ("phone", "+84752859644", "+84911111111"),
        ("note", None, "x"),
    ]


def test_history_does_not_say_what_the_author_had_not_seen(desk: Desk, establishment: str) -> None:
    desk.workspace.receive([Change(OTHER, 1, KIND, establishment, 1 << 50, {"phone": "1"}, {})], {})
    (theirs,) = [e for e in history(desk, KIND, establishment) if e.change.device == OTHER]
    assert (theirs.old, theirs.new) == (None, "1")


def test_what_says_so_already_is_no_change(desk: Desk, establishment: str) -> None:
    before = desk.workspace.chain()
    typed = {**ESTABLISHMENT, "phone": "+84 752.859.644", "legal_form": "HO_KINH_DOANH"}
    assert set_fields(desk, KIND, establishment, typed).records == ()
    assert desk.workspace.chain() == before
    set_fields(desk, KIND, establishment, {**typed, "name": "Hộ khác"})
    (change,) = desk.workspace.own_changes(before.last_n, 1 << 40)
    assert change.set == {"name": "Hộ khác"}


def test_new_rows_stand_below_those_that_are_there(desk: Desk, establishment: str) -> None:
    for name in ("Gạch", "Ngói", "Bờ lô"):
        set_fields(
            desk,
            KIND,
            establishment,
            {"main_products/1/name": name, "main_products/1/output": "1.200,5"},
        )
    rows = get_record(desk, KIND, establishment).row["main_products"]
    assert isinstance(rows, list)
    assert [(row["name"], row["output"]) for row in rows if isinstance(row, dict)] == [
        ("Gạch", "1200.5"),
        ("Ngói", "1200.5"),
        ("Bờ lô", "1200.5"),
    ]


def test_lines_of_a_long_text_stay_lines(desk: Desk, establishment: str) -> None:
    set_fields(desk, KIND, establishment, {"note": " Đường  xấu.\r\n\nGọi trước. \n"})
    assert get_record(desk, KIND, establishment).row["note"] == "Đường xấu.\n\nGọi trước."


WRONG = {
    "phone": ("123", None),
    "tax_code": ("12345", "V-MST"),
    "rep_id_no": ("010 085 000", None),
    "founded_year": ("năm ngoái", "số nguyên"),
    "legal_form": ("Công ty ma", "danh mục"),
    "reg_date": ("31/02/2020", "V-DATE"),
    "area_m2": ("rộng", "không phải là số"),
    "email": ("a@b", "V-EMAIL"),
    "commune": ("99999", "99999"),
}


@pytest.mark.parametrize("field", WRONG)
def test_text_where_something_else_belongs(desk: Desk, establishment: str, field: str) -> None:
    text, said = WRONG[field]
    before = desk.workspace.chain()
    if said is None:
        assert set_fields(desk, KIND, establishment, {field: text}).findings  # soft: kept, and told
        return
    with pytest.raises((BadInput, NotFound)) as caught:
        set_fields(desk, KIND, establishment, {"note": "x", field: text})
    assert said in caught.value.message
    assert desk.workspace.chain() == before


def test_all_that_is_wrong_is_told_at_once(desk: Desk, establishment: str) -> None:
    with pytest.raises(BadInput) as caught:
        set_fields(desk, KIND, establishment, {"tax_code": "1", "founded_year": "x"})
    assert "V-MST" in caught.value.message
    assert "số nguyên" in caught.value.message


@pytest.mark.parametrize(
    "field",
    ["nmae", "tên", "id", "kind", "deleted", "a b", "main_products/1/nmae", "x/1/name", "/"],
)
def test_a_field_that_is_none_is_told(desk: Desk, establishment: str, field: str) -> None:
    for act in (
        lambda: set_fields(desk, KIND, establishment, {field: "x"}),
        lambda: add_record(desk, KIND, {"name": "Hộ B", field: "x"}),
    ):
        with pytest.raises(BadInput) as caught:
            act()
        assert caught.value.code == "no_field"
        assert "rep_name" in caught.value.hint


def test_a_field_of_a_newer_version_that_the_record_has_can_be_set(
    desk: Desk, establishment: str
) -> None:
    desk.workspace.receive([Change(OTHER, 1, KIND, establishment, 1, {"smell": "hoa"}, {})], {})
    set_fields(desk, KIND, establishment, {"smell": "nồng"})
    assert get_record(desk, KIND, establishment).row["smell"] == "nồng"


def test_records_that_cannot_be_added(desk: Desk, establishment: str) -> None:
    before = desk.workspace.chain()
    for kind, typed, error in (
        (KIND, {"phone": "0912345678"}, BadInput),
        ("nothings", {"name": "x"}, NotFound),
        ("figures", {"year": "2025", "basis": "actual", "workers": "1"}, NotFound),
        ("figures", {"establishment": establishment, "year": "2025", "workers": "1"}, BadInput),
        ("figures", {"establishment": "x", "year": "2025", "basis": "actual"}, NotFound),
    ):
        with pytest.raises(error):
            add_record(desk, kind, typed)
    assert desk.workspace.chain() == before


def test_figures_of_a_year_are_one_record_however_often_they_are_added(
    desk: Desk, establishment: str
) -> None:
    typed = {"establishment": establishment, "year": "2025", "basis": "Thực hiện"}
    one = add_record(desk, "figures", {**typed, "workers": "6", "revenue": "610 triệu"})
    two = add_record(desk, "figures", {**typed, "workers": "7"})
    assert one.records == two.records
    row = get_record(desk, KIND, establishment).row
    assert (row["workers_total"], row["revenue"], row["figures_year"]) == (7, 610_000_000, 2025)


def test_the_latest_year_shows_actual_before_estimate_and_never_a_plan(
    desk: Desk, establishment: str
) -> None:
    for year, basis, workers in (
        (2024, "actual", 4),
        (2025, "estimate", 5),
        (2027, "plan", 9),
        (2025, "actual", 6),
        (2023, "actual", 3),
    ):
        typed = {"establishment": establishment, "year": str(year), "basis": basis}
        add_record(desk, "figures", {**typed, "workers": str(workers)})
    row = get_record(desk, KIND, establishment).row
    assert (row["figures_year"], row["figures_basis"], row["workers_total"]) == (2025, "actual", 6)
    assert len(records_of(desk, "figures", establishment)) == 5


def test_filters_are_written_as_people_write(desk: Desk, establishment: str) -> None:
    for where in (
        {"phone": "0752 859 644"},
        {"legal_form": "Hộ kinh doanh"},
        {"legal_form": "HO_KINH_DOANH"},
        {"founded_year": "2006", "commune": "02989"},
    ):
        found = list_records(desk, KIND, where=where).records
        assert [each.row["id"] for each in found] == [establishment]
    assert list_records(desk, KIND, where={"phone": "0752859645"}).records == []


def test_a_deleted_record_is_out_of_lists_and_keeps_its_history(
    desk: Desk, establishment: str
) -> None:
    delete_record(desk, KIND, establishment)
    assert list_records(desk, KIND).records == []
    assert history(desk, KIND, establishment)[-1].field == "deleted"
    with pytest.raises(NotFound):
        delete_record(desk, KIND, "01900000-0000-7000-8000-00000000ffff")
