"""Printing: a record becomes the PDF of an official form."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from kcdesk.actions.desk import Desk
from kcdesk.actions.editions import current, of_edition
from kcdesk.actions.papers import need_on_paper, version_of
from kcdesk.documents import missing_keys, render
from kcdesk.domain.text import fold
from kcdesk.errors import BadInput, NotFound
from kcdesk.storage.reading.lists import Row


@dataclass(frozen=True, slots=True)
class Printed:
    """A paper: its PDF, what it still lacks to be complete (key, label), and a ready file name."""

    pdf: bytes
    missing: list[tuple[str, str]]
    file_name: str


def print_document(desk: Desk, form_id: str, record: str | None, *, blank: bool = False) -> Printed:
    """The paper of form `form_id` for a record of its kind, or for an establishment that has exactly one such.

    `blank`: the empty form. A record is printed on the form of the edition it was made with. Raises `NotFound`,
    `BadInput`.
    """
    if blank or record is None:
        form = current(desk).form(form_id)
        pdf = render(form, {}, version="", on_date=desk.today, blank=True)
        return Printed(pdf, [], f"{form_id}_mau-trong.pdf")
    row = need_on_paper(desk, _need_of(desk, record))
    form = of_edition(desk, row.get("edition")).form(form_id)
    day = _day(row.get("date"), desk.today)
    pdf = render(form, row, version=version_of(row), on_date=day)
    name = "-".join(fold(str(row.get("name", ""))).split()) or "khong-ten"
    safe = "".join(letter for letter in name if letter.isalnum() or letter == "-")
    return Printed(pdf, missing_keys(form, row), f"{day.isoformat()}_{form_id}_{safe}.pdf")


def _need_of(desk: Desk, record: str) -> str:
    """The need a person means: its own id, or that of an establishment with exactly one need."""
    needs: list[Row] = desk.workspace.lists.of_establishments("needs", [record])
    if len(needs) == 1:
        return str(needs[0]["id"])
    if len(needs) > 1:
        raise BadInput(
            f"Cơ sở này có {len(needs)} đăng ký nhu cầu.",
            hint="Cho biết mã của đăng ký cần in: "
            + ", ".join(str(need["id"]) for need in needs)
            + ".",
        )
    try:
        desk.workspace.state("needs", record)
    except NotFound:
        raise NotFound(
            "Chưa có đăng ký nhu cầu nào để in.", hint="Đăng ký nhu cầu của cơ sở trước, rồi in."
        ) from None
    return record


def _day(written: object, today: datetime.date) -> datetime.date:
    try:
        return datetime.date.fromisoformat(str(written))
    except ValueError:
        return today
