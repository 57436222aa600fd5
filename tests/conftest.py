"""What every test may ask for: a clock it can turn, chance that repeats, and a machine that is nobody's.

Tests never see the user's keyring, folders or display: a test that wants a keyring or a window asks for one itself.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import settings

from kcdesk.domain.clock import Randomness

# Set here rather than in a fixture: Qt and keyring look once, when they are first imported; subprocesses inherit it.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

# "ci" finds the same things on every machine; `--hypothesis-profile=search` looks in new places each time.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=2000, deadline=None)
settings.load_profile("ci")


@dataclass
class SettableClock:
    """A clock (kcdesk.domain.clock.Clock) that stands still until it is told to go on; milliseconds since 1970 UTC."""

    now: int

    def __call__(self) -> int:
        return self.now

    def advance(self, ms: int) -> None:
        self.now += ms


@pytest.fixture
def clock() -> SettableClock:
    """Standing at 2026-03-02 08:30 in Vietnam, a Monday."""
    return SettableClock(1_772_415_000_000)


@pytest.fixture
def randomness() -> Randomness:
    """The same bytes in every run of a test."""
    return random.Random("kcdesk").randbytes


@pytest.fixture(scope="session", autouse=True)
def _no_folders_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(home / name.lower()))
        yield
