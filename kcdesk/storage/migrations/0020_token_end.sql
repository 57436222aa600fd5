-- When the token ends by which the province recognises this device; NULL: not known.
ALTER TABLE province ADD COLUMN token_expires_at INTEGER;
