"""Kept backups without what has been erased since: pieces that hold it are made anew, and so are their lists.

A piece that cannot be read stays as it is. May be cut at any moment and repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from kcdesk.changes.erasing import Erasure, without_erased
from kcdesk.domain.kinds import named_contents
from kcdesk.storage import change_table
from kcdesk.storage.backups.copying import ATTACHMENTS
from kcdesk.storage.backups.manifest import Piece
from kcdesk.storage.backups.pieces import CHANGES, Rows, changes_in
from kcdesk.storage.backups.repository import WritableRepository
from kcdesk.storage.backups.sealing import Damaged
from kcdesk.storage.erased_papers import (
    PAPERS,
    UNREAD,
    Forgotten,
    pages_staying,
    papers_without,
)
from kcdesk.storage.folder.durable import remove_durably

_DRAFTS = ("drafts", "draft_fields")
_CONTENTS = "contents"

Forget = Callable[[Rows], Rows]


def forget_in_backups(
    backups: WritableRepository, erasures: Sequence[Erasure], still_named: frozenset[str]
) -> frozenset[str]:
    """Take out of every backup what `erasures` cover; the contents (SHA-256) that no record needs any more.

    still_named: contents that a record of today names
    Raises `WorkspaceError` where the folder cannot be read or written.
    """
    names: set[str] = set()
    forgotten = Forgotten.of(erasures)
    known: dict[str, Piece] = {}
    with backups.writing():
        manifests = backups.kept()
        pieces = {piece.name: piece for each in manifests for piece in each.pieces}.values()
        changes = [piece for piece in pieces if piece.table == CHANGES]
        _anew(backups, changes, lambda rows: _of_changes(rows, erasures, names, forgotten), known)
        gone = frozenset(names) - still_named
        drafts = {(erasure.kind, erasure.record) for erasure in erasures}

        def forget(rows: Rows) -> Rows:
            if rows.table == _CONTENTS:
                return _only(rows, [name not in gone for name in rows.columns["sha256"]])
            if rows.table == PAPERS:
                return _with(rows, papers_without(rows.columns, forgotten))
            if rows.table == UNREAD:
                return _only(rows, pages_staying(rows.columns, forgotten))
            keys = zip(rows.columns["kind"], rows.columns["record"], strict=True)
            return _only(rows, [key not in drafts for key in keys])

        others = (*_DRAFTS, _CONTENTS, PAPERS, UNREAD)  # pages after the papers they may be of
        for table in others:
            _anew(backups, [p for p in pieces if p.table == table], forget, known)
        for manifest in manifests:
            anew = [known.get(piece.name, piece) for piece in manifest.pieces]
            if anew != manifest.pieces:
                anew = [piece for piece in anew if piece.rows]
                backups.publish(msgspec.structs.replace(manifest, pieces=anew))
        backups.sweep()
    return gone


def forget_in_second_place(
    backups: WritableRepository, erasures: Sequence[Erasure], still_named: frozenset[str]
) -> None:
    """The same in another folder with backups, and the contents of attachments that lie there. Raises as above."""
    gone = forget_in_backups(backups, erasures, still_named)
    with backups.writing():
        for name in gone:
            for path in _files_of(Path(str(backups.home)), name):
                if path.is_file():
                    remove_durably(path)


def _files_of(home: Path, name: str) -> Iterator[Path]:
    yield home / ATTACHMENTS / name
    yield home / ATTACHMENTS / "thumbnails" / name


def _anew(
    backups: WritableRepository, pieces: Sequence[Piece], forget: Forget, known: dict[str, Piece]
) -> None:
    """Make those pieces anew of which `forget` leaves other rows: name of the old one -> the new one."""
    for piece in pieces:
        with suppress(Damaged):
            before = backups.rows(piece)
            after = forget(before)
            if after is not before:
                known[piece.name] = backups.keep(after, {})


def _of_changes(
    rows: Rows, erasures: Sequence[Erasure], names: set[str], forgotten: Forgotten
) -> Rows:
    said = list(rows.columns["set"])
    for place, change in enumerate(changes_in(rows)):
        clean = without_erased(change, erasures)
        if clean is not change:
            names |= named_contents(change.kind, change.set)
            names -= named_contents(change.kind, clean.set)
            said[place] = change_table.encoded(clean.set)
            forgotten.learn(change, clean)
    return _with(rows, {**rows.columns, "set": said})


def _with(rows: Rows, columns: dict[str, list[Any]]) -> Rows:
    """The rows with those columns; the very same where nothing differs."""
    return rows if columns == rows.columns else msgspec.structs.replace(rows, columns=columns)


def _only(rows: Rows, staying: Sequence[bool]) -> Rows:
    if all(staying):
        return rows
    columns = {
        name: [value for value, stays in zip(values, staying, strict=True) if stays]
        for name, values in rows.columns.items()
    }
    return msgspec.structs.replace(rows, columns=columns)
