package goclient_test

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/parley-chat/parley/goclient"
	"github.com/parley-chat/parley/internal/wire"
)

// fake is a server whose every word a test writes, over pipes, so that it works in a bubble of testing/synctest.
type fake struct {
	t     *testing.T
	conns chan *peer // connections that have sent their request
}

// peer is the server's side of one connection.
type peer struct {
	t   *testing.T
	nc  net.Conn
	r   *bufio.Reader
	req *http.Request
}

func newFake(t *testing.T) *fake { return &fake{t: t, conns: make(chan *peer, 16)} }

// options make a client that speaks to the fake.
func (f *fake) options() goclient.Options {
	return goclient.Options{Token: "token", HTTPClient: &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			p := &peer{t: f.t, nc: there, r: bufio.NewReader(there)}
			go func() {
				var err error
				if p.req, err = http.ReadRequest(p.r); err != nil {
					_ = there.Close()
					return
				}
				f.conns <- p
			}()
			return here, nil
		},
	}}}
}

// next is the next connection.
func (f *fake) next() *peer { return <-f.conns }

// upgrade accepts the WebSocket without a word.
func (p *peer) upgrade() *peer {
	sum := sha1.Sum([]byte(p.req.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	_, _ = fmt.Fprintf(p.nc, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: parley.v1\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:]))
	return p
}

const welcome = `{"type":"welcome","protocol":"parley.v1","user":"ann","user_id":"u1","kind":"member","limits":{"content":8000,"frame":65536,"rooms":1000,"subscribe":200,"sends_open":64},"rooms":[]}`

// welcome accepts and welcomes.
func (p *peer) welcome() *peer {
	p.upgrade().say(welcome)
	return p
}

// answer answers with a status and a body instead.
func (p *peer) answer(status int, contentType, body string) {
	_, _ = fmt.Fprintf(p.nc, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		status, http.StatusText(status), contentType, len(body), body)
	_ = p.nc.Close()
}

func (p *peer) say(text string) { p.frame(1, []byte(text)) }

func (p *peer) frame(op byte, payload []byte) {
	head := []byte{0x80 | op, byte(len(payload))}
	if len(payload) > 125 {
		head = binary.BigEndian.AppendUint16([]byte{0x80 | op, 126}, uint16(len(payload)))
	}
	_, _ = p.nc.Write(append(head, payload...)) // what a broken connection means shows itself in what the client does
}

func (p *peer) close(code uint16) {
	p.frame(8, binary.BigEndian.AppendUint16(nil, code))
	for op := byte(0); op != 8; {
		var err error
		if op, _, err = p.read(); err != nil {
			break
		}
	}
	_ = p.nc.Close()
}

// read returns the client's next frame.
func (p *peer) read() (op byte, payload []byte, err error) {
	var head [14]byte
	if _, err := io.ReadFull(p.r, head[:2]); err != nil {
		return 0, nil, err
	}
	size := int(head[1] & 0x7f)
	if size == 126 {
		if _, err := io.ReadFull(p.r, head[2:4]); err != nil {
			return 0, nil, err
		}
		size = int(binary.BigEndian.Uint16(head[2:]))
	}
	if head[1]&0x80 == 0 || size > 65535 {
		return 0, nil, fmt.Errorf("a frame that is not masked, or of %d bytes", size)
	}
	if _, err := io.ReadFull(p.r, head[4:8]); err != nil {
		return 0, nil, err
	}
	payload = make([]byte, size)
	if _, err := io.ReadFull(p.r, payload); err != nil {
		return 0, nil, err
	}
	for i := range payload {
		payload[i] ^= head[4+i&3]
	}
	return head[0] & 0x0f, payload, nil
}

// told returns the client's next frame of the protocol. It must be one that the server's own decoder takes.
func (p *peer) told() map[string]any {
	p.t.Helper()
	for {
		op, b, err := p.read()
		if err != nil {
			p.t.Fatalf("the client has gone: %v", err)
		}
		if op != 1 {
			continue
		}
		if _, err := wire.Decode(b); err != nil {
			p.t.Fatalf("the server does not take %s: %v", b, err)
		}
		var m map[string]any
		if err := json.Unmarshal(b, &m); err != nil {
			p.t.Fatal(err)
		}
		return m
	}
}

// entry is a message frame of the room r.
func entry(seq int) string {
	return fmt.Sprintf(`{"type":"message","room":"r","id":"id%d","seq":%d,"n":%d,"user":"bob","user_id":"u2","content":"%d","timestamp":"2026-01-31T09:30:00.125Z"}`, seq, seq, seq, seq)
}

func subscribed(typ, epoch string, seq int) string {
	return fmt.Sprintf(`{"type":%q,"room":"r","room_id":"r1","epoch":%q,"seq":%d,"id":"id%d","min_seq":1}`, typ, epoch, seq, seq)
}

// bubble runs a test against a fake in a bubble. first is the welcomed connection.
func bubble(t *testing.T, test func(t *testing.T, f *fake, c *goclient.Client, first *peer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t)
		first := make(chan *peer)
		go func() { first <- f.next().welcome() }()
		c, err := goclient.Connect(t.Context(), "http://chat.example", f.options())
		if err != nil {
			t.Fatal(err)
		}
		p := <-first
		test(t, f, c, p)
		_ = p.nc.Close()
		c.Close()
		synctest.Wait()
		for {
			select {
			case p := <-f.conns:
				_ = p.nc.Close()
				continue
			default:
			}
			break
		}
	})
}

// begun subscribes to the room r at 5.
func begun(t *testing.T, c *goclient.Client, p *peer) *goclient.Subscription {
	t.Helper()
	go func() {
		if m := p.told(); m["type"] != "subscribe" {
			t.Errorf("told %v", m)
		}
		p.say(subscribed("subscribed", "e1", 5))
	}()
	s, err := c.Subscribe(t.Context(), "r", goclient.Position{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// heardSeqs returns the numbers of the next n messages.
func heardSeqs(t *testing.T, s *goclient.Subscription, n int) string {
	t.Helper()
	var seqs []string
	for range n {
		event, err := s.Next(t.Context())
		m, ok := event.(*goclient.Message)
		if !ok {
			t.Fatalf("%+v %v instead of a message", event, err)
		}
		seqs = append(seqs, fmt.Sprint(m.Seq))
	}
	return strings.Join(seqs, " ")
}
