package chaos

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// hear takes one frame. It is false when the device should try again on another connection.
func (d *device) hear(b []byte) bool {
	var f frame
	if err := json.Unmarshal(b, &f); err != nil {
		d.blame("heard %.200q: %v", b, err)
		return false
	}
	if f.Room == "" && d.form == "room-socket" {
		f.Room = d.rooms[0]
	}
	switch f.Type {
	case "subscribed", "reset":
		d.place(&f)
	case "message", "change", "skip":
		d.entry(&f)
	case "ack":
		d.acked(&f)
	case "error":
		return d.refused(&f, b)
	case "welcome":
		for _, room := range f.Rooms {
			d.cursor(room.Room, room.ReadN, room.ReadVersion)
		}
	case "read":
		d.cursor(f.Room, f.N, f.Version)
	case "online_users":
		d.present(f.Room, func([]string) []string { return f.Users })
	case "join":
		d.present(f.Room, func(users []string) []string { return append(users, f.User) })
	case "leave":
		d.present(f.Room, func(users []string) []string {
			return slices.DeleteFunc(users, func(u string) bool { return u == f.User })
		})
	case "goodbye", "heads", "presence_delta", "user_presence", "typing", "stop_typing":
	default:
		d.blame("heard %.200s", b)
	}
	return true
}

// ignores is true on a room's own socket that comes back with a position, until that is answered: it begins at the room's
// end, which is not where the device is.
func (d *device) ignores(room string) bool {
	return d.form == "room-socket" && d.resumed && d.subscribed[room] < 2
}

func (d *device) place(f *frame) {
	d.subscribed[f.Room]++
	if d.ignores(f.Room) {
		return
	}
	op := history.Op{Op: history.Subscribed, Conn: d.conn, Room: f.Room, Epoch: f.Epoch, Seq: f.Seq, ID: f.ID, Return: d.now()}
	if f.Type == "reset" {
		op.Op = history.Reset
	}
	d.w.Write(op)
	d.move(position{f.Room, f.Epoch, f.Seq, f.ID})
}

func (d *device) move(p position) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.where[p.Room] = p
	d.remember(p)
}

// entry takes an entry of a room's stream, whatever its number: the properties judge.
func (d *device) entry(f *frame) {
	if d.ignores(f.Room) {
		return
	}
	op := entryOf(f, f.Type)
	if f.Type != "message" {
		op.Hash = ""
	}
	if f.Type == "change" {
		op.Code = f.Kind
	}
	op.Conn, op.Epoch, op.Return = d.conn, d.where[f.Room].Epoch, d.now()
	d.w.Write(op)
	d.heard++
	d.move(position{f.Room, d.where[f.Room].Epoch, f.Seq, f.ID})
	d.seen(f)
}

// seen notes the highest message that was seen of a room. One's own moves the cursor, too.
func (d *device) seen(f *frame) {
	if f.N == 0 {
		return
	}
	d.mu.Lock()
	d.seenN[f.Room] = max(f.N, d.seenN[f.Room])
	d.mu.Unlock()
	if f.Type == "ack" || f.User == d.person.name {
		d.cursor(f.Room, f.N, 0)
	}
}

// cursor takes what was said of the person's cursor. version 0: it moved by posting.
func (d *device) cursor(room string, n, version uint64) {
	if !slices.Contains(d.rooms, room) {
		return
	}
	if version > 0 {
		d.w.Write(history.Op{Op: history.Cursor, Conn: d.conn, Room: room, N: n, Version: version, Return: d.now()})
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.cursors[room]
	d.cursors[room] = cursor{max(c.n, n), max(c.version, version)}
}

func (d *device) present(room string, change func([]string) []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	users := change(slices.Clone(d.online[room]))
	slices.Sort(users)
	d.online[room] = slices.Compact(users)
}

// acked takes an ack. Beyond the device's place it is an entry of the stream; otherwise it answers a retry.
func (d *device) acked(f *frame) {
	if f.Seq > d.where[f.Room].Seq && !d.ignores(f.Room) {
		d.entry(f)
	} else {
		d.seen(f)
	}
	d.w.Write(history.Op{
		Op: history.Answer, Conn: d.conn, Room: f.Room, ClientID: f.ClientID, Result: history.Ok, Seq: f.Seq, N: f.N, ID: f.ID, Return: d.now(),
	})
	d.acks.Add(1)
	d.forget(f.ClientID)
}

func (d *device) forget(clientID string) {
	d.open = slices.DeleteFunc(d.open, func(p *pending) bool { return p.clientID == clientID })
}

// refused takes an error. Only those that ask for a retry may come, but to somebody who was taken out.
func (d *device) refused(f *frame, b []byte) bool {
	result := history.Unknown
	switch f.Code {
	case "overloaded", "unknown_outcome", "rate_limited":
	case "forbidden", "not_found", "unauthenticated":
		result = history.Fail
		if !d.person.gone.Load() {
			d.blame("was answered %.300s", b)
		}
	default:
		d.blame("was answered %.300s", b)
	}
	i := slices.IndexFunc(d.open, func(p *pending) bool { return p.clientID == f.Ref })
	if i < 0 {
		return f.Ref == "read" || f.Ref == "subscribe"
	}
	p := d.open[i]
	d.w.Write(history.Op{
		Op: history.Answer, Conn: d.conn, Room: p.room, ClientID: p.clientID, Result: result, Code: f.Code, Return: d.now(),
	})
	if result == history.Fail {
		d.forget(f.Ref)
		return true
	}
	return false
}

// progress tells the run what this device need not be waited for any more, and says at the end what it believes.
func (d *device) progress() {
	if !isClosed(d.quiet) {
		return
	}
	if len(d.open) == 0 {
		d.allSaid()
	}
	if !d.told && isClosed(d.finish) && len(d.open) == 0 && d.atHeads() {
		d.told = true
		d.hearing.Done()
	}
	if !d.settled && isClosed(d.settle) && d.told {
		d.settled = true
		d.believe("")
		d.settling.Done()
	}
	if !d.resettled && isClosed(d.again) && d.settled && !d.person.first {
		d.resettled = true
		d.believe("half")
		d.staying.Done()
	}
}

// believe writes down what the device believes now.
func (d *device) believe(form string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, room := range d.rooms {
		p, c := d.where[room], d.cursors[room]
		d.w.Write(history.Op{
			Op: history.Settled, Form: form, Room: room, Epoch: p.Epoch, Seq: p.Seq, N: c.n, Version: c.version, Users: slices.Clone(d.online[room]), Return: d.now(),
		})
	}
}

func (d *device) atHeads() bool {
	for _, room := range d.rooms {
		if d.where[room].Seq < d.heads[room] {
			return false
		}
	}
	return true
}

// view is what the device believes now, for the run to see whether all agree.
func (d *device) view() (online map[string][]string, cursors map[string]cursor) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.online), maps.Clone(d.cursors)
}

// settleAfter bounds how long presence and cursors may take to be the same for all.
const settleAfter = 10 * time.Second
