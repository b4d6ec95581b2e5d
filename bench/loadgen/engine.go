package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

// The engine is one thread around one epoll set: no goroutine per connection,
// one read buffer for all of them, and frames parsed in place.

const (
	ringSize  = 1 << 12 // messages of one publisher that may be in flight
	readSize  = 1 << 18
	maxDialed = 64 // handshakes under way at once

	// A message body is marker, run (4), room (5), publisher (3), sequence (9),
	// send time in ns since start (15), then filler up to the asked size.
	marker     = "~!"
	headerSize = len(marker) + 4 + 5 + 3 + 9 + 15
)

const (
	upgrading = iota
	joining
	ready
	closed
)

type conn struct {
	fd      int
	state   uint8
	slow    bool // does not read while the load runs
	sampled bool // its latencies are recorded
	room    *room
	user    string
	part    []byte   // tail of the last read: an incomplete frame
	out     []byte   // bytes the kernel did not take yet
	last    []uint32 // last sequence number seen, per publisher of the room
}

type room struct {
	id      int
	name    string
	members []*conn
	live    int32 // members that read and are connected
	pubs    []*publisher
}

type publisher struct {
	c        *conn
	idx      int
	seq      uint32
	awaiting []int32 // deliveries still missing per message in flight; nil: not tracked
}

type counters struct {
	sent, delivered, frames, bytes, reads     int64
	missing, duplicate, misrouted, stale, bad int64
	other                                     int64 // frames carrying no message
	stalls                                    int64
	slowDelivered, slowMissing                int64
}

type engine struct {
	d     dialect
	addr  syscall.Sockaddr
	src   syscall.Sockaddr
	host  string
	run   string // four characters that tell this run's messages from older ones
	size  int
	body  []byte
	epfd  int
	byFD  []*conn
	conns []*conn
	rooms []*room
	start time.Time
	buf   []byte
	evs   []syscall.EpollEvent
	dirty []*conn

	counters
	inflight   int
	lastDone   time.Time
	hist       histogram
	record     bool
	gone       int // connections the server closed or reset, not counting slow ones
	slowGone   int
	pending    int // connections not yet joined
	lastErr    error
	frameBuf   []byte
	joinFailed int
}

func newEngine(d dialect, hostport, src, run string, size int) (*engine, error) {
	tcp, err := net.ResolveTCPAddr("tcp4", hostport)
	if err != nil {
		return nil, err
	}
	epfd, err := syscall.EpollCreate1(0)
	if err != nil {
		return nil, err
	}
	e := &engine{
		d: d, host: hostport, run: run, size: max(size, headerSize), epfd: epfd,
		addr:  &syscall.SockaddrInet4{Port: tcp.Port, Addr: [4]byte(tcp.IP.To4())},
		start: time.Now(), buf: make([]byte, readSize),
		evs: make([]syscall.EpollEvent, 1024),
	}
	if src != "" {
		e.src = &syscall.SockaddrInet4{Addr: [4]byte(net.ParseIP(src).To4())}
	}
	e.body = bytes.Repeat([]byte("abcdefghi "), e.size/10+1)[:e.size]
	if e.size > headerSize {
		e.body[e.size-1] = '.' // servers may trim spaces
	}
	return e, nil
}

func (e *engine) nameRooms(n int) {
	for i := range n {
		e.rooms = append(e.rooms, &room{id: i, name: "r" + e.run + strconv.Itoa(i)})
	}
}

// connect opens n connections spread over the rooms and joins them all.
func (e *engine) connect(n, pubs int, slowEvery int, track bool, limit time.Duration) error {
	rooms := len(e.rooms)
	deadline := time.Now().Add(limit)
	for i := 0; i < n || e.pending > 0; {
		for i < n && e.pending < maxDialed {
			r := e.rooms[i%rooms]
			slot := i / rooms // position inside the room: the first ones publish
			c := &conn{
				room: r, user: fmt.Sprintf("u%d", i), last: make([]uint32, pubs),
				slow:    slowEvery > 0 && slot >= pubs && slot%slowEvery == slowEvery-1,
				sampled: (slot*7+i)%10 == 0 || n <= 1000,
			}
			if err := e.dial(c); err != nil {
				return fmt.Errorf("connection %d: %w", i, err)
			}
			r.members = append(r.members, c)
			e.conns = append(e.conns, c)
			if slot < pubs {
				p := &publisher{c: c, idx: slot}
				if track {
					p.awaiting = make([]int32, ringSize)
				}
				r.pubs = append(r.pubs, p)
			}
			i++
		}
		if err := e.poll(10 * time.Millisecond); err != nil {
			return err
		}
		if e.joinFailed > 0 {
			return fmt.Errorf("joining failed after %d connections: %w", i, e.lastErr)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("only %d of %d connections joined in %v", len(e.conns)-e.pending, n, limit)
		}
	}
	return nil
}

func (e *engine) dial(c *conn) error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	c.fd = fd
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	if c.slow {
		syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096)
	}
	if e.src != nil {
		const bindAddressNoPort = 24
		syscall.SetsockoptInt(fd, syscall.IPPROTO_IP, bindAddressNoPort, 1)
		if err := syscall.Bind(fd, e.src); err != nil {
			return err
		}
	}
	if err := syscall.Connect(fd, e.addr); err != nil {
		return err
	}
	syscall.SetNonblock(fd, true)
	for len(e.byFD) <= fd {
		e.byFD = append(e.byFD, make([]*conn, 1024)...)
	}
	e.byFD[fd] = c
	e.pending++
	e.send(c, []byte("GET "+e.d.path(c.room.name, c.user)+" HTTP/1.1\r\nHost: "+e.host+
		"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13"+
		"\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"))
	return syscall.EpollCtl(e.epfd, syscall.EPOLL_CTL_ADD, fd,
		&syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)})
}

// mute stops or resumes reading on the slow connections.
func (e *engine) mute(on bool) {
	for _, c := range e.conns {
		if c.slow && c.state != closed {
			ev := &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(c.fd)}
			if on {
				syscall.EpollCtl(e.epfd, syscall.EPOLL_CTL_DEL, c.fd, ev)
			} else {
				syscall.EpollCtl(e.epfd, syscall.EPOLL_CTL_ADD, c.fd, ev)
			}
		}
	}
}

// poll waits at most d for something to read and reads it.
func (e *engine) poll(d time.Duration) error {
	const sysEpollPwait2 = 441 // epoll_wait with a timespec instead of milliseconds
	ts := syscall.NsecToTimespec(max(int64(d), 0))
	n, _, errno := syscall.Syscall6(sysEpollPwait2, uintptr(e.epfd),
		uintptr(unsafe.Pointer(&e.evs[0])), uintptr(len(e.evs)), uintptr(unsafe.Pointer(&ts)), 0, 0)
	if errno != 0 {
		if errno == syscall.EINTR {
			return nil
		}
		return errno
	}
	for i := range int(n) {
		e.readable(e.byFD[e.evs[i].Fd])
	}
	for len(e.dirty) > 0 { // the kernel refused part of a write: try again
		c := e.dirty[0]
		e.dirty = e.dirty[1:]
		rest := c.out
		c.out = nil
		if c.state != closed {
			e.send(c, rest)
		}
		if c.out != nil {
			break
		}
	}
	return nil
}

func (e *engine) send(c *conn, b []byte) {
	if c.out != nil {
		c.out = append(c.out, b...)
		return
	}
	for len(b) > 0 {
		n, err := syscall.Write(c.fd, b)
		switch {
		case err == nil:
			b = b[n:]
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			c.out = append([]byte(nil), b...)
			e.dirty = append(e.dirty, c)
			return
		default:
			e.drop(c, err)
			return
		}
	}
}

// sendFrame masks with the key zero: valid framing, and nothing to compute.
func (e *engine) sendFrame(c *conn, opcode byte, payload []byte) {
	b := append(e.frameBuf[:0], 0x80|opcode)
	switch n := len(payload); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = append(b, 0x80|126, byte(n>>8), byte(n))
	default:
		b = append(b, 0x80|127)
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	b = append(b, 0, 0, 0, 0)
	e.frameBuf = append(b, payload...)
	e.send(c, e.frameBuf)
}

func (e *engine) readable(c *conn) {
	if c == nil || c.state == closed {
		return
	}
	n, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(c.fd),
		uintptr(unsafe.Pointer(&e.buf[0])), uintptr(len(e.buf)))
	e.reads++
	switch {
	case errno == syscall.EAGAIN || errno == syscall.EINTR:
		return
	case errno != 0:
		e.drop(c, errno)
		return
	case n == 0:
		e.drop(c, errors.New("closed by the server"))
		return
	}
	e.bytes += int64(n)
	data := e.buf[:n]
	if len(c.part) > 0 {
		c.part = append(c.part, data...)
		data = c.part
	}
	if c.state == upgrading {
		end := bytes.Index(data, []byte("\r\n\r\n"))
		if end < 0 {
			c.part = append(c.part[:0], data...)
			return
		}
		if !e.upgraded(c, data) {
			return
		}
		data = data[end+4:]
	}
	e.split(c, data)
}

// upgraded looks at the answer to the upgrade and begins to join.
func (e *engine) upgraded(c *conn, answer []byte) bool {
	if !bytes.HasPrefix(answer, []byte("HTTP/1.1 101")) {
		line, _, _ := bytes.Cut(answer, []byte("\r\n"))
		e.drop(c, fmt.Errorf("upgrade refused: %q", line))
		return false
	}
	c.state = joining
	if e.d.hello != nil {
		for _, m := range e.d.hello(c.room.name, c.user) {
			e.sendFrame(c, 1, m)
		}
	}
	if e.d.joined == nil {
		e.join(c)
	}
	return true
}

// split takes the frames out of data in place and keeps what is left of an incomplete one.
func (e *engine) split(c *conn, data []byte) {
	now := int64(time.Since(e.start))
	for len(data) >= 2 && c.state != closed {
		h, n := 2, int(data[1]&0x7f)
		switch n {
		case 126:
			h = 4
			if len(data) >= h {
				n = int(binary.BigEndian.Uint16(data[2:]))
			}
		case 127:
			h = 10
			if len(data) >= h {
				n = int(binary.BigEndian.Uint64(data[2:]))
			}
		}
		if len(data) < h+n {
			break
		}
		if data[0]&0x70 != 0 || data[1]&0x80 != 0 {
			e.bad++
		}
		payload := data[h : h+n]
		switch data[0] & 0x0f {
		case 0, 1, 2:
			e.frames++
			e.message(c, payload, now)
		case 8:
			e.drop(c, fmt.Errorf("close frame %q", payload))
		case 9:
			e.sendFrame(c, 10, payload)
		}
		data = data[h+n:]
	}
	if len(data) == 0 {
		if cap(c.part) > 4096 {
			c.part = nil
		}
		c.part = c.part[:0]
	} else {
		c.part = append(c.part[:0], data...)
	}
}

func (e *engine) join(c *conn) {
	c.state = ready
	e.pending--
	if !c.slow {
		c.room.live++
	}
}

// message looks at every marked body in one payload: servers may pack several.
func (e *engine) message(c *conn, p []byte, now int64) {
	found := false
	for {
		i := bytes.Index(p, []byte(marker))
		if i < 0 || len(p) < i+headerSize {
			break
		}
		found = true
		h := p[i+len(marker):]
		p = p[min(i+e.size, len(p)):]
		if string(h[:4]) != e.run {
			e.stale++
			continue
		}
		rid, pub, seq := digits(h[4:9]), int(digits(h[9:12])), uint32(digits(h[12:21]))
		if int(rid) != c.room.id || pub >= len(c.last) {
			e.misrouted++
			continue
		}
		if e.own(c, pub) {
			e.misrouted++
			continue
		}
		if seq <= c.last[pub] { // repeated, or overtaken by a later one
			e.duplicate++
			continue
		}
		first := c.last[pub] + 1
		c.last[pub] = seq
		if c.slow {
			e.slowMissing += int64(seq - first)
			e.slowDelivered++
			continue
		}
		e.delivered++
		e.missing += int64(seq - first)
		e.settle(c, pub, first, seq)
		if e.record && c.sampled {
			e.hist.add(now - digits(h[21:36]))
		}
	}
	if found {
		return
	}
	e.other++
	if c.state == joining && e.d.joined != nil && e.d.joined(p) {
		e.join(c)
	}
	if e.d.pong != nil {
		if r := e.d.pong(p); r != nil {
			e.sendFrame(c, 1, r)
		}
	}
}

// settle takes c off the deliveries that messages first..last still await.
func (e *engine) settle(c *conn, pub int, first, last uint32) {
	p := c.room.pubs[pub]
	if p.awaiting == nil {
		return
	}
	for s := first; s <= last && s <= p.seq; s++ {
		if p.seq-s >= ringSize {
			continue
		}
		w := &p.awaiting[s%ringSize]
		if *w--; *w == 0 {
			e.inflight = max(e.inflight-1, 0)
			e.lastDone = time.Now()
		}
	}
}

func (e *engine) publish(r *room, p *publisher) {
	p.seq++
	b := e.body[:0]
	b = append(b, marker...)
	b = append(b, e.run...)
	b = appendDigits(b, int64(r.id), 5)
	b = appendDigits(b, int64(p.idx), 3)
	b = appendDigits(b, int64(p.seq), 9)
	appendDigits(b, int64(time.Since(e.start)), 15)
	if p.awaiting != nil {
		p.awaiting[p.seq%ringSize] = r.live
		if e.d.noEcho {
			p.awaiting[p.seq%ringSize]--
		}
		e.inflight++
	}
	e.sent++
	e.sendFrame(p.c, 1, e.d.publish(r.name, e.body))
}

// own tells whether c sends as publisher pub and the server keeps that to itself.
func (e *engine) own(c *conn, pub int) bool {
	return e.d.noEcho && c.room.pubs[pub].c == c
}

// drop forgets a connection; what was under way to it is no longer awaited.
func (e *engine) drop(c *conn, err error) {
	if c.state == closed {
		return
	}
	if c.state != ready {
		e.pending--
		e.joinFailed++
	} else if !c.slow {
		c.room.live--
	}
	c.state = closed
	syscall.Close(c.fd)
	e.byFD[c.fd] = nil
	e.lastErr = err
	if c.slow {
		e.slowGone++
		return
	}
	e.gone++
	for i, p := range c.room.pubs {
		if !e.own(c, i) && p.seq > c.last[i] {
			e.missing += int64(p.seq - c.last[i])
			e.settle(c, i, c.last[i]+1, p.seq)
		}
	}
}

// undelivered counts what the fast connections still open have not received.
func (e *engine) undelivered() (n int64) {
	for _, c := range e.conns {
		if c.slow || c.state == closed {
			continue
		}
		for i, p := range c.room.pubs {
			if !e.own(c, i) {
				n += int64(p.seq - c.last[i])
			}
		}
	}
	return n
}

func (e *engine) close() {
	for _, c := range e.conns {
		if c.state != closed {
			c.state = closed
			syscall.Close(c.fd)
		}
	}
	syscall.Close(e.epfd)
}

func digits(b []byte) (v int64) {
	for _, d := range b {
		v = v*10 + int64(d-'0')
	}
	return v
}

func appendDigits(b []byte, v int64, width int) []byte {
	n := len(b)
	b = b[:n+width]
	for i := n + width - 1; i >= n; i-- {
		b[i] = byte('0' + v%10)
		v /= 10
	}
	return b
}
