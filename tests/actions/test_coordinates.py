"""Coordinates outside the surroundings of a commune: told when typed, imported or taken by a photo, and kept."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from kcdesk.actions.attachments import add_attachments
from kcdesk.actions.desk import Desk
from kcdesk.actions.importing import import_list
from kcdesk.actions.records import get_record, set_fields
from kcdesk.errors import BadInput
from tests.importing.attachment_files import phone_jpeg

SA_PA = {"commune": "03006"}
THERE = "22,3364; 103,8438"
HANOI = "21.0285, 105.8542"


def test_typed(desk: Desk, establishment: str) -> None:
    kind = "establishments"
    saved = set_fields(desk, kind, establishment, {**SA_PA, "geo": THERE})
    assert saved.findings == ()
    assert get_record(desk, kind, establishment).row["geo"] == ["22.3364", "103.8438"]
    saved = set_fields(desk, kind, establishment, {"geo": HANOI})
    assert [(f.code, f.level) for f in saved.findings] == [("V-GEO.commune", "soft")]
    assert "km" in saved.findings[0].message
    moved = set_fields(desk, kind, establishment, {"commune": "31507"})
    assert [f.code for f in moved.findings] == ["V-GEO.commune"]
    with pytest.raises(BadInput, match="không phải là toạ độ"):
        set_fields(desk, kind, establishment, {"geo": "gần chợ"})
    set_fields(desk, kind, establishment, {"geo": ""})
    assert "geo" not in get_record(desk, kind, establishment).row


@pytest.mark.parametrize("heads", [("Toạ độ",), ("Vĩ độ", "Kinh độ")])
def test_imported(desk: Desk, tmp_path: Path, heads: tuple[str, ...]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["STT", "Tên cơ sở", "Xã, phường", "Huyện", "Tỉnh", *heads])
    places = [("22.3364", "103.8438"), ("21.0285", "105.8542"), ("chưa", "đo"), ("", "")]
    for number, (north, east) in enumerate(places, 1):
        cells = [f"{north} {east}"] if len(heads) == 1 else [north, east]
        sheet.append([number, f"Cơ sở {number}", "Phường Sa Pa", "Sa Pa", "Lào Cai", *cells])
    path = tmp_path / "toa-do.xlsx"
    book.save(path)
    plan = import_list(desk, path).plan
    assert len(plan.rows) == 4
    told = [[f.finding.code for f in row.findings if "GEO" in f.finding.code] for row in plan.rows]
    assert told == [[], ["V-GEO.commune"], ["V-GEO.form"], []]
    assert [row.establishment.get("geo") for row in plan.rows] == [
        ["22.3364", "103.8438"],
        ["21.0285", "105.8542"],
        None,
        None,
    ]


def test_photos(desk: Desk, establishment: str, tmp_path: Path) -> None:
    path = tmp_path / "xuong.jpg"
    path.write_bytes(phone_jpeg())  # taken in Y Tý
    set_fields(desk, "establishments", establishment, {"commune": "02701"})
    assert add_attachments(desk, establishment, [path]).findings == ()
    path.write_bytes(phone_jpeg(3))
    set_fields(desk, "establishments", establishment, SA_PA)
    added = add_attachments(desk, establishment, [path])
    assert len(added.records) == 1
    (finding,) = added.findings
    assert finding.code == "V-GEO.commune"
    assert "“xuong.jpg”" in finding.message
