-- Questionnaires that people have added to this workspace themselves, each version for itself; one that was taken away
-- again stays while sheets are filled in by it. No projection: backups keep it as it is.
CREATE TABLE own_questionnaires (
  id TEXT NOT NULL,
  version TEXT NOT NULL,
  title TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  removed_at INTEGER,
  workbook BLOB NOT NULL,
  PRIMARY KEY (id, version)
) STRICT;
-- The lists that such a workbook names.
CREATE TABLE own_questionnaire_lists (
  id TEXT NOT NULL,
  version TEXT NOT NULL,
  file_name TEXT NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (id, version, file_name)
) STRICT;
