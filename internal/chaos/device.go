package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/parley-chat/parley/internal/chaos/history"
	"github.com/parley-chat/parley/internal/wsclient"
)

// When a device gives a connection up: it has heard nothing, not even a pong; or a send has had no answer.
const (
	deafAfter   = 5 * time.Second
	answerAfter = 7 * time.Second
	pingEvery   = time.Second
)

// smallBuffer is the receive buffer of a device that stands still at times, in bytes: what it does not read is the server's
// to keep almost from the start.
const smallBuffer = 32 << 10

// position is the last entry that a device has of a room.
type position struct {
	Room  string `json:"room"`
	Epoch string `json:"epoch"`
	Seq   uint64 `json:"seq"`
	ID    string `json:"id,omitempty"`
}

// cursor is how far a device believes its person to have read.
type cursor struct{ n, version uint64 }

// pending is a message that has no answer yet.
type pending struct {
	room, clientID, content, hash string
	sent                          time.Time // on the present connection
}

// device is a client with a socket, which it opens again whenever it ends. Its own goroutine alone touches its fields but
// for those under mu.
type device struct {
	*run
	name    string
	form    string // device, room-socket, staller
	person  *person
	rng     *rand.Rand
	w       *history.Writer
	rooms   []string
	window  int  // messages that it sends without waiting for an answer; 0: it only reads
	stay    int  // about how many entries it hears before it cuts its own connection; 0: it never does
	forgets bool // it sometimes comes back without its positions
	strays  bool // it sometimes comes back with a position that is not its own
	direct  bool // not through the proxy

	stallUntil atomic.Int64 // by the run's clock: it reads nothing until then
	slow       atomic.Int64 // how often it was told that it was too slow

	conn       int // number of the connection
	open       []*pending
	heard      int
	said       int
	strayed    int            // positions that it came back with, if it strays
	subscribed map[string]int // answers to subscribe that a room's own socket has had on this connection
	resumed    bool           // this connection began with positions
	// It has left run.sending, run.hearing, run.settling.
	sent, told, settled, resettled bool

	mu      sync.Mutex
	where   map[string]position
	past    []position // some of where it has been, if it strays
	cursors map[string]cursor
	online  map[string][]string
	seenN   map[string]uint64 // the highest n that it has seen of a room
}

func (d *device) close() error { return d.w.Close() }

func (d *device) live(ctx context.Context) {
	defer d.gone()
	for ctx.Err() == nil && !isClosed(d.bell()) {
		conn, err := d.connect(ctx)
		pause := between(d.rng, 60*time.Millisecond)
		if err == nil {
			d.converse(ctx, conn)
		} else if d.person.gone.Load() {
			d.release() // nobody waits for it, but it goes on trying
			pause = time.Second
		}
		if !sleep(ctx, pause) {
			return
		}
	}
}

// bell says when to leave.
func (d *device) bell() <-chan struct{} {
	if d.person.first {
		return d.run.leave
	}
	return d.home
}

// gone says that the device has left for good.
func (d *device) gone() {
	d.release()
	if d.person.first {
		d.leaving.Done()
	}
}

// release says, once each, that nobody has to wait for this device any more.
func (d *device) release() {
	d.allSaid()
	if !d.told {
		d.told = true
		d.hearing.Done()
	}
	if !d.settled {
		d.settled = true
		d.settling.Done()
	}
	if !d.resettled && !d.person.first {
		d.resettled = true
		d.staying.Done()
	}
}

func (d *device) allSaid() {
	if d.window > 0 && !d.sent {
		d.sent = true
		d.sending.Done()
	}
}

func (d *device) connect(ctx context.Context) (*wsclient.Conn, error) {
	dial, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	addr, path := d.proxy.Addr(), "/ws"
	dialer := wsclient.Dialer{}
	if d.direct {
		addr = d.server.Addr
		dialer.NetDial = (&net.Dialer{Control: shrink}).DialContext
	}
	if d.form == "room-socket" {
		path += "/room/" + d.rooms[0]
	}
	begun := d.now()
	conn, status, err := dialSocket(dial, &dialer, addr, path, d.person.token)
	if err == nil {
		d.conn++
		conn.Manual(true)
		d.w.Write(history.Op{Op: history.Open, Conn: d.conn, Invoke: begun, Return: d.now()})
		return conn, nil
	}
	if status != 0 {
		d.refusedEntry(status)
	}
	return nil, err
}

// shrink makes a socket's receive buffer as small as it can be, before it is connected.
func shrink(_, _ string, c syscall.RawConn) error {
	var err error
	return errors.Join(c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, smallBuffer)
	}), err)
}

// refusedEntry notes with which status a connection was refused.
func (d *device) refusedEntry(status int) {
	switch {
	case status == http.StatusServiceUnavailable || status == http.StatusSwitchingProtocols:
	case d.person.gone.Load() && (status == http.StatusUnauthorized || status == http.StatusForbidden):
		d.w.Write(history.Op{Op: history.Expelled, Code: http.StatusText(status), Return: d.now()})
	default:
		d.blame("a connection was refused with %d %s", status, http.StatusText(status))
	}
}

// blame notes what may never happen (property 0).
func (d *device) blame(format string, args ...any) {
	d.w.Write(history.Op{Op: history.Unexpected, Conn: d.conn, Detail: fmt.Sprintf(format, args...), Return: d.now()})
}

// converse is the life of one connection.
func (d *device) converse(ctx context.Context, conn *wsclient.Conn) {
	var (
		ears     = newEars(conn)
		listener sync.WaitGroup
	)
	ctx, cancel := context.WithCancel(ctx)
	listener.Go(func() { ears.listen(ctx) })
	defer func() {
		cancel()
		_ = conn.Close()
		listener.Wait()
		d.ended(ears.err)
	}()
	if !d.begin(conn) {
		return
	}
	speak, tick := time.NewTimer(between(d.rng, d.pace)), time.NewTicker(pingEvery)
	defer speak.Stop()
	defer tick.Stop()
	for cut := d.untilCut(); d.heard != cut || isClosed(d.quiet); {
		select {
		case b, ok := <-ears.frames:
			if !ok || !d.hear(b) {
				return
			}
			d.progress()
		case <-speak.C:
			if !d.speak(conn) {
				return
			}
			speak.Reset(between(d.rng, d.tempo()))
		case <-tick.C:
			if d.stall(ctx, ears) || d.tooLate(ears) {
				return
			}
			_ = conn.Frame(wsclient.Ping, true, nil) // a broken connection shows itself in the next read
			d.progress()
		case <-d.bell():
			d.depart(conn, ears)
			return
		case <-ctx.Done():
			return
		}
	}
}

// depart closes in order.
func (d *device) depart(conn *wsclient.Conn, ears *ears) {
	_ = conn.SendClose(1000, "")
	late := time.NewTimer(2 * time.Second)
	defer late.Stop()
	for {
		select {
		case _, ok := <-ears.frames:
			if !ok {
				return
			}
		case <-late.C:
			return
		}
	}
}

func (d *device) tooLate(ears *ears) bool {
	return time.Since(ears.last()) > deafAfter || len(d.open) > 0 && time.Since(d.open[0].sent) > answerAfter
}

// ended notes the end of a connection, and that what is open is unknown.
func (d *device) ended(err error) {
	code := "cut"
	var (
		ce *wsclient.CloseError
		pe *wsclient.ProtocolError
	)
	switch {
	case errors.As(err, &ce):
		code = fmt.Sprint(ce.Code)
		if ce.Code == closeTooSlow {
			d.slow.Add(1)
		}
		if !d.mayClose(ce.Code) {
			d.blame("closed with %d %s", ce.Code, ce.Reason)
		}
	case errors.As(err, &pe):
		d.blame("%v", err)
	}
	ops := []history.Op{{Op: history.Closed, Conn: d.conn, Code: code, Return: d.now()}}
	for _, p := range d.open {
		ops = append(ops, history.Op{Op: history.Answer, Conn: d.conn, Room: p.room, ClientID: p.clientID, Result: history.Unknown, Return: d.now()})
	}
	d.w.Write(ops...)
}

// mayClose are the codes with which a server may end this client's connection.
func (d *device) mayClose(code int) bool {
	switch code {
	case 1000, 1001, closeTooSlow, 4005:
		return true
	case 4001, 4002, 4003:
		return d.person.gone.Load()
	}
	return false
}

// untilCut is how many entries the device will have heard when it cuts this connection. It counts entries, not time, so
// that it gets on however slow the machine is.
func (d *device) untilCut() int {
	if d.stay == 0 {
		return -1
	}
	return d.heard + 1 + d.rng.IntN(2*d.stay)
}

// begin subscribes to all rooms from where the device is, and then sends again what has no answer, in order.
func (d *device) begin(conn *wsclient.Conn) bool {
	clear(d.subscribed)
	d.resumed = false
	forget := d.forgets && len(d.open) == 0 && d.rng.IntN(3) == 0
	var (
		ask []any
		ops []history.Op
	)
	for _, room := range d.rooms {
		p, known := d.where[room]
		op := history.Op{Op: history.Subscribe, Conn: d.conn, Room: room, Invoke: d.now()}
		if known && !forget {
			p, op.Form = d.astray(p)
			ask = append(ask, p)
			op.Placed, op.Epoch, op.Seq, op.ID = true, p.Epoch, p.Seq, p.ID
			d.resumed = true
		} else {
			ask = append(ask, room)
		}
		ops = append(ops, op)
	}
	d.w.Write(ops...)
	if d.form != "room-socket" || d.resumed {
		if !sendTo(conn, object{"type": "subscribe", "rooms": ask}) {
			return false
		}
	}
	for _, p := range d.open {
		if !d.attempt(conn, p) {
			return false
		}
	}
	return true
}

func sendTo(conn *wsclient.Conn, v any) bool {
	b, err := json.Marshal(v)
	return err == nil && conn.Send(string(b)) == nil
}

// attempt sends a message, once.
func (d *device) attempt(conn *wsclient.Conn, p *pending) bool {
	p.sent = time.Now()
	d.w.Write(history.Op{Op: history.Send, Conn: d.conn, Room: p.room, ClientID: p.clientID, Hash: p.hash, Invoke: d.now()})
	return sendTo(conn, object{"type": "message", "room": p.room, "content": p.content, "client_id": p.clientID})
}

// speak sends the next messages, as many as it may and one to three at most; or says how far it has read. It is false
// when the connection is broken.
func (d *device) speak(conn *wsclient.Conn) bool {
	if isClosed(d.quiet) || d.person.gone.Load() {
		return true
	}
	if d.rng.IntN(8) == 0 && !d.markRead(conn) {
		return false
	}
	if d.window == 0 {
		return true
	}
	for n := d.rng.IntN(3); n >= 0 && len(d.open) < d.window; n-- {
		p := compose(d.rng, d.name, d.rooms, d.said, d.shouts(d.rng))
		d.said++
		d.open = append(d.open, p)
		if !d.attempt(conn, p) {
			return false
		}
	}
	return true
}

// markRead moves the person's cursor to the last message that the device has seen of a room.
func (d *device) markRead(conn *wsclient.Conn) bool {
	room := d.rooms[d.rng.IntN(len(d.rooms))]
	d.mu.Lock()
	seen := d.seenN[room]
	d.mu.Unlock()
	return seen == 0 || sendTo(conn, object{"type": "read", "room": room, "n": seen})
}

// longest is about how many letters of three bytes a message may have besides who says what.
const longest = 7900

// compose makes a new message. Most are short; some are as long as they may be, and all that are to be.
func compose(rng *rand.Rand, who string, rooms []string, number int, long bool) *pending {
	room := rooms[rng.IntN(len(rooms))]
	length := rng.IntN(60)
	switch choice := rng.IntN(100); {
	case long || choice < 2:
		length = longest
	case choice < 7:
		length = rng.IntN(3000)
	}
	content := fmt.Sprintf("%s says %d in %s.%s", who, number, room, strings.Repeat("…", length))
	return &pending{room: room, clientID: uuid.NewString(), content: content, hash: history.Hash(content)}
}
