"""Piles: the papers of many records in one PDF or one file each, and the empty forms of a commune to take along."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kcdesk.actions.desk import Desk
from kcdesk.actions.documents import Prepared, file_words, form_for, prepare
from kcdesk.actions.offices import manner_of
from kcdesk.actions.papers import establishment_on_paper
from kcdesk.actions.records import list_records
from kcdesk.documents import missing_keys, render
from kcdesk.domain.identifiers import new_record_id
from kcdesk.domain.kinds import ESTABLISHMENTS
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, KcdeskError
from kcdesk.storage.folder.durable import write_durably

Progress = Callable[[int, int], None]
"""Called with how many papers are drawn, and of how many; may raise `Cancelled`, then no file is left behind."""
_AT_ONCE = 500
_PREFILLED = ("name", "legal_form", "rep_name", "hamlet", "address", "commune", "province")


@dataclass(frozen=True, slots=True)
class InPile:
    """One paper of a pile, or why it was not printed. number: its place, from 1; 0 of what was not printed."""

    number: int
    record: str
    name: str
    file: str
    missing: tuple[str, ...] = ()
    refused: str = ""

    def as_json(self) -> dict[str, Value]:
        return {
            "number": self.number,
            "record": self.record,
            "name": self.name,
            "file": self.file,
            "missing": list(self.missing),
            "refused": self.refused,
        }


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

    records: these records, or establishments, instead of `where` (as `list_records` has it, of establishments).
    In a folder each file has its number, and `danh-sach.csv` says what was printed, what is missing, what was refused.
    Raises `BadInput`, `NotFound`, `WorkspaceError`, and what `progress` raises; then nothing was written.
    """
    form_for(desk, form_id, folders)
    chosen = records if records is not None else _matching(desk, where or {})
    ready: list[Prepared] = []
    done: list[InPile] = []
    for record in chosen:
        try:
            one = prepare(desk, form_id, record, folders=folders)
            lacking = tuple(label for _, label in missing_keys(one.form, one.record))
            _try(one)
        except KcdeskError as error:
            done.append(InPile(0, record, _name_of(desk, record), "", refused=error.message))
            continue
        ready.append(one)
        name = str(one.record.get("name", ""))
        file = (
            output.name if _is_file(output) else f"{len(ready):03}_{form_id}_{file_words(name)}.pdf"
        )
        done.append(InPile(len(ready), str(one.record["id"]), name, file, lacking))
    if not ready:
        raise BadInput(
            "Không có hồ sơ nào để in."
            if not done
            else f"Không in được hồ sơ nào: {done[0].refused}",
            hint="Xem lại điều kiện --where, hoặc ghi hồ sơ trước.",
        )
    _write(
        ready, [one for one in done if one.number], output, progress or (lambda _done, _all: None)
    )
    _note(desk, form_id, ready, done)
    return done


def _matching(desk: Desk, where: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    after = None
    while True:
        page = list_records(desk, ESTABLISHMENTS.name, where=where, limit=_AT_ONCE, after=after)
        found += [str(record.row["id"]) for record in page.records]
        if page.next is None:
            return found
        after = page.next


def _try(one: Prepared) -> None:
    """Compose the paper, so that one with a wrong value is refused before the pile is begun."""
    from kcdesk.documents.printing import paper_of  # noqa: PLC0415 (ReportLab: half a second)

    paper_of(one.form, one.record, on_date=one.day, manner=one.manner)


def _name_of(desk: Desk, record: str) -> str:
    try:
        return str(desk.workspace.state(ESTABLISHMENTS.name, record).get("name") or "")
    except KcdeskError:
        return ""


def _is_file(output: Path) -> bool:
    return output.suffix.casefold() == ".pdf"


def _write(
    ready: Sequence[Prepared], lines: Sequence[InPile], output: Path, progress: Progress
) -> None:
    if _is_file(output):
        _write_file(output, _one_pdf(ready, lines, progress))
        progress(len(ready), len(ready))
        return
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise _unwritable(output) from None
    written: list[Path] = []
    try:
        for count, (one, line) in enumerate(zip(ready, lines, strict=True)):
            progress(count, len(ready))
            written.append(output / line.file)
            _write_file(
                written[-1],
                render(
                    one.form, one.record, version=one.version, on_date=one.day, manner=one.manner
                ),
            )
        progress(len(ready), len(ready))
        written.append(output / "danh-sach.csv")
        _write_file(written[-1], _list_of(lines))
    except KcdeskError:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def _one_pdf(ready: Sequence[Prepared], lines: Sequence[InPile], progress: Progress) -> bytes:
    from kcdesk.documents.printing import Wanted, print_pile  # noqa: PLC0415

    papers = [
        Wanted(
            one.form,
            one.record,
            one.version,
            one.day,
            f"{line.number}. {line.name}",
            manner=one.manner,
        )
        for one, line in zip(ready, lines, strict=True)
    ]
    return print_pile(
        papers, title=ready[0].form.title, begun=lambda number: progress(number, len(ready))
    )


def _list_of(lines: Sequence[InPile]) -> bytes:
    """A list that Excel opens with its letters right: a byte order mark, semicolons."""
    out = io.StringIO()
    out.write("\ufeffSố;Tên cơ sở;Tệp;Còn thiếu\r\n")
    for line in lines:
        cells = (str(line.number), line.name, line.file, ", ".join(line.missing))
        out.write(";".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\r\n")
    return out.getvalue().encode()


def _write_file(path: Path, content: bytes) -> None:
    try:
        write_durably(path, content)
    except OSError:
        raise _unwritable(path) from None


def _unwritable(path: Path) -> BadInput:
    return BadInput(
        f"Không ghi được “{path}”.", hint="Kiểm tra thư mục và quyền ghi.", code="unwritable"
    )


def _note(desk: Desk, form_id: str, ready: Sequence[Prepared], done: Sequence[InPile]) -> None:
    printed = [line for line in done if line.number]
    for one, line in zip(ready, printed, strict=True):
        desk.workspace.papers.note(
            desk.clock(),
            "file",
            form_id,
            record=line.record,
            establishment=str(one.record.get("establishment") or ""),
            version=one.version,
            file_name=line.file,
        )


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
    """The empty forms of a commune as one PDF, for any printer; how many. Each has the code of its record to come.

    prefilled: with name and address of each establishment of the commune;  copies: so many for establishments that are
    not in the list yet;  taker: who takes them along. Raises `BadInput`, `NotFound`, and what `progress` raises.
    """
    from kcdesk.documents.printing import Wanted, print_pile  # noqa: PLC0415

    form = form_for(desk, form_id, folders)
    desk.units.new_commune(area)
    known = _matching(desk, {"commune": area}) if prefilled else []
    manner = manner_of(desk, form, desk.today)
    papers: list[tuple[str, Wanted]] = []
    for establishment in [*known, *[""] * copies]:
        row = establishment_on_paper(desk, establishment) if establishment else {}
        shown = {key: row[key] for key in _PREFILLED if key in row and key in form.fields}
        shown["id"] = new_record_id(desk.clock, desk.randomness)
        name = f"{len(papers) + 1}. {row.get('name', 'Cơ sở mới')}"
        papers.append(
            (establishment, Wanted(form, shown, "", desk.today, name, blank=True, manner=manner))
        )
    if not papers:
        raise BadInput(
            "Không có phiếu nào để in.",
            hint="Ghi số phiếu trống (--copies), hoặc in sẵn tên (--prefilled).",
        )
    tell = progress or (lambda _done, _all: None)
    wanted = [paper for _, paper in papers]
    _write_file(
        output, print_pile(wanted, title=form.title, begun=lambda number: tell(number, len(papers)))
    )
    tell(len(papers), len(papers))
    for establishment, paper in papers:
        desk.workspace.papers.note(
            desk.clock(),
            "blank",
            form_id,
            record=str(paper.record["id"]),
            establishment=establishment,
            file_name=output.name,
            taker=taker,
        )
    return len(papers)
