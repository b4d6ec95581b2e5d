package property

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chaos/history"
)

func TestASoundRunIsSound(t *testing.T) {
	h := sound()
	for _, p := range All {
		if p.NotYet != "" {
			continue
		}
		if reason := p.Blind(h); reason != "" {
			t.Errorf("%d is blind: %s", p.Number, reason)
		}
		for _, v := range p.Check(h) {
			t.Errorf("%d finds fault with a sound run: %s", p.Number, v)
		}
	}
}

// A room may be longer than what is replayed to a fresh socket.
func TestASocketThatShowsTheEndOfARoomIsSound(t *testing.T) {
	h := sound()
	longRoom(h)
	for _, p := range All {
		if p.NotYet != "" {
			continue
		}
		for _, v := range p.Check(h) {
			t.Errorf("%d finds fault with it: %s", p.Number, v)
		}
	}
}

// longRoom leaves to the dump of the socket what is behind the third entry of general.
func longRoom(h *history.History) {
	inGeneral := func(op history.Op) bool { return op.Form == history.Socket && op.Room == "general" }
	drop(h, "dump", func(op history.Op) bool { return op.Op == history.Dumped && inGeneral(op) && op.Seq <= 3 })
	find(h, "dump", 0, func(op history.Op) bool { return op.Op == history.Dump && inGeneral(op) }).AsOf = 3
}

// Each of these is what a server with a certain mistake would leave behind.
var unsound = []struct {
	mistake string
	broken  int
	change  func(h *history.History)
}{
	{"the server panicked", 0, func(h *history.History) {
		add(h, "nemesis", history.Op{Op: history.Unexpected, Detail: "the server has ended by itself: exit status 2"})
	}},
	{"an acknowledged message is gone from the database", 1, func(h *history.History) {
		drop(h, "dump", func(op history.Op) bool { return op.Form == history.SQL && op.Seq == each && op.Op == history.Dumped })
	}},
	{"an acknowledged message is gone from REST alone", 1, func(h *history.History) {
		drop(h, "dump", func(op history.Op) bool { return op.Form == history.REST && op.Seq == 3 && op.Op == history.Dumped })
	}},
	{"an ack gave another id than the message has", 1, func(h *history.History) { find(h, "phone", 0, is(history.Answer)).ID = "other" }},
	{"an ack gave another n", 1, func(h *history.History) { find(h, "phone", 0, is(history.Answer)).N = 9 }},
	{"a message that nobody sent", 2, func(h *history.History) {
		inDumps(h, 5, func(e *history.Op) { e.ClientID = "nobody's" }, history.SQL)
	}},
	{"a content that changed", 2, func(h *history.History) { inDumps(h, 5, func(e *history.Op) { e.Hash = "other" }, history.Socket) }},
	{"a message under another's name", 2, func(h *history.History) { inDumps(h, 5, func(e *history.Op) { e.User = "bob" }, history.REST) }},
	{"a refused message was stored", 2, func(h *history.History) {
		find(h, "phone", 0, is(history.Answer)).Result = history.Fail
	}},
	{"an ack of what another client sent", 2, func(h *history.History) {
		add(h, "poster", history.Op{Op: history.Answer, Room: "general", ClientID: "client-general-1", Result: history.Ok, Seq: 1})
	}},
	{"a retry made a second message", 3, func(h *history.History) {
		inDumps(h, 6, func(e *history.Op) { e.ClientID = "client-general-4" }, history.SQL)
	}},
	{"two messages have one id", 3, func(h *history.History) { inDumps(h, 6, func(e *history.Op) { e.ID = "id-general-4" }, history.REST) }},
	{"two acks of one message differ", 3, func(h *history.History) {
		again := *find(h, "phone", 0, is(history.Answer))
		again.Seq++
		add(h, "phone", again)
	}},
	{"a number was given and not used", 4, func(h *history.History) {
		inDumps(h, each, func(e *history.Op) { e.Seq++ }, history.Sources...)
	}},
	{"n skipped one", 4, func(h *history.History) { inDumps(h, each, func(e *history.Op) { e.N++ }, history.Sources...) }},
	{"the head lies beyond the last entry", 4, func(h *history.History) { find(h, "dump", 0, is(history.Dump)).Seq++ }},
	{"a fresh socket gets another order than SQL", 4, func(h *history.History) {
		inDumps(h, 5, func(e *history.Op) { e.ID = "id-general-6" }, history.Socket)
	}},
	{"REST has another epoch", 4, func(h *history.History) {
		find(h, "dump", 0, func(op history.Op) bool { return op.Op == history.Dump && op.Form == history.REST }).Epoch = "f"
	}},
	{"the end of a long room is not replayed", 4, func(h *history.History) {
		longRoom(h)
		drop(h, "dump", func(op history.Op) bool { return op.Form == history.Socket && op.Op == history.Dumped && op.Seq == 4 })
	}},
	{"a fresh socket shows nothing of what was acknowledged", 1, func(h *history.History) {
		longRoom(h)
		drop(h, "dump", func(op history.Op) bool {
			return op.Form == history.Socket && op.Op == history.Dumped && op.Seq == each
		})
	}},
	{"there is no dump of the socket", 4, func(h *history.History) {
		drop(h, "dump", func(op history.Op) bool { return op.Form == history.Socket })
	}},
	{"a live stream leaves one out", 5, func(h *history.History) { drop(h, "back again", entryAt("general", 3)) }},
	{"resume leaves one out", 5, func(h *history.History) { drop(h, "back again", entryAt("general", 6)) }},
	{"resume goes on further on", 5, func(h *history.History) { find(h, "back again", 1, is(history.Subscribed)).Seq++ }},
	{"a stream tells one twice", 5, func(h *history.History) { find(h, "back again", 0, entryAt("general", 4)).Seq = 3 }},
	{"two readers see two orders", 5, func(h *history.History) { find(h, "back again", 0, entryAt("general", 4)).ID = "id-general-5" }},
	{"a stream had what was gone later", 5, func(h *history.History) { find(h, "back again", 0, entryAt("general", 4)).Hash = "other" }},
	{"an ack took the place of another's message", 5, func(h *history.History) {
		e := find(h, "phone", 0, entryAt("general", 2))
		*e = ack(*e)
		e.Client = "phone"
	}},
	{"the tail never came", 5, func(h *history.History) { drop(h, "back again", entryAt("random", each)) }},
	{"a reset without a cause", 5, func(h *history.History) {
		drop(h, "slow", is(history.Closed))
	}},
	{"a position of another epoch is taken", 5, func(h *history.History) {
		find(h, "back again", 1, is(history.Subscribe)).Epoch = "f"
		find(h, "back again", 1, is(history.Subscribed)).Epoch = "f"
	}},
	{"a position beyond the room's end is taken", 5, func(h *history.History) {
		find(h, "lost", 2, is(history.Subscribe)).Seq = each + 1
		find(h, "lost", 2, is(history.Subscribed)).Seq = each + 1
	}},
	{"a position of another entry is taken", 5, func(h *history.History) {
		find(h, "lost", 1, is(history.Subscribe)).ID = message("general", 3, "").ID
	}},
	{"a good position of long ago is refused", 5, func(h *history.History) {
		find(h, "lost", 1, is(history.Subscribed)).Op = history.Reset
	}},
	{"a page leaves one out", 5, func(h *history.History) { drop(h, "pager", entryAt("general", 8)) }},
	{"a stream goes back", 6, func(h *history.History) { find(h, "back again", 0, entryAt("general", 4)).Seq = 2 }},
	{"a page is older than what was heard before", 6, func(h *history.History) { find(h, "pager", 2, is(history.Page)).AsOf = 4 }},
	{"the epoch changed", 6, func(h *history.History) { find(h, "back again", 1, is(history.Subscribed)).Epoch = "f" }},
	{"a sender's messages stand in the wrong order", 7, func(h *history.History) {
		inDumps(h, 1, func(e *history.Op) { e.ClientID = "client-general-3" }, history.SQL)
		inDumps(h, 3, func(e *history.Op) { e.ClientID = "client-general-1" }, history.SQL)
	}},
	{"a read does not see what was acknowledged", 8, func(h *history.History) { find(h, "poster", 3, is(history.Page)).AsOf = 7 }},
	{"a fresh subscription begins before what was acknowledged", 8, func(h *history.History) {
		find(h, "back again", 0, is(history.Subscribe)).Invoke = 5 * step
	}},
	{"a page holds the wrong message", 8, func(h *history.History) {
		find(h, "poster", 0, entryAt("general", 4)).ID = "id-general-6"
	}},
	{"a page is empty and should not be", 8, func(h *history.History) {
		p := find(h, "pager", 1, is(history.Page))
		p.AsOf, p.Seq = 5, 4
	}},
	{"a message overtook one that had been acknowledged", 9, func(h *history.History) {
		find(h, "phone", 2, is(history.Send)).Invoke = 9 * step
	}},
	{"a page tells of what nobody had said yet", 9, func(h *history.History) {
		p := find(h, "poster", 0, is(history.Page))
		p.Invoke, p.Return = 1, 2
	}},
	{"a page tells of an old head after a newer one was told", 9, func(h *history.History) {
		p := find(h, "pager", 0, is(history.Page))
		p.Invoke, p.Return = 11*step, 11*step+1
	}},
	{"presence forgets nobody", 10, func(h *history.History) {
		find(h, "slow", 0, is(history.Settled)).Users = []string{"ann", "bob", "cem"}
	}},
	{"presence forgets somebody", 10, func(h *history.History) { find(h, "slow", 0, is(history.Settled)).Users = []string{"ann"} }},
	{"ghosts stay when others have left", 10, func(h *history.History) {
		find(h, "slow", 0, func(op history.Op) bool { return op.Op == history.Settled && op.Form == "half" }).Users = []string{"ann", "bob"}
	}},
	{"ghosts stay when all have gone", 10, func(h *history.History) { find(h, "dump", 0, is(history.Settled)).Users = []string{"ann", "bob"} }},
	{"a dead connection is kept", 10, func(h *history.History) { find(h, "nemesis", 0, is(history.Fault)).Return = 50e9 }},
	{"unread differs between REST and SQL", 11, func(h *history.History) {
		find(h, "dump", 0, func(op history.Op) bool { return op.Op == history.Unread && op.Form == history.REST }).Unread = 7
	}},
	{"a device has another cursor", 11, func(h *history.History) { find(h, "slow", 0, is(history.Settled)).N = 4 }},
	{"a version of a cursor means two places", 11, func(h *history.History) { find(h, "slow", 0, is(history.Cursor)).N = 4 }},
	{"a cursor went back behind one's own message", 11, func(h *history.History) {
		for i := range 3 {
			op := find(h, "dump", i, func(op history.Op) bool { return op.Op == history.Unread && op.User == "ann" && op.Room == "general" })
			op.N, op.Unread = 2, each-2
		}
		find(h, "phone", 0, is(history.Settled)).N = 2
	}},
	{"who was taken out hears more", 12, func(h *history.History) {
		later(h)
		add(h, "taken out", message("general", 11, "message"))
	}},
	{"who was taken out is let in", 12, func(h *history.History) { add(h, "taken out", history.Op{Op: history.Open, Invoke: 100e9}) }},
	{"who was taken out reads pages", 12, func(h *history.History) {
		add(h, "taken out", history.Op{Op: history.Page, Room: "general", Invoke: 100e9})
	}},
	{"who was taken out can still send", 12, func(h *history.History) {
		add(h, "taken out", history.Op{Op: history.Send, Room: "general", ClientID: "late", Invoke: 100e9},
			history.Op{Op: history.Answer, Room: "general", ClientID: "late", Result: history.Ok, Seq: 13, Return: 101e9})
	}},
	{"who was removed from a room hears its next entry", 12, func(h *history.History) {
		inDumps(h, 4, func(e *history.Op) { e.Code, e.Detail = "member_removed", "bob" }, history.SQL)
	}},
	{"goroutines leak", 14, func(h *history.History) { find(h, "nemesis", 1, is(history.Sample)).Goroutines = 60 }},
	{"descriptors leak", 14, func(h *history.History) { find(h, "nemesis", 1, is(history.Sample)).FDs = 60 }},
	{"heap leaks", 14, func(h *history.History) { find(h, "nemesis", 1, is(history.Sample)).Heap = 100 << 20 }},
	{"a send is never answered", 15, func(h *history.History) {
		drop(h, "phone", func(op history.Op) bool { return op.Op == history.Answer && op.ClientID == "client-general-11" })
	}},
	{"a send is answered too late", 15, func(h *history.History) { find(h, "phone", 5, is(history.Answer)).Return = 100e9 }},
	{"no send succeeds after healing", 15, func(h *history.History) { find(h, "nemesis", 0, is(history.Healed)).Return = 100e9 }},
	{"a reader does not come to the end", 15, func(h *history.History) { drop(h, "slow", is(history.Settled)) }},
	{"an edit is gone from the database", 16, func(h *history.History) {
		inDumps(h, editedAt, func(e *history.Op) { e.Hash = message("general", editedAt, "").Hash }, history.SQL)
	}},
	{"a fresh socket tells what was deleted", 16, func(h *history.History) {
		inDumps(h, deletedAt, func(e *history.Op) { e.Hash = message("general", deletedAt, "").Hash }, history.Socket)
	}},
	{"a page shows what was deleted before", 16, func(h *history.History) {
		find(h, "poster", 1, entryAt("general", deletedAt)).Hash = message("general", deletedAt, "").Hash
	}},
	{"a page shows what was edited before as it was", 16, func(h *history.History) {
		find(h, "poster", 1, entryAt("general", editedAt)).Hash = message("general", editedAt, "").Hash
	}},
	{"a replay has what was deleted before", 16, func(h *history.History) {
		find(h, "back again", 1, is(history.Subscribe)).Invoke = amended
	}},
	{"a room's own socket begins with what was deleted before", 16, func(h *history.History) {
		of(h, "back again").Form = "room-socket"
		find(h, "back again", 1, is(history.Open)).Invoke = amended
	}},
	{"an edit is never answered", 16, func(h *history.History) {
		drop(h, "poster", func(op history.Op) bool { return op.Op == history.Changed && op.Code == history.Edit })
	}},
	{"a reaction is gone from the database", 16, func(h *history.History) {
		inDumps(h, editedAt, func(e *history.Op) { e.Users = nil }, history.SQL)
	}},
	{"REST does not tell of a reaction", 16, func(h *history.History) {
		inDumps(h, editedAt, func(e *history.Op) { e.Users = nil }, history.REST)
	}},
	{"a reaction that was taken back stands", 16, func(h *history.History) {
		inDumps(h, editedAt, func(e *history.Op) { e.Users = append(e.Users, history.Reaction("🎉", "bob")) }, history.REST)
	}},
	{"a reaction to what was deleted stands", 16, func(h *history.History) {
		inDumps(h, deletedAt, func(e *history.Op) { e.Users = []string{history.Reaction("👍", "bob")} }, history.SQL)
	}},
	{"a reaction of somebody who gave none", 16, func(h *history.History) {
		inDumps(h, editedAt, func(e *history.Op) { e.Users = append(e.Users, history.Reaction("👍", "ann")) }, history.SQL)
	}},
	{"a text that neither was sent nor is an edit", 2, func(h *history.History) {
		inDumps(h, editedAt, func(e *history.Op) { e.Hash = "other" }, history.SQL)
	}},
	{"a stream tells of an edit of another message", 5, func(h *history.History) {
		find(h, "back again", 0, entryAt("general", 6)).Hash = "edited"
	}},
}

// later moves the message 11 of general behind what Cem may still hear.
func later(h *history.History) {
	find(h, "phone", 0, func(op history.Op) bool { return op.Op == history.Send && op.ClientID == "client-general-11" }).Invoke = 90e9
}

func TestEveryMistakeIsNoticed(t *testing.T) {
	covered := map[int]bool{}
	for _, u := range unsound {
		covered[u.broken] = true
		t.Run(fmt.Sprintf("%d %s", u.broken, u.mistake), func(t *testing.T) {
			h := sound()
			u.change(h)
			h.Index()
			for _, p := range All {
				if p.Number == u.broken && len(p.Check(h)) == 0 {
					t.Error("was not noticed")
				}
			}
		})
	}
	for _, p := range All {
		if p.NotYet == "" && !covered[p.Number] {
			t.Errorf("there is no bad history for property %d", p.Number)
		}
	}
}

func TestAPropertyWithoutSubjectIsNotJudged(t *testing.T) {
	empty := &history.History{}
	empty.Index()
	for _, number := range []int{12, 14, 15, 16} {
		if All[number].Number != number || All[number].Blind(empty) == "" {
			t.Errorf("%d is judged without a subject", number)
		}
	}
	if p := All[13]; p.NotYet == "" || p.Check != nil {
		t.Error("13 has a verdict")
	}
}

// What was refused for a time may come in another order, and being stopped is no fault of the server.
func TestWhatIsExcused(t *testing.T) {
	h := sound()
	inDumps(h, 1, func(e *history.Op) { e.ClientID = "client-general-3" }, history.SQL)
	inDumps(h, 3, func(e *history.Op) { e.ClientID = "client-general-1" }, history.SQL)
	h.Index()
	for _, m := range h.Sends {
		m.Loose = true
	}
	if found := SenderOrder(h); len(found) > 0 {
		t.Errorf("order after a refusal: %v", found)
	}

	h = sound()
	find(h, "nemesis", 0, is(history.Fault)).Return = 50e9
	add(h, "nemesis", history.Op{Op: history.Fault, Form: "pause", Invoke: 10e9, Return: 20e9})
	h.Index()
	if found := Presence(h); len(found) > 0 {
		t.Errorf("a server that was stopped for ten of fifty seconds: %v", found)
	}
}

// A stream may tell of a message as it was or as it came to be, whatever the room has in the end, but of nothing else.
func TestWhatChangedMayHaveBeenHeardBeforeAndAfter(t *testing.T) {
	h := sound()
	for _, hash := range []string{"edited", message("general", editedAt, "").Hash} {
		find(h, "back again", 0, entryAt("general", editedAt)).Hash = hash
		h.Index()
		if found := slices.Concat(WholeStreams(h), ChangesHold(h)); len(found) > 0 {
			t.Errorf("%s: %v", hash, found)
		}
	}
}

func TestViolationsSayWhere(t *testing.T) {
	v := Violation{Client: "phone", Room: "general", Seq: 7, ClientID: "c", At: 1500e6, Detail: "is gone"}
	if got := v.String(); !strings.HasPrefix(got, "1.500s phone: general 7 c is gone") {
		t.Error(got)
	}
}

// Of each way to come back one, in each of two rooms.
func TestComebacksAreCounted(t *testing.T) {
	h := sound()
	h.Clients = append(h.Clients, &history.Client{Name: "far", User: "bob", Form: "device"})
	add(h, "far", history.Op{Op: history.Subscribe, Room: "general", Placed: true, Epoch: "e", Seq: 2, ID: "id-general-2", Invoke: 300 * step},
		history.Op{Op: history.Subscribed, Room: "general", Epoch: "e", Seq: 2})
	find(h, "phone", 0, func(op history.Op) bool { return op.Op == history.Answer && op.Seq == 11 }).Seq = 2 + memoryTail + 1
	h.Index()
	resumes, resets := Comebacks(h)
	for kind, want := range map[string]int{"after a cut": 3, "after being too slow": 2, "an older position": 6, "beyond what is in memory": 1} {
		if resumes[kind] != want {
			t.Errorf("%d resumes %s, want %d", resumes[kind], kind, want)
		}
	}
	for cause, want := range map[string]int{"it was too slow too often": 2, "the room has no such number": 2, "its epoch is not the room's": 2} {
		if resets[cause] != want {
			t.Errorf("%d resets because %s, want %d", resets[cause], cause, want)
		}
	}
	if len(resumes) != 4 || len(resets) != 3 {
		t.Errorf("%v, %v", resumes, resets)
	}
}
