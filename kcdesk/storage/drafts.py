"""What is being typed: kept on disk field by field, as typed, before anybody has saved it.

A draft is no change: it has no number, nobody else sees it, and it goes with the change that its form makes
(`Workspace.save`). It keeps the `seen` of the moment its form was opened, so that saving days later says truthfully
what lay before the author.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from kcdesk.changes import Value
from kcdesk.storage.devices.identity import Identity
from kcdesk.storage.edits import without_unseen
from kcdesk.storage.erasing import erasures
from kcdesk.storage.sqlite import Database
from kcdesk.storage.transactions import transaction


@dataclass(frozen=True, slots=True)
class Form:
    """Which form is being filled in.

    record:        the record it is about; of a new one the id that it will get
    establishment: whose it is, unless the form is about an establishment itself
    seen:          the form's `State.seen` when it was opened; of a new record nothing
    questionnaire: of an answer sheet, with `version`
    """

    kind: str
    record: str
    establishment: str | None = None
    seen: Mapping[str, int] = field(default_factory=dict)
    questionnaire: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as it was left: field -> what stood in it. Times are this device's clock, milliseconds UTC."""

    form: Form
    began_at: int
    at: int
    values: Mapping[str, Value]


class Drafts:
    """Reads and writes drafts over one connection."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def keep(
        self, form: Form, values: Mapping[str, Value], gone: Iterable[str] = (), *, at: int
    ) -> None:
        """Keep these fields of a form, durably, and forget `gone`; a form with no field left has no draft.

        What was erased while the form lay open is not kept.
        """
        key = (form.kind, form.record)
        with transaction(self._db):
            erased = erasures(self._db, [form.record])
            if erased:
                clean = without_unseen(*key, values, form.seen, erased, Identity(self._db).past())
                lost = {name for name in values if values[name] is not clean[name]}
                gone = {*gone, *lost}
                values = {name: value for name, value in values.items() if name not in lost}
            self._db.execute(
                "INSERT INTO drafts VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (kind, record) DO UPDATE SET at = excluded.at",
                [
                    *key,
                    form.establishment,
                    form.questionnaire,
                    form.version,
                    _encode(form.seen),
                    at,
                    at,
                ],
            )
            self._db.conn.executemany(
                "DELETE FROM draft_fields WHERE kind = ? AND record = ? AND field = ?",
                [(*key, field) for field in gone],
            )
            self._db.conn.executemany(
                "INSERT OR REPLACE INTO draft_fields VALUES (?, ?, ?, ?)",
                [(*key, field, _encode(value)) for field, value in values.items()],
            )
            if not self._values(*key):
                self.drop(*key)

    def get(self, kind: str, record: str) -> Draft | None:
        """The draft of one form, or None."""
        return next(iter(self._read("kind = ? AND record = ?", (kind, record))), None)

    def of_establishment(self, kind: str, establishment: str) -> list[Draft]:
        """The drafts of a kind that belong to an establishment, the one typed in last first."""
        return self._read("kind = ? AND establishment = ?", (kind, establishment))

    def every(self) -> list[Draft]:
        """All drafts, the one typed in last first."""
        return self._read("1", ())

    def drop(self, kind: str, record: str) -> None:
        """Forget what was typed. Nothing happens where there is no draft."""
        with transaction(self._db):
            for table in ("draft_fields", "drafts"):
                self._db.execute(
                    f"DELETE FROM {table} WHERE kind = ? AND record = ?",  # noqa: S608
                    (kind, record),
                )

    def _read(self, where: str, arguments: tuple[str, ...]) -> list[Draft]:
        rows = self._db.execute(
            "SELECT kind, record, establishment, seen, questionnaire, questionnaire_version, began_at, at"  # noqa: S608
            f" FROM drafts WHERE {where} ORDER BY at DESC, record",
            arguments,
        ).fetchall()
        return [
            Draft(
                Form(kind, record, establishment, _decode_seen(seen), questionnaire, version),
                began_at,
                at,
                self._values(kind, record),
            )
            for kind, record, establishment, seen, questionnaire, version, began_at, at in rows
        ]

    def _values(self, kind: str, record: str) -> dict[str, Value]:
        return {
            field: _decode_value(value)
            for field, value in self._db.execute(
                "SELECT field, value FROM draft_fields WHERE kind = ? AND record = ? ORDER BY field",
                (kind, record),
            )
        }


_encode = msgspec.json.Encoder().encode
_decode_seen = msgspec.json.Decoder(dict[str, int]).decode
_decode_value = msgspec.json.Decoder(Value).decode
