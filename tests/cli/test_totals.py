"""One establishment and one worker less in the register: every total follows, read back by another process."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from tests.cli.conftest import Kcdesk
from tests.storage.workspaces import REGISTER

WORKERS, VALUE = 12, 13
GONE, POORER = 20, 30
"""Two rows of the list, both of a household business."""


def test_every_total_follows(kcdesk: Kcdesk, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(REGISTER)
    sheet = book.active
    assert sheet is not None

    def number(row: int, column: int) -> float:
        value = sheet.cell(row, column).value
        assert isinstance(value, int | float)
        return value

    assert sheet.cell(GONE, 3).value == sheet.cell(POORER, 3).value == "Hộ cá thể"
    workers, value = int(number(GONE, WORKERS)), round(number(GONE, VALUE) * 1_000_000)
    sheet.cell(POORER, WORKERS).value = int(number(POORER, WORKERS)) - 1
    sheet.delete_rows(GONE)
    path = tmp_path / "less.xlsx"
    book.save(path)

    assert kcdesk.process("init", "--name", "Lan", "--area", "old:10").status == 0
    report = kcdesk.process("import", "establishments", path, "--json").json
    table = kcdesk.process("report", "B4", "--json").json
    status = kcdesk.process("status", "--json").json

    assert report["imported"] == 6533
    assert report["by_legal_form"] == {"HO_KINH_DOANH": 6289, "DOANH_NGHIEP": 154, "HTX": 90}
    assert report["workers"] == 14_172 - workers - 1
    assert report["production_value"] == 3_150_000_000_000 - value
    assert [(total["field"], total["agrees"]) for total in report["totals"]] == [
        ("workers", False),
        ("production_value", False),
    ]
    counts = {"surveys": 0, "round_sheets": 0, "needs": 0, "attachments": 0}
    assert status["records"] == {"establishments": 6533, "figures": 6533, **counts}
    assert status["changes"] == 2 * 6533
    total = table["total"]
    assert (total["establishments"], total["workers"], total["production_value"]) == (
        6533,
        report["workers"],
        report["production_value"],
    )
    counts = {row["legal_form"]: row["establishments"] for row in table["rows"]}
    assert counts == report["by_legal_form"]
