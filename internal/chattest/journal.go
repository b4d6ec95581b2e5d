package chattest

import (
	"context"
	"slices"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// Fault is how a commit fails.
type Fault struct {
	Err    error // what Commit returns
	Stored bool  // everything was stored all the same
}

// The ways in which a commit fails.
var (
	DiskFull     = Fault{Err: &chat.Error{Code: chat.Overloaded, Message: "the disk is full: nothing was stored"}}
	BrokenBefore = Fault{Err: &chat.Error{Code: chat.UnknownOutcome, Message: "the commit broke off"}}
	BrokenAfter  = Fault{Err: BrokenBefore.Err, Stored: true}
)

// FailNext makes the next commits fail, one each.
func (s *Store) FailNext(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// FailLookups makes the next calls of Lookup fail, one each.
func (s *Store) FailLookups(errs ...error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lookups = append(s.lookups, errs...)
}

// OnCommit has f called at the beginning of every commit, with its ops. A commit takes as long as f does.
func (s *Store) OnCommit(f func([]chat.Op)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onCommit = f
}

// Commit carries out ops; see chat.Journal.
func (s *Store) Commit(_ context.Context, ops []chat.Op) ([]chat.Outcome, error) {
	s.mu.Lock()
	before := s.onCommit
	s.mu.Unlock()
	if before != nil {
		before(ops)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var fault Fault
	if len(s.faults) > 0 {
		fault, s.faults = s.faults[0], s.faults[1:]
		if !fault.Stored {
			return nil, fault.Err
		}
	}
	outcomes := make([]chat.Outcome, len(ops))
	for i, op := range ops {
		outcomes[i] = s.apply(op)
	}
	if fault.Err != nil {
		return nil, fault.Err
	}
	return outcomes, nil
}

func (s *Store) apply(op chat.Op) chat.Outcome {
	switch {
	case op.Post != nil:
		return s.post(op.Post)
	case op.Change != nil:
		return s.change(op.Change)
	case op.Read != nil:
		return s.read(op.Read)
	case op.Mark != nil:
		return s.mark(op.Mark)
	}
	return refuse(chat.Errorf(chat.Invalid, "", "an empty op"))
}

func refuse(err error) chat.Outcome { return chat.Outcome{Err: err} }

// seen is what an op meets: the room, the actor as stored (or as they would be), and their membership, nil if there is none.
type seen struct {
	room  *room
	user  chat.User
	guest bool // not stored yet
	m     *chat.Membership
}

func (s *Store) meet(id chat.RoomID, by chat.Actor) (seen, error) {
	r := s.rooms[id]
	if r == nil {
		return seen{}, noRoom()
	}
	u, ok := s.users[by.ID]
	if !ok {
		if by.Kind != chat.KindGuest {
			return seen{}, chat.Errorf(chat.Unauthenticated, "", "there is no such user")
		}
		u = chat.User{ID: by.ID, Kind: chat.KindGuest, Name: by.Name, Email: by.Email, Role: chat.RoleGuest, Created: now()}
	}
	return seen{room: r, user: u, guest: !ok, m: s.member(id, by.ID)}, nil
}

func (s *Store) member(room chat.RoomID, user chat.UserID) *chat.Membership {
	if m, ok := s.members[memberKey{room, user}]; ok {
		return &m
	}
	return nil
}

// setCursor stores a cursor, with a membership if there is none.
func (s *Store) setCursor(at seen, c chat.Cursor, last time.Time) {
	m := chat.NewMembership(at.room.ID, at.user, now())
	if at.m != nil {
		m = *at.m
	}
	if m.Removed {
		m.Removed, m.Joined = false, now()
	}
	if !last.IsZero() {
		m.LastPost = last
	}
	m.ReadN, m.ReadVersion = c.N, c.Version
	s.members[memberKey{at.room.ID, at.user.ID}] = m
}

// joins says whether a post or a read makes its author a member.
func (at seen) joins() bool { return at.m == nil || at.m.Removed }

func (at seen) cursor() chat.Cursor {
	if at.m == nil {
		return chat.Cursor{}
	}
	return chat.Cursor{N: at.m.ReadN, Version: at.m.ReadVersion}
}

func (at seen) seesAfter() uint64 {
	if at.m == nil {
		return 0
	}
	return at.m.SeesAfterN
}

func (s *Store) post(p *chat.Post) chat.Outcome {
	at, err := s.meet(p.Room, p.Actor)
	if err != nil {
		return refuse(err)
	}
	key := postKey{p.ClientID, p.Actor.ID, p.Room}
	if old, ok := s.posts[key]; ok {
		if old.hash != p.RequestHash {
			return refuse(chat.Errorf(chat.Conflict, "", "client_id was used for another message"))
		}
		event := s.current(at.room, old.event)
		if chat.MaySee(at.room.Room, at.m, at.user) != nil {
			m := *event.Message
			m.Replies, event.Message = nil, &m // they learn nothing of the thread of now
		}
		return chat.Outcome{Event: event, Again: true, Cursor: at.cursor()}
	}
	root, err := s.mayPost(at, p)
	if err != nil {
		return refuse(err)
	}
	if err := s.mayMentionAll(at, p.MentionsAll); err != nil {
		return refuse(err)
	}
	if p.Quote != "" {
		quoted, _, err := at.room.find(p.Quote)
		if err == nil {
			err = chat.MayQuote(at.room.Room, at.m, at.user, quoted)
		}
		if err != nil {
			return refuse(err)
		}
	}
	if at.guest {
		s.users[at.user.ID] = at.user
	}
	msg := p.Message
	at.room.Seq++
	if msg.Thread == "" {
		at.room.N++
		msg.N = at.room.N
	}
	msg.Seq, msg.RootSeq, msg.RoomName, msg.UserName = at.room.Seq, root.Seq, at.room.Name, at.user.Name
	s.places[msg.ID] = uint64(len(s.places)) + 1
	e := chat.Event{Epoch: at.room.Epoch, Message: &msg}
	at.room.entries = append(at.room.entries, e)
	s.posts[key] = stored{e, p.RequestHash}
	s.mention(&msg, chat.Mentioned{People: msg.Mentions, All: msg.MentionsAll, Here: p.Here})
	c := chat.AfterPosting(at.cursor(), msg.N)
	s.setCursor(at, c, msg.Created)
	var follows []chat.UserID
	if msg.Thread != "" {
		follows = s.replied(at, root, msg)
	}
	return chat.Outcome{Event: s.current(at.room, e), Joined: at.joins(), Cursor: c, Follows: follows,
		Showing: s.shownByPost(at.room.Room, &msg)}
}

func (s *Store) change(c *chat.ChangeOp) chat.Outcome {
	at, err := s.meet(c.Room, c.By)
	if err != nil {
		return refuse(err)
	}
	if c.Kind.IsOfMessage() {
		return s.changeMessage(c, at)
	}
	meets := chat.Meeting{Room: at.room.Room, By: at.user, Mine: at.m}
	if c.Kind.IsAboutSomebody() {
		if meets.Who, err = s.user(c.Subject); err != nil {
			return refuse(err)
		}
		meets.Theirs = s.member(c.Room, c.Subject)
	}
	effect, err := c.Decide(meets)
	if err == nil && effect.Room.Name != at.room.Name {
		err = s.mayTake(at.room, effect.Room.Name)
	}
	if err == nil && slices.ContainsFunc(at.room.entries, func(e chat.Event) bool { return e.ID() == c.ID }) {
		err = chat.Errorf(chat.Conflict, "", "this change is stored already")
	}
	if err != nil {
		return refuse(err)
	}
	if was := at.room.Name; was != effect.Room.Name {
		delete(s.aliases, effect.Room.Name)
		s.aliases[was] = at.room.ID
	}
	if effect.Member != nil {
		s.members[memberKey{c.Room, c.Subject}] = *effect.Member
	}
	at.room.Room = effect.Room
	op := *c
	op.Data = effect.Data
	e := s.entry(&op, at, meets.Who)
	return chat.Outcome{Event: s.current(at.room, e), Cursor: at.cursor(), Showing: s.shownByChange(at.room.Room, e.Change)}
}

// entry stores the entry of a change, and what the audit log says of it.
func (s *Store) entry(c *chat.ChangeOp, at seen, who chat.User) chat.Event {
	op := *c
	at.room.Seq++
	op.Seq, op.RoomName, op.UserName, op.Actor = at.room.Seq, at.room.Name, at.user.Name, at.user.ID
	e := chat.Event{Epoch: at.room.Epoch, Change: &op.Change}
	at.room.entries = append(at.room.entries, e)
	at.room.emojis[op.ID] = op.Emoji
	if e, ok := op.Audit(at.user, who); ok {
		s.note(e)
	}
	return e
}

func (s *Store) read(op *chat.ReadOp) chat.Outcome {
	at, err := s.meet(op.Room, op.By)
	if err != nil {
		return refuse(err)
	}
	if err := chat.MaySee(at.room.Room, at.m, at.user); err != nil {
		return refuse(err)
	}
	c, _, err := chat.MoveCursor(at.cursor(), *op, at.seesAfter(), at.room.N)
	switch {
	case at.guest && op.N <= at.room.N: // there is nothing to keep it in
		return chat.Outcome{Cursor: chat.Cursor{N: op.N}}
	case err != nil:
		c = at.cursor()
		c.Mentions = s.unreadMentions(op.Room, op.By.ID, c.N)
		return chat.Outcome{Err: err, Cursor: c}
	}
	s.setCursor(at, c, time.Time{})
	c.Mentions = s.unreadMentions(op.Room, op.By.ID, c.N)
	return chat.Outcome{Joined: at.joins(), Cursor: c}
}

// current is an entry as it reads now: with the names of now.
func (s *Store) current(r *room, e chat.Event) chat.Event {
	out := chat.Event{Epoch: r.Epoch}
	if e.Message != nil {
		m := *e.Message
		m.UserName, m.RoomName, m.Pinned = s.users[m.Author].Name, r.Name, r.pinned(m.ID) > 0
		if m.Thread != "" {
			m.Replies = s.replies(r, m.Thread)
		}
		out.Message = &m
	} else {
		c := *e.Change
		c.UserName, c.RoomName = s.users[c.Actor].Name, r.Name
		if c.Kind.IsOfMessage() {
			c.Now = s.now(r, &c)
		}
		out.Change = &c
	}
	return out
}

// Lookup says what became of ops; see chat.Journal.
func (s *Store) Lookup(_ context.Context, ops []chat.Op) ([]chat.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.lookups) > 0 {
		err := s.lookups[0]
		s.lookups = s.lookups[1:]
		return nil, err
	}
	outcomes := make([]chat.Outcome, len(ops))
	for i, op := range ops {
		outcomes[i] = s.lookup(op)
	}
	return outcomes, nil
}

func (s *Store) lookup(op chat.Op) chat.Outcome {
	missing := refuse(chat.Errorf(chat.NotFound, "", "it is not stored"))
	switch {
	case op.Post != nil:
		p := op.Post
		old, ok := s.posts[postKey{p.ClientID, p.Author, p.Room}]
		switch {
		case !ok:
			return missing
		case old.hash != p.RequestHash:
			return refuse(chat.Errorf(chat.Conflict, "", "client_id was used for another message"))
		}
		e := s.current(s.rooms[p.Room], old.event)
		return chat.Outcome{Event: e, Again: e.ID() != p.ID, Cursor: s.cursorOf(p.Room, p.Author), Showing: s.shownByPost(s.rooms[p.Room].Room, e.Message)}
	case op.Change != nil && s.rooms[op.Change.Room] != nil:
		r := s.rooms[op.Change.Room]
		for _, e := range r.entries {
			if e.ID() == op.Change.ID {
				return chat.Outcome{Event: s.current(r, e), Cursor: s.cursorOf(r.ID, op.Change.By.ID), Showing: s.shownByChange(r.Room, e.Change)}
			}
		}
	case op.Read != nil:
		c := s.cursorOf(op.Read.Room, op.Read.By.ID)
		if s.member(op.Read.Room, op.Read.By.ID) != nil && (c.N == op.Read.N || op.Read.Version == nil && c.N > op.Read.N) {
			c.Mentions = s.unreadMentions(op.Read.Room, op.Read.By.ID, c.N)
			return chat.Outcome{Cursor: c}
		}
	}
	return missing
}

func (s *Store) cursorOf(room chat.RoomID, user chat.UserID) chat.Cursor {
	return seen{m: s.member(room, user)}.cursor()
}

// Page reads history; see chat.Journal.
func (s *Store) Page(_ context.Context, id chat.RoomID, q chat.PageQuery) (chat.Page, error) {
	q, err := q.Normal()
	if err != nil {
		return chat.Page{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[id]
	if r == nil {
		return chat.Page{}, noRoom()
	}
	p := chat.Page{Page: q.Page, Epoch: r.Epoch, AsOf: r.Seq}
	if q.Thread != "" {
		root := r.message(q.Thread)
		if root == nil {
			return chat.Page{}, chat.ErrNoMessage()
		}
		if root.Thread != "" {
			return chat.Page{}, chat.ErrNoRoot()
		}
		p.RootSeq = root.Seq
	}
	var ms []chat.Message
	for _, e := range r.entries {
		if e.Message != nil && e.Message.Thread == q.Thread && (q.Before == nil || e.Seq() < *q.Before) && (q.After == nil || e.Seq() > *q.After) {
			ms = append(ms, s.dressed(r, e.Message, q.Reader))
		}
	}
	if q.Around != "" {
		at := slices.IndexFunc(ms, func(m chat.Message) bool { return m.ID == q.Around })
		if at < 0 {
			return chat.Page{}, chat.ErrNoMessage()
		}
		from, to := max(0, at-q.Limit), min(len(ms), at+q.Limit+1)
		p.Messages, p.HasMore, p.HasNewer = ms[from:to], from > 0, to < len(ms)
		return p, nil
	}
	if q.After != nil {
		if *q.After > r.Seq {
			return chat.Page{}, chat.Errorf(chat.Invalid, "", "after is beyond the room's last number %d", r.Seq)
		}
		n := min(len(ms), q.Limit)
		p.Messages, p.HasMore = ms[:n], n < len(ms)
		return p, nil
	}
	skip := uint64(0)
	if q.Page > 0 {
		skip = (q.Page - 1) * uint64(q.Limit)
	}
	if skip >= uint64(len(ms)) {
		return p, nil
	}
	ms = ms[:len(ms)-int(skip)]
	from := max(0, len(ms)-q.Limit)
	p.Messages, p.HasMore = ms[from:], from > 0
	return p, nil
}

// Head reads where the room ends.
func (s *Store) Head(_ context.Context, id chat.RoomID) (chat.Head, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.head(id)
}

func (s *Store) head(id chat.RoomID) (chat.Head, error) {
	r := s.rooms[id]
	if r == nil {
		return chat.Head{}, noRoom()
	}
	h := chat.Head{Epoch: r.Epoch, Seq: r.Seq, MinSeq: r.MinSeq}
	if len(r.entries) > 0 {
		h.ID = r.entries[len(r.entries)-1].ID()
	}
	return h, nil
}

// Entries reads the events after seq; see chat.Journal.
func (s *Store) Entries(_ context.Context, id chat.RoomID, after uint64, limit int) (chat.Head, []chat.Event, error) {
	if limit < 1 {
		return chat.Head{}, nil, chat.Errorf(chat.Invalid, "", "limit is out of range")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h, err := s.head(id)
	if err != nil {
		return chat.Head{}, nil, err
	}
	r := s.rooms[id]
	rest := r.entries[min(after, uint64(len(r.entries))):]
	var events []chat.Event
	for _, e := range rest[:min(limit, len(rest))] {
		events = append(events, s.current(r, e))
	}
	return h, events, nil
}
