"""Piles: the papers of many records in one PDF or one file each, and the empty forms of a commune to take along.

A pile is gathered with the desk, drawn without it, and noted with it again, so that a window can draw elsewhere.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kcdesk.actions.desk import Desk
from kcdesk.actions.documents import Origin, Prepared, Printed, file_words, form_for, prepare
from kcdesk.actions.handing_out import note_papers, write_out
from kcdesk.actions.offices import manner_of
from kcdesk.actions.papers import establishment_on_paper
from kcdesk.actions.records import list_records
from kcdesk.actions.survey_numbers import reserve_numbers
from kcdesk.documents import Form, missing_keys
from kcdesk.domain.identifiers import new_record_id
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, KcdeskError

if TYPE_CHECKING:
    from kcdesk.documents.printing import Wanted

Progress = Callable[[int, int], None]
"""Called with how many papers are drawn, and of how many; may raise `Cancelled`, then no file is left behind."""
_AT_ONCE = 500
_PREFILLED = ("name", "legal_form", "rep_name", "hamlet", "address", "commune", "province")
_NUMBER = "survey_no"
LIST_FILE = "danh-sach.csv"


@dataclass(frozen=True, slots=True)
class InPile:
    """One paper of a pile, or why it was not printed. number: its place, from 1; 0 of what was not printed."""

    number: int
    name: str
    origin: Origin
    file: str = ""
    missing: tuple[str, ...] = ()
    refused: str = ""

    def as_json(self) -> dict[str, Value]:
        return {
            "number": self.number,
            "record": self.origin.record,
            "name": self.name,
            "file": self.file,
            "missing": list(self.missing),
            "refused": self.refused,
        }


@dataclass(frozen=True, slots=True)
class Gathered:
    """The records of a pile, each made ready to be printed or with the reason why it cannot be."""

    form: Form
    chosen: tuple[Prepared | InPile, ...]

    @property
    def file_name(self) -> str:
        """Of the pile as one file: `F02_12-ho-so.pdf`."""
        ready = sum(isinstance(one, Prepared) for one in self.chosen)
        return f"{self.form.id}_{ready}-ho-so.pdf"


def print_batch(
    desk: Desk,
    form_id: str,
    output: Path,
    *,
    where: Mapping[str, str] | None = None,
    records: Sequence[str] | None = None,
    folders: Sequence[Path] = (),
    progress: Progress | None = None,
) -> list[InPile]:
    """The papers of all records of the form's kind that match, in one PDF (`output` ends in .pdf) or in a folder.

    As `gather`, `write_pile` and a note of each paper in the book.
    """
    gathered = gather(desk, form_id, where=where, records=records, folders=folders)
    lines = write_pile(gathered, output, progress)
    note_pile(desk, lines)
    return lines


def gather(
    desk: Desk,
    form_id: str,
    *,
    search: str = "",
    where: Mapping[str, str] | None = None,
    records: Sequence[str] | None = None,
    folders: Sequence[Path] = (),
    progress: Progress | None = None,
) -> Gathered:
    """The records that a pile is printed from.

    records: these records, or establishments, instead of `search` and `where` (as `list_records` has them, of
    establishments). Raises `BadInput`, `NotFound`, and what `progress` raises.
    """
    tell = progress or _nothing
    form = form_for(desk, form_id, folders)
    chosen = records if records is not None else _matching(desk, search, where or {})
    found: list[Prepared | InPile] = []
    for count, record in enumerate(chosen):
        tell(count, len(chosen))
        try:
            found.append(prepare(desk, form_id, record, folders=folders))
        except KcdeskError as error:
            refused = InPile(
                0, _name_of(desk, record), Origin(form_id, record), refused=error.message
            )
            found.append(refused)
    return Gathered(form, tuple(found))


def draw_pile(gathered: Gathered, progress: Progress | None = None) -> tuple[Printed, list[InPile]]:
    """A pile as one PDF with a bookmark for each paper, and its list. Needs no desk.

    Raises `BadInput` when nothing can be printed, and what `progress` raises.
    """
    from kcdesk.documents.printing import print_pile  # noqa: PLC0415 (ReportLab: half a second)

    tell = progress or _nothing
    ready, lines = _composed(gathered, gathered.file_name, tell)
    pdf = print_pile(
        ready, title=gathered.form.title, begun=lambda number: tell(number, len(ready))
    )
    tell(len(ready), len(ready))
    origins = tuple(line.origin for line in lines if line.number)
    return Printed(pdf, [], gathered.file_name, origins), lines


def write_pile(gathered: Gathered, output: Path, progress: Progress | None = None) -> list[InPile]:
    """Write a pile into one PDF (`output` ends in .pdf), or into a folder; the list. Needs no desk.

    In a folder each file has its number, and `danh-sach.csv` says what was printed, what is missing, what was refused.
    Raises `BadInput`, and what `progress` raises; then nothing was written.
    """
    if output.suffix.casefold() == ".pdf":
        printed, lines = draw_pile(gathered, progress)
        write_out(output, printed.pdf)
        return [
            InPile(line.number, line.name, line.origin, output.name if line.number else "",
                   line.missing, line.refused)
            for line in lines
        ]  # fmt: skip
    from kcdesk.documents.printing import print_one  # noqa: PLC0415

    tell = progress or _nothing
    ready, lines = _composed(gathered, "", tell)
    numbered = [line for line in lines if line.number]
    written: list[Path] = []
    try:
        for count, (one, line) in enumerate(zip(ready, numbered, strict=True)):
            tell(count, len(ready))
            written.append(output / line.file)
            write_out(written[-1], print_one(one), make_folder=True)
        tell(len(ready), len(ready))
        written.append(output / LIST_FILE)
        write_out(written[-1], list_as_csv(lines))
    except KcdeskError:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return lines


def note_pile(desk: Desk, lines: Sequence[InPile], *, how: str = "file", taker: str = "") -> None:
    """Write the printed papers of a pile into the book."""
    for line in lines:
        if line.number:
            note_papers(desk, (line.origin,), how=how, file_name=line.file, taker=taker)


def _composed(gathered: Gathered, file: str, tell: Progress) -> tuple[list[Wanted], list[InPile]]:
    """Each paper composed and numbered; one with a wrong value is refused before anything is drawn."""
    ready: list[Wanted] = []
    lines: list[InPile] = []
    for one in gathered.chosen:
        tell(0, len(gathered.chosen))
        if isinstance(one, InPile):
            lines.append(one)
            continue
        name = str(one.record.get("name", ""))
        try:
            paper = _wanted(one, f"{len(ready) + 1}. {name}")
            lacking = tuple(label for _, label in missing_keys(one.form, one.record))
        except KcdeskError as error:
            lines.append(InPile(0, name, one.origin, refused=error.message))
            continue
        ready.append(paper)
        own = f"{len(ready):03}_{one.form.id}_{file_words(name)}.pdf"
        lines.append(InPile(len(ready), name, one.origin, file or own, lacking))
    if not ready:
        raise BadInput(
            f"Không in được hồ sơ nào: {lines[0].refused}"
            if lines
            else "Không có hồ sơ nào để in.",
            hint="Xem lại các cơ sở đã chọn, hoặc ghi hồ sơ trước.",
        )
    return ready, lines


def _wanted(one: Prepared, name: str) -> Wanted:
    from kcdesk.documents.printing import wanted  # noqa: PLC0415

    return wanted(one.form, one.record, one.version, one.day, name, manner=one.manner)


def _matching(desk: Desk, search: str, where: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    after = None
    while True:
        page = list_records(
            desk, ESTABLISHMENTS.name, search=search, where=where, limit=_AT_ONCE, after=after
        )
        found += [str(record.row["id"]) for record in page.records]
        if page.next is None:
            return found
        after = page.next


def _name_of(desk: Desk, record: str) -> str:
    try:
        return str(desk.workspace.state(ESTABLISHMENTS.name, record).get("name") or "")
    except KcdeskError:
        return ""


def list_as_csv(lines: Sequence[InPile]) -> bytes:
    """What was printed, what is missing, what was not printed and why; Excel opens it with its letters right."""
    out = io.StringIO()
    out.write("\ufeffSố;Tên cơ sở;Tệp;Còn thiếu;Không in vì\r\n")
    for line in lines:
        number = str(line.number) if line.number else ""
        cells = (number, line.name, line.file, ", ".join(line.missing), line.refused)
        out.write(";".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\r\n")
    return out.getvalue().encode()


def _nothing(_done: int, _of: int) -> None:
    """Nobody asks how far it is."""


@dataclass(frozen=True, slots=True)
class Blanks:
    """Empty forms to be drawn: each with the establishment it is for, empty of one that is not in the list yet."""

    form: Form
    papers: tuple[tuple[str, Wanted], ...]

    @property
    def origins(self) -> Iterator[Origin]:
        for establishment, paper in self.papers:
            yield Origin(self.form.id, str(paper.record["id"]), establishment)


def blank_forms(
    desk: Desk,
    form_id: str,
    output: Path,
    *,
    area: str,
    prefilled: bool = False,
    copies: int = 0,
    taker: str = "",
    folders: Sequence[Path] = (),
    progress: Progress | None = None,
) -> int:
    """The empty forms of a commune as one PDF, for any printer; how many. Each has the code of its record to come, and
    a sheet the number that is reserved for it.

    prefilled: with name and address of each establishment of the commune;  copies: so many for establishments that are
    not in the list yet;  taker: who takes them along. Raises `BadInput`, `NotFound`, and what `progress` raises.
    """
    blanks = gather_blanks(
        desk, form_id, area=area, prefilled=prefilled, copies=copies, folders=folders
    )
    write_out(output, draw_blanks(blanks, progress).pdf)
    note_papers(desk, blanks.origins, how="blank", file_name=output.name, taker=taker)
    return len(blanks.papers)


def gather_blanks(
    desk: Desk,
    form_id: str,
    *,
    area: str,
    prefilled: bool = False,
    copies: int = 0,
    folders: Sequence[Path] = (),
) -> Blanks:
    """The empty forms of a commune, as `blank_forms` has them. Raises `BadInput`, `NotFound`."""
    from kcdesk.documents.printing import wanted  # noqa: PLC0415

    form = form_for(desk, form_id, folders)
    desk.units.new_commune(area)
    known = _matching(desk, "", {"commune": area}) if prefilled else []
    manner = manner_of(desk, form, desk.today)
    owners = [*known, *[""] * copies]
    numbered = _NUMBER in form.fields and bool(owners)
    numbers = reserve_numbers(desk, area, len(owners)) if numbered else [""] * len(owners)
    papers: list[tuple[str, Wanted]] = []
    for establishment, number in zip(owners, numbers, strict=True):
        row = establishment_on_paper(desk, establishment) if establishment else {}
        shown = {key: row[key] for key in _PREFILLED if key in row and key in form.fields}
        shown["id"] = new_record_id(desk.clock, desk.randomness)
        if number:
            shown[_NUMBER] = number
        name = f"{len(papers) + 1}. {row.get('name', 'Cơ sở mới')}"
        paper = wanted(form, shown, "", desk.today, name, blank=True, manner=manner)
        papers.append((establishment, paper))
    if not papers:
        raise BadInput(
            "Không có phiếu nào để in.",
            hint="Ghi số phiếu trống (--copies), hoặc in sẵn tên (--prefilled).",
        )
    return Blanks(form, tuple(papers))


def draw_blanks(blanks: Blanks, progress: Progress | None = None) -> Printed:
    """Empty forms as one PDF. Needs no desk. Raises what `progress` raises."""
    from kcdesk.documents.printing import print_pile  # noqa: PLC0415

    tell, count = progress or _nothing, len(blanks.papers)
    pdf = print_pile(
        [paper for _, paper in blanks.papers],
        title=blanks.form.title,
        begun=lambda number: tell(number, count),
    )
    tell(count, count)
    name = f"{blanks.form.id}_{count}-mau-trong.pdf"
    return Printed(pdf, [], name, tuple(blanks.origins))
