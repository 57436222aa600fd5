-- The first letter of a next word is searched for too: without a list of its own, FTS5 joins those of all words that
-- begin so, ten times slower.
DROP TABLE establishments_search;
CREATE VIRTUAL TABLE establishments_search USING fts5(
  name_folded, rep_name_folded, place_folded,
  content='establishments', content_rowid='key',
  tokenize="unicode61 remove_diacritics 2", prefix='1 2 3'
);
INSERT INTO establishments_search (establishments_search) VALUES ('rebuild');

-- Establishments in the order of the persons behind them, by given name; '~' comes after all names.
ALTER TABLE establishments ADD COLUMN person_key TEXT NOT NULL DEFAULT '~';
UPDATE establishments SET person_key = person_sort_key(rep_name) WHERE rep_name <> '';
CREATE INDEX establishments_by_person ON establishments (person_key, key) WHERE deleted = 0 AND survivor IS NULL;
