"""kcdesk attachment: add, list, save, remove."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Kcdesk
from tests.importing.attachment_files import encoded, pdf, phone_jpeg, photo


@pytest.fixture
def establishment(lan: Kcdesk) -> str:
    return str(lan.json("add", "establishments", "name=Hộ Lử", "commune=02989")["id"])


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "máy ép.jpg").write_bytes(phone_jpeg())
    (tmp_path / "giấy.pdf").write_bytes(pdf())
    (tmp_path / "sơ đồ.png").write_bytes(encoded(photo(300, 200), "PNG"))
    (tmp_path / "hỏng.jpg").write_bytes(phone_jpeg()[:5000])
    return tmp_path


def test_files_are_added_listed_saved_and_removed(
    lan: Kcdesk, establishment: str, here: Path
) -> None:
    files = [here / name for name in ("máy ép.jpg", "giấy.pdf", "hỏng.jpg")]
    said = lan.json("attachment", "add", establishment, *files, "--purpose", "PHOTO_BEFORE")
    assert len(said["added"]) == 2
    assert [(one["file"], one["code"]) for one in said["refused"]] == [("hỏng.jpg", "broken_file")]
    listed = lan.json("attachment", "list", establishment)["records"]
    assert {one["id"] for one in listed} == set(said["added"])
    of_photo = next(one for one in listed if one["title"] == "máy ép")
    assert of_photo["kind"] == "attachments"
    assert (of_photo["width"], of_photo["purpose"], of_photo["here"]) == (
        1600,
        "PHOTO_BEFORE",
        True,
    )
    assert of_photo["geo"] == ["22.635000", "103.620000"]
    saved = lan.json("attachment", "save", of_photo["id"], "-o", here / "ra.jpg")
    assert saved["bytes"] == of_photo["bytes"] == (here / "ra.jpg").stat().st_size
    again = lan.json("attachment", "add", establishment, here / "giấy.pdf")
    assert (again["added"], again["already"]) == ([], ["giấy.pdf"])
    assert lan.json("attachment", "remove", of_photo["id"])["deleted"] is True
    left = lan.json("attachment", "list", establishment)["records"]
    assert [one["title"] for one in left] == ["giấy"]


def test_people_are_told_in_sentences(lan: Kcdesk, establishment: str, here: Path) -> None:
    assert "chưa có ảnh" in lan("attachment", "list", establishment).out
    result = lan("attachment", "add", establishment, here / "sơ đồ.png", here / "hỏng.jpg")
    assert (result.status, result.out.count("Đã thêm")) == (0, 1)
    assert "Ảnh “hỏng.jpg” bị hỏng" in result.err
    assert "300 x 200" in lan("attachment", "list", establishment).out


def test_when_nothing_can_be_taken_it_is_refused(
    lan: Kcdesk, establishment: str, here: Path
) -> None:
    result = lan("attachment", "add", establishment, here / "hỏng.jpg", "--json")
    assert (result.status, result.json["error"]["code"]) == (1, "broken_file")
    missing = lan("attachment", "add", establishment, here / "không có.jpg", "--json")
    assert (missing.status, missing.json["error"]["code"]) == (1, "no_file")


def test_the_original_is_kept_when_asked_for(lan: Kcdesk, establishment: str, here: Path) -> None:
    added = lan.json("attachment", "add", establishment, here / "máy ép.jpg", "--keep-original")
    (record,) = added["added"]
    assert lan.json("attachment", "save", record, "-o", here / "gốc.jpg", "--original")
    assert (here / "gốc.jpg").read_bytes() == phone_jpeg()
