package chattest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// testMessageChanges plays on one store: nobody and no room is of two tests.
func testMessageChanges(t *testing.T, s chat.Store) {
	Member(t, s, chat.RoleOwner)
	for _, c := range []struct {
		name string
		test func(*testing.T, chat.Store)
	}{
		{"Edits", testEdits},
		{"Attack36EditsRefused", testEditsRefused},
		{"Deletions", testDeletions},
		{"DeletionsTakeAll", testDeletionsTakeAll},
		{"Attack36DeletionsByRank", testDeletionsByRank},
		{"Reactions", testReactions},
		{"ManyReactions", testManyReactions},
		{"Pins", testPins},
		{"Quotes", testQuotes},
		{"ChangesInOneBatch", testChangesInOneBatch},
		{"Attack59EditAndDelete", testEditAndDeleteAtOnce},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, s) })
	}
}

// said stores one message and returns its id.
func said(t *testing.T, s chat.Store, room chat.RoomID, by chat.Actor, content string) string {
	t.Helper()
	return Stored(t, s, Post(room, by, content))[0].Event.Message.ID
}

// message reads a message as reader sees it.
func message(t *testing.T, s chat.Store, room chat.RoomID, id string, reader chat.Actor) chat.Message {
	t.Helper()
	m, err := s.Message(ctx, room, id, reader.ID)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// readBack checks that what was told of changes is what is read back, from the log and by Lookup, and that nothing else is in
// the room after the number from.
func readBack(t *testing.T, s chat.Store, room chat.RoomID, from uint64, ops []chat.Op, outcomes []chat.Outcome) {
	t.Helper()
	var want []chat.Event
	for _, o := range outcomes {
		want = append(want, o.Event)
	}
	_, events, err := s.Entries(ctx, room, from, 100)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "what is read back", events, want)
	found, err := s.Lookup(ctx, ops)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range found {
		same(t, "what is looked up", o.Event, want[i])
	}
}

func testEdits(t *testing.T, s chat.Store) {
	ann, bob := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r := Room(t, s, "")
	post := Post(r.ID, ann, "one")
	first := Stored(t, s, post)[0]
	id := post.Post.ID
	edit := Edit(r.ID, ann, id, "two **2**")
	edit.Change.HTML, edit.Change.Renderer, edit.Change.Mentions, edit.Change.MentionsAll = "<p>two</p>", 3, []chat.UserID{bob.ID, ann.ID}, chat.MentionRoom
	outcomes := Stored(t, s, edit)
	now := *first.Event.Message
	now.Content, now.HTML, now.Renderer, now.Edited = "two **2**", "<p>two</p>", 3, edit.Change.Created
	now.Mentions, now.MentionsAll = edit.Change.Mentions, chat.MentionRoom
	same(t, "the edit", outcomes[0].Event, chat.Event{Epoch: r.Epoch, Change: &chat.Change{
		ID: edit.Change.ID, Room: r.ID, RoomName: r.Name, Seq: 2, Kind: chat.ChangeEdit, Message: id, Actor: ann.ID, UserName: ann.Name, Data: "{}",
		Created: edit.Change.Created, Now: &now,
	}})
	readBack(t, s, r.ID, 1, []chat.Op{edit}, outcomes)
	same(t, "the message", message(t, s, r.ID, id, bob), now)
	again := Stored(t, s, Retry(post))[0]
	same(t, "a retry of what was edited", again.Event.Message, &now)

	unchanged := Commit(t, s, Edit(r.ID, ann, id, "two **2**"))[0]
	if unchanged.Err != nil || !unchanged.Again || unchanged.Event != (chat.Event{}) {
		t.Errorf("an edit that changes nothing: %+v", unchanged)
	}
	later := Edit(r.ID, ann, id, "three")
	later.Change.Created = edit.Change.Created.Add(time.Minute)
	Stored(t, s, later)
	former, err := s.Former(ctx, r.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "what it said before", former, []chat.Former{{Content: "one", At: post.Post.Created}, {Content: "two **2**", At: edit.Change.Created}})

	// The log has what a message says now, at its own place and at each of its edits.
	_, events, err := s.Entries(ctx, r.ID, 0, 10)
	if err != nil || len(events) != 3 {
		t.Fatal(events, err)
	}
	for _, m := range []*chat.Message{events[0].Message, events[1].Change.Now, events[2].Change.Now} {
		if m.Content != "three" || m.HTML != "" || m.Mentions != nil || m.MentionsAll != "" || !m.Edited.Equal(later.Change.Created) {
			t.Errorf("the log says %+v", m)
		}
	}
	var more []chat.Op
	for i := range chat.MaxEdits - 2 {
		more = append(more, Edit(r.ID, ann, id, fmt.Sprint(i)))
	}
	Stored(t, s, more...)
	WantCode(t, Commit(t, s, Edit(r.ID, ann, id, "once more"))[0].Err, chat.TooLarge)
}

func testEditsRefused(t *testing.T, s chat.Store) {
	owner, ann, bob := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r, other := Room(t, s, owner.ID), Room(t, s, "")
	private := NewRoom(chat.RoomPrivate)
	if _, err := s.CreateRoom(ctx, private, ann.ID); err != nil {
		t.Fatal(err)
	}
	id, hidden := said(t, s, r.ID, ann, "mine"), said(t, s, private.ID, ann, "secret")
	topic := Stored(t, s, Topic(r.ID, ann, "tea"))[0].Event.ID()
	check := func(op chat.Op, code chat.Code) {
		t.Helper()
		if o := Commit(t, s, op)[0]; chat.CodeOf(o.Err) != code {
			t.Errorf("%s: %v; want %q", op.Change.Kind, o.Err, code)
		}
	}
	for _, room := range []chat.RoomID{r.ID, other.ID, private.ID} {
		for _, wrong := range []string{id, hidden, topic, ID(), "", "'; --"} {
			if room == r.ID && wrong == id {
				continue
			}
			for _, op := range []chat.Op{
				Edit(room, bob, wrong, "x"), Delete(room, bob, wrong, ""), React(room, bob, chat.ChangeReact, wrong, "👍"), React(room, bob, chat.ChangeUnreact, wrong, "👍"),
				Pin(room, bob, chat.ChangePin, wrong), Pin(room, bob, chat.ChangeUnpin, wrong),
			} {
				check(op, chat.NotFound)
			}
		}
	}
	check(Edit(r.ID, bob, id, "not mine"), chat.Forbidden)
	check(Edit(r.ID, owner, id, "not mine either"), chat.Forbidden)
	check(Edit(r.ID, Guest(), id, "x"), chat.Forbidden)
	Stored(t, s, Remove(r.ID, owner, ann.ID))
	check(Edit(r.ID, ann, id, "after removal"), chat.Forbidden)
	check(Delete(r.ID, ann, id, ""), chat.Forbidden)
	check(React(r.ID, ann, chat.ChangeReact, id, "👍"), chat.Forbidden)
	Stored(t, s, Add(r.ID, owner, ann.ID), Archive(r.ID, owner, true))
	check(Edit(r.ID, ann, id, "archived"), chat.Forbidden)
	check(Delete(r.ID, ann, id, ""), chat.Forbidden)
	check(React(r.ID, ann, chat.ChangeReact, id, "👍"), chat.Forbidden)
	check(Pin(r.ID, ann, chat.ChangePin, id), chat.Forbidden)
	Stored(t, s, Archive(r.ID, owner, false), Delete(r.ID, ann, id, ""))
	check(Edit(r.ID, ann, id, "too late"), chat.Conflict)
	check(React(r.ID, ann, chat.ChangeReact, id, "👍"), chat.Conflict)
	check(Pin(r.ID, ann, chat.ChangePin, id), chat.Conflict)
	if m := message(t, s, r.ID, id, bob); m.Content != "" || len(m.Reactions) > 0 || m.Pinned {
		t.Errorf("the message is %+v", m)
	}
}

func testDeletions(t *testing.T, s chat.Store) {
	owner, ann, bob := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r := Room(t, s, "")
	post := Post(r.ID, ann, "**first** secret")
	post.Post.HTML, post.Post.Renderer, post.Post.Mentions, post.Post.MentionsAll = "<p>first secret</p>", 1, []chat.UserID{bob.ID}, chat.MentionHere
	first := Stored(t, s, post)[0]
	id := post.Post.ID
	Stored(t, s, Edit(r.ID, ann, id, "second secret"), React(r.ID, bob, chat.ChangeReact, id, "👍"), Pin(r.ID, bob, chat.ChangePin, id))
	del := Delete(r.ID, ann, id, "")
	outcomes := Stored(t, s, del)
	tomb := chat.Message{
		ID: id, Room: r.ID, RoomName: r.Name, Seq: 1, N: 1, Author: ann.ID, UserName: ann.Name, ClientID: post.Post.ClientID,
		Created: first.Event.Message.Created, Deleted: true,
	}
	same(t, "the tombstone", outcomes[0].Event.Change.Now, &tomb)
	readBack(t, s, r.ID, 4, []chat.Op{del}, outcomes)
	same(t, "the message", message(t, s, r.ID, id, bob), tomb)
	_, events, err := s.Entries(ctx, r.ID, 0, 10)
	if err != nil || len(events) != 5 {
		t.Fatal(events, err)
	}
	same(t, "the message in the log", events[0].Message, &tomb)
	for _, e := range events[1:] {
		same(t, "what a change is about", e.Change.Now, &tomb)
		if e.Change.Data != "{}" {
			t.Errorf("the change says %s", e.Change.Data)
		}
	}
	former, err := s.Former(ctx, r.ID, id)
	reactions, reactionsErr := s.Reactions(ctx, r.ID, id, bob.ID, 10)
	pins, pinsErr := s.Pins(ctx, r.ID, bob.ID)
	if err != nil || reactionsErr != nil || pinsErr != nil || len(former)+len(reactions)+len(pins) > 0 {
		t.Errorf("left over: %v %v %v (%v, %v, %v)", former, reactions, pins, err, reactionsErr, pinsErr)
	}
	for _, op := range []chat.Op{Delete(r.ID, ann, id, ""), Delete(r.ID, owner, id, "rude"), React(r.ID, bob, chat.ChangeUnreact, id, "👍"), Pin(r.ID, bob, chat.ChangeUnpin, id)} {
		if o := Commit(t, s, op)[0]; o.Err != nil || !o.Again || o.Event != (chat.Event{}) {
			t.Errorf("%s of a tombstone: %+v", op.Change.Kind, o)
		}
	}
	again := Stored(t, s, Retry(post))[0]
	if !again.Again {
		t.Error("a retry of what was deleted is a new message")
	}
	same(t, "a retry of what was deleted", again.Event.Message, &tomb)
	if h, err := s.Head(ctx, r.ID); err != nil || h.Seq != 5 {
		t.Errorf("Head = %+v, %v", h, err)
	}
	if o := Stored(t, s, Post(r.ID, ann, "next"))[0]; o.Event.Message.N != 2 {
		t.Errorf("the next message is %+v", o.Event.Message)
	}
	es, err := s.Audit(ctx, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range es {
		if e.Action == chat.AuditMessageDeleted && e.Subject == string(ann.ID) {
			t.Errorf("one's own deletion is in the audit log: %+v", e)
		}
	}
}

// What others have made of a message goes with it: mentions, what they have saved, what a thread counts. Reports of it are
// settled. Editing it mentions anew.
func testDeletionsTakeAll(t *testing.T, s chat.Store) {
	owner, ann, bob := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r := Room(t, s, "")
	root := said(t, s, r.ID, ann, "root")
	first, second := Reply(r.ID, ann, root, "one"), Reply(r.ID, bob, root, "two")
	post := Post(r.ID, ann, "@bob @room")
	post.Post.Mentions, post.Post.MentionsAll = []chat.UserID{bob.ID}, chat.MentionRoom
	id := post.Post.ID
	Stored(t, s, Read(r.ID, owner, 0, nil), first, second, post, Save(r.ID, bob, id, true))
	mentions := func(of chat.Actor) int {
		t.Helper()
		ms, err := s.Mentions(ctx, of.ID, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(ms)
	}
	report := chat.Report{ID: chat.ReportID(ID()), Room: r.ID, Message: id, Reason: "rude", Created: now()}
	if err := s.Report(ctx, bob, report); err != nil || mentions(bob) != 1 || mentions(owner) != 1 {
		t.Fatal(err, mentions(bob), mentions(owner))
	}
	edit := Edit(r.ID, ann, id, "@owner")
	edit.Change.Mentions = []chat.UserID{owner.ID}
	Stored(t, s, edit)
	if mentions(bob) != 0 || mentions(owner) != 1 {
		t.Errorf("after the edit %d and %d messages mention them", mentions(bob), mentions(owner))
	}
	for _, op := range []chat.Op{Delete(r.ID, owner, id, ""), Delete(r.ID, bob, second.Post.ID, "")} {
		o := Stored(t, s, op)[0]
		if now := o.Event.Change.Now; now.Thread != "" && (now.Replies == nil || now.Replies.Count != 1 || now.Origin() != 1) {
			t.Errorf("the thread after a deletion: %+v", now.Replies)
		}
	}
	saves, err := s.Saved(ctx, bob.ID, 1<<62, 10)
	if err != nil || len(saves) != 0 || mentions(owner) != 0 {
		t.Errorf("after the deletion: %v, %v; %d mentions", saves, err, mentions(owner))
	}
	rs, err := s.Reports(ctx, false, "", 10)
	if err != nil || len(rs) != 1 || rs[0].ResolvedBy != owner.ID || rs[0].Resolved.IsZero() || rs[0].Content != "" {
		t.Errorf("the reports: %+v, %v", rs, err)
	}
	gone := Delete(r.ID, ann, first.Post.ID, "")
	if now := Stored(t, s, gone)[0].Event.Change.Now; now.Replies != nil || now.Thread != root {
		t.Errorf("the thread without replies: %+v", now)
	}
	if m := message(t, s, r.ID, root, bob); m.Replies != nil {
		t.Errorf("the root has %+v", m.Replies)
	}
	_, events, err := s.Entries(ctx, r.ID, 7, 10)
	if err != nil || len(events) != 1 || events[0].Change.Now.Thread != root || events[0].Change.Now.Replies != nil {
		t.Errorf("the last entry is %+v, %v", events, err)
	}
	WantCode(t, Commit(t, s, Reply(r.ID, bob, first.Post.ID, "to a reply"))[0].Err, chat.Invalid)
}

func testDeletionsByRank(t *testing.T, s chat.Store) {
	owner, mod := Member(t, s, chat.RoleOwner), Member(t, s, chat.RoleModerator)
	host, ann, bob := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	r := Room(t, s, host.ID)
	for i, c := range []struct {
		by, author chat.Actor
		code       chat.Code
	}{
		{bob, ann, chat.Forbidden}, {Guest(), ann, chat.Forbidden}, {ann, host, chat.Forbidden},
		{host, ann, ""}, {mod, ann, ""}, {owner, ann, ""}, {mod, host, ""}, {owner, mod, ""}, {mod, mod, ""},
		{host, mod, chat.Forbidden}, {mod, owner, chat.Forbidden},
	} {
		id := said(t, s, r.ID, c.author, "hello")
		o := Commit(t, s, Delete(r.ID, c.by, id, "it was rude"))[0]
		if chat.CodeOf(o.Err) != c.code {
			t.Errorf("case %d: %v; want %q", i, o.Err, c.code)
		}
		if deleted := message(t, s, r.ID, id, bob).Deleted; deleted != (c.code == "") {
			t.Errorf("case %d: deleted is %v", i, deleted)
		}
		if c.code != "" || c.by.ID == c.author.ID {
			continue
		}
		es, err := s.Audit(ctx, 0, 1)
		if err != nil || len(es) != 1 {
			t.Fatal(es, err)
		}
		if e := es[0]; e.Action != chat.AuditMessageDeleted || e.Actor != c.by.ID || e.Subject != string(c.author.ID) || !strings.Contains(e.Data, "it was rude") ||
			!strings.Contains(e.Data, id) || !strings.Contains(e.Data, r.Name) {
			t.Errorf("case %d: the audit log has %+v", i, e)
		}
	}
}

// testChangesInOneBatch has changes of messages of the same commit, which see what came before them in it.
func testChangesInOneBatch(t *testing.T, s chat.Store) {
	ann, guest := Member(t, s, chat.RoleMember), Guest()
	r := Room(t, s, "")
	post, theirs := Post(r.ID, ann, "one"), Post(r.ID, guest, "hi")
	id, hi := post.Post.ID, theirs.Post.ID
	edit := Edit(r.ID, ann, id, "two")
	outcomes := Commit(t, s,
		post, edit, Edit(r.ID, ann, id, "two"), Retry(post), theirs, // 0..4
		Edit(r.ID, guest, hi, "hello"), React(r.ID, guest, chat.ChangeReact, id, "👍"), edit, // 5..7
		Delete(r.ID, ann, id, ""), Edit(r.ID, ann, id, "three"), Delete(r.ID, ann, id, ""), Retry(post), // 8..11
	)
	for i, want := range []struct {
		seq   uint64
		again bool
		code  chat.Code
	}{
		{1, false, ""}, {2, false, ""}, {0, true, ""}, {1, true, ""}, {3, false, ""}, {4, false, ""}, {5, false, ""}, {0, true, ""},
		{6, false, ""}, {0, false, chat.Conflict}, {0, true, ""}, {1, true, ""},
	} {
		o := outcomes[i]
		seq := uint64(0)
		if o.Event != (chat.Event{}) {
			seq = o.Event.Seq()
		}
		if seq != want.seq || o.Again != want.again || chat.CodeOf(o.Err) != want.code {
			t.Errorf("op %d: %+v; want %+v", i, o, want)
		}
	}
	if m := outcomes[3].Event.Message; m.Content != "two" {
		t.Errorf("the first retry finds %+v", m)
	}
	if m := outcomes[11].Event.Message; !m.Deleted || m.Content != "" {
		t.Errorf("the last retry finds %+v", m)
	}
	twice := Edit(r.ID, guest, hi, "hello!")
	Stored(t, s, twice)
	twice.Change.Content = "hello?"
	WantCode(t, Commit(t, s, twice)[0].Err, chat.Conflict) // the same change is not stored twice
	if m := message(t, s, r.ID, hi, ann); m.Content != "hello!" {
		t.Errorf("the message is %+v", m)
	}
}

// Edits, reactions and deletions at once end in one legal order: whatever came after the deletion was refused.
func testEditAndDeleteAtOnce(t *testing.T, s chat.Store) {
	ann := Member(t, s, chat.RoleOwner)
	r := Room(t, s, "")
	id := said(t, s, r.ID, ann, "hello")
	var racing sync.WaitGroup
	for i := range 12 {
		op := Edit(r.ID, ann, id, fmt.Sprint("edit ", i))
		switch {
		case i%4 == 1:
			op = React(r.ID, ann, chat.ChangeReact, id, string(rune(0x1F600+i)))
		case i == 6 || i == 7:
			op = Delete(r.ID, ann, id, "")
		}
		racing.Go(func() {
			if _, err := s.Commit(ctx, []chat.Op{op}); err != nil {
				t.Error(err)
			}
		})
	}
	racing.Wait()
	_, events, err := s.Entries(ctx, r.ID, 1, 100)
	if err != nil || len(events) == 0 {
		t.Fatal(events, err)
	}
	for i, e := range events {
		if last := i == len(events)-1; (e.Change.Kind == chat.ChangeDelete) != last {
			t.Errorf("entry %d of %d is %s", i, len(events), e.Change.Kind)
		}
	}
	if m := message(t, s, r.ID, id, ann); !m.Deleted || m.Content != "" || !m.Edited.IsZero() || m.Reactions != nil {
		t.Errorf("the message is %+v", m)
	}
}
