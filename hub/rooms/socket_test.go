package rooms_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/hub/rooms"
)

var testKey = []byte("a key of at least thirty-two bytes")

// frame is any frame that comes in.
type frame struct {
	Type, Room, ID, User, Content, Epoch, Code, Message, Ref, Kind, Protocol string
	UserID                                                                   string    `json:"user_id"`
	ClientID                                                                 string    `json:"client_id"`
	MinSeq                                                                   uint64    `json:"min_seq"`
	ReconnectAfter                                                           int64     `json:"reconnect_after"`
	RetryAfter                                                               int64     `json:"retry_after"`
	ExpiresAt                                                                time.Time `json:"expires_at"`
	Seq, N                                                                   uint64
	Count                                                                    int
	Users, Joined, Left                                                      []string
	Timestamp                                                                time.Time
	Rooms                                                                    []struct{ Room string }
}

// site is a server with rooms, on TCP or, inside a synctest bubble, on pipes.
type site struct {
	t    *testing.T
	chat *rooms.Server
	dial func() net.Conn
}

func newSite(t *testing.T, o rooms.Options) (*site, http.Handler) {
	if o.Authenticate == nil {
		o.Authenticate = rooms.TokenAuth(testKey)
	}
	if o.Rooms == nil && !o.Open {
		o.Rooms = []string{"general", "random", "help"}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &site{t: t, chat: rooms.New(o)}
	mux := http.NewServeMux()
	s.chat.Register(mux)
	return s, mux
}

// overTCP starts a server that ends with the test.
func overTCP(t *testing.T, o rooms.Options) *site {
	t.Helper()
	s, mux := newSite(t, o)
	server := httptest.NewServer(mux)
	s.dial = func() net.Conn {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	t.Cleanup(func() { s.shutdown(); server.Close() })
	return s
}

// overPipes is overTCP inside a synctest bubble. stop is to be called before the bubble ends.
func overPipes(t *testing.T, o rooms.Options) (s *site, stop func()) {
	t.Helper()
	s, mux := newSite(t, o)
	l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	ended := make(chan struct{})
	go func() { _ = server.Serve(l); close(ended) }()
	s.dial = func() net.Conn {
		mine, theirs := net.Pipe()
		l.conns <- theirs
		return mine
	}
	return s, func() { s.shutdown(); _ = server.Close(); <-ended }
}

type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l *pipeListener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (s *site) shutdown() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := s.chat.Shutdown(ctx); err != nil {
		s.t.Errorf("Shutdown: %v", err)
	}
}

func token(id string) string {
	return rooms.SignToken(testKey, rooms.User{ID: "id-" + id, Name: id, Expires: time.Now().Add(time.Hour)})
}

// client is a browser whose frames a test expects.
type client struct {
	*browser
	t *testing.T
	// The frames come through a channel, so that the server never waits for a test on a pipe.
	in  chan frame
	end error // once in is closed
}

// try opens a path as somebody.
func (s *site) try(path, name string, headers ...string) (*client, error) {
	s.t.Helper()
	if name != "" {
		headers = append(headers, "Authorization: Bearer "+token(name))
	}
	conn := s.dial()
	b, err := open(conn, path, headers...)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	c := &client{browser: b, t: s.t, in: make(chan frame, 20_000)}
	go func() {
		defer close(c.in)
		for {
			text, err := b.receive()
			var f frame
			if err == nil {
				err = json.Unmarshal(text, &f)
			}
			if err != nil {
				c.end = err
				return
			}
			c.in <- f
		}
	}()
	return c, nil
}

func (s *site) open(path, name string, headers ...string) *client {
	s.t.Helper()
	c, err := s.try(path, name, headers...)
	if err != nil {
		s.t.Fatalf("%s as %s: %v", path, name, err)
	}
	s.t.Cleanup(c.close)
	return c
}

// enter opens the socket of a room and reads what everybody gets at first. It returns where the stream begins.
func (s *site) enter(room, name string) (*client, frame) {
	s.t.Helper()
	c := s.open("/ws/room/"+room, name)
	c.want("welcome")
	at := c.want("subscribed")
	c.until("online_users")
	return c, at
}

// next returns the next frame, or what ended the connection.
func (c *client) next() (frame, error) {
	select {
	case f, ok := <-c.in:
		if !ok {
			return frame{}, c.end
		}
		return f, nil
	case <-time.After(15 * time.Second):
		return frame{}, errors.New("nothing came for 15 seconds")
	}
}

// want returns the next frame, which has this type.
func (c *client) want(typ string) frame {
	c.t.Helper()
	f, err := c.next()
	if err != nil || f.Type != typ {
		c.t.Fatalf("got %+v %v, want %s", f, err, typ)
	}
	return f
}

// until returns the frames up to the next of this type; the last one is of it.
func (c *client) until(typ string) []frame {
	c.t.Helper()
	var all []frame
	for {
		f, err := c.next()
		if err != nil {
			c.t.Fatalf("%v while waiting for %s, after %+v", err, typ, all)
		}
		all = append(all, f)
		if f.Type == typ {
			return all
		}
	}
}

func (c *client) last(typ string) frame {
	c.t.Helper()
	all := c.until(typ)
	return all[len(all)-1]
}

// endsWith reads until the connection is closed.
func (c *client) endsWith(code int) {
	c.t.Helper()
	for {
		if _, err := c.next(); err != nil {
			if !errors.Is(err, closed(code)) {
				c.t.Errorf("ended by %v, want code %d", err, code)
			}
			return
		}
	}
}

// leave is what closing a tab does: a close frame, and its echo.
func (c *client) leave() {
	c.t.Helper()
	c.frame(8, []byte{0x03, 0xe9})
	c.endsWith(1001)
	c.close()
}

func say(content, clientID string) string {
	return fmt.Sprintf(`{"type":"message","content":%q,"client_id":%q}`, content, clientID)
}

func uuid(n int) string { return fmt.Sprintf("0190a000-0000-7000-8000-%012d", n) }

func only(frames []frame, typ string) []frame {
	var found []frame
	for _, f := range frames {
		if f.Type == typ {
			found = append(found, f)
		}
	}
	return found
}

func status(err error) (code int, body string) {
	var r refused
	if !errors.As(err, &r) {
		return 0, fmt.Sprint(err)
	}
	return r.status, strings.TrimSpace(r.body)
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
