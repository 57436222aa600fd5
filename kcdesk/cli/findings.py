"""Commands about what the rules find in a record, and accepting it."""

from __future__ import annotations

from argparse import Namespace

from kcdesk.actions.findings import accept_finding, list_findings
from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_json, say


def list_of(options: Namespace) -> None:
    with desk_of(options) as desk:
        found = list_findings(desk, options.kind, options.id)
    if options.json:
        print_json({"findings": [one.as_json() for one in found]})
        return
    if not found:
        say("Hồ sơ này không có lưu ý nào.")
    for one in found:
        say(f"{one.finding.field} {one.finding.code}: {one.finding.message}")
        if one.reason is not None:
            say(f"  đã chấp nhận: {one.reason}")


def accept(options: Namespace) -> None:
    target = options.kind, options.id, options.field, options.code
    with desk_of(options) as desk:
        saved = accept_finding(desk, *target, options.reason)
    if options.json:
        print_json({"changed": bool(saved.records)})
    elif saved.records:
        say("Đã ghi lý do chấp nhận vào hồ sơ.")
    else:
        say("Lưu ý này đã được chấp nhận với lý do đó, không có gì thay đổi.")
