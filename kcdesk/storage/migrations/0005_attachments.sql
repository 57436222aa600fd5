CREATE TABLE attachments (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  conflicts INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  sort_key TEXT NOT NULL,
  establishment TEXT,
  title TEXT,
  purpose TEXT,
  media_type TEXT,
  sha256 TEXT,
  rest TEXT NOT NULL
) STRICT;
CREATE INDEX attachments_of_establishment ON attachments (establishment);

-- The contents of attachments that this computer holds in files, by the SHA-256 of what is in them. A record that
-- came from elsewhere may name one that is not here.
CREATE TABLE contents (sha256 TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
