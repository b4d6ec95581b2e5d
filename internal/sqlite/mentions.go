package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"math"

	"github.com/parley-chat/parley/internal/chat"
)

// everyone is the user of the one row of a mention of all members; it is no id.
var everyone = []byte{}

func mentionKey(id chat.UserID) []byte {
	if id == chat.Everyone {
		return everyone
	}
	return blob(id)
}

// What of the mentions x of user ?1 or of all they are told of: not their own, not by whom they have blocked, and not from
// before they came.
const (
	byOthers = `x.author <> ?1 AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.user = ?1 AND b.blocked = x.author)`
	// unreadMentions beyond the number ?3 in room ?2, for who sees from ?4 on and came at ?5.
	unreadMentions = `SELECT count(DISTINCT x.n) FROM mentions x WHERE x.user IN (?1, x'') AND x.room = ?2 AND x.n > ?3
		AND ` + byOthers + ` AND x.origin >= ?4 AND (x.user <> x'' OR x.created >= ?5)`
	// roomMentions does so in the room r for the membership m, which may be NULL. Rooms without anything unread are not asked for.
	roomMentions = `iif(r.n <= coalesce(m.read_n, 0), 0, (SELECT count(DISTINCT x.n) FROM mentions x WHERE x.user IN (?1, x'') AND x.room = r.id AND x.n > coalesce(m.read_n, 0)
		AND ` + byOthers + ` AND x.origin >= coalesce(m.sees_from_seq, 0) AND (x.user <> x'' OR m.removed = 0 AND x.created >= m.joined)))`
	// newestMentions below message ?2, at most ?3. Each room has its own mentions by time, those of the user and those of all: what is
	// merged here takes one step in an index for each of these ranges and for each mention, however many others there are.
	newestMentions = `WITH RECURSIVE
		named (room) AS (SELECT min(x.room) FROM mentions x WHERE x.user = ?1
			UNION ALL SELECT (SELECT min(x.room) FROM mentions x WHERE x.user = ?1 AND x.room > d.room) FROM named d WHERE d.room IS NOT NULL),
		ranges (key, room, origin, created, least) AS MATERIALIZED (
			SELECT ?1, d.room, coalesce(mb.sees_from_seq, 0), 0, iif(coalesce(mb.sees_from_seq, 0) > 0, ` + leastID + `, x'')
				FROM named d CROSS JOIN rooms r ON r.id = d.room LEFT JOIN memberships mb ON mb.room = d.room AND mb.user = ?1 WHERE ` + visible + `
			UNION ALL SELECT x'', mb.room, mb.sees_from_seq, mb.joined, ` + leastID + ` FROM memberships mb WHERE mb.user = ?1 AND mb.removed = 0),
		newest (key, room, origin, created, least, message) AS (
			SELECT w.*, (` + nextMention + ` AND x.message < ?2 ORDER BY x.message DESC LIMIT 1) FROM ranges w
			UNION ALL
			SELECT w.key, w.room, w.origin, w.created, w.least, (` + nextMention + ` AND x.message < w.message ORDER BY x.message DESC LIMIT 1)
				FROM newest w WHERE w.message IS NOT NULL
			ORDER BY 6 DESC LIMIT 2 * ?3)
		SELECT ` + messageColumns + `, r.name FROM (SELECT DISTINCT room, message FROM newest WHERE message IS NOT NULL ORDER BY message DESC LIMIT ?3) f
		CROSS JOIN messages m ON m.room = f.room AND m.uid = f.message JOIN users u ON u.id = m.author JOIN rooms r ON r.id = f.room
		ORDER BY f.message DESC`
	nextMention = `SELECT x.message FROM mentions x WHERE x.user = w.key AND x.room = w.room AND x.message >= w.least AND x.origin >= w.origin
		AND x.created >= w.created AND ` + byOthers
	// leastID is below the ids of whatever was written after mb joined: they begin with the time. A minute is for clocks.
	leastID        = `unhex(printf('%012x', max(mb.joined - 60000, 0)))`
	deleteMentions = `DELETE FROM mentions WHERE room = ? AND seq = ?`
	userIDs        = `SELECT u.name_skeleton, u.id FROM json_each(?) j CROSS JOIN users u ON u.name_skeleton = j.value AND u.kind <> 'guest'`
)

// mayMentionAll asks the rule about a mention of all, with how many members the room has.
func (b *batch) mayMentionAll(r *roomRow, u *userRow, m *memberRow, all string) error {
	if all == "" {
		return nil
	}
	var members int
	// More than enough to tell is not counted.
	if err := b.w.queryRow(`SELECT count(*) FROM (SELECT 1 FROM memberships WHERE room = ? AND removed = 0 LIMIT ?)`,
		r.key, chat.MaxMentionAll+1).Scan(&members); err != nil {
		return err
	}
	return chat.MayMentionAll(m.known(), u.User, all, members)
}

// mention stores whom a message mentions, which is stored already.
func (b *batch) mention(msg *chat.Message, by chat.Mentioned) error {
	put := func(user chat.UserID, named bool) error {
		if user == msg.Author {
			return nil
		}
		return exec(b.w.insertMention, mentionKey(user), blob(msg.Room), int64(msg.N), int64(msg.Seq), int64(msg.Origin()), blob(msg.ID),
			blob(msg.Thread), blob(msg.Author), millis(msg.Created), named)
	}
	for _, user := range by.People {
		if err := put(user, true); err != nil {
			return err
		}
	}
	for _, user := range by.ByAll() {
		if err := put(user, false); err != nil {
			return err
		}
	}
	return nil
}

// mentionAnew stores whom a message mentions after an edit. Who was there when all who were there were mentioned stays
// mentioned if they still are.
func (b *batch) mentionAnew(msg *chat.Message, wasAll string, by chat.Mentioned) error {
	keep := wasAll != "" && wasAll == by.All
	if err := b.w.exec(`DELETE FROM mentions WHERE room = ? AND seq = ? AND (named OR ?)`, blob(msg.Room), int64(msg.Seq), !keep); err != nil {
		return err
	}
	return b.mention(msg, by)
}

// unmention forgets whom a message mentions.
func (b *batch) unmention(room []byte, seq uint64) error {
	return b.w.exec(deleteMentions, room, int64(seq))
}

// countMentions completes a cursor. Who is no member is none of all.
func (b *batch) countMentions(m *memberRow, c chat.Cursor) (chat.Cursor, error) {
	joined := millis(m.Joined)
	if !m.stored || m.Removed {
		joined = math.MaxInt64
	}
	err := b.w.countMentions.QueryRowContext(context.Background(), blob(m.User), blob(m.Room), int64(c.N), int64(m.SeesFromSeq), joined).Scan(&c.Mentions)
	return c, err
}

// UserIDs finds members and bots by skeletons; see chat.MentionStore.
func (s *Store) UserIDs(ctx context.Context, skeletons []string) (map[string]chat.UserID, error) {
	const op = "sqlite.UserIDs"
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	list, err := json.Marshal(skeletons)
	if err != nil {
		return nil, translate(op, err)
	}
	type found struct {
		skeleton string
		id       chat.UserID
	}
	rows, err := s.reads.userIDs.QueryContext(ctx, string(list))
	all, err := collect(rows, err, func(f *found) []any { return []any{&f.skeleton, scanID(&f.id)} })
	ids := make(map[string]chat.UserID, len(all))
	for _, f := range all {
		ids[f.skeleton] = f.id
	}
	return ids, translate(op, err)
}

// UnreadMentions counts the mentions beyond a cursor; see chat.MentionStore.
func (s *Store) UnreadMentions(ctx context.Context, room chat.RoomID, user chat.UserID) (n uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	err = s.reads.mentionsIn.QueryRowContext(ctx, blob(user), blob(room)).Scan(&n)
	return n, found("sqlite.UnreadMentions", err, "there is no such room")
}

// Mentions lists messages that mention somebody; see chat.MentionStore.
func (s *Store) Mentions(ctx context.Context, user chat.UserID, before string, limit int) (ms []chat.Message, err error) {
	below := blob(before)
	if before == "" {
		below = bytes.Repeat([]byte{0xff}, 17) // beyond every id
	}
	err = s.reading(ctx, "sqlite.Mentions", func(ctx context.Context, tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, newestMentions, blob(user), below, limit)
		if ms, err = collect(rows, err, func(m *chat.Message) []any { return append(messageFields(m), &m.RoomName) }); err != nil {
			return err
		}
		return s.dress(ctx, tx, user, pointers(ms))
	})
	return ms, err
}

// SetNotify keeps what somebody wants to hear of a room; see chat.MentionStore.
func (s *Store) SetNotify(_ context.Context, c chat.NotifyChange) (o chat.NotifyOutcome, err error) {
	const op = "sqlite.SetNotify"
	err = s.writer.transact(op, func() error {
		b := newBatch(s.writer, s.now().UTC())
		r, err := b.room(c.Room)
		if err != nil {
			return err
		}
		u, err := b.user(c.By)
		if err != nil {
			return err
		}
		m, err := b.member(r, u)
		if err != nil {
			return err
		}
		if err := chat.MaySetNotify(r.Room, m.known(), u.User, u.stored); err != nil {
			return err
		}
		if o.Joined = m.joins(); o.Joined {
			m.move(chat.Cursor{N: r.N, Version: m.ReadVersion + 1}, b.now)
		}
		after := c.Apply(m.Membership)
		o.Level, o.Muted = after.Notify, after.Muted
		if err := b.flush(); err != nil {
			return err
		}
		return s.writer.exec(`UPDATE memberships SET notify = ?, muted = ? WHERE room = ? AND user = ?`, string(o.Level), o.Muted, r.key, u.key)
	})
	if err != nil {
		return chat.NotifyOutcome{}, err
	}
	return o, nil
}
