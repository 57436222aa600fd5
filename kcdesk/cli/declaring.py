"""How commands are declared: groups, the options that all have, and texts that become values."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

Subparsers = Any  # argparse's own type for this is private

DEFAULT_DATABASE = "sqlite:///kcdesk-province.db"


def no_recovery_code(command: argparse.ArgumentParser) -> None:
    """For commands that make a workspace."""
    command.add_argument("--no-recovery-code", action="store_true", help="không lập mã khôi phục")


def pair(text: str) -> tuple[str, str]:
    """`FIELD=VALUE` in its two parts; the value may be empty."""
    field, equals, value = text.partition("=")
    if not equals or not field:
        raise argparse.ArgumentTypeError(f"“{text}” không có dạng FIELD=VALUE")
    return field, value


def row_decision(text: str) -> tuple[int | tuple[str, int], str]:
    """`12=update` or `Sheet1!12=update`: the number of a row of a sheet, and what is decided for it."""
    where, _, action = text.rpartition("=")
    sheet, on_sheet, number = where.rpartition("!")
    if not number.isdecimal() or action not in ("add", "update", "skip"):
        raise argparse.ArgumentTypeError(
            f"“{text}” không có dạng N=add, N=update hoặc N=skip (nhiều trang: TRANG!N=add)"
        )
    return ((sheet, int(number)) if on_sheet else int(number)), action


def column_encoding(text: str) -> tuple[str, str]:
    """`B=TCVN3`: the letter of a column, and how it was typed."""
    letter, _, name = text.upper().partition("=")
    if not letter.isalpha() or name not in ("TCVN3", "VNI", "DECOMPOSED", "UNICODE"):
        raise argparse.ArgumentTypeError(
            f"“{text}” không có dạng COLUMN=TCVN3, COLUMN=VNI, COLUMN=DECOMPOSED hoặc COLUMN=UNICODE"
        )
    return letter, name


def add_group(sub: Subparsers, name: str, words: str) -> Subparsers:
    """A word that has commands below it, `kcdesk bin list`."""
    group = sub.add_parser(name, help=words, description=words)
    return group.add_subparsers(metavar="LỆNH", required=True)


def add_command(sub: Subparsers, name: str, run: object, words: str) -> argparse.ArgumentParser:
    """A command on a workspace, which `run` does; `words` say in Vietnamese what that is."""
    command: argparse.ArgumentParser = sub.add_parser(name, help=words, description=words)
    workspace_options(command)
    json_option(command)
    command.set_defaults(run=run)
    return command


def add_server_command(
    sub: Subparsers, name: str, run: object, words: str
) -> argparse.ArgumentParser:
    """A command of the provincial server, on its database."""
    command: argparse.ArgumentParser = sub.add_parser(name, help=words, description=words)
    command.add_argument(
        "--db", default=DEFAULT_DATABASE, metavar="URL", help="địa chỉ cơ sở dữ liệu"
    )
    json_option(command)
    command.set_defaults(run=run)
    return command


def workspace_options(command: argparse.ArgumentParser, *, top_level: bool = False) -> None:
    """`--workspace` and what opens it stand before or behind the command; behind wins."""
    default = None if top_level else argparse.SUPPRESS
    command.add_argument(
        "--workspace", type=Path, default=default, metavar="DIR", help="thư mục dữ liệu"
    )
    command.add_argument(
        "--passphrase-file", type=Path, default=default, metavar="F", help="tệp chứa mật khẩu"
    )
    command.add_argument(
        "--recovery-code-file",
        type=Path,
        default=default,
        metavar="F",
        help="tệp chứa mã khôi phục, khi không còn mật khẩu hay kho khoá",
    )
    if top_level:
        command.add_argument("--json", action="store_true", help="in một tài liệu JSON")


def json_option(command: argparse.ArgumentParser) -> None:
    """`--json`, before or behind the command."""
    command.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="in một tài liệu JSON"
    )
