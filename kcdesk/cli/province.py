"""Commands about the province: joining, sync, and running its server."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

import msgspec

from kcdesk.cli.commands import desk_of
from kcdesk.cli.declaring import DEFAULT_DATABASE
from kcdesk.cli.output import print_json, say, tell
from kcdesk.domain.clock import local_time, system_clock, system_randomness

if TYPE_CHECKING:  # the server's libraries are loaded by its own commands only
    from kcdesk.server.run import Listening

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8480


def join(options: Namespace) -> None:
    from kcdesk.actions import parcels, syncing  # noqa: PLC0415

    with desk_of(options) as desk:
        if options.ca is not None:
            syncing.believe(desk, options.ca)
        if options.file is not None:
            joined = parcels.join(desk, options.file, options.code)
            document: dict[str, object] = {
                "province": joined.province.name,
                "server": joined.province.url or None,
                "person": joined.person,
                "received": joined.received,
                "editions": list(joined.editions),
                "bad_edition": joined.bad_edition or None,
            }
            parts = (
                f"Đã nối với {joined.province.name}, nhận {joined.received} thay đổi.",
                parcels.editions_text(joined.editions),
                "Gửi dữ liệu bằng: kcdesk parcel write",
            )
            said = " ".join(filter(None, parts))
            if joined.bad_edition:
                tell(joined.bad_edition)
            if joined.person != desk.workspace.person:
                tell(
                    f"Lưu ý: tệp này cấp cho {joined.person}; hãy hỏi lại trung tâm nếu không phải bạn."
                )
        else:
            name = syncing.join(desk, options.server, options.code)
            document = {"province": name, "server": options.server}
            said = f"Đã nối với {name}. Gửi dữ liệu bằng: kcdesk sync"
    if options.json:
        print_json(document)
    else:
        say(said)


def sync(options: Namespace) -> None:
    from kcdesk.actions import contents, metered, syncing  # noqa: PLC0415

    with desk_of(options) as desk:
        costs = options.metered or metered.line_is_metered(desk, None)
        if costs:
            go = contents.photos_go(desk, options.photos, costs)
            tell(f"Mạng tính tiền: {metered.amount_in_words(metered.outgoing(desk, photos=go))}.")
        report, photos = contents.exchange(
            desk, photos=options.photos, metered=costs, agreed=options.yes
        )
        left = contents.standing(desk)
    document = syncing.report_as_json(report)
    document["photos"] = {
        **(contents.report_as_json(photos) if photos is not None else {}),
        "waiting": left.to_send,
        "waiting_bytes": left.to_send_bytes,
    }
    for went_on in report.went_on:
        tell(f"Lưu ý: {syncing.went_on_text(went_on)}")
    if options.json:
        print_json(document)
        return
    if report.bad_edition:
        tell(report.bad_edition)
    say(
        f"Đã gửi {report.changes_sent} mục, nhận {report.received} mục;"
        f" còn {report.waiting} mục chưa gửi, {len(report.refused)} mục bị từ chối."
    )
    if report.sent_again:
        say(
            f"Máy chủ của tỉnh đã được khôi phục từ bản sao lưu: máy này gửi lại {report.sent_again} mục nó đã quên."
        )
    if report.carried:
        say(
            f"{report.carried} gói mang giúp đã có trả lời. Ghi ra thẻ nhớ: kcdesk parcel carried -o"
        )
    if photos is not None:
        say(f"Đã gửi {photos.sent} ảnh, tài liệu.")
        for _, reason in photos.refused:
            tell(f"Tỉnh không nhận một tệp: {reason}")
    if left.to_send:
        size = contents.in_megabytes(left.to_send_bytes)
        how = "" if photos is not None else " Gửi bằng: kcdesk sync --photos"
        tell(f"Còn {left.to_send} ảnh, tài liệu ({size}) chưa gửi lên tỉnh.{how}")
    if not report.digests_equal:
        tell("Dữ liệu trên máy và ở tỉnh chưa khớp nhau; lần đồng bộ sau sẽ hỏi lại.")


def server_run(options: Namespace) -> None:
    from kcdesk.server.run import run  # noqa: PLC0415
    from kcdesk.server.settings import TRYING_OUT, read_settings  # noqa: PLC0415

    settings = TRYING_OUT
    if options.settings is not None:
        settings = read_settings(options.settings, system_clock())

    def announce(listening: Listening) -> None:
        """One line of JSON, at once: another program may be waiting for it."""
        sys.stdout.write(msgspec.json.encode(listening).decode() + "\n")
        sys.stdout.flush()

    port = next(p for p in (options.port, settings.port, DEFAULT_PORT) if p is not None)
    run(
        options.db or settings.database or DEFAULT_DATABASE,
        host=options.host or settings.host or DEFAULT_HOST,
        port=port,
        settings=settings,
        clock=system_clock,
        randomness=system_randomness,
        ready=announce,
        workers=options.workers,
    )


def server_init(options: Namespace) -> None:
    from kcdesk.server import admin  # noqa: PLC0415

    admin.init_province(options.db, options.name, randomness=system_randomness).dispose()
    _done(options, {"province": options.name}, f"Đã tạo cơ sở dữ liệu của {options.name}.")


def server_user(options: Namespace) -> None:
    from kcdesk.server import admin, editions  # noqa: PLC0415

    with admin.province_at(options.db) as engine:
        admin.add_user(engine, options.name, options.role)
        for code in options.area:
            admin.assign(engine, options.name, code, editions.units_of(engine), clock=system_clock)
    _done(
        options,
        {"user": options.name, "role": options.role, "areas": options.area},
        f"Đã thêm {options.name}.",
    )


def server_area(options: Namespace) -> None:
    from kcdesk.server import admin, editions  # noqa: PLC0415

    with admin.province_at(options.db) as engine:
        count = admin.add_area(engine, options.code, editions.units_of(engine))
    _done(
        options,
        {"area": options.code, "added": count},
        f"Đã thêm {count} xã, phường vào địa bàn của tỉnh.",
    )


def server_enrol(options: Namespace) -> None:
    from kcdesk.server import admin, enrolment_files  # noqa: PLC0415

    with admin.province_at(options.db) as engine:
        if options.output is None:
            code = admin.enrol(
                engine, options.user, clock=system_clock, randomness=system_randomness
            )
            document = {"user": options.user, "code": code}
            said = f"Mã đăng ký cho {options.user}, dùng một lần: {code}"
        else:
            code, size = enrolment_files.write(
                engine,
                options.user,
                options.output,
                url=options.server,
                clock=system_clock,
                randomness=system_randomness,
            )
            document = {
                "user": options.user,
                "code": code,
                "file": str(options.output),
                "bytes": size,
            }
            said = (
                f"Đã ghi tệp đăng ký “{options.output}” cho {options.user}.\n"
                f"Mã mở tệp: {code}\n"
                "Đọc mã qua điện thoại, từng nhóm bốn ký tự; đừng ghi mã cùng với tệp. Mã chỉ hiện một lần."
            )
    _done(options, document, said)


def server_restored(options: Namespace) -> None:
    from kcdesk.server import admin, restored  # noqa: PLC0415

    with admin.province_at(options.db) as engine:
        now = restored.begin_epoch(engine, randomness=system_randomness)
    if options.json:
        print_json(msgspec.to_builtins(now))
        return
    newest = (
        f", liên lạc cuối cùng lúc {local_time(now.last_contact_at):%H:%M %d/%m/%Y}"
        if now.last_contact_at is not None
        else ""
    )
    say(
        f"Cơ sở dữ liệu có {now.changes} mục{newest}. Khi liên lạc lại, các máy tự gửi lại những gì máy chủ đã quên.",
        "Những việc quản trị làm sau bản sao lưu phải làm lại: thêm người, giao địa bàn, thu hồi máy, công bố.",
    )


def server_status(options: Namespace) -> None:
    from kcdesk.cli.devices import standing_in_words  # noqa: PLC0415
    from kcdesk.server import admin  # noqa: PLC0415
    from kcdesk.sync.protocol import ProvinceStanding  # noqa: PLC0415

    with admin.province_at(options.db) as engine:
        status = admin.status(engine, system_clock())
    if options.json:
        print_json(msgspec.to_builtins(status))
        return
    say(
        f"{status.name}: {status.changes} mục của {status.records} hồ sơ, {status.refusals} mục bị từ chối.",
        "",
        *standing_in_words(ProvinceStanding(status.at, status.devices, status.communes)),
    )


def _done(options: Namespace, document: dict[str, object], sentence: str) -> None:
    if options.json:
        print_json(document)
    else:
        say(sentence)
