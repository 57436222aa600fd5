"""kcdesk as its users run it: one process for each command, its output read as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Document = dict[str, Any]
"""A JSON document of the command line; its shape is that of docs/cli.md."""


def command(*words: str) -> list[str]:
    """The command that runs this very program: the interpreter and package, or the frozen executable."""
    start = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "kcdesk"]
    return [*start, *words]


class CommandRefused(Exception):
    """A command that was expected to be done was refused; the sentence it gave."""


@dataclass(frozen=True)
class Program:
    """Runs commands on one workspace. `commands` without `--json` and workspace; each is a process of its own."""

    workspace: Path
    passphrase_file: Path

    def __call__(self, *words: str) -> Document:
        """The JSON answer of a command. Raises `CommandRefused` when it was refused."""
        status, document = self._run(*words)
        if status != 0:
            raise CommandRefused(f"{' '.join(words)}: {document['error']['message']}")
        return document

    def refused(self, *words: str) -> str:
        """The sentence with which a command is refused. Raises AssertionError when it is done instead."""
        status, document = self._run(*words)
        assert status == 1, f"{' '.join(words)} should have been refused"
        return str(document["error"]["message"])

    def _run(self, *words: str) -> tuple[int, Document]:
        where = ["--workspace", str(self.workspace), "--passphrase-file", str(self.passphrase_file)]
        return run(*words, *where, "--json")


def run(*words: str) -> tuple[int, Document]:
    """Exit status and JSON answer of one command."""
    done = subprocess.run(command(*words), capture_output=True, check=False, env=_environment())
    if done.returncode not in (0, 1):
        raise RuntimeError(
            f"{words[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')}"
        )
    document: Document = json.loads(done.stdout)
    return done.returncode, document


@contextmanager
def server(database: str) -> Iterator[str]:
    """The provincial server as its own process on a free port of loopback; its URL."""
    process = subprocess.Popen(
        command("server", "run", "--db", database, "--port", "0", "--json"),
        stdout=subprocess.PIPE,
        env=_environment(),
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server ended with {process.wait()} before it was ready")
        yield str(json.loads(line)["url"])
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()


def _environment() -> Mapping[str, str]:
    return {**os.environ, "PYTHONUTF8": "1", "QT_QPA_PLATFORM": "offscreen"}
