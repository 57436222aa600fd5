"""Wiring: the window of a workspace, with the real clock, chance, keyring and folder.

The only module that knows everybody. It holds no rule and no widget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kcdesk.actions.desk import Desk, create_desk, open_desk, shipped_units
from kcdesk.domain.clock import Clock, Randomness, system_clock, system_randomness
from kcdesk.errors import NotFound
from kcdesk.storage.keys import PassphraseKeys
from kcdesk.storage.workspace import Workspace, describe

if TYPE_CHECKING:
    from kcdesk.ui.window import MainWindow


class WorkspaceDoor:
    """The way to the workspace in `folder` (kcdesk.ui.screens.first_start.Door).

    A passphrase that was typed stays in memory until the program ends: the network's thread opens the file again.
    """

    def __init__(
        self,
        folder: Path,
        *,
        passphrase_file: Path | None = None,
        clock: Clock = system_clock,
        randomness: Randomness = system_randomness,
    ) -> None:
        self._folder = folder
        self._file = passphrase_file
        self._clock = clock
        self._randomness = randomness
        self._typed = ""

    @property
    def state(self) -> Literal["new", "locked", "open"]:
        """Whether the workspace must be made, unlocked, or just opened; a damaged one is told at opening."""
        try:
            description = describe(self._folder)
        except NotFound:
            return "new"
        if description.key == "passphrase" and self._file is None and not self._typed:
            return "locked"
        return "open"

    def create(self, person: str, areas: Sequence[str], passphrase: str) -> None:
        """Make the workspace; its key goes into the keyring unless there is a passphrase. Raises `KcdeskError`."""
        if not passphrase:
            made = create_desk(
                self._folder,
                person=person,
                areas=areas,
                passphrase_file=self._file,
                clock=self._clock,
                randomness=self._randomness,
            )
            made.workspace.close()
            return
        Workspace.create(
            self._folder,
            PassphraseKeys(passphrase, self._randomness),
            person=person,
            areas=areas,
            units=shipped_units(),
            clock=self._clock,
            randomness=self._randomness,
        ).close()
        self._typed = passphrase

    def unlock(self, passphrase: str) -> None:
        """Raises `WrongKey`, `NoKey`."""
        with self._with_passphrase(passphrase):
            self._typed = passphrase

    def open(self) -> AbstractContextManager[Desk]:
        """The open desk, for one thread. Raises `KcdeskError` when entered."""
        if self._typed:
            return self._with_passphrase(self._typed)
        return open_desk(
            self._folder,
            passphrase_file=self._file,
            clock=self._clock,
            randomness=self._randomness,
        )

    @contextmanager
    def _with_passphrase(self, passphrase: str) -> Iterator[Desk]:
        units = shipped_units()
        keys = PassphraseKeys(passphrase, self._randomness)
        with Workspace.open(self._folder, keys, units=units, clock=self._clock) as workspace:
            yield Desk(workspace, units, self._clock, self._randomness)


def run_window(
    folder: Path,
    *,
    passphrase_file: Path | None = None,
    server_hint: str | None = None,
    opened: Callable[[MainWindow], None] | None = None,
) -> int:
    """Open the window of the workspace in `folder` until it is closed; the exit status.

    A folder without a workspace gets one, after asking. `server_hint`: proposed when joining a province.
    `opened`: called with the window once it shows.
    """
    from kcdesk.ui import start  # noqa: PLC0415 -- Qt is loaded when a window is wanted

    door = WorkspaceDoor(folder, passphrase_file=passphrase_file)
    return start.run(door, clock=system_clock, server=server_hint or "", opened=opened)
