"""Commands about telephones: a questionnaire goes out for ODK Collect, filled forms come in."""

from __future__ import annotations

from argparse import Namespace

from kcdesk.actions import submissions
from kcdesk.actions.accepting_at_once import accepts_at_once
from kcdesk.actions.submissions import TakenIn
from kcdesk.actions.survey_proposals import accept_proposals
from kcdesk.actions.surveys import reopen_survey
from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_json, say, tell
from kcdesk.cli.papers import library_of
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput


def write_form(options: Namespace) -> None:
    with library_of(options) as library:
        files = submissions.write_form(library, options.questionnaire, options.output)
    if options.json:
        print_json({"files": [str(path) for path in files]})
    else:
        say(*(f"Đã ghi “{path}”." for path in files))
        tell("Chép vào thư mục forms của ODK Collect trên điện thoại.")


def write_submission(options: Namespace) -> None:
    with desk_of(options) as desk:
        submissions.write_submission(desk, options.survey, options.output)
    if options.json:
        print_json({"file": str(options.output)})
    else:
        say(f"Đã ghi “{options.output}”.")


def read(options: Namespace) -> None:
    """Every file by itself: one that cannot be taken in is named, and refuses the command when there is no other."""
    taken: list[dict[str, Value]] = []
    refused: list[tuple[str, BadInput]] = []
    with desk_of(options) as desk:
        accept = options.accept or accepts_at_once(desk)
        for path in options.files:
            try:
                one = submissions.take_in(desk, path, options.establishment)
            except BadInput as error:
                refused.append((str(path), error))
                continue
            accepted = bool(accept and one.proposals)
            if accepted:
                accept_proposals(desk, reopen_survey(desk, one.record), one.proposals)
            taken.append(_as_json(str(path), one, accepted))
            if not options.json:
                say(_sentence(str(path), one))
                say(
                    *(
                        f"  {p.label}: {p.old_shown or '(chưa có)'} → {p.new_shown}"
                        for p in one.proposals
                    )
                )
                for name in one.missing:
                    tell(f"  Không có ảnh {name} bên cạnh tệp này.")
    if refused and not taken:
        file, first = refused[0]
        raise BadInput(f"“{file}”: {first.message}", hint=first.hint, code=first.code)
    if options.json:
        told: list[Value] = [
            {"file": file, "code": why.code, "message": why.message, "hint": why.hint}
            for file, why in refused
        ]
        print_json({"surveys": list(taken), "refused": told})
    for file, reason in refused:
        tell(f"“{file}” chưa đọc được: {reason.message} {reason.hint}")


def _sentence(file: str, one: TakenIn) -> str:
    if one.already:
        return f"“{file}”: đã đọc từ trước (phiếu {one.record}), không làm gì thêm."
    end = f"còn dở: {one.problem}" if one.problem else "đã ghi xong"
    pictures = f", {one.pictures} ảnh" if one.pictures else ""
    return f"“{file}”: phiếu {one.record}, {end}{pictures}."


def _as_json(file: str, one: TakenIn, accepted: bool) -> dict[str, Value]:
    return {
        "file": file,
        "id": one.record,
        "establishment": one.establishment,
        "already": one.already,
        "accepted": accepted,
        "problem": one.problem,
        "proposals": [proposal.as_json() for proposal in one.proposals],
        "unknown": list(one.unknown),
        "pictures": one.pictures,
        "missing": list(one.missing),
    }
