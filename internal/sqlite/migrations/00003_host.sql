-- People whom the server that Parley is part of has let in; see chat.External.
-- +goose Up
ALTER TABLE users ADD COLUMN external_id TEXT; -- how that server knows them; NULL: they have an account of Parley's own
ALTER TABLE users ADD COLUMN external_name TEXT NOT NULL DEFAULT ''; -- what it calls them, from which name was made
ALTER TABLE users ADD COLUMN avatar TEXT NOT NULL DEFAULT ''; -- path of a picture on that server
CREATE UNIQUE INDEX users_external ON users (external_id);

-- +goose Down
DROP INDEX users_external;
ALTER TABLE users DROP COLUMN avatar;
ALTER TABLE users DROP COLUMN external_name;
ALTER TABLE users DROP COLUMN external_id;
