-- What is being typed in forms that nobody has saved yet: one row per form, and one per field of it. No change, no
-- number. `seen` is that of the form when it was opened; values are JSON, as typed. `questionnaire` is of sheets only.
CREATE TABLE drafts (
  kind TEXT NOT NULL,
  record TEXT NOT NULL,
  establishment TEXT,
  questionnaire TEXT,
  questionnaire_version TEXT,
  seen BLOB NOT NULL,
  began_at INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (kind, record)
) STRICT, WITHOUT ROWID;
CREATE TABLE draft_fields (
  kind TEXT NOT NULL,
  record TEXT NOT NULL,
  field TEXT NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (kind, record, field)
) STRICT, WITHOUT ROWID;

-- Duplicates that were merged. `merged_into` is what the record says; `survivor` is the establishment under which it
-- is read, worked out across records. NULL: it stands for itself.
ALTER TABLE establishments ADD COLUMN merged_into TEXT;
ALTER TABLE establishments ADD COLUMN survivor TEXT;
CREATE INDEX establishments_merged ON establishments (merged_into, id) WHERE merged_into IS NOT NULL;
CREATE INDEX establishments_survivor ON establishments (survivor, id) WHERE survivor IS NOT NULL;
CREATE INDEX establishments_followed ON establishments (id, survivor) WHERE survivor IS NOT NULL;
CREATE INDEX establishments_deleted ON establishments (id) WHERE deleted = 1;
DROP INDEX establishments_sorted;
CREATE INDEX establishments_sorted ON establishments (sort_key, key) WHERE deleted = 0 AND survivor IS NULL;
