"""Two records of one establishment become one for whoever reads, and two again."""

from __future__ import annotations

import pytest

from kcdesk.actions.bin import delete_record, hanging_on
from kcdesk.actions.checking import check
from kcdesk.actions.conflicts import list_conflicts, resolve_by_pick
from kcdesk.actions.desk import Desk
from kcdesk.actions.documents import print_document
from kcdesk.actions.history import history
from kcdesk.actions.merging import merge, unmerge
from kcdesk.actions.needs import open_need, register_need
from kcdesk.actions.records import add_record, get_record, list_records, open_record, records_of
from kcdesk.actions.reports import report_b4
from kcdesk.actions.surveys import open_survey, reopen_survey, save_survey
from kcdesk.changes import Change
from kcdesk.errors import BadInput, NotFound

KIND = "establishments"
OTHER = "00000000000000b2"


def figures(desk: Desk, establishment: str, workers: int, year: int = 2025) -> str:
    typed = {
        "establishment": establishment,
        "year": str(year),
        "basis": "actual",
        "workers": str(workers),
    }
    return add_record(desk, "figures", typed).records[0][1]


@pytest.fixture
def twin(desk: Desk) -> str:
    """The same household once more, as somebody else wrote it."""
    typed = {
        "name": "Hộ Vàng A Pao",
        "tax_code": "5300123456",
        "commune": "02989",
        "main_products/1/name": "Gạch",
    }
    return add_record(desk, KIND, typed).records[0][1]


def test_one_of_them_goes_from_lists_and_says_where(
    desk: Desk, establishment: str, twin: str
) -> None:
    merge(desk, twin, establishment)
    assert [one.row["id"] for one in list_records(desk, KIND).records] == [establishment]
    assert [one.row["id"] for one in list_records(desk, KIND, search="vang").records] == [
        establishment
    ]
    row = get_record(desk, KIND, twin).row
    assert (row["name"], row["survivor"]) == ("Hộ Vàng A Pao", establishment)
    unmerge(desk, twin)
    assert len(list_records(desk, KIND).records) == 2
    assert "survivor" not in get_record(desk, KIND, twin).row
    assert history(desk, KIND, twin)[-1].field == "merged_into"


def test_figures_of_both_are_shown_and_counted_once(
    desk: Desk, establishment: str, twin: str
) -> None:
    figures(desk, establishment, 4)
    figures(desk, twin, 6)
    before = report_b4(desk)
    assert (before.total.establishments, before.total.workers) == (2, 10)
    merge(desk, twin, establishment)
    assert sorted(
        str(one.row["workers"]) for one in records_of(desk, "figures", establishment)
    ) == [
        "4",
        "6",
    ]
    assert get_record(desk, KIND, establishment).row["workers_total"] == 4
    after = report_b4(desk)
    assert (after.total.establishments, after.total.workers) == (1, 4)
    assert (before.figures_left_out, after.figures_left_out) == (0, 1)
    figures(desk, twin, 9, year=2026)  # goes to the survivor
    row = get_record(desk, KIND, establishment).row
    assert (row["workers_total"], row["figures_year"]) == (9, 2026)
    assert "figures_left_out" not in row
    unmerge(desk, twin)
    assert get_record(desk, KIND, twin).row["workers_total"] == 6
    assert report_b4(desk).total.workers == 15


def test_figures_of_the_merged_one_alone_count(desk: Desk, establishment: str, twin: str) -> None:
    figures(desk, twin, 6)
    merge(desk, twin, establishment)
    assert get_record(desk, KIND, establishment).row["workers_total"] == 6
    assert report_b4(desk).total.workers == 6


def test_values_that_are_taken_are_part_of_the_action(
    desk: Desk, establishment: str, twin: str
) -> None:
    before = desk.workspace.chain().last_n
    merge(desk, twin, establishment, ["tax_code", "main_products", "email"])
    made = list(desk.workspace.own_changes(before, 1 << 40))
    assert len({change.at for change in made}) == 1
    row = get_record(desk, KIND, establishment).row
    assert row["tax_code"] == "5300123456"
    products = row["main_products"]
    assert isinstance(products, list)
    assert [product["name"] for product in products if isinstance(product, dict)] == ["Gạch"]
    assert row["name"] == "Hộ Vàng A Páo"
    unmerge(desk, twin)
    assert get_record(desk, KIND, establishment).row["tax_code"] == "5300123456"
    with pytest.raises(BadInput, match="nothing"):
        merge(desk, twin, establishment, ["nothing"])


def test_surveys_and_needs_follow_and_their_links_stay(
    desk: Desk, establishment: str, twin: str
) -> None:
    survey = save_survey(desk, open_survey(desk, "F01", twin))
    need = register_need(desk, twin, {"purpose": "Mua máy"}).records[0][1]
    merge(desk, twin, establishment)
    assert hanging_on(desk, KIND, establishment) == {"surveys": 1, "needs": 1}
    again = reopen_survey(desk, survey.record)
    assert again.establishment == establishment
    again.sheet.set_value("area_m2", "9")
    save_survey(desk, again)
    assert open_record(desk, "surveys", survey.record).get("establishment") == twin
    assert get_record(desk, "needs", need).row["establishment"] == establishment
    known = open_need(desk, twin).known
    assert known["name"] == "Hộ Vàng A Páo"
    assert b"%PDF" in print_document(desk, "F02", need).pdf
    assert print_document(desk, "F02", establishment).file_name.endswith("ho-vang-a-pao.pdf")
    unmerge(desk, twin)
    assert hanging_on(desk, KIND, establishment) == {}
    assert hanging_on(desk, KIND, twin) == {"surveys": 1, "needs": 1}


def test_what_cannot_be_merged(desk: Desk, establishment: str, twin: str) -> None:
    with pytest.raises(NotFound):
        merge(desk, twin, "nobody")
    with pytest.raises(BadInput, match="đã là một cơ sở"):
        merge(desk, twin, twin)
    with pytest.raises(BadInput, match="chưa được gộp"):
        unmerge(desk, twin)
    merge(desk, twin, establishment)
    with pytest.raises(BadInput, match="đã là một cơ sở"):
        merge(desk, establishment, twin)  # a circle, knowingly
    third = add_record(desk, KIND, {"name": "Hộ khác"}).records[0][1]
    with pytest.raises(BadInput, match="đã được gộp"):
        merge(desk, twin, third)
    merge(desk, third, twin)  # into the one it is read under
    assert open_record(desk, KIND, third).get("merged_into") == establishment
    delete_record(desk, KIND, establishment)
    fourth = add_record(desk, KIND, {"name": "Hộ nữa"}).records[0][1]
    with pytest.raises(BadInput, match="thùng rác"):
        merge(desk, fourth, establishment)


@pytest.mark.parametrize("pick", [0, 1])
def test_a_circle_is_a_conflict_that_one_pick_decides(
    desk: Desk, establishment: str, twin: str, pick: int
) -> None:
    merge(desk, twin, establishment)
    theirs = Change(OTHER, 1, KIND, establishment, 9, {"merged_into": twin}, {})
    desk.workspace.receive([theirs], {})
    desk.workspace.know_devices({OTHER: "Hùng"})
    smallest = min(establishment, twin)
    assert [one.row["id"] for one in list_records(desk, KIND).records] == [smallest]
    (conflict,) = list_conflicts(desk)
    assert (conflict.record, conflict.field, conflict.circle) == (smallest, "merged_into", True)
    assert {side.who for side in conflict.sides} == {"Lan", "Hùng"}
    side = conflict.sides[pick]
    resolve_by_pick(desk, KIND, conflict.record, "merged_into", str(side.change))
    assert list_conflicts(desk) == []
    assert [one.row["id"] for one in list_records(desk, KIND).records] == [side.value]
    assert check(desk).clean
