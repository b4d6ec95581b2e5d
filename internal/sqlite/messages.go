package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/parley-chat/parley/internal/chat"
)

// querier is a transaction, or the writer's connection in one.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// messageRow is a message with what refers to it.
type messageRow struct {
	chat.Message
	key int64
}

const messageByID = `SELECT ` + messageColumns + `, m.id FROM messages m JOIN users u ON u.id = m.author
	WHERE m.room = ? AND m.uid = ?`

// findMessageByID reads a message of a room, or returns chat.ErrNoMessage.
func findMessageByID(ctx context.Context, q querier, room []byte, roomName, id string) (messageRow, error) {
	m := messageRow{Message: chat.Message{RoomName: roomName}}
	err := q.QueryRowContext(ctx, messageByID, room, blob(id)).Scan(append(messageFields(&m.Message), &m.key)...)
	if errors.Is(err, sql.ErrNoRows) {
		return messageRow{}, chat.ErrNoMessage()
	}
	return m, err
}

// changeMessage decides and stores a change of a message, and carries it out.
func (b *batch) changeMessage(c *chat.ChangeOp, r *roomRow, by *userRow, m *memberRow) (chat.Outcome, error) {
	if err := chat.MaySee(r.Room, m.known(), by.User); err != nil {
		return chat.Outcome{}, err
	}
	msg, err := findMessageByID(context.Background(), b.w.conn, r.key, r.Name, c.Message)
	if err != nil {
		return chat.Outcome{}, err
	}
	facts, err := b.facts(c, r, by, m, &msg)
	if err != nil {
		return chat.Outcome{}, err
	}
	again, err := c.DecideMessage(facts)
	if err == nil && !again && r.Kind == chat.RoomDirect && c.Kind.Reaches() {
		err = b.w.notBlocked(r.key, by.key)
	}
	if err == nil && !again && c.MentionsAll != msg.MentionsAll {
		err = b.mayMentionAll(r, by, m, c.MentionsAll)
	}
	if err != nil || again {
		return chat.Outcome{Again: again, Cursor: m.cursor()}, err
	}
	if err := b.keep(by); err != nil {
		return chat.Outcome{}, err
	}
	ch, err := b.entry(c, r, r.Name, by, facts.Author)
	if err != nil {
		return chat.Outcome{}, err
	}
	if err := b.carryOut(c, ch, r, &msg, by); err != nil {
		return chat.Outcome{}, err
	}
	err = present(context.Background(), b.w.conn, r.key, ch)
	return chat.Outcome{Event: chat.Event{Epoch: r.Epoch, Change: ch}, Cursor: m.cursor()}, err
}

// facts reads what the decision about a change needs.
func (b *batch) facts(c *chat.ChangeOp, r *roomRow, by *userRow, m *memberRow, msg *messageRow) (*chat.MessageFacts, error) {
	f := &chat.MessageFacts{Room: r.Room, By: by.User, Member: m.known(), Message: msg.Message}
	switch c.Kind {
	case chat.ChangeEdit:
		return f, b.w.queryRow(`SELECT count(*) FROM message_edits WHERE message = ?`, msg.key).Scan(&f.Edits)
	case chat.ChangeDelete:
		author, err := b.storedUser(msg.Author)
		if err != nil {
			return nil, err
		}
		theirs, err := b.member(r, author)
		if err != nil {
			return nil, err
		}
		f.Author, f.Theirs = author.User, theirs.known()
	case chat.ChangeReact, chat.ChangeUnreact:
		rows, err := b.w.conn.QueryContext(context.Background(), `SELECT emoji, max(user = ?) FROM reactions WHERE message = ? GROUP BY emoji`, by.key, msg.key)
		type one struct {
			emoji string
			mine  bool
		}
		all, err := collect(rows, err, func(o *one) []any { return []any{&o.emoji, &o.mine} })
		for _, o := range all {
			f.Emojis = append(f.Emojis, o.emoji)
			f.Mine = f.Mine || o.mine && o.emoji == c.Emoji
		}
		return f, err
	case chat.ChangePin:
		return f, b.w.queryRow(`SELECT count(*) FROM messages WHERE room = ? AND pinned IS NOT NULL`, r.key).Scan(&f.Pins)
	}
	return f, nil
}

// carryOut changes the rows of a message.
func (b *batch) carryOut(c *chat.ChangeOp, ch *chat.Change, r *roomRow, msg *messageRow, by *userRow) error {
	switch c.Kind {
	case chat.ChangeEdit:
		return b.rewrite(c, ch, msg)
	case chat.ChangeDelete:
		return b.bury(ch, r, msg, by)
	case chat.ChangeReact:
		return b.w.exec(`INSERT INTO reactions (message, emoji, user, seq) VALUES (?, ?, ?, ?)`, msg.key, c.Emoji, by.key, int64(ch.Seq))
	case chat.ChangeUnreact:
		return b.w.exec(`DELETE FROM reactions WHERE message = ? AND emoji = ? AND user = ?`, msg.key, c.Emoji, by.key)
	case chat.ChangePin:
		return b.w.exec(`UPDATE messages SET pinned = ? WHERE id = ?`, int64(ch.Seq), msg.key)
	case chat.ChangeUnpin:
		return b.w.exec(`UPDATE messages SET pinned = NULL WHERE id = ?`, msg.key)
	}
	return nil
}

// rewrite carries out an edit: what the message said before is kept.
func (b *batch) rewrite(c *chat.ChangeOp, ch *chat.Change, msg *messageRow) error {
	written := msg.Created
	if !msg.Edited.IsZero() {
		written = msg.Edited
	}
	return errors.Join(
		b.w.exec(`INSERT INTO message_edits (message, seq, at, body) VALUES (?, ?, ?, ?)`, msg.key, int64(ch.Seq), millis(written), msg.Content),
		b.w.exec(`UPDATE messages SET body = ?, html = ?, renderer = ?, edited = ?, mentions = ?, mentions_all = ? WHERE id = ?`,
			c.Content, c.HTML, c.Renderer, millis(ch.Created), blobs(c.Mentions), c.MentionsAll, msg.key),
		b.mentionAnew(&msg.Message, msg.MentionsAll, chat.Mentioned{People: c.Mentions, All: c.MentionsAll, Here: c.Here}),
	)
}

// bury makes a tombstone: what the message said, and whatever hangs on it, is gone from every table. It keeps its numbers
// and the key of its author, for retries.
func (b *batch) bury(ch *chat.Change, r *roomRow, msg *messageRow, by *userRow) error {
	b.w.erased.Store(true)
	delete(b.threads, threadKey{r.ID, msg.Thread})
	uid, at := blob(msg.ID), millis(ch.Created)
	err := errors.Join(
		b.w.exec(`UPDATE messages SET body = '', html = '', renderer = 0, edited = NULL, deleted = ?, quote = NULL, mentions = NULL, mentions_all = '',
			pinned = NULL WHERE id = ?`, at, msg.key),
		b.w.exec(`DELETE FROM message_edits WHERE message = ?`, msg.key),
		b.w.exec(`DELETE FROM reactions WHERE message = ?`, msg.key),
		b.w.exec(`UPDATE changes SET data = '{}' WHERE room = ? AND message = ?`, r.key, uid),
		b.w.exec(`UPDATE reports SET resolved = ?, resolved_by = ? WHERE room = ? AND message = ? AND resolved IS NULL`, at, by.key, r.key, uid),
		b.unmention(r.key, msg.Seq),
		b.unsave(r, msg.ID),
	)
	if err == nil && msg.Thread != "" {
		err = b.ended(r.key, msg.Thread)
	}
	return err
}

// mayQuote says whether the message that a post quotes is there for its author.
func (b *batch) mayQuote(p *chat.Post, r *roomRow, u *userRow, m *memberRow) error {
	if p.Quote == "" {
		return nil
	}
	quoted, err := findMessageByID(context.Background(), b.w.conn, r.key, r.Name, p.Quote)
	if err != nil {
		return err
	}
	return chat.MayQuote(r.Room, m.known(), u.User, &quoted.Message)
}
