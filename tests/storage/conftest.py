"""Workspaces to work on: an empty one, and one that holds the whole register."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kcdesk.storage.workspace import Workspace
from tests.conftest import SettableClock
from tests.storage.workspaces import make, register_copy, reopen


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "workspace"


@pytest.fixture
def workspace(folder: Path, clock: SettableClock) -> Iterator[Workspace]:
    with make(folder, clock=clock) as made:
        yield made


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """For reading only."""
    folder = tmp_path_factory.mktemp("read") / "register"
    with reopen(register_copy(tmp_path_factory.getbasetemp(), folder)) as opened:
        yield opened
