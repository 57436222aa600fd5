"""Printing: a record becomes the PDF, or the Word file, of an official form."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kcdesk.actions.desk import Desk
from kcdesk.actions.editions import current, of_edition
from kcdesk.actions.offices import manner_of
from kcdesk.actions.papers import SOURCES, record_on_paper, units_of_the_day, version_of
from kcdesk.documents import (
    Form,
    FormInfo,
    check_block,
    list_forms,
    load_form,
    missing_keys,
    paper_as_lines,
    read_form,
    render,
    render_word,
)
from kcdesk.documents.issuer import Manner
from kcdesk.documents.samples import sample_issuer, sample_record
from kcdesk.domain.text import fold
from kcdesk.errors import BadInput
from kcdesk.reports.spreadsheet import lines_as_xlsx
from kcdesk.storage.reading.lists import Row

Ending = Literal["pdf", "docx", "xlsx"]
"""What a paper can be given as: for printers, for Word (of the forms that offices go on editing), for spreadsheets."""

PERSONAL = ("rep_id_no", "phone", "email", "address", "hamlet", "geo", "id_no", "contacts")
"""What a copy for others leaves out unless it is asked for: identity numbers, telephones, addresses."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a paper was printed from: its form, and the state of a record; no record of an empty form.

    establishment: whose record it is
    """

    form: str
    record: str = ""
    establishment: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Printed:
    """Papers: their content (PDF or .docx), what a paper still lacks to be complete (key, label), a ready file name.

    origins: of each paper; several of a pile
    """

    pdf: bytes
    missing: list[tuple[str, str]]
    file_name: str
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """All a paper is drawn from."""

    form: Form
    record: Row
    day: datetime.date
    version: str
    manner: Manner

    @property
    def origin(self) -> Origin:
        own = str(self.record["id"])
        whose = own if self.form.source == "establishments" else ""
        whose = str(self.record.get("establishment") or whose)
        return Origin(self.form.id, own, whose, self.version)


def form_for(desk: Desk, form_id: str, folders: Sequence[Path] = ()) -> Form:
    """The form new papers are printed on: of `folders`, else of the edition in use. Raises `NotFound`, `BadInput`."""
    return load_form(form_id, *folders) if folders else current(desk).form(form_id)


def form_of_record(desk: Desk, form_id: str, row: Row, folders: Sequence[Path] = ()) -> Form:
    """The form a record is printed on: of the edition it was made with. Raises `NotFound`, `BadInput`."""
    return (
        load_form(form_id, *folders)
        if folders
        else of_edition(desk, row.get("edition")).form(form_id)
    )


def check_shared(path: Path) -> tuple[FormInfo, ...]:
    """Check a shared block (a file in a folder `blocks`) with the forms that take it up, each drawn empty; those forms.

    Raises `BadInput` naming file, line and reason.
    """
    forms = check_block(path)
    for info in forms:
        form = load_form(info.id, path.parent.parent)
        render(form, {}, version="", on_date=datetime.date(2026, 1, 1), blank=True)
    return forms


def check_form(path: Path) -> Form:
    """Read a form file, and draw it empty, as a trial. Raises `BadInput` naming file, line and reason."""
    form = read_form(path)
    render(form, {}, version="", on_date=datetime.date(2026, 1, 1), blank=True)
    return form


def prepare(
    desk: Desk,
    form_id: str,
    record: str,
    *,
    leave_out: Collection[str] = (),
    folders: Sequence[Path] = (),
) -> Prepared:
    """A record as a paper of that form prints it, without the keys `leave_out`. Raises `NotFound`, `BadInput`."""
    row = record_on_paper(desk, form_for(desk, form_id, folders), record)
    form = form_of_record(desk, form_id, row, folders)
    version = version_of(row)
    day = _day(row.get("date"), desk.today)
    row |= units_of_the_day(desk, row, day.isoformat())
    kept = {key: value for key, value in row.items() if key not in leave_out}
    return Prepared(form, kept, day, version, manner_of(desk, form, day))


def print_document(
    desk: Desk,
    form_id: str,
    record: str | None,
    *,
    blank: bool = False,
    ending: Ending = "pdf",
    leave_out: Collection[str] = (),
    folders: Sequence[Path] = (),
) -> Printed:
    """The paper of form `form_id` for a record of its kind, or for an establishment that has exactly one such.

    blank: the empty form;  ending: of the file that is made;  folders: of a province's forms
    Raises `NotFound`, `BadInput`.
    """
    form = form_for(desk, form_id, folders)
    make = _maker(form, ending)
    if blank or record is None:
        content = make(form, {}, "", desk.today, True, manner_of(desk, form, desk.today))
        return Printed(content, [], f"{form_id}_mau-trong.{ending}", (Origin(form_id),))
    one = prepare(desk, form_id, record, leave_out=leave_out, folders=folders)
    form, make = one.form, _maker(one.form, ending)
    content = make(form, one.record, one.version, one.day, False, one.manner)
    missing = [
        (key, label) for key, label in missing_keys(form, one.record) if key not in leave_out
    ]
    name = f"{one.day.isoformat()}_{form_id}_{file_words(str(one.record.get('name', '')))}.{ending}"
    return Printed(content, missing, name, (one.origin,))


def print_sample(
    desk: Desk, form_id: str, *, ending: Ending = "pdf", folders: Sequence[Path] = ()
) -> Printed:
    """The paper with an invented record: what the form looks like filled in. Raises `NotFound`, `BadInput`."""
    form = form_for(desk, form_id, folders)
    make = _maker(form, ending)
    content = make(
        form,
        sample_record(form),
        "",
        datetime.date(2026, 5, 20),
        False,
        Manner(sample_issuer(form)),
    )
    return Printed(content, [], f"{form_id}_vi-du.{ending}")


def file_words(text: str) -> str:
    """A name as a part of a file name: `Cơ sở Chè` becomes `co-so-che`."""
    name = "-".join(fold(text).split())
    return (
        "".join(letter for letter in name if letter.isalnum() or letter == "-")[:80] or "khong-ten"
    )


_Maker = Callable[[Form, Row, str, datetime.date, bool, Manner], bytes]


def _maker(form: Form, ending: Ending) -> _Maker:
    if ending == "pdf":
        return lambda f, row, version, day, blank, manner: render(
            f, row, version=version, on_date=day, blank=blank, manner=manner
        )
    if ending == "xlsx":
        return lambda f, row, _, day, blank, manner: lines_as_xlsx(
            f.title, paper_as_lines(f, row, on_date=day, blank=blank, manner=manner)
        )
    if not form.word:
        raise BadInput(
            f"Mẫu {form.id} chỉ in ra PDF, không có bản Word.",
            hint="Các mẫu có bản Word: "
            + ", ".join(info.id for info in list_forms() if info.word)
            + ".",
        )
    return lambda f, row, _, day, blank, manner: render_word(
        f, row, on_date=day, blank=blank, manner=manner
    )


def _day(written: object, today: datetime.date) -> datetime.date:
    try:
        return datetime.date.fromisoformat(str(written))
    except ValueError:
        return today


__all__ = [
    "PERSONAL",
    "SOURCES",
    "Origin",
    "Printed",
    "check_form",
    "file_words",
    "prepare",
    "print_document",
    "print_sample",
]
