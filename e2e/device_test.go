package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-chat/parley/internal/wsclient"
)

// load is a crowd that talks while the server comes and goes, and notes down everything.
type load struct {
	s     *server
	ctx   context.Context // the test's patience with all of it
	start time.Time
	pace  time.Duration // mean pause of a sender between two messages

	quiet    chan struct{}     // closed: nobody begins a new message
	heads    map[string]uint64 // set before finish is closed
	finish   chan struct{}     // closed: whoever is at the heads goes home
	sending  sync.WaitGroup    // senders that have not been told of all they said
	present  sync.WaitGroup    // everybody
	acks     atomic.Int64
	resets   atomic.Int64
	slow     atomic.Int64 // closed as too slow
	resumes  atomic.Int64 // connections that went on where another had ended
	retries  atomic.Int64 // messages that were sent again
	goodbyes atomic.Int64

	mu       sync.Mutex
	problems []string
}

// blame notes that something was answered that may never be.
func (l *load) blame(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.problems) < 50 {
		l.problems = append(l.problems, fmt.Sprintf(format, args...))
	}
}

func (l *load) since() time.Duration { return time.Since(l.start) }

// sleep is false when the test's patience has ended.
func (l *load) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-l.ctx.Done():
		return false
	}
}

// between draws a duration around mean.
func between(rng *rand.Rand, mean time.Duration) time.Duration {
	return mean/2 + time.Duration(rng.Int64N(int64(mean)+1))
}

// device is one client with a socket that it opens again whenever it ends. Its own goroutine alone touches its fields.
type device struct {
	*load
	name, user, token string
	rng               *rand.Rand
	rooms             []string
	window            int // messages that it sends without waiting for an ack; 0: it only reads
	stay              int // about how many entries it hears before it cuts its own connection; 0: it never does

	where    map[string]position
	readings map[string]*reading
	sends    []*send
	open     []*send // of them, those without an ack
	heard    int     // entries of streams
	settled  bool
}

// live is the life of a device.
func (d *device) live() {
	defer d.present.Done()
	defer d.settle()
	d.where, d.readings = map[string]position{}, map[string]*reading{}
	for !d.finished() {
		conn, err := d.connect()
		if err == nil {
			d.converse(conn)
			continue
		}
		if !d.sleep(between(d.rng, 20*time.Millisecond)) {
			d.blame("%s could not come to an end: %d messages without an ack, at %v", d.name, len(d.open), d.where)
			return
		}
	}
}

func (d *device) connect() (*wsclient.Conn, error) {
	ctx, cancel := context.WithTimeout(d.ctx, patience/6)
	defer cancel()
	conn, resp, err := wsclient.Dial(ctx, "ws://"+d.s.addr+"/ws?token="+url.QueryEscape(d.token), nil)
	if resp != nil && resp.StatusCode != http.StatusSwitchingProtocols && resp.StatusCode != http.StatusServiceUnavailable {
		d.blame("%s was refused with %s", d.name, resp.Status)
	}
	return conn, err
}

// settle says, once, that all messages are acknowledged.
func (d *device) settle() {
	if d.window > 0 && !d.settled {
		d.settled = true
		d.sending.Done()
	}
}

// finished is true when everything has been said and heard.
func (d *device) finished() bool {
	select {
	case <-d.quiet:
	default:
		return false
	}
	if len(d.open) > 0 {
		return false
	}
	d.settle()
	select {
	case <-d.finish:
	default:
		return d.ctx.Err() != nil
	}
	for _, room := range d.rooms {
		if d.where[room].Seq < d.heads[room] {
			return d.ctx.Err() != nil
		}
	}
	return true
}

// converse is the life of one connection.
func (d *device) converse(conn *wsclient.Conn) {
	frames := make(chan []byte, 64)
	ctx, cancel := context.WithCancel(d.ctx)
	var reader sync.WaitGroup
	reader.Go(func() { d.read(ctx, conn, frames) })
	defer reader.Wait()
	defer func() { cancel(); _ = conn.Close() }()
	if !d.begin(conn) {
		return
	}
	say := time.NewTimer(between(d.rng, d.pace))
	defer say.Stop()
	finish, quiet := d.finish, d.quiet
	for cut := d.untilCut(); !d.finished() && d.heard != cut; {
		select {
		case b, ok := <-frames:
			if !ok || !d.hear(b) {
				return
			}
		case <-say.C:
			if !d.speak(conn) {
				return
			}
			say.Reset(between(d.rng, d.pace))
		case <-quiet: // look again whether it has finished
			quiet = nil
		case <-finish:
			finish = nil
		case <-d.ctx.Done():
			return
		}
	}
}

func (d *device) read(ctx context.Context, conn *wsclient.Conn, to chan<- []byte) {
	defer close(to)
	for {
		_, b, err := conn.Read(ctx)
		if ce := (*wsclient.CloseError)(nil); errors.As(err, &ce) && ce.Code == 4004 {
			d.slow.Add(1)
		} else if pe := (*wsclient.ProtocolError)(nil); errors.As(err, &pe) {
			d.blame("%s: %v", d.name, err)
		}
		if err != nil {
			return
		}
		select {
		case to <- b:
		case <-ctx.Done():
			return
		}
	}
}

// untilCut is how many entries the device will have heard when it cuts this connection. It counts entries, not time, so
// that it gets on however slow the machine is.
func (d *device) untilCut() int {
	if d.stay == 0 {
		return -1
	}
	return d.heard + 1 + d.rng.IntN(2*d.stay)
}

// begin subscribes to all rooms from where the device is, and then sends again what has no ack, in order.
func (d *device) begin(conn *wsclient.Conn) bool {
	var rooms []any
	for _, room := range d.rooms {
		if p, known := d.where[room]; known {
			rooms = append(rooms, p)
			d.resumes.Add(1)
		} else {
			rooms = append(rooms, room)
		}
	}
	if !sendTo(conn, object{"type": "subscribe", "rooms": rooms}) {
		return false
	}
	for _, s := range d.open {
		d.retries.Add(1)
		if !s.to(conn) {
			return false
		}
	}
	return true
}

func sendTo(conn *wsclient.Conn, v any) bool {
	b, err := json.Marshal(v)
	return err == nil && conn.Send(string(b)) == nil
}

func (s *send) to(conn *wsclient.Conn) bool {
	return sendTo(conn, object{"type": "message", "room": s.room, "content": s.content, "client_id": s.clientID})
}

// speak sends the next messages, as many as it may and one to three at most. It is false when the connection is broken.
func (d *device) speak(conn *wsclient.Conn) bool {
	select {
	case <-d.quiet:
		return true
	default:
	}
	for n := d.rng.IntN(3); n >= 0 && len(d.open) < d.window; n-- {
		s := d.compose(len(d.sends))
		d.sends, d.open = append(d.sends, s), append(d.open, s)
		if !s.to(conn) {
			return false
		}
	}
	return true
}

func (d *device) compose(number int) *send {
	room := d.rooms[d.rng.IntN(len(d.rooms))]
	return &send{
		sender: d.name, user: d.user, room: room, clientID: newID(), ordered: true, begun: d.since(),
		content: fmt.Sprintf("%s says %d in %s %s", d.name, number, room, strings.Repeat("…", d.rng.IntN(60))),
	}
}

// hear takes one frame. It is false when the device should try again on another connection.
func (d *device) hear(b []byte) bool {
	var f frame
	if err := json.Unmarshal(b, &f); err != nil {
		d.blame("%s heard %q: %v", d.name, b, err)
		return false
	}
	switch f.Type {
	case "subscribed", "reset":
		d.place(f)
	case "message":
		d.note(f)
	case "ack":
		d.acked(f)
	case "error":
		return d.refused(f, b)
	case "goodbye":
		d.goodbyes.Add(1)
	case "welcome", "join", "leave", "online_users", "heads", "user_presence":
	default:
		d.blame("%s heard %s", d.name, b)
	}
	return true
}

func (d *device) place(f frame) {
	r := d.readings[f.Room]
	if r == nil {
		r = &reading{reader: d.name, room: f.Room}
		d.readings[f.Room] = r
	}
	if f.Type == "reset" {
		d.resets.Add(1)
	}
	r.runs = append(r.runs, run{reset: f.Type == "reset", after: f.Seq})
	d.where[f.Room] = at(f)
}

// note takes an entry of a room's stream, whatever its number: the check at the end judges.
func (d *device) note(f frame) {
	r := d.readings[f.Room]
	if r == nil {
		d.blame("%s heard of %s before it was subscribed: %+v", d.name, f.Room, f)
		return
	}
	d.heard++
	last := &r.runs[len(r.runs)-1]
	last.entries = append(last.entries, entryOf(f))
	p := d.where[f.Room]
	p.Seq, p.ID = f.Seq, f.ID
	d.where[f.Room] = p
}

func entryOf(f frame) entry { return entry{f.Seq, f.N, f.ID, f.ClientID, f.User, f.Content} }

// acked takes an ack. Beyond the device's place it is an entry of the stream; otherwise it answers a retry.
func (d *device) acked(f frame) {
	if f.Seq > d.where[f.Room].Seq {
		d.note(f)
	}
	for i, s := range d.open {
		if s.clientID == f.ClientID {
			d.open = append(d.open[:i:i], d.open[i+1:]...)
			s.settle(f, d.since())
			d.acks.Add(1)
			return
		}
	}
	for _, s := range d.sends {
		if s.clientID == f.ClientID {
			s.settle(f, 0)
			return
		}
	}
	d.blame("%s got an ack of what it never sent: %+v", d.name, f)
}

func (s *send) settle(f frame, now time.Duration) {
	e := asAck(entryOf(f))
	if s.acked == 0 {
		s.ack, s.acked = e, now
	} else if s.ack != e {
		s.twice = fmt.Sprintf("%+v", e)
	}
}

// refused takes an error. Only those that ask for a retry may come.
func (d *device) refused(f frame, b []byte) bool {
	if f.Code != "overloaded" && f.Code != "unknown_outcome" {
		d.blame("%s was answered %s", d.name, b)
		return true
	}
	if d.window > 1 { // what was sent behind it may now come before it
		for _, s := range d.open {
			s.ordered = false
		}
	}
	return d.sleep(between(d.rng, 20*time.Millisecond)) && false
}
