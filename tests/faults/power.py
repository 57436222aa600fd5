"""Power cuts: what a disk may hold of the operations that a program made, when the power goes after the last of them.

The model, as of a journalling file system (ext4, NTFS): what was written to a file before its last fsync is there. Of
what was written later, any part may be there, torn at sectors of 512 bytes; or the file has grown and holds zeros. A
new or changed name is there once its folder or the file was synced after it; of the later ones the first few, in
their order.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.faults.trace import Disk, Op, resize, write

SECTOR_BYTES = 512
NAMING = ("create", "rename", "unlink", "mkdir", "rmdir")

Loss = Callable[[Disk, Op], None]
"""Does to a file what is left of one write or truncation that was never synced."""


def all_lost(disk: Disk, op: Op) -> None:
    """Nothing of it is there."""


def zeros(disk: Disk, op: Op) -> None:
    """The size is there, the bytes are not."""
    content = disk.bytes_of[op.inode]
    if op.kind == "truncate":
        resize(content, op.offset)
    elif op.offset + len(op.data) > len(content):
        resize(content, op.offset + len(op.data))


def some(chance: random.Random) -> Loss:
    """All of it, nothing, or some of its sectors."""

    def loss(disk: Disk, op: Op) -> None:
        fate = chance.random()
        if fate < 0.4:
            return
        if fate < 0.7 or op.kind == "truncate":
            disk.apply(op)
            return
        for start, end in _sectors(op):
            if chance.random() < 0.5:
                part = op.data[start - op.offset : end - op.offset]
                write(disk.bytes_of[op.inode], start, part)

    return loss


def after_cut(before: Disk, ops: Sequence[Op], loss: Loss, names: int) -> Disk:
    """The disk when the power goes after `ops`, which found it as `before`.

    names: how many of the names that are not durable yet are there.
    """
    synced = {op.inode: place for place, op in enumerate(ops) if op.kind == "sync" and op.inode}
    there = _names_there(ops, synced, names)
    disk = copy.deepcopy(before)
    for place, op in enumerate(ops):
        if op.kind == "create":
            disk.bytes_of[op.inode] = bytearray()
        if op.kind in NAMING and place in there:
            content = disk.bytes_of.get(op.inode)
            disk.apply(op)
            if op.kind == "create" and content is not None:
                disk.bytes_of[op.inode] = content
        elif op.kind in ("write", "truncate"):
            (Disk.apply if place < synced.get(op.inode, -1) else loss)(disk, op)
    return disk


def pending_names(ops: Sequence[Op]) -> int:
    """How many names are not durable after `ops`."""
    synced = {op.inode: place for place, op in enumerate(ops) if op.kind == "sync" and op.inode}
    naming = sum(op.kind in NAMING for op in ops)
    return naming - len(_names_there(ops, synced, 0))


def cut_points(ops: Sequence[Op]) -> Iterator[int]:
    """How many operations have been made at each moment that matters: just before and after each sync and each word.

    Between two of them nothing becomes durable, so the later moment has all that may be lost or there.
    """
    for place, op in enumerate(ops):
        if op.kind in ("sync", "said"):
            yield place
            yield place + 1
    yield len(ops)


def put(disk: Disk, folder: Path) -> None:
    """Make the files in `folder`."""
    for name in sorted(disk.folders):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, content in disk.files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _names_there(ops: Sequence[Op], synced: dict[int, int], pending: int) -> set[int]:
    folders = {op.path: place for place, op in enumerate(ops) if op.kind == "sync" and not op.inode}
    naming = [(place, op) for place, op in enumerate(ops) if op.kind in NAMING]
    durable = {
        place
        for place, op in naming
        if place < folders.get(str(Path(op.to or op.path).parent), -1)
        or (op.kind in ("create", "rename") and place < synced.get(op.inode, -1))
    }
    later = [place for place, _ in naming if place not in durable]
    there = durable | set(later[:pending])
    for place, op in reversed(naming):  # what a file is called now, it was called before
        if place in there and op.inode:
            there |= {earlier for earlier, o in naming if earlier < place and o.inode == op.inode}
    return there


def _sectors(op: Op) -> Iterator[tuple[int, int]]:
    """Start and end of the pieces that a write consists of, cut at the sectors of the file."""
    start, stop = op.offset, op.offset + len(op.data)
    while start < stop:
        end = min(stop, (start // SECTOR_BYTES + 1) * SECTOR_BYTES)
        yield start, end
        start = end
