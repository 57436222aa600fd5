"""The stores beside the database under a new workspace key: attachments and backups."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec

from kcdesk.domain.clock import Randomness
from kcdesk.storage import attachments
from kcdesk.storage.backups.manifest import Piece
from kcdesk.storage.backups.repository import Repository, WritableRepository
from kcdesk.storage.backups.sealing import Damaged, Seal


def reseal(folder: Path, old_key: bytes, new_key: bytes, randomness: Randomness) -> None:
    """Seal what lies in the workspace in `folder` again under its new key.

    May be cut at any moment and repeated: what is under the new key already is left. Raises `WorkspaceError`.
    """
    attachments.reseal(folder, old_key, new_key, randomness)
    reseal_backups(folder, old_key, new_key)


def reseal_backups(folder: Path, old_key: bytes, new_key: bytes) -> None:
    """The kept backups under the new key; a piece that is damaged stays so."""
    old = Repository(folder, Seal(old_key))
    new = WritableRepository(folder, Seal(new_key))
    known: dict[str, Piece] = {}
    for name in old.names():
        with suppress(Damaged):
            manifest = old.manifest(name)
            for piece in manifest.pieces:
                if piece.name not in known:
                    with suppress(Damaged):
                        known[piece.name] = new.keep(old.rows(piece), {})
            pieces = [known.get(piece.name, piece) for piece in manifest.pieces]
            new.publish(msgspec.structs.replace(manifest, pieces=pieces))
    new.sweep()
