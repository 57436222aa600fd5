"""Lists of work go into a file with all that stands in them; taken in by mistake, they change nothing."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from kcdesk.actions.bin import delete_record
from kcdesk.actions.desk import Desk
from kcdesk.actions.erasing import erase, plan_erasure
from kcdesk.actions.exporting import export_records
from kcdesk.actions.importing import import_list
from kcdesk.actions.records import add_record
from kcdesk.actions.rounds import give_out
from kcdesk.actions.work_lists import WORK_LISTS, export_work_list
from kcdesk.errors import BadInput, Cancelled
from kcdesk.importing.list_kinds import FIGURE_LIST
from kcdesk.importing.reading import Choices
from tests.actions.test_conflicts import disputed as disputed  # noqa: PLC0414 -- a fixture
from tests.storage.workspaces import DIVIDED


def read(path: Path) -> list[dict[str, Any]]:
    (sheet,) = openpyxl.load_workbook(path).worksheets
    head, *rows = sheet.iter_rows(values_only=True)
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref is not None
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


@pytest.fixture
def busy(desk: Desk, disputed: str, tmp_path: Path) -> Desk:
    """A workspace in which every list of work has something."""
    import_list(desk, DIVIDED)
    twin = {"name": "Hộ Vàng A Páo", "commune": "02728", "phone": "0983111222"}
    first = add_record(desk, "establishments", twin).records[0][1]
    add_record(desk, "establishments", {**twin, "name": "HKD Vang A Pao"})
    thrown = add_record(desk, "establishments", {"name": "Xưởng Bỏ", "commune": "02683"})
    delete_record(desk, "establishments", thrown.records[0][1])
    give_out(desk, "Quý IV", "F01", [first], due_on=datetime.date(2026, 12, 31), assigned_to="Lan")
    plan = plan_erasure(desk, "establishments", disputed, ["rep_name"])
    erase(desk, plan, reason="theo yêu cầu", paper="12/QĐ", paper_date="2026-01-05")
    return desk


def test_every_list_has_what_stands_in_it(busy: Desk, disputed: str, tmp_path: Path) -> None:
    out = {}
    for name in WORK_LISTS:
        path = tmp_path / f"{name}.xlsx"
        count = export_work_list(busy, name, path)
        out[name] = read(path)
        assert len(out[name]) == count > 0
        assert [row["STT"] for row in out[name]] == list(range(1, count + 1))
    (thrown,) = out["bin"]
    assert (thrown["Loại hồ sơ"], thrown["Hồ sơ"]) == ("Cơ sở công nghiệp nông thôn", "Xưởng Bỏ")
    assert isinstance(thrown["Bỏ lúc"], datetime.datetime)
    sides = [row for row in out["conflicts"] if row["Mã hồ sơ"] == disputed]
    assert [row["Đang hiện"] for row in sides] == [None, "đang hiện"] * 2
    assert sides[0]["Giá trị"] != sides[1]["Giá trị"]
    assert all("Long Phú" in row["Nơi cũ"] or row["Vì sao"] for row in out["communes"])
    pairs = [{row["Cơ sở A"], row["Cơ sở B"]} for row in out["duplicates"]]
    assert {"Hộ Vàng A Páo", "HKD Vang A Pao"} in pairs
    (sheet,) = out["rounds"]
    assert (sheet["Đợt"], sheet["Giao cho"], sheet["Tình trạng"]) == ("Quý IV", "Lan", "Chưa làm")
    assert f"{sheet['Hạn']:%d/%m/%Y}" == "31/12/2026"
    (gone,) = out["erasures"]
    assert (gone["Văn bản"], f"{gone['Ngày văn bản']:%d/%m/%Y}") == ("12/QĐ", "05/01/2026")


@pytest.mark.parametrize("name", WORK_LISTS)
def test_taken_in_by_mistake_it_changes_nothing(busy: Desk, name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.csv"
    export_work_list(busy, name, path)
    every = Choices(accept_proposed=True)
    try:
        report = import_list(busy, path, update=True, dry_run=True, choices=every)
    except BadInput:
        return
    assert (report.imported, report.updated) == (0, 0), report.plan.rows


def test_values_of_persons_stay_in_unless_asked_for(
    busy: Desk, disputed: str, tmp_path: Path
) -> None:
    path = tmp_path / "so.xlsx"
    export_work_list(busy, "conflicts", path)
    fields = {row["Mục"] for row in read(path)}
    assert "Điện thoại" in fields
    export_work_list(busy, "conflicts", path, personal=False)
    shown = {row["Giá trị"] for row in read(path) if row["Mục"] == "Điện thoại"}
    assert shown == {"(không xuất)"}


def test_it_can_be_stopped_and_the_name_says_the_format(busy: Desk, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise Cancelled("Dừng.")

    path = tmp_path / "thung-rac.xlsx"
    with pytest.raises(Cancelled):
        export_work_list(busy, "bin", path, progress=stop)
    with pytest.raises(BadInput, match="Không biết ghi danh sách"):
        export_work_list(busy, "bin", tmp_path / "so.doc")
    assert not path.exists()


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_figures_go_out_and_come_in_without_a_change(
    register: Desk, tmp_path: Path, suffix: str
) -> None:
    """Namesakes of one commune, estimates: each row is known by its id, and says nothing new."""
    path = tmp_path / f"so-lieu{suffix}"
    count = export_records(register, "figures", path)
    report = import_list(register, path, kind=FIGURE_LIST, update=True, dry_run=True)
    assert report.plan.rejected == ()
    assert (report.imported, report.updated, report.unchanged) == (0, 0, count)
