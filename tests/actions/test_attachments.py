"""Adding pictures and scans to an establishment, and having them back."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from kcdesk.actions.attachments import (
    add_attachments,
    file_name,
    list_attachments,
    open_attachment,
    save_attachment,
)
from kcdesk.actions.bin import delete_record
from kcdesk.actions.checking import check
from kcdesk.actions.desk import Desk
from kcdesk.actions.history import history
from kcdesk.actions.needs import register_need
from kcdesk.actions.records import add_record, set_fields
from kcdesk.errors import BadInput, Cancelled, NotFound
from kcdesk.importing.pictures import is_clean
from kcdesk.storage.attachments import FOLDER, THUMBNAILS, UNNAMED_FOR_MS
from tests.conftest import SettableClock
from tests.importing.attachment_files import encoded, exif, pdf, phone_jpeg, photo


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with a photo, a scan, a small drawing and a broken file."""
    folder = tmp_path / "Ảnh chụp"
    folder.mkdir()
    (folder / "Máy ép gạch.jpg").write_bytes(phone_jpeg(6))
    (folder / "giấy đăng ký.pdf").write_bytes(pdf(3))
    (folder / "sơ đồ.png").write_bytes(encoded(photo(300, 200), "PNG"))
    (folder / "hỏng.jpg").write_bytes(phone_jpeg()[:5000])
    return folder


def stored(desk: Desk) -> list[Path]:
    return [path for path in (desk.workspace.folder / FOLDER).rglob("*") if path.is_file()]


def size_of(picture: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(picture)) as image:
        return image.size


def test_files_are_added_in_one_action_and_a_bad_one_is_named(
    desk: Desk, establishment: str, here: Path
) -> None:
    names = ["Máy ép gạch.jpg", "hỏng.jpg", "giấy đăng ký.pdf", "sơ đồ.png"]
    before = desk.workspace.chain().last_n
    told: list[tuple[int, int]] = []
    added = add_attachments(
        desk,
        establishment,
        [here / name for name in names],
        purpose="Ảnh trước hỗ trợ",
        progress=lambda *done: told.append(done),
    )
    assert [refusal.file for refusal in added.refused] == ["hỏng.jpg"]
    assert "hỏng.jpg" in added.refused[0].error.message
    listed = {one.id: one for one in list_attachments(desk, establishment)}
    shown = [listed.pop(record) for _, record in added.records]
    assert not listed
    assert [one.title for one in shown] == ["Máy ép gạch", "giấy đăng ký", "sơ đồ"]
    assert [one.thumbnail is not None for one in shown] == [True, False, True]
    assert all(one.here for one in shown)
    photo_row, pdf_row = shown[0].record.row, shown[1].record.row
    assert photo_row["purpose"] == "PHOTO_BEFORE"
    assert (photo_row["width"], photo_row["height"]) == (1200, 1600)
    assert photo_row["taken_at"] == "2026-03-01T08:15:00+07:00"
    assert photo_row["geo"] == ["22.635000", "103.620000"]
    assert pdf_row["pages"] == 3
    changes = list(desk.workspace.own_changes(before, desk.workspace.chain().last_n))
    assert len(changes) == 3
    assert len({change.at for change in changes}) == 1
    assert told == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]


def test_what_was_added_comes_back_clean(desk: Desk, establishment: str, here: Path) -> None:
    add_attachments(desk, establishment, [here / "Máy ép gạch.jpg"])
    (shown,) = list_attachments(desk, establishment)
    content = open_attachment(desk, shown.id)
    assert is_clean(content)
    target = here / file_name(shown.record.row)
    assert target.name == "may-ep-gach.jpg"
    assert save_attachment(desk, shown.id, target) == len(content)
    assert target.read_bytes() == content
    with pytest.raises(NotFound, match="Không giữ bản gốc"):
        open_attachment(desk, shown.id, original=True)
    with pytest.raises(BadInput, match="Không ghi được"):
        save_attachment(desk, shown.id, here / "không có" / "a.jpg")


def test_the_original_is_kept_when_asked_for(desk: Desk, establishment: str, here: Path) -> None:
    add_attachments(desk, establishment, [here / "Máy ép gạch.jpg"], keep_original=True)
    (shown,) = list_attachments(desk, establishment)
    assert open_attachment(desk, shown.id, original=True) == phone_jpeg(6)
    assert file_name(shown.record.row, original=True) == "may-ep-gach.jpg"
    assert check(desk).clean


def test_the_same_file_is_not_added_twice(desk: Desk, establishment: str, here: Path) -> None:
    files = [here / "sơ đồ.png", here / "Máy ép gạch.jpg"]
    add_attachments(desk, establishment, files)
    (here / "bản sao.png").write_bytes((here / "sơ đồ.png").read_bytes())
    count = len(stored(desk))
    added = add_attachments(desk, establishment, [*files, here / "bản sao.png"])
    assert added.records == ()
    assert added.already == ("sơ đồ.png", "Máy ép gạch.jpg", "bản sao.png")
    assert len(stored(desk)) == count
    other = add_record(desk, "establishments", {"name": "Hộ Lò", "commune": "02989"}).records[0][1]
    assert len(add_attachments(desk, other, files).records) == 2
    assert len(stored(desk)) == count


def test_stopping_adds_nothing(desk: Desk, establishment: str, here: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 1:
            raise Cancelled("Đã dừng.")

    before = desk.workspace.chain().last_n
    with pytest.raises(Cancelled):
        add_attachments(
            desk, establishment, [here / "sơ đồ.png", here / "giấy đăng ký.pdf"], progress=stop
        )
    assert list_attachments(desk, establishment) == []
    assert desk.workspace.chain().last_n == before
    assert check(desk).clean


def test_a_file_may_belong_to_a_need(desk: Desk, establishment: str, here: Path) -> None:
    need = register_need(desk, establishment, {"purpose": "Máy ép gạch không nung"}).records[0][1]
    add_attachments(desk, establishment, [here / "giấy đăng ký.pdf"], of=need)
    add_attachments(desk, establishment, [here / "giấy đăng ký.pdf", here / "sơ đồ.png"])
    assert [one.title for one in list_attachments(desk, establishment, of=need)] == ["giấy đăng ký"]
    assert len(list_attachments(desk, establishment)) == 3
    with pytest.raises(NotFound, match="phiếu khảo sát hay đăng ký"):
        add_attachments(desk, establishment, [here / "sơ đồ.png"], of="khác")


def test_wrong_words_are_refused_before_anything_is_read(
    desk: Desk, establishment: str, here: Path
) -> None:
    with pytest.raises(BadInput, match="danh mục"):
        add_attachments(desk, establishment, [here / "sơ đồ.png"], purpose="ảnh đẹp")
    with pytest.raises(NotFound):
        add_attachments(desk, "không có", [here / "sơ đồ.png"])
    assert stored(desk) == []


def test_its_title_and_purpose_can_be_written_and_nothing_else(
    desk: Desk, establishment: str, here: Path
) -> None:
    add_attachments(desk, establishment, [here / "sơ đồ.png"])
    (shown,) = list_attachments(desk, establishment)
    set_fields(desk, "attachments", shown.id, {"title": "Sơ đồ xưởng", "purpose": "PHOTO_SITE"})
    assert list_attachments(desk, establishment)[0].title == "Sơ đồ xưởng"
    assert {entry.new for entry in history(desk, "attachments", shown.id)} >= {"Sơ đồ xưởng"}
    with pytest.raises(BadInput, match="chỉ sửa được"):
        set_fields(desk, "attachments", shown.id, {"sha256": "0" * 64})
    with pytest.raises(BadInput, match="được thêm từ tệp"):
        add_record(desk, "attachments", {"establishment": establishment, "title": "x"})


def test_removed_it_is_in_the_bin_with_its_content(
    desk: Desk, establishment: str, here: Path
) -> None:
    add_attachments(desk, establishment, [here / "sơ đồ.png"])
    (shown,) = list_attachments(desk, establishment)
    delete_record(desk, "attachments", shown.id)
    assert list_attachments(desk, establishment) == []
    assert open_attachment(desk, shown.id) == (here / "sơ đồ.png").read_bytes()
    assert len(add_attachments(desk, establishment, [here / "sơ đồ.png"]).records) == 1


def test_what_another_computer_added_is_listed_as_not_here(
    desk: Desk, establishment: str, here: Path
) -> None:
    from kcdesk.changes import Change

    said = {"establishment": establishment, "title": "Máy", "sha256": "0" * 64}
    said["media_type"] = "image/jpeg"
    desk.workspace.receive([Change("00112233", 1, "attachments", "x", 1, dict(said), {})], {})
    (shown,) = list_attachments(desk, establishment)
    assert not shown.here
    assert shown.thumbnail is None
    assert check(desk).clean
    with pytest.raises(NotFound, match="không có trên máy này"):
        open_attachment(desk, shown.id)


def test_what_a_cut_left_goes_a_month_later(
    desk: Desk, establishment: str, here: Path, clock: SettableClock
) -> None:
    left = desk.workspace.attachments.keep(b"left by a cut", None, desk.randomness)
    path = desk.workspace.folder / FOLDER / left
    add_attachments(desk, establishment, [here / "sơ đồ.png"])
    assert path.exists()
    os.utime(path, ns=(0, (clock() - UNNAMED_FOR_MS - 1) * 1_000_000))
    add_attachments(desk, establishment, [here / "giấy đăng ký.pdf"])
    assert not path.exists()
    assert check(desk).clean


def test_a_lost_thumbnail_is_made_again(desk: Desk, establishment: str, here: Path) -> None:
    add_attachments(desk, establishment, [here / "Máy ép gạch.jpg"])
    (before,) = list_attachments(desk, establishment)
    for path in (desk.workspace.folder / FOLDER / THUMBNAILS).iterdir():
        path.unlink()
    (after,) = list_attachments(desk, establishment)
    assert after.thumbnail is not None
    assert size_of(after.thumbnail) == size_of(before.thumbnail or b"") == (192, 256)
    assert len(stored(desk)) == 2


def test_a_damaged_content_is_found_by_a_check(desk: Desk, establishment: str, here: Path) -> None:
    add_attachments(desk, establishment, [here / "sơ đồ.png"])
    (shown,) = list_attachments(desk, establishment)
    (desk.workspace.folder / FOLDER / str(shown.record.row["sha256"])).unlink()
    (found,) = check(desk, repair=True).found
    assert (found.table, found.record) == ("attachments", shown.id)
    assert "sơ đồ" in found.what


def test_no_place_is_left_in_any_file_of_the_workspace(
    desk: Desk, establishment: str, here: Path
) -> None:
    (here / "có nơi chụp.jpg").write_bytes(encoded(photo(), "JPEG", exif=exif()))
    add_attachments(desk, establishment, [here / "có nơi chụp.jpg"])
    (shown,) = list_attachments(desk, establishment)
    assert shown.record.row["geo"] == ["22.635000", "103.620000"]
    assert b"Exif" not in open_attachment(desk, shown.id)
    for path in stored(desk):
        assert b"Exif" not in path.read_bytes()
