-- The age recipient that parcels for the province are encrypted for; empty for a workspace that joined before there were
-- parcels. enrolment_code: from an enrolment file, until the province has answered.
ALTER TABLE province ADD COLUMN recipient TEXT NOT NULL DEFAULT '';
ALTER TABLE province ADD COLUMN enrolment_code TEXT NOT NULL DEFAULT '';

-- Parcels written here. file: where to, for the person; answered_at: when an answer to it was read, problem: what it said.
CREATE TABLE parcels (
  id TEXT PRIMARY KEY,
  file TEXT NOT NULL,
  written_at INTEGER NOT NULL,
  answered_at INTEGER,
  problem TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE parcel_changes (
  parcel TEXT NOT NULL REFERENCES parcels (id),
  device TEXT NOT NULL,
  first_n INTEGER NOT NULL,
  last_n INTEGER NOT NULL,
  PRIMARY KEY (parcel, device)
) STRICT, WITHOUT ROWID;

-- Other people's parcels, as encrypted as they came. state: `waits`, `answered`, `refused`.
CREATE TABLE carried (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  length INTEGER NOT NULL,
  taken_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waits', 'answered', 'refused')),
  reason TEXT NOT NULL DEFAULT '',
  answered_at INTEGER,
  written_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE carried_bytes (
  parcel TEXT NOT NULL REFERENCES carried (id),
  direction TEXT NOT NULL CHECK (direction IN ('up', 'down')),
  position INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (parcel, direction, position)
) STRICT, WITHOUT ROWID;
