-- Refused changes that the person does not want any more: nobody is told of them again.
CREATE TABLE withdrawn (
  device TEXT NOT NULL,
  n INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (device, n)
) STRICT, WITHOUT ROWID;
