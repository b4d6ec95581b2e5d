package chattest

import (
	"fmt"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

// Reply is a reply to the message root, under a new client id.
func Reply(room chat.RoomID, by chat.Actor, root, content string) chat.Op {
	op := Post(room, by, content)
	op.Post.Thread = root
	return op
}

// Follow has somebody follow a thread, or not any more.
func Follow(room chat.RoomID, by chat.Actor, root string, on bool) chat.Op {
	return chat.Op{Mark: &chat.MarkOp{Room: room, By: by, Message: root, Kind: chat.MarkFollow, On: on}}
}

// ReadThread moves somebody's cursor in a thread.
func ReadThread(room chat.RoomID, by chat.Actor, root string, seq uint64) chat.Op {
	return chat.Op{Mark: &chat.MarkOp{Room: room, By: by, Message: root, Kind: chat.MarkRead, Seq: seq}}
}

// Save has somebody save a message, or not any more.
func Save(room chat.RoomID, by chat.Actor, message string, on bool) chat.Op {
	return chat.Op{Mark: &chat.MarkOp{Room: room, By: by, Message: message, Kind: chat.MarkSave, On: on, At: now()}}
}

// testThreads plays on one store: nobody and no room is of two tests.
func testThreads(t *testing.T, s chat.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, chat.Store)
	}{
		{"Replies", testReplies}, {"Repliers", testRepliers}, {"Refused", testRepliesRefused}, {"Pages", testThreadPages}, {"Reads", testThreadReads},
		{"Inbox", testThreadInbox}, {"Follows", testFollows}, {"FollowsRefused", testFollowsRefused}, {"Saved", testSaved}, {"ManySaved", testManySaved}, {"Deletions", testThreadDeletions}, {"LateComers", testThreadsOfLateComers},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, s) })
	}
}

// threads is a room with a message of ann's and whoever plays in the tests below.
type threads struct {
	*testing.T
	s                    chat.Store
	owner, ann, bob, eve chat.Actor
	room                 chat.Room
	root                 string
}

func newThreads(t *testing.T, s chat.Store) *threads {
	t.Helper()
	th := &threads{T: t, s: s, owner: Member(t, s, chat.RoleOwner), ann: Member(t, s, chat.RoleMember), bob: Member(t, s, chat.RoleMember), eve: Member(t, s, chat.RoleMember)}
	th.room = Room(t, s, th.owner.ID)
	th.root = Stored(t, s, Post(th.room.ID, th.ann, "root"))[0].Event.ID()
	return th
}

func (t *threads) reply(by chat.Actor, content string) chat.Outcome {
	t.Helper()
	return Stored(t, t.s, Reply(t.room.ID, by, t.root, content))[0]
}

func (t *threads) inbox(of chat.Actor, unread bool) []chat.ThreadState {
	t.Helper()
	ts, err := t.s.Threads(ctx, of.ID, unread, 1<<62, 50)
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

// wantThreads says which threads somebody follows, as "root read_seq unread".
func (t *threads) wantThreads(of chat.Actor, want ...string) {
	t.Helper()
	var got []string
	for _, th := range t.inbox(of, false) {
		got = append(got, fmt.Sprintf("%s %d %d", th.Root.Content, th.ReadSeq, th.Unread))
	}
	same(t, "the threads of "+of.Name, got, want)
}

func contents(ms []chat.Message) (all []string) {
	for _, m := range ms {
		all = append(all, m.Content)
	}
	return all
}

// A reply has a place in the room's sequence and none in the room: its pages, its count and the cursors there stay.
func testReplies(tt *testing.T, s chat.Store) {
	t := newThreads(tt, s)
	Stored(t, s, Read(t.room.ID, t.bob, 1, nil))
	first := t.reply(t.bob, "r1")
	m := first.Event.Message
	if m.Seq != 2 || m.N != 0 || m.Thread != t.root || m.RootSeq != 1 || first.Cursor != (chat.Cursor{N: 1, Version: 1}) || first.Joined {
		t.Errorf("the reply is %+v, the cursor %+v", m, first.Cursor)
	}
	top := Stored(t, s, Post(t.room.ID, t.ann, "top"))[0].Event.Message
	joined := t.reply(t.eve, "r2")
	if top.N != 2 || top.Replies != nil || !joined.Joined || joined.Cursor != (chat.Cursor{}) {
		t.Errorf("then came %+v and %+v", top, joined)
	}
	if mem, err := s.Membership(ctx, t.room.ID, t.eve.ID); err != nil || mem.ReadN != 0 || mem.ReadVersion != 0 {
		t.Errorf("who replied first is %+v, %v", mem, err)
	}
	if r, err := s.RoomByID(ctx, t.room.ID); err != nil || r.Seq != 4 || r.N != 2 {
		t.Errorf("the room is %+v, %v", r, err)
	}
	for _, q := range []chat.PageQuery{{}, {Before: new(uint64)}, {After: new(uint64)}, {Around: top.ID}} {
		if q.Before != nil {
			*q.Before = 5
		}
		p, err := s.Page(ctx, t.room.ID, q)
		same(t, describe(q), contents(p.Messages), []string{"root", "top"})
		if err != nil || p.HasMore || p.HasNewer || p.AsOf != 4 {
			t.Errorf("%s: %+v, %v", describe(q), p, err)
			continue
		}
		same(t, "what the root shows", p.Messages[0].Replies, &chat.Replies{
			Count: 2, LastSeq: 4, Last: joined.Event.Message.Created,
			Users: []chat.Person{{ID: t.eve.ID, Name: t.eve.Name}, {ID: t.bob.ID, Name: t.bob.Name}},
		})
		if p.Messages[1].Replies != nil {
			t.Errorf("a message without replies shows %+v", p.Messages[1].Replies)
		}
	}
	_, err := s.Page(ctx, t.room.ID, chat.PageQuery{Around: m.ID})
	WantCode(t, err, chat.NotFound) // it is on no page of the room

	// What is read back is what was told, with the thread as it is now.
	_, events, err := s.Entries(ctx, t.room.ID, 0, 10)
	if err != nil || len(events) != 4 {
		t.Fatal(events, err)
	}
	same(t, "the newest reply", events[3], joined.Event)
	same(t, "an older reply", events[1].Message.Replies, joined.Event.Message.Replies)
	if m.Replies.Count != 1 || len(m.Replies.Users) != 1 || events[0].Message.Replies != nil {
		t.Errorf("the first reply told %+v, the root %+v", m.Replies, events[0].Message.Replies)
	}
}

// The faces are those of the newest replies, whoever wrote how many, also within one batch.
func testRepliers(tt *testing.T, s chat.Store) {
	t := newThreads(tt, s)
	var ops []chat.Op
	for _, by := range []chat.Actor{t.ann, t.bob, t.eve, t.owner, t.bob, t.bob} {
		ops = append(ops, Reply(t.room.ID, by, t.root, "r"))
	}
	last := Stored(t, s, ops...)[5].Event.Message.Replies
	want := []chat.Person{{ID: t.bob.ID, Name: t.bob.Name}, {ID: t.owner.ID, Name: t.owner.Name}, {ID: t.eve.ID, Name: t.eve.Name}}
	same(t, "told", last.Users, want)
	p, err := s.Page(ctx, t.room.ID, chat.PageQuery{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "read", p.Messages[0].Replies, last)
	if last.Count != 6 || last.LastSeq != 7 {
		t.Errorf("%+v", last)
	}
}

func testThreadPages(tt *testing.T, s chat.Store) {
	t := newThreads(tt, s)
	var ops []chat.Op
	for i := range 4 {
		ops = append(ops, Reply(t.room.ID, t.bob, t.root, fmt.Sprint("r", i+1)), Post(t.room.ID, t.ann, "between"))
	}
	other := ops[1].Post.ID
	ops = append(ops, Reply(t.room.ID, t.bob, other, "another thread"))
	Stored(t, s, ops...) // r1..r4 have seq 2, 4, 6, 8
	at := func(v uint64) *uint64 { return &v }
	for _, c := range []struct {
		q      chat.PageQuery
		want   []string
		more   bool
		newer  bool
		around string
	}{
		{q: chat.PageQuery{}, want: []string{"r1", "r2", "r3", "r4"}},
		{q: chat.PageQuery{Limit: 3}, want: []string{"r2", "r3", "r4"}, more: true},
		{q: chat.PageQuery{Before: at(6), Limit: 1}, want: []string{"r2"}, more: true},
		{q: chat.PageQuery{Before: at(5)}, want: []string{"r1", "r2"}},
		{q: chat.PageQuery{After: at(0), Limit: 2}, want: []string{"r1", "r2"}, more: true},
		{q: chat.PageQuery{After: at(4)}, want: []string{"r3", "r4"}},
		{q: chat.PageQuery{After: at(8)}},
		{q: chat.PageQuery{Around: ops[2].Post.ID, Limit: 1}, want: []string{"r1", "r2", "r3"}, newer: true},
	} {
		c.q.Thread = t.root
		p, err := s.Page(ctx, t.room.ID, c.q)
		same(t, describe(c.q), contents(p.Messages), c.want)
		if err != nil || p.HasMore != c.more || p.HasNewer != c.newer || p.AsOf != 10 || p.RootSeq != 1 || p.Epoch != t.room.Epoch {
			t.Errorf("%s: %+v, %v", describe(c.q), p, err)
		}
	}
	elsewhere := Room(t, s, "")
	for _, c := range []struct {
		room chat.RoomID
		q    chat.PageQuery
		code chat.Code
	}{
		{t.room.ID, chat.PageQuery{Thread: ops[0].Post.ID}, chat.Invalid}, // a reply has no thread
		{t.room.ID, chat.PageQuery{Thread: ID()}, chat.NotFound},
		{elsewhere.ID, chat.PageQuery{Thread: t.root}, chat.NotFound},
		{t.room.ID, chat.PageQuery{Thread: t.root, Around: other}, chat.NotFound},
		{t.room.ID, chat.PageQuery{Thread: t.root, Page: 1}, chat.Invalid},
		{t.room.ID, chat.PageQuery{Thread: t.root, After: at(11)}, chat.Invalid},
		{t.room.ID, chat.PageQuery{Thread: "general"}, chat.Invalid},
	} {
		_, err := s.Page(ctx, c.room, c.q)
		if chat.CodeOf(err) != c.code {
			t.Errorf("%s: %v; want %s", describe(c.q), err, c.code)
		}
	}
}

func testRepliesRefused(tt *testing.T, s chat.Store) {
	t := newThreads(tt, s)
	reply := t.reply(t.bob, "r1").Event.ID()
	elsewhere, private := Room(t, s, t.ann.ID), NewRoom(chat.RoomPrivate)
	if _, err := s.CreateRoom(ctx, private, t.ann.ID); err != nil {
		t.Fatal(err)
	}
	secret := Stored(t, s, Post(private.ID, t.ann, "secret"))[0].Event.ID()
	for _, c := range []struct {
		op   chat.Op
		code chat.Code
	}{
		{Reply(t.room.ID, t.eve, reply, "to a reply"), chat.Invalid},
		{Reply(t.room.ID, t.eve, ID(), "to nothing"), chat.NotFound},
		{Reply(elsewhere.ID, t.eve, t.root, "to what is elsewhere"), chat.NotFound},
		{Reply(private.ID, t.eve, secret, "to what I may not see"), chat.NotFound},
		{Reply(t.room.ID, t.eve, secret, "to what I may not see"), chat.NotFound},
	} {
		if o := Commit(t, s, c.op)[0]; chat.CodeOf(o.Err) != c.code {
			t.Errorf("%s: %v; want %s", c.op.Post.Content, o.Err, c.code)
		}
	}
	readOnly := NewRoom(chat.RoomPublic)
	readOnly.ReadOnly = true
	if _, err := s.CreateRoom(ctx, readOnly, t.ann.ID); err != nil {
		t.Fatal(err)
	}
	notice := Stored(t, s, Post(readOnly.ID, t.ann, "notice"))[0].Event.ID()
	WantCode(t, Commit(t, s, Post(readOnly.ID, t.eve, "begun"))[0].Err, chat.Forbidden)
	Stored(t, s, Reply(readOnly.ID, t.eve, notice, "answered"))

	Stored(t, s, Remove(t.room.ID, t.owner, t.bob.ID))
	WantCode(t, Commit(t, s, Reply(t.room.ID, t.bob, t.root, "removed"))[0].Err, chat.Forbidden)
	last := Reply(t.room.ID, t.eve, t.root, "last")
	Stored(t, s, last, Archive(t.room.ID, t.owner, true))
	WantCode(t, Commit(t, s, Reply(t.room.ID, t.eve, t.root, "archived"))[0].Err, chat.Forbidden)
	if o := Stored(t, s, Retry(last))[0]; !o.Again || o.Event.Message.Thread != t.root || o.Event.Message.Replies.Count != 2 {
		t.Errorf("a retry in an archived room: %+v", o)
	}
	found, err := s.Lookup(ctx, []chat.Op{last})
	if err != nil || found[0].Err != nil || found[0].Event.Message.Replies.Count != 2 {
		t.Errorf("looked up: %+v, %v", found, err)
	}
}

// Who wrote the root, who replies and who is mentioned in a reply follows; what somebody has decided stays so until they reply.
func testFollows(tt *testing.T, s chat.Store) {
	t := newThreads(tt, s)
	same(t, "who follows by the first reply", t.reply(t.bob, "r1").Follows, []chat.UserID{t.bob.ID, t.ann.ID}) // seq 2
	same(t, "who follows by the next", t.reply(t.bob, "r2").Follows, []chat.UserID(nil))
	mention := Reply(t.room.ID, t.ann, t.root, "r3")
	mention.Post.Mentions = []chat.UserID{t.eve.ID, t.bob.ID, t.ann.ID}
	same(t, "who follows by a mention", Stored(t, s, mention)[0].Follows, []chat.UserID{t.eve.ID}) // seq 4
	t.wantThreads(t.ann, "root 4 0")                                                               // she has read what came before her own
	t.wantThreads(t.bob, "root 3 1")
	t.wantThreads(t.eve, "root 3 1") // what was said before she was mentioned is not hers
	t.wantThreads(t.owner)

	for i, o := range Stored(t, s, Follow(t.room.ID, t.ann, t.root, false), Follow(t.room.ID, t.ann, t.root, false), Follow(t.room.ID, t.owner, t.root, true)) {
		if o.Mark.Changed != (i != 1) || o.Mark.On != (i == 2) || o.Mark.Room != t.room.Name || o.Mark.Message != t.root || o.Mark.Kind != chat.MarkFollow {
			t.Errorf("follow %d: %+v", i, o.Mark)
		}
	}
	t.wantThreads(t.ann)
	t.wantThreads(t.owner, "root 4 0") // from now on
	again := Reply(t.room.ID, t.bob, t.root, "r4")
	again.Post.Mentions = []chat.UserID{t.ann.ID}
	same(t, "a mention of who does not want to", Stored(t, s, again)[0].Follows, []chat.UserID(nil))
	t.wantThreads(t.ann)
	t.wantThreads(t.owner, "root 4 1")
	same(t, "a reply of who did not want to", t.reply(t.ann, "r5").Follows, []chat.UserID{t.ann.ID})
	t.wantThreads(t.ann, "root 6 0")

	// Who wrote the root and said before the first reply that they do not want to, does not.
	other := Stored(t, s, Post(t.room.ID, t.ann, "other"), Post(t.room.ID, t.ann, "third"))
	Stored(t, s, Follow(t.room.ID, t.ann, other[0].Event.ID(), false), ReadThread(t.room.ID, t.ann, other[1].Event.ID(), 8))
	same(t, "an unwanted first reply", Stored(t, s, Reply(t.room.ID, t.bob, other[0].Event.ID(), "r"))[0].Follows, []chat.UserID{t.bob.ID})
	same(t, "reading decides nothing", Stored(t, s, Reply(t.room.ID, t.bob, other[1].Event.ID(), "r"))[0].Follows, []chat.UserID{t.bob.ID, t.ann.ID})
}

// Nobody is made to follow what they may not see, and no id of another room or of what is hidden can be followed or read.
func testFollowsRefused(tt *testing.T, s chat.Store) {
	t := newThreads(tt, s)
	elsewhere, private := Room(t, s, t.ann.ID), NewRoom(chat.RoomPrivate)
	if _, err := s.CreateRoom(ctx, private, t.ann.ID); err != nil {
		t.Fatal(err)
	}
	secret := Stored(t, s, Post(private.ID, t.ann, "secret"))[0].Event.ID()
	mention := Reply(private.ID, t.ann, secret, "for @bob")
	mention.Post.Mentions = []chat.UserID{t.bob.ID, chat.UserID(ID())}
	same(t, "who follows", Stored(t, s, mention)[0].Follows, []chat.UserID{t.ann.ID})
	t.wantThreads(t.bob)
	reply := t.reply(t.bob, "r1").Event.ID()
	for i, c := range []struct {
		op   chat.Op
		code chat.Code
	}{
		{Follow(private.ID, t.bob, secret, true), chat.NotFound},
		{ReadThread(private.ID, t.bob, secret, 1), chat.NotFound},
		{Save(private.ID, t.bob, secret, true), chat.NotFound},
		{Follow(t.room.ID, t.bob, secret, true), chat.NotFound},
		{Save(t.room.ID, t.bob, secret, true), chat.NotFound},
		{Follow(elsewhere.ID, t.bob, t.root, true), chat.NotFound},
		{ReadThread(elsewhere.ID, t.bob, t.root, 1), chat.NotFound},
		{Save(elsewhere.ID, t.bob, t.root, true), chat.NotFound},
		{Follow(t.room.ID, t.bob, reply, true), chat.Invalid},
		{ReadThread(t.room.ID, t.bob, reply, 1), chat.Invalid},
		{ReadThread(t.room.ID, t.bob, t.root, 3), chat.Invalid}, // the room ends at 2
		{ReadThread(t.room.ID, t.bob, t.root, 1<<64-1), chat.Invalid},
		{Save(t.room.ID, t.bob, reply, true), ""},
		{Follow(t.room.ID, Guest(), t.root, true), chat.Forbidden},
		{Save(t.room.ID, Guest(), t.root, true), chat.Forbidden},
		{Follow(t.room.ID, Guest(), t.root, false), ""},
		{ReadThread(t.room.ID, Guest(), t.root, 2), ""},
		{Follow(chat.RoomID(ID()), t.bob, t.root, true), chat.NotFound},
		{Follow(t.room.ID, chat.Actor{ID: chat.UserID(ID()), Kind: chat.KindMember}, t.root, true), chat.Unauthenticated},
	} {
		if o := Commit(t, s, c.op)[0]; chat.CodeOf(o.Err) != c.code {
			t.Errorf("case %d: %v; want %q", i, o.Err, c.code)
		}
	}
	Stored(t, s, Remove(t.room.ID, t.owner, t.bob.ID))
	for _, op := range []chat.Op{Follow(t.room.ID, t.bob, t.root, true), ReadThread(t.room.ID, t.bob, t.root, 1), Save(t.room.ID, t.bob, t.root, true)} {
		WantCode(t, Commit(t, s, op)[0].Err, chat.Forbidden)
	}
}

func testThreadReads(tt *testing.T, s chat.Store) {
	t := newThreads(tt, s)
	t.reply(t.bob, "r1") // seq 2
	t.reply(t.eve, "r2")
	t.reply(t.bob, "r3") // seq 4
	t.wantThreads(t.ann, "root 1 3")
	for i, c := range []struct {
		seq     uint64
		want    chat.Mark
		changed bool
	}{
		{0, chat.Mark{Seq: 1, Unread: 3}, false},
		{3, chat.Mark{Seq: 3, Unread: 1}, true},
		{2, chat.Mark{Seq: 3, Unread: 1}, false}, // never back
		{4, chat.Mark{Seq: 4, Unread: 0}, true},
	} {
		c.want.Room, c.want.Message, c.want.Kind, c.want.Changed = t.room.Name, t.root, chat.MarkRead, c.changed
		same(t, fmt.Sprint("read ", i), Stored(t, s, ReadThread(t.room.ID, t.ann, t.root, c.seq))[0].Mark, c.want)
	}
	t.wantThreads(t.ann, "root 4 0")
	t.wantThreads(t.eve, "root 3 1") // one's own do not count
	if h, err := s.Head(ctx, t.room.ID); err != nil || h.Seq != 4 {
		t.Errorf("reading takes numbers: %+v, %v", h, err)
	}
}

// The inbox goes from the newest reply to the oldest, over all rooms, and holds what its reader may see now.
func testThreadInbox(tt *testing.T, s chat.Store) {
	t := newThreads(tt, s)
	private := NewRoom(chat.RoomPrivate)
	if _, err := s.CreateRoom(ctx, private, t.bob.ID); err != nil {
		t.Fatal(err)
	}
	Stored(t, s, Add(private.ID, t.bob, t.ann.ID))
	posts := Stored(t, s, Post(private.ID, t.ann, "private"), Post(t.room.ID, t.ann, "second"), Post(t.room.ID, t.ann, "silent"))
	hidden, second := posts[0].Event.ID(), posts[1].Event.ID()
	Stored(t, s, Follow(t.room.ID, t.ann, posts[2].Event.ID(), true)) // no replies: not in the inbox
	Stored(t, s, Reply(private.ID, t.bob, hidden, "r"), Reply(t.room.ID, t.bob, t.root, "r"), Reply(t.room.ID, t.bob, second, "r"), Reply(private.ID, t.bob, hidden, "r"))
	t.wantThreads(t.ann, "private 2 2", "second 4 1", "root 3 1")

	var paged []string
	before := uint64(1 << 62)
	for range 3 {
		ts, err := s.Threads(ctx, t.ann.ID, false, before, 1)
		if err != nil || len(ts) != 1 || !ts[0].Following || ts[0].Root.Replies == nil || ts[0].Root.RoomName == "" {
			t.Fatalf("%+v, %v", ts, err)
		}
		paged, before = append(paged, ts[0].Root.Content), ts[0].Place
	}
	same(t, "thread by thread", paged, []string{"private", "second", "root"})

	Stored(t, s, ReadThread(t.room.ID, t.ann, second, 5))
	if ts := t.inbox(t.ann, true); len(ts) != 2 || ts[0].Root.Content != "private" || ts[1].Root.Content != "root" {
		t.Errorf("unread are %+v", ts)
	}
	n, first, err := s.UnreadThreads(ctx, t.ann.ID, 1)
	if err != nil || n != 2 {
		t.Errorf("%d, %v", n, err)
	}
	same(t, "UnreadThreads", first, []chat.UnreadThread{{RoomName: private.Name, Root: hidden, Unread: 2}})

	Stored(t, s, Remove(private.ID, t.bob, t.ann.ID))
	t.wantThreads(t.ann, "second 5 0", "root 3 1")
	if n, first, err = s.UnreadThreads(ctx, t.ann.ID, 10); err != nil || n != 1 || first[0].Root != t.root {
		t.Errorf("after the removal: %d, %+v, %v", n, first, err)
	}
}

func testSaved(tt *testing.T, s chat.Store) {
	t := newThreads(tt, s)
	private := NewRoom(chat.RoomPrivate)
	if _, err := s.CreateRoom(ctx, private, t.ann.ID); err != nil {
		t.Fatal(err)
	}
	reply := t.reply(t.bob, "reply").Event.ID()
	secret := Stored(t, s, Post(private.ID, t.ann, "secret"))[0].Event.ID()
	saved := func(before uint64, limit int) (all []string) {
		t.Helper()
		ms, err := s.Saved(ctx, t.ann.ID, before, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range ms {
			if !m.Message.Saved || m.At.IsZero() || m.Message.RoomName == "" {
				t.Errorf("saved is %+v", m)
			}
			all = append(all, m.Message.Content)
		}
		return all
	}
	for i, o := range Stored(t, s, Save(t.room.ID, t.ann, t.root, true), Save(private.ID, t.ann, secret, true), Save(t.room.ID, t.ann, reply, true),
		Save(t.room.ID, t.ann, t.root, true), Save(t.room.ID, t.bob, t.root, false)) {
		if o.Mark.Changed != (i < 3) {
			t.Errorf("save %d: %+v", i, o.Mark)
		}
	}
	same(t, "saved", saved(1<<62, 50), []string{"reply", "secret", "root"})
	ms, err := s.Saved(ctx, t.ann.ID, 1<<62, 1)
	if err != nil || len(ms) != 1 {
		t.Fatal(ms, err)
	}
	same(t, "the next page", saved(ms[0].Place, 1), []string{"secret"})
	p, err := s.Page(ctx, t.room.ID, chat.PageQuery{Reader: t.ann.ID})
	if err != nil || !p.Messages[0].Saved || !p.Messages[0].Following {
		t.Errorf("on a page: %+v, %v", p, err)
	}
	if p, err = s.Page(ctx, t.room.ID, chat.PageQuery{Reader: t.eve.ID}); err != nil || p.Messages[0].Saved || p.Messages[0].Following {
		t.Errorf("on somebody else's page: %+v, %v", p, err)
	}
	Stored(t, s, Save(t.room.ID, t.ann, reply, false), Remove(private.ID, t.ann, t.ann.ID))
	same(t, "after the removal", saved(1<<62, 50), []string{"root"})
}

func testManySaved(tt *testing.T, s chat.Store) {
	t := newThreads(tt, s)
	var posts, saves []chat.Op
	for range chat.MaxSaved {
		post := Post(t.room.ID, t.bob, "m")
		posts, saves = append(posts, post), append(saves, Save(t.room.ID, t.ann, post.Post.ID, true))
	}
	Stored(t, s, append(posts, saves...)...)
	WantCode(t, Commit(t, s, Save(t.room.ID, t.ann, t.root, true))[0].Err, chat.TooLarge)
	Stored(t, s, saves[0], Save(t.room.ID, t.ann, posts[0].Post.ID, false), Save(t.room.ID, t.ann, t.root, true))
}

// A reply that was deleted keeps its place and counts nowhere; a root that was deleted keeps its replies.
func testThreadDeletions(tt *testing.T, s chat.Store) {
	t := newThreads(tt, s)
	r1, r2 := t.reply(t.bob, "r1").Event.Message, t.reply(t.eve, "r2").Event.Message
	r3 := t.reply(t.bob, "r3").Event.ID()
	shown := func() *chat.Replies {
		t.Helper()
		p, err := s.Page(ctx, t.room.ID, chat.PageQuery{})
		if err != nil || len(p.Messages) != 1 {
			t.Fatal(p, err)
		}
		return p.Messages[0].Replies
	}
	people := func(as ...chat.Actor) (all []chat.Person) {
		for _, a := range as {
			all = append(all, chat.Person{ID: a.ID, Name: a.Name})
		}
		return all
	}
	deleted := Stored(t, s, Save(t.room.ID, t.ann, r3, true), Delete(t.room.ID, t.bob, r3, ""))[1].Event.Change
	want := &chat.Replies{Count: 2, LastSeq: r2.Seq, Last: r2.Created, Users: people(t.eve, t.bob)}
	same(t, "what the deletion tells", deleted.Now.Replies, want)
	same(t, "what the root shows", shown(), want)
	if deleted.Now.Thread != t.root || deleted.Now.Origin() != 1 {
		t.Errorf("the deletion is about %+v", deleted.Now)
	}
	t.wantThreads(t.ann, "root 1 2")
	if ms, err := s.Saved(ctx, t.ann.ID, 1<<62, 50); err != nil || len(ms) != 0 {
		t.Errorf("saved is %+v, %v", ms, err)
	}
	p, err := s.Page(ctx, t.room.ID, chat.PageQuery{Thread: t.root})
	if err != nil || len(p.Messages) != 3 || !p.Messages[2].Deleted || p.Messages[2].Content != "" {
		t.Errorf("the thread is %+v, %v", p.Messages, err)
	}

	// In one batch each op meets what those before it did.
	ops := []chat.Op{Delete(t.room.ID, t.eve, r2.ID, ""), Reply(t.room.ID, t.owner, t.root, "r4"), Delete(t.room.ID, t.bob, r1.ID, "")}
	outcomes := Stored(t, s, ops...)
	r4 := outcomes[1].Event.Message
	if r4.Replies.Count != 2 || outcomes[0].Event.Change.Now.Replies.Count != 1 {
		t.Errorf("told were %+v and %+v", outcomes[0].Event.Change.Now.Replies, r4.Replies)
	}
	same(t, "in the end", shown(), &chat.Replies{Count: 1, LastSeq: r4.Seq, Last: r4.Created, Users: people(t.owner)})

	// The root goes, and its thread goes on.
	Stored(t, s, Save(t.room.ID, t.eve, t.root, true), Delete(t.room.ID, t.ann, t.root, ""), Reply(t.room.ID, t.eve, t.root, "r5"))
	if ts := t.inbox(t.eve, false); len(ts) != 1 || !ts[0].Root.Deleted || ts[0].Root.Content != "" || ts[0].Root.Replies.Count != 2 {
		t.Errorf("the inbox is %+v", ts)
	}
	if ms, err := s.Saved(ctx, t.eve.ID, 1<<62, 50); err != nil || len(ms) != 0 {
		t.Errorf("saved is %+v, %v", ms, err)
	}
	WantCode(t, Commit(t, s, Save(t.room.ID, t.eve, t.root, true))[0].Err, chat.Conflict)
	Stored(t, s, Save(t.room.ID, t.eve, t.root, false), Follow(t.room.ID, t.bob, t.root, true))

	// Without a reply that stands nothing of it is left but the places.
	r5 := t.inbox(t.eve, false)[0].Root.Replies.LastSeq
	_, es, err := s.Entries(ctx, t.room.ID, r5-1, 1)
	if err != nil {
		t.Fatal(err)
	}
	last := Stored(t, s, Delete(t.room.ID, t.owner, es[0].ID(), ""), Delete(t.room.ID, t.owner, r4.ID, ""))[1].Event.Change
	if r := last.Now.Replies; r != nil && r.Count != 0 || shown() != nil {
		t.Errorf("the last deletion tells %+v, the root shows %+v", r, shown())
	}
	t.wantThreads(t.eve)
	for _, op := range []chat.Op{Reply(t.room.ID, t.eve, t.root, "r6"), Follow(t.room.ID, t.ann, t.root, true)} {
		WantCode(t, Commit(t, s, op)[0].Err, chat.Conflict)
	}
	Stored(t, s, Follow(t.room.ID, t.ann, t.root, false), ReadThread(t.room.ID, t.ann, t.root, 1))
}

// Who came later sees no thread below what is older than they are, whatever they are told of it, and whatever they knew before.
func testThreadsOfLateComers(tt *testing.T, s chat.Store) {
	t := newThreads(tt, s)
	private := NewRoom(chat.RoomPrivate)
	private.History = chat.HistoryJoined
	if _, err := s.CreateRoom(ctx, private, t.ann.ID); err != nil {
		t.Fatal(err)
	}
	root := Stored(t, s, Post(private.ID, t.ann, "old"), Add(private.ID, t.ann, t.bob.ID))[0].Event.ID() // seq 1, 2
	young := Stored(t, s, Post(private.ID, t.ann, "young"))[0].Event.ID()                                // seq 3
	mention := Reply(private.ID, t.ann, root, "for @bob")
	mention.Post.Mentions = []chat.UserID{t.bob.ID}
	reply := Stored(t, s, mention)[0]
	same(t, "who follows", reply.Follows, []chat.UserID{t.ann.ID})
	spam := chat.Report{ID: chat.ReportID(ID()), Room: private.ID, Message: reply.Event.ID(), Reason: "x", Created: now()}
	WantCode(t, s.Report(ctx, t.bob, spam), chat.NotFound)
	for i, c := range []struct {
		op   chat.Op
		code chat.Code
	}{
		{Reply(private.ID, t.bob, root, "to what is older"), chat.NotFound},
		{Follow(private.ID, t.bob, root, true), chat.NotFound},
		{ReadThread(private.ID, t.bob, root, 2), chat.NotFound},
		{Save(private.ID, t.bob, root, true), chat.NotFound},
		{Save(private.ID, t.bob, reply.Event.ID(), true), chat.NotFound},
		{Reply(private.ID, t.bob, young, "mine"), ""},
		{Save(private.ID, t.bob, young, true), ""},
	} {
		if o := Commit(t, s, c.op)[0]; chat.CodeOf(o.Err) != c.code {
			t.Errorf("case %d: %v; want %q", i, o.Err, c.code)
		}
	}
	if ts := t.inbox(t.bob, false); len(ts) != 1 || ts[0].Root.ID != young {
		t.Errorf("bob follows %+v", ts)
	}
	Stored(t, s, Remove(private.ID, t.ann, t.bob.ID), Add(private.ID, t.ann, t.bob.ID))
	if ts := t.inbox(t.bob, false); len(ts) != 0 {
		t.Errorf("bob, who came back, follows %+v", ts)
	}
	if ms, err := s.Saved(ctx, t.bob.ID, 1<<62, 50); err != nil || len(ms) != 0 {
		t.Errorf("bob, who came back, has saved %+v, %v", ms, err)
	}
}
