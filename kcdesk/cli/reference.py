"""docs/cli.md, written from the words the command line itself knows: `python -m kcdesk.cli.reference > docs/cli.md`.

Owns how the page looks. Sentences about commands and options are those of `--help`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from kcdesk.cli.arguments import parser

_INTRODUCTION = """\
# The command line

Made from the program by `python -m kcdesk.cli.reference`; do not edit. The sentences are those of `--help`.

**Exit status.** `0` done, `1` refused, with a sentence on standard error, `2` wrong usage.

**Output.** With `--json` one JSON document on standard output and nothing else, also when a command is refused:
`{"error": {"code": ..., "message": ..., "hint": ...}}`. Progress and findings go to standard error, for people.

**Where.** `--workspace DIR` and `--passphrase-file F` stand before or behind the command; behind wins. Without them
it is the user's data folder, and the key from the keyring of the system.

**KIND** is `establishments`, `figures`, `surveys`, `round_sheets`, `needs` or `attachments`. A record has `id`,
`kind`, `state` (`local`, `parcel`, `province` or `refused`) and its fields. A list is
`{"records": [...], "next": CURSOR}`; `next` goes to `--after`, and is `null` on the last page.

**FIELD=VALUE** is written as a person writes: `phone="0912 345 678"`, `total="320 triệu"`, `start=01/03/2027`, a code
or its label; an empty value clears the field. The cell of a table is `machines_to_buy/ROW/name`, and a plain number
as ROW is a new row.
"""

_EVERYWHERE = frozenset(("help", "workspace", "passphrase_file", "json"))
"""Options told in the introduction."""


def markdown() -> str:
    """The whole page."""
    top = parser()
    parts = [_INTRODUCTION, f"## kcdesk\n\n{top.description}\n"]
    for words, command in _commands(top):
        usage = " ".join(["kcdesk", *words, *_usage(command)])
        parts += [f"## {' '.join(words)}\n\n{command.description}\n", f"```\n{usage}\n```\n"]
        parts.append(_options(command))
    return "\n".join(part for part in parts if part)


def _commands(
    of: argparse.ArgumentParser, before: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    """Every command that does something, with the words that call it."""
    groups = [action for action in of._actions if isinstance(action, argparse._SubParsersAction)]
    if before and not groups:
        yield before, of
    for group in groups:
        for name, command in group.choices.items():
            yield from _commands(command, (*before, name))


def _shown(command: argparse.ArgumentParser) -> list[argparse.Action]:
    return [action for action in command._actions if action.dest not in _EVERYWHERE]


def _usage(command: argparse.ArgumentParser) -> Iterator[str]:
    """Each option or argument; of those that exclude each other, all together in the place of the first."""
    together = {
        action.dest: group
        for group in command._mutually_exclusive_groups
        for action in group._group_actions
    }
    told: list[argparse._MutuallyExclusiveGroup] = []
    for action in _shown(command):
        group = together.get(action.dest)
        if group is None:
            word = _written(action) + ("..." if action.nargs == "+" else "")
            yield word if action.required else f"[{word}]"
        elif group not in told:
            told.append(group)
            words = " | ".join(map(_written, group._group_actions))
            yield f"({words})" if group.required else f"[{words}]"


def _written(action: argparse.Action) -> str:
    """An option or argument as one types it: `--area CODE`, `-o OUT.pdf`, `FILE`."""
    value = str(action.metavar or (action.dest.upper() if action.nargs != 0 else ""))
    return " ".join([*action.option_strings[:1], value]).strip()


def _options(command: argparse.ArgumentParser) -> str:
    rows = []
    for action in _shown(command):
        choices = f" ({', '.join(map(str, action.choices))})" if action.choices else ""
        said = f"{action.help or ''}{choices}".strip()
        if said:
            rows.append(f"| `{_written(action)}` | {said} |")
    return "\n".join(["| | |", "|---|---|", *rows, ""]) if rows else ""


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(markdown())
