package chattest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// testMentionStore plays on one store: opening one costs more than all of these.
func testMentionStore(t *testing.T, s chat.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, chat.Store)
	}{
		{"Named", testMentions},
		{"MentionsAndCursors", testMentionsAndCursors},
		{"MentionsOfAll", testMentionsOfAll},
		{"MentionsOutOfSight", testMentionsOutOfSight},
		{"MentionsFromJoining", testMentionsFromJoining},
		{"MentionsInReplies", testMentionsInReplies},
		{"MentionsOfEdits", testMentionsOfEdits},
		{"MentionsByTheBlocked", testMentionsByTheBlocked},
		{"BlockedInThreads", testBlockedInThreads},
		{"Notify", testNotify},
		{"UserIDs", testUserIDs},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, s) })
	}
}

// mentioning is a message that mentions people; all may be "".
func mentioning(room chat.RoomID, by chat.Actor, all string, here []chat.UserID, people ...chat.Actor) chat.Op {
	op := Post(room, by, Name("hello"))
	for _, p := range people {
		op.Post.Mentions = append(op.Post.Mentions, p.ID)
	}
	op.Post.MentionsAll, op.Post.Here = all, here
	// Ids made within one millisecond have no order.
	op.Post.ID = chat.NewUUID(time.Now().Add(time.Duration(counter.Add(1)) * time.Millisecond))
	return op
}

// wantMentions fails unless the person has that many unread mentions in the room, wherever one asks.
func wantMentions(t *testing.T, s chat.Store, room chat.RoomID, by chat.Actor, want uint64) {
	t.Helper()
	if n, err := s.UnreadMentions(ctx, room, by.ID); err != nil || n != want {
		t.Errorf("%s has %d unread mentions, %v; want %d", by.Name, n, err, want)
	}
	states, err := s.RoomStates(ctx, by.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range states {
		if st.ID == room && st.Mentions != want {
			t.Errorf("%s has %d unread mentions in the list of rooms; want %d", by.Name, st.Mentions, want)
		}
	}
}

// wantMentioned fails unless messages mention the person, those of ops, newest first.
func wantMentioned(t *testing.T, s chat.Store, by chat.Actor, ops ...chat.Op) {
	t.Helper()
	ms, err := s.Mentions(ctx, by.ID, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, m := range ms {
		got = append(got, m.Content)
	}
	for _, op := range ops {
		want = append(want, op.Post.Content)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s is mentioned in %v; want %v", by.Name, got, want)
	}
}

func testMentions(t *testing.T, s chat.Store) {
	ann, bob, eve := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r := Room(t, s, "")
	Stored(t, s, Read(r.ID, bob, 0, nil)) // bob is a member, eve is none
	ops := []chat.Op{
		mentioning(r.ID, ann, "", nil, bob, ann),
		mentioning(r.ID, ann, chat.MentionRoom, nil, bob),
		mentioning(r.ID, ann, chat.MentionHere, []chat.UserID{ann.ID, eve.ID}),
		mentioning(r.ID, ann, "", nil, eve),
		mentioning(r.ID, ann, "", nil),
	}
	outcomes := Stored(t, s, ops...)
	if m := outcomes[1].Event.Message; !slices.Equal(m.Mentions, []chat.UserID{bob.ID}) || m.MentionsAll != chat.MentionRoom {
		t.Errorf("the message is %+v", m)
	}
	if again := Commit(t, s, Retry(ops[1]))[0]; !again.Again {
		t.Errorf("a retry: %+v", again)
	}
	page, err := s.Page(ctx, r.ID, chat.PageQuery{})
	if err != nil || len(page.Messages) != 5 {
		t.Fatalf("%+v, %v", page, err)
	}
	for i, m := range page.Messages {
		if !slices.Equal(m.Mentions, ops[i].Post.Mentions) || m.MentionsAll != ops[i].Post.MentionsAll {
			t.Errorf("message %d: %v, %q", i, m.Mentions, m.MentionsAll)
		}
	}
	wantMentions(t, s, r.ID, ann, 0) // who mentions oneself is not told
	wantMentions(t, s, r.ID, bob, 2) // by name and with all in one message is once
	wantMentions(t, s, r.ID, eve, 2) // by name, and being there; @room is for members
	wantMentioned(t, s, bob, ops[1], ops[0])
	wantMentioned(t, s, eve, ops[3], ops[2])
	wantMentioned(t, s, ann)
	older, err := s.Mentions(ctx, bob.ID, ops[1].Post.ID, 1)
	if err != nil || len(older) != 1 || older[0].Content != ops[0].Post.Content || older[0].RoomName != r.Name || older[0].UserName != ann.Name {
		t.Errorf("older than the second: %+v, %v", older, err)
	}
	newest, err := s.Mentions(ctx, bob.ID, "", 1)
	if err != nil || len(newest) != 1 || newest[0].Content != ops[1].Post.Content {
		t.Errorf("the newest: %+v, %v", newest, err)
	}
	none, err := s.UnreadMentions(ctx, Room(t, s, "").ID, bob.ID)
	if none != 0 || err != nil {
		t.Errorf("another room: %d, %v", none, err)
	}
	_, err = s.UnreadMentions(ctx, chat.RoomID(ID()), bob.ID)
	WantCode(t, err, chat.NotFound)
}

func testMentionsAndCursors(t *testing.T, s chat.Store) {
	ann, bob := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember)
	r := Room(t, s, "")
	Stored(t, s, mentioning(r.ID, ann, "", nil, bob), Post(r.ID, ann, "x"), mentioning(r.ID, ann, "", nil, bob), mentioning(r.ID, ann, "", nil, bob))
	read := func(n uint64, version *uint64, want uint64, code chat.Code) uint64 {
		t.Helper()
		o := Commit(t, s, Read(r.ID, bob, n, version))[0]
		WantCode(t, o.Err, code)
		if o.Cursor.Mentions != want {
			t.Errorf("after reading to %d there are %d mentions; want %d", n, o.Cursor.Mentions, want)
		}
		wantMentions(t, s, r.ID, bob, want)
		return o.Cursor.Version
	}
	read(1, nil, 2, "")
	v := read(3, nil, 1, "")
	read(2, nil, 1, "") // without a version it never goes back
	stale := v - 1
	read(0, &stale, 1, chat.Conflict)
	v = read(0, &v, 3, "") // marked as unread
	lookup, err := s.Lookup(ctx, []chat.Op{Read(r.ID, bob, 0, &v)})
	if err != nil || lookup[0].Cursor.Mentions != 3 {
		t.Errorf("looked up: %+v, %v", lookup, err)
	}
	Stored(t, s, Post(r.ID, bob, "seen"))
	wantMentions(t, s, r.ID, bob, 0)
	// A batch counts what it has itself stored.
	o := Stored(t, s, mentioning(r.ID, ann, "", nil, bob), Read(r.ID, bob, 1, nil))[1]
	if o.Cursor.Mentions != 1 {
		t.Errorf("%+v", o.Cursor)
	}
}

func testMentionsOfAll(t *testing.T, s chat.Store) {
	owner, mod, bob := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleModerator), Member(t, s, chat.RoleMember)
	guest := Guest()
	r := Room(t, s, "")
	Stored(t, s, Post(r.ID, guest, "hello"), Read(r.ID, bob, 1, nil))
	here := []chat.UserID{guest.ID}
	for _, all := range []string{chat.MentionRoom, chat.MentionHere} {
		o := Commit(t, s, mentioning(r.ID, guest, all, nil))[0]
		WantCode(t, o.Err, chat.Forbidden)
	}
	crowd := make([]chat.Op, chat.MaxMentionAll)
	for i := range crowd {
		crowd[i] = Read(r.ID, Member(t, s, chat.RoleMember), 0, nil)
	}
	Stored(t, s, crowd[2:]...)
	small := mentioning(r.ID, bob, chat.MentionHere, here)
	Stored(t, s, small)
	Stored(t, s, crowd...)
	for _, all := range []string{chat.MentionRoom, chat.MentionHere} {
		o := Commit(t, s, mentioning(r.ID, bob, all, here))[0]
		WantCode(t, o.Err, chat.Forbidden)
		Stored(t, s, mentioning(r.ID, mod, all, here), mentioning(r.ID, owner, all, here))
	}
	if again := Commit(t, s, Retry(small))[0]; !again.Again {
		t.Errorf("a retry of what was allowed then: %+v", again)
	}
	wantMentions(t, s, r.ID, bob, 2)
	wantMentions(t, s, r.ID, guest, 5)
	if head, err := s.Head(ctx, r.ID); err != nil || head.Seq != 6 {
		t.Errorf("%+v, %v: what was refused left an entry", head, err)
	}
	var many []chat.UserID
	for range chat.MaxHere + 1 {
		many = append(many, chat.UserID(ID()))
	}
	Stored(t, s, mentioning(r.ID, owner, chat.MentionHere, many))
	wantMentions(t, s, r.ID, bob, 3) // so many are everyone
}

// What somebody may not see, or was not there for, does not concern them.
func testMentionsOutOfSight(t *testing.T, s chat.Store) {
	ann, bob := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember)
	public := Room(t, s, ann.ID)
	private, err := s.CreateRoom(ctx, NewRoom(chat.RoomPrivate), ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	early := mentioning(public.ID, ann, chat.MentionRoom, nil)
	early.Post.Created = early.Post.Created.Add(-time.Hour)
	open, secret := mentioning(public.ID, ann, "", nil, bob), mentioning(private.ID, ann, chat.MentionRoom, nil, bob)
	Stored(t, s, early, open, secret)
	wantMentioned(t, s, bob, open)
	Stored(t, s, Add(private.ID, ann, bob.ID), Read(public.ID, bob, 0, nil))
	wantMentioned(t, s, bob, secret, open) // the room's history is open to all its members
	wantMentions(t, s, public.ID, bob, 1)
	leaves := RemoveAs(public.ID, bob, bob.ID, chat.Removal{})
	Stored(t, s, leaves)
	wantMentioned(t, s, bob, secret, open) // who has left a public room may still look at it
	Stored(t, s, Remove(private.ID, ann, bob.ID), RemoveAs(public.ID, ann, bob.ID, chat.Removal{Ban: true}))
	wantMentioned(t, s, bob)
	if _, ok := listed(t, s, public.ID, bob); ok {
		t.Error("who is banned has the room in their list")
	}
}

// Who sees a private room from their joining on is told of nothing from before, nor of replies to what was said before.
func testMentionsFromJoining(t *testing.T, s chat.Store) {
	ann, bob := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember)
	r := roomOf(t, s, chat.RoomPrivate, ann)
	history := chat.HistoryJoined
	before, after := mentioning(r.ID, ann, chat.MentionRoom, nil, bob), mentioning(r.ID, ann, "", nil, bob)
	reply := mentioning(r.ID, ann, "", nil, bob)
	reply.Post.Thread = before.Post.ID
	Stored(t, s, Set(r.ID, ann, chat.Settings{History: &history}), before, Add(r.ID, ann, bob.ID), after, reply)
	wantMentioned(t, s, bob, after)
	wantMentions(t, s, r.ID, bob, 1)
	if o := Stored(t, s, Read(r.ID, bob, 2, nil))[0]; o.Cursor.Mentions != 0 {
		t.Errorf("%+v", o.Cursor)
	}
	v := uint64(1)
	if o := Commit(t, s, Read(r.ID, bob, 0, &v))[0]; o.Cursor.Mentions > 1 {
		t.Errorf("marked as unread: %+v", o)
	}
}

// A reply in a thread is in the list of mentions and counts in no room.
func testMentionsInReplies(t *testing.T, s chat.Store) {
	ann, bob := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember)
	r := Room(t, s, "")
	root, top := mentioning(r.ID, ann, "", nil), mentioning(r.ID, ann, "", nil, bob)
	reply := mentioning(r.ID, ann, "", nil, bob)
	reply.Post.Thread = root.Post.ID
	Stored(t, s, Read(r.ID, bob, 0, nil), root, top, reply)
	wantMentions(t, s, r.ID, bob, 1)
	wantMentioned(t, s, bob, reply, top)
	ms, err := s.Mentions(ctx, bob.ID, "", 1)
	if err != nil || len(ms) != 1 || ms[0].Thread != root.Post.ID || ms[0].N != 0 {
		t.Errorf("%+v, %v", ms, err)
	}
	if o := Stored(t, s, Read(r.ID, bob, 2, nil))[0]; o.Cursor.Mentions != 0 {
		t.Errorf("%+v", o.Cursor)
	}
}

// An edit says anew who is mentioned; who was there when all who were there were mentioned stays so. A tombstone mentions nobody.
func testMentionsOfEdits(t *testing.T, s chat.Store) {
	ann, bob, eve := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r := Room(t, s, "")
	op := mentioning(r.ID, ann, chat.MentionHere, []chat.UserID{eve.ID}, bob)
	Stored(t, s, op)
	edit := func(all string, here []chat.UserID, people ...chat.UserID) {
		t.Helper()
		e := Edit(r.ID, ann, op.Post.ID, Name("edited"))
		e.Change.Mentions, e.Change.MentionsAll, e.Change.Here = people, all, here
		o := Stored(t, s, e)[0]
		if now := o.Event.Change.Now; !slices.Equal(now.Mentions, people) || now.MentionsAll != all {
			t.Errorf("the change says %v, %q", now.Mentions, now.MentionsAll)
		}
		op.Post.Content = e.Change.Content
	}
	wants := func(forBob, forEve uint64) {
		t.Helper()
		wantMentions(t, s, r.ID, bob, forBob)
		wantMentions(t, s, r.ID, eve, forEve)
	}
	wants(1, 1)
	edit(chat.MentionHere, nil)
	wants(0, 1)
	edit("", nil, bob.ID, ann.ID)
	wants(1, 0)
	wantMentioned(t, s, bob, op)
	edit(chat.MentionHere, []chat.UserID{eve.ID, bob.ID}, bob.ID)
	wants(1, 1)
	Stored(t, s, Delete(r.ID, ann, op.Post.ID, ""))
	wants(0, 0)
	wantMentioned(t, s, bob)

	// The rule about all is asked of an edit, too, unless it was for all before.
	was := mentioning(r.ID, eve, chat.MentionRoom, nil)
	plain := mentioning(r.ID, eve, "", nil)
	Stored(t, s, was, plain)
	for range chat.MaxMentionAll {
		Stored(t, s, Read(r.ID, Member(t, s, chat.RoleMember), 0, nil))
	}
	for _, c := range []struct {
		op   chat.Op
		code chat.Code
	}{{was, ""}, {plain, chat.Forbidden}} {
		e := Edit(r.ID, eve, c.op.Post.ID, "@room, edited")
		e.Change.MentionsAll = chat.MentionRoom
		WantCode(t, Commit(t, s, e)[0].Err, c.code)
	}
}

// Whom somebody has blocked reaches them no more by mentions, and does again once that is taken back.
func testMentionsByTheBlocked(t *testing.T, s chat.Store) {
	ann, bob, eve := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r := Room(t, s, "")
	Stored(t, s, Read(r.ID, ann, 0, nil))
	by, all, other := mentioning(r.ID, bob, "", nil, ann), mentioning(r.ID, bob, chat.MentionRoom, nil), mentioning(r.ID, eve, "", nil, ann, bob)
	Stored(t, s, by, all, other)
	for _, blocked := range []bool{true, false} {
		if err := s.SetBlock(ctx, ann, bob.ID, blocked, now()); err != nil {
			t.Fatal(err)
		}
		if blocked {
			wantMentions(t, s, r.ID, ann, 1)
			wantMentioned(t, s, ann, other)
		} else {
			wantMentions(t, s, r.ID, ann, 3)
			wantMentioned(t, s, ann, other, all, by)
		}
		wantMentions(t, s, r.ID, bob, 1)
		wantMentioned(t, s, bob, other)
	}
}

// Nor do they draw them into a thread by naming them in it.
func testBlockedInThreads(t *testing.T, s chat.Store) {
	ann, bob := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember)
	r := Room(t, s, "")
	root := said(t, s, r.ID, bob, "root")
	reply := func() []chat.UserID {
		t.Helper()
		op := Reply(r.ID, bob, root, "for @ann")
		op.Post.Mentions = []chat.UserID{ann.ID}
		return Stored(t, s, op)[0].Follows
	}
	inbox := func() int {
		t.Helper()
		ts, err := s.Threads(ctx, ann.ID, false, 1<<62, 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(ts)
	}
	for _, c := range []struct {
		blocked bool
		follows []chat.UserID
		threads int
	}{{true, []chat.UserID{bob.ID}, 0}, {false, []chat.UserID{ann.ID}, 1}} {
		if err := s.SetBlock(ctx, ann, bob.ID, c.blocked, now()); err != nil {
			t.Fatal(err)
		}
		same(t, "who follows by it", reply(), c.follows)
		if got := inbox(); got != c.threads {
			t.Errorf("blocked %v: ann has %d threads", c.blocked, got)
		}
	}
}

func testNotify(t *testing.T, s chat.Store) {
	ann, bob := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember)
	r := Room(t, s, ann.ID)
	Stored(t, s, Post(r.ID, ann, "x"), Post(r.ID, ann, "y"))
	level, muted := chat.NotifyAll, true
	o, err := s.SetNotify(ctx, chat.NotifyChange{Room: r.ID, By: bob, Level: &level})
	same(t, "a level", o, chat.NotifyOutcome{Level: chat.NotifyAll, Joined: true})
	if err != nil {
		t.Fatal(err)
	}
	if m, err := s.Membership(ctx, r.ID, bob.ID); err != nil || m.ReadN != 2 || m.Notify != chat.NotifyAll || m.Muted {
		t.Errorf("who comes by it has read everything: %+v, %v", m, err)
	}
	if o, err = s.SetNotify(ctx, chat.NotifyChange{Room: r.ID, By: bob, Muted: &muted}); err != nil {
		t.Fatal(err)
	}
	same(t, "muted", o, chat.NotifyOutcome{Level: chat.NotifyAll, Muted: true})
	Stored(t, s, Post(r.ID, bob, "z")) // other writes of the membership leave it alone
	states, err := s.RoomStates(ctx, bob.ID)
	i := slices.IndexFunc(states, func(st chat.RoomState) bool { return st.ID == r.ID })
	if err != nil || i < 0 || states[i].Notify != chat.NotifyAll || !states[i].Muted {
		t.Errorf("%+v, %v", states, err)
	}
	private, err := s.CreateRoom(ctx, NewRoom(chat.RoomPrivate), ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		room chat.RoomID
		by   chat.Actor
		code chat.Code
	}{
		{r.ID, Guest(), chat.Forbidden}, {private.ID, bob, chat.NotFound}, {chat.RoomID(ID()), bob, chat.NotFound},
	} {
		if _, err := s.SetNotify(ctx, chat.NotifyChange{Room: c.room, By: c.by, Muted: &muted}); chat.CodeOf(err) != c.code {
			t.Errorf("case %d: %v", i, err)
		}
	}
}

func testUserIDs(t *testing.T, s chat.Store) {
	ann, bot := NewUser(chat.KindMember, chat.RoleMember), NewUser(chat.KindBot, chat.RoleMember)
	var names []string
	for _, u := range []chat.User{ann, bot} {
		if _, err := s.CreateUser(ctx, u, chat.Admission{}); err != nil {
			t.Fatal(err)
		}
		names = append(names, u.NameSkeleton)
	}
	for i := range 1000 {
		names = append(names, fmt.Sprintf("nobody's \"%d\"", i))
	}
	ids, err := s.UserIDs(ctx, append(names, ""))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "UserIDs", ids, map[string]chat.UserID{ann.NameSkeleton: ann.ID, bot.NameSkeleton: bot.ID})
}
