package chattest

import (
	"fmt"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

func testReactions(t *testing.T, s chat.Store) {
	ann, bob := Member(t, s, chat.RoleMember), Member(t, s, chat.RoleMember)
	guest := Guest()
	r := Room(t, s, "")
	id := said(t, s, r.ID, ann, "hello") // 1
	person := func(a chat.Actor) chat.Person { return chat.Person{ID: a.ID, Name: a.Name} }
	ops := []chat.Op{
		React(r.ID, ann, chat.ChangeReact, id, "👍"), React(r.ID, bob, chat.ChangeReact, id, "🎉"), // 2, 3
		React(r.ID, guest, chat.ChangeReact, id, "👍"), React(r.ID, bob, chat.ChangeReact, id, "👍"), // 4, 5
	}
	outcomes := Stored(t, s, ops...)
	for i, want := range []chat.Reaction{
		{Emoji: "👍", Count: 1, First: 2, Users: []chat.Person{person(ann)}}, {Emoji: "🎉", Count: 1, First: 3, Users: []chat.Person{person(bob)}},
		{Emoji: "👍", Count: 2, First: 2, Users: []chat.Person{person(ann), person(guest)}},
		{Emoji: "👍", Count: 3, First: 2, Users: []chat.Person{person(ann), person(guest), person(bob)}},
	} {
		same(t, "after a reaction", outcomes[i].Event.Change.Now.Reactions, []chat.Reaction{want})
	}
	if o := Commit(t, s, React(r.ID, bob, chat.ChangeReact, id, "👍"))[0]; o.Err != nil || !o.Again || o.Event != (chat.Event{}) {
		t.Errorf("the same reaction again: %+v", o)
	}
	thumbs := chat.Reaction{Emoji: "👍", Count: 3, First: 2, Users: []chat.Person{person(ann), person(guest), person(bob)}}
	party := chat.Reaction{Emoji: "🎉", Count: 1, First: 3, Users: []chat.Person{person(bob)}}
	mine := func(r chat.Reaction) chat.Reaction { r.Me = true; return r }
	same(t, "as ann sees it", message(t, s, r.ID, id, ann).Reactions, []chat.Reaction{mine(thumbs), party})
	page, err := s.Page(ctx, r.ID, chat.PageQuery{Reader: bob.ID})
	if err != nil || len(page.Messages) != 1 {
		t.Fatal(page, err)
	}
	same(t, "as bob sees it on a page", page.Messages[0].Reactions, []chat.Reaction{mine(thumbs), mine(party)})
	same(t, "as nobody sees it", message(t, s, r.ID, id, chat.Actor{}).Reactions, []chat.Reaction{thumbs, party})
	few, err := s.Reactions(ctx, r.ID, id, bob.ID, 2)
	if err != nil {
		t.Fatal(err)
	}
	thumbs.Users = thumbs.Users[:2]
	same(t, "two people of each", few, []chat.Reaction{mine(thumbs), mine(party)})

	// The oldest one that still stands decides the order.
	o := Stored(t, s, React(r.ID, ann, chat.ChangeUnreact, id, "👍"))[0] // 6
	left := chat.Reaction{Emoji: "👍", Count: 2, First: 4, Users: []chat.Person{person(guest), person(bob)}}
	same(t, "after one was taken back", o.Event.Change.Now.Reactions, []chat.Reaction{left})
	same(t, "as it is then", message(t, s, r.ID, id, ann).Reactions, []chat.Reaction{party, left})
	if o := Commit(t, s, React(r.ID, ann, chat.ChangeUnreact, id, "👍"))[0]; o.Err != nil || !o.Again {
		t.Errorf("taken back again: %+v", o)
	}
	o = Stored(t, s, React(r.ID, bob, chat.ChangeUnreact, id, "🎉"))[0] // 7
	same(t, "after the last one was taken back", o.Event.Change.Now.Reactions, []chat.Reaction{{Emoji: "🎉"}})

	// Changes of before tell of now.
	_, events, err := s.Entries(ctx, r.ID, 1, 10)
	if err != nil || len(events) != 6 {
		t.Fatal(events, err)
	}
	for i, want := range []chat.Reaction{left, {Emoji: "🎉"}, left, left, left, {Emoji: "🎉"}} {
		same(t, "what the log says", events[i].Change.Now.Reactions, []chat.Reaction{want})
	}
	if rs, err := s.Reactions(ctx, r.ID, said(t, s, r.ID, ann, "nothing"), bob.ID, 10); err != nil || len(rs) != 0 {
		t.Errorf("a message without reactions has %v, %v", rs, err)
	}
}

func testManyReactions(t *testing.T, s chat.Store) {
	ann := Member(t, s, chat.RoleMember)
	r := Room(t, s, "")
	id, other := said(t, s, r.ID, ann, "hello"), said(t, s, r.ID, ann, "you")
	var ops []chat.Op
	for i := range chat.MaxReactions {
		ops = append(ops, React(r.ID, ann, chat.ChangeReact, id, string(rune(0x1F600+i))))
	}
	for range chat.MaxReactors + 5 {
		ops = append(ops, React(r.ID, Guest(), chat.ChangeReact, id, "😀"))
	}
	Stored(t, s, ops...)
	WantCode(t, Commit(t, s, React(r.ID, ann, chat.ChangeReact, id, "🎉"))[0].Err, chat.TooLarge)
	Stored(t, s, React(r.ID, ann, chat.ChangeReact, other, "🎉"))
	m := message(t, s, r.ID, id, ann)
	if len(m.Reactions) != chat.MaxReactions || m.Reactions[0].Count != chat.MaxReactors+6 || len(m.Reactions[0].Users) != chat.MaxReactors || !m.Reactions[0].Me {
		t.Errorf("%d reactions, the first is %+v", len(m.Reactions), m.Reactions[0])
	}
	Stored(t, s, React(r.ID, ann, chat.ChangeUnreact, id, "😁"), React(r.ID, ann, chat.ChangeReact, id, "🎉"))
}

func testPins(t *testing.T, s chat.Store) {
	ann := Member(t, s, chat.RoleMember)
	r := Room(t, s, "")
	var ids []string
	for i := range 3 {
		ids = append(ids, said(t, s, r.ID, ann, fmt.Sprint(i)))
	}
	pinned := func(want ...string) {
		t.Helper()
		ms, err := s.Pins(ctx, r.ID, ann.ID)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]string, 0, len(ms))
		for _, m := range ms {
			got = append(got, m.ID)
			if !m.Pinned || m.RoomName != r.Name || len(m.Reactions) != 0 && !m.Reactions[0].Me {
				t.Errorf("pinned is %+v", m)
			}
		}
		same(t, "the pins", got, append([]string{}, want...))
	}
	pinned()
	ops := []chat.Op{Pin(r.ID, ann, chat.ChangePin, ids[1]), Pin(r.ID, ann, chat.ChangePin, ids[0]), React(r.ID, ann, chat.ChangeReact, ids[0], "👍")}
	outcomes := Stored(t, s, ops...)
	readBack(t, s, r.ID, 3, ops, outcomes)
	if !outcomes[0].Event.Change.Now.Pinned {
		t.Errorf("pinned: %+v", outcomes[0].Event.Change.Now)
	}
	pinned(ids[0], ids[1])
	if o := Commit(t, s, Pin(r.ID, ann, chat.ChangePin, ids[1]))[0]; o.Err != nil || !o.Again {
		t.Errorf("pinned again: %+v", o)
	}
	pinned(ids[0], ids[1])
	if o := Stored(t, s, Pin(r.ID, ann, chat.ChangeUnpin, ids[0]))[0]; o.Event.Change.Now.Pinned {
		t.Errorf("no longer pinned: %+v", o.Event.Change.Now)
	}
	if o := Commit(t, s, Pin(r.ID, ann, chat.ChangeUnpin, ids[2]))[0]; o.Err != nil || !o.Again {
		t.Errorf("what was not pinned: %+v", o)
	}
	pinned(ids[1])
	WantCode(t, Commit(t, s, Pin(r.ID, Guest(), chat.ChangePin, ids[2]))[0].Err, chat.Forbidden)
	var posts, pins []chat.Op
	for range chat.MaxPins {
		posts = append(posts, Post(r.ID, ann, "more"))
	}
	for _, o := range Stored(t, s, posts...) {
		pins = append(pins, Pin(r.ID, ann, chat.ChangePin, o.Event.ID()))
	}
	all := Commit(t, s, pins...)
	WantCode(t, all[chat.MaxPins-1].Err, chat.TooLarge)
	WantCode(t, all[chat.MaxPins-2].Err, "")
}

func testQuotes(t *testing.T, s chat.Store) {
	ann := Member(t, s, chat.RoleMember)
	r, other := Room(t, s, ""), Room(t, s, "")
	id, elsewhere := said(t, s, r.ID, ann, "quote me"), said(t, s, other.ID, ann, "not here")
	quote := func(of string) chat.Op {
		op := Post(r.ID, ann, "indeed")
		op.Post.Quote = of
		return op
	}
	op := quote(id)
	outcomes := Stored(t, s, op)
	if m := outcomes[0].Event.Message; m.Quote != id {
		t.Errorf("the message is %+v", m)
	}
	readBack(t, s, r.ID, 1, []chat.Op{op}, outcomes)
	for _, wrong := range []string{elsewhere, ID(), "x"} {
		WantCode(t, Commit(t, s, quote(wrong))[0].Err, chat.NotFound)
	}
	Stored(t, s, Delete(r.ID, ann, id, ""))
	if m := Stored(t, s, quote(id))[0].Event.Message; m.Quote != id { // it may have been written before
		t.Errorf("a quote of a tombstone: %+v", m)
	}
	Stored(t, s, Delete(r.ID, ann, op.Post.ID, ""))
	if m := message(t, s, r.ID, op.Post.ID, ann); m.Quote != "" {
		t.Errorf("a tombstone quotes %s", m.Quote)
	}
}
