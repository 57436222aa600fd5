"""Commands about questionnaires, printed forms and reports."""

from __future__ import annotations

import dataclasses
import json
from argparse import Namespace
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kcdesk.actions.desk import default_folder
from kcdesk.actions.reports import UnitMap, report_b4
from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_json, say, table, tell
from kcdesk.domain.money import format_vnd
from kcdesk.errors import BadInput
from kcdesk.reports.establishments import B4, B4Row
from kcdesk.storage.folder.description import DESCRIPTION_FILE

if TYPE_CHECKING:
    from kcdesk.actions.editions import Library


@contextmanager
def library_of(options: Namespace) -> Iterator[Library]:
    """What applies in the workspace that is named; where there is none, what the program ships with."""
    from kcdesk.actions.editions import current, shipped  # noqa: PLC0415

    folder = options.workspace or default_folder()
    if options.workspace is None and not (folder / DESCRIPTION_FILE).is_file():
        yield shipped()
        return
    with desk_of(options) as desk:
        yield current(desk)


def questionnaires(options: Namespace) -> None:
    with library_of(options) as library:
        found = library.questionnaires()
    if options.json:
        print_json({"questionnaires": [one.as_json() for one in found]})
    else:
        say(*table((one.id, one.version, one.name.removeprefix(one.id).strip()) for one in found))


def check_questionnaire(options: Namespace) -> None:
    from kcdesk.actions.questionnaires import check_questionnaire as check  # noqa: PLC0415

    with library_of(options) as library:
        needs = library.report_needs()
    info = check(options.file, needs)
    if options.json:
        print_json(info.as_json())
    else:
        say(
            f"Mẫu phiếu {info.id} “{info.title}”, phiên bản {info.version}: đọc được, không có lỗi."
        )


def add_questionnaire(options: Namespace) -> None:
    from kcdesk.actions import own_questionnaires  # noqa: PLC0415

    with desk_of(options) as desk:
        info = own_questionnaires.add_questionnaire(desk, options.file)
    if options.json:
        print_json(info.as_json())
        return
    say(f"Đã thêm mẫu phiếu {info.id} “{info.title}”, phiên bản {info.version}.")
    if info.trial:
        tell("Đây là mẫu thử: không vào báo cáo, không làm thay đổi hồ sơ cơ sở.")


def remove_questionnaire(options: Namespace) -> None:
    from kcdesk.actions import own_questionnaires  # noqa: PLC0415

    with desk_of(options) as desk:
        own_questionnaires.remove_questionnaire(desk, options.questionnaire)
    if options.json:
        print_json({"removed": options.questionnaire})
    else:
        say(f"Đã bỏ mẫu phiếu {options.questionnaire}. Phiếu đã ghi theo mẫu này vẫn mở được.")


def fill(options: Namespace) -> None:
    from kcdesk.actions import accepting_at_once, survey_proposals, surveys  # noqa: PLC0415

    answers = _read_answers(options.answers)
    with desk_of(options) as desk:
        survey = surveys.open_survey(
            desk, options.questionnaire, options.establishment, round_id=options.round
        )
        if options.accept:
            survey_proposals.require_counted(survey)
        surveys.fill_in(survey.sheet, answers)
        finished = accepting_at_once.finish_and_settle(desk, survey, accept=options.accept)
        proposals = finished.proposals
    if options.json:
        print_json(
            {
                "id": survey.record,
                "kind": "surveys",
                "accepted": finished.accepted,
                "trial": survey.trial,
                "proposals": [proposal.as_json() for proposal in proposals],
            }
        )
        return
    end = " và nhận vào hồ sơ" if finished.accepted else ""
    say(f"Đã ghi phiếu {survey.record}{end}.")
    say(*(f"  {p.label}: {p.old_shown or '(chưa có)'} → {p.new_shown}" for p in proposals))


def document_text(options: Namespace) -> None:
    from kcdesk.ui.pdf_text import pdf_pages  # noqa: PLC0415

    pages = pdf_pages(options.file)
    if options.json:
        print_json({"file": str(options.file), "pages": pages})
    else:
        say(*pages)


def png_pages(pdf: bytes) -> list[bytes]:
    """The pages of a PDF as PNG files."""
    from kcdesk.ui.pdf_pictures import png_pages as pages  # noqa: PLC0415

    return pages(pdf)


def report(options: Namespace) -> None:
    with desk_of(options) as desk:
        unit_map = UnitMap(options.map) if options.map else None
        result = report_b4(desk, options.area, unit_map)
    if options.json:
        document = {"table": options.table, "area": options.area, "map": options.map}
        print_json({**document, **dataclasses.asdict(result)})
        return
    numbers = ("Cơ sở", "Lao động", "Giá trị sản xuất (đồng)")
    rows = [(row.label, *_numbers_of(row)) for row in (*result.rows, result.total)]
    say(*table([("Loại hình", *numbers), *rows]))
    if result.areas:
        indents = {level: "  " * depth for depth, level in enumerate(_levels_of(result))}
        areas = [(indents[a.level] + a.name, *_numbers_of(a.total)) for a in result.areas]
        say("", *table([("Địa bàn", *numbers), *areas]))
    if result.figures_left_out:
        tell(
            f"{result.figures_left_out} số liệu của cơ sở trùng đã gộp không cộng vào, vì cùng năm."
        )


def _numbers_of(row: B4Row) -> tuple[str, ...]:
    return tuple(map(format_vnd, (row.establishments, row.workers, row.production_value)))


def _levels_of(result: B4) -> Iterable[str]:
    """The levels of a report's units, the largest first."""
    return dict.fromkeys(area.level for area in result.areas)


def _read_answers(path: Path) -> dict[str, object]:
    try:
        answers = json.loads(path.read_text("utf-8"))
    except OSError:
        raise BadInput(f"Không đọc được tệp “{path}”.", hint="Kiểm tra đường dẫn.") from None
    except ValueError:
        raise BadInput(
            f"Tệp “{path}” không phải là JSON.",
            hint="Tệp gồm các cặp “tên câu hỏi”: “câu trả lời”.",
        ) from None
    if not isinstance(answers, dict):
        raise BadInput(
            f"Tệp “{path}” không phải là một bảng câu trả lời.",
            hint='Ví dụ: {"phone": "0912345678"}',
        )
    return answers
