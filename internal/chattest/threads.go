package chattest

import (
	"cmp"
	"context"
	"slices"

	"github.com/parley-chat/parley/internal/chat"
)

type followKey struct {
	room chat.RoomID
	root string
	user chat.UserID
}

// follow is how somebody stands to a thread.
type follow struct {
	decided, following bool
	readSeq            uint64
}

// saved is a message that somebody has saved.
type saved struct {
	user    chat.UserID
	room    chat.RoomID
	message string
	at      chat.SavedMessage // At and Place
}

// standing is the replies to a message that are not deleted.
func (r *room) standing(root string) []chat.Message {
	var ms []chat.Message
	for _, e := range r.entries {
		if m := e.Message; m != nil && m.Thread == root && !m.Deleted {
			ms = append(ms, *m)
		}
	}
	return ms
}

// replies sums up a thread; nil when no reply stands.
func (s *Store) replies(r *room, root string) *chat.Replies {
	var all *chat.Replies
	for _, m := range r.standing(root) {
		if all == nil {
			all = &chat.Replies{}
		}
		all = all.With(chat.Person{ID: m.Author, Name: s.users[m.Author].Name}, m.Seq, m.Created)
	}
	return all
}

// mayPost asks the rules about a post, which may be a reply to root then.
func (s *Store) mayPost(at seen, p *chat.Post) (root chat.Message, err error) {
	if p.Thread == "" {
		err = chat.MayPost(at.room.Room, at.m, at.user)
	} else if err = chat.MayReply(at.room.Room, at.m, at.user); err == nil {
		root, err = s.root(at, p.Thread)
	}
	return root, cmp.Or(err, chat.MayPostAt(at.room.Room, at.m, at.user, p.Created), s.notBlocked(at.room.Room, at.user.ID))
}

// root finds what a post replies to.
func (s *Store) root(at seen, id string) (chat.Message, error) {
	found := at.room.message(id)
	if found == nil {
		return chat.Message{}, chat.ErrNoMessage()
	}
	return *found, chat.MayReplyTo(at.m, *found, len(at.room.standing(id)))
}

// replied has people follow the thread that msg, which is stored, replies in, and says who does so by this.
func (s *Store) replied(at seen, root, msg chat.Message) (followers []chat.UserID) {
	key := func(user chat.UserID) followKey { return followKey{at.room.ID, root.ID, user} }
	if !s.follows[key(msg.Author)].following {
		followers = append(followers, msg.Author)
	}
	s.follows[key(msg.Author)] = follow{decided: true, following: true, readSeq: msg.Seq}
	others := msg.Mentions
	if len(at.room.standing(root.ID)) == 1 {
		others = append([]chat.UserID{root.Author}, others...)
	}
	for _, id := range others {
		u, known := s.users[id]
		m := s.member(at.room.ID, id)
		if !known || chat.MaySee(at.room.Room, m, u) != nil || m != nil && root.Seq < m.SeesFromSeq || s.follows[key(id)].decided {
			continue
		}
		if _, blocked := s.blocks[blockKey{id, msg.Author}]; blocked && id != root.Author {
			continue
		}
		s.follows[key(id)] = follow{decided: true, following: true, readSeq: max(s.follows[key(id)].readSeq, msg.Seq-1)}
		followers = append(followers, id)
	}
	return followers
}

func (s *Store) mark(op *chat.MarkOp) chat.Outcome {
	at, err := s.meet(op.Room, op.By)
	if err != nil {
		return refuse(err)
	}
	if err := chat.MaySee(at.room.Room, at.m, at.user); err != nil {
		return refuse(err)
	}
	msg := at.room.message(op.Message)
	if msg == nil {
		return refuse(chat.ErrNoMessage())
	}
	replies := at.room.standing(op.Message)
	if err := chat.MayMark(at.room.Room, at.m, *op, *msg, len(replies)); err != nil {
		return refuse(err)
	}
	if at.guest {
		m, err := chat.MarkOfNobody(*op, at.room.Name)
		return chat.Outcome{Mark: m, Err: err}
	}
	now := chat.Mark{Room: at.room.Name, Message: op.Message, Kind: op.Kind, On: op.On}
	if op.Kind == chat.MarkSave {
		now.Changed, err = s.save(op)
		return chat.Outcome{Mark: now, Err: err}
	}
	key := followKey{op.Room, op.Message, op.By.ID}
	f, stored := s.follows[key]
	switch {
	case op.Kind == chat.MarkFollow:
		if !stored {
			f.readSeq = msg.Seq
			if len(replies) > 0 {
				f.readSeq = replies[len(replies)-1].Seq
			}
		}
		now.Changed = f.following != op.On
		f.decided, f.following = true, op.On
	case op.Seq > f.readSeq:
		now.Changed, f.readSeq = true, op.Seq
	}
	if stored || now.Changed || op.Kind == chat.MarkFollow {
		s.follows[key] = f
	}
	now.Seq = f.readSeq
	if op.Kind == chat.MarkRead {
		now.Unread = unreadOf(replies, op.By.ID, f.readSeq)
	}
	return chat.Outcome{Mark: now}
}

func unreadOf(replies []chat.Message, user chat.UserID, readSeq uint64) (n uint64) {
	for _, m := range replies {
		if m.Author != user && m.Seq > readSeq {
			n++
		}
	}
	return n
}

// mentionsOf counts those replies after readSeq that mention user.
func (s *Store) mentionsOf(replies []chat.Message, user chat.UserID, readSeq uint64) (n uint64) {
	for _, m := range replies {
		if m.Seq > readSeq && slices.ContainsFunc(s.mentions, func(x mention) bool {
			return x.message == m.ID && s.concerns(x, user, s.member(m.Room, user))
		}) {
			n++
		}
	}
	return n
}

func (s *Store) save(op *chat.MarkOp) (changed bool, err error) {
	mine := func(x saved) bool { return x.user == op.By.ID }
	this := func(x saved) bool { return mine(x) && x.room == op.Room && x.message == op.Message }
	is := slices.ContainsFunc(s.saves, this)
	switch {
	case !op.On:
		s.saves = slices.DeleteFunc(s.saves, this)
	case !is:
		if len(slices.DeleteFunc(slices.Clone(s.saves), func(x saved) bool { return !mine(x) })) >= chat.MaxSaved {
			return false, chat.ErrManySaved()
		}
		s.saved++
		s.saves = append(s.saves, saved{op.By.ID, op.Room, op.Message, chat.SavedMessage{At: op.At, Place: s.saved}})
	}
	return is != op.On, nil
}

// unsave takes back everybody's saving of a message that was deleted.
func (s *Store) unsave(room chat.RoomID, message string) {
	s.saves = slices.DeleteFunc(s.saves, func(x saved) bool { return x.room == room && x.message == message })
}

// sees says whether user may see an entry of the room with this origin.
func (s *Store) sees(user chat.UserID, r *room, origin uint64) bool {
	m := s.member(r.ID, user)
	return chat.MaySee(r.Room, m, s.users[user]) == nil && (m == nil || origin >= m.SeesFromSeq)
}

// followed lists the threads of user that have replies, the one with the newest first.
func (s *Store) followed(user chat.UserID) (ts []chat.ThreadState) {
	for key, f := range s.follows {
		r := s.rooms[key.room]
		root := r.message(key.root)
		replies := r.standing(key.root)
		if key.user != user || !f.following || len(replies) == 0 || !s.sees(user, r, root.Seq) {
			continue
		}
		ts = append(ts, chat.ThreadState{
			Root: s.dressed(r, root, user), Following: true, ReadSeq: f.readSeq,
			Unread: unreadOf(replies, user, f.readSeq), Mentions: s.mentionsOf(replies, user, f.readSeq), Place: s.places[replies[len(replies)-1].ID],
		})
	}
	slices.SortFunc(ts, func(a, b chat.ThreadState) int { return cmp.Compare(b.Place, a.Place) })
	return ts
}

// Threads lists threads that user follows; see chat.ThreadStore.
func (s *Store) Threads(_ context.Context, user chat.UserID, unread bool, before uint64, limit int) ([]chat.ThreadState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ts := slices.DeleteFunc(s.followed(user), func(t chat.ThreadState) bool { return t.Place >= before || unread && t.Unread == 0 })
	return ts[:min(limit, len(ts))], nil
}

// UnreadThreads counts what user has not read of threads; see chat.ThreadStore.
func (s *Store) UnreadThreads(_ context.Context, user chat.UserID, limit int) (n uint64, first []chat.UnreadThread, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.followed(user) {
		if t.Unread == 0 {
			continue
		}
		if n++; len(first) < limit {
			first = append(first, chat.UnreadThread{RoomName: t.Root.RoomName, Root: t.Root.ID, Unread: t.Unread})
		}
	}
	return n, first, nil
}

// Saved lists what user has saved; see chat.SavedStore.
func (s *Store) Saved(_ context.Context, user chat.UserID, before uint64, limit int) (ms []chat.SavedMessage, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range slices.Backward(s.saves) {
		r := s.rooms[x.room]
		m := r.message(x.message)
		if x.user == user && x.at.Place < before && len(ms) < limit && s.sees(user, r, m.Origin()) {
			ms = append(ms, chat.SavedMessage{Message: s.dressed(r, m, user), At: x.at.At, Place: x.at.Place})
		}
	}
	return ms, nil
}

// dressed is a message as reader sees it on a page.
func (s *Store) dressed(r *room, m *chat.Message, reader chat.UserID) chat.Message {
	out := *s.current(r, chat.Event{Message: m}).Message
	out.Replies = s.replies(r, m.ID)
	if x := r.extras[m.ID]; x != nil {
		out.Reactions = s.reactions(x, reader, chat.MaxReactors, "")
	}
	out.Following = s.follows[followKey{r.ID, m.ID, reader}].following
	out.Saved = slices.ContainsFunc(s.saves, func(x saved) bool { return x.user == reader && x.room == r.ID && x.message == m.ID })
	return out
}
