package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/parley-chat/parley/internal/chat"
)

// messagesAbout finds messages of the room by a list of ids; reactionsTo those that ?2 lists, as ?1 sees them, with at most ?3 people each.
const (
	messagesAbout = `SELECT ` + messageColumns + ` FROM messages m JOIN users u ON u.id = m.author
		WHERE m.room = ? AND m.uid IN (SELECT unhex(value) FROM json_each(?))`
	reactionsTo = `SELECT g.of, g.emoji, g.count, g.first, g.me, g.nth, u.id, u.name FROM (
			SELECT j.key AS of, r.emoji, r.user, count(*) OVER all_of AS count, min(r.seq) OVER all_of AS first,
				max(r.user = ?1) OVER all_of AS me, row_number() OVER (PARTITION BY j.key, r.emoji ORDER BY r.seq) AS nth
			FROM json_each(?2) j CROSS JOIN messages m ON m.room = unhex(j.value ->> 'Room') AND m.uid = unhex(j.value ->> 'ID')
			CROSS JOIN reactions r ON r.message = m.id AND (r.emoji = j.value ->> 'Emoji' OR j.value ->> 'Emoji' = '')
			WINDOW all_of AS (PARTITION BY j.key, r.emoji)
		) g JOIN users u ON u.id = g.user WHERE g.nth <= ?3 ORDER BY g.of, g.first, g.emoji, g.nth`
)

// present fills in how the messages that changes of a room are about read now: one query for the messages and one for the
// reactions, however many changes there are.
func present(ctx context.Context, q querier, room []byte, cs ...*chat.Change) error {
	cs = slices.DeleteFunc(cs, func(c *chat.Change) bool { return !c.Kind.IsOfMessage() })
	if len(cs) == 0 {
		return nil
	}
	about := make([]*chat.Message, len(cs))
	emojis := make([]string, len(cs))
	for i, c := range cs {
		about[i], emojis[i] = &chat.Message{ID: c.Message, Room: c.Room}, emojiOf(c)
	}
	rows, err := q.QueryContext(ctx, messagesAbout, room, idsOf(about))
	found, err := collect(rows, err, messageFields)
	if err != nil {
		return err
	}
	byID := map[string]chat.Message{}
	for _, m := range found {
		byID[m.ID] = m
	}
	given, err := reactions(ctx, q, "", about, emojis, chat.MaxReactors)
	if err != nil {
		return err
	}
	var buried []*chat.Message
	for i, c := range cs {
		now, ok := byID[c.Message]
		if !ok {
			return chat.Errorf(chat.Internal, "sqlite.present", "change %s is about a message that is not there", c.ID)
		}
		now.RoomName = c.RoomName
		if emojis[i] != "" && !now.Deleted {
			now.Reactions = given[i]
			if len(now.Reactions) == 0 {
				now.Reactions = []chat.Reaction{{Emoji: emojis[i]}}
			}
		}
		c.Now = &now
		if c.Kind == chat.ChangeDelete {
			buried = append(buried, c.Now)
		}
	}
	return withThreads(ctx, q, buried)
}

func presentAll(ctx context.Context, q querier, room chat.RoomID, cs []chat.Change) error {
	all := make([]*chat.Change, len(cs))
	for i := range cs {
		all[i] = &cs[i]
	}
	return present(ctx, q, blob(room), all...)
}

// emojiOf is the emoji that a change is about, or "".
func emojiOf(c *chat.Change) string {
	if c.Kind != chat.ChangeReact && c.Kind != chat.ChangeUnreact {
		return ""
	}
	var data struct {
		Emoji string `json:"emoji"`
	}
	_ = json.Unmarshal([]byte(c.Data), &data) // of a tombstone it is {}
	return data.Emoji
}

// idsOf is a list of messages as the JSON that json_each reads in a query; unhex makes ids of its values.
func idsOf(ms []*chat.Message) string {
	ids := make([]string, len(ms))
	for i, m := range ms {
		ids[i] = hex.EncodeToString(blob(m.ID))
	}
	text, err := json.Marshal(ids)
	if err != nil {
		panic(err) // strings can always be written
	}
	return string(text)
}

// reactions reads those to messages, for each of ms in its place, by their first. Each names at most limit people, the
// earliest. emojis may name one emoji for each message ("": none of its reactions); nil: all.
func reactions(ctx context.Context, q querier, reader chat.UserID, ms []*chat.Message, emojis []string, limit int) (map[int][]chat.Reaction, error) {
	type key struct{ Room, ID, Emoji string }
	var keys []key
	var at []int
	for i, m := range ms {
		k := key{Room: hex.EncodeToString(blob(m.Room)), ID: hex.EncodeToString(blob(m.ID))}
		if emojis != nil {
			if k.Emoji = emojis[i]; k.Emoji == "" {
				continue
			}
		}
		keys, at = append(keys, k), append(at, i)
	}
	if len(keys) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(keys)
	if err != nil {
		return nil, err
	}
	type row struct {
		of, count, nth int
		emoji          string
		first          uint64
		me             bool
		user           chat.Person
	}
	rows, err := q.QueryContext(ctx, reactionsTo, orNone(reader), string(list), limit)
	all, err := collect(rows, err, func(r *row) []any {
		return []any{&r.of, &r.emoji, &r.count, &r.first, &r.me, &r.nth, scanID(&r.user.ID), &r.user.Name}
	})
	if err != nil {
		return nil, err
	}
	given := map[int][]chat.Reaction{}
	for _, r := range all {
		of := at[r.of]
		if r.nth == 1 {
			given[of] = append(given[of], chat.Reaction{Emoji: r.emoji, Count: r.count, First: r.first, Me: r.me})
		}
		last := &given[of][len(given[of])-1]
		last.Users = append(last.Users, r.user)
	}
	return given, nil
}

// orNone is an id as blob gives it, but what nothing equals instead of NULL, which would make a comparison NULL.
func orNone(id chat.UserID) []byte {
	if b := blob(id); b != nil {
		return b
	}
	return []byte{}
}

// readingMessage runs f in one read transaction with a message of a room.
func (s *Store) readingMessage(ctx context.Context, op string, room chat.RoomID, id string, f func(context.Context, *sql.Tx, messageRow) error) error {
	return s.reading(ctx, op, func(ctx context.Context, tx *sql.Tx) error {
		h, err := s.headIn(ctx, tx, op, room)
		if err != nil {
			return err
		}
		m, err := findMessageByID(ctx, tx, blob(room), h.name, id)
		if err != nil {
			return err
		}
		return f(ctx, tx, m)
	})
}

// Message reads a message; see chat.MessageStore.
func (s *Store) Message(ctx context.Context, room chat.RoomID, id string, reader chat.UserID) (m chat.Message, err error) {
	err = s.readingMessage(ctx, "sqlite.Message", room, id, func(ctx context.Context, tx *sql.Tx, row messageRow) error {
		m = row.Message
		return s.dress(ctx, tx, reader, []*chat.Message{&m})
	})
	return m, err
}

// Former lists what a message said before; see chat.MessageStore.
func (s *Store) Former(ctx context.Context, room chat.RoomID, id string) (all []chat.Former, err error) {
	err = s.readingMessage(ctx, "sqlite.Former", room, id, func(ctx context.Context, tx *sql.Tx, row messageRow) error {
		rows, err := tx.QueryContext(ctx, `SELECT body, at FROM message_edits WHERE message = ? ORDER BY seq`, row.key)
		all, err = collect(rows, err, func(f *chat.Former) []any { return []any{&f.Content, moment{&f.At}} })
		return err
	})
	return all, err
}

// Reactions lists those to a message; see chat.MessageStore.
func (s *Store) Reactions(ctx context.Context, room chat.RoomID, id string, reader chat.UserID, limit int) (all []chat.Reaction, err error) {
	err = s.readingMessage(ctx, "sqlite.Reactions", room, id, func(ctx context.Context, tx *sql.Tx, row messageRow) error {
		given, err := reactions(ctx, tx, reader, []*chat.Message{&row.Message}, nil, limit)
		all = given[0]
		return err
	})
	return all, err
}

// Pins lists a room's pinned messages; see chat.MessageStore.
func (s *Store) Pins(ctx context.Context, room chat.RoomID, reader chat.UserID) (ms []chat.Message, err error) {
	const op = "sqlite.Pins"
	err = s.reading(ctx, op, func(ctx context.Context, tx *sql.Tx) error {
		h, err := s.headIn(ctx, tx, op, room)
		if err != nil {
			return err
		}
		ms, err = messages(ctx, tx, s.reads.pins, h.name, blob(room))
		if err != nil {
			return err
		}
		return s.dress(ctx, tx, reader, pointers(ms))
	})
	return ms, err
}
