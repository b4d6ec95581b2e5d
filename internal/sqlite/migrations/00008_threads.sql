-- Threads: who follows which, how far they have read; and what people have saved for later.
-- +goose Up
CREATE TABLE thread_follows (
    room      BLOB NOT NULL REFERENCES rooms (id),
    root      BLOB NOT NULL, -- uid of a message of the room
    user      BLOB NOT NULL REFERENCES users (id),
    following INTEGER, -- NULL: they have not decided and did nothing that decides
    read_seq  INTEGER NOT NULL,
    PRIMARY KEY (user, room, root)
) STRICT, WITHOUT ROWID;

-- The replies that stand, with all that counting them needs. A query must say so exactly as here to be answered by it.
CREATE INDEX messages_standing ON messages (room, thread, seq, author) WHERE thread IS NOT NULL AND deleted IS NULL;

CREATE TABLE saved (
    id      INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which they were saved
    user    BLOB NOT NULL REFERENCES users (id),
    room    BLOB NOT NULL REFERENCES rooms (id),
    message BLOB NOT NULL, -- uid; the row goes when the message is deleted
    at      INTEGER NOT NULL,
    UNIQUE (user, room, message)
) STRICT;
CREATE INDEX saved_message ON saved (room, message);

-- +goose Down
DROP TABLE saved;
DROP INDEX messages_standing;
DROP TABLE thread_follows;
