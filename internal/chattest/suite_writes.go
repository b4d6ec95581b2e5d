package chattest

import (
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

func testSequence(t *testing.T, s chat.Store) {
	ann := Member(t, s, chat.RoleMember)
	r, other := Room(t, s, ann.ID), Room(t, s, ann.ID)
	text := "exactly as sent:  ünïcode 😀\n\ttab "
	ops := []chat.Op{
		Post(r.ID, ann, "one"), Post(other.ID, ann, "elsewhere"), Topic(r.ID, ann, "tea"), Post(r.ID, ann, text), Post(r.ID, ann, "three"),
	}
	outcomes := Stored(t, s, ops[:2]...)
	outcomes = append(outcomes, Stored(t, s, ops[2:]...)...)
	for i, want := range []struct{ seq, n uint64 }{{1, 1}, {1, 1}, {2, 0}, {3, 2}, {4, 3}} {
		e := outcomes[i].Event
		if e.Seq() != want.seq || e.Message != nil && e.Message.N != want.n {
			t.Errorf("op %d: seq %d; want %+v", i, e.Seq(), want)
		}
	}
	m := *ops[3].Post
	same(t, "the message", outcomes[3].Event, chat.Event{Epoch: r.Epoch, Message: &chat.Message{
		ID: m.ID, Room: r.ID, RoomName: r.Name, Seq: 3, N: 2, Author: ann.ID, UserName: ann.Name, ClientID: m.ClientID, Content: text, Created: m.Created,
	}})
	c := ops[2].Change
	same(t, "the change", outcomes[2].Event, chat.Event{Epoch: r.Epoch, Change: &chat.Change{
		ID: c.ID, Room: r.ID, RoomName: r.Name, Seq: 2, Kind: chat.ChangeTopic, Actor: ann.ID, UserName: ann.Name, Data: `{"topic":"tea"}`, Created: c.Created,
	}})
	h, err := s.Head(ctx, r.ID)
	same(t, "Head", h, chat.Head{Epoch: r.Epoch, Seq: 4, ID: ops[4].Post.ID, MinSeq: 1})
	_, events, entriesErr := s.Entries(ctx, r.ID, 0, 100)
	if err != nil || entriesErr != nil {
		t.Fatal(err, entriesErr)
	}
	same(t, "what is read back", events, []chat.Event{outcomes[0].Event, outcomes[2].Event, outcomes[3].Event, outcomes[4].Event})
}

// What was rendered stands with its message and comes back with it, however it is read. A retry that brings another
// rendering of the same changes nothing.
func testRendered(t *testing.T, s chat.Store) {
	ann := Member(t, s, chat.RoleMember)
	r := Room(t, s, ann.ID)
	rich, plain, older := Post(r.ID, ann, "**a**"), Post(r.ID, ann, "b"), Post(r.ID, ann, "**c**")
	rich.Post.HTML, rich.Post.Renderer = "<p><strong>a</strong></p>", 3
	plain.Post.Renderer = 3
	want := []string{rich.Post.HTML, "", ""}
	versions := []int{3, 3, 0}
	check := func(where string, i int, m *chat.Message) {
		t.Helper()
		if m == nil || m.HTML != want[i] || m.Renderer != versions[i] {
			t.Errorf("%s: message %d is %+v", where, i, m)
		}
	}
	for i, o := range Stored(t, s, rich, plain, older) {
		check("Commit", i, o.Event.Message)
	}
	retry := Retry(rich)
	retry.Post.HTML, retry.Post.Renderer = "<p>other</p>", 4
	check("a retry", 0, Stored(t, s, retry)[0].Event.Message)
	found, err := s.Lookup(ctx, []chat.Op{rich, plain, older})
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.Page(ctx, r.ID, chat.PageQuery{Page: 1})
	if err != nil {
		t.Fatal(err)
	}
	_, events, err := s.Entries(ctx, r.ID, 0, 10)
	if err != nil || len(found) != 3 || len(page.Messages) != 3 || len(events) != 3 {
		t.Fatal(err, found, page, events)
	}
	for i := range want {
		check("Lookup", i, found[i].Event.Message)
		check("Page", i, &page.Messages[i])
		check("Entries", i, events[i].Message)
	}
}

func testIdempotency(t *testing.T, s chat.Store) {
	owner, ann, bob := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r, other := Room(t, s, ""), Room(t, s, "")
	post := Post(r.ID, ann, "once")
	first := Stored(t, s, post)[0]
	if first.Again {
		t.Error("a new message is there again")
	}
	again := Stored(t, s, Retry(post))[0]
	if !again.Again {
		t.Error("a retry was stored")
	}
	same(t, "the retry's event", again.Event, first.Event)

	changed := Retry(post)
	changed.Post.Content, changed.Post.RequestHash = "twice", [16]byte{1}
	WantCode(t, Commit(t, s, changed)[0].Err, chat.Conflict)

	// The key is of one author in one room.
	elsewhere, bobs := Retry(post), Retry(post)
	elsewhere.Post.Room = other.ID
	bobs.Post.Actor, bobs.Post.Author = bob, bob.ID
	for _, o := range Stored(t, s, elsewhere, bobs) {
		if o.Again {
			t.Error("another author or room counts as a retry")
		}
	}

	// Also after the author may not write any more.
	Stored(t, s, Remove(r.ID, owner, ann.ID))
	again = Stored(t, s, Retry(post))[0]
	if !again.Again || again.Event.ID() != first.Event.ID() {
		t.Errorf("a retry after removal: %+v", again)
	}
	WantCode(t, Commit(t, s, changed)[0].Err, chat.Conflict)
	if h, err := s.Head(ctx, r.ID); err != nil || h.Seq != 3 { // ann, bob, the removal
		t.Errorf("Head = %+v, %v", h, err)
	}
}

// testOneBatch has ops that depend on each other in one commit.
func testOneBatch(t *testing.T, s chat.Store) {
	owner, ann := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember)
	guest := Guest()
	r := Room(t, s, "")
	post, guests := Post(r.ID, ann, "once"), Post(r.ID, guest, "hi")
	other := Retry(post)
	other.Post.RequestHash = [16]byte{1}
	outcomes := Commit(t, s,
		post, Retry(post), other, guests, Retry(guests), // 0..4
		Post(r.ID, guest, "again"), Remove(r.ID, owner, ann.ID), Post(r.ID, ann, "too late"), // 5..7
		Read(r.ID, ann, 1, nil), Add(r.ID, owner, ann.ID), Post(r.ID, ann, "back"), // 8..10
		Post(chat.RoomID(ID()), ann, "nowhere"), chat.Op{}, Read(r.ID, guest, 99, nil), // 11..13
		Topic(r.ID, guest, "mine"), Topic(r.ID, ann, "ours"), // 14, 15
	)
	for i, want := range []struct {
		seq   uint64
		again bool
		code  chat.Code
	}{
		{1, false, ""}, {1, true, ""}, {0, false, chat.Conflict}, {2, false, ""}, {2, true, ""},
		{3, false, ""}, {4, false, ""}, {0, false, chat.Forbidden},
		{0, false, chat.Forbidden}, {5, false, ""}, {6, false, ""},
		{0, false, chat.NotFound}, {0, false, chat.Invalid}, {0, false, chat.Invalid},
		{0, false, chat.Forbidden}, {7, false, ""},
	} {
		o := outcomes[i]
		if chat.CodeOf(o.Err) != want.code || o.Again != want.again || want.seq > 0 && o.Event.Seq() != want.seq {
			t.Errorf("op %d: %+v; want %+v", i, o, want)
		}
	}
	if h, err := s.Head(ctx, r.ID); err != nil || h.Seq != 7 {
		t.Errorf("Head = %+v, %v; want 7: a refused op leaves its number to the next", h, err)
	}
	if got, err := s.RoomByID(ctx, r.ID); err != nil || got.N != 4 || got.Topic != "ours" {
		t.Errorf("the room is %+v, %v", got, err)
	}
}

func testGuests(t *testing.T, s chat.Store) {
	Member(t, s, chat.RoleOwner)
	guest := Guest()
	guest.Email = "Gast@example.org"
	r := Room(t, s, "")
	if o := Stored(t, s, Read(r.ID, guest, 0, nil))[0]; o.Cursor != (chat.Cursor{}) {
		t.Errorf("a guest's read: %+v", o)
	}
	_, err := s.User(ctx, guest.ID)
	WantCode(t, err, chat.NotFound)
	_, err = s.Membership(ctx, r.ID, guest.ID)
	WantCode(t, err, chat.NotFound)

	o := Stored(t, s, Post(r.ID, guest, "hello"))[0]
	if o.Event.Message.UserName != guest.Name || o.Event.Message.Author != guest.ID {
		t.Errorf("the message is %+v", o.Event.Message)
	}
	u, err := s.User(ctx, guest.ID)
	if err != nil || u.Kind != chat.KindGuest || u.Name != guest.Name || u.Email != guest.Email || u.Role != chat.RoleGuest || u.Created.IsZero() {
		t.Errorf("the guest is stored as %+v, %v", u, err)
	}
	if m, err := s.Membership(ctx, r.ID, guest.ID); err != nil || m.Role != chat.RoleGuest || m.ReadN != 1 {
		t.Errorf("the guest's membership is %+v, %v", m, err)
	}
	stranger := chat.Actor{ID: chat.UserID(ID()), Name: "x", Kind: chat.KindMember, Role: chat.RoleOwner}
	WantCode(t, Commit(t, s, Post(r.ID, stranger, "hello"))[0].Err, chat.Unauthenticated)
	WantCode(t, Commit(t, s, Read(r.ID, stranger, 0, nil))[0].Err, chat.Unauthenticated)

	// What the edge says of somebody with a row counts for nothing: the row does.
	liar := guest
	liar.Kind, liar.Role, liar.Name = chat.KindMember, chat.RoleOwner, "root"
	WantCode(t, Commit(t, s, Topic(r.ID, liar, "mine"))[0].Err, chat.Forbidden)
	if o := Stored(t, s, Post(r.ID, liar, "hello"))[0]; o.Event.Message.UserName != guest.Name {
		t.Errorf("the message is by %q", o.Event.Message.UserName)
	}
}

func testPermissions(t *testing.T, s chat.Store) {
	owner, mod := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleModerator)
	ann, bob, eve := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	private, archived := NewRoom(chat.RoomPrivate), NewRoom(chat.RoomPublic)
	archived.Archived = true
	for _, r := range []chat.Room{private, archived} {
		if _, err := s.CreateRoom(ctx, r, ann.ID); err != nil {
			t.Fatal(err)
		}
	}
	open := Room(t, s, ann.ID)
	for i, c := range []struct {
		op   chat.Op
		code chat.Code
	}{
		{Post(private.ID, bob, "hello"), chat.NotFound},
		{Read(private.ID, bob, 0, nil), chat.NotFound},
		{Topic(private.ID, bob, "mine"), chat.NotFound},
		{Add(private.ID, bob, bob.ID), chat.NotFound},
		{Remove(private.ID, ann, bob.ID), chat.Conflict},
		{Add(private.ID, ann, bob.ID), ""},
		{Add(private.ID, ann, bob.ID), chat.Conflict},
		{Post(private.ID, bob, "hello"), ""},
		{Remove(private.ID, bob, ann.ID), chat.Forbidden},
		{Remove(private.ID, ann, bob.ID), ""},
		{Post(private.ID, bob, "hello"), chat.NotFound},
		{Post(archived.ID, ann, "hello"), chat.Forbidden},
		{Topic(archived.ID, ann, "new"), chat.Forbidden},
		{Read(archived.ID, ann, 0, nil), ""},
		{Add(open.ID, ann, chat.UserID(ID())), chat.NotFound},
		{Add(open.ID, Guest(), bob.ID), chat.Forbidden},
		{Remove(open.ID, bob, eve.ID), chat.Forbidden},
		{Remove(open.ID, ann, mod.ID), chat.Forbidden},
		{Remove(open.ID, mod, owner.ID), chat.Forbidden},
		{Remove(open.ID, mod, ann.ID), ""},
		{Remove(open.ID, owner, mod.ID), ""},
		{chat.Op{Change: &chat.ChangeOp{By: owner, Change: newChange(open.ID, owner, "rename", eve.ID, "{}")}}, chat.Invalid},
	} {
		if o := Commit(t, s, c.op)[0]; chat.CodeOf(o.Err) != c.code {
			t.Errorf("case %d: %v; want %q", i, o.Err, c.code)
		}
	}
}

func testRemoval(t *testing.T, s chat.Store) {
	owner, ann, bob := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r := Room(t, s, "")
	Stored(t, s, Post(r.ID, ann, "hello"), Remove(r.ID, owner, ann.ID), Remove(r.ID, owner, bob.ID))
	for _, who := range []chat.Actor{ann, bob} { // bob had never been there
		m, err := s.Membership(ctx, r.ID, who.ID)
		if err != nil || !m.Removed {
			t.Errorf("%+v, %v", m, err)
		}
		WantCode(t, Commit(t, s, Post(r.ID, who, "let me in"))[0].Err, chat.Forbidden)
		WantCode(t, Commit(t, s, Read(r.ID, who, 1, nil))[0].Err, chat.Forbidden)
		WantCode(t, Commit(t, s, Add(r.ID, who, who.ID))[0].Err, chat.Forbidden)
		WantCode(t, Commit(t, s, Remove(r.ID, owner, who.ID))[0].Err, chat.Conflict)
	}
	carl := Member(t, s, chat.RoleMember)
	WantCode(t, Commit(t, s, Add(r.ID, carl, ann.ID))[0].Err, chat.Forbidden)
	Stored(t, s, Add(r.ID, owner, ann.ID))
	m, err := s.Membership(ctx, r.ID, ann.ID)
	if err != nil || m.Removed || m.SeesFromSeq != 0 || m.ReadN != 1 || m.Role != chat.RoleMember {
		t.Errorf("back again: %+v, %v", m, err)
	}
	Stored(t, s, Post(r.ID, ann, "thanks"))
}

func testChanges(t *testing.T, s chat.Store) {
	ann := Member(t, s, chat.RoleOwner)
	bob := Member(t, s, chat.RoleMember)
	r := Room(t, s, "")
	add := Add(r.ID, ann, bob.ID)
	o := Stored(t, s, add)[0]
	if c := o.Event.Change; c == nil || c.Subject != bob.ID || c.Actor != ann.ID || c.Kind != chat.ChangeMemberAdded || c.Data == "" || c.Message != "" {
		t.Errorf("the change is %+v", c)
	}
	if m, err := s.Membership(ctx, r.ID, bob.ID); err != nil || m.Role != chat.RoleMember || m.Joined.IsZero() || time.Since(m.Joined) > time.Hour {
		t.Errorf("bob's membership is %+v, %v", m, err)
	}
	topic := Topic(r.ID, bob, strings.Repeat("é", 250))
	Stored(t, s, topic)
	WantCode(t, Commit(t, s, topic)[0].Err, chat.Conflict) // the same change is not stored twice
	if got, err := s.RoomByID(ctx, r.ID); err != nil || got.Topic != topic.Change.Topic || got.Seq != 2 || got.N != 0 {
		t.Errorf("the room is %+v, %v", got, err)
	}
}

func testCursors(t *testing.T, s chat.Store) {
	ann, bob := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r := Room(t, s, "")
	for i := range 5 {
		o := Stored(t, s, Post(r.ID, ann, "hello"))[0]
		if want := (chat.Cursor{N: uint64(i) + 1, Version: uint64(i) + 1}); o.Cursor != want {
			t.Errorf("after message %d: %+v; want %+v", i+1, o.Cursor, want)
		}
	}
	at := func(v uint64) *uint64 { return &v }
	for i, c := range []struct {
		n       uint64
		version *uint64
		want    chat.Cursor
		code    chat.Code
	}{
		{0, nil, chat.Cursor{}, ""}, // makes the membership
		{3, nil, chat.Cursor{N: 3, Version: 1}, ""},
		{2, nil, chat.Cursor{N: 3, Version: 1}, ""}, // never back
		{2, at(0), chat.Cursor{N: 3, Version: 1}, chat.Conflict},
		{2, at(1), chat.Cursor{N: 2, Version: 2}, ""}, // marked unread
		{5, at(1), chat.Cursor{N: 2, Version: 2}, chat.Conflict},
		{5, at(2), chat.Cursor{N: 5, Version: 3}, ""},
		{6, at(3), chat.Cursor{N: 5, Version: 3}, chat.Invalid},
		{6, nil, chat.Cursor{N: 5, Version: 3}, chat.Invalid},
		{1<<64 - 1, nil, chat.Cursor{N: 5, Version: 3}, chat.Invalid},
		{0, at(3), chat.Cursor{N: 0, Version: 4}, ""},
	} {
		o := Commit(t, s, Read(r.ID, bob, c.n, c.version))[0]
		if chat.CodeOf(o.Err) != c.code || o.Cursor != c.want {
			t.Errorf("read %d: %+v; want %+v %q", i, o, c.want, c.code)
		}
		m, err := s.Membership(ctx, r.ID, bob.ID)
		if err != nil || m.ReadN != c.want.N || m.ReadVersion != c.want.Version {
			t.Errorf("read %d: stored is %+v, %v", i, m, err)
		}
	}
	if h, err := s.Head(ctx, r.ID); err != nil || h.Seq != 5 {
		t.Errorf("cursors take numbers: %+v, %v", h, err)
	}
}

func testLookup(t *testing.T, s chat.Store) {
	ann := Member(t, s, chat.RoleMember)
	r := Room(t, s, "")
	ops := []chat.Op{Post(r.ID, ann, "hello"), Topic(r.ID, ann, "tea"), Read(r.ID, ann, 0, new(uint64))}
	*ops[2].Read.Version = 1
	before, err := s.Lookup(ctx, ops)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range before {
		if chat.CodeOf(o.Err) != chat.NotFound {
			t.Errorf("op %d before the commit: %+v", i, o)
		}
	}
	stored := Stored(t, s, ops...)
	after, err := s.Lookup(ctx, ops)
	if err != nil {
		t.Fatal(err)
	}
	for i := range ops {
		if after[i].Err != nil {
			t.Errorf("op %d after the commit: %v", i, after[i].Err)
		}
		same(t, "the event looked up", after[i].Event, stored[i].Event)
	}
	if after[0].Again || after[2].Cursor != stored[2].Cursor {
		t.Errorf("looked up: %+v", after)
	}
	retry, other := Retry(ops[0]), Retry(ops[0])
	other.Post.RequestHash = [16]byte{1}
	more, err := s.Lookup(ctx, []chat.Op{retry, other, Post(r.ID, ann, "new"), {}, Post(chat.RoomID(ID()), ann, "new")})
	if err != nil {
		t.Fatal(err)
	}
	if o := more[0]; o.Err != nil || !o.Again || o.Event.ID() != ops[0].Post.ID {
		t.Errorf("a retry looked up: %+v", o)
	}
	WantCode(t, more[1].Err, chat.Conflict)
	for _, o := range more[2:] {
		WantCode(t, o.Err, chat.NotFound)
	}
}
