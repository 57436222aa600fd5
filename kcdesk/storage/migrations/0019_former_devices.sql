-- The person's other devices, as the province last told: what of their numbers arrived. Ranges are JSON: [[first, last], ...].
CREATE TABLE former_devices (
  device TEXT PRIMARY KEY,
  enrolled_at INTEGER NOT NULL,
  last_contact_at INTEGER NOT NULL,
  n INTEGER NOT NULL,
  told_n INTEGER NOT NULL,
  revoked_at INTEGER,
  waits TEXT NOT NULL,
  left_out TEXT NOT NULL
) STRICT, WITHOUT ROWID;
