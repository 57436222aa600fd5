ALTER TABLE surveys ADD COLUMN round TEXT;
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
