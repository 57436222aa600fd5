"""Commands about parcels."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kcdesk.actions import parcels
from kcdesk.actions.contents import in_megabytes
from kcdesk.actions.editions import in_words
from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_json, say, table, tell
from kcdesk.domain.clock import local_time, system_clock, system_randomness
from kcdesk.errors import KcdeskError

if TYPE_CHECKING:  # the server's libraries are loaded by its own commands only
    from kcdesk.server.parcels import Taken


def write(options: Namespace) -> None:
    with desk_of(options) as desk:
        written = parcels.write(desk, options.output, photos=options.photos, fetch=options.fetch)
        standing = parcels.status(desk)
    if options.json:
        files = [
            {
                "file": str(one.path),
                "id": one.id,
                "changes": one.changes,
                "photos": one.photos,
                "bytes": one.size,
            }
            for one in written
        ]
        print_json({"files": files, "in_parcels": standing.in_parcels})
        return
    for one in written:
        photos = f", {one.photos} ảnh, tài liệu" if one.photos else ""
        say(f"Đã ghi “{one.path}”: {one.changes} thay đổi{photos}, {one.size} byte.")
    left = standing.photos
    if left.to_send and not options.photos:
        size = in_megabytes(left.to_send_bytes)
        say(f"Còn {left.to_send} ảnh, tài liệu ({size}) chưa ở tỉnh. Ghi kèm: --photos")
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
        if said := parcels.editions_text(answer.editions):
            say(said)
        if said := parcels.photos_text(answer):
            say(said)
        if answer.bad_edition:
            tell(answer.bad_edition)
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
    say(f"Đang dùng: {in_words(now.edition)}")
    photos = now.photos
    if photos.to_send:
        size = in_megabytes(photos.to_send_bytes)
        say(f"Ảnh, tài liệu chưa ở tỉnh: {photos.to_send} ({size}).")
    if photos.to_fetch:
        size = in_megabytes(photos.to_fetch_bytes)
        say(f"Ảnh, tài liệu máy này còn thiếu: {photos.to_fetch} ({size}).")
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
        passed_on = parcels.pass_on(desk, options.output) if options.up else []
        waits = sum(one.state == "waits" for one in desk.workspace.parcels.carried())
    if options.json:
        print_json(
            {
                "files": [str(path) for path in written],
                "passed_on": [str(path) for path in passed_on],
                "waiting": waits,
            }
        )
        return
    say(f"Đã ghi {len(written)} gói trả lời vào “{options.output}”; {waits} gói chưa có trả lời.")
    if passed_on:
        say(f"Đã chép {len(passed_on)} gói đang chờ để mang tiếp lên trung tâm bằng thẻ nhớ.")


def server_read(options: Namespace) -> int:
    """Take all parcels in, then answer each device once. 1 when one of them was not taken."""
    from kcdesk.server import admin  # noqa: PLC0415
    from kcdesk.server import parcels as province  # noqa: PLC0415
    from kcdesk.sync.parcels.envelope import Parcel  # noqa: PLC0415
    from kcdesk.sync.parcels.writing import ready_name  # noqa: PLC0415

    taken: list[province.Taken] = []
    failed: dict[Path, KcdeskError] = {}
    written: dict[str, list[Path]] = {}
    with admin.province_at(options.db) as engine:
        left = list(options.files)
        moved = True
        while left and moved:  # the first parcel of a device may stand behind its second
            moved = False
            for path in list(left):
                try:
                    with Parcel.open(path) as parcel:
                        one = province.take_in(
                            engine,
                            parcel,
                            clock=system_clock,
                            randomness=system_randomness,
                            day_bytes=sys.maxsize,  # somebody stands there who chose them
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
            written[device] = province.write_answer_files(
                engine, of, path, clock=system_clock, randomness=system_randomness
            )
    if options.json:
        print_json(_server_document(taken, failed, written))
    else:
        for one in taken:
            waits = " Một phần chờ gói đến trước." if one.waits else ""
            say(
                f"Gói {one.parcel[:8]} của máy {one.head.device}: nhận {one.accepted} thay đổi mới,"
                f" từ chối {one.refused}.{waits}"
            )
            if one.photos.held or one.photos.refused:
                say(f"  Ảnh, tài liệu: {len(one.photos.held)}, từ chối {len(one.photos.refused)}.")
            if one.problem is not None:
                say(f"  Chưa nhận: {one.problem.message}")
            if one.apart:
                say(
                    "  Gói được giữ riêng, trung tâm quyết định nhận hay bỏ:"
                    f" kcdesk server device held {one.head.device}"
                )
        for device, files in written.items():
            say(*(f"Trả lời cho máy {device}: “{path}”." for path in files))
    for path, why in failed.items():
        tell(f"{path.name}: {why.message} {why.hint}".rstrip())
    return 1 if failed else 0


def _server_document(
    taken: list[Taken], failed: dict[Path, KcdeskError], written: dict[str, list[Path]]
) -> dict[str, object]:
    return {
        "taken": [
            {
                "parcel": one.parcel,
                "device": one.head.device,
                "accepted": one.accepted,
                "refused": one.refused,
                "photos": len(one.photos.held),
                "photos_refused": len(one.photos.refused),
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
        "answers": {device: str(files[0]) for device, files in written.items()},
        "files": [str(path) for files in written.values() for path in files],
    }


def _moment(at: int) -> str:
    return f"{local_time(at):%H:%M %d/%m/%Y}"
