"""Commands about answered sheets: which there are, and giving them out as tables."""

from __future__ import annotations

from argparse import Namespace

from kcdesk.actions import carrying
from kcdesk.actions.sheet_export import Style, export_sheets
from kcdesk.actions.sheet_lists import ListedSheet, SheetFilter, find_sheets
from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_json, say, table, tell
from kcdesk.cli.surveying import read_day
from kcdesk.domain.answer_text import shown_answer
from kcdesk.domain.code_lists import SheetState
from kcdesk.domain.field_text import show_value
from kcdesk.domain.kinds import SURVEYS


def lists(options: Namespace) -> None:
    wanted = _wanted(options)
    with desk_of(options) as desk:
        found = find_sheets(desk, wanted)
    if options.json:
        print_json({"sheets": [sheet.as_json() for sheet in found]})
    elif found:
        say(*table(_line(sheet) for sheet in found))
    else:
        say("Không có phiếu nào phù hợp.")


def _line(sheet: ListedSheet) -> tuple[str, ...]:
    state = SURVEYS.field("sheet_state")
    assert state is not None
    return (
        sheet.id,
        sheet.said("questionnaire") + (" (mẫu thử)" if sheet.trial else ""),
        sheet.said("survey_no"),
        shown_answer("date", sheet.said("survey_date")),
        show_value(state, sheet.listed.row.get("sheet_state")),
        sheet.name,
    )


def export(options: Namespace) -> None:
    wanted = _wanted(options)
    style = Style(
        labels=not options.names,
        one=options.choices != "each",
        each=options.choices != "one",
        personal=options.personal,
        language=options.language,
    )
    with desk_of(options) as desk:
        written = export_sheets(desk, options.output, wanted, style)
    if options.json:
        print_json(
            {
                "sheets": written.sheets,
                "files": [str(file) for file in written.files],
                "unreadable": list(written.unreadable),
            }
        )
        return
    say(*(f"Đã ghi “{file}”. Tệp này không mã hoá." for file in written.files))
    say(f"{written.sheets} phiếu.")
    if written.unreadable:
        tell(
            f"{len(written.unreadable)} phiếu chưa xuất được vì máy chưa có phiên bản mẫu của chúng: "
            f"{', '.join(written.unreadable)}. Đồng bộ rồi xuất lại."
        )


def carry(options: Namespace) -> None:
    with desk_of(options) as desk:
        carried = carrying.carry_survey_over(desk, options.survey)
        new = "" if options.dry_run else carrying.keep_carried(desk, carried).record
    if options.json:
        print_json({"id": new or None, **carried.as_json()})
        return
    versions = f"từ phiên bản {carried.old_version} sang {carried.survey.questionnaire.version}"
    done = f"Đã chuyển thành phiếu {new}" if new else "Sẽ chuyển"
    say(f"{done}, {versions}: {carried.kept} câu trả lời có chỗ, {len(carried.left)} câu không.")
    say(*(f"  {one.label}: {one.shown} ({one.reason.value})" for one in carried.left))
    if new:
        tell(f"Phiếu cũ {carried.old} còn nguyên.")


def _wanted(options: Namespace) -> SheetFilter:
    return SheetFilter(
        questionnaire=options.questionnaire,
        states=[SheetState[state] for state in options.state],
        since=read_day(options.since, "survey_date"),
        until=read_day(options.until, "survey_date"),
        round=options.round,
        search=options.search,
        answers=dict(options.where),
    )
