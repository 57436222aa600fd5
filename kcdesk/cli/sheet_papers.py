"""Commands that print answer sheets."""

from __future__ import annotations

from argparse import Namespace

from kcdesk.actions import sheet_papers
from kcdesk.actions.clear_files import write_clear_file
from kcdesk.actions.documents import Printed
from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_json, say, tell


def blank(options: Namespace) -> None:
    with desk_of(options) as desk:
        printed = sheet_papers.blank_sheet(desk, options.questionnaire, options.language)
    _write(options, printed)


def survey(options: Namespace) -> None:
    with desk_of(options) as desk:
        printed = sheet_papers.survey_paper(desk, options.survey, options.language)
    _write(options, printed)


def _write(options: Namespace, printed: Printed) -> None:
    write_clear_file(options.output, printed.pdf)
    missing = [{"field": key, "label": label} for key, label in printed.missing]
    if options.json:
        print_json({"file": str(options.output), "bytes": len(printed.pdf), "missing": missing})
        return
    say(f"Đã in ra “{options.output}”.")
    for one in missing:
        tell(f"Còn thiếu: {one['label']}")
