"""Deleting puts a record into the bin with all that hangs on it; it comes back whole."""

from __future__ import annotations

import pytest

from kcdesk.actions.bin import delete_record, hanging_on, hanging_text, list_bin, take_back
from kcdesk.actions.desk import Desk
from kcdesk.actions.needs import register_need
from kcdesk.actions.records import add_record, count_records, get_record, list_records
from kcdesk.actions.surveys import open_survey
from kcdesk.errors import BadInput, NotFound
from tests.conftest import SettableClock

KIND = "establishments"


@pytest.fixture
def figures(desk: Desk, establishment: str) -> str:
    typed = {"establishment": establishment, "year": "2025", "basis": "actual", "workers": "4"}
    return add_record(desk, "figures", typed).records[0][1]


def test_what_hangs_on_it_is_counted_hidden_and_back_again(
    desk: Desk, establishment: str, figures: str, clock: SettableClock
) -> None:
    hanging = hanging_on(desk, KIND, establishment)
    assert hanging == {"figures": 1}
    assert hanging_text(hanging) == "1 số liệu theo năm"
    clock.advance(60_000)
    delete_record(desk, KIND, establishment)
    assert list_records(desk, KIND).records == []
    assert count_records(desk, "figures") == 0
    (thrown,) = list_bin(desk)
    assert thrown.record.row["name"] == "Hộ Vàng A Páo"
    assert (thrown.who, thrown.hanging) == ("Lan", {"figures": 1})
    assert thrown.as_json()["deleted_at"] == "2026-03-02T08:31:00+07:00"
    assert get_record(desk, KIND, establishment).row["workers_total"] == 4
    take_back(desk, KIND, establishment)
    assert list_bin(desk) == []
    assert get_record(desk, "figures", figures).row["workers"] == 4
    assert count_records(desk, "figures") == 1


def test_the_last_thrown_comes_first(desk: Desk, establishment: str, figures: str) -> None:
    delete_record(desk, "figures", figures)
    delete_record(desk, KIND, establishment)
    assert [one.record.row["id"] for one in list_bin(desk)] == [establishment, figures]


def test_what_is_there_already_and_what_is_not(desk: Desk, establishment: str) -> None:
    with pytest.raises(BadInput, match="không ở trong thùng rác"):
        take_back(desk, KIND, establishment)
    delete_record(desk, KIND, establishment)
    with pytest.raises(BadInput, match="đã ở trong thùng rác"):
        delete_record(desk, KIND, establishment)
    with pytest.raises(NotFound):
        take_back(desk, KIND, "nobody")


def test_nothing_new_begins_for_what_is_in_the_bin(desk: Desk, establishment: str) -> None:
    delete_record(desk, KIND, establishment)
    typed = {"establishment": establishment, "year": "2025", "basis": "actual"}
    for begin in (
        lambda: add_record(desk, "figures", typed),
        lambda: register_need(desk, establishment, {"purpose": "x"}),
        lambda: open_survey(desk, "F01", establishment),
    ):
        with pytest.raises(BadInput) as caught:
            begin()
        assert caught.value.code == "deleted"
