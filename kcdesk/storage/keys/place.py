"""What a place for keys is: the keyring, a passphrase, a recovery code."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol

KeyMode = Literal["keyring", "passphrase"]


class KeySource(Protocol):
    """Whoever can give the key of a workspace."""

    def read(self, folder: Path, workspace: str) -> bytes:
        """The key of the workspace with this id in `folder`. Raises `NoKey`, `WrongKey`."""
        ...


class Keys(KeySource, Protocol):
    """A place that keeps one key per workspace id."""

    mode: KeyMode

    def write(self, folder: Path, workspace: str, key: bytes) -> None:
        """Keep the key. Raises `NoKey`."""
        ...
