"""Papers as an officer handles them: piles, codes, scans, what goes out and what comes back."""

from __future__ import annotations

import datetime
import io
import re
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from openpyxl import load_workbook
from PIL import Image

from kcdesk.actions import handing_out, offices, paper_codes, piles, scans
from kcdesk.actions.attachments import list_attachments
from kcdesk.actions.desk import Desk
from kcdesk.actions.documents import print_document, print_sample
from kcdesk.actions.handing_out import CopyAs
from kcdesk.actions.needs import register_need
from kcdesk.actions.papers import survey_on_paper
from kcdesk.actions.records import add_record, set_fields
from kcdesk.actions.survey_numbers import next_number
from kcdesk.actions.survey_proposals import finish_survey
from kcdesk.documents import load_form
from kcdesk.domain.page_codes import short_code
from kcdesk.domain.words import WordStyle
from kcdesk.errors import BadInput, Cancelled, NotFound
from kcdesk.resources import resource_path
from tests.actions.test_surveys import filled

OFFICES = resource_path("samples", "offices.toml")
COMMUNE = "02728"


def establishment(desk: Desk, name: str) -> str:
    typed = {"name": name, "commune": COMMUNE, "legal_form": "HO_KINH_DOANH", "rep_name": "Vàng A Páo",
             "phone": "0912 345 678", "rep_id_no": "010085000001"}  # fmt: skip
    return str(add_record(desk, "establishments", typed).records[0][1])


def need(desk: Desk, owner: str) -> str:
    typed = {"purpose": "Mua máy sao chè", "kcdp": "90 triệu", "counterpart": "110 triệu", "total": "200 triệu",
             "receiver": "Trung tâm Khuyến công", "activity_code": "KC3_TECHNOLOGY"}  # fmt: skip
    return str(register_need(desk, owner, typed).records[0][1])


@pytest.fixture
def registered(desk: Desk) -> list[tuple[str, str]]:
    """Three establishments with a need each, and one without."""
    owners = [establishment(desk, f"Cơ sở chè số {n}") for n in range(1, 4)]
    establishment(desk, "Cơ sở chưa đăng ký")
    return [(owner, need(desk, owner)) for owner in owners]


def texts(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def scanned(*pdfs: bytes, turned: bool = False, without_code: int = 0) -> bytes:
    """What a scanner makes of papers: a PDF of pictures at 150 dpi."""
    pictures: list[Image.Image] = []
    for pdf in pdfs:
        document = pypdfium2.PdfDocument(pdf)
        pictures += [page.render(scale=150 / 72).to_pil().convert("L") for page in document]
        document.close()
    if turned:
        pictures = [picture.rotate(180) for picture in reversed(pictures)]
    for number in range(without_code):
        pictures[number].paste(
            255, (0, pictures[number].height - 160, pictures[number].width, pictures[number].height)
        )
    out = io.BytesIO()
    pictures[0].save(out, "PDF", save_all=True, append_images=pictures[1:], resolution=150)
    return out.getvalue()


# ---- Piles --------------------------------------------------------------------------------------


def test_a_pile_in_one_file_has_bookmarks_and_says_what_is_missing(
    desk: Desk, registered: list[tuple[str, str]], tmp_path: Path
) -> None:
    out = tmp_path / "don.pdf"
    told: list[tuple[int, int]] = []
    lines = piles.print_batch(desk, "F02", out, progress=lambda done, of: told.append((done, of)))
    assert [(line.number, bool(line.refused)) for line in lines if line.number] == [
        (1, False),
        (2, False),
        (3, False),
    ]
    (refused,) = [line for line in lines if not line.number]
    assert refused.name == "Cơ sở chưa đăng ký"
    assert "Chưa có" in refused.refused
    assert "Số CCCD / định danh" not in lines[0].missing
    assert "Thời gian bắt đầu" in lines[0].missing
    reader = pypdf.PdfReader(out)
    marks = [mark.title for mark in reader.outline]
    assert marks == [f"{n}. Cơ sở chè số {n}" for n in range(1, 4)]
    pages = [page.extract_text() for page in reader.pages]
    firsts = [text for text in pages if "ĐƠN ĐỀ NGHỊ" in text]
    assert len(firsts) == 3
    assert told[-1] == (3, 3)
    assert len(handing_out.paper_book(desk)) == 3


def test_each_paper_of_a_pile_is_the_paper_printed_alone(
    desk: Desk, registered: list[tuple[str, str]], tmp_path: Path
) -> None:
    piles.print_batch(desk, "F02", tmp_path / "don")
    files = sorted((tmp_path / "don").glob("*.pdf"))
    assert [file.name[:8] for file in files] == ["001_F02_", "002_F02_", "003_F02_"]
    for file, (_, record) in zip(files, registered, strict=True):
        assert file.read_bytes() == print_document(desk, "F02", record).pdf
    listed = (tmp_path / "don" / "danh-sach.csv").read_text("utf-8-sig")
    assert "Cơ sở chè số 2" in listed
    assert "Thời gian bắt đầu" in listed


def test_a_pile_that_is_cancelled_leaves_nothing(
    desk: Desk, registered: list[tuple[str, str]], tmp_path: Path
) -> None:
    def stop(done: int, _of: int) -> None:
        if done == 2:
            raise Cancelled("Đã dừng.")

    for out in (tmp_path / "don.pdf", tmp_path / "don"):
        with pytest.raises(Cancelled):
            piles.print_batch(desk, "F02", out, progress=stop)
        assert not out.exists() or not list(out.iterdir())
    assert handing_out.paper_book(desk) == []


def test_blank_forms_of_a_commune_are_noted_with_who_takes_them(
    desk: Desk, registered: list[tuple[str, str]], tmp_path: Path
) -> None:
    out = tmp_path / "phieu.pdf"
    count = piles.blank_forms(
        desk, "F01", out, area=COMMUNE, prefilled=True, copies=2, taker="Sùng A Chứ"
    )
    assert count == 6
    text = " ".join(texts(out.read_bytes()))
    assert text.count("PHIẾU KHẢO SÁT") == 6
    assert "Tên cơ sở: Cơ sở chè số 1" in text
    assert "0912 345 678" not in text
    numbers = re.findall(rf"Số phiếu: ({COMMUNE}-\w+-\d+)", text)
    assert len(set(numbers)) == 6
    assert next_number(desk, COMMUNE) not in numbers
    assert next_number(desk, COMMUNE).endswith("-007")
    book = handing_out.paper_book(desk, out=True)
    assert len(book) == 6
    assert {note.taker for note in book} == {"Sùng A Chứ"}
    assert len({note.record for note in book}) == 6
    handing_out.bring_back(desk, book[0].id)
    assert len(handing_out.paper_book(desk, out=True)) == 5
    with pytest.raises(NotFound):
        handing_out.bring_back(desk, 999)


# ---- Codes and scans ----------------------------------------------------------------------------


def test_the_code_on_a_page_opens_its_record(desk: Desk, registered: list[tuple[str, str]]) -> None:
    owner, record = registered[1]
    last = texts(print_document(desk, "F02", record).pdf)[-1]
    typed = re.search(r"F02 (\w{3}-\w{3}-\w{3})", last)
    assert typed
    assert typed[1] == short_code(record)
    found = paper_codes.find_by_code(desk, f" {typed[1].lower()} ")
    assert (found.kind, found.record, found.establishment) == ("needs", record, owner)
    assert paper_codes.looks_like_code(typed[1])
    assert not paper_codes.looks_like_code("Cơ sở chè")


def test_a_slip_in_a_typed_code_is_said(desk: Desk, registered: list[tuple[str, str]]) -> None:
    code = short_code(registered[0][1])
    slip = code[:-1] + ("B" if code[-1] != "B" else "C")
    with pytest.raises(BadInput, match="chưa đúng"):
        paper_codes.find_by_code(desk, slip)
    with pytest.raises(NotFound):
        paper_codes.find_by_code(desk, short_code("019a2b3c-4d5e-7000-8000-00000000ffff"))


@pytest.mark.parametrize("turned", [False, True])
def test_a_scan_is_split_and_filed_by_its_codes(
    desk: Desk, registered: list[tuple[str, str]], tmp_path: Path, turned: bool
) -> None:
    printed = [print_document(desk, "F02", record) for _, record in registered[:2]]
    for one in printed:
        handing_out.hand_out(desk, one, tmp_path / one.file_name, how="printed", taker="chủ cơ sở")
    scan = tmp_path / "quet.pdf"
    scan.write_bytes(
        scanned(*(one.pdf for one in printed), turned=turned, without_code=0 if turned else 1)
    )
    done = scans.file_scan(desk, scan)
    pages = [len(texts(one.pdf)) for one in printed]
    assert {one.record for one in done.filed} == {record for _, record in registered[:2]}
    assert sum(len(one.pages) for one in done.filed) + len(done.waiting) == sum(pages)
    for owner, record in registered[:2]:
        (attached,) = list_attachments(desk, owner, of=record)
        assert attached.title == "F02 đã ký"
        assert attached.record.row["purpose"] == "APPLICATION"
    assert handing_out.paper_book(desk, out=True) == []
    if turned:
        first = next(one for one in done.filed if one.record == registered[0][1])
        assert first.pages == tuple(range(sum(pages), pages[1], -1))
    else:
        (waiting,) = scans.unread_pages(desk)
        assert (waiting.file_name, waiting.page) == ("quet.pdf", 1)
        with Image.open(io.BytesIO(waiting.picture)) as picture:
            assert picture.width > 1000
        scans.file_unread(desk, waiting.id, registered[0][0])
        assert scans.unread_pages(desk) == []
        assert len(list_attachments(desk, registered[0][0])) == 2


def test_a_photo_of_one_page_is_filed(
    desk: Desk, registered: list[tuple[str, str]], tmp_path: Path
) -> None:
    document = pypdfium2.PdfDocument(print_document(desk, "F02", registered[0][1]).pdf)
    photo = (
        document[0]
        .render(scale=200 / 72)
        .to_pil()
        .convert("RGB")
        .rotate(3, fillcolor="grey", expand=True)
    )
    document.close()
    photo.save(tmp_path / "anh.jpg", quality=85)
    done = scans.file_scan(desk, tmp_path / "anh.jpg")
    assert [one.record for one in done.filed] == [registered[0][1]]
    again = scans.file_scan(desk, tmp_path / "anh.jpg")
    assert again.filed[0].attachment == done.filed[0].attachment


# ---- Going out ----------------------------------------------------------------------------------


def test_a_copy_leaves_personal_data_out_unless_asked(
    desk: Desk, registered: list[tuple[str, str]], tmp_path: Path
) -> None:
    owner, record = registered[0]
    sent = handing_out.send_copy(
        desk, handing_out.draws("F02", record), tmp_path, taker="Sở Công Thương"
    )
    assert re.fullmatch(rf"{desk.today.isoformat()}_f02_co-so-che-so-1\.pdf", sent.path.name)
    text = " ".join(texts(sent.path.read_bytes()))
    assert "010085000001" not in text
    assert "0912 345 678" not in text
    assert "Vàng A Páo" in text
    (note,) = handing_out.paper_book(desk)
    assert (note.how, note.taker, note.establishment, note.record) == (
        "copy",
        "Sở Công Thương",
        owner,
        record,
    )
    assert "rep_id_no" in note.left_out
    whole = handing_out.send_copy(
        desk,
        handing_out.draws("F02", record),
        tmp_path,
        taker="Sở Công Thương",
        personal=True,
    )
    assert "010085000001" in " ".join(texts(whole.path.read_bytes()))
    with pytest.raises(BadInput, match="cho ai"):
        handing_out.send_copy(desk, handing_out.draws("F02", record), tmp_path, taker=" ")


def test_a_pdf_with_a_password_opens_with_it_only(
    desk: Desk, registered: list[tuple[str, str]], tmp_path: Path
) -> None:
    sent = handing_out.send_copy(
        desk,
        handing_out.draws("F02", registered[0][1]),
        tmp_path,
        taker="Sở",
        password="chè shan tuyết",
        personal=True,
    )
    locked = pypdf.PdfReader(sent.path)
    assert locked.is_encrypted
    assert not locked.decrypt("chè")
    assert locked.decrypt("chè shan tuyết")
    assert "Vàng A Páo" in locked.pages[0].extract_text()
    assert b"V\xc3\xa0ng" not in sent.path.read_bytes()
    with pytest.raises(BadInput, match="8"):
        handing_out.protect(print_sample(desk, "F02").pdf, "ngắn")


def test_a_copy_as_pictures_has_one_file_a_page(
    desk: Desk, registered: list[tuple[str, str]], tmp_path: Path
) -> None:
    draw = handing_out.draws("F02", registered[0][1])
    sent = handing_out.send_copy(
        desk, draw, tmp_path, taker="Zalo xã", kind=CopyAs.PICTURE, pictures=drawn_at_50_dpi
    )
    pages = len(draw(desk, (), "pdf").pdf and texts(draw(desk, (), "pdf").pdf))
    assert pages > 1
    assert [path.name[-11:] for path in (sent.path, *sent.more)] == [
        f"trang-{page}.png" for page in range(1, pages + 1)
    ]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in (sent.path, *sent.more))
    (note,) = handing_out.paper_book(desk)
    assert (note.how, note.taker) == ("picture", "Zalo xã")
    with pytest.raises(BadInput, match="PDF"):
        handing_out.send_copy(
            desk, draw, tmp_path, taker="Sở", kind=CopyAs.PICTURE, password="mật khẩu dài"
        )


def drawn_at_50_dpi(pdf: bytes) -> list[bytes]:
    document = pypdfium2.PdfDocument(pdf)
    pages = []
    for page in document:
        out = io.BytesIO()
        page.render(scale=50 / 72).to_pil().save(out, "PNG")
        pages.append(out.getvalue())
    document.close()
    return pages


def test_a_copy_as_a_spreadsheet_says_what_the_paper_does(
    desk: Desk, registered: list[tuple[str, str]], tmp_path: Path
) -> None:
    sent = handing_out.send_copy(
        desk, handing_out.draws("F02", registered[0][1]), tmp_path, taker="Sở", kind=CopyAs.SHEET
    )
    assert sent.path.suffix == ".xlsx"
    rows = list(load_workbook(sent.path).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    said = [cell for row in rows for cell in row if cell is not None]
    assert "ĐƠN ĐỀ NGHỊ HỖ TRỢ KINH PHÍ KHUYẾN CÔNG" in said
    assert 200_000_000 in said
    assert not any("010085000001" in str(cell) for cell in said)


def test_a_prefilled_form_that_comes_back_is_filed_where_it_was_handed_out_for(
    desk: Desk, registered: list[tuple[str, str]], tmp_path: Path
) -> None:
    out = tmp_path / "phieu.pdf"
    piles.blank_forms(desk, "F02", out, area=COMMUNE, prefilled=True, taker="Sùng A Chứ")
    scan = tmp_path / "quet.pdf"
    scan.write_bytes(scanned(out.read_bytes()))
    done = scans.file_scan(desk, scan)
    assert len(done.filed) == 4
    assert done.waiting == ()
    (attached,) = list_attachments(desk, registered[0][0])
    assert attached.title == "F02 đã ký"
    assert handing_out.paper_book(desk, out=True) == []


def test_a_paper_with_a_wrong_value_is_refused_and_the_others_are_printed(
    desk: Desk, registered: list[tuple[str, str]], tmp_path: Path
) -> None:
    set_fields(desk, "needs", registered[1][1], {"total": "150 triệu"})
    out = tmp_path / "don"
    lines = piles.print_batch(desk, "F02", out)
    assert [line.number for line in lines if line.name.startswith("Cơ sở chè")] == [1, 0, 2]
    (refused,) = [line for line in lines if line.name == "Cơ sở chè số 2"]
    assert "cộng các khoản" in refused.refused
    listed = (out / "danh-sach.csv").read_text("utf-8-sig").splitlines()
    assert len(listed) == 5
    assert [line for line in listed if "cộng các khoản" in line]


# ---- Offices ------------------------------------------------------------------------------------


def test_an_old_paper_has_the_names_of_its_day(desk: Desk) -> None:
    offices.set_offices(desk, OFFICES)
    form = load_form("F17")
    before = offices.manner_of(desk, form, datetime.date(2025, 6, 30)).issuer
    between = offices.manner_of(desk, form, datetime.date(2026, 3, 31)).issuer
    now = offices.manner_of(desk, form, datetime.date(2026, 4, 1)).issuer
    assert before
    assert between
    assert now
    assert before.symbol == "TTKC&XTTM"
    assert between.signer
    assert between.signer.name == "Nguyễn Thị Phương Thảo"
    assert now.signer
    assert now.signer.prefix == "KT. GIÁM ĐỐC"
    assert now.number("7", "BC", "2026", letter=False) == "07/BC-TTKC"
    assert now.number("", "BC", "2026", letter=False) == "      /BC-TTKC"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("until = 2026-03-31", "until = 2026-05-01", "trùng ngày"),
        ("until = 2025-06-30", "until = 2025-07-30", "trùng ngày"),
        ('role = "department"', 'role = "ministry"', "không dùng được"),
    ],
)
def test_a_bad_list_of_offices_is_refused(
    desk: Desk, tmp_path: Path, old: str, new: str, reason: str
) -> None:
    text = OFFICES.read_text("utf-8")
    assert old in text
    (tmp_path / "co-quan.toml").write_text(text.replace(old, new), "utf-8")
    with pytest.raises(BadInput, match=reason):
        offices.set_offices(desk, tmp_path / "co-quan.toml")
    assert offices.offices_of(desk) == ()


def test_the_words_of_amounts_are_a_setting(desk: Desk, registered: list[tuple[str, str]]) -> None:
    offices.set_words(desk, WordStyle(dong="đồng chẵn"))
    assert "Hai trăm triệu đồng chẵn" in " ".join(
        texts(print_document(desk, "F02", registered[0][1]).pdf)
    )


def test_a_form_whose_records_come_later_says_so(desk: Desk) -> None:
    with pytest.raises(BadInput, match="chưa có loại hồ sơ"):
        print_document(desk, "F17", "x")
    with pytest.raises(BadInput, match="không có bản Word"):
        print_sample(desk, "F02", ending="docx")
    assert print_sample(desk, "F17", ending="docx").pdf.startswith(b"PK")


def test_the_paper_of_a_survey_takes_its_place_and_leaves_room_for_photos(
    desk: Desk, establishment: str
) -> None:
    survey = filled(desk, establishment, geo="22.4856 103.9707", photos="anh.jpg")
    finish_survey(desk, survey)
    row = survey_on_paper(desk, survey.record)
    assert row["geo"] == ["22.4856", "103.9707"]
    assert "photos" not in row
    assert print_document(desk, "F01", survey.record).pdf.startswith(b"%PDF")


def test_an_old_paper_is_printed_again_with_the_units_of_its_day(desk: Desk) -> None:
    owner = establishment(desk, "Lò rèn Nậm Pung")
    set_fields(desk, "establishments", owner, {"old_commune": "02740"})
    paper = need(desk, owner)

    def printed(day: str) -> str:
        set_fields(desk, "needs", paper, {"date": day})
        return " ".join(" ".join(texts(print_document(desk, "F02", paper).pdf)).split())

    then, now = printed("30/06/2025"), printed("01/07/2025")
    assert (
        "Xã Nậm Pung; tỉnh, thành phố: Tỉnh Lào Cai Huyện (trước ngày 01/7/2025): Huyện Bát Xát"
        in then
    )
    assert "xã Nậm Pung, huyện Bát Xát, tỉnh Lào Cai" in then  # where the project is
    assert "Nậm Pung, ngày 30 tháng 6 năm 2025" in then
    assert "Mường Hum" not in then
    assert "(cũ)" not in then
    assert "Xã Mường Hum" in now
    assert "Mường Hum, ngày 01 tháng 7 năm 2025" in now
    assert "Xã Nậm Pung" not in now
