"""Each form measured: NĐ 30/2020, Annex I, in millimetres, and against the kept reference of its positions.

`python -m tests.documents.keep_reference` writes the references anew after a wanted change of a layout.
"""

from __future__ import annotations

import io
import json
import re
import tomllib
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdf
import pytest

from kcdesk.documents import Manner, render
from kcdesk.documents.form import Text
from kcdesk.documents.samples import sample_issuer, sample_record
from tests.documents.keep_reference import REFERENCE, positions
from tests.documents.papers import DAY, IDS, MM, form_named, printed, read, text_of, words

DOSSIER = tomllib.loads(Path(__file__).with_name("dossier-6.3.toml").read_text("utf-8"))
NATION = ["CỘNG", "HÒA", "XÃ", "HỘI", "CHỦ", "NGHĨA", "VIỆT", "NAM"]
MOTTO = ["Độc", "lập", "-", "Tự", "do", "-", "Hạnh", "phúc"]
both = pytest.mark.parametrize("blank", [False, True], ids=["filled", "blank"])
every = pytest.mark.parametrize("name", IDS)


def line_of(page: Any, wanted: list[str]) -> list[dict[str, Any]]:
    found = words(page)
    for start in range(len(found)):
        if [word["text"] for word in found[start : start + len(wanted)]] == wanted:
            return found[start : start + len(wanted)]
    raise AssertionError(f"not printed: {' '.join(wanted)}")


def middle(line: list[dict[str, Any]]) -> float:
    return (line[0]["x0"] + line[-1]["x1"]) / 2 / MM


def test_the_dossier_has_31_forms_and_so_have_we() -> None:
    assert {name.partition("-")[0] for name in IDS} == {f"F{n:02}" for n in range(1, 32)}
    assert set(DOSSIER) == set(IDS)


@every
def test_keys_and_blocks_of_the_dossier_stand_on_the_paper(name: str) -> None:
    form, wanted = form_named(name), DOSSIER[name]
    assert form.family == wanted["family"]
    assert set(wanted["blocks"]) <= set(form.include)
    text = text_of(name, blank=True).replace(" ", "").casefold()
    source = "".join(map(str, (form.body, form.subject, form.receiver, form.signatures)))
    for key, label in wanted["keys"].items():
        assert key in form.fields
        used = f"{{{key}" in source or f"'{key}'" in source or key in ("number", "date")
        assert used, f"{name}: {key} is declared and not printed"
        assert label.replace(" ", "").casefold() in text, f"{name}: “{label}” is not printed"
    assert form.official.startswith(wanted["official"])
    assert bool(form.official) == bool(wanted["official"])
    assert ("Mẫu số" in text_of(name, blank=True)) == bool(wanted["official"])


@every
def test_every_field_of_a_form_is_used(name: str) -> None:
    """A field nobody prints is a slip; those that only stand in for others or come with a block are not."""
    form = form_named(name)
    blocks = {"EST", "SIGN", "SCHEME", "OFFICE", "MEET", "FUND"}
    source = "".join(map(str, (form.body, form.subject, form.receiver, form.signatures)))
    ours = set(
        tomllib.loads((Path("resources/documents") / f"{name}.toml").read_text("utf-8"))["fields"]
    )
    helpers = {
        key
        for field in form.fields.values()
        for key in (*field.sum_of, *field.minus, *field.least_of)
    }
    unused = {
        key for key in ours if f"{{{key}" not in source and f"'{key}'" not in source
    } - helpers
    assert not unused, (name, unused, blocks)


@every
@both
def test_page_and_margins(name: str, blank: bool) -> None:
    pages = read(name, blank=blank)
    for count, page in enumerate(pages, 1):
        width, height = page.width / MM, page.height / MM
        assert sorted((round(width), round(height))) == [210, 297]
        found = words(page)
        if count > 1:
            number = found.pop(0)
            assert number["text"] == str(count)
            assert 13 <= round(number["size"]) <= 14
            assert number["bottom"] / MM < 20
            assert (number["x0"] + number["x1"]) / 2 / MM == pytest.approx(
                30 + (width - 45) / 2, abs=0.5
            )
        things = [
            *found,
            *page.lines,
            *(rect for rect in page.rects if rect["top"] / MM < height - 19),
        ]
        assert min(thing["x0"] for thing in things) / MM >= 30 - 0.2
        assert max(thing["x1"] for thing in things) / MM <= width - 15 + 0.2
        assert min(thing["top"] for thing in things) / MM >= 20 - 0.3
        assert max(thing["bottom"] for thing in things) / MM <= height - 20 + 0.3


@every
@both
def test_nation_and_motto(name: str, blank: bool) -> None:
    page = read(name, blank=blank)[0]
    nation, motto = line_of(page, NATION), line_of(page, MOTTO)
    assert 12 <= round(nation[0]["size"]) <= 13
    assert 13 <= round(motto[0]["size"]) <= 14
    assert all("Bold" in word["fontname"] for word in (*nation, *motto))
    assert middle(nation) == pytest.approx(middle(motto), abs=0.3)
    lines = [line for line in page.lines if 0 < line["top"] - motto[-1]["bottom"] < 8]
    under = min(lines, key=lambda line: abs((line["x0"] + line["x1"]) / 2 / MM - middle(motto)))
    assert under["x0"] == pytest.approx(motto[0]["x0"], abs=0.5 * MM)
    assert under["x1"] == pytest.approx(motto[-1]["x1"], abs=0.5 * MM)
    if form_named(name).family == "B":
        assert middle(motto) == pytest.approx(30 + 165 / 2, abs=0.3)
    else:
        assert middle(motto) > page.width / MM / 2


@pytest.mark.parametrize("name", [name for name in IDS if form_named(name).family == "A"])
def test_letterhead(name: str) -> None:
    page, form = read(name, blank=False)[0], form_named(name)
    issuer = sample_issuer(form)
    assert issuer is not None
    left = [word for word in words(page) if word["x1"] < line_of(page, NATION)[0]["x0"]]
    names = [
        word
        for word in left
        if word["text"].isupper() and word["top"] < line_of(page, ["Số:"])[0]["top"]
    ]
    bold = [word for word in names if "Bold" in word["fontname"]]
    assert " ".join(word["text"] for word in bold) == issuer.name.upper()
    assert " ".join(word["text"] for word in names if word not in bold) == issuer.parent.upper()
    assert all(12 <= round(word["size"]) <= 13 for word in names)
    rows: dict[int, list[dict[str, Any]]] = {}
    for word in bold:
        rows.setdefault(round(word["top"]), []).append(word)
    longest = max(max(w["x1"] for w in row) - min(w["x0"] for w in row) for row in rows.values())
    rule = next(line for line in page.lines if line["x1"] < line_of(page, NATION)[0]["x0"])
    assert longest / 3 - 1 <= rule["x1"] - rule["x0"] <= longest / 2 + 1
    number = re.search(r"Số: \S+", " ".join(word["text"] for word in left))
    assert number
    assert number[0] == f"Số: {issuer.number('5', form.symbol, '2026', letter=form.letter)}"
    date = line_of(page, ["ngày", "20", "tháng", "5", "năm", "2026"])
    assert all("Italic" in word["fontname"] for word in date)
    assert 13 <= round(date[0]["size"]) <= 14


@every
def test_title_is_centred_and_bold(name: str) -> None:
    form = form_named(name)
    page = read(name, blank=False)[0]
    if form.letter:
        assert line_of(page, ["V/v"])
        return
    title = line_of(page, form.title.upper().split()[:2])
    row = [word for word in words(page) if abs(word["top"] - title[0]["top"]) < 2]
    assert all("Bold" in word["fontname"] and 13 <= round(word["size"]) <= 14 for word in row)
    assert middle(row) == pytest.approx(30 + (page.width / MM - 45) / 2, abs=0.3)


@every
@both
def test_no_text_lies_on_another(name: str, blank: bool) -> None:
    for page in read(name, blank=blank):
        rows: dict[int, list[dict[str, Any]]] = {}
        for char in page.chars:
            if char["text"].strip():
                rows.setdefault(round(char["top"] * 2), []).append(char)
        for row in rows.values():
            row.sort(key=lambda char: char["x0"])
            for before, after in pairwise(row):
                assert after["x0"] >= before["x1"] - 1.2, (name, before["text"], after["text"])


@every
def test_nothing_said_is_lost(name: str) -> None:
    """Every word of each text of the sample stands on the paper, whatever line it is broken in."""
    form = form_named(name)
    text = text_of(name, blank=False)
    squeezed = "".join(text.split()).casefold()
    source = str(form.body)
    for key, value in sample_record(form).items():
        kind = form.fields[key].type if key in form.fields else ""
        if (
            isinstance(value, str)
            and kind == "text"
            and f"{{{key}}}" in source
            and key not in _ELSEWHERE
        ):
            lost = [word for word in value.casefold().split() if word not in squeezed]
            assert not lost, (name, key)


_ELSEWHERE = {"hamlet"}
"""Printed only where there is an address."""


@every
@both
def test_letters_fonts_and_bytes(name: str, blank: bool) -> None:
    pdf = printed(name, blank=blank)
    form = form_named(name)
    record = {} if blank else {**sample_record(form), "id": "019a2b3c-4d5e-7000-8000-000000000000"}
    manner = Manner(sample_issuer(form))
    again = render(
        form, record, version="" if blank else "0000beef", on_date=DAY, blank=blank, manner=manner
    )
    assert again == pdf
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert reader.trailer["/Root"]["/Lang"] == "vi-VN"
    assert reader.metadata is not None
    assert reader.metadata.title == form.title
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            descriptor = font.get_object()["/FontDescriptor"].get_object()
            assert "/FontFile2" in descriptor
            assert "Helvetica" not in descriptor["/FontName"]
    assert unicodedata.is_normalized("NFC", text_of(name, blank=blank))


@every
@both
def test_like_the_kept_reference(name: str, blank: bool) -> None:
    kept = json.loads(
        (REFERENCE / f"{name}-{'blank' if blank else 'filled'}.json").read_text("utf-8")
    )
    now = positions(name, blank=blank)
    assert len(now) == len(kept)
    for page, (here, there) in enumerate(zip(now, kept, strict=True), 1):
        assert [one[0] for one in here] == [one[0] for one in there], f"page {page}"
        for (text, *at), (_, *was) in zip(here, there, strict=True):
            assert at == pytest.approx(was, abs=0.5), f"page {page}: {text}"


@pytest.mark.parametrize("name", [name for name in IDS if form_named(name).signatures])
@both
def test_a_signature_never_stands_alone(name: str, blank: bool) -> None:
    last = read(name, blank=blank)[-1]
    text = (last.extract_text() or "").split("\n")
    before = [line for line in text if not line.strip().isdigit()]
    ends = [block.text for block in form_named(name).blocks[-2:] if isinstance(block, Text)]
    closing = [re.sub(r"\{.*?\}", " ", text).split()[-1] for text in ends]
    assert any(word in line for line in before for word in closing), name


@both
@every
def test_no_head_stands_last_on_a_page(name: str, blank: bool) -> None:
    for page in read(name, blank=blank):
        lines = page.extract_text_lines()
        if lines:
            text, font = lines[-1]["text"], lines[-1]["chars"][-1]["fontname"]
            head = re.match(r"([IVX]+\.|Điều \d+\.) ", text) and "Bold" in font
            assert not head, (page.page_number, text)


@both
def test_sections_go_on_after_an_annex(blank: bool) -> None:
    heads = re.findall(r"\b([IVX]+)\. \w", text_of("F04", blank=blank))
    assert heads[:7] == ["I", "II", "III", "IV", "V", "VI", "VII"]


def test_dots_inside_a_sentence_leave_its_words_together() -> None:
    lines = [line["text"] for line in read("F19", blank=True)[0].extract_text_lines()]
    (line,) = [line for line in lines if line.startswith("Căn cứ hợp đồng số")]
    assert "....." in line
    assert "ngày" in line


def test_the_place_begins_a_line_of_a_long_name() -> None:
    head = [line["text"] for line in read("F07", blank=True)[0].extract_text_lines()[:4]]
    assert "CAI" not in [words.strip() for words in head]
    assert any(line.startswith("TỈNH LÀO CAI") for line in head)


def test_recipients_keep_clear_of_the_names() -> None:
    page = read("F12", blank=False)[-1]
    lines = {line["text"].split(" Lê ")[0]: line for line in page.extract_text_lines()}
    (name,) = [line for text, line in lines.items() if text.startswith("Hoàng Ngọc")]
    (head,) = [line for text, line in lines.items() if text.startswith("Nơi nhận")]
    assert (head["top"] - name["bottom"]) / MM > 2.5
