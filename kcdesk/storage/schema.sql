CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);

CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");

CREATE TABLE device (
  only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
  id TEXT NOT NULL,
  person TEXT NOT NULL,
  signing_key BLOB NOT NULL,
  last_n INTEGER NOT NULL,
  last_hash BLOB NOT NULL,
  last_at INTEGER NOT NULL,
  confirmed_n INTEGER NOT NULL,
  confirmed_hash BLOB NOT NULL
, instance TEXT NOT NULL DEFAULT '') STRICT;

CREATE TABLE areas (code TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE province (
  only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
  url TEXT NOT NULL,
  name TEXT NOT NULL,
  epoch TEXT NOT NULL,
  public_key BLOB NOT NULL,
  token TEXT NOT NULL,
  role TEXT NOT NULL,
  joined_at INTEGER NOT NULL,
  synced_at INTEGER
, recipient TEXT NOT NULL DEFAULT '', enrolment_code TEXT NOT NULL DEFAULT '', token_expires_at INTEGER) STRICT;

CREATE TABLE devices (id TEXT PRIMARY KEY, person TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE changes (
  device TEXT NOT NULL,
  n INTEGER NOT NULL,
  kind TEXT NOT NULL,
  record TEXT NOT NULL,
  at INTEGER NOT NULL,
  "set" BLOB NOT NULL,
  seen BLOB NOT NULL,
  PRIMARY KEY (device, n)
) STRICT, WITHOUT ROWID;

CREATE INDEX changes_of_record ON changes (record);

CREATE TABLE refusals (
  device TEXT NOT NULL,
  n INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (device, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE cursors (log TEXT PRIMARY KEY, position INTEGER NOT NULL, digest BLOB NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE exchange (
  only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
  id TEXT NOT NULL,
  last_n INTEGER NOT NULL,
  last_hash BLOB NOT NULL,
  body_bytes INTEGER NOT NULL
) STRICT;

CREATE TABLE exchange_bytes (
  direction TEXT NOT NULL CHECK (direction IN ('body', 'answer')),
  position INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (direction, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE establishments (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  conflicts INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  sort_key TEXT NOT NULL,
  name TEXT,
  legal_form TEXT,
  status TEXT,
  tax_code TEXT,
  phone TEXT,
  rep_name TEXT,
  rep_id_no TEXT,
  hamlet TEXT,
  commune TEXT,
  old_commune TEXT,
  vsic TEXT,
  founded_year INTEGER,
  rest TEXT NOT NULL,
  place TEXT NOT NULL,
  name_folded TEXT GENERATED ALWAYS AS
    (replace(replace(replace(replace(name, 'đ', 'd'), 'Đ', 'd'), 'ð', 'd'), 'Ð', 'd')) VIRTUAL,
  rep_name_folded TEXT GENERATED ALWAYS AS
    (replace(replace(replace(replace(rep_name, 'đ', 'd'), 'Đ', 'd'), 'ð', 'd'), 'Ð', 'd')) VIRTUAL,
  place_folded TEXT GENERATED ALWAYS AS
    (replace(replace(replace(replace(place, 'đ', 'd'), 'Đ', 'd'), 'ð', 'd'), 'Ð', 'd')) VIRTUAL
, merged_into TEXT, survivor TEXT, person_key TEXT NOT NULL DEFAULT '~') STRICT;

CREATE INDEX establishments_tax_code ON establishments (tax_code);

CREATE INDEX establishments_phone ON establishments (phone);

CREATE INDEX establishments_rep_id_no ON establishments (rep_id_no);

CREATE INDEX establishments_commune ON establishments (commune);

CREATE TRIGGER establishments_search_insert AFTER INSERT ON establishments BEGIN
  INSERT INTO establishments_search (rowid, name_folded, rep_name_folded, place_folded)
  VALUES (new.key, new.name_folded, new.rep_name_folded, new.place_folded);
END;

CREATE TRIGGER establishments_search_delete AFTER DELETE ON establishments BEGIN
  INSERT INTO establishments_search (establishments_search, rowid, name_folded, rep_name_folded, place_folded)
  VALUES ('delete', old.key, old.name_folded, old.rep_name_folded, old.place_folded);
END;

CREATE TRIGGER establishments_search_update AFTER UPDATE ON establishments
WHEN old.name IS NOT new.name OR old.rep_name IS NOT new.rep_name OR old.place IS NOT new.place BEGIN
  INSERT INTO establishments_search (establishments_search, rowid, name_folded, rep_name_folded, place_folded)
  VALUES ('delete', old.key, old.name_folded, old.rep_name_folded, old.place_folded);
  INSERT INTO establishments_search (rowid, name_folded, rep_name_folded, place_folded)
  VALUES (new.key, new.name_folded, new.rep_name_folded, new.place_folded);
END;

CREATE TABLE figures (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  conflicts INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  sort_key TEXT NOT NULL,
  establishment TEXT,
  year INTEGER,
  basis TEXT,
  workers INTEGER,
  production_value INTEGER,
  revenue INTEGER,
  avg_wage INTEGER,
  rest TEXT NOT NULL
) STRICT;

CREATE INDEX figures_of_establishment ON figures (establishment, year);

CREATE TABLE surveys (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  conflicts INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  sort_key TEXT NOT NULL,
  establishment TEXT,
  questionnaire TEXT,
  questionnaire_version TEXT,
  sheet_state TEXT,
  survey_no TEXT,
  survey_date TEXT,
  rest TEXT NOT NULL
, round TEXT) STRICT;

CREATE INDEX surveys_of_establishment ON surveys (establishment);

CREATE TABLE needs (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  conflicts INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  sort_key TEXT NOT NULL,
  establishment TEXT,
  activity_code TEXT,
  total INTEGER,
  rest TEXT NOT NULL
) STRICT;

CREATE INDEX needs_of_establishment ON needs (establishment);

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

CREATE INDEX establishments_merged ON establishments (merged_into, id) WHERE merged_into IS NOT NULL;

CREATE INDEX establishments_survivor ON establishments (survivor, id) WHERE survivor IS NOT NULL;

CREATE INDEX establishments_followed ON establishments (id, survivor) WHERE survivor IS NOT NULL;

CREATE INDEX establishments_deleted ON establishments (id) WHERE deleted = 1;

CREATE INDEX establishments_sorted ON establishments (sort_key, key) WHERE deleted = 0 AND survivor IS NULL;

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

CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

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

CREATE TABLE contents (sha256 TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE establishments_search USING fts5(
  name_folded, rep_name_folded, place_folded,
  content='establishments', content_rowid='key',
  tokenize="unicode61 remove_diacritics 2", prefix='1 2 3'
);

CREATE INDEX establishments_by_person ON establishments (person_key, key) WHERE deleted = 0 AND survivor IS NULL;

CREATE INDEX changes_erasing ON changes (json_extract(CAST("set" AS TEXT), '$.of')) WHERE kind = 'erasures';

CREATE TABLE erasing (what TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

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

CREATE TABLE editions (
  number INTEGER PRIMARY KEY,
  published_at INTEGER NOT NULL,
  manifest BLOB NOT NULL,
  signature BLOB NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;

CREATE TABLE edition_contents (sha256 TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

CREATE TABLE edition_arriving (etag TEXT NOT NULL, position INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

CREATE TABLE edition_told (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), number INTEGER NOT NULL, sha256 TEXT NOT NULL) STRICT;

CREATE TABLE places_made (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), sha256 TEXT NOT NULL) STRICT;

CREATE TABLE content_places (
  sha256 TEXT PRIMARY KEY,
  epoch TEXT NOT NULL,
  place TEXT NOT NULL CHECK (place IN ('province', 'refused')),
  reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE arriving_bytes (
  sha256 TEXT NOT NULL,
  position INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (sha256, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE papers (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  how TEXT NOT NULL,
  form TEXT NOT NULL,
  record TEXT NOT NULL,
  establishment TEXT NOT NULL,
  version TEXT NOT NULL,
  file_name TEXT NOT NULL,
  taker TEXT NOT NULL,
  left_out TEXT NOT NULL,
  back_at INTEGER,
  attachment TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX papers_of_establishment ON papers (establishment);

CREATE TABLE unread_pages (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  file_name TEXT NOT NULL,
  page INTEGER NOT NULL,
  picture BLOB NOT NULL
, record TEXT NOT NULL DEFAULT '') STRICT;

CREATE INDEX surveys_of_round ON surveys (round) WHERE round IS NOT NULL;

CREATE TABLE round_sheets (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  conflicts INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  sort_key TEXT NOT NULL,
  establishment TEXT,
  round TEXT,
  round_title TEXT,
  questionnaire TEXT,
  due_on TEXT,
  assigned_to TEXT,
  result TEXT,
  rest TEXT NOT NULL
) STRICT;

CREATE INDEX round_sheets_of_establishment ON round_sheets (establishment);

CREATE INDEX round_sheets_of_round ON round_sheets (round);

CREATE TABLE own_questionnaires (
  id TEXT NOT NULL,
  version TEXT NOT NULL,
  title TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  removed_at INTEGER,
  workbook BLOB NOT NULL,
  PRIMARY KEY (id, version)
) STRICT;

CREATE TABLE own_questionnaire_lists (
  id TEXT NOT NULL,
  version TEXT NOT NULL,
  file_name TEXT NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (id, version, file_name)
) STRICT;

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

CREATE TABLE withdrawn (
  device TEXT NOT NULL,
  n INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (device, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE parcel_contents (
  parcel TEXT NOT NULL REFERENCES parcels (id),
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (parcel, sha256)
) STRICT, WITHOUT ROWID;

CREATE INDEX parcels_of_content ON parcel_contents (sha256);
