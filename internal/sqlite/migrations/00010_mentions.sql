-- Who is mentioned where, and what members want to hear of their rooms. Whom a message mentions for all to see stands
-- with the message.
-- +goose Up
CREATE TABLE mentions (
    user    BLOB NOT NULL, -- x'': everybody who was a member then
    room    BLOB NOT NULL REFERENCES rooms (id),
    n       INTEGER NOT NULL, -- of the message; 0: a reply in a thread
    seq     INTEGER NOT NULL, -- of the message
    origin  INTEGER NOT NULL, -- seq of the entry that one must be allowed to see for it: the message, or its thread's root
    message BLOB NOT NULL, -- its uid
    thread  BLOB, -- uid of the root; NULL: it is no reply
    author  BLOB NOT NULL,
    created INTEGER NOT NULL, -- when the message was
    named   INTEGER NOT NULL, -- 0: by a mention of all
    PRIMARY KEY (user, room, n, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_newest ON mentions (user, message);
CREATE INDEX mentions_message ON mentions (room, seq);

ALTER TABLE memberships ADD COLUMN notify TEXT NOT NULL DEFAULT ''; -- all, mentions, nothing; '': as is usual in such a room
ALTER TABLE memberships ADD COLUMN muted INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE memberships DROP COLUMN muted;
ALTER TABLE memberships DROP COLUMN notify;
DROP TABLE mentions;
