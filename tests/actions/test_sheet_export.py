"""Answered sheets as tables: filtered, with labels or names, repeats with their parent's id, with types."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

import openpyxl
import pytest

from kcdesk.actions.desk import Desk
from kcdesk.actions.exporting import PERSONAL
from kcdesk.actions.sheet_export import Style, export_sheets
from kcdesk.actions.sheet_lists import SheetFilter, find_sheets
from kcdesk.actions.survey_proposals import finish_survey
from kcdesk.actions.surveys import fill_in, open_survey, save_survey
from kcdesk.domain.code_lists import SheetState
from kcdesk.errors import BadInput, Cancelled
from tests.actions.test_surveys import filled

F01 = SheetFilter(questionnaire="F01")


@pytest.fixture
def two(desk: Desk, establishment: str) -> tuple[str, str]:
    """A finished sheet of 27 February, and one of 5 January that is half filled in."""
    done = filled(desk, establishment)
    finish_survey(desk, done)
    begun = open_survey(desk, "F01", establishment)
    fill_in(begun.sheet, {"survey_date": "2026-01-05", "has_machines": "no"})
    save_survey(desk, begun)
    return done.record, begun.record


def read(path: Path) -> dict[str, list[dict[str, object]]]:
    """Title of the sheet -> its lines by head."""
    book = openpyxl.load_workbook(path)
    tables = {}
    for sheet in book.worksheets:
        assert sheet.freeze_panes == "A2"
        heads, *lines = ([cell.value for cell in row] for row in sheet.rows)
        assert len(set(heads)) == len(heads)
        tables[sheet.title] = [dict(zip(map(str, heads), line, strict=True)) for line in lines]
    return tables


def test_which_sheets(desk: Desk, two: tuple[str, str]) -> None:
    done, begun = two

    def found(**wanted: object) -> list[str]:
        return [sheet.id for sheet in find_sheets(desk, SheetFilter(**wanted))]  # type: ignore[arg-type]

    assert sorted(found()) == sorted(two)
    assert found(states=[SheetState.FINISHED]) == [done]
    assert found(questionnaire="F20") == []
    assert found(since=datetime.date(2026, 2, 1)) == [done]
    assert found(until=datetime.date(2026, 2, 1)) == [begun]
    assert found(answers={"has_machines": "no"}) == [begun]
    assert found(search="cau xay", only=[done]) == []
    assert sorted(found(search="vang a pao")) == sorted(two)
    assert {sheet.name for sheet in find_sheets(desk, F01)} == {"Hộ Vàng A Páo"}


def test_labels_types_and_rows(desk: Desk, two: tuple[str, str], tmp_path: Path) -> None:
    done, _ = two
    path = tmp_path / "phieu.xlsx"
    written = export_sheets(desk, path, F01)
    assert (written.sheets, written.files, written.unreadable) == (2, (path,), ())
    tables = read(path)
    sheets = {line["Mã phiếu"]: line for line in tables["F01"]}
    one = sheets[done]
    assert one["Trạng thái"] == "Đã ghi xong"
    assert one["Loại hình"] == "Hộ kinh doanh"
    assert one["Thị trường tiêu thụ"] == "Trong xã, phường; Trong tỉnh"
    assert (one["Diện tích nhà xưởng (m²)"], one["Năm thành lập"]) == (120.5, 2006)
    assert one["Ngày khảo sát"] == datetime.datetime(2026, 2, 27)  # noqa: DTZ001 -- as read
    assert not {"Điện thoại", "Email", "Số căn cước công dân / số định danh"} & set(one)
    machines = tables["Máy móc, thiết bị hiện có"]
    assert [line["Tên máy, thiết bị"] for line in machines] == ["Máy trộn", "Máy ép"]
    assert {line["Thuộc (mã phiếu hoặc mã dòng)"] for line in machines} == {done}
    assert [line["Dòng thứ"] for line in machines] == [1, 2]
    assert len({line["Mã dòng"] for line in machines}) == 2
    assert machines[1]["machine_amount"] == 290_000_000, "computed as the sheet does"


def test_names_and_a_column_for_each_choice(
    desk: Desk, two: tuple[str, str], tmp_path: Path
) -> None:
    done, begun = two
    path = tmp_path / "phieu.xlsx"
    style = Style(labels=False, one=False, each=True, personal=True)
    export_sheets(desk, path, F01, style)
    tables = read(path)
    sheets = {line["sheet_id"]: line for line in tables["F01"]}
    one = sheets[done]
    assert (one["sheet_state"], one["legal_form"]) == ("FINISHED", "HO_KINH_DOANH")
    assert one["phone"] == "0912 345 678"
    places = [f"markets/{name}" for name in ("COMMUNE", "PROVINCE", "COUNTRY", "EXPORT")]
    assert [one[place] for place in places] == [1, 1, 0, 0]
    assert [sheets[begun][place] for place in places] == [None] * 4, "not answered is not no"
    assert "markets" not in one
    assert [line["machine_name"] for line in tables["machines"]] == ["Máy trộn", "Máy ép"]


def test_both_ways_and_in_english(desk: Desk, two: tuple[str, str], tmp_path: Path) -> None:
    path = tmp_path / "phieu.xlsx"
    export_sheets(desk, path, F01, Style(each=True, language="en"))
    one = {line["Mã phiếu"]: line for line in read(path)["F01"]}[two[0]]
    assert one["Markets"] == "In the commune; In the province"
    assert one["Markets: In the province"] == 1


def test_csv_has_a_file_for_each_repeat(desk: Desk, two: tuple[str, str], tmp_path: Path) -> None:
    path = tmp_path / "phieu.csv"
    written = export_sheets(desk, path, F01, Style(labels=False))
    machines = tmp_path / "phieu_machines.csv"
    assert {path, machines} <= set(written.files)
    assert all(file.is_file() for file in written.files)
    lines = list(csv.DictReader(machines.read_text("utf-8-sig").splitlines()))
    assert [line["machine_price"] for line in lines] == ["28000000", "145000000"]
    assert {line["parent_id"] for line in lines} == {two[0]}


def test_one_questionnaire_at_a_time(desk: Desk, two: tuple[str, str], tmp_path: Path) -> None:
    establishment = find_sheets(desk, F01)[0].said("establishment")
    save_survey(desk, open_survey(desk, "F28", establishment))
    path = tmp_path / "phieu.xlsx"
    with pytest.raises(BadInput, match="F01, F28"):
        export_sheets(desk, path, SheetFilter())
    assert not path.exists()
    assert export_sheets(desk, path, SheetFilter(questionnaire="F28")).sheets == 1
    with pytest.raises(BadInput, match=r"phieu\.pdf"):
        export_sheets(desk, tmp_path / "phieu.pdf", F01)


def test_stopped_writes_nothing(desk: Desk, two: tuple[str, str], tmp_path: Path) -> None:
    def stop(_done: int, _total: int) -> None:
        raise Cancelled("Đã dừng.")

    path = tmp_path / "phieu.xlsx"
    with pytest.raises(Cancelled):
        export_sheets(desk, path, F01, progress=stop)
    assert not path.exists()


def test_nothing_found_is_an_empty_table(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "phieu.xlsx"
    assert export_sheets(desk, path, F01).sheets == 0
    assert read(path) == {"F01": []}


def test_that_sheets_left_stands_in_the_book(
    desk: Desk, two: tuple[str, str], tmp_path: Path
) -> None:
    export_sheets(desk, tmp_path / "a.xlsx", F01)
    export_sheets(desk, tmp_path / "b.csv", F01, Style(personal=True))
    with pytest.raises(BadInput):
        export_sheets(desk, tmp_path / "c.doc", F01)
    noted = {note.file_name: set(note.left_out) for note in desk.workspace.papers.all()}
    assert noted == {"a.xlsx": set(PERSONAL), "b.csv": set()}
