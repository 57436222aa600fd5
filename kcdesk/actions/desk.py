"""The desk: an open workspace with what every action needs beside it."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import platformdirs

from kcdesk.actions.revocation import require_key
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.clock import Clock, Randomness, local_date, system_clock, system_randomness
from kcdesk.domain.findings import Finding
from kcdesk.errors import NoKey
from kcdesk.resources import resource_path
from kcdesk.storage.devices.marks import Marks
from kcdesk.storage.folder.description import describe
from kcdesk.storage.folder.instance_lock import PATIENCE_S
from kcdesk.storage.folder.places import folder_findings
from kcdesk.storage.keys import (
    KeyMode,
    KeyringKeys,
    Keys,
    KeySource,
    PassphraseKeys,
    RecoveryKeys,
    read_passphrase,
    read_recovery_code,
)
from kcdesk.storage.workspace import Workspace


@dataclass(frozen=True)
class Desk:
    """An open workspace, the clock and the chance. Belongs to one thread, as its workspace does."""

    workspace: Workspace
    clock: Clock
    randomness: Randomness

    @property
    def units(self) -> AdministrativeUnits:
        """The administrative units as the edition in use has them."""
        return self.workspace.units

    @property
    def today(self) -> datetime.date:
        return local_date(self.clock())


def data_folder() -> Path:
    """What kcdesk keeps for the people of this computer account."""
    return platformdirs.user_data_path("kcdesk", appauthor=False)


def default_folder() -> Path:
    """Where a person's workspace lives when nothing else is said: the user's data folder."""
    return data_folder() / "workspace"


def default_marks() -> Marks:
    """What this computer knows of its workspaces, outside of their folders: the user's state folder."""
    return Marks(platformdirs.user_state_path("kcdesk", appauthor=False) / "marks")


def place_findings(folder: Path) -> list[Finding]:
    """What speaks against making a workspace in `folder`: a cloud program or a network share keeps it."""
    return folder_findings(folder, os.environ)


def keys_for(passphrase_file: Path | None, randomness: Randomness = system_randomness) -> Keys:
    """Where the key of a new workspace goes: under a passphrase, or into the keyring. Raises `NoKey`."""
    if passphrase_file is None:
        return KeyringKeys()
    return PassphraseKeys(read_passphrase(passphrase_file), randomness)


@cache
def shipped_units() -> AdministrativeUnits:
    """The administrative units this version ships; `Desk.units` are those of the edition in use."""
    return AdministrativeUnits.read(resource_path("administrative-units", "units.tsv"))


def create_desk(
    folder: Path,
    *,
    person: str,
    areas: Sequence[str],
    keys: Keys,
    clock: Clock = system_clock,
    randomness: Randomness = system_randomness,
) -> Desk:
    """Make a workspace for `person` and the areas with these codes, and open it. Raises `KcdeskError`."""
    units = shipped_units()
    workspace = Workspace.create(
        folder,
        keys,
        default_marks(),
        person=person,
        areas=areas,
        units=units,
        clock=clock,
        randomness=randomness,
    )
    return Desk(workspace, clock, randomness)


@contextmanager
def open_desk(
    folder: Path,
    *,
    passphrase_file: Path | None = None,
    recovery_code_file: Path | None = None,
    clock: Clock = system_clock,
    randomness: Randomness = system_randomness,
    wait_s: float = PATIENCE_S,
) -> Iterator[Desk]:
    """Open the workspace in `folder`; closed at the end. Raises `KcdeskError`.

    The recovery code goes before all else; a passphrase file is read where a passphrase opens the workspace.
    """
    require_key(folder)
    mode = describe(folder).key
    keys = key_source(mode, passphrase_file, recovery_code_file, randomness)
    with open_desk_with(folder, keys, clock=clock, randomness=randomness, wait_s=wait_s) as desk:
        yield desk


@contextmanager
def open_desk_with(
    folder: Path,
    keys: KeySource,
    *,
    clock: Clock = system_clock,
    randomness: Randomness = system_randomness,
    wait_s: float = PATIENCE_S,
) -> Iterator[Desk]:
    """Open the workspace in `folder` with a key from `keys`; closed at the end. Raises `KcdeskError`.

    Opened by its recovery code, a workspace of the keyring has its key there again, if the keyring takes it.
    """
    require_key(folder)
    units = shipped_units()
    with Workspace.open(
        folder,
        keys,
        default_marks(),
        units=units,
        clock=clock,
        randomness=randomness,
        wait_s=wait_s,
    ) as workspace:
        if isinstance(keys, RecoveryKeys) and describe(folder).key == "keyring":
            with suppress(NoKey):  # the next opening says what is wrong with it
                KeyringKeys().write(folder, workspace.id, workspace.key)
        with workspace.at_work():
            yield Desk(workspace, clock, randomness)


def key_source(
    mode: KeyMode,
    passphrase_file: Path | None,
    recovery_code_file: Path | None,
    randomness: Randomness = system_randomness,
) -> KeySource:
    """What gives the key of a workspace whose key lies as `mode` says. Raises `NoKey`."""
    if recovery_code_file is not None:
        return RecoveryKeys(read_recovery_code(recovery_code_file))
    if mode == "keyring":
        return KeyringKeys()
    if passphrase_file is None:
        raise NoKey(
            "Dữ liệu này được khoá bằng mật khẩu riêng.",
            hint="Thêm --passphrase-file TỆP; quên mật khẩu thì --recovery-code-file TỆP.",
        )
    return PassphraseKeys(read_passphrase(passphrase_file), randomness)
