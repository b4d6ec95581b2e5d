package sqlite_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/sqlite"
)

// oldID is a name in oldRows as an id, which begins with the time as every id does.
func oldID(name string) string {
	sum := sha256.Sum256([]byte(name))
	id := hex.EncodeToString(sum[:8])
	return "0190a8c0-0000-7000-8" + id[:3] + "-" + id[3:15]
}

// oldRows are what a server of before messages could change has written: schema 6. {name} is an id, <text> the hash of a request.
const oldRows = `
INSERT INTO users (id, kind, name, name_skeleton, display, email, password_hash, role, created, disabled, rev, avatar, avatar_from) VALUES
	({ann}, 'member', 'ann', 'ann', 'Ann A.', 'ann@example.org', 'hash of ann', 'owner', 1000, 0, 1, '', ''),
	({bob}, 'member', 'bob', 'bob', 'Bob', 'bob@example.org', 'hash of bob', 'member', 1001, 0, 1, '/avatars/b0b', 'own'),
	({eve}, 'member', 'eve', 'eve', 'Eve', '', 'hash of eve', 'member', 1002, 0, 2, '', ''),
	({dan}, 'member', 'dan', 'dan', 'Dan', '', 'hash of dan', 'member', 1003, 1, 2, '', ''),
	({gus}, 'guest', 'gus', '', 'gus', '', '', 'guest', 1004, 0, 0, '', '');
INSERT INTO sessions (id, user, created, last_seen, user_agent, revoked, secret_hash) VALUES
	({browser}, {ann}, 2000, 4102444800000, 'a browser', 0, x'c0ffee'), ({token}, {bob}, 2001, 3001, 'curl', 0, NULL), ({over}, {bob}, 2002, 3002, 'curl', 1, NULL);
INSERT INTO invites (id, code_hash, created_by, created, expires, max_uses, uses, revoked) VALUES ({invite}, x'1234', {ann}, 2003, NULL, 5, 1, 0);
INSERT INTO audit (at, actor, actor_name, action, subject, subject_name, data) VALUES (2004, {ann}, 'ann', 'user_disabled', {dan}, 'dan', '{}');
UPDATE workspace SET name = 'Acme', hue = 7;
INSERT INTO rooms (id, name, kind, topic, seq, n, min_seq, epoch, archived, created) VALUES
	({general}, 'general', 'public', 'Everything', 7, 5, 1, 'epoch-1', 0, 1500), ({attic}, 'attic', 'public', '', 2, 1, 1, 'epoch-2', 1, 1501);
INSERT INTO memberships (room, user, role, sees_from_seq, read_n, read_version, joined, removed) VALUES
	({general}, {ann}, 'owner', 0, 5, 4, 1500, 0), ({general}, {bob}, 'member', 0, 2, 3, 1600, 0), ({general}, {eve}, 'member', 0, 3, 1, 1601, 1),
	({general}, {gus}, 'guest', 0, 4, 1, 1602, 0), ({attic}, {bob}, 'member', 0, 0, 0, 1603, 0);
INSERT INTO messages (uid, room, seq, n, author, client_id, request_hash, created, body, deleted, html, renderer) VALUES
	({m1}, {general}, 1, 1, {ann}, {c1}, <hello>, 4001, 'hello', NULL, '', 1),
	({m2}, {general}, 3, 2, {bob}, {c2}, <**bold**>, 4003, '**bold**', NULL, '<p><strong>bold</strong></p>', 1),
	({m3}, {general}, 4, 3, {eve}, {c3}, <see you>, 4004, 'see you', NULL, '', 0),
	({m4}, {general}, 6, 4, {gus}, {c4}, <a line of a guest>, 4006, 'a line of a guest', NULL, '', 1),
	({m5}, {general}, 7, 5, {ann}, {c5}, <gone>, 4007, '', 4008, '', 0),
	({m6}, {attic}, 1, 1, {ann}, {c6}, <long ago>, 4000, 'long ago', NULL, '', 1);
INSERT INTO changes (room, seq, uid, kind, message, actor, subject, data, created) VALUES
	({general}, 2, {ch1}, 'topic', NULL, {ann}, NULL, '{"topic":"Everything"}', 4002),
	({general}, 5, {ch2}, 'member_removed', NULL, {ann}, {eve}, '{"user":"eve","user_id":"EVE"}', 4005),
	({attic}, 2, {ch3}, 'archived', NULL, {ann}, NULL, '{"archived":true}', 4009);
`

// openOld opens, with the present schema, a database that a server of schema 6 has left.
func openOld(t *testing.T) (*sqlite.Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "parley.db")
	db := raw(t, path)
	sqlite.MigrateTo(t, db, 6)
	rows := oldRows
	for _, part := range []struct {
		open, shut string
		of         func(string) string
	}{
		{"{", "}", func(name string) string { return strings.ReplaceAll(oldID(name), "-", "") }},
		{"<", ">", func(text string) string {
			sum := sha256.Sum256([]byte("post\x00" + text))
			return hex.EncodeToString(sum[:16])
		}},
	} {
		for _, piece := range strings.Split(rows, part.open)[1:] {
			name, _, ok := strings.Cut(piece, part.shut)
			if ok && name != "" && !strings.ContainsAny(name, `"/`+"\n") && !slices.Contains([]string{"p", "strong"}, name) {
				rows = strings.ReplaceAll(rows, part.open+name+part.shut, "x'"+part.of(name)+"'")
			}
		}
	}
	execute(t, db, rows)
	return open(t, sqlite.Options{Path: path}), path
}

// Whatever a server of schema 6 has kept is there after the migration, and reads as it did.
func TestAnOlderDatabaseIsAllThere(t *testing.T) {
	store, path := openOld(t)
	ctx := context.Background()
	s, _ := serve(t, store, 0, nil)
	actor := func(name string) chat.Actor {
		u, err := store.User(ctx, chat.UserID(oldID(name)))
		if err != nil {
			t.Fatal(err)
		}
		return u.Actor()
	}
	ann, bob, eve, gus := actor("ann"), actor("bob"), actor("eve"), actor("gus")
	for _, c := range []struct {
		by                         chat.Actor
		room                       string
		listed                     bool
		unread, readN, readVersion uint64
	}{
		{ann, "general", true, 0, 5, 4}, {bob, "general", true, 3, 2, 3}, {gus, "general", true, 1, 4, 1}, {eve, "general", false, 0, 0, 0},
		{bob, "attic", true, 1, 0, 0}, {ann, "attic", false, 0, 0, 0}, // an archived one is its members'
	} {
		states, err := s.RoomStates(ctx, c.by)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(states, func(st chat.RoomState) bool { return st.Name == c.room })
		if i < 0 != !c.listed {
			t.Errorf("%s has %s in the list: %v", c.by.Name, c.room, i >= 0)
		}
		if i < 0 {
			continue
		}
		if st := states[i]; st.Unread != c.unread || st.Cursor.N != c.readN || st.Cursor.Version != c.readVersion || st.Mentions != 0 || st.Muted {
			t.Errorf("%s in %s: %+v", c.by.Name, c.room, st)
		}
	}
	_, err := s.Page(ctx, eve, "general", chat.PageQuery{})
	if chat.CodeOf(err) != chat.Forbidden {
		t.Errorf("who was removed for good reads on: %v", err)
	}

	page, err := s.Page(ctx, bob, "general", chat.PageQuery{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, m := range page.Messages {
		lines = append(lines, fmt.Sprintf("%d %d %s %s%s %v", m.Seq, m.N, m.UserName, m.Content, m.HTML, m.Deleted))
	}
	if want := []string{"1 1 ann hello false", "3 2 bob **bold**<p><strong>bold</strong></p> false", "4 3 eve see you false",
		"6 4 gus a line of a guest false", "7 5 ann  true"}; !slices.Equal(lines, want) {
		t.Errorf("the page is %q, not %q", lines, want)
	}
	head, events, err := store.Entries(ctx, page.Messages[0].Room, 0, 100)
	var entries []string
	for _, e := range events {
		if e.Change != nil {
			entries = append(entries, fmt.Sprint(e.Seq(), " ", e.Change.Kind, e.Change.Data))
		} else {
			entries = append(entries, fmt.Sprint(e.Seq()))
		}
	}
	if want := []string{"1", `2 topic{"topic":"Everything"}`, "3", "4", `5 member_removed{"user":"eve","user_id":"EVE"}`, "6", "7"}; err != nil ||
		!slices.Equal(entries, want) || head.Seq != 7 || head.ID != oldID("m5") || head.Epoch != "epoch-1" {
		t.Errorf("the stream is %q of %+v, %v", entries, head, err)
	}

	if se, u, err := s.Session(ctx, chat.SessionID(oldID("browser"))); err != nil || u.ID != ann.ID || se.UserAgent != "a browser" || u.PasswordHash != "hash of ann" {
		t.Errorf("a session: %+v, %+v, %v", se, u, err)
	}
	if _, u, err := store.SessionBySecret(ctx, []byte{0xc0, 0xff, 0xee}); err != nil || u.ID != ann.ID {
		t.Errorf("a cookie: %+v, %v", u, err)
	}
	if se, _, err := store.Session(ctx, chat.SessionID(oldID("over"))); err != nil || !se.Revoked {
		t.Errorf("a session that has ended: %+v, %v", se, err)
	}
	if u, err := store.User(ctx, bob.ID); err != nil || u.Avatar != "/avatars/b0b" || u.AvatarFrom != "own" || u.Display != "Bob" {
		t.Errorf("bob: %+v, %v", u, err)
	}
	if u, err := store.User(ctx, chat.UserID(oldID("dan"))); err != nil || !u.Disabled {
		t.Errorf("dan: %+v, %v", u, err)
	}
	if w, err := store.Workspace(ctx); err != nil || w.Name != "Acme" || w.Hue != 7 {
		t.Errorf("the workspace: %+v, %v", w, err)
	}
	if is, err := store.Invites(ctx, s.Now()); err != nil || len(is) != 1 || is[0].Uses != 1 {
		t.Errorf("invitations: %+v, %v", is, err)
	}
	if es, err := store.Audit(ctx, 0, 10); err != nil || len(es) != 1 || es[0].SubjectName != "dan" {
		t.Errorf("the audit log: %+v, %v", es, err)
	}
	var sound string
	if err := raw(t, path).QueryRow(`SELECT group_concat(x) FROM (SELECT integrity_check AS x FROM pragma_integrity_check
		UNION ALL SELECT "table" || ' refers to no ' || parent FROM pragma_foreign_key_check)`).Scan(&sound); err != nil || sound != "ok" {
		t.Errorf("the file: %s, %v", sound, err)
	}
}

// With what a server of schema 6 has kept one goes on: it can be answered, changed and deleted, and a retry of then is known.
func TestAnOlderDatabaseGoesOn(t *testing.T) {
	store, path := openOld(t)
	ctx := context.Background()
	s, _ := serve(t, store, 0, nil)
	actor := func(name string, kind chat.UserKind, role chat.Role) chat.Actor {
		return chat.Actor{ID: chat.UserID(oldID(name)), Name: name, Kind: kind, Role: role}
	}
	ann, bob, gus := actor("ann", chat.KindMember, chat.RoleOwner), actor("bob", chat.KindMember, chat.RoleMember), actor("gus", chat.KindGuest, chat.RoleGuest)
	do := func(write func(done func(chat.Outcome))) chat.Outcome {
		t.Helper()
		o := chat.Wait(ctx, write)
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		return o
	}
	post := func(by chat.Actor, m chat.NewMessage) chat.Outcome {
		t.Helper()
		m.Room = "general"
		return do(func(done func(chat.Outcome)) { s.Post(by, m, done) })
	}
	if o := post(gus, chat.NewMessage{Content: "a line of a guest", ClientID: oldID("c4")}); !o.Again || o.Event.ID() != oldID("m4") {
		t.Errorf("a retry of then is %+v", o)
	}
	if o := post(bob, chat.NewMessage{Content: "and on, @ann"}); o.Event.Seq() != 8 || o.Event.Message.N != 6 {
		t.Errorf("the next message is %+v", o.Event.Message)
	}
	post(gus, chat.NewMessage{Content: "a reply", Thread: oldID("m1")})
	post(ann, chat.NewMessage{Content: "a quote", Quote: oldID("m2")})
	do(func(done func(chat.Outcome)) { s.EditMessage(bob, "general", oldID("m2"), "*bold* no more", done) })
	do(func(done func(chat.Outcome)) { s.React(ann, "general", oldID("m2"), "👍", true, done) })
	do(func(done func(chat.Outcome)) { s.Pin(ann, "general", oldID("m4"), true, done) })
	do(func(done func(chat.Outcome)) { s.DeleteMessage(ann, "general", oldID("m3"), "", done) })
	do(func(done func(chat.Outcome)) { s.Read(bob, "general", 6, nil, done) })

	page, err := s.Page(ctx, ann, "general", chat.PageQuery{})
	if err != nil || len(page.Messages) != 7 || page.AsOf != 14 {
		t.Fatalf("%d messages as of %d, %v", len(page.Messages), page.AsOf, err)
	}
	m1, m2, m3, m4 := page.Messages[0], page.Messages[1], page.Messages[2], page.Messages[3]
	if m1.Replies == nil || m1.Replies.Count != 1 || !m1.Following || m2.Content != "*bold* no more" || m2.Edited.IsZero() || len(m2.Reactions) != 1 ||
		!m3.Deleted || m3.Content != "" || !m4.Pinned {
		t.Errorf("%+v", page.Messages[:4])
	}
	states, err := s.RoomStates(ctx, ann)
	i := slices.IndexFunc(states, func(st chat.RoomState) bool { return st.Name == "general" })
	if err != nil || i < 0 || states[i].Unread != 0 {
		t.Errorf("ann, who has posted: %+v, %v", states, err)
	}
	if n, _, err := s.UnreadThreads(ctx, ann); err != nil || n != 1 {
		t.Errorf("%d threads are unread: %v", n, err)
	}
	if ms, err := s.Mentions(ctx, ann, "", 0); err != nil || len(ms.Messages) != 1 {
		t.Errorf("mentions: %+v, %v", ms, err)
	}
	if former, err := store.Former(ctx, m2.Room, m2.ID); err != nil || len(former) != 1 || former[0].Content != "**bold**" || former[0].At.UnixMilli() != 4003 {
		t.Errorf("what it said before: %+v, %v", former, err)
	}
	var older, newer int
	if err := raw(t, path).QueryRow(`SELECT max(id) FILTER (WHERE created < 5000), min(id) FILTER (WHERE created > 5000) FROM messages`).Scan(&older, &newer); err != nil ||
		newer <= older {
		t.Errorf("a new row has number %d, an old one %d: %v", newer, older, err)
	}
}
