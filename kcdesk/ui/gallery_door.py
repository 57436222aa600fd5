"""A way to a workspace that never opens, for the pictures of what comes before the window."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

from kcdesk.actions.desk import Desk
from kcdesk.actions.people import Person
from kcdesk.domain.findings import Finding
from kcdesk.errors import NoKey
from kcdesk.storage.backups.manifest import Manifest
from kcdesk.storage.backups.repository import Progress
from kcdesk.storage.keys import read_code
from kcdesk.storage.safety.recovery import Recovered
from kcdesk.storage.safety.replacing import Restored
from kcdesk.ui import sample


@dataclass(frozen=True, slots=True)
class NoKeyring:
    """A machine without a keyring, for the pictures of what comes before the window."""

    state: Literal["new", "locked", "open"] = "new"
    folder: Path | None = None
    has_passphrase: bool = True
    findings: Sequence[Finding] = ()
    shared: bool = False
    kept: Sequence[Manifest] = ()
    rescued: Recovered | None = None

    def people(self) -> Sequence[Person]:
        names = (sample.PERSON, sample.COLLEAGUE) if self.shared else ()
        return [Person(name, Path(name), "passphrase") for name in names]

    def of(self, person: Person | None) -> Self:
        return replace(self, folder=person.folder if person else None)

    def unprotected(self) -> Person | None:
        return None

    def protect(self, person: Person, passphrase: str) -> None:  # noqa: ARG002
        raise NoKey("Máy này không có kho khoá (keyring) dùng được.")

    def create(self, person: str, areas: Sequence[str], passphrase: str) -> str:  # noqa: ARG002
        raise NoKey("Máy này không có kho khoá (keyring) dùng được.")

    def unlock(self, passphrase: str) -> None:  # noqa: ARG002
        raise NoKey("Mật khẩu không đúng.", hint="Gõ lại; chú ý phím Caps Lock và bộ gõ.")

    def recover(self, code: str, passphrase: str) -> None:  # noqa: ARG002
        read_code(code)

    def lock(self) -> None:
        """Nothing is open."""

    def backups(self) -> Sequence[Manifest]:
        return self.kept

    def restore(
        self,
        source: Path | None,  # noqa: ARG002
        moment: int,  # noqa: ARG002
        progress: Progress,  # noqa: ARG002
        cancel: threading.Event,  # noqa: ARG002
    ) -> Restored:
        raise NoKey("Máy này không có kho khoá (keyring) dùng được.")

    def rescue(
        self,
        others: Path | None,  # noqa: ARG002
        progress: Progress,  # noqa: ARG002
        cancel: threading.Event,  # noqa: ARG002
    ) -> Recovered:
        if self.rescued is None:
            raise NoKey("Máy này không có kho khoá (keyring) dùng được.")
        return self.rescued

    def open(self) -> AbstractContextManager[Desk]:
        raise NoKey("Máy này không có kho khoá (keyring) dùng được.")
