"""Commands about devices: a person's other ones, and those of the province."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from kcdesk.cli.commands import desk_of
from kcdesk.cli.output import print_json, say, table, tell
from kcdesk.domain.clock import local_time, system_clock

if TYPE_CHECKING:  # the server's libraries are loaded by its own commands only
    from kcdesk.server.apart_decisions import Decided, Shown
    from kcdesk.sync.protocol import ProvinceStanding


def own_list(options: Namespace) -> None:
    from kcdesk.actions import former  # noqa: PLC0415

    with desk_of(options) as desk:
        found = former.former_devices(desk)
    if options.json:
        print_json({"devices": [former.as_json(one) for one in found]})
        return
    if not found:
        say("Tỉnh không biết máy nào khác của bạn.")
    for one in found:
        state = "đã thu hồi" if one.revoked_at is not None else "còn dùng được"
        say(f"{former.in_words(one)} ({state}, liên lạc cuối {_moment(one.last_contact_at)})")


def province(options: Namespace) -> None:
    from kcdesk.actions.province_standing import province_standing  # noqa: PLC0415

    with desk_of(options) as desk:
        now = province_standing(desk)
    if options.json:
        print_json(msgspec.to_builtins(now))
        return
    say(*standing_in_words(now))


def standing_in_words(now: ProvinceStanding) -> Iterator[str]:
    """A table of the devices, and one of the communes, those first from which nothing came for longest."""
    from kcdesk.actions import province_standing as words  # noqa: PLC0415

    heads = (
        "NGƯỜI DÙNG",
        "VAI TRÒ",
        "MÁY",
        "LIÊN LẠC CUỐI",
        "BẢN",
        "PHIÊN BẢN",
        "ĐÃ NHẬN",
        "CŨ NHẤT CHƯA ĐẾN",
        "SỐ THIẾU",
        "TÌNH TRẠNG",
    )
    yield from table(
        [
            heads,
            *(
                (
                    one.person,
                    one.role,
                    one.device,
                    words.moment_text(one.last_contact_at),
                    words.edition_text(one),
                    one.program,
                    str(one.n),
                    words.oldest_text(one, now.at),
                    words.gaps_text(one),
                    words.state_text(one),
                )
                for one in now.devices
            ),
        ]
    )
    yield ""
    longest_first = sorted(
        now.communes, key=lambda one: (one.last_at is not None, one.last_at or 0, one.code)
    )
    yield from table(
        [
            ("MÃ", "XÃ, PHƯỜNG", "HỒ SƠ CUỐI ĐẾN"),
            *((one.code, one.name, words.days_text(one.days)) for one in longest_first),
        ]
    )


def server_list(options: Namespace) -> None:
    from kcdesk.actions.province_standing import in_words  # noqa: PLC0415
    from kcdesk.server import admin, standing  # noqa: PLC0415

    with admin.province_at(options.db) as engine:
        now = system_clock()
        devices = standing.province_standing(engine, now).devices
    if options.json:
        print_json({"devices": msgspec.to_builtins(devices)})
        return
    rows = [
        (one.person, one.role, _moment(one.last_contact_at), in_words(one, now)) for one in devices
    ]
    say(*table([("NGƯỜI DÙNG", "VAI TRÒ", "LIÊN LẠC CUỐI", "TÌNH TRẠNG"), *rows]))


def server_revoke(options: Namespace) -> None:
    from kcdesk.server import admin, revoking  # noqa: PLC0415

    with admin.province_at(options.db) as engine:
        revoked = revoking.revoke(engine, options.device, later=options.later, clock=system_clock)
    if options.json:
        print_json(msgspec.to_builtins(revoked))
        return
    say(
        f"Đã thu hồi máy {', '.join(revoked.devices)}. Lần liên lạc tới máy ấy sẽ tự huỷ khoá dữ liệu;"
        " xem lời báo bằng: kcdesk server device list"
    )
    if revoked.later:
        tell(
            f"Còn máy tiếp nối vẫn trao đổi được: {', '.join(revoked.later)}."
            " Nếu máy ấy cũng bị mất, thu hồi cả nó, hoặc thêm --later."
        )


def server_held(options: Namespace) -> None:
    from kcdesk.server import admin, apart_decisions  # noqa: PLC0415

    with admin.province_at(options.db) as engine:
        held = apart_decisions.show(engine, options.device)
    if options.json:
        print_json({"held": msgspec.to_builtins(held)})
        return
    if not held:
        say("Không có gì đang giữ riêng.")
    for one in held:
        say(*_held_in_words(one))


def server_take(options: Namespace) -> None:
    from kcdesk.server import admin, apart_decisions  # noqa: PLC0415

    with admin.province_at(options.db) as engine:
        decided = apart_decisions.take(engine, options.device, up_to=options.up_to)
    _decided(options, decided)


def server_leave(options: Namespace) -> None:
    from kcdesk.server import admin, apart_decisions  # noqa: PLC0415

    with admin.province_at(options.db) as engine:
        decided = apart_decisions.leave(engine, options.device, up_to=options.up_to)
    _decided(options, decided)


def _decided(options: Namespace, decided: Decided) -> None:
    if options.json:
        print_json(msgspec.to_builtins(decided))
        return
    say(
        f"Đã nhận {decided.taken} thay đổi, bỏ {decided.refused};"
        f" đã quyết định đến số {decided.n}, còn giữ riêng {decided.waiting} gói, lần gửi."
    )
    for problem in decided.problems:
        tell(f"Chưa nhận được: {problem}")


def _held_in_words(one: Shown) -> Iterator[str]:
    what = "Gói" if one.source == "parcel" else "Lần đồng bộ"
    written = f", ghi {_moment(one.written_at)}" if one.written_at is not None else ""
    cut = "" if one.whole else ", bị ngắt giữa chừng"
    yield (
        f"{what} {one.id[:8]} của máy {one.device}, đến {_moment(one.arrived_at)}{written}{cut}:"
        f" {len(one.changes)} thay đổi tỉnh chưa có."
    )
    for change in one.changes:
        fields = ", ".join(sorted(change.set))
        yield f"  {change.n}  {_moment(change.at)}  {change.kind} {change.record}: {fields}"
    if one.changes and one.changes[0].device == one.device and one.changes[0].n > one.next_n:
        yield (
            f"  Còn thiếu các thay đổi từ số {one.next_n} đến {one.changes[0].n - 1}:"
            " chưa nhận được cho đến khi chúng về."
        )


def _moment(at: int) -> str:
    return local_time(at).strftime("%d/%m/%Y %H:%M")
