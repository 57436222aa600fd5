"""Wiring: the window of a workspace, with the real clock, chance, keyring and folder.

The only module that knows everybody. It holds no rule and no widget.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kcdesk.actions import backups as backup_actions
from kcdesk.actions import keys as key_actions
from kcdesk.actions import people
from kcdesk.actions.desk import (
    Desk,
    create_desk,
    data_folder,
    default_folder,
    key_source,
    keys_for,
    open_desk,
    open_desk_with,
    place_findings,
)
from kcdesk.actions.people import Person
from kcdesk.domain.clock import Clock, Randomness, system_clock, system_randomness
from kcdesk.domain.findings import Finding
from kcdesk.errors import KcdeskError, NotFound
from kcdesk.storage.backups.manifest import Manifest
from kcdesk.storage.backups.repository import Progress
from kcdesk.storage.folder.description import describe
from kcdesk.storage.keys import (
    KeyMode,
    KeyringKeys,
    KeySource,
    PassphraseKeys,
    RecoveryKeys,
    destroying,
)
from kcdesk.storage.safety.recovery import Recovered
from kcdesk.storage.safety.replacing import Restored

if TYPE_CHECKING:
    from kcdesk.ui.window import MainWindow

WINDOW_WAIT_S = 1.0
"""How long the window waits for another process to leave the workspace before it says so."""


class WorkspaceDoor:
    """The way to one workspace (kcdesk.ui.screens.asking.Door).

    A passphrase that was typed stays in memory until `lock`: the network's thread opens the file again.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        own_folder: bool = True,
        passphrase_file: Path | None = None,
        clock: Clock = system_clock,
        randomness: Randomness = system_randomness,
    ) -> None:
        """`folder`: None for the one of a person who is still to come. `own_folder`: it belongs to nobody's list."""
        self.folder = folder
        self._own_folder = own_folder
        self._file = passphrase_file
        self._clock = clock
        self._randomness = randomness
        self._typed = ""

    # Who is there

    def people(self) -> Sequence[Person]:
        """Who can be chosen from: nobody when the folder was named."""
        return () if self._own_folder else people.list_people()

    def of(self, person: Person | None) -> WorkspaceDoor:
        """The way to the workspace of somebody else; None: of somebody who has none yet."""
        return WorkspaceDoor(
            person.folder if person else None,
            own_folder=False,
            clock=self._clock,
            randomness=self._randomness,
        )

    def unprotected(self) -> Person | None:
        """Somebody whose workspace opens without a passphrase, and so would open for the next person too."""
        return next((one for one in self.people() if one.key == "keyring"), None)

    def protect(self, person: Person, passphrase: str) -> None:
        """Give the workspace of `person` a passphrase instead of the keyring. Raises `KcdeskError`."""
        with self._opened(person.folder, KeyringKeys()) as desk:
            key_actions.set_passphrase(desk, passphrase)

    # This workspace

    @property
    def state(self) -> Literal["new", "locked", "open"]:
        """Whether the workspace must be made, unlocked, or just opened; a damaged one is told at opening."""
        try:
            locked = self.has_passphrase
        except NotFound:
            return "new"
        except KcdeskError:
            return "open"
        return "locked" if locked and self._file is None and not self._typed else "open"

    @property
    def has_passphrase(self) -> bool:
        """Whether a passphrase opens the workspace: the window can be locked then. Raises `KcdeskError`."""
        if self.folder is None:
            raise NotFound("Chưa có dữ liệu.")
        if (destruction := destroying.announced(self.folder)) is not None:
            raise destroying.destroyed(destruction, done=True)  # opening it says how it stands
        return describe(self.folder).key == "passphrase"

    @property
    def findings(self) -> Sequence[Finding]:
        """What speaks against the folder in which the workspace would be made."""
        return place_findings(self.folder or data_folder())

    def create(self, person: str, areas: Sequence[str], passphrase: str) -> str:
        """Make the workspace; its recovery code. Its key goes into the keyring unless there is a passphrase.

        Raises `KcdeskError`.
        """
        keys = self._passphrase_keys(passphrase) if passphrase else keys_for(self._file)
        if self._own_folder and self.folder is not None:
            desk = create_desk(
                self.folder,
                person=person,
                areas=areas,
                keys=keys,
                clock=self._clock,
                randomness=self._randomness,
            )
        else:
            desk = people.add_person(
                person, areas, keys, clock=self._clock, randomness=self._randomness
            )
        with desk.workspace:
            self.folder = desk.workspace.folder
            self._typed = passphrase
            return key_actions.new_recovery_code(desk)

    def unlock(self, passphrase: str) -> None:
        """Raises `WrongKey`, `NoKey`; what is wrong with the file itself is told at opening."""
        folder = self._there()
        self._passphrase_keys(passphrase).read(folder, describe(folder).id)
        self._typed = passphrase

    def recover(self, code: str, passphrase: str) -> None:
        """Open by the recovery code, and by `passphrase` from now on; without one by the keyring as before.

        Raises `WrongKey`, `NoKey`.
        """
        with self._opened(self._there(), RecoveryKeys(code)) as desk:
            if passphrase:
                key_actions.set_passphrase(desk, passphrase)
                self._typed = passphrase

    def lock(self) -> None:
        """Forget what was typed: from now on the passphrase must be."""
        self._typed = ""
        self._file = None

    def backups(self) -> Sequence[Manifest]:
        """The backups kept beside the workspace, which may be damaged; oldest first. Raises `KcdeskError`."""
        return backup_actions.backups_of(self._there(), self._keys)

    def restore(
        self, source: Path | None, moment: int, progress: Progress, cancel: threading.Event
    ) -> Restored:
        """Put the backup of that moment in the place of the workspace, which nobody has open. Raises `KcdeskError`."""
        return backup_actions.restore(
            self._there(),
            source,
            self._keys,
            moment=moment,
            clock=self._clock,
            randomness=self._randomness,
            progress=progress,
            cancel=cancel,
        )

    def rescue(self, others: Path | None, progress: Progress, cancel: threading.Event) -> Recovered:
        """Make the damaged workspace whole again; `others`: a place with more backups. Raises `KcdeskError`."""
        return backup_actions.recover(
            self._there(),
            self._keys,
            others=others,
            clock=self._clock,
            randomness=self._randomness,
            progress=progress,
            cancel=cancel,
        )

    def open(self) -> AbstractContextManager[Desk]:
        """The open desk, for one thread. Raises `KcdeskError` when entered."""
        if self._typed:
            return self._opened(self._there(), self._passphrase_keys(self._typed))
        return open_desk(
            self._there(),
            passphrase_file=self._file,
            clock=self._clock,
            randomness=self._randomness,
            wait_s=WINDOW_WAIT_S,
        )

    def _there(self) -> Path:
        assert self.folder is not None, "there is no workspace yet"
        return self.folder

    def _keys(self, mode: KeyMode) -> KeySource:
        """What gives the key that is kept as `mode` says."""
        if self._typed:
            return self._passphrase_keys(self._typed)
        return key_source(mode, self._file, None, self._randomness)

    def _passphrase_keys(self, passphrase: str) -> PassphraseKeys:
        return PassphraseKeys(passphrase, self._randomness)

    def _opened(self, folder: Path, keys: KeySource) -> AbstractContextManager[Desk]:
        return open_desk_with(
            folder, keys, clock=self._clock, randomness=self._randomness, wait_s=WINDOW_WAIT_S
        )


def run_window(
    folder: Path | None = None,
    *,
    passphrase_file: Path | None = None,
    server_hint: str | None = None,
    opened: Callable[[MainWindow], None] | None = None,
) -> int:
    """Open the window of a workspace until it is closed; the exit status.

    folder: the workspace; None: that of whoever is there, who is asked where several share the computer. A folder
    without a workspace gets one, after asking. `server_hint`: proposed when joining a province. `opened`: called with
    the window once it shows.
    """
    from kcdesk.ui import start  # noqa: PLC0415 -- Qt is loaded when a window is wanted

    door = WorkspaceDoor(
        folder or default_folder(), own_folder=folder is not None, passphrase_file=passphrase_file
    )
    return start.run(door, clock=system_clock, server=server_hint or "", opened=opened)
