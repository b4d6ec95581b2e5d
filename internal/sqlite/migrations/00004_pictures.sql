-- Pictures of people. users.avatar is from now on a path on the host's site, or that of a picture that is kept here.
-- +goose Up
ALTER TABLE users ADD COLUMN avatar_from TEXT NOT NULL DEFAULT ''; -- own, gravatar; '': there is none, or it is the host's
ALTER TABLE users ADD COLUMN avatar_asked INTEGER; -- when Gravatar was asked; NULL: never for this address
-- An expression of a query must read exactly as here to be answered by the index.
CREATE INDEX users_avatar ON users (avatar) WHERE avatar <> '';

-- +goose Down
DROP INDEX users_avatar;
UPDATE users SET avatar = '' WHERE avatar_from <> '';
ALTER TABLE users DROP COLUMN avatar_asked;
ALTER TABLE users DROP COLUMN avatar_from;
