-- A waiting page whose code was read says of which record it is, though that is not here: an erasure of it finds the page.
ALTER TABLE unread_pages ADD COLUMN record TEXT NOT NULL DEFAULT '';
