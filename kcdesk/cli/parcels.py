"""Commands about parcels."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kcdesk.actions import parcels
from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_json, say, table, tell
from kcdesk.domain.clock import local_time, system_clock, system_randomness
from kcdesk.errors import KcdeskError

if TYPE_CHECKING:  # the server's libraries are loaded by its own commands only
    from kcdesk.server.parcels import Taken


def write(options: Namespace) -> None:
    with desk_of(options) as desk:
        written = parcels.write(desk, options.output)
        standing = parcels.status(desk)
    if options.json:
        files = [
            {"file": str(one.path), "id": one.id, "changes": one.changes, "bytes": one.size}
            for one in written
        ]
        print_json({"files": files, "in_parcels": standing.in_parcels})
        return
    for one in written:
        say(f"Đã ghi “{one.path}”: {one.changes} thay đổi, {one.size} byte.")
    say("Mang lên trung tâm. Khi đọc gói trả lời, máy này mới ghi nhận là đã ở tỉnh.")


def read(options: Namespace) -> None:
    with desk_of(options) as desk:
        answers, removed = parcels.read(desk, options.files, remove=not options.keep)
    if options.json:
        documents = [parcels.answer_as_json(answer) for answer in answers]
        print_json({"answers": documents, "removed": [str(path) for path in removed]})
        return
    for answer in answers:
        if answer.problem is not None:
            tell(f"Tỉnh chưa nhận gói: {answer.problem.message} {answer.problem.hint}".rstrip())
            continue
        say(
            f"Tỉnh đã nhận đến thay đổi số {answer.delivered_n}; còn {answer.waiting} chưa ở tỉnh,"
            f" {len(answer.refused)} bị từ chối; nhận về {answer.received} thay đổi."
        )
        if answer.missing_n is not None:
            say(f"Tỉnh còn chờ các thay đổi từ số {answer.missing_n}: mang tiếp những gói còn lại.")
    if removed:
        say(f"Đã xoá {len(removed)} gói đã xong.")


def list_all(options: Namespace) -> None:
    with desk_of(options) as desk:
        now = parcels.status(desk)
    if options.json:
        print_json(parcels.as_json(now))
        return
    say(f"Chưa ở tỉnh: {now.undelivered} thay đổi, trong đó {now.in_parcels} đã ở trong gói.")
    if now.own:
        say("Gói của máy này:")
        say(
            *table(
                (_moment(p.written_at), f"{p.count} thay đổi", parcels.own_text(p)) for p in now.own
            )
        )
    if now.carried:
        say("Gói mang giúp:")
        say(*table((_moment(p.taken_at), p.name, parcels.carried_text(p)) for p in now.carried))


def carry(options: Namespace) -> None:
    with desk_of(options) as desk:
        taken = parcels.carry(desk, options.files)
    new = sum(is_new for _, is_new in taken)
    if options.json:
        print_json({"taken": new, "known": len(taken) - new})
        return
    say(
        f"Đã nhận {new} gói để mang giúp ({len(taken) - new} gói đã có từ trước). Lần đồng bộ tới sẽ gửi."
    )


def carried(options: Namespace) -> None:
    with desk_of(options) as desk:
        written = parcels.write_carried(desk, options.output)
        waits = sum(one.state == "waits" for one in desk.workspace.parcels.carried())
    if options.json:
        print_json({"files": [str(path) for path in written], "waiting": waits})
        return
    say(f"Đã ghi {len(written)} gói trả lời vào “{options.output}”; {waits} gói chưa có trả lời.")


def server_read(options: Namespace) -> int:
    """Take all parcels in, then answer each device once. 1 when one of them was not taken."""
    from kcdesk.server import admin  # noqa: PLC0415
    from kcdesk.server import parcels as province  # noqa: PLC0415
    from kcdesk.sync.parcels.envelope import Parcel  # noqa: PLC0415
    from kcdesk.sync.parcels.writing import ready_name  # noqa: PLC0415

    taken: list[province.Taken] = []
    failed: dict[Path, KcdeskError] = {}
    written: dict[str, Path] = {}
    with admin.province_at(options.db) as engine:
        left = list(options.files)
        moved = True
        while left and moved:  # the first parcel of a device may stand behind its second
            moved = False
            for path in list(left):
                try:
                    with Parcel.open(path) as parcel:
                        one = province.take_in(
                            engine, parcel, clock=system_clock, randomness=system_randomness
                        )
                except KcdeskError as error:
                    failed[path] = error
                    if error.code == "unknown_device":
                        continue
                else:
                    taken.append(one)
                    failed.pop(path, None)
                    moved = True
                left.remove(path)
        answers = province.by_device(taken)
        for device, of in answers.items():
            path = options.output
            if path.is_dir() or len(answers) > 1:
                path.mkdir(parents=True, exist_ok=True)
                path /= ready_name("tra-loi", system_clock(), of[-1].parcel)
            province.write_answer_file(
                engine, of, path, clock=system_clock, randomness=system_randomness
            )
            written[device] = path
    if options.json:
        print_json(_server_document(taken, failed, written))
    else:
        for one in taken:
            waits = " Một phần chờ gói đến trước." if one.waits else ""
            say(
                f"Gói {one.parcel[:8]} của máy {one.head.device}: nhận {one.accepted} thay đổi mới,"
                f" từ chối {one.refused}.{waits}"
            )
            if one.problem is not None:
                say(f"  Chưa nhận: {one.problem.message}")
            if one.apart:
                say(
                    "  Gói được giữ riêng, trung tâm quyết định nhận hay bỏ:"
                    f" kcdesk server device held {one.head.device}"
                )
        say(*(f"Trả lời cho máy {device}: “{path}”." for device, path in written.items()))
    for path, why in failed.items():
        tell(f"{path.name}: {why.message} {why.hint}".rstrip())
    return 1 if failed else 0


def _server_document(
    taken: list[Taken], failed: dict[Path, KcdeskError], written: dict[str, Path]
) -> dict[str, object]:
    return {
        "taken": [
            {
                "parcel": one.parcel,
                "device": one.head.device,
                "accepted": one.accepted,
                "refused": one.refused,
                "waits": one.waits,
                "held_apart": one.apart,
                "problem": msgspec.to_builtins(one.problem),
            }
            for one in taken
        ],
        "not_taken": [
            {"file": str(path), "code": error.code, "message": error.message}
            for path, error in failed.items()
        ],
        "answers": {device: str(path) for device, path in written.items()},
    }


def _moment(at: int) -> str:
    return f"{local_time(at):%H:%M %d/%m/%Y}"
