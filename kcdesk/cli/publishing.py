"""Commands about editions: publishing a folder at the province, and what this computer uses."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

import msgspec

from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_json, say, table, tell
from kcdesk.domain.clock import local_time, system_clock
from kcdesk.domain.published.editions import label_of_kind

if TYPE_CHECKING:  # the server's libraries are loaded by its own commands only
    from kcdesk.server.publishing import Plan


def server_publish(options: Namespace) -> int:
    from kcdesk.server import admin, publishing  # noqa: PLC0415

    with admin.province_at(options.db) as engine:
        try:
            if options.dry_run:
                plan = publishing.plan_publishing(engine, options.folder)
                published_at = None
            else:
                plan, manifest = publishing.publish(
                    engine, options.folder, note=options.note, clock=system_clock
                )
                published_at = manifest.published_at
        except publishing.FolderRefused as refused:
            if options.json:
                faults = [msgspec.to_builtins(fault) for fault in refused.faults]
                error = {"code": refused.code, "message": refused.message, "faults": faults}
                print_json({"error": error})
            tell(refused.message)
            for fault in refused.faults:
                tell(f"  {fault.sentence}")
            return 1
    if options.json:
        when = local_time(published_at).isoformat(timespec="seconds") if published_at else None
        print_json({"published_at": when, **_as_json(plan)})
        return 0
    if options.dry_run and not plan.changes:
        say(f"Không có gì khác bản công bố số {plan.number - 1}.")
        return 0
    done = "Sẽ công bố" if options.dry_run else "Đã công bố"
    say(f"{done} bản số {plan.number}, {len(plan.files)} tệp:", *_lines(plan))
    return 0


def server_editions(options: Namespace) -> None:
    from kcdesk.server import admin, editions  # noqa: PLC0415

    with admin.province_at(options.db) as engine:
        found = [one.manifest for one in editions.every_edition(engine)]
    if options.json:
        print_json({"editions": [msgspec.to_builtins(one) for one in found]})
        return
    if not found:
        say("Tỉnh chưa công bố bản nào: các máy dùng bản đi kèm chương trình (số 0).")
    say(
        *table(
            (
                str(one.number),
                f"{local_time(one.published_at):%d/%m/%Y %H:%M}",
                f"{len(one.files)} tệp",
                one.note,
            )
            for one in found
        )
    )


def editions(options: Namespace) -> None:
    from kcdesk.actions.editions import in_words, list_editions  # noqa: PLC0415

    with desk_of(options) as desk:
        found = list_editions(desk)
    if options.json:
        print_json({"editions": [one.as_json() for one in found]})
        return
    for one in found:
        use = " (đang dùng)" if one.in_use or len(found) == 1 else ""
        since = (
            f", nhận lúc {local_time(one.received_at):%H:%M %d/%m/%Y}" if one.received_at else ""
        )
        say(f"{in_words(one)}{since}{use}")
        say(*(f"  {line}" for line in table((label_of_kind(f.kind), f.path) for f in one.files)))


def _lines(plan: Plan) -> list[str]:
    words = (("thêm", plan.added), ("thay", plan.replaced), ("bỏ", plan.removed))
    kinds = {file.path: file for file in plan.files}
    lines = []
    for word, paths in words:
        for path in paths:
            file = kinds.get(path)
            over = " (thay cho bản đi kèm chương trình)" if file and file.replaces else ""
            lines.append((f"  {word}", label_of_kind(file.kind) if file else "", f"{path}{over}"))
    return table(lines)


def _as_json(plan: Plan) -> dict[str, object]:
    return {
        "number": plan.number,
        "added": list(plan.added),
        "replaced": list(plan.replaced),
        "removed": list(plan.removed),
        "files": [msgspec.to_builtins(file) for file in plan.files],
    }
