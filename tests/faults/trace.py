"""What strace wrote down of a run, as operations on the files of one folder, with their bytes.

Also the arguments for strace: what to write down, where to kill, what to let fail.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

WRITES = (
    *("openat", "write", "pwrite64", "ftruncate", "fallocate", "fsync", "fdatasync"),
    *("?rename", "renameat", "renameat2", "?unlink", "unlinkat", "?mkdir", "mkdirat", "?rmdir"),
)
"""The system calls by which the day changes files. Those with ? are not there on every processor."""
OTHERS = (
    *(
        "?open",
        "?creat",
        "pwritev",
        "pwritev2",
        "?link",
        "linkat",
        "?symlink",
        "symlinkat",
        "truncate",
    ),
    *("sendfile", "copy_file_range"),
)
"""Further ones, which the day does not make: one that appears has to be understood first."""
FOLLOWED = (*WRITES, *OTHERS, "lseek", "writev")
GLANCED_AT = re.compile(r"-shm$")
"""SQLite's shared memory is written through a mapping, and made anew by whoever opens the file first."""

Kind = Literal["write", "truncate", "sync", "create", "rename", "unlink", "mkdir", "rmdir", "said"]


@dataclass(frozen=True)
class Op:
    """One operation. `call` and `ordinal`: the how-manieth call of that name it was in its run, counted from 1.

    A file keeps its number `inode` when it is renamed. Paths are relative to the folder.
    """

    call: str
    ordinal: int
    kind: Kind
    path: str
    inode: int = 0
    offset: int = 0
    data: bytes = b""
    to: str = ""


@dataclass
class Disk:
    """Files as a running program sees them: names, and bytes per inode."""

    names: dict[str, int] = field(default_factory=dict)
    bytes_of: dict[int, bytearray] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, folder: Path) -> Disk:
        disk = cls()
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder))
            if path.is_dir():
                disk.folders.add(name)
            elif not GLANCED_AT.search(name):
                disk.names[name] = len(disk.bytes_of) + 1
                disk.bytes_of[disk.names[name]] = bytearray(path.read_bytes())
        return disk

    def apply(self, op: Op) -> None:
        match op.kind:
            case "write":
                write(self.bytes_of[op.inode], op.offset, op.data)
            case "truncate":
                resize(self.bytes_of[op.inode], op.offset)
            case "create":
                self.names[op.path] = op.inode
                self.bytes_of[op.inode] = bytearray()
            case "rename":
                self.names[op.to] = self.names.pop(op.path)
            case "unlink":
                del self.names[op.path]
            case "mkdir":
                self.folders.add(op.path)
            case "rmdir":
                self.folders.remove(op.path)

    def files(self) -> dict[str, bytes]:
        return {name: bytes(self.bytes_of[inode]) for name, inode in self.names.items()}


def write(content: bytearray, offset: int, data: bytes) -> None:
    if offset > len(content):
        resize(content, offset)
    content[offset : offset + len(data)] = data


def resize(content: bytearray, size: int) -> None:
    del content[size:]
    content.extend(bytes(size - len(content)))


def follow(file: Path) -> list[str]:
    """Arguments for strace: write everything down in `file`."""
    return ["-xx", "-s", str(1 << 27), "-o", str(file), "-e", f"trace={','.join(FOLLOWED)}"]


def kill_at(op: Op) -> list[str]:
    """Kill the process when it is about to make this call."""
    return [
        "-e",
        f"trace={op.call}",
        "-o",
        "/dev/null",
        *_inject(op, "signal=SIGKILL"),
    ]


def fail_from(ops: Sequence[Op], op: Op, error: str) -> list[str]:
    """Let `op`, one of the `ops` of a run, and all writing after it fail."""
    later = ops[ops.index(op) :]
    first = {each.call: each for each in reversed(later) if each.call in ("write", "pwrite64")}
    arguments = ["-e", f"trace={','.join({op.call, *first})}", "-o", "/dev/null"]
    for each in {**first, op.call: op}.values():
        arguments += _inject(each, f"error={error}", "+")
    return arguments


def _inject(op: Op, what: str, more: str = "") -> list[str]:
    return ["-e", f"inject={op.call}:{what}:when={op.ordinal}{more}"]


LINE = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)", re.S)
CUT = re.compile(r"^(\d+) +(.*) <unfinished \.\.\.>$")
WENT_ON = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")


def calls(text: str) -> Iterator[tuple[str, list[str], int]]:
    """Name, arguments and result of each call, in the order in which they returned."""
    begun: dict[str, str] = {}
    for line in text.splitlines():
        if cut := CUT.match(line):
            begun[cut[1]] = line.removesuffix(" <unfinished ...>")
            continue
        whole = line
        if went_on := WENT_ON.match(line):
            whole = begun.pop(went_on[1]) + went_on[2]
        if call := LINE.match(whole):
            yield call[1], call[2].split(", "), int(call[3])


def operations(text: str, home: Path, before: Disk, said: Iterable[str]) -> list[Op]:
    """What a run did to the files below `home`, which stood as `before`; `before` stands afterwards as they do then.

    A `writev` is the run saying its next line of `said`.
    """
    ops: list[Op] = []
    lines = iter(said)
    counts: Counter[str] = Counter()
    open_files: dict[int, tuple[str, int]] = {}
    positions: dict[int, int] = {}
    appending: set[int] = set()
    new = max(before.bytes_of, default=0)

    def name_of(argument: str, folder: str = "AT_FDCWD") -> str | None:
        """The path relative to home; None: elsewhere."""
        path = Path(bytes.fromhex(argument.strip('"').replace("\\x", "")).decode())
        if not path.is_absolute():
            if folder == "AT_FDCWD" or int(folder) not in open_files:
                return None
            path = home / open_files[int(folder)][0] / path
        return str(path.relative_to(home)) if path.is_relative_to(home) else None

    def add(kind: Kind, path: str, **more: object) -> None:
        op = Op(call, counts[call], kind, path, **more)  # type: ignore[arg-type]
        if not GLANCED_AT.search(path):
            before.apply(op)
            ops.append(op)

    for call, arguments, result in calls(text):
        counts[call] += 1
        if result < 0:
            continue
        assert call in {each.lstrip("?") for each in WRITES} | {"lseek", "writev"}, call
        if call == "writev":
            add("said", "", data=next(lines).encode())
        elif call == "openat":
            path = name_of(arguments[1], arguments[0])
            open_files.pop(result, None)
            if path is None:
                continue
            if path not in before.names and "O_CREAT" in arguments[2]:
                new += 1
                add("create", path, inode=new)
            open_files[result] = path, before.names.get(path, 0)
            positions[result] = 0
            appending.discard(result)
            if "O_APPEND" in arguments[2]:
                appending.add(result)
            if "O_TRUNC" in arguments[2]:
                add("truncate", path, inode=before.names[path])
        elif call.startswith("rename"):
            flat = call == "rename"
            source = name_of(arguments[0]) if flat else name_of(arguments[1], arguments[0])
            target = name_of(arguments[1]) if flat else name_of(arguments[3], arguments[2])
            if source is not None and target is not None:
                add("rename", source, inode=before.names[source], to=target)
        elif call in ("unlink", "unlinkat", "mkdir", "mkdirat", "rmdir"):
            path = (
                name_of(arguments[0]) if "at" not in call else name_of(arguments[1], arguments[0])
            )
            if path is None:
                continue
            if call.startswith("mkdir"):
                add("mkdir", path)
            elif call == "rmdir" or "AT_REMOVEDIR" in arguments[-1]:
                add("rmdir", path)
            else:
                add("unlink", path, inode=before.names.get(path, 0))
        elif (descriptor := int(arguments[0])) in open_files:
            path, inode = open_files[descriptor]
            match call:
                case "lseek":
                    positions[descriptor] = result
                case "pwrite64":
                    add(
                        "write",
                        path,
                        inode=inode,
                        offset=int(arguments[3]),
                        data=_data(arguments[1], result),
                    )
                case "write":
                    if descriptor in appending:
                        positions[descriptor] = len(before.bytes_of[inode])
                    add(
                        "write",
                        path,
                        inode=inode,
                        offset=positions[descriptor],
                        data=_data(arguments[1], result),
                    )
                    positions[descriptor] += result
                case "ftruncate":
                    add("truncate", path, inode=inode, offset=int(arguments[1]))
                case "fallocate":
                    raise AssertionError("fallocate has to be understood first")
                case "fsync" | "fdatasync":
                    add("sync", path, inode=inode)
    return ops


def _data(argument: str, length: int) -> bytes:
    return bytes.fromhex(argument.strip('"').replace("\\x", ""))[:length]
