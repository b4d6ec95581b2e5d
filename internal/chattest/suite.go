package chattest

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-chat/parley/internal/chat"
)

// storeSuite is what RunStoreSuite runs, each on a store of its own.
var storeSuite = []struct {
	name string
	test func(*testing.T, chat.Store)
}{
	{"Users", testUsers},
	{"Admission", testAdmission},
	{"UserByEmail", testUserByEmail},
	{"UpdateUser", testUpdateUser},
	{"UpdateUserRefused", testUpdateUserRefused},
	{"LastOwner", testLastOwner},
	{"External", testExternal},
	{"ExternalUpdate", testExternalUpdate},
	{"Pictures", testPictures},
	{"Gravatars", testGravatars},
	{"SessionSecretsAreUnique", testSessionSecretsAreUnique},
	{"Invites", testInvites},
	{"RevokedInvites", testRevokedInvites},
	{"InvitesOfTheDemoted", testInvitesOfTheDemoted},
	{"ManyInvites", testManyInvites},
	{"Audit", testAudit},
	{"Workspace", testWorkspace},
	{"Archived", testArchived},
	{"Status", testStatus},
	{"Preferences", testPreferences},
	{"LastSeen", testLastSeen},
	{"Blocks", testBlocks},
	{"Reports", testReports},
	{"ReportsRefused", testReportsRefused},
	{"Announcements", testAnnouncements},
	{"Attack59FirstAccounts", testFirstAccountsAtOnce},
	{"Attack59OneUse", testOneUseAtOnce},
	{"Attack59RevokedWhileUsed", testRevokedWhileUsed},
	{"Attack59LastOwners", testLastOwnersAtOnce},
	{"Attack59DisabledWhileSigningIn", testDisabledWhileSigningIn},
	{"Sessions", testSessions},
	{"SessionList", testSessionList},
	{"SessionSecrets", testSessionSecrets},
	{"ManySessions", testManySessions},
	{"ManyEndedSessions", testManyEndedSessions},
	{"Rooms", testRooms},
	{"RoomStates", testRoomStates},
	{"Members", testMembers},
	{"PrivateRooms", testPrivateRooms},
	{"HistoryFromJoining", testHistoryFromJoining},
	{"Leaving", testLeaving},
	{"DirectRooms", testDirectRooms},
	{"DirectRoomsStayAsTheyAre", testDirectRoomsStayAsTheyAre},
	{"DirectRoomsOfTheBlocked", testDirectRoomsOfTheBlocked},
	{"Renaming", testRenaming},
	{"RolesInRooms", testRolesInRooms},
	{"ReadOnly", testReadOnly},
	{"SlowMode", testSlowMode},
	{"RoomAudit", testRoomAudit},
	{"Sequence", testSequence},
	{"Rendered", testRendered},
	{"Idempotency", testIdempotency},
	{"OneBatch", testOneBatch},
	{"Guests", testGuests},
	{"Permissions", testPermissions},
	{"Removal", testRemoval},
	{"Changes", testChanges},
	{"Cursors", testCursors},
	{"Lookup", testLookup},
	{"PagesByNumber", testPagesByNumber},
	{"PagesBySeq", testPagesBySeq},
	{"PagesAround", testPagesAround},
	{"Entries", testEntries},
	{"MessageChanges", testMessageChanges},
	{"Mentions", testMentionStore},
	{"Threads", testThreads},
	{"Unknown", testUnknown},
	{"Model", testModel},
}

// RunStoreSuite checks that what open returns behaves as chat.Store says. open returns an empty store and closes it with
// the test.
func RunStoreSuite(t *testing.T, open func(t *testing.T) chat.Store) {
	for _, c := range storeSuite {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

var ctx = context.Background()

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func testUsers(t *testing.T, s chat.Store) {
	bot := NewUser(chat.KindBot, chat.RoleMember)
	if stored, err := s.CreateUser(ctx, bot, chat.Admission{}); err != nil || stored.Role != chat.RoleMember {
		t.Errorf("a bot before everyone: %+v, %v", stored, err)
	}
	first, err := s.CreateUser(ctx, NewUser(chat.KindMember, chat.RoleMember), chat.Admission{})
	if err != nil || first.Role != chat.RoleOwner {
		t.Errorf("the first member: %+v, %v; want an owner", first, err)
	}
	second := NewUser(chat.KindMember, chat.RoleModerator)
	second.PasswordHash, second.Rev = "$argon2id$", 7
	stored, err := s.CreateUser(ctx, second, chat.Admission{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the second member", stored, second)
	got, err := s.User(ctx, second.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "User", got, second)
	got, err = s.UserBySkeleton(ctx, second.NameSkeleton)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "UserBySkeleton", got, second)

	twin := NewUser(chat.KindMember, chat.RoleMember)
	twin.NameSkeleton = second.NameSkeleton
	_, err = s.CreateUser(ctx, twin, chat.Admission{})
	WantCode(t, err, chat.Conflict)
	twin.Kind = chat.KindBot
	_, err = s.CreateUser(ctx, twin, chat.Admission{})
	WantCode(t, err, chat.Conflict)
	for range 2 { // guests' names are nobody's
		guest := NewUser(chat.KindGuest, chat.RoleGuest)
		guest.NameSkeleton = second.NameSkeleton
		if _, err := s.CreateUser(ctx, guest, chat.Admission{}); err != nil {
			t.Error(err)
		}
	}
	if got, err := s.UserBySkeleton(ctx, second.NameSkeleton); err != nil || got.ID != second.ID {
		t.Errorf("UserBySkeleton = %v, %v", got, err)
	}

	all, err := s.Users(ctx, "", 10)
	if err != nil || len(all) != 3 {
		t.Fatalf("Users = %v, %v", all, err)
	}
	var pages []chat.User
	for after := ""; ; after = pages[len(pages)-1].NameSkeleton {
		page, err := s.Users(ctx, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		pages = append(pages, page...)
	}
	same(t, "Users in pages", pages, all)
	for i := 1; i < len(all); i++ {
		if all[i-1].NameSkeleton >= all[i].NameSkeleton {
			t.Errorf("Users are not in order: %q, %q", all[i-1].NameSkeleton, all[i].NameSkeleton)
		}
	}
}

func testRooms(t *testing.T, s chat.Store) {
	ann := Member(t, s, chat.RoleMember)
	r := NewRoom(chat.RoomPublic)
	r.Topic = "Tea; 'quotes' and ünïcode"
	stored, err := s.CreateRoom(ctx, r, ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "CreateRoom", stored, r)
	got, err := s.RoomByID(ctx, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "RoomByID", got, r)
	got, err = s.RoomByName(ctx, r.Name)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "RoomByName", got, r)
	m, err := s.Membership(ctx, r.ID, ann.ID)
	if err != nil || m.Role != chat.RoleOwner || m.Removed {
		t.Errorf("the creator is %+v, %v", m, err)
	}
	twin := NewRoom(chat.RoomPublic)
	twin.Name = r.Name
	_, err = s.CreateRoom(ctx, twin, ann.ID)
	WantCode(t, err, chat.Conflict)
	_, err = s.RoomByID(ctx, twin.ID)
	WantCode(t, err, chat.NotFound)
	_, err = s.Membership(ctx, twin.ID, ann.ID)
	WantCode(t, err, chat.NotFound)

	orphan := NewRoom(chat.RoomPublic)
	_, err = s.CreateRoom(ctx, orphan, chat.UserID(ID()))
	WantCode(t, err, chat.Unauthenticated)
	_, err = s.RoomByName(ctx, orphan.Name)
	WantCode(t, err, chat.NotFound)
}

func testRoomStates(t *testing.T, s chat.Store) {
	Member(t, s, chat.RoleOwner)
	ann, bob := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	open := Room(t, s, ann.ID)
	private, archived := NewRoom(chat.RoomPrivate), NewRoom(chat.RoomPublic)
	archived.Archived = true
	for _, r := range []chat.Room{private, archived} {
		if _, err := s.CreateRoom(ctx, r, ann.ID); err != nil {
			t.Fatal(err)
		}
	}
	Stored(t, s, Post(open.ID, ann, "one"), Post(open.ID, bob, "two"), Post(open.ID, ann, "three"))

	states := func(of chat.UserID) map[string]chat.RoomState {
		list, err := s.RoomStates(ctx, of)
		if err != nil {
			t.Fatal(err)
		}
		byName := map[string]chat.RoomState{}
		for i, st := range list {
			if i > 0 && list[i-1].Name >= st.Name {
				t.Errorf("not in order: %q, %q", list[i-1].Name, st.Name)
			}
			byName[st.Name] = st
		}
		return byName
	}
	of := states(ann.ID)
	if len(of) != 3 {
		t.Errorf("ann sees %v", of)
	}
	if st := of[open.Name]; !st.Member || st.Seq != 3 || st.N != 3 || st.Cursor.N != 3 || st.Unread != 0 {
		t.Errorf("ann in the open room: %+v", st)
	}
	of = states(bob.ID)
	if len(of) != 1 {
		t.Errorf("bob sees %v", of)
	}
	if st := of[open.Name]; !st.Member || st.Cursor.N != 2 || st.Unread != 1 {
		t.Errorf("bob in the open room: %+v", st)
	}
	of = states(Guest().ID)
	if st := of[open.Name]; len(of) != 1 || st.Member || st.Unread != 0 || st.N != 3 {
		t.Errorf("a guest sees %+v", of)
	}
	Stored(t, s, Remove(open.ID, ann, bob.ID))
	if of = states(bob.ID); len(of) != 0 {
		t.Errorf("bob sees %v after he was removed", of)
	}
}

func testMembers(t *testing.T, s chat.Store) {
	Member(t, s, chat.RoleOwner)
	ann := Member(t, s, chat.RoleMember)
	r := Room(t, s, ann.ID)
	var people []chat.Actor
	for range 5 {
		p := Member(t, s, chat.RoleMember)
		people = append(people, p)
		Stored(t, s, Add(r.ID, ann, p.ID))
	}
	Stored(t, s, Post(r.ID, Guest(), "hello"), Remove(r.ID, ann, people[1].ID))
	var names []string
	after := ""
	for {
		page, err := s.Members(ctx, r.ID, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, m := range page {
			names = append(names, m.UserName)
			u, err := s.User(ctx, m.User)
			if err != nil || u.Name != m.UserName || u.Display != m.Display || u.Kind != m.UserKind || m.Room != r.ID {
				t.Errorf("%+v belongs to %+v, %v", m, u, err)
			}
			after = u.NameSkeleton
		}
	}
	same(t, "Members", names, []string{ann.Name, people[0].Name, people[2].Name, people[3].Name, people[4].Name})
}

// testUnknown asks for what is not there, by ids that exist nowhere or are none.
func testUnknown(t *testing.T, s chat.Store) {
	for _, id := range []string{ID(), "", "general", "'; DROP TABLE users; --"} {
		_, err := s.User(ctx, chat.UserID(id))
		WantCode(t, err, chat.NotFound)
		_, err = s.UserBySkeleton(ctx, id)
		WantCode(t, err, chat.NotFound)
		_, _, err = s.Session(ctx, chat.SessionID(id))
		WantCode(t, err, chat.NotFound)
		_, err = s.RoomByID(ctx, chat.RoomID(id))
		WantCode(t, err, chat.NotFound)
		_, err = s.RoomByName(ctx, id)
		WantCode(t, err, chat.NotFound)
		_, err = s.Head(ctx, chat.RoomID(id))
		WantCode(t, err, chat.NotFound)
		_, err = s.Page(ctx, chat.RoomID(id), chat.PageQuery{})
		WantCode(t, err, chat.NotFound)
		_, _, err = s.Entries(ctx, chat.RoomID(id), 0, 10)
		WantCode(t, err, chat.NotFound)
		_, err = s.Message(ctx, chat.RoomID(id), id, chat.UserID(id))
		WantCode(t, err, chat.NotFound)
		_, err = s.Pins(ctx, chat.RoomID(id), chat.UserID(id))
		WantCode(t, err, chat.NotFound)
		_, err = s.Membership(ctx, chat.RoomID(id), chat.UserID(id))
		WantCode(t, err, chat.NotFound)
		if ms, err := s.Members(ctx, chat.RoomID(id), "", 10); len(ms) != 0 || err != nil {
			t.Errorf("Members = %v, %v", ms, err)
		}
		if o := Commit(t, s, Post(chat.RoomID(id), Guest(), "hello"))[0]; chat.CodeOf(o.Err) != chat.NotFound {
			t.Errorf("Post in %q: %v", id, o.Err)
		}
	}
	_, err := s.CreateUser(ctx, chat.User{ID: "me", Kind: chat.KindMember, Name: "me"}, chat.Admission{})
	WantCode(t, err, chat.Invalid)
}
