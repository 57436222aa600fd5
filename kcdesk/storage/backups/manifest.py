"""The list of a backup: what it holds, of which moment, and the pieces it is made of."""

from __future__ import annotations

import msgspec

from kcdesk.domain.clock import local_time

PIECES = "pieces"
KEPT = "kept"
SUFFIX = ".backup"
FORMAT = 1
DUE = "due"
"""The reason of a backup that was made because an hour had passed."""


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """A piece as a list names it.

    name:  the SHA-256 of the file, in hexadecimal;  size: its bytes
    print: by which the same rows are known again without packing them
    """

    name: str
    size: int
    print: bytes
    table: str
    rows: int

    @property
    def path(self) -> str:
        return f"{PIECES}/{self.name[:2]}/{self.name}"


class Manifest(msgspec.Struct, frozen=True):
    """One backup: what it holds, and of which moment.

    sequence: 1, 2, 3 ... in its repository; clocks may jump, this does not
    reason:   `due`, `import`, `upgrade`, `restore`, `asked`
    steps:    the steps of the schema that the file had
    n, hash:  how far the chain of `device` went;  changes: how many there were, of all devices
    salt:     at the start of the database file: its pages can be checked with it when the file's own is damaged
    """

    format: int
    sequence: int
    workspace: str
    device: str
    at: int
    reason: str
    steps: list[str]
    n: int
    hash: bytes
    changes: int
    salt: bytes
    pieces: list[Piece]

    @property
    def name(self) -> str:
        """Of its file: sorts by sequence, and says when to a person who looks into the folder."""
        return f"{self.sequence:06d}-{local_time(self.at):%Y-%m-%d-%H%M%S}{SUFFIX}"

    @property
    def size(self) -> int:
        """Bytes of its pieces, shared ones counted."""
        return sum(piece.size for piece in self.pieces)
