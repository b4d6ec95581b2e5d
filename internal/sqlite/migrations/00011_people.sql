-- What people say of themselves and want of each other, what they report, and what everybody is told.
-- +goose Up
ALTER TABLE users ADD COLUMN status_emoji TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN status_text TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN status_until INTEGER; -- NULL: it does not end by itself
ALTER TABLE users ADD COLUMN preferences TEXT NOT NULL DEFAULT '{}'; -- JSON; see chat.Preferences
ALTER TABLE users ADD COLUMN last_seen INTEGER; -- when their last connection ended; NULL: never, or they do not share it

CREATE TABLE blocks (
    user    BLOB NOT NULL REFERENCES users (id), -- who wants nothing of
    blocked BLOB NOT NULL REFERENCES users (id),
    created INTEGER NOT NULL,
    PRIMARY KEY (user, blocked)
) STRICT, WITHOUT ROWID;

CREATE TABLE reports (
    id          BLOB PRIMARY KEY NOT NULL,
    room        BLOB NOT NULL REFERENCES rooms (id),
    message     BLOB NOT NULL, -- uid of the message
    reporter    BLOB NOT NULL REFERENCES users (id),
    reason      TEXT NOT NULL,
    created     INTEGER NOT NULL,
    resolved    INTEGER, -- when; NULL: it is open
    resolved_by BLOB REFERENCES users (id),
    note        TEXT NOT NULL,
    UNIQUE (message, reporter)
) STRICT, WITHOUT ROWID;
CREATE INDEX reports_created ON reports (created, id);
CREATE INDEX reports_open ON reports (created, id) WHERE resolved IS NULL;
CREATE INDEX reports_reporter ON reports (reporter) WHERE resolved IS NULL;

CREATE TABLE announcements (
    id      BLOB PRIMARY KEY NOT NULL,
    author  BLOB NOT NULL REFERENCES users (id),
    content TEXT NOT NULL,
    created INTEGER NOT NULL,
    until   INTEGER, -- NULL: until it is ended
    ended   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX announcements_standing ON announcements (created) WHERE ended = 0;

-- +goose Down
DROP TABLE announcements;
DROP TABLE reports;
DROP TABLE blocks;
ALTER TABLE users DROP COLUMN last_seen;
ALTER TABLE users DROP COLUMN preferences;
ALTER TABLE users DROP COLUMN status_until;
ALTER TABLE users DROP COLUMN status_text;
ALTER TABLE users DROP COLUMN status_emoji;
