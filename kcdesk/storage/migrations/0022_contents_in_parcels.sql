-- The contents of pictures and scans that lie in parcels written here.
CREATE TABLE parcel_contents (
  parcel TEXT NOT NULL REFERENCES parcels (id),
  sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (parcel, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX parcels_of_content ON parcel_contents (sha256);
