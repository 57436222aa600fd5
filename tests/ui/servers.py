"""A provincial server in its own process, as the window meets it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kcdesk.demo.main_job import set_up_province
from kcdesk.demo.program import command


@contextmanager
def province(folder: Path, enrolments: int) -> Iterator[tuple[str, list[str]]]:
    """URL of a server that runs on loopback, with its database in `folder`, and codes to join with."""
    database = f"sqlite:///{(folder / 'tinh.db').as_posix()}"
    codes = list(set_up_province(database, enrolments=enrolments))
    with subprocess.Popen(
        command("server", "run", "--db", database, "--port", "0", "--json"),
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        yield str(json.loads(process.stdout.readline())["url"]), codes
        process.terminate()
