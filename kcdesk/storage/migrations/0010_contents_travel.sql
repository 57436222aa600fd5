-- Where contents are besides this computer, as the province of that epoch has said: it holds one (`province`), or will
-- not have it (`refused`, and why). Of a province that came back from a backup nothing is known.
CREATE TABLE content_places (
  sha256 TEXT PRIMARY KEY,
  epoch TEXT NOT NULL,
  place TEXT NOT NULL CHECK (place IN ('province', 'refused')),
  reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What has arrived of contents that are being fetched, in pieces, without gaps.
CREATE TABLE arriving_bytes (
  sha256 TEXT NOT NULL,
  position INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (sha256, position)
) STRICT, WITHOUT ROWID;
