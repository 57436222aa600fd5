"""The backups of one workspace in one folder: writing one, checking, listing, thinning.

Everything is written to a new file, synced and renamed, pieces before the list that names them: what is cut off in
between costs a file that nobody names, which the next thinning deletes.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from zipfile import BadZipFile

import msgspec

from kcdesk.domain.clock import local_time
from kcdesk.errors import Cancelled, NotFound, WorkspaceError
from kcdesk.storage.backups.manifest import DUE, FORMAT, KEPT, PIECES, SUFFIX, Manifest, Piece
from kcdesk.storage.backups.pieces import Rows, cut, encoded, packed, unpacked
from kcdesk.storage.backups.sealing import Damaged, Seal
from kcdesk.storage.backups.thinning import stay
from kcdesk.storage.folder.durable import write_durably
from kcdesk.storage.schema import applied_steps
from kcdesk.storage.sqlite import Database
from kcdesk.storage.transactions import require_sound, told_plainly

BACKUPS_FOLDER = "backups"

Progress = Callable[[int, int], None]
"""Called with how much is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Written:
    """What writing a backup did: `new_bytes` is what it cost; 0 where nothing had changed since the last one."""

    manifest: Manifest
    new_pieces: int
    new_bytes: int


class Repository:
    """Reads the backups in `home`: a folder, or the inside of a single file."""

    def __init__(self, home: Traversable, seal: Seal) -> None:
        self.home = home
        self.seal = seal

    def names(self) -> list[str]:
        """The files of the kept backups, oldest first."""
        folder = self.home / BACKUPS_FOLDER / KEPT
        if not folder.is_dir():
            return []
        return sorted(file.name for file in folder.iterdir() if file.name.endswith(SUFFIX))

    def manifest(self, name: str) -> Manifest:
        """The list of one backup. Raises `Damaged`, or `WorkspaceError` where the file cannot be read."""
        with _reading(name):
            sealed = (self.home / BACKUPS_FOLDER / KEPT / name).read_bytes()
        try:
            return _decode(self.seal.open(KEPT, sealed))
        except msgspec.DecodeError as error:
            raise Damaged(
                f"Phiên bản kcdesk này không đọc được bản sao lưu {name}.",
                hint="Cài phiên bản kcdesk mới nhất, hoặc dùng bản sao lưu khác.",
            ) from error

    def kept(self) -> list[Manifest]:
        """The backups whose lists can be read, oldest first. Damaged ones are left out."""
        found = []
        for name in self.names():
            try:
                found.append(self.manifest(name))
            except Damaged:
                continue
        return found

    def newest(self) -> Manifest | None:
        for name in reversed(self.names()):
            try:
                return self.manifest(name)
            except Damaged:
                continue
        return None

    def at(self, moment: int | None) -> Manifest:
        """The newest backup, or the newest made at `moment` (milliseconds UTC) or before. Raises `NotFound`."""
        found = [each for each in self.kept() if moment is None or each.at <= moment]
        if not found:
            raise NotFound(
                "Không có bản sao lưu nào đọc được"
                + ("." if moment is None else f" trước {local_time(moment):%H:%M %d/%m/%Y}."),
                hint="Chọn nơi sao lưu khác, ví dụ ổ USB; xem các bản đang có: kcdesk backup --list.",
            )
        return found[-1]

    def rows(self, piece: Piece) -> Rows:
        """The rows of a piece. Raises `Damaged` where it is not what was written, `WorkspaceError` unreadable."""
        with _reading(piece.name):
            sealed = (self.home / BACKUPS_FOLDER / piece.path).read_bytes()
        if hashlib.sha256(sealed).hexdigest() != piece.name:
            raise _damaged()
        rows = unpacked(self.seal.open(PIECES, sealed))
        if (rows.table, rows.count) != (piece.table, piece.rows):
            raise _damaged()
        return rows

    def verify(
        self,
        manifest: Manifest,
        *,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
    ) -> None:
        """Read every piece of a backup and decode it. Raises `Damaged`, `WorkspaceError`, `Cancelled`."""
        for piece in with_progress(manifest.pieces, progress, cancel):
            self.rows(piece)


class WritableRepository(Repository):
    """A repository in a folder, which can also be written to."""

    def __init__(self, home: Path, seal: Seal) -> None:
        super().__init__(home, seal)
        self.folder = home / BACKUPS_FOLDER

    def write(
        self,
        db: Database,
        workspace: str,
        *,
        at: int,
        reason: str,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
    ) -> Written:
        """Back up the open file as it is now, and check what was written.

        `progress` counts changes. Where nothing is new nothing is written, and the newest backup is returned.
        Raises `WorkspaceError` (a full disk; `damaged` when the file itself lacks changes), `Cancelled`.
        """
        with _snapshot(db), _writing(self.folder):
            newest = self.newest()
            device, n, chain_hash = db.execute(
                "SELECT id, last_n, last_hash FROM device"
            ).fetchone()
            total = int(db.execute("SELECT count(*) FROM changes").fetchone()[0])
            _require_whole(db, device, n)
            known = {piece.print: piece for piece in newest.pieces} if newest else {}
            pieces: list[Piece] = []
            new: list[Piece] = []
            done = 0
            for rows in cut(db):
                stop_if(cancel)
                piece = self.keep(rows, known)
                pieces.append(piece)
                if piece != known.get(piece.print):
                    new.append(piece)
                if rows.table == "changes" and progress is not None:
                    done += rows.count
                    progress(done, total)
            steps = applied_steps(db)
            if newest is not None and (newest.pieces, newest.steps) == (pieces, steps):
                return Written(newest, 0, 0)
            manifest = Manifest(
                FORMAT,
                self._next_sequence(),
                workspace,
                device,
                at,
                reason,
                steps,
                n,
                chain_hash,
                total,
                bytes.fromhex(db.execute("PRAGMA cipher_salt").fetchone()[0]),
                pieces,
            )
            size = self.publish(manifest)
        return Written(manifest, len(new), size + sum(piece.size for piece in new))

    def add(
        self,
        source: Repository,
        manifest: Manifest,
        *,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
    ) -> Written:
        """Copy one backup from another repository under the same key, and check the copy. Raises as `write`."""
        with _writing(self.folder):
            newest = self.newest()
            if newest is not None and (newest.pieces, newest.steps) == (
                manifest.pieces,
                manifest.steps,
            ):
                return Written(newest, 0, 0)
            new = []
            for piece in with_progress(manifest.pieces, progress, cancel):
                if self._has(piece):
                    continue
                source.rows(piece)
                self._put(piece, (source.home / BACKUPS_FOLDER / piece.path).read_bytes())
                self.rows(piece)
                new.append(piece)
            copy = msgspec.structs.replace(manifest, sequence=self._next_sequence())
            size = self.publish(copy)
        return Written(copy, len(new), size + sum(piece.size for piece in new))

    def thin(self, now: int) -> None:
        """Delete what `thinning.stay` lets go, lists first, then the pieces and left-overs that no list names.

        A list that is damaged stays: it is small, and somebody may want to look at it.
        """
        with _writing(self.folder):
            kept = self.kept()
            times = {each.at: each for each in kept}
            occasions = {each.at for each in kept if each.reason != DUE}
            staying = [times[at] for at in stay(times, now, occasions)]
            if kept and kept[-1] not in staying:
                staying.append(kept[-1])
            readable = {each.name for each in kept}
            for name in readable - {each.name for each in staying}:
                (self.folder / KEPT / name).unlink()
            self.sweep()

    def sweep(self) -> None:
        """Delete the pieces that no list names, and what was cut off while it was written."""
        with _writing(self.folder):
            named = {piece.name for each in self.kept() for piece in each.pieces}
            for file in self.folder.glob(f"{PIECES}/*/*"):
                if file.name not in named:
                    file.unlink()
            for file in self.folder.glob(f"{KEPT}/*.new"):
                file.unlink()

    def keep(self, rows: Rows, known: Mapping[bytes, Piece]) -> Piece:
        """The piece of these rows: the one that is there already, or a new one, written and read back."""
        content = encoded(rows)
        print_ = self.seal.print_of(content)
        before = known.get(print_)
        if before is not None and self._has(before):
            return before
        sealed = self.seal.close(PIECES, packed(content))
        piece = Piece(
            hashlib.sha256(sealed).hexdigest(), len(sealed), print_, rows.table, rows.count
        )
        self._put(piece, sealed)
        if encoded(self.rows(piece)) != content:
            raise _damaged()
        return piece

    def writing(self) -> AbstractContextManager[None]:
        """Trouble with the folder is told plainly inside."""
        return _writing(self.folder)

    def _put(self, piece: Piece, sealed: bytes) -> None:
        path = self.folder / piece.path
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, sealed)

    def _has(self, piece: Piece) -> bool:
        """Whether the file of a piece is there as it was written: a damaged one must not stay in every backup."""
        path = self.folder / piece.path
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == piece.name

    def _next_sequence(self) -> int:
        return 1 + max((int(name.partition("-")[0]) for name in self.names()), default=0)

    def publish(self, manifest: Manifest) -> int:
        """Write the list, the last thing of a backup, and read it back; its bytes."""
        sealed = self.seal.close(KEPT, _encode(manifest))
        (self.folder / KEPT).mkdir(parents=True, exist_ok=True)
        write_durably(self.folder / KEPT / manifest.name, sealed)
        if self.manifest(manifest.name) != manifest:
            raise _damaged()
        return len(sealed)


def with_progress(
    pieces: Sequence[Piece], progress: Progress | None, cancel: threading.Event | None
) -> Iterator[Piece]:
    """The pieces one by one, `progress` called with the rows done after each. Raises `Cancelled`."""
    total, done = sum(piece.rows for piece in pieces), 0
    for piece in pieces:
        stop_if(cancel)
        yield piece
        done += piece.rows
        if progress is not None:
            progress(done, total)


def stop_if(cancel: threading.Event | None) -> None:
    if cancel is not None and cancel.is_set():
        raise Cancelled("Đã dừng theo yêu cầu.", hint="Dữ liệu vẫn như trước khi bắt đầu.")


@contextmanager
def _snapshot(db: Database) -> Iterator[None]:
    """One moment of the file for all reads inside, while others go on writing."""
    with told_plainly():
        db.execute("BEGIN")
        try:
            yield
            require_sound(db)
        finally:
            db.rollback()


def _require_whole(db: Database, device: str, n: int) -> None:
    """A file that lacks changes of its own must never push out the backups that have them."""
    (held,) = db.execute("SELECT count(*) FROM changes WHERE device = ?", (device,)).fetchone()
    if held != n:
        raise WorkspaceError(
            f"Tệp dữ liệu thiếu {n - held} thay đổi đã ghi trên máy này, nên không sao lưu.",
            hint="Khôi phục bằng lệnh: kcdesk recover.",
            code="damaged",
        )


@contextmanager
def _reading(name: str) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, KeyError, BadZipFile) as error:
        raise _damaged() from error
    except OSError as error:
        raise WorkspaceError(
            f"Không đọc được tệp {name} của bản sao lưu.",
            hint="Kiểm tra ổ đĩa còn cắm và quyền đọc, rồi làm lại.",
            code="backup_unreadable",
        ) from error


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise cannot_write(folder) from error


def cannot_write(folder: Path) -> WorkspaceError:
    return WorkspaceError(
        f"Không ghi được bản sao lưu vào “{folder}”.",
        hint="Kiểm tra ổ đĩa còn cắm, còn chỗ trống và quyền ghi, rồi làm lại.",
        code="backup_not_written",
    )


def _damaged() -> Damaged:
    return Damaged(
        "Bản sao lưu bị hỏng: một tệp bị thiếu hoặc đã đổi.",
        hint="Dùng bản sao lưu khác: kcdesk backup --list.",
    )


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Manifest).decode
