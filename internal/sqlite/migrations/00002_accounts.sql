-- +goose Up
ALTER TABLE sessions ADD COLUMN secret_hash BLOB; -- SHA-256 of the cookie's secret; NULL: it has tokens alone
CREATE UNIQUE INDEX sessions_secret ON sessions (secret_hash);

-- An expression of a query must read exactly as here to be answered by the index.
CREATE INDEX users_email ON users (lower(email)) WHERE kind = 'member' AND email <> '';
CREATE INDEX users_owner ON users (id) WHERE kind = 'member' AND role = 'owner' AND disabled = 0;
CREATE INDEX users_member ON users (id) WHERE kind = 'member';

CREATE TABLE invites (
    id         BLOB PRIMARY KEY NOT NULL,
    code_hash  BLOB NOT NULL UNIQUE,
    created_by BLOB NOT NULL REFERENCES users (id),
    created    INTEGER NOT NULL,
    expires    INTEGER, -- NULL: never
    max_uses   INTEGER NOT NULL, -- 0: no limit
    uses       INTEGER NOT NULL,
    revoked    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX invites_living ON invites (created) WHERE revoked = 0;

CREATE TABLE audit (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    at           INTEGER NOT NULL,
    actor        BLOB REFERENCES users (id), -- NULL: the command line
    actor_name   TEXT NOT NULL, -- names are as they were then
    action       TEXT NOT NULL,
    subject      BLOB, -- id of a user, room or invitation; NULL: the workspace
    subject_name TEXT NOT NULL,
    data         TEXT NOT NULL -- JSON
) STRICT;

CREATE TABLE workspace (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    name TEXT NOT NULL,
    hue  INTEGER NOT NULL
) STRICT;
INSERT INTO workspace (only, name, hue) VALUES (1, 'Parley', 212);

-- +goose Down
DROP TABLE workspace;
DROP TABLE audit;
DROP TABLE invites;
DROP INDEX users_member;
DROP INDEX users_owner;
DROP INDEX users_email;
DROP INDEX sessions_secret;
ALTER TABLE sessions DROP COLUMN secret_hash;
