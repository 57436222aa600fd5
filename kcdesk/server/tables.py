"""The tables of the provincial database, as SQLAlchemy Core sees them.

Owns names and types; `migrations/` makes them and a test compares the two. One province is one database. JSON is text:
PostgreSQL's `jsonb` costs 20 to 50 % on the way in and nothing here asks inside it. Instants are milliseconds UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

metadata = MetaData()

province = Table(
    "province",
    metadata,
    Column("only_one", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("epoch", Text, nullable=False),  # changes when the database goes back to a backup
    Column("signing_key", LargeBinary, nullable=False),  # Ed25519, private
)

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
)

areas = Table(
    "areas",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
)

area_codes = Table(
    "area_codes",
    metadata,
    Column("area", Integer, ForeignKey("areas.id"), primary_key=True),
    Column("era", Text, primary_key=True),  # `new`: since 1 July 2025; `old`: until then
    Column("code", Text, primary_key=True),
    Column("valid_from", Date),
    Column("valid_to", Date),
)
Index("area_codes_by_code", area_codes.c.era, area_codes.c.code)

assignments = Table(
    "assignments",
    metadata,
    Column("user", Integer, ForeignKey("users.id"), primary_key=True),
    Column("area", Integer, ForeignKey("areas.id"), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),
)

enrolment_codes = Table(
    "enrolment_codes",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("user", Integer, ForeignKey("users.id"), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_by", Text),  # the device; it alone may repeat, for an answer that was lost
)

devices = Table(
    "devices",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user", Integer, ForeignKey("users.id"), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("h", LargeBinary, nullable=False),
    Column("enrolled_at", BigInteger, nullable=False),
    Column("last_contact_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("closed_at", BigInteger),  # another device comes after it; see `continuations`
    Column(
        "recipient", Text
    ),  # age recipient of parcels for it; none: enrolled before there were parcels
    Column("key_destroyed_at", BigInteger),  # when a revoked device said so, signed
)
Index("devices_of_user", devices.c.user)

device_reports = Table(
    "device_reports",
    metadata,
    Column("device", Text, ForeignKey("devices.id"), primary_key=True),
    Column("told_n", BigInteger, nullable=False),  # how far its numbers go, by its own word
    Column("told_at", BigInteger, nullable=False),
    Column("program", Text, nullable=False),
    Column("edition", BigInteger),
    Column("oldest_at", BigInteger),  # when the oldest undelivered change was made, by its clock
)

continuations = Table(
    "continuations",
    metadata,
    Column("device", Text, ForeignKey("devices.id"), primary_key=True),
    Column("successor", Text, ForeignKey("devices.id"), primary_key=True),
    Column("at", BigInteger, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("device", Text, ForeignKey("devices.id"), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("replaces", LargeBinary),  # the one before, until this one was used
    Column("replaced_at", BigInteger),  # when the one after it was used
)
Index("tokens_of_device", tokens.c.device)

changes = Table(
    "changes",
    metadata,
    Column("device", Text, primary_key=True),
    Column("n", BigInteger, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("record", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("set", Text, nullable=False),
    Column("seen", Text, nullable=False),
)
Index("changes_of_record", changes.c.record)

refusals = Table(
    "refusals",
    metadata,
    Column("device", Text, primary_key=True),
    Column("n", BigInteger, primary_key=True),
    Column("reason_code", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

records = Table(
    "records",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("parent", Text),  # the record whose areas it shares
    Column("made_by", Integer, ForeignKey("users.id"), nullable=False),
)
Index("records_of_parent", records.c.parent)

record_areas = Table(
    "record_areas",
    metadata,
    Column("record", Text, ForeignKey("records.id"), primary_key=True),
    Column("area", Integer, ForeignKey("areas.id"), primary_key=True),
    Column("current", Boolean, nullable=False),  # false: the record was there
)

logs = Table(
    "logs",
    metadata,
    Column("id", Text, primary_key=True),  # `open:3`, `office:3`, `published`, `centre`
    Column("position", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)

area_activity = Table(
    "area_activity",
    metadata,
    Column("area", Integer, ForeignKey("areas.id"), primary_key=True),
    Column("last_at", BigInteger, nullable=False),  # when anything of it last arrived
)

log_entries = Table(
    "log_entries",
    metadata,
    Column("log", Text, ForeignKey("logs.id"), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("device", Text, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # of all entries up to this one
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("id", Text, primary_key=True),
    Column("device", Text, ForeignKey("devices.id"), nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("arrived", BigInteger, nullable=False),
    Column("answer_bytes", BigInteger),  # set once, when the whole answer is kept
)
Index("exchanges_of_device", exchanges.c.device)

exchange_bytes = Table(
    "exchange_bytes",
    metadata,
    Column("exchange", Text, ForeignKey("exchanges.id"), primary_key=True),
    Column("direction", Text, primary_key=True),  # `body`, `answer`
    Column("position", BigInteger, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)

erasures = Table(
    "erasures",
    metadata,
    Column("device", Text, primary_key=True),  # device and n name the change that says it
    Column("n", BigInteger, primary_key=True),
    Column("record", Text, nullable=False),  # of which something is erased
)
Index("erasures_of_record", erasures.c.record)

erasing = Table(
    "erasing",
    metadata,
    Column("what", Text, primary_key=True),  # a change: rows are clean, what lies below them is not
)

editions = Table(
    "editions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("published_at", BigInteger, nullable=False),
    Column("manifest", LargeBinary, nullable=False),  # as it was signed
    Column("signature", LargeBinary, nullable=False),
)

edition_files = Table(
    "edition_files",
    metadata,
    Column("edition", Integer, ForeignKey("editions.number"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("sha256", Text, ForeignKey("file_contents.sha256"), nullable=False),
)

file_contents = Table(
    "file_contents",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)

waiting_parcels = Table(
    "waiting_parcels",
    metadata,
    Column("id", Text, primary_key=True),
    Column("device", Text, ForeignKey("devices.id"), nullable=False),
    Column("kept_at", BigInteger, nullable=False),
    Column("first_n", BigInteger),  # numbers of the device in it
    Column("last_n", BigInteger),
)
Index("waiting_parcels_of_device", waiting_parcels.c.device)

waiting_parcel_bytes = Table(
    "waiting_parcel_bytes",
    metadata,
    Column("parcel", Text, ForeignKey("waiting_parcels.id"), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),  # encrypted, as they came
)

held_apart = Table(
    "held_apart",
    metadata,
    Column("id", Text, primary_key=True),  # of the exchange or parcel
    Column("device", Text, ForeignKey("devices.id"), nullable=False),  # a revoked one
    Column("source", Text, nullable=False),  # `exchange`, `parcel`
    Column("arrived_at", BigInteger, nullable=False),
    Column("written_at", BigInteger),  # of a parcel, by the device's clock
    Column("whole", Boolean, nullable=False),  # false: an exchange that was cut
    Column("first_n", BigInteger),  # numbers of the device in it; none: nobody has looked yet
    Column("last_n", BigInteger),
)
Index("held_apart_of_device", held_apart.c.device)

held_apart_bytes = Table(
    "held_apart_bytes",
    metadata,
    Column("held", Text, ForeignKey("held_apart.id"), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)

content_names = Table(
    "content_names",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("record", Text, primary_key=True),  # an attachment that names the content
)
Index("content_names_of_record", content_names.c.record)

contents = Table(
    "contents",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("length", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("upload", Text, nullable=False),  # whose bytes it is; the upload itself may be forgotten
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", Text, primary_key=True),
    Column("device", Text, ForeignKey("devices.id"), nullable=False),
    Column("sha256", Text, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("arrived", BigInteger, nullable=False),
    Column("begun_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
Index("uploads_of_device", uploads.c.device, uploads.c.sha256, unique=True)
Index("uploads_expiring", uploads.c.expires_at)

content_bytes = Table(
    "content_bytes",
    metadata,
    Column("upload", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("about", Text, nullable=False),  # JSON
)
Index("audit_by_time", audit.c.at)
