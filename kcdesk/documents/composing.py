"""A form and a record become a paper (`content`): what is printed, what is left out, where dots stay.

In a filled paper an optional line of which nothing is known disappears and a required one keeps its dots; the empty
form shows everything, with dots.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from kcdesk.documents import content as c
from kcdesk.documents import form as f
from kcdesk.documents import values as v
from kcdesk.documents.computing import has_value, value_of, with_computed
from kcdesk.documents.issuer import Issuer, Manner
from kcdesk.documents.tables import grid_of, report_of, table_of
from kcdesk.domain.code_lists import CODE_LISTS

_HAND_DATE = "ngày ...... tháng ...... năm ........"
_HAND_PLACE = "." * 16


@dataclass(frozen=True)
class Sheet:
    """One paper being written: a form, what is known, how the office writes, and whether it is filled by hand."""

    form: f.Form
    record: v.Record
    blank: bool
    manner: Manner = field(default_factory=Manner)

    def pieces(self, template: str) -> c.Pieces:
        """The template with its values; a gap where there is none."""
        pieces: list[str | c.Gap] = []
        for literal, key, spec in f.keys_in(template):
            pieces += [literal] if literal else []
            if key:
                one = self.form.fields[key]
                shown = v.printed(
                    one, value_of(self.form, self.record, key), spec, self.manner.words
                )
                pieces.append(shown or c.Gap(_GAPS.get(one.type, "text")))
        return tuple(pieces)

    def text(self, template: str) -> str:
        """The template with its values only."""
        return "".join(piece for piece in self.pieces(template) if isinstance(piece, str))

    def value(self, key: str) -> str:
        return (
            v.printed(self.form.fields[key], value_of(self.form, self.record, key)) if key else ""
        )

    def says_nothing(self, template: str) -> bool:
        """All its fields are optional and empty: a line a filled paper leaves out."""
        keys = [key for _, key, _ in f.keys_in(template) if key]
        return bool(keys) and not any(
            v.is_required(self.form.fields[key], self.record)
            or has_value(self.form, self.record, key)
            for key in keys
        )

    def shows(self, block: f.Block) -> bool:
        if self.blank:
            return block.blank
        return block.when is None or v.holds(block.when, self.record)


_GAPS: dict[str, Any] = {"date": "date", "int": "short", "decimal": "short"}


def compose(sheet: Sheet, on_date: datetime.date) -> c.Paper:
    """The whole paper. Raises BadInput for a value that is not what the form says, or contradicts a sum."""
    form = sheet.form
    if not sheet.blank:
        sheet = Sheet(form, with_computed(form, sheet.record), False, sheet.manner)
    day = _day_of(sheet, on_date)
    place_date = _place_and_date(sheet, day)
    agency = form.family == "A"
    return c.Paper(
        title="" if form.letter else form.title.upper(),
        document_title=v.clean(form.title),
        subject=""
        if form.letter
        else sheet.text(form.subject)
        if not sheet.blank
        else _dotted(sheet.pieces(form.subject)),
        official=form.official,
        landscape=form.landscape,
        letterhead=_letterhead(sheet, day, place_date) if agency else None,
        receiver=sheet.pieces(form.receiver) if form.receiver else (),
        blocks=tuple(_body(sheet, day or on_date)),
        place_and_date="" if agency else place_date,
        signatures=tuple(
            pair for line in form.signatures for pair in _in_pairs(list(_signers(sheet, line)))
        ),
        recipients=tuple(filter(None, (sheet.text(text) for text in form.recipients))),
    )


def _day_of(sheet: Sheet, on_date: datetime.date) -> datetime.date | None:
    if "date" not in sheet.form.fields:
        return None if sheet.blank else on_date
    value = value_of(sheet.form, sheet.record, "date")
    if v.is_empty(value):
        return None if sheet.blank else on_date
    v.printed(sheet.form.fields["date"], value)  # refuses what is no date
    return v.day(value)


def _place_and_date(sheet: Sheet, day: datetime.date | None) -> str:
    """`Lào Cai, ngày 05 tháng 02 năm 2026`."""
    place = sheet.value("place") if "place" in sheet.form.fields else ""
    if not place and sheet.form.family == "A" and sheet.manner.issuer:
        place = sheet.manner.issuer.place
    return f"{place or _HAND_PLACE}, {v.date_in_words(day) if day else _HAND_DATE}"


def _letterhead(sheet: Sheet, day: datetime.date | None, place_date: str) -> c.Letterhead:
    issuer = sheet.manner.issuer or Issuer("." * 40, "." * 40)
    number = sheet.value("number") if "number" in sheet.form.fields else ""
    year = str(day.year) if day else "....."
    letter = sheet.form.letter
    about = f"V/v {_dotted(sheet.pieces(sheet.form.subject))}" if letter else ""
    return c.Letterhead(
        parent=issuer.parent.upper(),
        name=issuer.name.upper(),
        number=f"Số: {issuer.number(number, sheet.form.symbol, year, letter=letter)}",
        place_and_date=place_date,
        about=about,
    )


def _dotted(pieces: c.Pieces) -> str:
    return "".join("." * 20 if isinstance(piece, c.Gap) else piece for piece in pieces)


def _body(sheet: Sheet, day: datetime.date) -> Iterator[c.Block]:
    """Numbers sections and items; a heading waits until its section prints something."""
    heading: f.Heading | None = None
    sections = items = before = 0
    blocks = sheet.form.blocks
    following: list[f.Block | None] = [*blocks[1:], None]
    for block, after in zip(blocks, following, strict=True):
        if not sheet.shows(block) or _is_caption_of_nothing(sheet, block, after, day):
            continue
        if isinstance(block, f.Heading):
            heading, items = block, 0
            continue
        drawn, items = (
            _items(sheet, block, items)
            if isinstance(block, f.Items)
            else (_compose(sheet, block, day), items)
        )
        if not drawn:
            continue
        if isinstance(block, f.Page):  # a page with a title is an annex: it counts for itself
            before = sections or before
            sections, heading, items = 0 if block.title else before, None, 0
        if heading is not None:
            yield c.Paragraph((f"{v.roman(sections + 1)}. {heading.text}",), "heading")
            heading, sections = None, sections + 1
        yield from drawn


def _is_caption_of_nothing(
    sheet: Sheet, block: f.Block, after: f.Block | None, day: datetime.date
) -> bool:
    """A text that ends with a colon belongs to the table below it, and goes when there is none."""
    caption = isinstance(block, f.Text) and block.text.endswith(":") and isinstance(after, f.Table)
    return caption and after is not None and not _compose(sheet, after, day)


def _compose(sheet: Sheet, block: f.Block, day: datetime.date) -> list[c.Block]:
    match block:
        case f.Text(text=text, look=look):
            return _paragraph(sheet, text, look=look)
        case f.Basis():
            return _basis(sheet, block, day)
        case f.Table():
            table = table_of(sheet.form, block, sheet.record, blank=sheet.blank)
            return [table] if table else []
        case f.Grid():
            return [grid_of(block, sheet.text, hand=sheet.blank)]
        case f.Checklist():
            return [_checklist(sheet, block)]
        case f.Photos():
            return [_photos(sheet, block)]
        case f.Report(table=name, title=title):
            table = report_of(name, sheet.record, blank=sheet.blank)
            return [c.Paragraph((title,), "subtitle"), table] if table else []
        case f.Page(landscape=landscape, title=title):
            return [c.NewPage(landscape, title.upper())]
    return []


def _items(sheet: Sheet, block: f.Items, count: int) -> tuple[list[c.Block], int]:
    drawn: list[c.Block] = []
    for text in block.texts:
        plain = text.startswith("+ ")
        lines = _paragraph(sheet, text[2:] if plain else text, "" if plain else f"{count + 1}. ")
        drawn += lines
        count += bool(lines) and not plain
    return drawn, count


def _paragraph(
    sheet: Sheet, template: str, number: str = "", look: c.Look = "plain"
) -> list[c.Block]:
    if not sheet.blank and sheet.says_nothing(template):
        return []
    keys = [(key, spec) for _, key, spec in f.keys_in(template) if key]
    if sheet.blank and keys and keys[-1][1] == "boxes":
        return _to_tick(sheet, number, template)
    pieces = sheet.pieces(template)
    if number:
        pieces = (
            (number + pieces[0], *pieces[1:])
            if pieces and isinstance(pieces[0], str)
            else (number, *pieces)
        )
    open_end = any(isinstance(piece, c.Gap) for piece in pieces[-2:])
    lines = sheet.form.fields[keys[-1][0]].lines if open_end and keys else 0
    return [c.Paragraph(pieces, look, lines)]


def _to_tick(sheet: Sheet, number: str, template: str) -> list[c.Block]:
    """An empty form's question with all the codes of its field to tick."""
    *before, (literal, key, _) = list(f.keys_in(template))
    stem = "".join(text for text, _, _ in before) + literal
    codes = CODE_LISTS[sheet.form.fields[key].codes]
    return [c.Paragraph((number + stem,)), c.Choices(tuple((code.label, False) for code in codes))]


def _basis(sheet: Sheet, block: f.Basis, day: datetime.date) -> list[c.Block]:
    """Each ends with a semicolon, the last with a full stop."""
    laws = (sheet.form.laws[name] for name in block.laws)
    texts = [law.text for law in laws if law.holds(day)]
    texts += [
        _dotted(sheet.pieces(text))
        for text in block.texts
        if sheet.blank or not sheet.says_nothing(text)
    ]
    if block.key:
        texts += v.texts_of(sheet.form, sheet.record, block.key)
        texts += ["Căn cứ " + "." * 90] if sheet.blank else []
    ends = [";"] * (len(texts) - 1) + ["."]
    return [
        c.Paragraph(
            (text.rstrip(";., ") + end if not text.endswith("...") else text + end,), "italic"
        )
        for text, end in zip(texts, ends, strict=True)
    ]


def _checklist(sheet: Sheet, block: f.Checklist) -> c.Choices:
    said = v.texts_of(sheet.form, sheet.record, block.key)
    activity = sheet.record.get(block.activity)
    options = [
        (option.label, option.code in said)
        for option in block.options
        if sheet.blank
        or option.code in said
        or not option.activities
        or activity in option.activities
    ]
    known = {option.code for option in block.options}
    options += [(text, True) for text in said if text not in known]
    if sheet.blank:
        options += [("." * 52, False)] * 2
    return c.Choices(tuple(options))


def _photos(sheet: Sheet, block: f.Photos) -> c.PhotoPlaces:
    said = [] if sheet.blank else v.rows_of(sheet.form, sheet.record, block.key)
    photos = [
        c.Photo(
            v.clean(str(one.get("caption") or "")),
            content if isinstance(content := one.get("content"), bytes) else None,
        )
        for one in said
    ]
    photos += [c.Photo()] * (block.count - len(photos))
    return c.PhotoPlaces(tuple(photos), block.width, block.height)


def _signers(sheet: Sheet, line: Sequence[f.Signature]) -> Iterator[c.Signature]:
    for sign in line:
        people = v.rows_of(sheet.form, sheet.record, sign.table) if sign.table else []
        for person in people:
            yield c.Signature(
                (
                    (v.clean(str(person.get("position") or sign.title)).upper(), "bold"),
                    (sign.note, "italic"),
                ),
                v.clean(str(person.get("name") or "")),
            )
        if not sign.table or (sheet.blank and not people):
            yield _signature(sheet, sign)


def _in_pairs(signatures: list[c.Signature]) -> Iterator[tuple[c.Signature, ...]]:
    yield from (tuple(signatures[at : at + 2]) for at in range(0, len(signatures), 2))


def _signature(sheet: Sheet, sign: f.Signature) -> c.Signature:
    title, prefix, position, name = (
        sign.title,
        sheet.value(sign.prefix),
        sheet.value(sign.position),
        sheet.value(sign.name),
    )
    if sign.by == "issuer" and sheet.manner.issuer and (signer := sheet.manner.issuer.signer):
        title, prefix, position, name = "", signer.prefix, signer.position, signer.name
    if "\n" in prefix or (prefix and sign.by == "issuer"):
        heads = [title, *prefix.split("\n"), position]
    else:
        heads = [title, " ".join(filter(None, (prefix, position)))]
    lines: list[tuple[str, Any]] = [(text.upper(), "bold") for text in heads if text]
    if sign.note and not (sign.by == "issuer" and name):
        lines.append((sign.note, "italic"))
    return c.Signature(tuple(lines), name)
