-- Lists that cost what they show, not what there is: mentions are read room by room, and who follows a thread has its end beside
-- them.
-- +goose Up
CREATE INDEX mentions_in_room ON mentions (user, room, message);
DROP INDEX mentions_newest;
CREATE INDEX mentions_in_thread ON mentions (user, room, thread, seq) WHERE thread IS NOT NULL;

-- Of the newest reply that stands; NULL: there is none.
ALTER TABLE thread_follows ADD COLUMN last_seq INTEGER;
ALTER TABLE thread_follows ADD COLUMN place INTEGER; -- its messages.id
UPDATE thread_follows SET (last_seq, place) = (SELECT m.seq, m.id FROM messages m
    WHERE m.thread IS NOT NULL AND m.deleted IS NULL AND m.room = thread_follows.room AND m.thread = thread_follows.root ORDER BY m.seq DESC LIMIT 1);
CREATE INDEX thread_follows_root ON thread_follows (room, root);
-- Expressions of queries must read exactly as here to be answered by these indexes.
CREATE INDEX thread_follows_newest ON thread_follows (user, place) WHERE following = 1 AND place IS NOT NULL;
CREATE INDEX thread_follows_unread ON thread_follows (user, place) WHERE following = 1 AND last_seq > read_seq;

CREATE INDEX saved_newest ON saved (user);

-- +goose Down
DROP INDEX saved_newest;
DROP INDEX thread_follows_unread;
DROP INDEX thread_follows_newest;
DROP INDEX thread_follows_root;
ALTER TABLE thread_follows DROP COLUMN place;
ALTER TABLE thread_follows DROP COLUMN last_seq;
CREATE INDEX mentions_newest ON mentions (user, message);
DROP INDEX mentions_in_thread;
DROP INDEX mentions_in_room;
