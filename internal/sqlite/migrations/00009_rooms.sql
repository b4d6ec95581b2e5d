-- Private and direct rooms, roles, settings, old names; see chat.Room and chat.Membership.
-- +goose Up
ALTER TABLE rooms ADD COLUMN read_only INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN history TEXT NOT NULL DEFAULT 'all'; -- all, joined: what new members of a private room see
ALTER TABLE rooms ADD COLUMN slow_mode INTEGER NOT NULL DEFAULT 0; -- seconds between two messages of one person
ALTER TABLE rooms ADD COLUMN maker BLOB REFERENCES users (id); -- of a direct room: who opened it first
-- The rooms that everybody is shown, those that count towards the limit, and the direct ones of one maker.
CREATE INDEX rooms_listed ON rooms (name) WHERE kind = 'public' AND archived = 0;
CREATE INDEX rooms_counted ON rooms (kind) WHERE kind <> 'direct';
CREATE INDEX rooms_made ON rooms (maker) WHERE maker IS NOT NULL;

-- Names that rooms once had go on leading to them.
CREATE TABLE room_aliases (
    name TEXT PRIMARY KEY NOT NULL,
    room BLOB NOT NULL REFERENCES rooms (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_aliases_room ON room_aliases (room);

-- removed says that somebody is no member any more; banned, that they cannot come back by themselves.
ALTER TABLE memberships ADD COLUMN banned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE memberships ADD COLUMN sees_after_n INTEGER NOT NULL DEFAULT 0; -- messages up to this n are hidden
ALTER TABLE memberships ADD COLUMN hides_n INTEGER NOT NULL DEFAULT -1; -- not in this person's list while the room's n is at most this
ALTER TABLE memberships ADD COLUMN last_post INTEGER; -- for slow mode
UPDATE memberships SET banned = removed;

-- +goose Down
ALTER TABLE memberships DROP COLUMN last_post;
ALTER TABLE memberships DROP COLUMN hides_n;
ALTER TABLE memberships DROP COLUMN sees_after_n;
ALTER TABLE memberships DROP COLUMN banned;
DROP TABLE room_aliases;
DROP INDEX rooms_made;
DROP INDEX rooms_counted;
DROP INDEX rooms_listed;
ALTER TABLE rooms DROP COLUMN maker;
ALTER TABLE rooms DROP COLUMN slow_mode;
ALTER TABLE rooms DROP COLUMN history;
ALTER TABLE rooms DROP COLUMN read_only;
