package property

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/parley-chat/parley/internal/chaos/history"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	each = 12            // messages of a room
	ms   = int64(1e6)    // nanoseconds
	step = 10 * ms       // from one message to the next
	heal = 6*step + 1*ms // after half of them
)

var roomNames = []string{"general", "random"}

// A sound run: Ann sends on a socket and Bob over REST, in turns, in two rooms; in the end Bob changes two of his messages, and looks. One reader is there from the start, one comes
// back, one is told to load afresh after being too slow twice, one comes back with older and made-up positions, one pages over
// REST. Cem hears the first messages and is
// taken out.
func sound() *history.History {
	h := &history.History{Meta: history.Meta{Rooms: roomNames, Complete: true}}
	for _, c := range []struct{ name, user, form string }{
		{"phone", "ann", "device"}, {"poster", "bob", "poster"}, {"back again", "bob", "device"}, {"slow", "bob", "staller"}, {"lost", "ann", "device"},
		{"pager", "ann", "pager"}, {"taken out", "cem", "device"}, {"nemesis", "", "nemesis"}, {"dump", "", "dump"},
	} {
		h.Clients = append(h.Clients, &history.Client{Name: c.name, User: c.user, Form: c.form})
	}
	for _, room := range roomNames {
		speak(h, room)
		listen(h, room)
		amend(h, room)
		dumpRoom(h, room)
	}
	add(h, "nemesis",
		history.Op{Op: history.Sample, Form: "baseline", Goroutines: 20, FDs: 15, Heap: 8 << 20},
		history.Op{Op: history.Fault, Form: "half-open", Detail: "its life", Invoke: 1, Return: 40e9, Result: history.Ok},
		history.Op{Op: history.Fault, Form: "kill", Invoke: 2 * step, Return: 3 * step},
		history.Op{Op: history.Removed, User: "cem", Invoke: 2*step + 1, Return: 2*step + 2},
		history.Op{Op: history.Healed, Return: heal},
		history.Op{Op: history.Sample, Form: "end", Goroutines: 24, FDs: 16, Heap: 20 << 20},
	)
	add(h, "taken out", history.Op{Op: history.Closed, Code: "4002", Return: 3 * step}, history.Op{Op: history.Expelled, Code: http.StatusText(http.StatusUnauthorized), Return: 4 * step})
	h.Index()
	return h
}

func add(h *history.History, client string, ops ...history.Op) {
	c := of(h, client)
	for _, op := range ops {
		op.Client = client
		c.Ops = append(c.Ops, op)
	}
}

func of(h *history.History, client string) *history.Client {
	for _, c := range h.Clients {
		if c.Name == client {
			return c
		}
	}
	panic("no client " + client)
}

// message is the entry number i of a room, as everybody may hear it.
func message(room string, i int, form string) history.Op {
	author := "ann"
	if i%2 == 0 {
		author = "bob"
	}
	return history.Op{
		Op: history.Entry, Form: form, Room: room, Seq: uint64(i), N: uint64(i), ID: fmt.Sprintf("id-%s-%d", room, i),
		ClientID: fmt.Sprintf("client-%s-%d", room, i), User: author, Hash: fmt.Sprintf("hash-%d", i), Return: int64(i)*step + 2*ms,
	}
}

func ack(e history.Op) history.Op {
	e.Form, e.User, e.Hash = "ack", "", ""
	return e
}

func speak(h *history.History, room string) {
	add(h, "phone", history.Op{Op: history.Open, Conn: 1, Invoke: 1, Return: 2},
		history.Op{Op: history.Subscribe, Room: room, Invoke: 3}, history.Op{Op: history.Subscribed, Room: room, Epoch: "e", Return: 4})
	for i := 1; i <= each; i++ {
		e := message(room, i, "message")
		send := history.Op{Op: history.Send, Room: room, ClientID: e.ClientID, Hash: e.Hash, Invoke: int64(i) * step}
		answer := history.Op{Op: history.Answer, Room: room, ClientID: e.ClientID, Result: history.Ok, Seq: e.Seq, N: e.N, ID: e.ID, Return: int64(i)*step + 2*ms}
		if i%2 == 1 {
			add(h, "phone", send, ack(e), answer)
			continue
		}
		add(h, "phone", e)
		unknown := history.Op{Op: history.Answer, Room: room, ClientID: e.ClientID, Result: history.Unknown, Return: int64(i)*step + ms}
		add(h, "poster", send, unknown, send, answer,
			history.Op{Op: history.Page, Room: room, Seq: e.Seq - 1, AsOf: e.Seq, Epoch: "e", Count: 1, Invoke: int64(i)*step + 3*ms, Return: int64(i)*step + 4*ms},
			message(room, i, "page"))
	}
	people := []string{"ann", "bob"}
	add(h, "phone", history.Op{Op: history.Cursor, Room: room, N: 3, Version: 2, Return: 5},
		history.Op{Op: history.Settled, Room: room, Epoch: "e", Seq: each, N: each - 1, Users: people, Return: 20 * step})
}

// Of what Bob has said, he edits one thing, to which he reacts, and deletes another, to which he had reacted.
const (
	editedAt  = 8
	deletedAt = 10
	amended   = 16 * step
)

// now is the entry number i of a room as it is once that is done.
func now(room string, i int, form string) history.Op {
	e := message(room, i, form)
	switch i {
	case editedAt:
		e.Hash = "edited"
	case deletedAt:
		e.Hash = history.Hash("")
	}
	return e
}

func amend(h *history.History, room string) {
	change := func(i int, kind string, results ...history.Result) {
		e := now(room, i, "")
		for k, result := range results {
			at := int64(13+k)*step + int64(i)
			op := history.Op{Op: history.Change, Room: room, ID: e.ID, ClientID: e.ClientID, Code: kind, Hash: e.Hash, Invoke: at}
			add(h, "poster", op)
			op.Op, op.Invoke, op.Return, op.Result = history.Changed, 0, at+ms, result
			add(h, "poster", op)
		}
	}
	change(editedAt, history.Edit, history.Ok)
	react(h, room, editedAt, history.React, "👍")
	react(h, room, editedAt, history.React, "🎉")
	react(h, room, editedAt, history.Unreact, "🎉")
	react(h, room, deletedAt, history.React, "👍")
	change(deletedAt, history.Delete, history.Unknown, history.Ok)
	add(h, "poster", history.Op{Op: history.Page, Room: room, Seq: editedAt - 1, AsOf: each, Epoch: "e", Count: 3, Invoke: amended, Return: amended + ms})
	for i := editedAt; i <= deletedAt; i++ {
		add(h, "poster", now(room, i, "page"))
	}
}

func react(h *history.History, room string, i int, kind, emoji string) {
	e, at := now(room, i, ""), int64(13)*step+int64(i)
	op := history.Op{Op: history.Change, Room: room, ID: e.ID, ClientID: e.ClientID, Code: kind, Detail: emoji, Invoke: at}
	add(h, "poster", op)
	op.Op, op.Invoke, op.Return, op.Result = history.Changed, 0, at+ms, history.Ok
	add(h, "poster", op)
}

func listen(h *history.History, room string) {
	people := []string{"ann", "bob"}
	begin := []history.Op{{Op: history.Open, Invoke: 1, Return: 2}, {Op: history.Subscribe, Room: room, Invoke: 3}, {Op: history.Subscribed, Room: room, Epoch: "e", Return: 4}}
	resume := func(seq int, answer history.Kind, to int) []history.Op {
		return []history.Op{
			{Op: history.Closed, Code: "4004", Return: 8 * step}, {Op: history.Open, Invoke: 8*step + 1, Return: 8*step + 2},
			{Op: history.Subscribe, Room: room, Invoke: 8*step + 3, Placed: true, Epoch: "e", Seq: uint64(seq), ID: message(room, seq, "").ID},
			{Op: answer, Room: room, Epoch: "e", Seq: uint64(to), Return: 8*step + 4},
		}
	}
	odd := func(form string, seq int, epoch string, answer history.Kind, to int) []history.Op {
		ops := resume(seq, answer, to)
		ops[0].Code, ops[2].Form, ops[2].Epoch = "cut", form, epoch
		return ops
	}
	entries := func(from, to int, form string) (all []history.Op) {
		for i := from; i <= to; i++ {
			all = append(all, message(room, i, form))
		}
		return all
	}
	end := history.Op{Op: history.Settled, Room: room, Epoch: "e", Seq: each, N: each, Users: people, Return: 20 * step}
	add(h, "back again", slices.Concat(begin, entries(1, 5, "message"), odd("", 5, "e", history.Subscribed, 5), entries(6, each, "message"))...)
	add(h, "back again", history.Op{Op: history.Cursor, Room: room, N: each, Version: 5, Return: 15 * step}, end)
	add(h, "slow", slices.Concat(begin, entries(1, 3, "message"), resume(3, history.Subscribed, 3), resume(3, history.Reset, 8), entries(9, each, "message"))...)
	add(h, "slow", history.Op{Op: history.Cursor, Room: room, N: each, Version: 5, Return: 15 * step}, end,
		history.Op{Op: history.Settled, Form: "half", Room: room, Epoch: "e", Seq: each, N: each, Users: []string{"bob"}, Return: 22 * step})
	add(h, "taken out", slices.Concat(begin, entries(1, 2, "message"))...)
	add(h, "lost", slices.Concat(begin, entries(1, 4, "message"), odd("old", 2, "e", history.Subscribed, 2), entries(3, each, "message"),
		odd("old", each, "e", history.Subscribed, each), odd("ahead", each+5, "e", history.Reset, each), odd("epoch", 7, "f", history.Reset, each),
		odd("start", 0, "e", history.Subscribed, 0), entries(1, each, "message"))...)
	ann := end
	ann.N = each - 1
	add(h, "lost", ann)
	page := func(after, asOf, count int) history.Op {
		at := int64(asOf)*step + 3*ms
		return history.Op{Op: history.Page, Room: room, Seq: uint64(after), AsOf: uint64(asOf), Epoch: "e", Count: count, Invoke: at, Return: at + ms}
	}
	add(h, "pager", slices.Concat([]history.Op{page(0, 5, 5)}, entries(1, 5, "page"), []history.Op{page(5, 5, 0), page(5, each, 7)}, entries(6, each, "page"))...)
}

func dumpRoom(h *history.History, room string) {
	for _, source := range history.Sources {
		add(h, "dump", history.Op{Op: history.Dump, Form: source, Room: room, Epoch: "e", Seq: each, N: each})
		for i := 1; i <= each; i++ {
			e := now(room, i, source)
			e.Op = history.Dumped
			if i == editedAt && source != history.Socket {
				e.Users = []string{history.Reaction("👍", "bob")}
			}
			add(h, "dump", e)
		}
		add(h, "dump", history.Op{Op: history.Unread, Form: source, User: "ann", Room: room, N: each - 1, Version: 4, Unread: 1},
			history.Op{Op: history.Unread, Form: source, User: "bob", Room: room, N: each, Version: 5})
	}
	add(h, "dump", history.Op{Op: history.Settled, Form: "after", User: "ann", Room: room, Users: []string{"ann"}, Return: 30 * step})
}

// find returns a client's k-th record that fits.
func find(h *history.History, client string, k int, fits func(history.Op) bool) *history.Op {
	c := of(h, client)
	for i := range c.Ops {
		if fits(c.Ops[i]) {
			if k == 0 {
				return &c.Ops[i]
			}
			k--
		}
	}
	panic("no such record of " + client)
}

func is(kind history.Kind) func(history.Op) bool {
	return func(op history.Op) bool { return op.Op == kind }
}

func entryAt(room string, seq uint64) func(history.Op) bool {
	return func(op history.Op) bool { return op.Op == history.Entry && op.Room == room && op.Seq == seq }
}

// inDumps changes an entry of general in the dumps of these sources.
func inDumps(h *history.History, seq uint64, change func(*history.Op), sources ...string) {
	for _, source := range sources {
		change(find(h, "dump", 0, func(op history.Op) bool {
			return op.Op == history.Dumped && op.Room == "general" && op.Form == source && op.Seq == seq
		}))
	}
}

func drop(h *history.History, client string, fits func(history.Op) bool) {
	c := of(h, client)
	c.Ops = slices.DeleteFunc(c.Ops, fits)
}
