-- What the province has published, as far as it has come: several editions, since records keep the one they were made
-- with. manifest is JSON as it was signed. A content is named by its SHA-256, and many editions may share it.
CREATE TABLE editions (
  number INTEGER PRIMARY KEY,
  published_at INTEGER NOT NULL,
  manifest BLOB NOT NULL,
  signature BLOB NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;
CREATE TABLE edition_contents (sha256 TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

-- The bundle under way: what has arrived of it, without a gap; etag names it.
CREATE TABLE edition_arriving (etag TEXT NOT NULL, position INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

-- The newest edition the province has told of: one row, or none.
CREATE TABLE edition_told (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), number INTEGER NOT NULL, sha256 TEXT NOT NULL) STRICT;

-- The table of units (SHA-256) that the places of establishments were written with; '': the shipped one.
CREATE TABLE places_made (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), sha256 TEXT NOT NULL) STRICT;
INSERT INTO places_made VALUES (1, '');
