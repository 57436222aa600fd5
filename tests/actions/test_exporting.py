"""A list goes out and comes in again without a change; what is written has the types of a spreadsheet."""

from __future__ import annotations

import csv
import datetime
import tempfile
from pathlib import Path

import openpyxl
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcdesk.actions.desk import Desk
from kcdesk.actions.exporting import export_records, file_name
from kcdesk.actions.handing_out import paper_book
from kcdesk.actions.importing import import_list
from kcdesk.actions.needs import register_need
from kcdesk.actions.records import add_record, set_fields
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.domain.text import normalise
from kcdesk.errors import BadInput, Cancelled, NotFound, WorkspaceError
from kcdesk.importing.plan import ImportPlan
from tests.conftest import SettableClock
from tests.storage.workspaces import DIVIDED, NOW, desk_on, make


def proposed(plan: ImportPlan) -> list[object]:
    """What the list would add or change, and what it would refuse."""
    rows = [row for row in plan.rows if row.proposal.action.value != "keep"]
    return [
        (row.establishment.get("name"), row.proposal.action, row.proposal.changes) for row in rows
    ] + list(plan.rejected)


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_the_register_out_and_in_proposes_nothing(
    register: Desk, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"so{suffix}"
    assert export_records(register, "establishments", path) == 6534
    plan = import_list(register, path, update=True, dry_run=True).plan
    assert proposed(plan) == []
    assert (plan.year, plan.basis.value) == (2020, "estimate")
    assert len(plan.rows) == 6534
    assert plan.sum_of("production_value") == 3_150_000_000_000
    assert [column.header for column in plan.columns if column.meaning == "name"] == ["Tên cơ sở"]


def test_those_whose_commune_waits_come_in_again_too(desk: Desk, tmp_path: Path) -> None:
    import_list(desk, DIVIDED)
    path = tmp_path / "so.xlsx"
    assert export_records(desk, "establishments", path) == 8
    plan = import_list(desk, path, update=True, dry_run=True).plan
    assert proposed(plan) == []


def test_types_head_and_filter(desk: Desk, establishment: str, tmp_path: Path) -> None:
    set_fields(
        desk,
        "establishments",
        establishment,
        {"name": "=1+1", "tax_code": "5300000017", "reg_date": "05/02/2020", "area_m2": "12,5"},
    )
    path = tmp_path / "so.xlsx"
    export_records(desk, "establishments", path)
    (sheet,) = openpyxl.load_workbook(path).worksheets
    heads = [cell.value for cell in sheet[1]]
    cells = dict(zip(heads, sheet[2], strict=True))
    values = {head: cell.value for head, cell in cells.items()}
    assert values["Tên cơ sở"] == "=1+1"
    assert cells["Tên cơ sở"].data_type == "s"
    assert (values["Mã số thuế"], values["Điện thoại"]) == ("5300000017", "0752859644")
    assert cells["Điện thoại"].number_format == "@"
    assert values["Ngày cấp đăng ký"] == datetime.datetime(2020, 2, 5)  # noqa: DTZ001 -- as read
    assert (values["Diện tích nhà xưởng (m²)"], values["Năm thành lập"]) == (12.5, 2006)
    assert values["Loại hình"] == "Hộ kinh doanh"
    assert str(values["Xã, phường"]).startswith(("Xã ", "Phường "))
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref is not None
    assert sheet.column_dimensions["B"].width > 5


def test_only_what_was_looked_for(register: Desk, tmp_path: Path) -> None:
    path = tmp_path / "htx.csv"
    where = {"legal_form": "HTX"}
    assert export_records(register, "establishments", path, where=where) == 90
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["Loại hình"] for row in rows} == {"Hợp tác xã"}
    assert export_records(register, "establishments", path, search="0752859644") == 1


def test_what_is_stopped_leaves_nothing_behind(
    register: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the file nor what the writer of workbooks keeps meanwhile."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    path = tmp_path / "so.xlsx"

    def stop_while_writing(done: int, total: int) -> None:
        if total and done:
            raise Cancelled("Đã dừng theo yêu cầu.")

    with pytest.raises(Cancelled):
        export_records(register, "establishments", path, progress=stop_while_writing)
    assert not path.exists()
    assert list(temporary.iterdir()) == []


def test_other_kinds_name_their_establishment(
    desk: Desk, establishment: str, tmp_path: Path
) -> None:
    register_need(desk, establishment, {"purpose": "Mua máy ép gạch", "total": "320 triệu đồng"})
    path = tmp_path / "nhu-cau.csv"
    assert export_records(desk, "needs", path) == 1
    with path.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["Tên cơ sở"] == "Hộ Vàng A Páo"
    assert "320000000" in row.values()
    assert export_records(desk, "surveys", tmp_path / "phieu.xlsx") == 0


def test_a_list_on_paper_is_noted_with_who_takes_it(
    desk: Desk, establishment: str, tmp_path: Path
) -> None:
    path = tmp_path / f"{file_name(desk, ESTABLISHMENTS.label)}.pdf"
    assert path.name.startswith(f"{desk.today.isoformat()}_")
    count = export_records(desk, "establishments", path, personal=False, taker="UBND xã Bát Xát")
    assert count >= 1
    (page, *_) = pypdf.PdfReader(path).pages
    assert float(page.mediabox.width) > float(page.mediabox.height)
    text = page.extract_text()
    assert "Hộ Vàng A Páo" in " ".join(text.split())
    assert "Mã hồ sơ" not in text
    (note,) = paper_book(desk)
    assert (note.how, note.taker, note.file_name) == ("list", "UBND xã Bát Xát", path.name)
    assert "phone" in note.left_out


def test_a_long_list_flows_over_pages_with_its_head(register: Desk, tmp_path: Path) -> None:
    path = tmp_path / "so.pdf"
    export_records(register, "establishments", path, where={"commune": "02683"})
    pages = pypdf.PdfReader(path).pages
    assert len(pages) > 1
    assert all("Tên cơ sở" in page.extract_text() for page in pages)


def test_a_list_as_pictures_has_a_limit(desk: Desk, establishment: str, tmp_path: Path) -> None:
    path = tmp_path / "so.png"
    assert export_records(desk, "establishments", path, pictures=lambda _: [b"1", b"2"]) >= 1
    assert (tmp_path / "so.png").read_bytes() == b"1"
    assert (tmp_path / "so_trang-2.png").read_bytes() == b"2"
    with pytest.raises(BadInput, match="21 trang"):
        export_records(desk, "establishments", path, pictures=lambda _: [b""] * 21)


def test_what_cannot_be_written(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"so\.doc"):
        export_records(desk, "establishments", tmp_path / "so.doc")
    with pytest.raises(WorkspaceError, match="Không ghi được"):
        export_records(desk, "establishments", tmp_path / "none" / "so.xlsx")
    with pytest.raises(NotFound):
        export_records(desk, "nothings", tmp_path / "so.xlsx")


NASTY = st.one_of(
    st.sampled_from(
        ["=1+1", "+84", "-5", "@SUM(A1)", "'=x", "''-x", "'01", "00123", "1e5", "TRUE"]
    ),
    st.sampled_from(['Hộ "Ba" Lúa, 2; x', "a\tb", "tab\t=1", "5/3/2020", "1.000.000", "x" * 199]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=2, max_size=40),
)


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
@settings(max_examples=12)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"name": NASTY, "commune": st.sampled_from(["02683", "02728", "03006"])},
            optional={
                "note": st.one_of(NASTY, st.just("dòng một\n=dòng hai\n\ndòng bốn")),
                "hamlet": NASTY,
                "rep_name": NASTY,
                "phone": st.just("0752859644"),
                "tax_code": st.just("5300000017"),
            },
        ),
        min_size=1,
        max_size=6,
    )
)
def test_whatever_goes_out_comes_in_without_a_change(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, records: list[dict[str, str]]
) -> None:
    """Namesakes, formulas, quotes, leading zeros: every row is its record again, and says nothing new of it."""
    folder = tmp_path_factory.mktemp("out")
    clock = SettableClock(NOW)
    with make(folder / "workspace", clock=clock) as workspace:
        desk = desk_on(workspace, clock=clock)
        kept = [typed for typed in records if len(normalise(typed["name"])) >= 2]
        for typed in kept:
            add_record(desk, "establishments", typed)
        path = folder / f"so{suffix}"
        assert export_records(desk, "establishments", path) == len(kept)
        if not kept:
            return
        plan = import_list(desk, path, update=True, dry_run=True).plan
        assert len(plan.rows) == len(kept), plan.rejected
        assert proposed(plan) == []


def test_a_row_is_its_record_again_also_under_another_name(
    desk: Desk, establishment: str, tmp_path: Path
) -> None:
    """A corrected name is a change; a copied row with another name is a new establishment."""
    path = tmp_path / "so.xlsx"
    export_records(desk, "establishments", path)
    book = openpyxl.load_workbook(path)
    (sheet,) = book.worksheets
    heads = [cell.value for cell in sheet[1]]
    name = heads.index("Tên cơ sở") + 1
    sheet.cell(2, name).value = "Hộ Lý Thị Hoa"
    book.save(path)
    (row,) = import_list(desk, path, update=True, dry_run=True).plan.rows
    assert row.proposal.match is not None
    assert row.proposal.match.record == establishment
    assert [(c.field, c.new) for c in row.proposal.changes] == [("name", "Hộ Lý Thị Hoa")]
    sheet.append([cell.value for cell in sheet[2]])
    sheet.cell(2, name).value = "Hộ Vàng A Páo"
    for key in ("Điện thoại", "Người đại diện", "Thôn, bản, tổ dân phố"):
        sheet.cell(3, heads.index(key) + 1).value = None
    book.save(path)
    rows = import_list(desk, path, update=True, dry_run=True).plan.rows
    assert [row.proposal.action.value for row in rows] == ["keep", "add"]
