-- Papers that left the program: what, of which record, in which state, for whom, what was left out of it, and whether it
-- came back. No projection: backups keep it as it is.
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
-- Pages of scans on which no code was read: they wait, as pictures, until somebody says what they are.
CREATE TABLE unread_pages (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  file_name TEXT NOT NULL,
  page INTEGER NOT NULL,
  picture BLOB NOT NULL
) STRICT;
