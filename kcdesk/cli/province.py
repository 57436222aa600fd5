"""Commands about the province: joining, sync, and running its server."""

from __future__ import annotations

import dataclasses
from argparse import Namespace

from kcdesk.actions.desk import shipped_units
from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_json, say, tell


def join(options: Namespace) -> None:
    from kcdesk.actions.syncing import join as join_province  # noqa: PLC0415

    with desk_of(options) as desk:
        name = join_province(desk, options.server, options.code)
    if options.json:
        print_json({"province": name, "server": options.server})
    else:
        say(f"Đã nối với {name}. Gửi dữ liệu bằng: kcdesk sync")


def sync(options: Namespace) -> None:
    from kcdesk.actions import syncing  # noqa: PLC0415

    with desk_of(options) as desk:
        report = syncing.sync(desk)
    document = syncing.report_as_json(report)
    if options.json:
        print_json(document)
        return
    say(
        f"Đã gửi {report.changes_sent} mục, nhận {report.received} mục;"
        f" còn {report.waiting} mục chưa gửi, {len(report.refused)} mục bị từ chối."
    )
    if not report.digests_equal:
        tell("Dữ liệu trên máy và ở tỉnh chưa khớp nhau; lần đồng bộ sau sẽ hỏi lại.")


def server_run(options: Namespace) -> None:
    from kcdesk.server import admin  # noqa: PLC0415

    admin.run(options.db, host=options.host, port=options.port)


def server_init(options: Namespace) -> None:
    from kcdesk.server import admin  # noqa: PLC0415

    admin.init_province(options.db, options.name)
    _done(options, {"province": options.name}, f"Đã tạo cơ sở dữ liệu của {options.name}.")


def server_user(options: Namespace) -> None:
    from kcdesk.server import admin  # noqa: PLC0415

    admin.add_user(options.db, options.name, options.role)
    for code in options.area:
        admin.assign(options.db, options.name, code, shipped_units())
    _done(
        options,
        {"user": options.name, "role": options.role, "areas": options.area},
        f"Đã thêm {options.name}.",
    )


def server_area(options: Namespace) -> None:
    from kcdesk.server import admin  # noqa: PLC0415

    count = admin.add_area(options.db, options.code, shipped_units())
    _done(
        options,
        {"area": options.code, "added": count},
        f"Đã thêm {count} xã, phường vào địa bàn của tỉnh.",
    )


def server_enrol(options: Namespace) -> None:
    from kcdesk.server import admin  # noqa: PLC0415

    code = admin.enrol(options.db, options.user)
    _done(
        options,
        {"user": options.user, "code": code},
        f"Mã đăng ký cho {options.user}, dùng một lần: {code}",
    )


def server_status(options: Namespace) -> None:
    from kcdesk.server import admin  # noqa: PLC0415

    status = admin.status(options.db)
    if options.json:
        print_json(
            dataclasses.asdict(status) if dataclasses.is_dataclass(status) else _builtins(status)
        )
        return
    say(
        f"{status.province}: {status.changes} mục, {status.records} hồ sơ, {len(status.devices)} máy."
    )


def _builtins(struct: object) -> dict[str, object]:
    import msgspec  # noqa: PLC0415

    built: dict[str, object] = msgspec.to_builtins(struct)
    return built


def _done(options: Namespace, document: dict[str, object], sentence: str) -> None:
    if options.json:
        print_json(document)
    else:
        say(sentence)
