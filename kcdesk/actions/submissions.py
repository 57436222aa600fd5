"""Filled forms of telephones: the form goes out for ODK Collect, what was filled in there comes back as a survey.

Owns to which establishment a filled form belongs, and that the same one is never taken in twice. Leaves to others:
reading the XML (`questionnaire.submission`), keeping and proposing (`actions.surveys`).
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kcdesk.actions.attachments import add_attachments
from kcdesk.actions.clear_files import write_clear_file
from kcdesk.actions.desk import Desk
from kcdesk.actions.duplicates import Similar, similar_to
from kcdesk.actions.editions import Found, Library, current, find_questionnaire
from kcdesk.actions.records import standing_establishment
from kcdesk.actions.survey_numbers import next_number
from kcdesk.actions.survey_proposals import Proposal, finish_survey
from kcdesk.actions.surveys import OpenSurvey, device_of, reopen_survey, save_survey
from kcdesk.domain.identifiers import RecordId
from kcdesk.domain.kinds import ESTABLISHMENTS, SURVEYS
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, NotFound
from kcdesk.importing.duplicates import Verdict
from kcdesk.questionnaire import Sheet, identify

_NAMES = uuid.UUID("6f0c1a9e-3d5b-5e0f-9a51-2f6f1d0c7b11")
"""Namespace of the ids of surveys that came from telephones (UUIDv5, RFC 9562 section 5.5)."""
_PICTURES = frozenset({"image", "file"})
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A filled form that is a survey now.

    problem:   what stands in the way of finishing it; blank when it is finished
    proposals: what its answers would change in the records, once it is finished
    already:   it had been taken in before, nothing was done
    unknown:   paths of answers that the questionnaire does not have
    pictures:  how many pictures were attached;  missing: those that it names and that could not be
    """

    record: RecordId
    establishment: str
    problem: str = ""
    proposals: tuple[Proposal, ...] = ()
    already: bool = False
    unknown: tuple[str, ...] = ()
    pictures: int = 0
    missing: tuple[str, ...] = ()


def write_form(library: Library, questionnaire: str, folder: Path) -> tuple[Path, ...]:
    """Write a questionnaire as telephones take it: the XForm, and its lists in a folder beside it; the files written.

    ODK Collect reads both from its folder `forms`. Raises `NotFound`, `BadInput`.
    """
    form = library.questionnaire(questionnaire)
    files = {folder / f"{form.id}.xml": form.xform.encode()}
    files |= {folder / f"{form.id}-media" / name: content for name, content in form.media.items()}
    for path, content in files.items():
        write_clear_file(path, content, make_folder=True)
    return tuple(files)


def write_submission(desk: Desk, survey: str, path: Path) -> None:
    """Write a survey as ODK instance XML. Raises `NotFound`, `BadInput`."""
    xml = reopen_survey(desk, survey).sheet.instance_xml()
    write_clear_file(path, xml.encode(), make_folder=True)


def take_in(desk: Desk, path: Path, establishment: str = "") -> TakenIn:
    """Make a filled form a survey of `establishment`, or of the one that its answers certainly name.

    The sheet is finished when nothing stands in the way, else it is kept as a draft that says what does. Pictures that
    lie beside the file are attached. The same filled form is taken in once, by its instance id.
    Raises `NotFound`, `BadInput`; then nothing was kept.
    """
    xml = _read(path)
    said = identify(xml)
    library = current(desk)
    known = find_questionnaire(desk, said.form_id, said.version)
    if known is None:
        known = Found(library.number, library.questionnaire(said.form_id))
    edition, questionnaire = known.edition, known.questionnaire
    filled = questionnaire.read(xml)
    record = RecordId(
        str(uuid.uuid5(_NAMES, filled.instance_id or hashlib.sha256(xml).hexdigest()))
    )
    with suppress(NotFound):
        before = desk.workspace.state(SURVEYS.name, record)
        return TakenIn(record, str(before.get("establishment")), already=True)
    sheet = questionnaire.open(
        filled.answers, clock=desk.clock, randomness=desk.randomness, device=device_of(desk)
    )
    of = standing_establishment(desk, establishment or _named(desk, sheet))
    with suppress(NotFound):  # a questionnaire without numbered sheets
        if not sheet.node("survey_no").value:
            commune = desk.workspace.state(ESTABLISHMENTS.name, of).get("commune")
            sheet.set_value("survey_no", next_number(desk, str(commune or "0")))
    survey = OpenSurvey(record, of, edition, questionnaire, sheet, None, "", {}, trial=known.trial)
    problem = ""
    proposals: tuple[Proposal, ...] = ()
    wrong = sheet.first_error()
    if wrong is None:
        proposals = tuple(finish_survey(desk, survey))
    else:
        assert wrong.error is not None
        problem = f"Câu “{wrong.label}”: {wrong.error.message}"
        save_survey(desk, survey)
    named = list(_pictures(sheet))
    there = [path.with_name(name) for name in named if path.with_name(name).is_file()]
    added = add_attachments(desk, of, there, of=record) if there else None
    refused = [each.file for each in added.refused] if added is not None else []
    return TakenIn(
        record,
        of,
        problem,
        proposals,
        unknown=filled.unknown,
        pictures=len(added.records) if added is not None else 0,
        missing=(*(n for n in named if path.with_name(n) not in there), *refused),
    )


def _named(desk: Desk, sheet: Sheet) -> str:
    """The establishment that the answers certainly name. Raises `BadInput`."""
    fields: dict[str, Value] = {
        field: list(value) if isinstance(value, list) else value
        for kind, field, value in sheet.proposals()
        if kind == ESTABLISHMENTS.name and "/" not in field
    }
    found = similar_to(desk, fields)
    certain = [each for each in found if each.likeness.verdict is Verdict.CERTAIN]
    if len(certain) == 1:
        return certain[0].side.record
    name = fields.get("name") or "không ghi tên"
    raise BadInput(
        f"Chưa chắc phiếu này là của cơ sở nào ({name}).",
        hint=f"Ghi rõ bằng --establishment MÃ{_maybe(found)}; cơ sở chưa có thì thêm cơ sở trước.",
        code="which_establishment",
    )


def _maybe(found: list[Similar]) -> str:
    names = [f"{each.side.record} ({each.side.fields.get('name')})" for each in found[:_MOST_NAMED]]
    return f", có thể là {'; '.join(names)}" if names else ""


def _pictures(sheet: Sheet) -> Iterator[str]:
    """The file names that answers are, without any way out of their folder."""
    for view in sheet.walk():
        if view.type in _PICTURES and view.value and Path(view.value).name == view.value:
            yield view.value


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise BadInput(f"Không đọc được tệp “{path}”.", hint="Kiểm tra đường dẫn.") from None
