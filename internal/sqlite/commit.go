package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/fault"
)

// Commit carries out ops in one transaction; see chat.Journal. Its context is not used: see transact.
func (s *Store) Commit(_ context.Context, ops []chat.Op) ([]chat.Outcome, error) {
	outcomes := make([]chat.Outcome, len(ops))
	err := s.writer.transact("sqlite.Commit", func() error {
		b := newBatch(s.writer, s.now().UTC())
		for i, op := range ops {
			o, err := b.apply(op)
			if refused := (*chat.Error)(nil); errors.As(err, &refused) {
				o.Err = refused
			} else if err != nil {
				return err
			}
			outcomes[i] = o
		}
		err := b.flush()
		fault.Point("before-commit")
		return err
	})
	if err != nil {
		return nil, err
	}
	fault.Point("after-commit")
	return outcomes, nil
}

// post stores a message, or finds it.
func (b *batch) post(p *chat.Post) (chat.Outcome, error) {
	r, err := b.room(p.Room)
	if err != nil {
		return chat.Outcome{}, err
	}
	u, err := b.user(p.Actor)
	if err != nil {
		return chat.Outcome{}, err
	}
	m, err := b.member(r, u)
	if err != nil {
		return chat.Outcome{}, err
	}
	root, err := b.mayPost(p, r, m, u)
	if refused := (*chat.Error)(nil); err != nil && !errors.As(err, &refused) {
		return chat.Outcome{}, err
	}
	if err != nil {
		// Whoever may not write any more still learns what became of what they wrote.
		o, found, foundErr := b.again(p, r, u, m)
		if foundErr != nil || found {
			return o, foundErr
		}
		return chat.Outcome{}, err
	}
	uid, clientID := blob(p.ID), blob(p.ClientID)
	if uid == nil || clientID == nil {
		return chat.Outcome{}, chat.Errorf(chat.Invalid, "sqlite.Commit", "the ids of a message must be UUIDs")
	}
	if err := b.mayQuote(p, r, u, m); err != nil {
		o, found, foundErr := b.again(p, r, u, m)
		if foundErr != nil || found {
			return o, foundErr
		}
		return chat.Outcome{}, err
	}
	if err := b.keep(u); err != nil {
		return chat.Outcome{}, err
	}
	msg := p.Message
	msg.RoomName, msg.Author, msg.UserName = r.Name, u.ID, u.Name
	msg.Seq, msg.N, msg.Deleted = r.Seq+1, r.N+1, false
	if root != nil {
		msg.N, msg.RootSeq = 0, root.Seq
	}
	fresh, err := inserted(b.w.insertMessage, uid, r.key, int64(msg.Seq), maybeNumber(msg.N), u.key, clientID, p.RequestHash[:], millis(msg.Created),
		msg.Content, msg.HTML, msg.Renderer, blob(msg.Thread), blob(msg.Quote), blobs(msg.Mentions), msg.MentionsAll)
	if err != nil {
		return chat.Outcome{}, err
	}
	if !fresh {
		o, found, err := b.again(p, r, u, m)
		if err == nil && !found {
			err = errors.New("a message is neither new nor there")
		}
		return o, err
	}
	if err := b.mention(&msg, chat.Mentioned{People: msg.Mentions, All: msg.MentionsAll, Here: p.Here}); err != nil {
		return chat.Outcome{}, err
	}
	r.Seq, r.N, r.dirty = msg.Seq, max(r.N, msg.N), true
	joined := m.joins()
	m.move(chat.AfterPosting(m.cursor(), msg.N), b.now)
	m.LastPost = msg.Created
	var follows []chat.UserID
	if root != nil {
		follows, err = b.replied(r, u, root, &msg)
	}
	if err != nil {
		return chat.Outcome{}, err
	}
	shown, err := shownByPost(b.w.conn, r.Room, &msg)
	return chat.Outcome{Event: chat.Event{Epoch: r.Epoch, Message: &msg}, Joined: joined, Cursor: m.cursor(), Follows: follows, Showing: shown}, err
}

// again answers a retry with what is stored.
func (b *batch) again(p *chat.Post, r *roomRow, u *userRow, m *memberRow) (chat.Outcome, bool, error) {
	stored, hash, err := scanMessage(b.w.findMessage.QueryRowContext(context.Background(), blob(p.ClientID), u.key, r.key))
	if errors.Is(err, sql.ErrNoRows) {
		return chat.Outcome{}, false, nil
	}
	if err != nil {
		return chat.Outcome{}, false, err
	}
	if hash != p.RequestHash {
		return chat.Outcome{}, true, errReused()
	}
	stored.RoomName = r.Name
	if stored.Thread != "" && chat.MaySee(r.Room, m.known(), u.User) == nil { // else they learn nothing of the thread of now
		if stored.Replies, err = b.summary(r, stored.Thread); err != nil {
			return chat.Outcome{}, false, err
		}
	}
	return chat.Outcome{Event: chat.Event{Epoch: r.Epoch, Message: &stored}, Again: true, Cursor: m.cursor()}, true, nil
}

func errReused() *chat.Error {
	return chat.Errorf(chat.Conflict, "sqlite.Commit", "client_id was used for another message")
}

// scanMessage reads a row of findMessage.
func scanMessage(row scanner) (m chat.Message, hash [16]byte, err error) {
	var h []byte
	err = row.Scan(append(messageFields(&m), &h)...)
	copy(hash[:], h)
	return m, hash, err
}

// change stores a change with its effect.
func (b *batch) change(c *chat.ChangeOp) (chat.Outcome, error) {
	if blob(c.ID) == nil {
		return chat.Outcome{}, chat.Errorf(chat.Invalid, "sqlite.Commit", "the id of a change must be a UUID")
	}
	r, err := b.room(c.Room)
	if err != nil {
		return chat.Outcome{}, err
	}
	by, err := b.user(c.By)
	if err != nil {
		return chat.Outcome{}, err
	}
	m, err := b.member(r, by)
	if err != nil {
		return chat.Outcome{}, err
	}
	if c.Kind.IsOfMessage() {
		return b.changeMessage(c, r, by, m)
	}
	at := chat.Meeting{Room: r.Room, By: by.User, Mine: m.known()}
	var subject *memberRow
	if c.Kind.IsAboutSomebody() {
		who, err := b.storedUser(c.Subject)
		if err != nil {
			return chat.Outcome{}, err
		}
		if subject, err = b.member(r, who); err != nil {
			return chat.Outcome{}, err
		}
		at.Who, at.Theirs = who.User, subject.known()
	}
	effect, err := c.Decide(at)
	if err == nil && effect.Room.Name != r.Name {
		err = b.mayTake(r, effect.Room.Name)
	}
	if err != nil {
		return chat.Outcome{}, err
	}
	op := *c
	op.Data = effect.Data
	ch, err := b.entry(&op, r, effect.Room.Name, by, at.Who)
	if err != nil {
		return chat.Outcome{}, err
	}
	if effect.Member != nil {
		subject.become(*effect.Member)
	}
	was := r.Name
	r.Room, r.dirty = effect.Room, true
	r.Seq = ch.Seq
	o := chat.Outcome{Event: chat.Event{Epoch: r.Epoch, Change: ch}, Cursor: m.cursor()}
	if was != r.Name {
		if err := b.rename(r, was); err != nil {
			return chat.Outcome{}, err
		}
	}
	o.Showing, err = shownByChange(b.w.conn, r.Room, ch)
	return o, err
}

// entry stores the entry of a change under the next number of the room, which has this name then, and what the audit log says
// of it. who is the user it is about, if it is about one.
func (b *batch) entry(c *chat.ChangeOp, r *roomRow, name string, by *userRow, who chat.User) (*chat.Change, error) {
	op := *c
	op.RoomName, op.Actor, op.UserName, op.Seq = name, by.ID, by.Name, r.Seq+1
	fresh, err := inserted(b.w.insertChange, blob(op.ID), r.key, int64(op.Seq), string(op.Kind), blob(op.Message), by.key, blob(op.Subject), op.Data,
		millis(op.Created))
	if err != nil {
		return nil, err
	}
	if !fresh {
		return nil, chat.Errorf(chat.Conflict, "sqlite.Commit", "this change is stored already")
	}
	r.Seq, r.dirty = op.Seq, true
	if e, ok := op.Audit(by.User, who); ok {
		if err := b.w.note(e); err != nil {
			return nil, err
		}
	}
	return &op.Change, nil
}

// read moves a cursor.
func (b *batch) read(op *chat.ReadOp) (chat.Outcome, error) {
	r, err := b.room(op.Room)
	if err != nil {
		return chat.Outcome{}, err
	}
	u, err := b.user(op.By)
	if err != nil {
		return chat.Outcome{}, err
	}
	m, err := b.member(r, u)
	if err != nil {
		return chat.Outcome{}, err
	}
	if err := chat.MaySee(r.Room, m.known(), u.User); err != nil {
		return chat.Outcome{}, err
	}
	if !u.stored { // a guest who has not posted: there is nothing to keep a cursor in
		if op.N > r.N {
			_, _, err = chat.MoveCursor(chat.Cursor{}, *op, 0, r.N)
		}
		return chat.Outcome{Cursor: chat.Cursor{N: op.N}}, err
	}
	c, moved, refused := chat.MoveCursor(m.cursor(), *op, m.SeesAfterN, r.N)
	joined := m.joins() && refused == nil
	if moved || joined {
		m.move(c, b.now)
	}
	c, err = b.countMentions(m, c)
	return chat.Outcome{Joined: joined, Cursor: c}, cmp.Or(err, refused)
}
