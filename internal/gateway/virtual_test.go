package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/hub/websocket"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// The tests of this file run in virtual time. Their connections have no network.

// attach connects a person without a network: what conn.Message gets is what they say.
func (s *server) attach(t *testing.T, id Identity, room string) (*conn, *fakeTransport) {
	t.Helper()
	ft := &fakeTransport{end: make(chan struct{})}
	var r chat.Room
	if room != "" {
		var err error
		if r, err = s.svc.Room(t.Context(), id.User, room); err != nil {
			t.Fatal(err)
		}
	}
	c := s.gw.newConn(ft, id, r)
	if !s.gw.add(c) {
		t.Fatal("the gateway takes no connections")
	}
	c.begin(t.Context())
	// A peer that ends when it is told to.
	go func() {
		defer s.gw.tasks.Done()
		<-ft.end
		c.Closed(errors.New("closed"))
	}()
	synctest.Wait()
	return c, ft
}

func (c *conn) says(format string, args ...any) {
	c.Message(websocket.OpText, fmt.Appendf(nil, format, args...))
	synctest.Wait()
}

func TestTyping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		ann, eve := s.person("ann"), s.person("eve")
		c, own := s.attach(t, ann, "general")
		_, second := s.attach(t, ann, "general")
		_, other := s.attach(t, eve, "general")
		_, elsewhere := s.attach(t, eve, "help")
		for _, ft := range []*fakeTransport{own, second, other, elsewhere} {
			ft.taken()
		}
		var heard []string
		expect := func(what string, want ...string) {
			t.Helper()
			heard = nil
			for _, f := range other.taken() {
				typ, _, _ := strings.Cut(strings.TrimPrefix(f, `{"type":"`), `"`)
				heard = append(heard, typ)
				if typ != "message" && !strings.Contains(f, fmt.Sprintf(`"room":"general","user":"ann","user_id":%q}`, ann.User.ID)) {
					t.Errorf("%s: %s", what, f)
				}
			}
			if strings.Join(heard, " ") != strings.Join(want, " ") {
				t.Errorf("%s: heard %v, want %v", what, heard, want)
			}
		}
		c.says(`{"type":"stop_typing"}`)
		expect("stop without a start")
		c.says(`{"type":"typing"}`)
		expect("start", "typing")
		time.Sleep(time.Second)
		c.says(`{"type":"typing"}`)
		expect("again after 1 s")
		time.Sleep(time.Second)
		c.says(`{"type":"typing"}`)
		expect("again after 2 s", "typing")
		c.says(`{"type":"stop_typing"}`)
		c.says(`{"type":"stop_typing"}`)
		expect("stop, twice", "stop_typing")
		time.Sleep(2 * time.Second)
		c.says(`{"type":"typing"}`)
		c.says(`done`)
		c.says(`{"type":"stop_typing"}`)
		expect("a message ends typing", "typing", "message")
		time.Sleep(2*time.Second - 100*time.Millisecond)
		c.says(`done again`)
		time.Sleep(200 * time.Millisecond)
		c.says(`{"type":"typing"}`)
		expect("overtaken by its message", "message")
		time.Sleep(300 * time.Millisecond)
		c.says(`{"type":"typing"}`)
		expect("the next one", "typing")
		if got := own.taken(); len(got) != 0 {
			t.Errorf("ann hears herself: %v", got)
		}
		if got := second.taken(); len(got) != 2 || strings.Contains(strings.Join(got, ""), "typing") {
			t.Errorf("ann's other connection hears %v", got)
		}
		if got := elsewhere.taken(); len(got) != 0 {
			t.Errorf("another room hears %v", got)
		}
		s.stop()
	})
}

func TestTypingIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		ann, eve := s.person("ann"), s.person("eve")
		c, _ := s.attach(t, ann, "")
		l, heard := s.attach(t, eve, "")
		for i := range 3 * typingRooms {
			name := fmt.Sprintf("room-%d", i)
			if _, err := s.svc.CreateRoom(t.Context(), ann.User, chat.NewRoom{Name: name}); err != nil {
				t.Fatal(err)
			}
			l.says(`{"type":"subscribe","rooms":[%q]}`, name)
			c.says(`{"type":"subscribe","rooms":[%q]}`, name)
		}
		round := func() int {
			heard.taken()
			for i := range 3 * typingRooms {
				c.says(`{"type":"typing","room":"room-%d"}`, i)
			}
			return len(heard.taken())
		}
		if n := round(); n != typingRooms {
			t.Errorf("typing in %d rooms at once", n)
		}
		if n := round(); n != 0 {
			t.Errorf("%d more within 2 s", n)
		}
		time.Sleep(typingEvery)
		if n := round(); n != typingRooms {
			t.Errorf("%d after 2 s: old places must come free", n)
		}
		if n := len(c.typing); n != typingRooms {
			t.Errorf("state for %d rooms", n)
		}
		s.stop()
	})
}

func TestExpiryAndAuth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		s.person("ann")
		bob := s.person("bob")
		short := s.signIn("ann", 15*time.Minute)
		c, ft := s.attach(t, short, "general")
		_, untouched := s.attach(t, short, "general")
		time.Sleep(10 * time.Minute)
		ft.taken()

		fresh := s.signIn("ann", 15*time.Minute) // another session of hers
		s.token("bob", bob)
		c.says(`{"type":"auth","token":"bob"}`)
		if got := ft.taken(); len(got) != 1 || !strings.Contains(got[0], `"code":"forbidden"`) || !strings.Contains(got[0], `"ref":"auth"`) {
			t.Errorf("another person's token: %v", got)
		}
		c.says(`{"type":"auth","token":"nonsense"}`)
		if got := ft.taken(); len(got) != 1 || !strings.Contains(got[0], `"code":"unauthenticated"`) {
			t.Errorf("no token: %v", got)
		}
		c.says(`{"type":"auth","token":"ann"}`)
		want := fmt.Sprintf(`{"type":"auth","expires_at":%q}`, fresh.Expires.UTC().Format("2006-01-02T15:04:05.000Z"))
		if got := ft.taken(); len(got) != 1 || got[0] != want {
			t.Errorf("a fresh token: %v, want %s", got, want)
		}
		time.Sleep(5*time.Minute - time.Millisecond)
		if untouched.closed() != 0 || ft.closed() != 0 {
			t.Fatal("closed too early")
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if untouched.closed() != CloseTokenExpired || untouched.reason != "token expired" {
			t.Errorf("the other connection: %d %q", untouched.closed(), untouched.reason)
		}
		time.Sleep(10*time.Minute - time.Millisecond)
		if ft.closed() != 0 {
			t.Error("the extended connection is closed too early")
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if ft.closed() != CloseTokenExpired {
			t.Errorf("the extended connection: %d", ft.closed())
		}
		c.says(`too late`)
		head, err := s.svc.Head(t.Context(), c.room.ID)
		if err != nil || head.Seq != 0 {
			t.Errorf("an expired connection still speaks: %v %v", head, err)
		}
		s.stop()
	})
}

func TestExpiredOnArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		s.person("ann")
		_, ft := s.attach(t, s.signIn("ann", -time.Second), "general")
		if ft.closed() != CloseTokenExpired {
			t.Errorf("code %d", ft.closed())
		}
		s.stop()
	})
}

func TestRevocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var store chat.Store
		s := assemble(t, func(g *Config, c *chat.Config) { store, c.SessionEnded = c.Store, g.Publisher.SessionEnded })
		first := s.person("ann")
		second := s.signIn("ann", time.Hour)
		_, a := s.attach(t, first, "general")
		_, b := s.attach(t, first, "")
		_, other := s.attach(t, second, "general")

		if err := s.svc.RevokeSession(t.Context(), first.Session); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // not a moment later
		if a.closed() != CloseSessionRevoked || b.closed() != CloseSessionRevoked || a.reason != "session revoked" {
			t.Errorf("codes %d and %d, want 4002", a.closed(), b.closed())
		}
		if other.closed() != 0 {
			t.Errorf("another session of hers was closed with %d", other.closed())
		}
		// A connection that began just before and is registered just after finds out by itself.
		if _, late := s.attach(t, first, "general"); late.closed() != CloseSessionRevoked {
			t.Errorf("a late connection: %d", late.closed())
		} else if got := late.taken(); len(got) != 0 {
			t.Errorf("it was told %v", got)
		}
		// A revocation that nobody tells this process about ends the connection within 30 s.
		if err := store.RevokeSession(t.Context(), second.Session); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if other.closed() != CloseSessionRevoked {
			t.Errorf("after 30 s: %d", other.closed())
		}
		s.stop()
	})
}

// A store that cannot be asked signs nobody out.
func TestRecheckNeedsADefiniteAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := &downStore{}
		s := assemble(t, func(_ *Config, c *chat.Config) { down.Store = c.Store; c.Store = down })
		ann := s.person("ann")
		_, ft := s.attach(t, ann, "general")
		down.is.Store(true)
		time.Sleep(time.Minute)
		synctest.Wait()
		if ft.closed() != 0 {
			t.Errorf("closed with %d", ft.closed())
		}
		if !strings.Contains(s.log.String(), "a session cannot be looked up") {
			t.Error("nothing in the log")
		}
		if err := down.RevokeSession(t.Context(), ann.Session); err != nil {
			t.Fatal(err)
		}
		down.is.Store(false)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if ft.closed() != CloseSessionRevoked {
			t.Errorf("code %d", ft.closed())
		}
		s.stop()
	})
}

type downStore struct {
	chat.Store
	is atomic.Bool
}

func (d *downStore) Session(ctx context.Context, id chat.SessionID) (chat.Session, chat.User, error) {
	if d.is.Load() {
		return chat.Session{}, chat.User{}, errors.New("the disk is on fire")
	}
	return d.Store.Session(ctx, id)
}

// Three hundred sessions are looked up within the time that is promised, and not all at once.
func TestRecheckIsSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		s.person("ann")
		var revoked []*fakeTransport
		for range 3 * recheckBatch {
			id := s.signIn("ann", time.Hour)
			_, ft := s.attach(t, id, "")
			if err := s.svc.RevokeSession(t.Context(), id.Session); err != nil {
				t.Fatal(err)
			}
			revoked = append(revoked, ft)
		}
		count := func() (n int) {
			synctest.Wait()
			for _, ft := range revoked {
				if ft.closed() != 0 {
					n++
				}
			}
			return n
		}
		time.Sleep(20 * time.Second)
		if n := count(); n < recheckBatch-1 || n > 2*recheckBatch {
			t.Errorf("%d of 300 at the first moment", n)
		}
		time.Sleep(10 * time.Second)
		if n := count(); n != 3*recheckBatch {
			t.Errorf("%d of 300 after 30 s", n)
		}
		s.stop()
	})
}

// What the service and the accounts tell of a person ends that person's connections, with the code that says what a client
// should do, and nobody else's.
func TestAPersonsConnectionsEndWhenTheyAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		tell func(*Publisher, chat.UserID)
		code int
	}{
		"the account was changed": {(*Publisher).UserChanged, CloseTokenExpired},
		"a guest has signed out":  {(*Publisher).GuestEnded, CloseSessionRevoked},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := assemble(t)
				ann, bob := s.person("ann"), s.person("bob")
				_, first := s.attach(t, ann, "general")
				_, second := s.attach(t, s.signIn("ann", time.Hour), "help")
				_, other := s.attach(t, bob, "general")
				c.tell(s.gw.cfg.Publisher, ann.User.ID)
				synctest.Wait()
				if first.closed() != c.code || second.closed() != c.code || other.closed() != 0 {
					t.Errorf("closed with %d, %d and %d; want %d for the first two", first.closed(), second.closed(), other.closed(), c.code)
				}
				s.stop()
			})
		})
	}
	NewPublisher().UserChanged("nobody hears it yet")
}

func TestDisconnectUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		ann, bob := s.person("ann"), s.person("bob")
		_, a := s.attach(t, ann, "general")
		_, b := s.attach(t, ann, "")
		_, other := s.attach(t, bob, "general")
		s.gw.DisconnectUser(ann.User.ID, 4002, "password changed")
		synctest.Wait()
		if a.closed() != 4002 || b.closed() != 4002 || b.reason != "password changed" || other.closed() != 0 {
			t.Errorf("codes %d %d %d", a.closed(), b.closed(), other.closed())
		}
		s.stop()
	})
}

// A room that somebody makes is told on every connection that can subscribe to it: after welcome, and not on a room's own.
func TestANewRoomIsToldToWhoCanSubscribe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		ann, bob := s.person("ann"), s.person("bob")
		_, all := s.attach(t, ann, "")
		_, own := s.attach(t, bob, "general")
		made, err := s.svc.CreateRoom(t.Context(), ann.User, chat.NewRoom{Name: "lunch", Topic: "Where to eat"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.svc.CreateRoom(t.Context(), ann.User, chat.NewRoom{Name: "lunch"}); chat.CodeOf(err) != chat.Conflict {
			t.Errorf("a name twice: %v", err)
		}
		synctest.Wait()
		want := `{"type":"room_added","room":"lunch","room_id":"` + string(made.ID) + `","topic":"Where to eat","kind":"public"}`
		if got := strings.Join(all.taken(), "\n"); strings.Count(got, "room_added") != 1 || !strings.HasSuffix(got, want) {
			t.Errorf("on /ws came\n%s", got)
		}
		if got := strings.Join(own.taken(), "\n"); strings.Contains(got, "room_added") {
			t.Errorf("on a room's own socket came\n%s", got)
		}
		s.stop()
	})
}

// How somebody is shown is told on every connection that is not a room's own, and nothing else of them.
func TestANewProfileIsToldToEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told func(chat.User)
		s := assemble(t, func(g *Config, c *chat.Config) {
			c.ProfileChanged = func(u chat.User) { told(u) }
			told = g.Publisher.ProfileChanged
		})
		ann, bob := s.person("ann"), s.person("bob")
		_, all := s.attach(t, ann, "")
		_, own := s.attach(t, bob, "general")
		display, email := "Ann of the Tide", "ann@example.org"
		for _, change := range []func() (chat.User, error){
			func() (chat.User, error) { return s.svc.UpdateProfile(t.Context(), bob.User.ID, &display, &email) },
			func() (chat.User, error) { return s.svc.UpdateProfile(t.Context(), bob.User.ID, &display, nil) }, // nothing new
			func() (chat.User, error) { return s.svc.SetPicture(t.Context(), bob.User.ID, "api/avatars/1") },
		} {
			if _, err := change(); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		frame := `{"type":"user_changed","user_id":"` + string(bob.User.ID) + `","user":"bob","display":"Ann of the Tide"`
		if got := strings.Join(all.taken(), "\n"); strings.Count(got, "user_changed") != 2 || !strings.HasSuffix(got, frame+"}\n"+frame+`,"avatar":"api/avatars/1"}`) {
			t.Errorf("on /ws came\n%s", got)
		}
		if got := strings.Join(own.taken(), "\n"); strings.Contains(got, "user_changed") {
			t.Errorf("on a room's own socket came\n%s", got)
		}
		s.stop()
	})
}

// What comes for a person while a connection of theirs is just beginning follows welcome.
func TestWelcomeIsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &slowStates{reading: make(chan struct{}), goOn: make(chan struct{})}
		s := assemble(t, func(_ *Config, c *chat.Config) { slow.Store = c.Store; c.Store = slow })
		ann := s.person("ann")
		s.say("ann", "general", "something to read")
		slow.on.Store(true)
		done := make(chan *fakeTransport)
		go func() {
			_, ft := s.attach(t, ann, "")
			done <- ft
		}()
		<-slow.reading
		s.gw.sendUser(ann.User.ID, s.gw.encode(&wire.ErrorFrame{Code: "invalid", Message: "meanwhile"}))
		close(slow.goOn)
		got := (<-done).taken()
		if len(got) != 2 || !strings.HasPrefix(got[0], `{"type":"welcome"`) || !strings.Contains(got[1], "meanwhile") {
			t.Errorf("%v", got)
		}
		s.stop()
	})
}

type slowStates struct {
	chat.Store
	on            atomic.Bool
	reading, goOn chan struct{}
}

func (s *slowStates) RoomStates(ctx context.Context, user chat.UserID) ([]chat.RoomState, error) {
	states, err := s.Store.RoomStates(ctx, user)
	if s.on.Load() {
		close(s.reading)
		<-s.goOn
	}
	return states, err
}

// Shutdown waits for what is being stored: its ack comes before the close.
func TestShutdownFinishesSends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		held := make(chan struct{})
		s := assemble(t, func(_ *Config, c *chat.Config) {
			publish := c.Publish
			c.Publish = func(events []chat.Event) { <-held; publish(events) }
		})
		c, ft := s.attach(t, s.person("ann"), "general")
		ft.taken()
		c.says(`{"type":"message","content":"last words","client_id":%q}`, key(1))
		stopped := make(chan struct{})
		go func() { defer close(stopped); s.stop() }()
		synctest.Wait()
		c.says(`{"type":"message","content":"too late","client_id":%q}`, key(2))
		time.Sleep(time.Second)
		if ft.closed() != 0 {
			t.Error("closed while a send was open")
		}
		close(held)
		<-stopped
		got := ft.taken()
		if len(got) != 3 || !strings.Contains(got[0], `"goodbye"`) || !strings.Contains(got[1], `"code":"overloaded"`) ||
			!strings.Contains(got[1], key(2)) || !strings.Contains(got[1], `"retry_after":2000`) || !strings.Contains(got[2], `"ack"`) {
			t.Errorf("%v", got)
		}
		if ft.closed() != 1001 {
			t.Errorf("code %d", ft.closed())
		}
	})
}

func TestReadsAreLimited(t *testing.T) {
	var b bucket
	now := time.Unix(1000, 0)
	for i := range readBurst {
		if _, ok := b.take(now, readEvery, readBurst); !ok {
			t.Fatalf("no. %d of %d refused", i, readBurst)
		}
	}
	after, ok := b.take(now, readEvery, readBurst)
	if ok || after != readEvery {
		t.Fatalf("%v %v, want to wait %v", after, ok, readEvery)
	}
	if _, ok := b.take(now.Add(after-1), readEvery, readBurst); ok {
		t.Error("too early")
	}
	if _, ok := b.take(now.Add(after), readEvery, readBurst); !ok {
		t.Error("after the time it gave itself")
	}
	for i := range readBurst {
		if _, ok := b.take(now.Add(time.Hour), readEvery, readBurst); !ok {
			t.Fatalf("no. %d refused after an hour", i)
		}
	}
	if _, ok := b.take(now.Add(time.Hour), readEvery, readBurst); ok {
		t.Error("an hour of quiet is worth no more than the burst")
	}
}
