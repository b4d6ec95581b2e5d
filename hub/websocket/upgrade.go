package websocket

import (
	"bytes"
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Options say what Upgrade accepts and how the connection behaves. A zero value, or nil, means the defaults. Options may
// be shared by any number of calls and must not be changed meanwhile.
type Options struct {
	// CheckOrigin decides whether a page of the request's Origin may connect; false is answered with 403. It matters
	// wherever a cookie says who the user is. nil: SameHost.
	CheckOrigin func(*http.Request) bool
	// Subprotocols are the ones that are spoken. The first of the client's that is among them is chosen; if none is, the
	// connection has none.
	Subprotocols []string
	// MaxMessage is the size of the largest message, all fragments together, in bytes. Past it the connection is closed
	// with 1009. 0: 64 KiB. The number of fragments is limited too: 1,024, or MaxMessage/64 if that is more.
	MaxMessage int
	// PingAfter is how long nothing may have been received before a ping is sent. 0: 20 s.
	PingAfter time.Duration
	// IdleAfter is how long nothing may have been received, or a message may take from its first byte to its last, before
	// the connection is closed with IdleCode. The time that Handler.Message takes does not count. 0: 40 s.
	IdleAfter time.Duration
	// IdleCode is the close code of a connection that was quiet for IdleAfter. 0: 1001.
	IdleCode int
	// FloodCode is the close code of a connection that sent more than 50 control frames within a second, too many
	// fragments, or more than 64 empty ones. 0: 1008.
	FloodCode int
	// SendBuffer is the size of the socket's send buffer (SO_SNDBUF) in bytes. It bounds what a peer that does not read
	// makes the kernel keep. 0: 128 KiB.
	SendBuffer int
	// Error answers a refused handshake. Headers that belong to status (Allow, Upgrade, Sec-WebSocket-Version) are set
	// already. reason is a *HandshakeError. nil: http.Error with its text.
	Error func(w http.ResponseWriter, r *http.Request, status int, reason error)
}

const (
	defaultMaxMessage = 64 << 10
	defaultSendBuffer = 128 << 10
	defaultPingAfter  = 20 * time.Second
	defaultIdleAfter  = 40 * time.Second

	// handshakeTimeout is how long writing the 101 may take; it fits an empty send buffer.
	handshakeTimeout = 5 * time.Second

	// acceptGUID is appended to the client's key (RFC 6455, section 1.3).
	acceptGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
)

// HandshakeError is a handshake that was refused.
type HandshakeError struct {
	Status int    // the HTTP status of the answer
	Reason string // a short text, safe to show
}

// Error gives the reason.
func (e *HandshakeError) Error() string { return "websocket: " + e.Reason }

// Upgrade answers the handshake and takes the connection over. The caller then calls Serve in a goroutine of its own and
// returns from its HTTP handler, so that net/http can free its buffers; or calls Abort.
//
// A request that is no correct handshake is answered with 400, 403 (CheckOrigin), 405 (not GET), 426 (no Upgrade, or not
// version 13), 505 (not HTTP/1.1) or 500 (w cannot be hijacked), and a *HandshakeError is returned. Any other error
// means that the connection broke during the answer. In all cases w has been dealt with.
//
// Headers that were set on w go out with the 101. Extensions are declined. Deadlines that the http.Server set are cleared.
func Upgrade(w http.ResponseWriter, r *http.Request, o *Options) (*Conn, error) {
	if o == nil {
		o = &Options{}
	}
	key, refused := check(r, o)
	if refused != nil {
		return nil, refuse(w, r, o, refused)
	}
	nc, brw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, refuse(w, r, o, &HandshakeError{http.StatusInternalServerError, "the connection cannot be taken over: " + err.Error()})
	}
	early, _ := brw.Reader.Peek(brw.Reader.Buffered())
	c := newConn(nc, bytes.Clone(early), o)
	c.protocol = choose(o.Subprotocols, tokens(r.Header, "Sec-Websocket-Protocol"))
	if err := c.accept(key, w.Header()); err != nil {
		c.Abort()
		return nil, fmt.Errorf("websocket: answering the handshake: %w", err)
	}
	return c, nil
}

// accept sends the 101.
func (c *Conn) accept(key string, extra http.Header) error {
	sum := sha1.Sum([]byte(key + acceptGUID))
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ")
	b.WriteString(base64.StdEncoding.EncodeToString(sum[:]))
	b.WriteString("\r\n")
	if c.protocol != "" {
		b.WriteString("Sec-WebSocket-Protocol: " + c.protocol + "\r\n")
	}
	if err := extra.WriteSubset(&b, ownHeaders); err != nil {
		return err
	}
	b.WriteString("\r\n")
	if err := c.nc.SetDeadline(time.Now().Add(handshakeTimeout)); err != nil {
		return err
	}
	if _, err := c.nc.Write(b.Bytes()); err != nil {
		return err
	}
	return c.nc.SetDeadline(time.Time{})
}

// ownHeaders are not taken over from the ResponseWriter: the handshake's, and those of a body.
var ownHeaders = map[string]bool{
	"Upgrade": true, "Connection": true, "Sec-Websocket-Accept": true, "Sec-Websocket-Protocol": true,
	"Sec-Websocket-Extensions": true, "Sec-Websocket-Version": true,
	"Content-Type": true, "Content-Length": true, "Transfer-Encoding": true,
}

// check judges the request, and returns the client's key.
func check(r *http.Request, o *Options) (key string, err *HandshakeError) {
	refused := func(status int, reason string) (string, *HandshakeError) {
		return "", &HandshakeError{Status: status, Reason: reason}
	}
	allowed := o.CheckOrigin
	if allowed == nil {
		allowed = SameHost
	}
	version := r.Header.Values("Sec-Websocket-Version")
	keys := r.Header.Values("Sec-Websocket-Key")
	switch {
	case r.ProtoMajor != 1 || r.ProtoMinor != 1:
		return refused(http.StatusHTTPVersionNotSupported, "a WebSocket needs HTTP/1.1, this is "+r.Proto)
	case r.Method != http.MethodGet:
		return refused(http.StatusMethodNotAllowed, "a WebSocket handshake is a GET")
	case !hasToken(r.Header, "Connection", "upgrade"), !hasToken(r.Header, "Upgrade", "websocket"):
		return refused(http.StatusUpgradeRequired, "this address speaks WebSocket: send Connection: Upgrade and Upgrade: websocket")
	case len(version) != 1 || strings.TrimSpace(version[0]) != "13":
		return refused(http.StatusUpgradeRequired, "Sec-WebSocket-Version must be 13")
	case len(keys) != 1 || !validKey(keys[0]):
		return refused(http.StatusBadRequest, "Sec-WebSocket-Key must be 16 bytes in base64")
	case r.ContentLength != 0:
		// Its bytes would be taken for frames.
		return refused(http.StatusBadRequest, "a WebSocket handshake has no body")
	case !allowed(r):
		return refused(http.StatusForbidden, "this Origin may not connect")
	}
	return keys[0], nil
}

func validKey(s string) bool {
	b, err := base64.StdEncoding.DecodeString(s)
	return err == nil && len(b) == 16
}

func refuse(w http.ResponseWriter, r *http.Request, o *Options, e *HandshakeError) error {
	switch e.Status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodGet)
	case http.StatusUpgradeRequired:
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Sec-WebSocket-Version", "13")
	}
	if r.ContentLength != 0 {
		w.Header().Set("Connection", "close") // or net/http waits for the body before it answers
	}
	if o.Error != nil {
		o.Error(w, r, e.Status, e)
	} else {
		http.Error(w, e.Reason, e.Status)
	}
	return e
}

// tokens splits a header that is a comma-separated list, over all its lines.
func tokens(h http.Header, name string) []string {
	var list []string
	for _, line := range h.Values(name) {
		for t := range strings.SplitSeq(line, ",") {
			if t = strings.TrimSpace(t); t != "" {
				list = append(list, t)
			}
		}
	}
	return list
}

func hasToken(h http.Header, name, token string) bool {
	return slices.ContainsFunc(tokens(h, name), func(t string) bool { return strings.EqualFold(t, token) })
}

func choose(ours, theirs []string) string {
	for _, t := range theirs {
		if slices.Contains(ours, t) {
			return t
		}
	}
	return ""
}

// newConn wraps a connection whose handshake is done; early is what the client has sent since.
func newConn(nc net.Conn, early []byte, o *Options) *Conn {
	c := &Conn{
		nc: nc, base: nc, early: early,
		max: o.MaxMessage, idleCode: o.IdleCode, floodCode: o.FloodCode,
		pingAfter: o.PingAfter, idleAfter: o.IdleAfter,
	}
	setDefault(&c.max, defaultMaxMessage)
	setDefault(&c.idleCode, CloseGoingAway)
	setDefault(&c.floodCode, ClosePolicy)
	setDefault(&c.pingAfter, defaultPingAfter)
	setDefault(&c.idleAfter, defaultIdleAfter)
	if t, ok := nc.(*tls.Conn); ok {
		c.base = t.NetConn()
	}
	c.raw = rawConn(nc)
	if b, ok := c.base.(interface{ SetWriteBuffer(int) error }); ok {
		size := o.SendBuffer
		setDefault(&size, defaultSendBuffer)
		_ = b.SetWriteBuffer(size) // a bound, not a need
	}
	return c
}

func setDefault[T ~int | ~int64](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}
