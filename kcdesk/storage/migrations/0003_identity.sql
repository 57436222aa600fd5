-- The token that this computer's mark must accept; another one at each opening. See kcdesk/storage/marks.py.
ALTER TABLE device ADD COLUMN instance TEXT NOT NULL DEFAULT '';

-- The devices this workspace has been before, oldest first: (generation, fork). Their changes up to last_n are its own
-- past. `fork` counts the branches that a device's changes were moved to where the province held others under the same
-- numbers. settled: the province knows what became of it; until then nothing of a later one is sent.
CREATE TABLE predecessors (
  generation INTEGER NOT NULL,
  fork INTEGER NOT NULL,
  id TEXT NOT NULL UNIQUE,
  signing_key BLOB NOT NULL,
  token TEXT NOT NULL,
  last_n INTEGER NOT NULL,
  last_hash BLOB NOT NULL,
  confirmed_n INTEGER NOT NULL,
  confirmed_hash BLOB NOT NULL,
  reason TEXT NOT NULL,
  left_at INTEGER NOT NULL,
  settled INTEGER NOT NULL,
  PRIMARY KEY (generation, fork)
) STRICT, WITHOUT ROWID;
