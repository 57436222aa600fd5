"""The desk: an open workspace with what every action needs beside it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import platformdirs

from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.clock import Clock, Randomness, local_date, system_clock, system_randomness
from kcdesk.errors import NoKey
from kcdesk.resources import resource_path
from kcdesk.storage.keys import KeyringKeys, Keys, PassphraseKeys, read_passphrase
from kcdesk.storage.workspace import Workspace, describe


@dataclass(frozen=True)
class Desk:
    """An open workspace, the table of units, the clock and the chance. Belongs to one thread, as its workspace does."""

    workspace: Workspace
    units: AdministrativeUnits
    clock: Clock
    randomness: Randomness

    @property
    def today(self) -> datetime.date:
        return local_date(self.clock())


def default_folder() -> Path:
    """Where a person's workspace lives when nothing else is said: the user's data folder."""
    return platformdirs.user_data_path("kcdesk", appauthor=False) / "workspace"


@cache
def shipped_units() -> AdministrativeUnits:
    """The administrative units this version ships: edition 0 of what a province publishes."""
    return AdministrativeUnits.read(resource_path("administrative-units", "units.tsv"))


def create_desk(
    folder: Path,
    *,
    person: str,
    areas: Sequence[str],
    passphrase_file: Path | None = None,
    clock: Clock = system_clock,
    randomness: Randomness = system_randomness,
) -> Desk:
    """Make a workspace for `person` and the areas with these codes, and open it. Raises `KcdeskError`."""
    units = shipped_units()
    workspace = Workspace.create(
        folder,
        _keys(passphrase_file, randomness),
        person=person,
        areas=areas,
        units=units,
        clock=clock,
        randomness=randomness,
    )
    return Desk(workspace, units, clock, randomness)


@contextmanager
def open_desk(
    folder: Path,
    *,
    passphrase_file: Path | None = None,
    clock: Clock = system_clock,
    randomness: Randomness = system_randomness,
) -> Iterator[Desk]:
    """Open the workspace in `folder`; closed at the end. Raises `KcdeskError`."""
    description = describe(folder)
    if description.key == "passphrase" and passphrase_file is None:
        raise NoKey(
            "Dữ liệu này được khoá bằng mật khẩu riêng.", hint="Thêm --passphrase-file TỆP."
        )
    keys = _keys(passphrase_file if description.key == "passphrase" else None, randomness)
    units = shipped_units()
    with Workspace.open(folder, keys, units=units, clock=clock) as workspace:
        yield Desk(workspace, units, clock, randomness)


def _keys(passphrase_file: Path | None, randomness: Randomness) -> Keys:
    if passphrase_file is None:
        return KeyringKeys()
    return PassphraseKeys(read_passphrase(passphrase_file), randomness)
