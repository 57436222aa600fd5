"""Pictures and scans that come in: what is kept, what is taken off, what is refused."""

from __future__ import annotations

import gc
import io
import random
import re
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kcdesk.errors import BadInput
from kcdesk.importing import pictures
from kcdesk.importing.attachments import MAX_PDF_BYTES, prepare, read_attachment, require_keepable
from kcdesk.importing.pictures import MAX_BYTES, MAX_SIDE, is_clean
from tests.importing.attachment_files import (
    encoded,
    exif,
    jpeg_that_claims,
    pdf,
    phone_heic,
    phone_jpeg,
    photo,
    png_that_claims,
)


def opened(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        return image


def is_red(pixel: object) -> bool:
    assert isinstance(pixel, tuple)
    red, green, blue = pixel[:3]
    return red > 200 and green < 60 and blue < 60


def refusal(name: str, content: bytes) -> BadInput:
    with pytest.raises(BadInput) as raised:
        prepare(name, content)
    assert name in raised.value.message
    assert raised.value.hint
    return raised.value


# Pictures


def test_a_phone_picture_becomes_small_and_its_place_and_time_become_data() -> None:
    prepared = prepare("Máy ép gạch.JPG", phone_jpeg())
    image = opened(prepared.content)
    assert (prepared.media_type, image.format) == ("image/jpeg", "JPEG")
    assert image.size == (prepared.width, prepared.height) == (1600, 1200)
    assert len(prepared.content) <= MAX_BYTES
    assert prepared.title == "Máy ép gạch"
    assert prepared.taken_at == "2026-03-01T08:15:00+07:00"
    assert prepared.geo == ("22.635000", "103.620000")


@pytest.mark.parametrize("content", [phone_jpeg(), phone_heic()], ids=["jpeg", "heic"])
def test_nothing_about_the_picture_stays_in_it(content: bytes) -> None:
    prepared = prepare("a", content)
    for kept in (prepared.content, prepared.thumbnail):
        assert kept is not None
        assert is_clean(kept)
        assert not opened(kept).getexif()
        for marker in (b"Exif", b"Sao Mai", "Vàng".encode(), b"http://ns.adobe.com", b"2026:03"):
            assert marker not in kept


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_stands_upright(orientation: int) -> None:
    prepared = prepare("a.jpg", phone_jpeg(orientation))
    image = opened(prepared.content)
    lying = orientation <= 4
    assert image.size == ((1600, 1200) if lying else (1200, 1600))
    last = (image.width - 20, image.height - 20)
    corners = {1: (20, 20), 2: (last[0], 20), 3: last, 4: (20, last[1])}
    corners |= {5: (20, 20), 6: (last[0], 20), 7: last, 8: (20, last[1])}
    red = [place for place in set(corners.values()) if is_red(image.getpixel(place))]
    assert red == [corners[orientation]]


def test_a_heic_picture_becomes_a_jpeg() -> None:
    prepared = prepare("IMG_0001.HEIC", phone_heic())
    assert prepared.media_type == "image/jpeg"
    assert opened(prepared.content).size == (640, 480)
    assert prepared.taken_at == "2026-03-01T08:15:00+07:00"
    assert prepared.geo is not None


def test_a_grainy_picture_is_still_small() -> None:
    prepared = prepare("a.jpg", encoded(photo(2400, 1800, grain=0.9), "JPEG", quality=95))
    assert len(prepared.content) <= 1.1 * MAX_BYTES
    assert max(opened(prepared.content).size) >= 1024


def test_a_small_clean_picture_is_kept_as_it_is() -> None:
    for content in (encoded(photo(), "JPEG", quality=80), encoded(photo(200, 150), "PNG")):
        prepared = prepare("a", content, keep_original=True)
        assert prepared.content == content
        assert prepared.original is None


def test_what_was_prepared_once_stays_the_same() -> None:
    once = prepare("a.jpg", phone_jpeg())
    assert prepare("b.jpg", once.content).content == once.content


@pytest.mark.parametrize("more", [b"PK\x03\x04 a file behind the picture", b"\xff\xd9"])
def test_what_stands_behind_a_picture_is_taken_off(more: bytes) -> None:
    for whole in (encoded(photo(), "JPEG", quality=80), encoded(photo(200, 150), "PNG")):
        assert is_clean(whole)
        assert not is_clean(whole + more)
        kept = prepare("a", whole + more).content
        assert is_clean(kept)
        assert kept != whole + more


def test_a_comment_in_a_small_picture_is_taken_off() -> None:
    for content in (
        encoded(photo(), "JPEG", comment=b"Vang A Pao"),
        encoded(photo(), "JPEG", exif=exif()),
    ):
        prepared = prepare("a.jpg", content)
        assert b"Vang A Pao" not in prepared.content
        assert is_clean(prepared.content)


def test_the_original_is_kept_byte_by_byte_when_asked_for() -> None:
    assert prepare("a.jpg", phone_jpeg(), keep_original=True).original == phone_jpeg()
    assert prepare("a.jpg", phone_jpeg()).original is None


def test_the_thumbnail_shows_the_same_picture() -> None:
    thumbnail = opened(prepare("a.jpg", phone_jpeg(6)).thumbnail or b"")
    assert thumbnail.size == (192, 256)
    assert is_red(thumbnail.getpixel((180, 10)))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "RGB"])
def test_pngs_of_every_kind_are_read_on_white(mode: str) -> None:
    image = photo(400, 300).convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = image.convert("I").point(lambda grey: grey * 256).convert("I;16")
    if mode in ("LA", "RGBA"):
        image.putalpha(0)
    content = encoded(image, "PNG", pnginfo=None, exif=exif(place=False))
    prepared = opened(prepare("a.png", content).content).convert("RGB")
    pixel = prepared.getpixel((20, 20))
    assert isinstance(pixel, tuple)
    if mode in ("LA", "RGBA"):
        assert min(pixel) > 250
    elif mode in ("P", "RGB"):
        assert is_red(pixel)
    elif mode != "1":
        assert abs(pixel[0] - 76) < 6  # how bright red is


def test_a_picture_of_printing_colours_is_read() -> None:
    prepared = prepare("a.jpg", encoded(photo(2000, 1500).convert("CMYK"), "JPEG"))
    assert is_red(opened(prepared.content).getpixel((20, 20)))


# What cameras write and cannot be true


@pytest.mark.parametrize(
    ("written", "offset", "read"),
    [
        ("2026:03:01 08:15:00", None, "2026-03-01T08:15:00"),
        ("2026:03:01 08:15:00", "+07:00", "2026-03-01T08:15:00+07:00"),
        ("2026:03:01 08:15:00", "hanoi", "2026-03-01T08:15:00"),
        ("2026:13:01 08:15:00", None, None),
        ("0000:00:00 00:00:00", None, None),
        ("1970:01:01 00:00:00", None, None),
        ("", None, None),
        ("hôm qua", None, None),
    ],
)
def test_when_it_was_taken(written: str, offset: str | None, read: str | None) -> None:
    made = Image.Exif()
    made.get_ifd(0x8769)[0x9003] = written
    if offset is not None:
        made.get_ifd(0x8769)[0x9011] = offset
    assert prepare("a.jpg", encoded(photo(), "JPEG", exif=made)).taken_at == read


@pytest.mark.parametrize(
    ("latitude", "longitude", "read"),
    [
        ((22.0, 30.0, 0.0), (103.0, 30.0, 36.0), ("22.500000", "103.510000")),
        ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), None),
        ((92.0, 0.0, 0.0), (103.0, 0.0, 0.0), None),
        ((22.0,), (103.0, 0.0, 0.0), None),
    ],
)
def test_where_it_was_taken(latitude: object, longitude: object, read: object) -> None:
    made = Image.Exif()
    gps = made.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "N", latitude, "E", longitude
    assert prepare("a.jpg", encoded(photo(), "JPEG", exif=made)).geo == read


def test_south_and_west_are_below_nought() -> None:
    made = Image.Exif()
    gps = made.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "S", (1.0, 30.0, 0.0), "W", (2.0, 0.0, 0.0)
    found = prepare("a.jpg", encoded(photo(), "JPEG", exif=made)).geo
    assert found == ("-1.500000", "-2.000000")


# Refused


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("rỗng.jpg", b"", "empty_file"),
        ("chữ.jpg", "Cộng hòa xã hội".encode(), "not_an_attachment"),
        ("bảng.pdf", b"PK\x03\x04" + bytes(100), "not_an_attachment"),
        ("ảnh động.gif", encoded(photo(8, 8), "GIF"), "not_an_attachment"),
        ("đứt.jpg", phone_jpeg()[: len(phone_jpeg()) // 2], "broken_file"),
        ("đứt.png", encoded(photo(), "PNG")[:5000], "broken_file"),
        ("đứt.heic", phone_heic()[: len(phone_heic()) // 2], "broken_file"),
        ("đầu.jpg", b"\xff\xd8\xff\xe0" + bytes(40), "broken_file"),
        ("bom.png", png_that_claims(40_000, 40_000), "too_many_points"),
        ("bom vừa.png", png_that_claims(12_000, 12_000), "too_many_points"),
        ("bom.jpg", jpeg_that_claims(65_000, 65_000), "too_many_points"),
        ("bom dần.jpg", jpeg_that_claims(9_000, 9_000, progressive=True), "too_many_points"),
        ("khoá.pdf", pdf(password="bí mật"), "locked"),
        ("lệnh.pdf", pdf(action="/JavaScript"), "active_pdf"),
        ("kèm.pdf", pdf(attach=b"MZ"), "active_pdf"),
        ("đứt.pdf", pdf()[:400], "broken_file"),
        ("hai mặt.pdf", pdf() + b"PK\x05\x06" + bytes(18), "broken_file"),
        ("lớn.pdf", pdf() + bytes(MAX_PDF_BYTES), "too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else None,
)
def test_hostile_and_broken_files_are_refused_by_name(name: str, content: bytes, code: str) -> None:
    assert refusal(name, content).code == code


def test_many_passes_over_a_picture_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = encoded(photo(), "JPEG", progressive=True)
    assert prepare("a.jpg", content)
    monkeypatch.setattr(pictures, "MAX_WORK", 800 * 600 * 5)
    assert refusal("a.jpg", content).code == "too_many_points"


@pytest.mark.parametrize(
    "action", ["/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/J.61vaScript"]
)
def test_a_pdf_that_acts_is_refused_however_it_is_spelt(action: str) -> None:
    content = pdf(action=action).replace(b"/J.61", b"/J#61")  # the same name, in another spelling
    assert refusal("a.pdf", content).code == "active_pdf"
    assert prepare("a.pdf", pdf(action="/GoTo")).pages == 2


def test_a_pdf_whose_objects_lie_in_each_others_places_is_refused() -> None:
    content = pdf()
    first, *_, last = re.findall(rb"\d{10}(?= 00000 n)", content)
    assert refusal("a.pdf", content.replace(last, first)).code == "broken_file"


def test_what_acts_in_a_part_that_is_not_listed_is_found_all_the_same() -> None:
    content = pdf(action="/JavaScript")
    place = re.search(rb"(\d+) 0 obj\n<<\n/S /JavaScript", content)
    assert place is not None
    elsewhere = content.replace(b"%010d" % place.start(), b"%010d" % (place.start() + 5))
    assert elsewhere != content
    assert refusal("a.pdf", elsewhere).code == "active_pdf"


def test_a_pdf_is_kept_as_it_is() -> None:
    prepared = prepare("Giấy đăng ký.pdf", pdf(3), keep_original=True)
    assert (prepared.content, prepared.pages, prepared.original) == (pdf(3), 3, None)
    assert prepared.thumbnail is prepared.width is prepared.geo is None


def test_the_name_does_not_matter() -> None:
    assert prepare("a.pdf", phone_jpeg()).media_type == "image/jpeg"
    assert prepare("a.jpg", pdf()).media_type == "application/pdf"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Không tìm thấy"):
        read_attachment(tmp_path / "không có.jpg")
    with pytest.raises(BadInput, match="là thư mục"):
        read_attachment(tmp_path)


# Anything at all

WHOLE = {
    "jpeg": encoded(photo(64, 48), "JPEG", exif=exif(orientation=6)),
    "progressive": encoded(photo(64, 48), "JPEG", exif=exif(), progressive=True),
    "png": encoded(photo(64, 48).convert("P"), "PNG", exif=exif()),
    "heic": encoded(photo(64, 48), "HEIF", exif=exif().tobytes()),
    "pdf": pdf(1),
}


def mutated(content: bytes, seed: int, changes: int) -> bytes:
    chance, made = random.Random(seed), bytearray(content)
    for _ in range(changes):
        place = chance.randrange(len(made))
        match chance.randrange(4):
            case 0:
                made[place] = chance.randrange(256)
            case 1:
                made[place : place + 4] = chance.choice(
                    (b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff")
                )
            case 2:
                del made[place : place + chance.randrange(40)]
            case _:
                made[place:place] = made[place : place + chance.randrange(60)]
    return bytes(made)


@settings(max_examples=600)
@given(st.sampled_from(sorted(WHOLE)), st.integers(0, 2**32), st.integers(1, 12))
def test_a_damaged_file_is_taken_clean_or_refused(kind: str, seed: int, changes: int) -> None:
    content = mutated(WHOLE[kind], seed, changes)
    tracemalloc.start()
    try:
        prepared = prepare("hỏng", content)
    except BadInput:
        pass
    else:
        assert prepared.media_type == "application/pdf" or is_clean(prepared.content)
        if prepared.width is not None and prepared.height is not None:
            assert max(prepared.width, prepared.height) <= MAX_SIDE
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 64 << 20


@settings(max_examples=300)
@given(st.binary(max_size=400), st.integers(0, 300))
def test_junk_for_data_about_a_picture_never_stops_it(junk: bytes, place: int) -> None:
    data = exif().tobytes()
    broken = b"Exif\0\0" + (data[6:place] + junk + data[place + len(junk) :])[:60_000]
    content = encoded(photo(64, 48), "JPEG", exif=broken)
    prepared = prepare("a.jpg", content)
    assert is_clean(prepared.content)
    if prepared.geo is not None:
        assert abs(float(prepared.geo[0])) <= 90
        assert abs(float(prepared.geo[1])) <= 180


def test_reading_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for content in WHOLE.values():
        prepare("a", content)
    assert list(tmp_path.iterdir()) == []


def test_scans_that_were_judged_leave_nothing_in_memory() -> None:
    """They are judged by the hundred when a parcel is read."""
    content = pdf(2, drawing=b"q " * (1 << 20))
    require_keepable("x", content)
    gc.collect()
    gc.disable()  # what refers to itself stays until somebody collects it
    tracemalloc.start()
    try:
        for _ in range(5):
            require_keepable("x", bytes(bytearray(content)))
        left, _ = tracemalloc.get_traced_memory()
        assert left < len(content)
    finally:
        tracemalloc.stop()
        gc.enable()
