"""Which way imports point (docs/architecture.md), and where the big libraries live: read from the source."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import kcdesk

PACKAGE = Path(kcdesk.__file__).parent

LEVELS = (
    {"errors", "resources"},
    {"domain"},
    {"changes"},
    {"questionnaire", "storage", "documents", "reports", "importing"},
    {"sync"},
    {"actions", "server"},
    {"ui", "cli", "demo"},
    {"app"},
)
"""A room imports from rooms of levels above its own line only; rooms of one level do not know each other."""

EXCEPTIONS = {
    ("cli", "app"): "the command `kcdesk` without words opens the window",
    ("cli", "demo"): "the commands `kcdesk demo` and `kcdesk self-test`",
    ("cli", "ui"): "the commands `kcdesk document text` and `send --as png` read a PDF with Qt",
    ("demo", "cli"): "the demonstration prints its JSON as commands do",
}

SERVER_SEES_OF_SYNC = {
    "kcdesk.sync.bundle",
    "kcdesk.sync.format",
    "kcdesk.sync.protocol",
    "kcdesk.sync.parcels.contents",
    "kcdesk.sync.parcels.envelope",
    "kcdesk.sync.parcels.keys",
    "kcdesk.sync.tus",
}
"""Both ends of the wire share one definition; the rest of sync is the device's."""

HOMES = {
    "PySide6": {"ui"},
    "reportlab": {"documents"},
    "pyrage": {"sync"},
    "sqlcipher3": {"storage"},
    "sqlite_utils": {"storage"},
    "sqlalchemy": {"server"},
    "alembic": {"server"},
    "sqlite3": set[str](),  # the standard library's: it cannot open our files and hides lost writes
}
"""Libraries that only some rooms may name."""

LOADED_LATER = {
    "PIL",
    "PySide6",
    "alembic",
    "cryptography",
    "httpx",
    "openpyxl",
    "pillow_heif",
    "pypdf",
    "pyrage",
    "pyxform",
    "reportlab",
    "sqlalchemy",
    "uvicorn",
}
"""What the command line loads only in the command that needs it: `kcdesk --help` has to be there at once."""


def imports_of(module: str, source: str) -> Iterator[str]:
    """Full dotted names of everything `source` imports, wherever in the file it does so.

    `module` is the dotted name of the file, a package's `__init__` included (`kcdesk.sync.__init__`).
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = module.split(".")[: -node.level] if node.level else []
            base = ".".join(parts + ([node.module] if node.module else []))
            yield from (f"{base}.{alias.name}" for alias in node.names)


def room(module: str) -> str:
    """`kcdesk.sync.client` -> `sync`; the files of the demonstration count as one room, `kcdesk` itself as none."""
    parts = [part for part in module.split(".") if part != "__init__"]
    if len(parts) < 2:
        return ""
    if parts[1] == "__main__":
        return "cli"
    return "demo" if parts[1].startswith("demo") else parts[1]


def level(name: str) -> int:
    """The line of LEVELS a room stands on; `kcdesk/__init__.py` knows nobody and all may know it."""
    if name == "":
        return -1
    found = [number for number, rooms in enumerate(LEVELS) if name in rooms]
    assert found, f"kcdesk/{name} has no place in LEVELS"
    return found[0]


def violations(module: str, source: str) -> list[str]:
    """What `source` imports and must not, as sentences."""
    here = room(module)
    said = []
    for name in imports_of(module, source):
        top = name.split(".")[0]
        if top in HOMES and here not in HOMES[top]:
            said.append(f"{module} imports {name}: only {sorted(HOMES[top]) or 'nobody'} may")
        if top != "kcdesk":
            continue
        # `from kcdesk import __version__` names the package itself
        there = "" if name == "kcdesk.__version__" else room(name)
        if here != there and level(here) <= level(there) and (here, there) not in EXCEPTIONS:
            said.append(f"{module} imports {name}: {here or 'kcdesk'} stands below {there}")
        if (here, there) == ("server", "sync") and not any(
            name == allowed or name.startswith(f"{allowed}.") for allowed in SERVER_SEES_OF_SYNC
        ):
            said.append(f"{module} imports {name}: of sync the server uses what both ends share")
    return said


def modules() -> dict[str, Path]:
    return {
        ".".join(("kcdesk", *path.relative_to(PACKAGE).with_suffix("").parts)): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def test_imports_point_one_way() -> None:
    found = [
        sentence
        for module, path in modules().items()
        for sentence in violations(module, path.read_text("utf-8"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("kcdesk.domain.money", "from kcdesk.storage.sqlite import connect"),
        ("kcdesk.domain.money", "from kcdesk import storage"),
        ("kcdesk.domain.money", "from ..changes import fold"),
        ("kcdesk.domain.money", "def f():\n    import kcdesk.changes.fold"),
        ("kcdesk.domain.__init__", "from ..changes import fold"),
        ("kcdesk.__init__", "from kcdesk.domain import money"),
        ("kcdesk.storage.records", "from kcdesk.reports import tables"),
        ("kcdesk.server.app", "from kcdesk.actions import save"),
        ("kcdesk.server.app", "from kcdesk.sync import client"),
        ("kcdesk.ui.window", "from kcdesk.app import wire"),
        ("kcdesk.demo", "import kcdesk.app"),
        ("kcdesk.actions.save", "from PySide6.QtCore import Qt"),
        ("kcdesk.app", "from PySide6.QtWidgets import QApplication"),
        ("kcdesk.storage.sqlite", "import sqlite3"),
        ("kcdesk.actions.save", "import sqlite_utils"),
    ],
)
def test_a_wrong_import_is_found(module: str, source: str) -> None:
    assert len(violations(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("kcdesk.actions.save", "from kcdesk.storage.records import save"),
        ("kcdesk.actions.save", "from .views import show"),
        ("kcdesk.server.app", "from kcdesk.sync.protocol import Answer"),
        ("kcdesk.server.app", "from kcdesk.sync import protocol"),
        ("kcdesk.cli", "from kcdesk import __version__"),
        ("kcdesk.cli", "def window():\n    from kcdesk.app import main"),
        ("kcdesk.ui.window", "from PySide6 import QtWidgets"),
    ],
)
def test_a_right_import_is_let_through(module: str, source: str) -> None:
    assert violations(module, source) == []


def test_the_command_line_loads_nothing_big() -> None:
    program = "import json, sys, kcdesk.cli; print(json.dumps(sorted(sys.modules)))"
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    loaded = {name.split(".")[0] for name in json.loads(printed)}
    assert "kcdesk" in loaded
    assert not loaded & LOADED_LATER
