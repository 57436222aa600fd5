-- Erasures are found by the record they are about: each change that comes is held against them.
CREATE INDEX changes_erasing ON changes (json_extract(CAST("set" AS TEXT), '$.of')) WHERE kind = 'erasures';

-- What an erasure has left to do outside of its transaction: `file`, `backups`, `set-aside`, and the SHA-256 of each
-- content that may have to go. See kcdesk/storage/erasing.py.
CREATE TABLE erasing (what TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
