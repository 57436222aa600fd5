"""The command that checks the whole workspace."""

from __future__ import annotations

from argparse import Namespace

from kcdesk.actions.checking import check
from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_json, say, tell


def check_all(options: Namespace) -> int:
    def progress(label: str, done: int, total: int) -> None:
        if total > 1:
            tell(f"{label}: {done}/{total}")

    with desk_of(options) as desk:
        report = check(desk, repair=options.repair, progress=progress)
    if options.json:
        print_json(report.as_json())
        return 0 if report.clean else 1
    for one in report.found:
        say(f"{one.what}{' Đã sửa.' if one in report.repaired else ''}")
    if not report.found:
        say(f"Đã xem {report.changes} thay đổi: mọi thứ đều đúng.")
    elif report.clean:
        say("Đã làm lại những chỗ trên từ các thay đổi đã ghi.")
    elif options.repair:
        tell("Những chỗ còn lại cần bản sao lưu: kcdesk restore.")
    else:
        tell("Làm lại bằng kcdesk check --repair.")
    return 0 if report.clean else 1
