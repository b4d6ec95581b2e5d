package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/parley-chat/parley/internal/chaos/history"
	"github.com/parley-chat/parley/internal/wsclient"
)

// socketTime is how long the fresh socket may be silent before its dump counts as what it has got so far.
const socketTime = 10 * time.Second

// replayed is how many entries of a room the fresh socket asks for. The server answers with a reset to whoever is more than
// 10,000 behind, and a long run makes rooms longer than that.
const replayed = 9_000

// before is the position in a room with this head from which the fresh socket hears the rest.
func before(head uint64) uint64 { return max(head, replayed) - replayed }

// dumps writes down what the rooms hold: over REST, over a fresh socket as far back as one is told, and, once the server has
// been stopped, as the database has it.
func (r *run) dumps(ctx context.Context) error {
	w, err := history.Create(r.Dir, "dump", "", "dump")
	if err != nil {
		return err
	}
	d := &dumper{run: r, w: w, api: newAPI(r.server.Addr)}
	err = errors.Join(d.all(ctx), w.Close())
	d.api.close()
	return err
}

type dumper struct {
	*run
	*api
	w *history.Writer
}

func (d *dumper) all(ctx context.Context) error {
	token := d.people[0].token
	heads := map[string]history.Op{}
	for _, room := range d.rooms {
		head, err := d.rest(ctx, token, room)
		if err != nil {
			return fmt.Errorf("the dump of %s over REST: %w", room, err)
		}
		heads[room] = head
	}
	if err := d.socket(ctx, d.people[0], heads); err != nil {
		return fmt.Errorf("the dump over a socket: %w", err)
	}
	for _, p := range d.people {
		if !p.gone.Load() {
			if err := d.unread(ctx, p); err != nil {
				return fmt.Errorf("what %s has not read: %w", p.name, err)
			}
		}
	}
	d.returned(ctx, d.base)
	if took, err := d.server.Terminate(termTime, 0); err != nil {
		d.notes.Write(history.Op{Op: history.Unexpected, Detail: err.Error(), Return: d.now()})
	} else {
		d.say("stopped after %s", took.Round(time.Millisecond))
	}
	if err := d.unmount(); err != nil {
		return err
	}
	if err := dumpSQL(ctx, d.database(), d.w); err != nil {
		return fmt.Errorf("the dump of the database: %w", err)
	}
	return nil
}

func (d *dumper) rest(ctx context.Context, token, room string) (history.Op, error) {
	head := history.Op{Op: history.Dump, Form: history.REST, Room: room}
	var ops []history.Op
	for pos, more := uint64(0), true; more; {
		p, status, err := d.after(ctx, token, room, pos, 50)
		if err != nil || status != http.StatusOK {
			return history.Op{}, fmt.Errorf("%d %w", status, err)
		}
		for i := range p.Messages {
			ops = append(ops, dumped(&p.Messages[i], history.REST, room))
			pos = p.Messages[i].Seq
			head.N = p.Messages[i].N
		}
		if head.Epoch != "" && (head.Epoch != p.Epoch || head.Seq != p.AsOf) {
			d.w.Write(history.Op{Op: history.Unexpected, Detail: fmt.Sprintf("%s changed from %s %d to %s %d while nobody wrote", room, head.Epoch, head.Seq, p.Epoch, p.AsOf)})
		}
		head.Epoch, head.Seq, more = p.Epoch, p.AsOf, p.HasMore
	}
	d.w.Write(append([]history.Op{head}, ops...)...)
	return head, nil
}

func dumped(f *frame, source, room string) history.Op {
	op := entryOf(f, source)
	op.Op, op.Room = history.Dumped, room
	for _, r := range f.Reactions {
		for _, u := range r.Users {
			op.Users = append(op.Users, history.Reaction(r.Emoji, u.Name))
		}
	}
	if f.Type == "change" {
		op.Code, op.Hash, op.User, op.Detail = f.Kind, "", "", f.Data.User
	}
	return op
}

// socket resumes in every room from before the first entry, or the first of the last that are replayed, and hears in the end
// that nobody else is there.
func (d *dumper) socket(ctx context.Context, who *person, rest map[string]history.Op) error {
	conn, _, err := dialSocket(ctx, new(wsclient.Dialer), d.server.Addr, "/ws", who.token)
	if err != nil {
		return err
	}
	defer conn.Close()
	var ask []position
	for _, room := range d.rooms {
		ask = append(ask, position{Room: room, Epoch: rest[room].Epoch, Seq: before(rest[room].Seq)})
	}
	if !sendTo(conn, object{"type": "subscribe", "rooms": ask}) {
		return errors.New("the server does not take it")
	}
	heads, entries, online := map[string]history.Op{}, map[string][]history.Op{}, map[string][]string{}
	whole := func() bool {
		for _, room := range d.rooms {
			if heads[room].Seq < d.heads[room] || !slices.Equal(online[room], []string{who.name}) {
				return false
			}
		}
		return true
	}
	late, cancel := context.WithTimeout(ctx, socketTime)
	defer cancel()
	for !whole() {
		var f frame
		if err := conn.ReadJSON(late, &f); err != nil {
			break // what did not come is missing in the dump
		}
		switch f.Type {
		case "subscribed", "reset":
			heads[f.Room] = history.Op{Op: history.Dump, Form: history.Socket, Room: f.Room, Epoch: f.Epoch, Seq: f.Seq}
		case "message", "change", "skip":
			entries[f.Room] = append(entries[f.Room], dumped(&f, history.Socket, f.Room))
			h := heads[f.Room]
			h.Seq, h.N = f.Seq, max(h.N, f.N)
			heads[f.Room] = h
			late, cancel = context.WithTimeout(ctx, socketTime)
			defer cancel()
		case "online_users":
			online[f.Room] = f.Users
		}
	}
	for _, room := range d.rooms {
		head := heads[room]
		head.AsOf = before(rest[room].Seq)
		d.w.Write(append([]history.Op{head}, entries[room]...)...)
		d.w.Write(history.Op{Op: history.Settled, Form: "after", User: who.name, Room: room, Users: online[room], Return: d.now()})
	}
	return conn.Shutdown(ctx, 1000, "")
}

// unread notes a person's cursors as REST and a fresh socket tell them.
func (d *dumper) unread(ctx context.Context, who *person) error {
	list, err := d.list(ctx, who)
	if err != nil {
		return err
	}
	note := func(source, name string, r room) {
		d.w.Write(history.Op{Op: history.Unread, Form: source, User: who.name, Room: name, N: r.ReadN, Version: r.ReadVersion, Unread: r.Unread})
	}
	for _, r := range list {
		note(history.REST, r.Name, r)
	}
	conn, _, err := dialSocket(ctx, new(wsclient.Dialer), d.server.Addr, "/ws", who.token)
	if err != nil {
		return err
	}
	defer conn.Close()
	var f frame
	if err := conn.ReadJSON(ctx, &f); err != nil || f.Type != "welcome" {
		return fmt.Errorf("%q where welcome was expected: %w", f.Type, err)
	}
	for _, r := range f.Rooms {
		note(history.Socket, r.Room, r)
	}
	return conn.Shutdown(ctx, 1000, "")
}
