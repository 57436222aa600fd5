"""A list comes in as one action: all of it that can, or nothing; and what it would do can be read before."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from kcdesk.actions.desk import Desk
from kcdesk.actions.importing import import_list
from kcdesk.actions.records import count_records, list_records
from kcdesk.errors import BadInput
from tests.storage.workspaces import DIVIDED, REGISTER


@pytest.fixture
def two_wrong(tmp_path: Path) -> Path:
    """The short list with a word where workers belong, and a row without a name."""
    book = openpyxl.load_workbook(DIVIDED)
    sheet = book.active
    assert sheet is not None
    sheet["M8"] = "nhiều"
    sheet["B9"] = None
    path = tmp_path / "two-wrong.xlsx"
    book.save(path)
    return path


def test_the_register_comes_in_whole(register: Desk) -> None:
    assert count_records(register, "establishments") == 6534
    assert count_records(register, "figures") == 6534
    assert count_records(register, "figures", {"basis": "estimate", "year": "2020"}) == 6534
    assert count_records(register, "establishments", {"legal_form": "HTX"}) == 90
    assert list_records(register, "establishments", where={"name": "Tổng cộng"}).records == []


def test_one_action_has_one_moment(register: Desk) -> None:
    changes = list(register.workspace.own_changes(0, 1 << 40))
    assert len(changes) == 2 * 6534
    assert len({change.at for change in changes}) == 1


def test_a_dry_run_says_the_same_and_writes_nothing(desk: Desk) -> None:
    would = import_list(desk, REGISTER, dry_run=True).as_json()
    assert count_records(desk, "establishments") == 0
    assert desk.workspace.chain().last_n == 0
    done = import_list(desk, REGISTER).as_json()
    assert {**would, "dry_run": False} == done
    assert would["imported"] == 6534
    assert would["old_communes"] == would["old_communes_resolved"] == 151
    assert (would["workers"], would["production_value"]) == (14_172, 3_150_000_000_000)


def test_wrong_rows_stay_out_and_are_named(desk: Desk, two_wrong: Path) -> None:
    report = import_list(desk, two_wrong)
    assert report.imported == count_records(desk, "establishments") == 6
    assert [row.row_number for row in report.plan.rejected] == [8, 9]
    findings = report.as_json()["findings"]
    assert isinstance(findings, list)
    hard = [each for each in findings if isinstance(each, dict) and each["level"] == "hard"]
    assert {(each["row"], each["field"]) for each in hard} == {(8, "workers"), (9, "name")}


def test_all_or_nothing(desk: Desk, two_wrong: Path) -> None:
    with pytest.raises(BadInput) as caught:
        import_list(desk, two_wrong, all_or_nothing=True)
    assert "2 dòng" in caught.value.message
    assert "ô M8" in caught.value.message
    assert desk.workspace.chain().last_n == 0


def test_an_import_that_is_stopped_leaves_nothing(desk: Desk) -> None:
    def stop(done: int, total: int) -> None:
        if done == 3000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_list(desk, REGISTER, progress=stop)
    assert count_records(desk, "establishments") == 0
    assert count_records(desk, "figures") == 0
    assert list(desk.workspace.changes()) == []
    assert list_records(desk, "establishments", search="vang a pao").records == []


def test_progress_ends_at_the_end(desk: Desk) -> None:
    told: list[tuple[int, int]] = []
    import_list(desk, DIVIDED, progress=lambda done, total: told.append((done, total)))
    assert told == [(8, 8)]


def test_money_of_the_list_is_kept_in_dong(desk: Desk) -> None:
    import_list(desk, DIVIDED)
    (one,) = list_records(desk, "establishments", search="moc binh nhan").records
    assert one.row["production_value"] == 5_215_250_000
    assert one.row["avg_wage"] == 7_100_000
    assert (one.row["figures_year"], one.row["figures_basis"]) == (2024, "actual")
