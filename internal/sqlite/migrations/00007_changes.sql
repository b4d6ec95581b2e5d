-- Messages that change: edits, tombstones, reactions, pins, quotes, and replies in threads, which have no n. SQLite cannot
-- take a NOT NULL away, so the table is made anew. foreign_keys is off while migrations run.
-- +goose Up
CREATE TABLE messages_new (
    id           INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of commits
    uid          BLOB NOT NULL,
    room         BLOB NOT NULL REFERENCES rooms (id),
    seq          INTEGER NOT NULL,
    n            INTEGER, -- NULL: a reply
    author       BLOB NOT NULL REFERENCES users (id),
    client_id    BLOB NOT NULL,
    request_hash BLOB NOT NULL,
    created      INTEGER NOT NULL,
    body         TEXT NOT NULL,
    html         TEXT NOT NULL DEFAULT '', -- '' where the body is plain or deleted
    renderer     INTEGER NOT NULL DEFAULT 0, -- the version of the rules that made html; 0: none has
    edited       INTEGER, -- when body last changed; NULL: never
    deleted      INTEGER, -- when; nothing of what was said is left then, in this table or another
    thread       BLOB, -- uid of the root; NULL: it is no reply
    quote        BLOB, -- uid of a message of the room
    mentions     BLOB, -- ids of users, one behind the other; NULL: none
    mentions_all TEXT NOT NULL DEFAULT '', -- room, here; '': neither
    pinned       INTEGER, -- seq of the change that pinned it; NULL: it is not
    UNIQUE (room, seq),
    UNIQUE (room, n),
    UNIQUE (client_id, author, room)
) STRICT;
INSERT INTO messages_new (id, uid, room, seq, n, author, client_id, request_hash, created, body, html, renderer, deleted, mentions_all)
    SELECT id, uid, room, seq, n, author, client_id, request_hash, created, body, html, renderer, deleted, '' FROM messages ORDER BY id;
DROP TABLE messages;
ALTER TABLE messages_new RENAME TO messages;
CREATE UNIQUE INDEX messages_uid ON messages (room, uid);
-- Expressions of queries must read exactly as here to be answered by these indexes.
CREATE UNIQUE INDEX messages_top ON messages (room, seq) WHERE n IS NOT NULL;
CREATE INDEX messages_thread ON messages (room, thread, seq) WHERE thread IS NOT NULL;
CREATE INDEX messages_pinned ON messages (room, pinned) WHERE pinned IS NOT NULL;
CREATE INDEX changes_message ON changes (room, message) WHERE message IS NOT NULL;

CREATE TABLE reactions (
    message INTEGER NOT NULL REFERENCES messages (id),
    emoji   TEXT NOT NULL,
    user    BLOB NOT NULL REFERENCES users (id),
    seq     INTEGER NOT NULL, -- of the change that gave it
    PRIMARY KEY (message, emoji, user)
) STRICT, WITHOUT ROWID;

-- What messages said before they were edited.
CREATE TABLE message_edits (
    message INTEGER NOT NULL REFERENCES messages (id),
    seq     INTEGER NOT NULL, -- of the edit that replaced it
    at      INTEGER NOT NULL, -- when it was written
    body    TEXT NOT NULL,
    PRIMARY KEY (message, seq)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE message_edits;
DROP TABLE reactions;
DROP INDEX changes_message;
CREATE TABLE messages_old (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    uid          BLOB NOT NULL,
    room         BLOB NOT NULL REFERENCES rooms (id),
    seq          INTEGER NOT NULL,
    n            INTEGER NOT NULL,
    author       BLOB NOT NULL REFERENCES users (id),
    client_id    BLOB NOT NULL,
    request_hash BLOB NOT NULL,
    created      INTEGER NOT NULL,
    body         TEXT NOT NULL,
    deleted      INTEGER,
    html         TEXT NOT NULL DEFAULT '',
    renderer     INTEGER NOT NULL DEFAULT 0,
    UNIQUE (room, seq),
    UNIQUE (room, n),
    UNIQUE (client_id, author, room)
) STRICT;
INSERT INTO messages_old (id, uid, room, seq, n, author, client_id, request_hash, created, body, deleted, html, renderer)
    SELECT id, uid, room, seq, n, author, client_id, request_hash, created, body, deleted, html, renderer FROM messages WHERE n IS NOT NULL ORDER BY id;
DROP TABLE messages;
ALTER TABLE messages_old RENAME TO messages;
CREATE UNIQUE INDEX messages_uid ON messages (room, uid);
