-- Messages are found by their id, for links to them.
-- +goose Up
CREATE UNIQUE INDEX messages_uid ON messages (room, uid);

-- +goose Down
DROP INDEX messages_uid;
