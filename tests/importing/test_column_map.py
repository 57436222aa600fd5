"""A person says once what the columns of a list mean; the file says it the next time."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.money import MoneyUnit
from kcdesk.errors import BadInput
from kcdesk.importing.column_map import MappedColumn, chosen_columns, read_map, write_map
from kcdesk.importing.columns import ChosenColumn, propose_columns, require_columns
from kcdesk.importing.list_kinds import ESTABLISHMENT_LIST
from kcdesk.importing.old_encodings import Encoding, encode
from kcdesk.importing.plan import ImportPlan
from kcdesk.importing.planning import plan_establishments
from kcdesk.importing.reading import Choices, read_in_unicode
from kcdesk.importing.workbook import Cell, Sheet

UNITS = Path(__file__).parents[2] / "resources" / "administrative-units" / "units.tsv"
HEAD: list[Cell] = ["Đơn vị được hỗ trợ", "Nơi ở", "Bán được", "Ghi chú", "Số lao động"]
ROW: list[Cell] = ["Hộ Vàng A Páo", "Xã Bảo Hà", 120.0, "đã gặp", 4.0]
SAID = (
    MappedColumn("Đơn vị được hỗ trợ", "name"),
    MappedColumn("Nơi ở", "commune"),
    MappedColumn("Bán được", "revenue", "TRIEU"),
    MappedColumn("Ghi chú", None),
)


def plan(said: tuple[MappedColumn, ...]) -> ImportPlan:
    return plan_establishments(
        Sheet("a.xlsx", "Sheet1", [HEAD, ROW]),
        AdministrativeUnits.read(UNITS),
        ["old:10"],
        year=2024,
        chosen=chosen_columns(said),
    )


def test_what_a_person_said_goes_before_the_words() -> None:
    with pytest.raises(BadInput):
        plan(())
    read = plan(SAID)
    (row,) = read.rows
    assert row.establishment["name"] == "Hộ Vàng A Páo"
    assert (row.figures["revenue"], row.figures["workers"]) == (120_000_000, 4)
    assert "note" not in row.establishment
    assert [f.finding.code for f in read.findings if f.finding.code == "column.unread"] == []


def test_written_and_read_it_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "mau.json"
    write_map(path, plan(SAID))
    again = read_map(path)
    assert again == (*SAID, MappedColumn("Số lao động", "workers"))
    assert plan(again).rows == plan(SAID).rows


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("không phải JSON", "không phải tệp cột"),
        ('{"columns": [{"header": 5}]}', "không phải tệp cột"),
        ('{"columns": [{"header": "A", "field": "nmae"}]}', "“nmae”"),
        ('{"columns": [{"header": "A", "field": "name", "unit": "TY"}]}', "“TY”"),
        ('{"columns": [{"header": "A", "field": "revenue", "unit": "USD"}]}', "“USD”"),
        ('{"columns": [{"header": "A", "field": "name", "encoding": "VPS"}]}', "“VPS”"),
        (
            '{"columns": [{"header": "A", "field": "name"}, {"header": "B", "field": "name"}]}',
            "nhiều cột",
        ),
    ],
)
def test_a_file_that_is_wrong_says_where(tmp_path: Path, content: str, named: str) -> None:
    path = tmp_path / "mau.json"
    path.write_text(content, "utf-8")
    with pytest.raises(BadInput, match=named) as refused:
        read_map(path)
    assert refused.value.code == "no_map"
    assert refused.value.hint


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Không tìm thấy"):
        read_map(tmp_path / "mau.json")


def test_the_file_says_how_a_column_was_typed(tmp_path: Path) -> None:
    path = tmp_path / "cu.csv"
    lines = [("Tên cơ sở", "Xã, phường"), ("Hộ Vàng A Páo", "Xã Bảo Hà")]
    path.write_text("\n".join(f"{encode(a, Encoding.TCVN3)};{b}" for a, b in lines), "utf-8")
    _, (guess,) = read_in_unicode(path, None, Choices())
    assert not guess.is_certain
    said = (MappedColumn("Tên cơ sở", "name", encoding="TCVN3"),)
    sheet, (typed,) = read_in_unicode(path, None, Choices(columns=said))
    assert (typed.letter, typed.is_certain) == ("A", True)
    assert [row[0] for row in sheet.rows] == [name for name, _ in lines]
    other = Choices(columns=said, encodings={"A": Encoding.UNICODE})
    sheet, _ = read_in_unicode(path, None, other)
    assert sheet.rows[1][0] == encode("Hộ Vàng A Páo", Encoding.TCVN3)


def test_a_head_that_only_may_mean_the_name_is_asked_about() -> None:
    header = ["Tên gọi đầy đủ", "Xã, phường"]
    columns = propose_columns(header)
    assert [(column.meaning, column.possible) for column in columns] == [
        (None, None),
        ("commune", None),
    ]
    header = ["Tên đơn vị thụ hưởng vốn", "Xã, phường"]
    columns = propose_columns(header)
    assert (columns[0].meaning, columns[0].possible) == (None, "name")
    with pytest.raises(BadInput, match="A “Tên đơn vị thụ hưởng vốn” là “Tên cơ sở”") as refused:
        require_columns(columns, "a.xlsx", ESTABLISHMENT_LIST.needed)
    assert refused.value.code == "open_columns"
    taken = propose_columns(header, accept_possible=True)
    require_columns(taken, "a.xlsx", ESTABLISHMENT_LIST.needed)
    assert (taken[0].meaning, taken[0].certainty) == ("name", 0.5)


def test_a_surer_head_keeps_its_meaning() -> None:
    both = propose_columns(["Tên đơn vị thụ hưởng vốn", "Tên cơ sở"], accept_possible=True)
    assert [column.meaning for column in both] == [None, "name"]
    said = propose_columns(["Tên cơ sở", "Bí danh"], None, [ChosenColumn("bí danh", "name")])
    assert [column.meaning for column in said] == [None, "name"]


def test_the_unit_that_a_person_said_goes_before_the_head() -> None:
    chosen = [ChosenColumn("Doanh thu (tỷ đồng)", "revenue", MoneyUnit.TRIEU)]
    (column,) = propose_columns(["Doanh thu (tỷ đồng)"], None, chosen)
    assert column.unit is MoneyUnit.TRIEU


def test_the_file_is_plain_json(tmp_path: Path) -> None:
    path = tmp_path / "mau.json"
    write_map(path, plan(SAID))
    assert msgspec.json.decode(path.read_bytes())["columns"][2] == {
        "header": "Bán được",
        "field": "revenue",
        "unit": "TRIEU",
    }
