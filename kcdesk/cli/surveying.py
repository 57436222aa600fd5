"""Commands about survey rounds, and about sheets that are looked through."""

from __future__ import annotations

import datetime
from argparse import Namespace

from kcdesk.actions import accepting_at_once, reviewing, rounds
from kcdesk.actions.desk import Desk
from kcdesk.actions.records import list_records
from kcdesk.actions.rounds import Progress, Round, Tally
from kcdesk.actions.survey_proposals import accept_proposals, proposals_of
from kcdesk.actions.surveys import reopen_survey
from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_json, say, table
from kcdesk.domain.code_lists import RoundResult
from kcdesk.domain.codes import check_date
from kcdesk.errors import BadInput

_PAGE = 500
_HEAD = ("", "Tổng", *(each.value for each in Progress))


def create(options: Namespace) -> None:
    with desk_of(options) as desk:
        establishments = [*options.establishment, *_found(desk, options)]
        round_id, saved = rounds.give_out(
            desk,
            options.title,
            options.questionnaire,
            establishments,
            due_on=read_day(options.due, "due_on"),
            assigned_to=options.to,
        )
        made = rounds.get_round(desk, round_id)
    if options.json:
        print_json(made.as_json())
    else:
        say(f"Đã tạo đợt khảo sát “{made.title}” ({round_id}): {len(saved.records)} cơ sở.")


def add(options: Namespace) -> None:
    with desk_of(options) as desk:
        establishments = [*options.establishment, *_found(desk, options)]
        _, saved = rounds.give_out(
            desk, "", "", establishments, assigned_to=options.to, round_id=options.round
        )
    if options.json:
        print_json({"added": len(saved.records)})
    else:
        say(f"Đã thêm {len(saved.records)} cơ sở vào đợt.")


def lists(options: Namespace) -> None:
    with desk_of(options) as desk:
        found = rounds.rounds(desk)
    if options.json:
        print_json({"rounds": [each.as_json() for each in found]})
        return
    if not found:
        say("Chưa có đợt khảo sát nào.")
    for each in found:
        due = f", hạn {datetime.date.fromisoformat(each.due_on):%d/%m/%Y}" if each.due_on else ""
        say(
            f"{each.id}  {each.title} ({each.questionnaire}{due}): {each.tally.closed}/{each.tally.total}"
        )


def show(options: Namespace) -> None:
    with desk_of(options) as desk:
        one = rounds.get_round(desk, options.round)
    if options.json:
        told = one.as_json()
        told["by_commune"] = [tally.as_json() for tally in one.by_commune]
        told["by_person"] = [tally.as_json() for tally in one.by_person]
        told["sheets"] = [sheet.as_json() for sheet in one.sheets]
        print_json(told)
        return
    say(one.title, *_tallies(one))
    for sheet in one.sheets:
        given = sheet.given
        to = f", giao cho {given.assigned_to}" if given.assigned_to else ""
        say(f"  {given.record}  {given.name}, {sheet.commune_name}{to}: {sheet.progress.value}")


def _tallies(one: Round) -> list[str]:
    def row(tally: Tally) -> tuple[str, ...]:
        return (
            tally.of or "(chưa rõ)",
            str(tally.total),
            *(str(tally.counts[p]) for p in Progress),
        )

    return list(table([_HEAD, *map(row, one.by_commune), *map(row, [one.tally])]))


def mine(options: Namespace) -> None:
    with desk_of(options) as desk:
        left = rounds.sheets_for(desk, options.person or desk.workspace.person)
        returned = reviewing.returned_sheets(desk)
    if options.json:
        print_json(
            {
                "sheets": [sheet.as_json() for sheet in left],
                "returned": [sheet.as_json() for sheet in returned],
            }
        )
        return
    for back in returned:
        say(f"Trả lại: {back.record}  {back.name} (phiếu {back.survey_no}). {back.note}".rstrip())
        say(*(f"  {label}: {text}" for label, text in back.remarks.items()))
    for sheet in left:
        given = sheet.given
        due = f", hạn {datetime.date.fromisoformat(given.due_on):%d/%m/%Y}" if given.due_on else ""
        say(f"{given.record}  {given.name}, {sheet.commune_name}: {given.round_title}{due}")
    if not returned and not left:
        say("Không còn phiếu nào phải làm.")


def assign(options: Namespace) -> None:
    with desk_of(options) as desk:
        saved = rounds.assign(desk, options.sheets, options.to)
    _told(options, len(saved.records), "Đã giao {0} phiếu.")


def close(options: Namespace) -> None:
    result = None if options.open else RoundResult[options.result]
    with desk_of(options) as desk:
        saved = rounds.close_without(desk, options.sheet, result, options.remark)
    _told(options, len(saved.records), "Đã ghi nhận.")


def give_back(options: Namespace) -> None:
    with desk_of(options) as desk:
        reviewing.return_survey(desk, options.survey, dict(options.remark), options.note)
    _told(options, 1, "Đã trả lại phiếu.")


def accept(options: Namespace) -> None:
    with desk_of(options) as desk:
        survey = reopen_survey(desk, options.survey)
        reviewing.require_finished(survey)
        proposals = proposals_of(desk, survey)
        accept_proposals(desk, survey, proposals)
    if options.json:
        print_json({"changed": 1, "proposals": [proposal.as_json() for proposal in proposals]})
        return
    say("Đã nhận phiếu vào hồ sơ.")
    say(*(f"  {p.label}: {p.old_shown or '(chưa có)'} → {p.new_shown}" for p in proposals))


def settings(options: Namespace) -> None:
    with desk_of(options) as desk:
        if options.accept:
            accepting_at_once.set_accepts_at_once(desk, options.accept == "at-once")
        at_once = accepting_at_once.accepts_at_once(desk)
    if options.json:
        print_json({"accept": "at-once" if at_once else "ask"})
    else:
        say("Phiếu ghi xong được nhận luôn." if at_once else "Phiếu ghi xong thì hỏi rồi mới nhận.")


def _told(options: Namespace, changed: int, sentence: str) -> None:
    if options.json:
        print_json({"changed": changed})
    else:
        say(sentence.format(changed))


def _found(desk: Desk, options: Namespace) -> list[str]:
    """The establishments that the filters find; none without a filter, so that nobody gives out all by mistake."""
    if not options.where and not options.search:
        return []
    found: list[str] = []
    after: str | None = None
    while True:
        page = list_records(
            desk,
            "establishments",
            search=options.search,
            where=dict(options.where),
            limit=_PAGE,
            after=after,
        )
        found += [str(record.row["id"]) for record in page.records]
        if page.next is None:
            return found
        after = page.next


def read_day(text: str, field: str) -> datetime.date | None:
    """A day of a command; blank: none. Raises `BadInput`."""
    if not text:
        return None
    checked = check_date(text, field=field)
    if checked.value is None:
        raise BadInput(checked.findings[0].message, hint="Ghi ngày dạng 31/12/2026.")
    return datetime.date.fromisoformat(checked.value)
