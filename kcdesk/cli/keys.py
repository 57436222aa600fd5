"""Commands about what opens a workspace, and about the people who share a computer."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping

from kcdesk.actions import keys, people
from kcdesk.actions.desk import keys_for
from kcdesk.cli.commands import code_in_words, desk_of, made_document
from kcdesk.cli.output import print_json, say
from kcdesk.errors import KcdeskError
from kcdesk.storage.folder.description import describe
from kcdesk.storage.keys import read_passphrase


def recovery_code(options: Namespace) -> None:
    with desk_of(options) as desk:
        code = keys.new_recovery_code(desk)
        page = keys.recovery_page(desk.workspace.person, code, desk.today)
    if options.output is not None:
        try:
            options.output.write_bytes(page)
        except OSError:
            raise KcdeskError(
                f"Không ghi được tệp “{options.output}”.",
                hint="Mã khôi phục cũ đã thôi dùng: chạy lại lệnh với một chỗ ghi khác để có mã mới.",
            ) from None
    _tell(options, {"recovery_code": code}, *code_in_words(code))


def passphrase(options: Namespace) -> None:
    new = read_passphrase(options.new_passphrase_file)
    with desk_of(options) as desk:
        keys.set_passphrase(desk, new)
    _tell(options, {"key": "passphrase"}, "Từ nay dữ liệu mở bằng mật khẩu mới.")


def keyring(options: Namespace) -> None:
    with desk_of(options) as desk:
        keys.use_keyring(desk)
    _tell(options, {"key": "keyring"}, "Từ nay dữ liệu mở bằng kho khoá của tài khoản máy.")


def new(options: Namespace) -> None:
    with desk_of(options) as desk:
        locked = describe(desk.workspace.folder).key == "passphrase"
        if locked and options.passphrase_file is None:
            raise KcdeskError(
                "Đổi khoá cần mật khẩu của dữ liệu này.",
                hint="Thêm --passphrase-file TỆP; quên mật khẩu thì đặt mật khẩu mới trước.",
            )
        code = keys.new_key(desk, read_passphrase(options.passphrase_file) if locked else None)
    _tell(
        options,
        {"recovery_code": code},
        "Dữ liệu đã được mã hoá bằng khoá mới.",
        *code_in_words(code),
    )


def lock_after(options: Namespace) -> None:
    with desk_of(options) as desk:
        if options.minutes is not None:
            keys.set_idle_minutes(desk, options.minutes)
        minutes = keys.idle_minutes(desk)
    _tell(options, {"minutes": minutes}, f"Cửa sổ tự khoá sau {minutes} phút không dùng.")


def list_people(options: Namespace) -> None:
    everybody = people.list_people()
    document = {
        "people": [
            {"name": one.name, "workspace": str(one.folder), "key": one.key} for one in everybody
        ]
    }
    lines = [f"{one.name}: {one.folder}" for one in everybody] or ["Chưa có ai."]
    _tell(options, document, *lines)


def add_person(options: Namespace) -> None:
    desk = people.add_person(options.name, options.area, keys_for(options.passphrase_file))
    with desk.workspace:
        code = None if options.no_recovery_code else keys.new_recovery_code(desk)
        made = made_document(desk, code)
    folder = made["workspace"]
    _tell(
        options,
        made,
        f"Đã tạo dữ liệu trong “{folder}” cho {options.name}.",
        f"Dùng dữ liệu này bằng: --workspace “{folder}”.",
        *code_in_words(code),
    )


def _tell(options: Namespace, document: Mapping[str, object], *lines: str) -> None:
    if options.json:
        print_json(document)
    else:
        say(*lines)
