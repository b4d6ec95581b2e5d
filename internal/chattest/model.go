package chattest

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/parley-chat/parley/internal/chat"
)

// testModel does random things to a store and a tiny model of it, and compares what can be read. The rules themselves
// are tested elsewhere; the model knows only that removed people may do nothing and everyone else everything.
func testModel(t *testing.T, s chat.Store) {
	owner := Member(t, s, chat.RoleOwner)
	people := []chat.Actor{owner, Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)}
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{t: rt, s: s, owner: owner, people: people, cursors: map[chat.UserID]chat.Cursor{}, removed: map[chat.UserID]bool{}}
		r, err := s.CreateRoom(ctx, NewRoom(chat.RoomPublic), "")
		if err != nil {
			rt.Fatal(err)
		}
		m.room = r
		for range rapid.IntRange(1, 8).Draw(rt, "batches") {
			m.batch()
			m.compare()
		}
	})
}

type model struct {
	t      *rapid.T
	s      chat.Store
	owner  chat.Actor
	people []chat.Actor // the first is the owner, who is never removed

	room    chat.Room
	entries []string  // ids by seq-1
	posts   []chat.Op // that were stored
	roots   []string  // ids of the top-level ones
	ns      []uint64  // seq of each message by n-1
	topic   string
	cursors map[chat.UserID]chat.Cursor
	named   [][]chat.UserID // whom each message mentions but its author, by n-1
	removed map[chat.UserID]bool
}

// step is an op with what the model expects of it.
type step struct {
	op     chat.Op
	refuse bool
	again  bool
	seq    uint64
}

// batch commits a few random ops, some of which touch what others of the same batch have stored.
func (m *model) batch() {
	var steps []step
	for range rapid.IntRange(1, 12).Draw(m.t, "ops") {
		steps = append(steps, m.step())
	}
	ops := make([]chat.Op, len(steps))
	for i, st := range steps {
		ops[i] = st.op
	}
	outcomes, err := m.s.Commit(ctx, ops)
	if err != nil {
		m.t.Fatal(err)
	}
	for i, st := range steps {
		o := outcomes[i]
		if (o.Err != nil) != st.refuse || o.Again != st.again || st.seq > 0 && o.Event.Seq() != st.seq {
			m.t.Fatalf("op %d: %+v; want %+v", i, o, st)
		}
	}
}

func (m *model) step() step {
	by := rapid.SampledFrom(m.people).Draw(m.t, "by")
	barred := m.removed[by.ID]
	switch rapid.SampledFrom([]string{"post", "post", "reply", "retry", "conflict", "topic", "read", "remove", "add"}).Draw(m.t, "kind") {
	case "reply":
		if len(m.roots) > 0 {
			return m.reply(by, rapid.SampledFrom(m.roots).Draw(m.t, "root"))
		}
	case "retry":
		if len(m.posts) > 0 {
			op := rapid.SampledFrom(m.posts).Draw(m.t, "which")
			return step{op: Retry(op), again: true, seq: op.Post.Seq}
		}
	case "conflict":
		if len(m.posts) > 0 {
			op := Retry(rapid.SampledFrom(m.posts).Draw(m.t, "which"))
			op.Post.RequestHash[0]++
			return step{op: op, refuse: true}
		}
	case "topic":
		op := Topic(m.room.ID, by, rapid.StringMatching("[a-z]{0,5}").Draw(m.t, "topic"))
		if !barred {
			m.topic = op.Change.Topic
		}
		return m.entry(op, op.Change.ID, barred)
	case "read":
		return m.read(by)
	case "remove":
		who := rapid.SampledFrom(m.people[1:]).Draw(m.t, "who")
		op := Remove(m.room.ID, m.owner, who.ID)
		was := m.removed[who.ID]
		m.removed[who.ID] = true
		return m.entry(op, op.Change.ID, was)
	case "add":
		who := rapid.SampledFrom(m.people[1:]).Draw(m.t, "who")
		if m.removed[who.ID] {
			op := Add(m.room.ID, m.owner, who.ID)
			m.removed[who.ID] = false
			return m.entry(op, op.Change.ID, false)
		}
	}
	return m.post(by)
}

func (m *model) post(by chat.Actor) step {
	op := Post(m.room.ID, by, rapid.StringN(1, 20, -1).Draw(m.t, "content"))
	var named []chat.UserID
	for _, p := range m.people[rapid.IntRange(0, len(m.people)).Draw(m.t, "whom"):] {
		op.Post.Mentions = append(op.Post.Mentions, p.ID)
		if p.ID != by.ID {
			named = append(named, p.ID)
		}
	}
	st := m.entry(op, op.Post.ID, m.removed[by.ID])
	if !st.refuse {
		op.Post.Seq = st.seq // the store overwrites it; the model remembers it here
		m.posts = append(m.posts, op)
		m.ns = append(m.ns, st.seq)
		m.named = append(m.named, named)
		m.roots = append(m.roots, op.Post.ID)
		m.cursors[by.ID] = chat.AfterPosting(m.cursors[by.ID], uint64(len(m.ns)))
	}
	return st
}

// reply expects a number and nothing else.
func (m *model) reply(by chat.Actor, root string) step {
	op := Reply(m.room.ID, by, root, rapid.StringN(1, 20, -1).Draw(m.t, "content"))
	st := m.entry(op, op.Post.ID, m.removed[by.ID])
	if !st.refuse {
		op.Post.Seq = st.seq
		m.posts = append(m.posts, op)
		if _, is := m.cursors[by.ID]; !is {
			m.cursors[by.ID] = chat.Cursor{}
		}
	}
	return st
}

// entry expects op to take the next number, unless it is refused.
func (m *model) entry(op chat.Op, id string, refuse bool) step {
	if refuse {
		return step{op: op, refuse: true}
	}
	m.entries = append(m.entries, id)
	return step{op: op, seq: uint64(len(m.entries))}
}

func (m *model) read(by chat.Actor) step {
	n := uint64(rapid.IntRange(0, len(m.ns)+1).Draw(m.t, "n"))
	c := m.cursors[by.ID]
	var version *uint64
	if rapid.Bool().Draw(m.t, "versioned") {
		v := c.Version + uint64(rapid.IntRange(0, 1).Draw(m.t, "late"))
		version = &v
	}
	st := step{op: Read(m.room.ID, by, n, version)}
	switch {
	case m.removed[by.ID], n > uint64(len(m.ns)), version != nil && *version != c.Version:
		st.refuse = true
	case n > c.N || version != nil && n < c.N:
		m.cursors[by.ID] = chat.Cursor{N: n, Version: c.Version + 1}
	}
	return st
}

// compare reads everything back.
func (m *model) compare() {
	r, err := m.s.RoomByID(ctx, m.room.ID)
	if err != nil || r.Seq != uint64(len(m.entries)) || r.N != uint64(len(m.ns)) || r.Topic != m.topic {
		m.t.Fatalf("the room is %+v, %v; want seq %d, n %d, topic %q", r, err, len(m.entries), len(m.ns), m.topic)
	}
	limit := rapid.IntRange(1, 10).Draw(m.t, "limit")
	var ids []string
	var contents int
	var tops uint64
	for {
		_, events, err := m.s.Entries(ctx, m.room.ID, uint64(len(ids)), limit)
		if err != nil {
			m.t.Fatal(err)
		}
		if len(events) == 0 {
			break
		}
		for _, e := range events {
			ids = append(ids, e.ID())
			if e.Seq() != uint64(len(ids)) {
				m.t.Fatalf("entry %d has seq %d", len(ids), e.Seq())
			}
			if e.Message != nil {
				want := m.posts[contents].Post
				if want.Thread == "" {
					tops++
				}
				if e.Message.Content != want.Content || e.Message.Thread != want.Thread || e.Message.N > 0 && e.Message.N != tops || (want.Thread == "") != (e.Message.N > 0) {
					m.t.Fatalf("message %+v; want %q", e.Message, want.Content)
				}
				contents++
			}
		}
	}
	if !equal(ids, m.entries) {
		m.t.Fatalf("entries %v; want %v", ids, m.entries)
	}
	m.comparePages(limit)
	m.compareMentions()
	m.compareThread()
	for who, c := range m.cursors {
		got, err := m.s.Membership(ctx, m.room.ID, who)
		if err != nil || got.ReadN != c.N || got.ReadVersion != c.Version || got.Removed != m.removed[who] {
			m.t.Fatalf("cursor %+v, %v; want %+v", got, err, c)
		}
	}
}

// compareMentions counts what is unread of them.
func (m *model) compareMentions() {
	for _, p := range m.people {
		var want uint64
		for _, named := range m.named[min(m.cursors[p.ID].N, uint64(len(m.named))):] {
			if slices.Contains(named, p.ID) {
				want++
			}
		}
		if got, err := m.s.UnreadMentions(ctx, m.room.ID, p.ID); err != nil || got != want {
			m.t.Fatalf("%s has %d unread mentions, %v; want %d", p.Name, got, err, want)
		}
	}
}

// comparePages walks through the history by numbers, newest first.
func (m *model) comparePages(limit int) {
	left := len(m.ns)
	for page := uint64(1); ; page++ {
		p, err := m.s.Page(ctx, m.room.ID, chat.PageQuery{Page: page, Limit: limit})
		if err != nil {
			m.t.Fatal(err)
		}
		for i := len(p.Messages) - 1; i >= 0; i-- {
			left--
			if left < 0 || p.Messages[i].Seq != m.ns[left] {
				m.t.Fatalf("page %d has %+v", page, p.Messages[i])
			}
		}
		if p.HasMore != (left > 0) || len(p.Messages) == 0 && left > 0 {
			m.t.Fatalf("page %d by %d: more %v, but %d messages are left", page, limit, p.HasMore, left)
		}
		if !p.HasMore {
			return
		}
	}
}

// compareThread reads one of the threads and compares it with what its root shows.
func (m *model) compareThread() {
	if len(m.roots) == 0 {
		return
	}
	root := rapid.SampledFrom(m.roots).Draw(m.t, "thread")
	var want []string
	for _, op := range m.posts {
		if op.Post.Thread == root {
			want = append(want, op.Post.ID)
		}
	}
	p, err := m.s.Page(ctx, m.room.ID, chat.PageQuery{Thread: root})
	around, aroundErr := m.s.Page(ctx, m.room.ID, chat.PageQuery{Around: root, Limit: 1})
	if err != nil || aroundErr != nil {
		m.t.Fatal(err, aroundErr)
	}
	var got []string
	for _, reply := range p.Messages {
		got = append(got, reply.ID)
	}
	if !equal(got, want[max(0, len(want)-chat.PageSize):]) {
		m.t.Fatalf("the thread is %v; want %v", got, want)
	}
	for _, top := range around.Messages {
		if top.ID == root && (top.Replies == nil && len(want) > 0 || top.Replies != nil && top.Replies.Count != len(want)) {
			m.t.Fatalf("the root of %d replies shows %+v", len(want), top.Replies)
		}
	}
}

func equal(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
