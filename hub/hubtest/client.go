package hubtest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/parley-chat/parley/hub/websocket"
)

// Patience is how long [Client.Receive] and [Client.Next] wait for a message, and [Client.Close] for the server's answer.
const Patience = 10 * time.Second

// ErrNothing is returned when nothing came within [Patience].
var ErrNothing = fmt.Errorf("hubtest: nothing came within %v", Patience)

// readAhead is how many messages a Client keeps that have not been received yet.
const readAhead = 1000

// maxReceived is the size of the largest message that a Client takes, in bytes.
const maxReceived = 16 << 20

// Client is the far end of a WebSocket over a real connection: what a page's WebSocket is to a server. It answers pings
// by itself. It keeps up to 1,000 messages for Receive; with more it stops reading, and is a slow reader.
//
// Receive and Next are for one goroutine at a time; all other methods may be called concurrently.
type Client struct {
	conn  io.ReadWriteCloser
	got   chan string   // from the reader, which closes it
	ended chan struct{} // closed when the reader has ended
	why   error         // set when got is closed

	write sync.Mutex // one frame at a time
	over  sync.Once
	gone  chan struct{} // closed to end the reader
}

// Dial opens a WebSocket by an address that begins with http:// or https://, such as that of an httptest.Server. client
// carries the request: that of the httptest.Server knows its certificate, one with a Jar sends cookies, nil is
// http.DefaultClient. header is sent along, and may be nil: a session's Cookie, an Origin, an Authorization.
//
// When ctx ends, the connection is cut, so with a test's Context it does not outlive the test. A server that does not
// take the handshake makes a [*websocket.HandshakeError] with its status (redirects are not followed) and the first
// 4 KiB of its answer.
func Dial(ctx context.Context, client *http.Client, url string, header http.Header) (*Client, error) {
	upgrader := http.Client{}
	if client != nil {
		upgrader = *client
		upgrader.Timeout = 0 // it would go on counting after the handshake
	}
	upgrader.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		r.Header[name] = values
	}
	const key = "dGhlIHNhbXBsZSBub25jZQ==" // that of RFC 6455, section 1.3, and what the server must make of it
	const accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
	for name, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-Websocket-Version": "13", "Sec-Websocket-Key": key} {
		r.Header.Set(name, value)
	}
	answer, err := upgrader.Do(r)
	if err != nil {
		return nil, err
	}
	conn, ok := answer.Body.(io.ReadWriteCloser)
	if !ok || answer.StatusCode != http.StatusSwitchingProtocols || answer.Header.Get("Sec-Websocket-Accept") != accept {
		defer answer.Body.Close()
		reason, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<10)) // the status says enough
		refused := &websocket.HandshakeError{Status: answer.StatusCode, Reason: strings.TrimSpace(string(reason))}
		return nil, fmt.Errorf("hubtest: answered with %s: %w", answer.Status, refused)
	}
	c := &Client{conn: conn, got: make(chan string, readAhead), ended: make(chan struct{}), gone: make(chan struct{})}
	go c.read(context.AfterFunc(ctx, c.Abort))
	return c, nil
}

// Send sends a text message.
func (c *Client) Send(text string) error { return c.frame(websocket.OpText, []byte(text)) }

// Receive returns the next message, text or binary. Its error is a [*websocket.CloseError] after the server's close
// frame, [ErrNothing], net.ErrClosed after Abort or the end of Dial's context, or what reading gave. Once the connection
// has ended it stays the same.
func (c *Client) Receive() (string, error) {
	patience := time.NewTimer(Patience)
	defer patience.Stop()
	return c.receive(patience.C)
}

func (c *Client) receive(late <-chan time.Time) (string, error) {
	select {
	case text, ok := <-c.got:
		if !ok {
			return "", c.why
		}
		return text, nil
	case <-late:
		return "", ErrNothing
	}
}

// Next receives until a message is a JSON object whose field "type" is typ, and decodes it into frame as json.Unmarshal
// does; nil just waits for it. What comes before it is dropped. Errors: those of Receive, with what was dropped when
// nothing came in time; those of json.Unmarshal.
func (c *Client) Next(typ string, frame any) error {
	patience := time.NewTimer(Patience)
	defer patience.Stop()
	var dropped []string
	for {
		text, err := c.receive(patience.C)
		if err != nil {
			return fmt.Errorf("waiting for %q, after %q: %w", typ, dropped, err)
		}
		var head struct {
			Type string `json:"type"`
		}
		if json.Unmarshal([]byte(text), &head) != nil || head.Type != typ {
			dropped = append(dropped, text)
			continue
		}
		if frame == nil {
			return nil
		}
		return json.Unmarshal([]byte(text), frame)
	}
}

// Close says goodbye with 1000, waits for the server's close frame and ends the connection. What has not been received
// is dropped. It is nil when the connection had ended already; [ErrNothing] when the server did not answer.
func (c *Client) Close() error {
	defer c.Abort()
	if c.frame(websocket.OpClose, []byte{0x03, 0xe8}) != nil {
		return nil // there is nobody to take leave of
	}
	patience := time.NewTimer(Patience)
	defer patience.Stop()
	for {
		if _, err := c.receive(patience.C); errors.Is(err, ErrNothing) {
			return err
		} else if err != nil {
			return nil
		}
	}
}

// Abort cuts the connection without a goodbye, as a lost network does. What has come before can still be received.
func (c *Client) Abort() {
	c.over.Do(func() {
		close(c.gone)
		_ = c.conn.Close() // it was to end
	})
	<-c.ended
}

// frame sends one frame. Its mask is zero, which changes nothing.
func (c *Client) frame(op websocket.Opcode, payload []byte) error {
	frame := websocket.AppendFrame(make([]byte, 0, len(payload)+14), op, payload)
	head := len(frame) - len(payload)
	masked := append(append([]byte(nil), frame[:head]...), 0, 0, 0, 0)
	masked[1] |= 0x80
	c.write.Lock()
	defer c.write.Unlock()
	_, err := c.conn.Write(append(masked, payload...))
	return err
}

// read is the goroutine that takes what the server sends. At its end Dial's context is forgotten.
func (c *Client) read(forget func() bool) {
	defer close(c.ended)
	defer close(c.got)
	defer forget()
	c.why = c.readAll(bufio.NewReader(c.conn))
	_ = c.conn.Close() // the server has ended it, or broken a rule
	select {
	case <-c.gone:
		c.why = net.ErrClosed
	default:
	}
}

func (c *Client) readAll(r *bufio.Reader) error {
	var message []byte
	for {
		op, final, payload, err := readFrame(r)
		if err != nil {
			return err
		}
		switch op {
		case websocket.OpPing:
			_ = c.frame(websocket.OpPong, payload) // a broken connection shows itself in the next read
			continue
		case websocket.OpPong:
			continue
		case websocket.OpClose:
			_ = c.frame(op, payload[:min(2, len(payload))])
			return closed(payload)
		}
		if message = append(message, payload...); len(message) > maxReceived {
			return fmt.Errorf("hubtest: a message has more than %d bytes", maxReceived)
		}
		if !final {
			continue
		}
		select {
		case c.got <- string(message):
			message = message[:0]
		case <-c.gone:
			return net.ErrClosed
		}
	}
}

func closed(payload []byte) error {
	if len(payload) < 2 {
		return &websocket.CloseError{Code: websocket.CloseNoStatus}
	}
	return &websocket.CloseError{Code: int(payload[0])<<8 | int(payload[1]), Reason: string(payload[2:])}
}

func readFrame(r io.Reader) (op websocket.Opcode, final bool, payload []byte, err error) {
	var head [10]byte
	if _, err = io.ReadFull(r, head[:2]); err != nil {
		return 0, false, nil, err
	}
	if head[0]&0x70 != 0 || head[1]&0x80 != 0 {
		return 0, false, nil, fmt.Errorf("hubtest: a server's frame may not begin with %#x", head[:2])
	}
	size, more := uint64(head[1]), 0
	switch size {
	case 126:
		more = 2
	case 127:
		more = 8
	}
	if more > 0 {
		if _, err = io.ReadFull(r, head[2:2+more]); err != nil {
			return 0, false, nil, err
		}
		size = 0
		for _, b := range head[2 : 2+more] {
			size = size<<8 | uint64(b)
		}
	}
	if size > maxReceived {
		return 0, false, nil, fmt.Errorf("hubtest: a frame has %d bytes, more than %d", size, maxReceived)
	}
	payload = make([]byte, size)
	_, err = io.ReadFull(r, payload)
	return websocket.Opcode(head[0] & 0x0f), head[0]&0x80 != 0, payload, err
}
