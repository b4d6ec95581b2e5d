package chattest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// roomOf stores a room of the kind with its owner and members.
func roomOf(t *testing.T, s chat.Store, kind chat.RoomKind, owner chat.Actor, members ...chat.Actor) chat.Room {
	t.Helper()
	r, err := s.CreateRoom(ctx, NewRoom(kind), owner.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range members {
		Stored(t, s, Add(r.ID, owner, m.ID))
	}
	return r
}

// direct opens the direct room of the people.
func direct(t *testing.T, s chat.Store, name string, by chat.Actor, others ...chat.Actor) chat.Opened {
	t.Helper()
	r := NewRoom(chat.RoomDirect)
	r.Name = name
	var ids []chat.UserID
	for _, o := range others {
		ids = append(ids, o.ID)
	}
	o, err := s.OpenDirect(ctx, r, by.ID, ids)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// listed is a room in somebody's list; ok is false when it is not there.
func listed(t *testing.T, s chat.Store, room chat.RoomID, of chat.Actor) (st chat.RoomState, ok bool) {
	t.Helper()
	states, err := s.RoomStates(ctx, of.ID)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(states, func(st chat.RoomState) bool { return st.ID == room })
	if i < 0 {
		return chat.RoomState{}, false
	}
	return states[i], true
}

// wantCodes commits the ops one by one, and fails unless each is answered with its code.
func wantCodes(t *testing.T, s chat.Store, cases []struct {
	op   chat.Op
	code chat.Code
}) {
	t.Helper()
	for i, c := range cases {
		if o := Commit(t, s, c.op)[0]; chat.CodeOf(o.Err) != c.code {
			t.Errorf("case %d: %v; want %q", i, o.Err, c.code)
		}
	}
}

func testPrivateRooms(t *testing.T, s chat.Store) {
	boss, ann, bob, eve := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r := roomOf(t, s, chat.RoomPrivate, ann)
	o := Stored(t, s, Add(r.ID, ann, bob.ID))[0]
	if sh := o.Showing; sh == nil || sh.Was != "" || !slices.Equal(sh.To, []chat.UserID{bob.ID}) || sh.Room.ID != r.ID || sh.Room.Kind != chat.RoomPrivate {
		t.Errorf("bob is shown %+v", o.Showing)
	}
	if st, ok := listed(t, s, r.ID, bob); !ok || st.Role != chat.RoleMember || !st.Member || st.People != nil {
		t.Errorf("bob's list has %+v, %v", st, ok)
	}
	yes := true
	for _, who := range []chat.Actor{boss, eve} { // the workspace's owner is nobody here, either
		if st, ok := listed(t, s, r.ID, who); ok {
			t.Errorf("%s sees %+v", who.Name, st)
		}
		for i, op := range []chat.Op{
			Post(r.ID, who, "hello"), Read(r.ID, who, 0, nil), Topic(r.ID, who, "x"), Archive(r.ID, who, true), Rename(r.ID, who, Name("x")),
			Set(r.ID, who, chat.Settings{ReadOnly: &yes}), Add(r.ID, who, who.ID), Remove(r.ID, who, bob.ID), RemoveAs(r.ID, who, who.ID, chat.Removal{}),
			SetRole(r.ID, who, who.ID, chat.RoleOwner),
		} {
			var e *chat.Error
			if err := Commit(t, s, op)[0].Err; !errors.As(err, &e) || e.Code != chat.NotFound || e.Message != "there is no such room" {
				t.Errorf("op %d by %s: %v", i, who.Name, err)
			}
		}
	}
	Stored(t, s, Post(r.ID, bob, "hello"), RemoveAs(r.ID, ann, bob.ID, chat.Removal{}))
	if _, ok := listed(t, s, r.ID, bob); ok {
		t.Error("bob still sees it")
	}
	WantCode(t, Commit(t, s, Read(r.ID, bob, 0, nil))[0].Err, chat.NotFound)
	carl := Member(t, s, chat.RoleMember)
	Stored(t, s, Add(r.ID, ann, carl.ID), Add(r.ID, carl, bob.ID)) // who was not banned may be brought back by any member
	Stored(t, s, Remove(r.ID, ann, bob.ID))
	WantCode(t, Commit(t, s, Add(r.ID, carl, bob.ID))[0].Err, chat.Forbidden)
	WantCode(t, Commit(t, s, Post(r.ID, bob, "hello"))[0].Err, chat.NotFound) // banned from what one does not see is no other answer

	gus := Guest()
	Stored(t, s, Post(Room(t, s, "").ID, gus, "hello"))
	WantCode(t, Commit(t, s, Add(r.ID, ann, gus.ID))[0].Err, chat.Forbidden)
}

func testHistoryFromJoining(t *testing.T, s chat.Store) {
	ann, bob, carl := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r := roomOf(t, s, chat.RoomPrivate, ann, carl)
	joined, all := chat.HistoryJoined, chat.HistoryAll
	Stored(t, s, Post(r.ID, ann, "one"), Post(r.ID, ann, "two"), Set(r.ID, ann, chat.Settings{History: &joined}))
	o := Stored(t, s, Add(r.ID, ann, bob.ID))[0]
	m, err := s.Membership(ctx, r.ID, bob.ID)
	if err != nil || m.SeesFromSeq != o.Event.Seq() || m.SeesAfterN != 2 || m.ReadN != 2 {
		t.Errorf("bob is %+v, %v; want to see from %d", m, err, o.Event.Seq())
	}
	if m, err := s.Membership(ctx, r.ID, carl.ID); err != nil || m.SeesFromSeq != 0 || m.SeesAfterN != 0 {
		t.Errorf("who was there before is %+v, %v", m, err)
	}
	Stored(t, s, Post(r.ID, ann, "three"))
	unread := func(want uint64) {
		t.Helper()
		if st, _ := listed(t, s, r.ID, bob); st.Unread != want || st.N != 3 {
			t.Errorf("unread %d of %d; want %d", st.Unread, st.N, want)
		}
	}
	unread(1)
	// Marking all of it unread ends where bob begins to see.
	version := m.ReadVersion
	if o := Stored(t, s, Read(r.ID, bob, 0, &version))[0]; o.Cursor.N != 2 {
		t.Errorf("the cursor is %+v", o.Cursor)
	}
	unread(1)
	// What is said of new members is not said of those who are there; coming back is joining anew.
	Stored(t, s, Set(r.ID, ann, chat.Settings{History: &all}))
	if m, err := s.Membership(ctx, r.ID, bob.ID); err != nil || m.SeesAfterN != 2 {
		t.Errorf("bob is %+v, %v", m, err)
	}
	Stored(t, s, Set(r.ID, ann, chat.Settings{History: &joined}), RemoveAs(r.ID, ann, carl.ID, chat.Removal{}), Post(r.ID, ann, "four"), Add(r.ID, ann, carl.ID))
	if m, err := s.Membership(ctx, r.ID, carl.ID); err != nil || m.SeesAfterN != 4 || m.ReadN != 4 {
		t.Errorf("carl is %+v, %v", m, err)
	}
	open := Room(t, s, ann.ID)
	WantCode(t, Commit(t, s, Set(open.ID, ann, chat.Settings{History: &joined}))[0].Err, chat.Invalid)
}

func testLeaving(t *testing.T, s chat.Store) {
	boss, ann, bob := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	open, private := Room(t, s, ann.ID), roomOf(t, s, chat.RoomPrivate, ann, bob)
	leave := func(room chat.RoomID, who chat.Actor) chat.Outcome {
		t.Helper()
		return Stored(t, s, RemoveAs(room, who, who.ID, chat.Removal{Reason: "x", Ban: true}))[0] // nobody bans themselves
	}
	Stored(t, s, Post(open.ID, bob, "hello"))
	if o := leave(open.ID, bob); o.Event.Change.Data != fmt.Sprintf(`{"left":true,"user":%q,"user_id":%q}`, bob.Name, bob.ID) {
		t.Errorf("the entry has %s", o.Event.Change.Data)
	}
	if st, ok := listed(t, s, open.ID, bob); !ok || st.Member || !st.Left || st.Role != "" || st.Unread != 0 {
		t.Errorf("left: %+v, %v", st, ok)
	}
	WantCode(t, Commit(t, s, RemoveAs(open.ID, bob, bob.ID, chat.Removal{}))[0].Err, chat.Conflict)
	if ms, err := s.Members(ctx, open.ID, "", 10); err != nil || len(ms) != 1 {
		t.Errorf("members: %v, %v", ms, err)
	}
	if o := Stored(t, s, Read(open.ID, bob, 0, nil))[0]; !o.Joined {
		t.Errorf("read again: %+v", o)
	}
	leave(open.ID, bob)
	if o := Stored(t, s, Post(open.ID, bob, "back"))[0]; !o.Joined {
		t.Errorf("said again: %+v", o)
	}
	if st, ok := listed(t, s, open.ID, bob); !ok || !st.Member || st.Left {
		t.Errorf("back again: %+v, %v", st, ok)
	}
	// Removed without a ban is as having left; banned, also without ever having been there, is not.
	Stored(t, s, RemoveAs(open.ID, ann, bob.ID, chat.Removal{}), Post(open.ID, bob, "again"), Remove(open.ID, ann, bob.ID))
	WantCode(t, Commit(t, s, Post(open.ID, bob, "again"))[0].Err, chat.Forbidden)
	if _, ok := listed(t, s, open.ID, bob); ok {
		t.Error("the banned have it in their list")
	}
	eve := Member(t, s, chat.RoleMember)
	WantCode(t, Commit(t, s, RemoveAs(open.ID, ann, eve.ID, chat.Removal{}))[0].Err, chat.Conflict)
	Stored(t, s, Remove(open.ID, ann, eve.ID))
	WantCode(t, Commit(t, s, Read(open.ID, eve, 0, nil))[0].Err, chat.Forbidden)

	// A public room is in everybody's list: also who never came can leave it, once, and come in later.
	fay := Member(t, s, chat.RoleMember)
	leave(open.ID, fay)
	if st, ok := listed(t, s, open.ID, fay); !ok || st.Member || !st.Left {
		t.Errorf("left without having been there: %+v, %v", st, ok)
	}
	WantCode(t, Commit(t, s, RemoveAs(open.ID, fay, fay.ID, chat.Removal{}))[0].Err, chat.Conflict)
	if o := Stored(t, s, Read(open.ID, fay, 0, nil))[0]; !o.Joined {
		t.Errorf("come in: %+v", o)
	}

	// Whoever was banned and repeats a reply of before hears what became of it, and nothing of the thread of now.
	root := Stored(t, s, Post(open.ID, ann, "root"))[0].Event.Message.ID
	reply := Reply(open.ID, fay, root, "mine")
	Stored(t, s, reply, Remove(open.ID, ann, fay.ID))
	if o := Stored(t, s, reply)[0]; !o.Again || o.Event.Message.Content != "mine" || o.Event.Message.Replies != nil {
		t.Errorf("repeated by the banned: %+v", o)
	}

	// The last owner may leave; then members bring in somebody who governs. An archived room can be left.
	leave(private.ID, ann)
	WantCode(t, Commit(t, s, Rename(private.ID, bob, Name("x")))[0].Err, chat.Forbidden)
	Stored(t, s, Add(private.ID, bob, boss.ID), SetRole(private.ID, boss, bob.ID, chat.RoleOwner), Archive(private.ID, bob, true))
	leave(private.ID, bob)
	if _, ok := listed(t, s, private.ID, bob); ok {
		t.Error("a private room that was left is in the list")
	}
}

func testDirectRooms(t *testing.T, s chat.Store) {
	ann, bob, carl := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	name := Name("dm")
	o := direct(t, s, name, ann, bob, carl)
	if !o.Made || !o.Shown || o.Room.Name != name || o.Room.Kind != chat.RoomDirect {
		t.Errorf("opened: %+v", o)
	}
	id := o.Room.ID
	if again := direct(t, s, name, ann, bob, carl); again.Made || again.Shown || again.Room.ID != id {
		t.Errorf("opened again: %+v", again)
	}
	in := func(want bool, who ...chat.Actor) {
		t.Helper()
		for _, p := range who {
			if st, ok := listed(t, s, id, p); ok != want {
				t.Errorf("%s has it: %+v, %v", p.Name, st, ok)
			}
		}
	}
	in(true, ann)
	in(false, bob, carl) // nothing was said
	if by := direct(t, s, name, carl, bob, ann); by.Made || !by.Shown {
		t.Errorf("opened by another: %+v", by)
	}
	in(true, ann, carl)
	in(false, bob)

	post := Post(id, ann, "hello")
	told := Stored(t, s, post)[0].Showing
	if told == nil || told.Was != "" || !slices.Equal(told.To, []chat.UserID{bob.ID}) || len(told.People) != 3 || told.People[0] != (chat.Person{ID: ann.ID, Name: ann.Name}) {
		t.Errorf("shown: %+v", told)
	}
	if found, err := s.Lookup(ctx, []chat.Op{post}); err != nil || found[0].Showing == nil || !slices.Equal(found[0].Showing.To, []chat.UserID{bob.ID}) {
		t.Errorf("looked up: %+v, %v", found, err)
	}
	in(true, ann, bob, carl)
	if again := Stored(t, s, Retry(post))[0]; again.Showing != nil {
		t.Errorf("a retry shows it again: %+v", again.Showing)
	}
	if next := Stored(t, s, Post(id, bob, "hi"))[0]; next.Showing != nil {
		t.Errorf("what is in all lists is shown to %v", next.Showing.To)
	}
	st, _ := listed(t, s, id, bob)
	same(t, "bob's people", st.People, []chat.Person{{ID: ann.ID, Name: ann.Name}, {ID: carl.ID, Name: carl.Name}})

	if err := s.HideRoom(ctx, id, bob.ID); err != nil {
		t.Error(err)
	}
	in(false, bob)
	Stored(t, s, Reply(id, ann, post.Post.ID, "in a thread")) // is told of in the thread
	in(false, bob)
	if back := Stored(t, s, Post(id, ann, "still there?"))[0].Showing; back == nil || !slices.Equal(back.To, []chat.UserID{bob.ID}) {
		t.Errorf("back: %+v", back)
	}
	in(true, bob)
	open := Room(t, s, ann.ID)
	for _, err := range []error{s.HideRoom(ctx, id, Member(t, s, chat.RoleMember).ID), s.HideRoom(ctx, open.ID, ann.ID), s.HideRoom(ctx, chat.RoomID(ID()), ann.ID)} {
		WantCode(t, err, chat.NotFound)
	}
	r := NewRoom(chat.RoomDirect)
	_, err := s.OpenDirect(ctx, r, ann.ID, []chat.UserID{chat.UserID(ID())})
	WantCode(t, err, chat.NotFound)
	_, err = s.RoomByName(ctx, r.Name)
	WantCode(t, err, chat.NotFound)
}

// Nobody makes of a direct room what others did not agree to be in.
func testDirectRoomsStayAsTheyAre(t *testing.T, s chat.Store) {
	boss, ann, eve := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	id := direct(t, s, Name("dm"), boss, ann).Room.ID
	Stored(t, s, Post(id, boss, "hello"), Post(id, ann, "hello"))
	yes, slow, joined := true, 5, chat.HistoryJoined
	for i, op := range []chat.Op{
		Topic(id, boss, "x"), Archive(id, boss, true), Rename(id, boss, Name("x")), Set(id, boss, chat.Settings{ReadOnly: &yes}),
		Set(id, boss, chat.Settings{History: &joined}), Set(id, boss, chat.Settings{SlowMode: &slow}), Add(id, boss, eve.ID), Add(id, boss, ann.ID),
		Remove(id, boss, ann.ID), RemoveAs(id, ann, ann.ID, chat.Removal{}), SetRole(id, boss, ann.ID, chat.RoleModerator), SetRole(id, boss, boss.ID, chat.RoleOwner),
	} {
		if err := Commit(t, s, op)[0].Err; chat.CodeOf(err) != chat.Forbidden {
			t.Errorf("op %d: %v", i, err)
		}
	}
	wantCodes(t, s, []struct {
		op   chat.Op
		code chat.Code
	}{{Post(id, eve, "hello"), chat.NotFound}, {Add(id, eve, eve.ID), chat.NotFound}, {Read(id, eve, 0, nil), chat.NotFound}})
}

func testDirectRoomsOfTheBlocked(t *testing.T, s chat.Store) {
	ann, bob, carl := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	two, three := direct(t, s, Name("dm"), bob, ann).Room.ID, direct(t, s, Name("dm"), bob, ann, carl).Room.ID
	first, second := Post(two, bob, "hello"), Post(two, ann, "hello")
	Stored(t, s, first, second, React(two, bob, chat.ChangeReact, second.Post.ID, "👍"))
	if err := s.SetBlock(ctx, ann, bob.ID, true, now()); err != nil {
		t.Fatal(err)
	}
	wantCodes(t, s, []struct {
		op   chat.Op
		code chat.Code
	}{
		{Post(two, bob, "are you there?"), chat.Forbidden}, {Reply(two, bob, first.Post.ID, "?"), chat.Forbidden}, {Retry(first), ""},
		{Edit(two, bob, first.Post.ID, "read this"), chat.Forbidden}, {Pin(two, bob, chat.ChangePin, first.Post.ID), chat.Forbidden},
		{React(two, bob, chat.ChangeReact, second.Post.ID, "👎"), chat.Forbidden}, {React(two, bob, chat.ChangeUnreact, second.Post.ID, "👍"), ""},
		{Delete(two, bob, first.Post.ID, ""), ""},
		{Post(two, ann, "I can"), ""}, {Post(three, bob, "to all of us"), ""},
	})
	for _, others := range [][]chat.UserID{{ann.ID}, {carl.ID, ann.ID}} {
		_, err := s.OpenDirect(ctx, NewRoom(chat.RoomDirect), bob.ID, others)
		WantCode(t, err, chat.Forbidden)
	}
	if o := direct(t, s, Name("dm"), ann, bob); !o.Made {
		t.Errorf("who blocks opens %+v", o)
	}
}

func testRenaming(t *testing.T, s chat.Store) {
	boss, ann, bob := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r, private := Room(t, s, ann.ID), roomOf(t, s, chat.RoomPrivate, ann, bob)
	first, second := r.Name, Name("second")
	Stored(t, s, Post(r.ID, bob, "hello"))
	rename := Rename(r.ID, ann, second)
	o := Stored(t, s, rename)[0]
	if c := o.Event.Change; c.Data != fmt.Sprintf(`{"name":%q,"was":%q}`, second, first) || c.RoomName != second {
		t.Errorf("the entry is %+v", c)
	}
	if sh := o.Showing; sh == nil || sh.Was != first || sh.To != nil || sh.Room.Name != second {
		t.Errorf("shown: %+v", o.Showing)
	}
	if found, err := s.Lookup(ctx, []chat.Op{rename}); err != nil || found[0].Showing == nil || found[0].Showing.Was != first {
		t.Errorf("looked up: %+v, %v", found, err)
	}
	for _, name := range []string{first, second} {
		if got, err := s.RoomByName(ctx, name); err != nil || got.ID != r.ID || got.Name != second {
			t.Errorf("%s is %+v, %v", name, got, err)
		}
	}
	if _, events, err := s.Entries(ctx, r.ID, 0, 10); err != nil || events[0].Message.RoomName != second {
		t.Errorf("%+v, %v", events, err)
	}
	// Names that are or were others' are taken, also those of rooms that one does not see.
	for _, name := range []string{first, second, private.Name} {
		twin := NewRoom(chat.RoomPublic)
		twin.Name = name
		_, err := s.CreateRoom(ctx, twin, bob.ID)
		var e *chat.Error
		if !errors.As(err, &e) || e.Code != chat.Conflict || e.Message != "there is a room named "+name+" already" {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := Room(t, s, ann.ID)
	wantCodes(t, s, []struct {
		op   chat.Op
		code chat.Code
	}{
		{Rename(other.ID, ann, first), chat.Conflict}, {Rename(other.ID, ann, private.Name), chat.Conflict}, {Rename(other.ID, ann, other.Name), chat.Conflict},
		{Rename(other.ID, bob, Name("x")), chat.Forbidden}, {Rename(other.ID, ann, "dm-x"), chat.Invalid}, {Rename(other.ID, ann, "No Name"), chat.Invalid},
		{Rename(r.ID, boss, first), ""}, {Rename(r.ID, ann, second), ""}, // its own names a room can take back
	})
	// In one batch, each name is given once.
	third := Name("third")
	outcomes := Commit(t, s, Rename(r.ID, ann, third), Rename(other.ID, ann, third), Post(r.ID, ann, "as ever"))
	if outcomes[0].Err != nil || chat.CodeOf(outcomes[1].Err) != chat.Conflict || outcomes[2].Event.Message.RoomName != third {
		t.Errorf("%+v", outcomes)
	}
	o = Stored(t, s, Rename(private.ID, ann, Name("secret")))[0]
	if to := o.Showing.To; len(to) != 2 || !slices.Contains(to, bob.ID) || !slices.Contains(to, ann.ID) {
		t.Errorf("a private room's name is told to %v", to)
	}
	for i := range chat.MaxOldNames + 1 {
		o = Commit(t, s, Rename(private.ID, ann, Name(fmt.Sprint("again-", i))))[0]
	}
	WantCode(t, o.Err, chat.TooLarge)
	Stored(t, s, Rename(private.ID, ann, private.Name))
}

func testRolesInRooms(t *testing.T, s chat.Store) {
	boss, mod := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleModerator)
	ann, bob, carl, eve := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r := Room(t, s, ann.ID)
	gus := Guest()
	Stored(t, s, Add(r.ID, ann, bob.ID), Add(r.ID, ann, carl.ID), Post(r.ID, gus, "hello"))
	o := Stored(t, s, SetRole(r.ID, ann, bob.ID, chat.RoleModerator))[0]
	if want := fmt.Sprintf(`{"role":"moderator","user":%q,"user_id":%q,"was":"member"}`, bob.Name, bob.ID); o.Event.Change.Data != want {
		t.Errorf("the entry has %s", o.Event.Change.Data)
	}
	if st, _ := listed(t, s, r.ID, bob); st.Role != chat.RoleModerator {
		t.Errorf("bob is %q", st.Role)
	}
	yes, slow, joined := true, 1, chat.HistoryJoined
	wantCodes(t, s, []struct {
		op   chat.Op
		code chat.Code
	}{
		{SetRole(r.ID, ann, bob.ID, chat.RoleModerator), chat.Conflict},
		{SetRole(r.ID, bob, carl.ID, chat.RoleModerator), chat.Forbidden},
		{SetRole(r.ID, mod, carl.ID, chat.RoleModerator), chat.Forbidden},
		{SetRole(r.ID, ann, eve.ID, chat.RoleModerator), chat.Conflict},
		{SetRole(r.ID, ann, gus.ID, chat.RoleModerator), chat.Forbidden},
		{SetRole(r.ID, ann, carl.ID, chat.RoleGuest), chat.Invalid},
		{SetRole(r.ID, ann, carl.ID, "admin"), chat.Invalid},
		{SetRole(r.ID, gus, gus.ID, chat.RoleOwner), chat.Forbidden},
		{SetRole(r.ID, ann, chat.UserID(ID()), chat.RoleOwner), chat.NotFound},
		// Each rank over those below.
		{RemoveAs(r.ID, bob, ann.ID, chat.Removal{}), chat.Forbidden},
		{RemoveAs(r.ID, carl, bob.ID, chat.Removal{}), chat.Forbidden},
		{RemoveAs(r.ID, bob, carl.ID, chat.Removal{}), ""},
		{Add(r.ID, bob, carl.ID), ""},
		{Rename(r.ID, bob, Name("x")), chat.Forbidden},
		{Archive(r.ID, bob, true), chat.Forbidden},
		{Set(r.ID, carl, chat.Settings{SlowMode: &slow}), chat.Forbidden},
		{Set(r.ID, gus, chat.Settings{SlowMode: &slow}), chat.Forbidden},
		{Set(r.ID, bob, chat.Settings{SlowMode: &slow}), ""},
		{Set(r.ID, bob, chat.Settings{SlowMode: &slow}), chat.Conflict},
		{Set(r.ID, bob, chat.Settings{History: &joined}), chat.Forbidden},
		{RemoveAs(r.ID, ann, bob.ID, chat.Removal{}), ""},
		{Add(r.ID, ann, bob.ID), ""},
		{Set(r.ID, bob, chat.Settings{ReadOnly: &yes}), chat.Forbidden}, // who comes back has no role
		{SetRole(r.ID, boss, bob.ID, chat.RoleOwner), ""},
		{SetRole(r.ID, bob, ann.ID, chat.RoleMember), ""},
		{RemoveAs(r.ID, mod, bob.ID, chat.Removal{}), ""},
		{RemoveAs(r.ID, mod, boss.ID, chat.Removal{Ban: true}), chat.Forbidden},
	})
	// A role that was lost counts for nothing in the same batch.
	Stored(t, s, SetRole(r.ID, boss, ann.ID, chat.RoleOwner))
	outcomes := Commit(t, s, SetRole(r.ID, boss, ann.ID, chat.RoleMember), SetRole(r.ID, ann, ann.ID, chat.RoleOwner))
	WantCode(t, outcomes[1].Err, chat.Forbidden)
}

func testReadOnly(t *testing.T, s chat.Store) {
	ann, bob := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r := Room(t, s, ann.ID)
	root, yes := Post(r.ID, ann, "News"), true
	o := Stored(t, s, root, Set(r.ID, ann, chat.Settings{ReadOnly: &yes}))[1]
	if o.Event.Change.Data != `{"history":"all","read_only":true,"slow_mode":0}` {
		t.Errorf("the entry has %s", o.Event.Change.Data)
	}
	wantCodes(t, s, []struct {
		op   chat.Op
		code chat.Code
	}{
		{Post(r.ID, bob, "Mine"), chat.Forbidden}, {Topic(r.ID, bob, "mine"), chat.Forbidden}, {Reply(r.ID, bob, root.Post.ID, "Thanks"), ""},
		{Read(r.ID, bob, 1, nil), ""}, {Post(r.ID, ann, "More"), ""}, {SetRole(r.ID, ann, bob.ID, chat.RoleModerator), ""}, {Post(r.ID, bob, "I may"), ""},
	})
}

func testSlowMode(t *testing.T, s chat.Store) {
	ann, bob := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r := Room(t, s, ann.ID)
	begun := now()
	say := func(by chat.Actor, after time.Duration) chat.Op {
		op := Post(r.ID, by, "hello")
		op.Post.Created = begun.Add(after)
		return op
	}
	slow, tooSlow, negative := 30, chat.MaxSlowMode+1, -1
	first := say(bob, 0)
	Stored(t, s, first, Set(r.ID, ann, chat.Settings{SlowMode: &slow}))
	wait := func(op chat.Op, want time.Duration) {
		t.Helper()
		var e *chat.Error
		if err := Commit(t, s, op)[0].Err; !errors.As(err, &e) || e.Code != chat.RateLimited || e.RetryAfter != want {
			t.Errorf("%v; want to wait for %v", err, want)
		}
	}
	wait(say(bob, 10*time.Second), 20*time.Second)
	reply := Reply(r.ID, bob, first.Post.ID, "and")
	reply.Post.Created = begun.Add(29 * time.Second)
	wait(reply, time.Second)
	if o := Stored(t, s, Retry(first))[0]; !o.Again {
		t.Errorf("a retry: %+v", o)
	}
	Stored(t, s, say(ann, 0), say(ann, 0)) // owners are as fast as they like
	// Leaving and coming back is no way around it, and a clock that was set back keeps nobody out for long.
	Stored(t, s, RemoveAs(r.ID, bob, bob.ID, chat.Removal{}))
	wait(say(bob, 10*time.Second), 20*time.Second)
	wait(say(bob, -time.Hour), 30*time.Second)
	// Of two in one batch, the second waits.
	outcomes := Commit(t, s, say(bob, 30*time.Second), say(bob, 30*time.Second))
	if outcomes[0].Err != nil || chat.CodeOf(outcomes[1].Err) != chat.RateLimited {
		t.Errorf("%+v", outcomes)
	}
	for _, n := range []int{tooSlow, negative} {
		WantCode(t, Commit(t, s, Set(r.ID, ann, chat.Settings{SlowMode: &n}))[0].Err, chat.Invalid)
	}
}

func testRoomAudit(t *testing.T, s chat.Store) {
	ann, bob := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r := roomOf(t, s, chat.RoomPrivate, ann, bob)
	slow, name := 9, Name("renamed")
	Stored(t, s, SetRole(r.ID, ann, bob.ID, chat.RoleModerator), Set(r.ID, ann, chat.Settings{SlowMode: &slow}), Rename(r.ID, ann, name),
		RemoveAs(r.ID, ann, bob.ID, chat.Removal{Reason: "spam", Ban: true}), Topic(r.ID, ann, "x"), RemoveAs(r.ID, ann, ann.ID, chat.Removal{}))
	es, err := s.Audit(ctx, 0, 4)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range es {
		if e.Actor != ann.ID || e.ActorName != ann.Name || e.At.IsZero() {
			t.Errorf("%+v", e)
		}
		got = append(got, e.Action+" "+e.Subject+" "+e.SubjectName+" "+e.Data)
	}
	same(t, "the log, newest first", got, []string{
		fmt.Sprintf(`member_removed %s %s {"banned":true,"reason":"spam","room":%q,"room_id":%q}`, bob.ID, bob.Name, name, r.ID),
		fmt.Sprintf(`room_renamed %s %s {"name":%q,"was":%q}`, r.ID, name, name, r.Name),
		fmt.Sprintf(`room_settings %s %s {"history":"all","read_only":false,"slow_mode":9}`, r.ID, r.Name),
		fmt.Sprintf(`room_role_changed %s %s {"role":"moderator","room":%q,"room_id":%q,"was":"member"}`, bob.ID, bob.Name, r.Name, r.ID),
	})
}
