package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/parley-chat/parley/internal/chat"
)

// follow is a row of thread_follows.
type follow struct {
	following sql.NullBool // not valid: undecided
	readSeq   uint64
	stored    bool
}

func (b *batch) followOf(r *roomRow, root string, u *userRow) (f follow, err error) {
	err = b.w.findFollow.QueryRowContext(context.Background(), u.key, r.key, blob(root)).Scan(&f.following, &f.readSeq)
	if errors.Is(err, sql.ErrNoRows) {
		return follow{}, nil
	}
	f.stored = true
	return f, err
}

func (b *batch) setFollow(r *roomRow, root string, u *userRow, f follow) error {
	return exec(b.w.upsertFollow, u.key, r.key, blob(root), f.following, int64(f.readSeq))
}

// message finds a message of the room.
func (b *batch) message(r *roomRow, id string) (*chat.Message, error) {
	m := &chat.Message{RoomName: r.Name}
	err := b.w.messageByID.QueryRowContext(context.Background(), r.key, blob(id)).Scan(messageFields(m)...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, chat.ErrNoMessage()
	}
	return m, err
}

// mayPost asks the rules about a post. A reply has a root then.
func (b *batch) mayPost(p *chat.Post, r *roomRow, m *memberRow, u *userRow) (root *chat.Message, err error) {
	if p.Thread == "" {
		err = chat.MayPost(r.Room, m.known(), u.User)
	} else if err = chat.MayReply(r.Room, m.known(), u.User); err == nil {
		root, err = b.root(p, r, m)
	}
	if err == nil {
		err = chat.MayPostAt(r.Room, m.known(), u.User, p.Created)
	}
	if err == nil && r.Kind == chat.RoomDirect {
		err = b.w.notBlocked(r.key, u.key)
	}
	if err != nil {
		return nil, err
	}
	return root, b.mayMentionAll(r, u, m, p.MentionsAll)
}

// root finds what a post replies to.
func (b *batch) root(p *chat.Post, r *roomRow, m *memberRow) (*chat.Message, error) {
	root, err := b.message(r, p.Thread)
	if err != nil {
		return nil, err
	}
	thread, err := b.summary(r, p.Thread)
	if err != nil {
		return nil, err
	}
	return root, chat.MayReplyTo(m.known(), *root, thread.Count)
}

// summary is how a thread stands in the transaction; never nil.
func (b *batch) summary(r *roomRow, root string) (*chat.Replies, error) {
	key := threadKey{r.ID, root}
	if s := b.threads[key]; s != nil {
		return s, nil
	}
	all, err := summaries(context.Background(), b.w.conn, []threadKey{key})
	if err != nil {
		return nil, err
	}
	s := all[key]
	if s == nil {
		s = &chat.Replies{}
	}
	b.threads[key] = s
	return s, nil
}

// replied is called with each reply once it is stored: it returns how the thread stands then, and who follows it by this.
func (b *batch) replied(r *roomRow, u *userRow, root *chat.Message, msg *chat.Message) (followers []chat.UserID, err error) {
	was, err := b.summary(r, root.ID)
	if err != nil {
		return nil, err
	}
	now := was.With(chat.Person{ID: u.ID, Name: u.Name}, msg.Seq, msg.Created)
	b.threads[threadKey{r.ID, root.ID}], msg.Replies = now, now
	mine, err := b.followOf(r, root.ID, u)
	if err != nil {
		return nil, err
	}
	if !mine.following.Bool {
		followers = append(followers, u.ID)
	}
	if err := b.setFollow(r, root.ID, u, follow{following: yes, readSeq: msg.Seq}); err != nil {
		return nil, err
	}
	others := msg.Mentions
	from := msg.Seq - 1 // of those mentioned: what was said before does not count
	if was.Count == 0 {
		others = append([]chat.UserID{root.Author}, others...)
	}
	for _, id := range others {
		is, err := b.drawIn(r, root, id, u.ID, from)
		if err != nil {
			return nil, err
		}
		if is {
			followers = append(followers, id)
		}
	}
	return followers, nil
}

var yes = sql.NullBool{Bool: true, Valid: true}

// drawIn has somebody follow a thread because of what by said, unless they have decided, may not see it, or were named by
// somebody whom they have blocked.
func (b *batch) drawIn(r *roomRow, root *chat.Message, id, by chat.UserID, from uint64) (bool, error) {
	u, err := b.storedUser(id)
	if chat.CodeOf(err) == chat.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	m, err := b.member(r, u)
	if err != nil || chat.MaySee(r.Room, m.known(), u.User) != nil || root.Seq < m.SeesFromSeq {
		return false, err
	}
	f, err := b.followOf(r, root.ID, u)
	if err != nil || f.following.Valid {
		return false, err
	}
	if id != root.Author {
		if blocked, err := b.w.blocks(id, by); err != nil || blocked {
			return false, err
		}
	}
	return true, b.setFollow(r, root.ID, u, follow{following: yes, readSeq: max(f.readSeq, from)})
}

// mark notes something about a message for one person.
func (b *batch) mark(op *chat.MarkOp) (chat.Outcome, error) {
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
	msg, err := b.message(r, op.Message)
	if err != nil {
		return chat.Outcome{}, err
	}
	thread := &chat.Replies{}
	if op.Kind == chat.MarkFollow {
		if thread, err = b.summary(r, op.Message); err != nil {
			return chat.Outcome{}, err
		}
	}
	if err := chat.MayMark(r.Room, m.known(), *op, *msg, thread.Count); err != nil {
		return chat.Outcome{}, err
	}
	if !u.stored {
		mark, err := chat.MarkOfNobody(*op, r.Name)
		return chat.Outcome{Mark: mark}, err
	}
	now := chat.Mark{Room: r.Name, Message: op.Message, Kind: op.Kind, On: op.On}
	if op.Kind == chat.MarkSave {
		now.Changed, err = b.save(r, u, op)
	} else {
		err = b.markThread(r, u, op, max(thread.LastSeq, msg.Seq), &now)
	}
	return chat.Outcome{Mark: now}, err
}

// markThread moves the cursor of a thread, or has it followed or not. end is where the thread ends: who follows it from now on
// has read it up to there.
func (b *batch) markThread(r *roomRow, u *userRow, op *chat.MarkOp, end uint64, now *chat.Mark) error {
	f, err := b.followOf(r, op.Message, u)
	if err != nil {
		return err
	}
	if !f.stored && op.Kind == chat.MarkFollow {
		f.readSeq = end
	}
	switch {
	case op.Kind == chat.MarkFollow:
		now.Changed = f.following.Bool != op.On
		f.following = sql.NullBool{Bool: op.On, Valid: true}
	case op.Seq > f.readSeq:
		now.Changed, f.readSeq = true, op.Seq
	}
	if now.Changed || op.Kind == chat.MarkFollow {
		if err := b.setFollow(r, op.Message, u, f); err != nil {
			return err
		}
	}
	now.Seq = f.readSeq
	if op.Kind != chat.MarkRead {
		return nil
	}
	return b.w.countUnread.QueryRowContext(context.Background(), r.key, blob(op.Message), int64(f.readSeq), u.key).Scan(&now.Unread)
}

// save says whether that changed anything.
func (b *batch) save(r *roomRow, u *userRow, op *chat.MarkOp) (bool, error) {
	if !op.On {
		return inserted(b.w.deleteSaved, u.key, r.key, blob(op.Message))
	}
	fresh, err := inserted(b.w.insertSaved, u.key, r.key, blob(op.Message), millis(op.At), chat.MaxSaved)
	if fresh || err != nil {
		return fresh, err
	}
	var is bool
	err = b.w.isSaved.QueryRowContext(context.Background(), u.key, r.key, blob(op.Message)).Scan(&is)
	if err == nil && !is {
		err = chat.ErrManySaved()
	}
	return false, err
}

// unsave takes back everybody's saving of a message that was deleted.
func (b *batch) unsave(r *roomRow, message string) error {
	return b.w.exec(`DELETE FROM saved WHERE room = ? AND message = ?`, r.key, blob(message))
}
