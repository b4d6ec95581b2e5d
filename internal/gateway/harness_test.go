package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/hub/websocket"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/wsclient"
)

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

// server is a whole one: a listener, the gateway, the hub, the service, a store in memory.
type server struct {
	t     testing.TB
	svc   *chat.Service
	gw    *Gateway
	url   string // ws://...
	log   *lockedBuffer
	stop  func()
	users map[string]chat.User

	mu     sync.Mutex
	tokens map[string]Identity
}

// start runs a server until the test ends. change may alter the configurations.
func start(t testing.TB, change ...func(*Config, *chat.Config)) *server {
	t.Helper()
	s := assemble(t, change...)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ws", s.gw.ServeAll)
	mux.HandleFunc("GET /ws/room/{name}", s.gw.ServeRoom)
	ts := httptest.NewServer(mux)
	s.url = "ws" + strings.TrimPrefix(ts.URL, "http")
	t.Cleanup(func() {
		s.stop()
		ts.Close()
	})
	return s
}

// assemble is start without a network. The caller owes a stop.
func assemble(t testing.TB, change ...func(*Config, *chat.Config)) *server {
	t.Helper()
	s := &server{t: t, log: &lockedBuffer{}, tokens: map[string]Identity{}, users: map[string]chat.User{}}
	store := chattest.NewStore()
	logger := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	pub := NewPublisher()
	sc := chat.Config{Store: store, Publish: pub.Publish, Marked: pub.Marked, RoomShown: pub.RoomShown, RoomHidden: pub.RoomHidden, Skeleton: strings.ToLower, Logger: logger}
	sc.ProfileChanged, sc.PreferencesChanged, sc.Announced, sc.AnnouncementEnded = pub.ProfileChanged, pub.PreferencesChanged, pub.Announced, pub.AnnouncementEnded
	gc := Config{Publisher: pub, Authenticate: s.authenticate, Verify: s.verify, Logger: logger}
	gc.HubLimits.LeaveGrace = -1
	for _, f := range change {
		f(&gc, &sc)
	}
	s.svc = chat.NewService(sc)
	if err := s.svc.EnsureRooms(t.Context()); err != nil {
		t.Fatal(err)
	}
	gc.Service = s.svc
	s.gw = New(gc)
	s.stop = sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.gw.Shutdown(ctx); err != nil {
			t.Errorf("the gateway does not end: %v", err)
		}
		if err := s.svc.Close(ctx); err != nil {
			t.Errorf("the service does not end: %v", err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// person signs somebody in, under a token that is their name. The first one owns the workspace.
func (s *server) person(name string) Identity {
	s.t.Helper()
	u, err := s.svc.CreateUser(s.t.Context(), chat.NewUser{Name: name})
	if err != nil {
		s.t.Fatal(err)
	}
	s.users[name] = u
	return s.signIn(name, time.Hour)
}

// signIn opens a further session of a person and gives them a new token.
func (s *server) signIn(name string, ttl time.Duration) Identity {
	s.t.Helper()
	session, err := s.svc.OpenSession(s.t.Context(), s.users[name].ID, "test", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	id := Identity{User: s.users[name].Actor(), Session: session.ID, Expires: time.Now().Add(ttl)}
	s.token(name, id)
	return id
}

func (s *server) token(token string, id Identity) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[token] = id
}

func (s *server) authenticate(r *http.Request) (Identity, error) {
	return s.verify(r.Context(), r.URL.Query().Get("token"))
}

func (s *server) verify(ctx context.Context, token string) (Identity, error) {
	s.mu.Lock()
	id, ok := s.tokens[token]
	s.mu.Unlock()
	if !ok {
		return Identity{}, chat.Errorf(chat.Unauthenticated, "test", "the token is not valid")
	}
	if id.Session != "" {
		if _, _, err := s.svc.Session(ctx, id.Session); err != nil {
			return Identity{}, err
		}
	}
	return id, nil
}

// do carries out a write of the service and requires that it succeeds.
func (s *server) do(write func(done func(chat.Outcome))) chat.Outcome {
	s.t.Helper()
	o := chat.Wait(s.t.Context(), write)
	if o.Err != nil {
		s.t.Fatal(o.Err)
	}
	return o
}

// say stores a message by another way than the socket.
func (s *server) say(name, room, content string) chat.Message {
	s.t.Helper()
	return *s.do(func(done func(chat.Outcome)) {
		s.svc.Post(s.users[name].Actor(), chat.NewMessage{Room: room, Content: content}, done)
	}).Event.Message
}

func (s *server) remove(by, name, room string) {
	s.t.Helper()
	s.do(func(done func(chat.Outcome)) {
		s.svc.RemoveMember(s.users[by].Actor(), room, s.users[name].ID, chat.Removal{Ban: true}, done)
	})
}

// client is a plain WebSocket client.
type client struct {
	t    testing.TB
	name string
	*wsclient.Conn
}

// frame is a decoded frame; raw is as it came.
type frame struct {
	raw string
	f   map[string]any
}

func (f frame) typ() string           { return f.str("type") }
func (f frame) str(key string) string { s, _ := f.f[key].(string); return s }
func (f frame) num(key string) int {
	n, ok := f.f[key].(float64)
	if !ok {
		return -1
	}
	return int(n)
}

// dial opens a socket with the person's token and takes its welcome.
func (s *server) dial(path, token string) *client {
	s.t.Helper()
	c := s.dialRaw(path, token, nil)
	c.want("welcome")
	return c
}

func (s *server) dialRaw(path, token string, header http.Header) *client {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	conn, _, err := wsclient.Dial(ctx, s.url+path+"?token="+token, header)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	return &client{t: s.t, name: token, Conn: conn}
}

// room opens a room's own socket and takes welcome and subscribed.
func (s *server) room(room, token string) *client {
	s.t.Helper()
	c := s.dial("/ws/room/"+room, token)
	c.want("subscribed")
	return c
}

// all opens /ws and subscribes.
func (s *server) all(token string, rooms ...string) *client {
	s.t.Helper()
	c := s.dial("/ws", token)
	for _, room := range rooms {
		c.say(`{"type":"subscribe","rooms":[%q]}`, room)
		if f := c.want("subscribed"); f.str("room") != room {
			s.t.Fatalf("subscribed to %s, not %s", f.str("room"), room)
		}
	}
	return c
}

// refused opens a socket that must be refused, and returns the status and the problem document.
func (s *server) refused(path string, header http.Header) (*http.Response, frame) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	conn, resp, err := wsclient.Dial(ctx, s.url+path, header)
	if err == nil {
		_ = conn.Close()
		s.t.Fatalf("%s was upgraded", path)
	}
	if resp == nil {
		s.t.Fatal(err)
	}
	var b bytes.Buffer
	_, _ = b.ReadFrom(resp.Body)
	f := frame{raw: b.String()}
	if err := json.Unmarshal(b.Bytes(), &f.f); err != nil {
		s.t.Fatalf("%s: %q is no problem document: %v", path, b.String(), err)
	}
	return resp, f
}

func (c *client) say(format string, args ...any) {
	c.t.Helper()
	text := format
	if len(args) > 0 {
		text = fmt.Sprintf(format, args...)
	}
	if err := c.Send(text); err != nil {
		c.t.Fatalf("%s: %v", c.name, err)
	}
}

func (c *client) read() (frame, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var f frame
	op, p, err := c.Read(ctx)
	if err != nil {
		return f, err
	}
	if op != wsclient.Text {
		return f, fmt.Errorf("opcode %d", op)
	}
	f.raw = string(p)
	return f, json.Unmarshal(p, &f.f)
}

// presenceTypes come at moments of their own, between the others.
var presenceTypes = []string{"join", "leave", "online_users", "presence_delta", "user_presence"}

// listTypes tell of lists of rooms, beside the streams.
var listTypes = []string{"room_added", "room_removed", "room_renamed"}

func isBeside(typ string) bool {
	return slices.Contains(presenceTypes, typ) || slices.Contains(listTypes, typ)
}

// want returns the next frame, which must be of that type. Frames of presence and lists are passed over, unless one is wanted: then
// those of other types are.
func (c *client) want(typ string) frame {
	c.t.Helper()
	for {
		f, err := c.read()
		if err != nil {
			c.t.Fatalf("%s waits for %s: %v", c.name, typ, err)
		}
		if f.typ() == typ {
			return f
		}
		if !isBeside(f.typ()) {
			c.t.Fatalf("%s waits for %s and gets %s", c.name, typ, f.raw)
		}
	}
}

// next returns the next n frames but presence, by type.
func (c *client) next(n int) map[string][]frame {
	c.t.Helper()
	got := map[string][]frame{}
	for n > 0 {
		f, err := c.read()
		if err != nil {
			c.t.Fatalf("%s waits for %d more frames: %v", c.name, n, err)
		}
		if !isBeside(f.typ()) {
			got[f.typ()] = append(got[f.typ()], f)
			n--
		}
	}
	return got
}

// wantError returns the next frame, which must be an error with this code and ref.
func (c *client) wantError(code, ref string) frame {
	c.t.Helper()
	f := c.want("error")
	if f.str("code") != code || f.str("ref") != ref || f.str("message") == "" {
		c.t.Fatalf("%s waits for %s of %q and gets %s", c.name, code, ref, f.raw)
	}
	return f
}

// nothing requires that no frame but presence is queued for the client, and that it is still served.
func (c *client) nothing() {
	c.t.Helper()
	c.say(`{"type":"fence"}`)
	c.wantError("invalid", "fence")
}

// wantClose requires that the connection is closed with the code, after any number of frames of the types in before.
func (c *client) wantClose(code int, before ...string) string {
	c.t.Helper()
	for {
		f, err := c.read()
		var ce *wsclient.CloseError
		switch {
		case errors.As(err, &ce) && ce.Code == code:
			return ce.Reason
		case err != nil:
			c.t.Fatalf("%s waits for close code %d: %v", c.name, code, err)
		case !slices.Contains(presenceTypes, f.typ()) && !slices.Contains(before, f.typ()):
			c.t.Fatalf("%s waits for close code %d and gets %s", c.name, code, f.raw)
		}
	}
}

// lockedBuffer is a log.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// eventually waits for a condition that no frame tells of.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("never: %s", what)
		}
	}
}

// fakeTransport keeps what is written to it, for tests in virtual time.
type fakeTransport struct {
	mu     sync.Mutex
	frames []string
	writes int
	code   int
	reason string
	end    chan struct{} // closed by Finish and Abort
}

func (f *fakeTransport) take(bufs [][]byte) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.writes++
	n := 0
	for _, b := range bufs {
		n += len(b)
		for len(b) > 0 {
			size, head := int(b[1]), 2
			if size == 126 {
				size, head = int(b[2])<<8|int(b[3]), 4
			}
			if websocket.Opcode(b[0]&0xf) == websocket.OpText {
				f.frames = append(f.frames, string(b[head:head+size]))
			}
			b = b[head+size:]
		}
	}
	return n
}

// wrote returns how often something was written.
func (f *fakeTransport) wrote() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.writes
}

func (f *fakeTransport) TryWrite(bufs [][]byte) (int, error)           { return f.take(bufs), nil }
func (f *fakeTransport) Write(bufs [][]byte, _ time.Time) (int, error) { return f.take(bufs), nil }
func (f *fakeTransport) FrameEnd(_ []byte, n int) int                  { return n }
func (f *fakeTransport) Finish()                                       { f.Abort() }
func (f *fakeTransport) CloseFrame(code int, reason string) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.code == 0 { // the first is the one that is sent
		f.code, f.reason = code, reason
	}
	return websocket.AppendFrame(nil, websocket.OpClose, nil)
}

// Abort ends the connection: its reader sees that.
func (f *fakeTransport) Abort() {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.end:
	default:
		close(f.end)
	}
}

func (f *fakeTransport) closed() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.code
}

// taken returns the frames that came since the last call, without presence.
func (f *fakeTransport) taken() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []string
	for _, s := range f.frames {
		if !slices.ContainsFunc(presenceTypes, func(typ string) bool { return strings.HasPrefix(s, `{"type":"`+typ+`"`) }) {
			list = append(list, s)
		}
	}
	f.frames = nil
	return list
}
