"""The workspace: every change of one person's device, saved durably with what follows from it.

Owns opening and making the file, saving, receiving and folding changes. Reading lists is `lists`, the
tables are written by `projection`, what concerns the province is in `sync_books`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Self

from kcdesk.changes import Change, State, extend, fold
from kcdesk.changes.erasing import without_erased
from kcdesk.domain.administrative_units import AdministrativeUnits
from kcdesk.domain.clock import Clock, Randomness
from kcdesk.domain.identifiers import DeviceId
from kcdesk.errors import NotFound, WorkspaceBusy
from kcdesk.storage import change_table, erasing
from kcdesk.storage.attachments import Attachments
from kcdesk.storage.backups.repository import WritableRepository, Written
from kcdesk.storage.backups.sealing import Seal
from kcdesk.storage.bulk import in_groups
from kcdesk.storage.change_table import RecordKey
from kcdesk.storage.content_places import ContentPlaces
from kcdesk.storage.devices.branches import branch_off
from kcdesk.storage.devices.identity import (
    Identity,
    Reason,
    WentOn,
    go_on_as_new_device,
)
from kcdesk.storage.devices.marks import Mark, Marks, MarksFail
from kcdesk.storage.drafts import Drafts
from kcdesk.storage.editions import Editions, NewEdition, Units
from kcdesk.storage.edits import Edit, require_form, seen_by, without_unseen
from kcdesk.storage.erasing import Erasing
from kcdesk.storage.folder.instance_lock import PATIENCE_S
from kcdesk.storage.former_devices import FormerDevices
from kcdesk.storage.keys import Keys, KeySource
from kcdesk.storage.opening import Opened, make_folder, open_folder
from kcdesk.storage.own_questionnaires import OwnQuestionnaires
from kcdesk.storage.papers import Papers
from kcdesk.storage.parcel_books import ParcelBooks
from kcdesk.storage.projection import Projection
from kcdesk.storage.reading.candidates import Candidates
from kcdesk.storage.reading.journal import Journal
from kcdesk.storage.reading.lists import Lists
from kcdesk.storage.reading.refused import Refused
from kcdesk.storage.reading.rounds import Rounds
from kcdesk.storage.safety.catching_up import catch_up
from kcdesk.storage.safety.check import Checker
from kcdesk.storage.sqlite import change_key
from kcdesk.storage.sync_books import Cursor, SyncBooks
from kcdesk.storage.transactions import require_sound, told_plainly, transaction

_END = 1 << 53
"""No device has such a number."""
GROUP = 1_000
"""Changes that are read, folded and written together: memory is bounded, and few statements do."""


@dataclass(frozen=True, slots=True)
class Chain:
    """How far this device's changes go, and how far the province has confirmed them: (n, hash) twice."""

    last_n: int
    last_hash: bytes
    confirmed_n: int
    confirmed_hash: bytes


class Workspace(SyncBooks):
    """An open workspace. Belongs to the thread that opened it.

    folder, id: where it lies, and the id that its key is kept under
    key:        its 32 bytes; those of attachments and backups are derived from it (`keys.derived_key`)
    identity:   which device it is, and which it was before
    went_on:    that opening it, or the province, made it a new device; None: it is the one it was
    findings:   what opening it found that stops nothing
    damage_told: set by work whose result says what is damaged
    """

    def __init__(self, opened: Opened, units: AdministrativeUnits, clock: Clock) -> None:
        """`units`: the shipped ones, read by where no edition has others."""
        db = opened.db
        super().__init__(db)
        self.folder = opened.folder
        self.id = opened.id
        self.key = opened.key
        self._held = opened.held
        self._clock = clock
        self._units = Units(db, units)
        self._projection = Projection(db, self._units.table)
        catch_up(db, self._projection)
        self.follow_edition()
        self.lists = Lists(db)
        self.candidates = Candidates(db)
        self.drafts = Drafts(db)
        self.papers = Papers(db)
        self.own_questionnaires = OwnQuestionnaires(db)
        self.journal = Journal(db)
        self.rounds = Rounds(db)
        self.refused = Refused(db)
        self.parcels = ParcelBooks(db)
        self.checker = Checker(db, self._projection)
        self.identity = Identity(db)
        self.person: str = self.identity.person
        self.went_on = opened.went_on
        self.findings = opened.findings
        self.damage_told = False
        self._marks = opened.marks
        self._mark = opened.marks.keeper(opened.id)

    @classmethod
    def create(
        cls,
        folder: Path,
        keys: Keys,
        marks: Marks,
        *,
        person: str,
        areas: Sequence[str],
        units: AdministrativeUnits,
        clock: Clock,
        randomness: Randomness,
        wait_s: float = PATIENCE_S,
    ) -> Self:
        """Make a workspace in `folder` (made when absent) for `person` and the areas with these codes.

        Raises `NotFound` for an unknown area, `WorkspaceError` when the folder holds one already or cannot be
        written, `NoKey` when the key cannot be kept, `WorkspaceBusy` when another process has worked in the folder
        for `wait_s` seconds. Nothing is left behind then.
        """
        for area in areas:
            units.communes_of(area)
        made = make_folder(
            folder,
            keys,
            marks,
            person=person,
            areas=areas,
            clock=clock,
            randomness=randomness,
            wait_s=wait_s,
        )
        return cls(made, units, clock)

    @classmethod
    def open(
        cls,
        folder: Path,
        keys: KeySource,
        marks: Marks,
        *,
        units: AdministrativeUnits,
        clock: Clock,
        randomness: Randomness,
        missing_accepted: bool = False,
        wait_s: float = PATIENCE_S,
    ) -> Self:
        """Open the workspace in `folder`. Raises `NotFound`, `NoKey`, `WrongKey`, `WorkspaceError`.

        `WorkspaceBusy` when another process has it open for longer than `wait_s` seconds; `ChangesMissing` when this
        computer has seen more changes of it than there are, unless the person accepts that.
        """
        opened = open_folder(
            folder,
            keys,
            marks,
            clock=clock,
            randomness=randomness,
            missing_accepted=missing_accepted,
            wait_s=wait_s,
        )
        with ExitStack() as undo, told_plainly(folder):
            undo.callback(opened.close)
            workspace = cls(opened, units, clock)
            if opened.held.alone and erasing.left_to_do(opened.db):
                workspace.findings += workspace.erasing.finish_and_tell()
            undo.pop_all()
        return workspace

    @property
    def units(self) -> AdministrativeUnits:
        """The administrative units as the edition in use has them."""
        return self._units.table

    @property
    def editions(self) -> Editions:
        """What the province has published."""
        return Editions(self._db)

    @property
    def former_devices(self) -> FormerDevices:
        """The person's other devices, as the province last told."""
        return FormerDevices(self._db)

    def follow_edition(self) -> None:
        """Read by the newest edition from now on: one may have come on another thread, or before a cut."""
        if self._units.follow():
            self._projection.follow(self._units.table)
        if not self._units.placed:
            with transaction(self._db):
                self._units.place_again(self._projection)

    def take_in_editions(self, editions: Iterable[NewEdition]) -> None:
        """Keep editions that were proved, and read by the newest from now on, all or nothing."""
        with transaction(self._db):
            for edition in editions:
                self.editions.keep(*edition, at=self._clock())
            self.follow_edition()

    @property
    def backups(self) -> WritableRepository:
        """The backups kept beside the file."""
        return WritableRepository(self.folder, Seal(self.key))

    def back_up(
        self,
        reason: str,
        *,
        progress: Callable[[int, int], None] | None = None,
        cancel: Event | None = None,
    ) -> Written:
        """Keep a backup of this moment beside the file, and let go of older ones as they thin out.

        `progress` counts changes. Raises `WorkspaceError`, `Cancelled`.
        """
        backups, at = self.backups, self._clock()
        written = backups.write(
            self._db, self.id, at=at, reason=reason, progress=progress, cancel=cancel
        )
        backups.thin(at)
        return written

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Trouble with the world is told plainly, also damage that went unnoticed by what was read inside.

        Raises `WorkspaceError`; not for damage that the work itself has told (`damage_told`).
        """
        self.damage_told = False
        with told_plainly():
            try:
                yield
            finally:
                if not self.damage_told:
                    require_sound(self._db)

    def close(self) -> None:
        self._mark.close()
        self._db.close()
        self._held.release()

    def change_key(self, new: bytes) -> None:
        """Encrypt the database under `new` from now on; where the key is kept is `rekey`'s."""
        with told_plainly():
            change_key(self._db, new)
        self.key = new

    def setting(self, name: str) -> str | None:
        """What the person has set under this name; None: nothing."""
        row = self._db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_setting(self, name: str, value: str) -> None:
        """Keep a setting, durably."""
        with transaction(self._db):
            self._db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    def require_alone(self) -> None:
        """Raises `WorkspaceBusy` while another part of the program has the workspace open."""
        if not self._held.alone:
            raise WorkspaceBusy(
                "Dữ liệu này đang được dùng nên chưa làm được việc này.",
                hint="Đợi việc đang chạy xong rồi thử lại.",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # What the device is

    @property
    def areas(self) -> tuple[str, ...]:
        """The area codes this workspace looks after, as given when it was made or by the province."""
        return tuple(code for (code,) in self._db.execute("SELECT code FROM areas ORDER BY code"))

    @property
    def device_id(self) -> DeviceId:
        """The device this workspace is now; syncing, also on another thread, may make it a new one."""
        return self.identity.device

    def go_on_as_new_device(self, reason: Reason, randomness: Randomness) -> WentOn:
        """Become a new device, as `storage.identity` says; this computer's older files of it are older from now on."""
        with transaction(self._db):
            before, last_n, last_at = self._db.execute(
                "SELECT id, last_n, last_at FROM device"
            ).fetchone()
            self.went_on = go_on_as_new_device(
                self._db,
                reason=reason,
                marks=self._marks,
                workspace=self.id,
                randomness=randomness,
                at=max(self._clock(), last_at),
            )
        with suppress(MarksFail):
            left = Mark((), last_n, last_at)
            self._marks.write(self.id, before, left.followed_by(self.went_on.device))
        return self.went_on

    def fork(self, device: str, n: int, chain_hash: bytes) -> None:
        """Move a former device's changes after `n`, where its chain is `chain_hash`, to a device of their own."""
        with transaction(self._db):
            former = self.identity.speaker(device)
            self._fold_again(branch_off(self._db, former, n, chain_hash))

    def chain(self) -> Chain:
        row = self._db.execute(
            "SELECT last_n, last_hash, confirmed_n, confirmed_hash FROM device"
        ).fetchone()
        return Chain(*row)

    @property
    def attachments(self) -> Attachments:
        """The contents of pictures and scans, in files of their own."""
        return Attachments(self._db, self.folder, self.key)

    @property
    def content_places(self) -> ContentPlaces:
        """Which contents the province holds, and which are on their way."""
        return ContentPlaces(self._db)

    @property
    def erasing(self) -> Erasing:
        """What has been erased, and what that has left to do."""
        return Erasing(self._db, self.folder, self.attachments, self.key)

    # Changes

    def save(self, edits: Iterable[Edit], *, closes: RecordKey | None = None) -> list[Change]:
        """Make one action of `edits`: number them, write them with their projection, all or nothing, durably.

        closes: the form (kind and record) whose draft goes with it.

        All changes of the action carry the same `at`, later than any before. Returns them; an edit that sets
        nothing makes no change. Raises `BadInput` for a field that cannot be one, or more than a change holds.
        """
        with transaction(self._db):
            n, chain_hash, last_at = self._db.execute(
                "SELECT last_n, last_hash, last_at FROM device"
            ).fetchone()
            past = self.identity.past()
            at = max(self._clock(), last_at + 1)
            made: list[Change] = []
            for group in in_groups((edit for edit in edits if edit.set), GROUP):
                records = {edit.record for edit in group}
                known = change_table.of_records(self._db, records)
                erased = erasing.erasures(self._db, records)
                new: list[Change] = []
                for edit in group:
                    before = known.setdefault((edit.kind, edit.record), [])
                    n += 1
                    seen = seen_by(edit, before, past)
                    said = edit.set
                    if edit.seen is not None and erased:
                        key = (edit.kind, edit.record)
                        said = without_unseen(*key, said, edit.seen, erased, past)
                    change = Change(past.device, n, edit.kind, edit.record, at, said, seen)
                    require_form(change)
                    change = without_erased(change, erased)
                    before.append(change)
                    new.append(change)
                change_table.insert(self._db, new)
                edited = dict.fromkeys((change.kind, change.record) for change in new)
                self._projection.project(fold(known[key]) for key in edited)
                chain_hash = extend(chain_hash, new)
                made += new
            if made:
                self._db.execute(
                    "UPDATE device SET last_n = ?, last_hash = ?, last_at = ?", (n, chain_hash, at)
                )
            self._fold_again(erasing.erase(self._db, made))
            if closes is not None:
                self.drafts.drop(*closes)
        if made and not self._db.conn.in_transaction:  # a mark must never be ahead of the file
            self._mark.bring_forward(past.device, n, at)
        return made

    def receive(self, changes: Iterable[Change], cursors: Mapping[str, Cursor]) -> None:
        """Take in what the province sent, with how far its logs are read now, in one transaction."""
        with transaction(self._db):
            refused = change_table.refused(self._db)
            own = self.device_id
            others = (change for change in changes if change.device != own)
            for group in in_groups(others, GROUP):
                known = change_table.of_records(self._db, {change.record for change in group})
                clean = erasing.ready(self._db, group)
                change_table.insert(self._db, clean)
                for change in clean:
                    if change.id not in refused:
                        known[change.kind, change.record].append(change)
                touched = dict.fromkeys((change.kind, change.record) for change in group)
                self._projection.project(fold(known[key]) for key in touched if known[key])
                self._fold_again(erasing.erase(self._db, clean))
            self._db.conn.executemany(
                "INSERT INTO cursors VALUES (?, ?, ?)"
                " ON CONFLICT (log) DO UPDATE SET position = excluded.position, digest = excluded.digest",
                [(log, cursor.position, cursor.digest) for log, cursor in cursors.items()],
            )

    def confirm(
        self,
        n: int,
        chain_hash: bytes,
        refusals: Iterable[tuple[int, str]],
        device: str | None = None,
    ) -> None:
        """Note that the province holds this device's changes up to `n`, and which of them it refused, and why.

        `device`: a former one that is meant instead.
        """
        with transaction(self._db):
            device = device or self.device_id
            refused = list(refusals)
            forgotten = self._forget_refusals(device, n) if device != self.device_id else []
            self._db.conn.executemany(
                "INSERT OR REPLACE INTO refusals VALUES (?, ?, ?)",
                [(device, number, reason) for number, reason in refused],
            )
            self.identity.confirm(device, n, chain_hash)
            self._fold_again(
                [
                    *forgotten,
                    *(
                        (kind, record)
                        for number, _ in refused
                        for kind, record in self._db.execute(
                            "SELECT kind, record FROM changes WHERE device = ? AND n = ?",
                            (device, number),
                        ).fetchall()
                    ),
                ]
            )

    def send_again(self, n: int, chain_hash: bytes, device: str) -> None:
        """Note that the province, come back from a backup, holds a device's changes up to `n` only, and that hash.

        What comes after is sent again under its numbers, and judged again; the chain goes on from that hash.
        """
        with transaction(self._db):
            last_hash = extend(chain_hash, self.own_changes(n, _END, device))
            for table in ("device", "predecessors"):
                self._db.execute(
                    f"UPDATE {table} SET confirmed_n = ?, confirmed_hash = ?, last_hash = ? WHERE id = ?",  # noqa: S608
                    (n, chain_hash, last_hash, device),
                )
            self.parcels.forget_answered(device, n)
            self.end_exchange()
            self._fold_again(self._forget_refusals(device, n))

    def _forget_refusals(self, device: str, after: int) -> list[RecordKey]:
        """Forget what was refused of a device's changes after that number; the records they are of."""
        found = self._db.execute(
            "SELECT kind, record FROM refusals JOIN changes USING (device, n) WHERE device = ? AND n > ?",
            (device, after),
        ).fetchall()
        self._db.execute("DELETE FROM refusals WHERE device = ? AND n > ?", (device, after))
        return found

    def own_changes(self, after: int, up_to: int, device: str | None = None) -> Iterator[Change]:
        """This device's changes, or a former one's, after number `after` up to `up_to`, in order."""
        return change_table.read(
            self._db,
            "device = ? AND n > ? AND n <= ? ORDER BY n",
            (device or self.device_id, after, up_to),
        )

    def count_changes(self) -> int:
        """How many changes are held, of all devices."""
        return int(self._db.execute("SELECT count(*) FROM changes").fetchone()[0])

    def changes(self) -> Iterator[Change]:
        """Every change held, refused ones too, record by record."""
        return change_table.read(self._db, "1 ORDER BY record, device, n", ())

    def history(self, kind: str, record: str) -> list[Change]:
        """The changes of a record in the order of (at, device, n). Raises `NotFound`."""
        found = sorted(self._changes_of(kind, record), key=lambda c: (c.at, c.device, c.n))
        if not found:
            raise NotFound(f"Không có hồ sơ {record}.", hint="Kiểm tra lại mã hồ sơ.")
        return found

    def state(self, kind: str, record: str, seen: Mapping[str, int] | None = None) -> State:
        """A record folded from its changes: what a form opens. Raises `NotFound`.

        seen: as it was when a form was opened that had seen this (`State.seen`), with what this workspace said since.
        """
        own = self.identity.past().nameless
        changes = self.history(kind, record)
        if seen is not None:
            changes = [c for c in changes if c.device in own or c.n <= seen.get(c.device, 0)]
        return replace(fold(changes), own=own)

    def _changes_of(self, kind: str, record: str) -> list[Change]:
        return change_table.of_records(self._db, [record]).get((kind, record), [])

    def _fold_again(self, records: Iterable[RecordKey]) -> None:
        for group in in_groups(dict.fromkeys(records), GROUP):
            known = change_table.of_records(self._db, {record for _, record in group})
            self._projection.project(fold(known[key]) for key in group if key in known)
            for kind, record in group:
                if (kind, record) not in known:
                    self._projection.forget(kind, record)
