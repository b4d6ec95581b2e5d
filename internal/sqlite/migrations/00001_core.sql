-- Ids are UUIDs as 16 bytes, times are milliseconds since 1970, texts are UTF-8.
-- +goose Up
CREATE TABLE users (
    id            BLOB PRIMARY KEY NOT NULL,
    kind          TEXT NOT NULL, -- member, guest, bot
    name          TEXT NOT NULL,
    name_skeleton TEXT NOT NULL, -- the form in which names are compared; '' for guests, whose names are held while they are connected
    display       TEXT NOT NULL,
    email         TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role          TEXT NOT NULL,
    created       INTEGER NOT NULL,
    disabled      INTEGER NOT NULL,
    rev           INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX users_name ON users (name_skeleton) WHERE kind <> 'guest';

CREATE TABLE sessions (
    id         BLOB PRIMARY KEY NOT NULL,
    user       BLOB NOT NULL REFERENCES users (id),
    created    INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    user_agent TEXT NOT NULL,
    revoked    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user);

CREATE TABLE rooms (
    id       BLOB PRIMARY KEY NOT NULL,
    name     TEXT NOT NULL UNIQUE,
    kind     TEXT NOT NULL, -- public, private, direct
    topic    TEXT NOT NULL,
    seq      INTEGER NOT NULL, -- of the last entry
    n        INTEGER NOT NULL, -- of the last message
    min_seq  INTEGER NOT NULL,
    epoch    TEXT NOT NULL,
    archived INTEGER NOT NULL,
    created  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE memberships (
    room          BLOB NOT NULL REFERENCES rooms (id),
    user          BLOB NOT NULL REFERENCES users (id),
    role          TEXT NOT NULL,
    sees_from_seq INTEGER NOT NULL,
    read_n        INTEGER NOT NULL,
    read_version  INTEGER NOT NULL,
    joined        INTEGER NOT NULL,
    removed       INTEGER NOT NULL,
    PRIMARY KEY (room, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_user ON memberships (user);

CREATE TABLE messages (
    id           INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of commits
    uid          BLOB NOT NULL,
    room         BLOB NOT NULL REFERENCES rooms (id),
    seq          INTEGER NOT NULL,
    n            INTEGER NOT NULL,
    author       BLOB NOT NULL REFERENCES users (id),
    client_id    BLOB NOT NULL,
    request_hash BLOB NOT NULL,
    created      INTEGER NOT NULL,
    body         TEXT NOT NULL,
    deleted      INTEGER, -- when; the body is '' then
    UNIQUE (room, seq),
    UNIQUE (room, n),
    UNIQUE (client_id, author, room)
) STRICT;

CREATE TABLE changes (
    room    BLOB NOT NULL REFERENCES rooms (id),
    seq     INTEGER NOT NULL,
    uid     BLOB NOT NULL UNIQUE,
    kind    TEXT NOT NULL,
    message BLOB, -- uid of the message it is about
    actor   BLOB NOT NULL REFERENCES users (id),
    subject BLOB REFERENCES users (id),
    data    TEXT NOT NULL, -- JSON
    created INTEGER NOT NULL,
    PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE changes;
DROP TABLE messages;
DROP TABLE memberships;
DROP TABLE rooms;
DROP TABLE sessions;
DROP TABLE users;
