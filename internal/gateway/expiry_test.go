package gateway

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// A token ends by the clock that it was made with, to the second, also when that is set while a socket stands.
func TestExpiryWhenTheClockIsSet(t *testing.T) {
	for name, set := range map[string]time.Duration{"back": -10 * time.Second, "forward": 10 * time.Second, "not": 0} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var offset atomic.Int64
				s := assemble(t, func(c *Config, _ *chat.Config) {
					c.Now = func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
					c.RecheckEvery = 15 * time.Second
				})
				s.person("ann")
				_, ft := s.attach(t, s.signIn("ann", time.Minute), "general")
				time.Sleep(30 * time.Second)
				offset.Store(int64(set))
				left := 30*time.Second - set
				time.Sleep(left - time.Millisecond)
				synctest.Wait()
				if set <= 0 && ft.closed() != 0 {
					t.Fatal("closed too early")
				}
				// Set forward, the timer is late; the look at all connections finds it.
				time.Sleep(2 * time.Millisecond)
				if set > 0 {
					time.Sleep(15 * time.Second)
				}
				synctest.Wait()
				if ft.closed() != CloseTokenExpired {
					t.Errorf("closed with %d, want %d", ft.closed(), CloseTokenExpired)
				}
				s.stop()
			})
		})
	}
}

// A guest signs out while a socket of theirs is between the look at its token and the list of those that are closed.
func TestAGuestWhoSignsOutDuringTheUpgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gus := chat.Actor{ID: "0190a8c0-1111-7000-8000-000000000001", Name: "gus", Kind: chat.KindGuest, Role: chat.RoleGuest}
		gil := chat.Actor{ID: "0190a8c0-1111-7000-8000-000000000002", Name: "gil", Kind: chat.KindGuest, Role: chat.RoleGuest}
		s := assemble(t, func(c *Config, _ *chat.Config) {
			c.GuestEnded = func(id chat.UserID) bool { return id == gus.ID }
		})
		if _, ft := s.attach(t, Identity{User: gus}, "general"); ft.closed() != CloseSessionRevoked {
			t.Errorf("closed with %d, want %d", ft.closed(), CloseSessionRevoked)
		}
		if _, ft := s.attach(t, Identity{User: gil}, "general"); ft.closed() != 0 {
			t.Errorf("another guest was closed with %d", ft.closed())
		}
		s.stop()
	})
}

// A session that has ended where it began ends here at the next look. While that cannot be asked, nobody is signed out,
// and after three in a row the others are not asked in vain.
func TestRecheckAsksWhereASessionBegan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		var asked atomic.Int64
		var answer atomic.Pointer[chat.Error]
		alive := func(context.Context) error {
			asked.Add(1)
			if err := answer.Load(); err != nil {
				return err
			}
			return nil
		}
		var sockets []interface{ closed() int }
		for _, name := range []string{"ann", "bob", "cleo", "dan", "eve"} {
			who := s.person(name)
			who.Alive = alive
			_, ft := s.attach(t, who, "general")
			sockets = append(sockets, ft)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := asked.Load(); n < 10 {
			t.Errorf("asked %d times in a minute for five sessions", n)
		}
		answer.Store(chat.Errorf(chat.Overloaded, "test", "the host is down"))
		before := asked.Load()
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if n := asked.Load() - before; n != maxSilent {
			t.Errorf("asked %d times in one round of somebody who cannot answer", n)
		}
		for _, ft := range sockets {
			if ft.closed() != 0 {
				t.Errorf("closed with %d", ft.closed())
			}
		}
		answer.Store(chat.Errorf(chat.Unauthenticated, "test", "signed out"))
		time.Sleep(30 * time.Second)
		synctest.Wait()
		for _, ft := range sockets {
			if ft.closed() != CloseSessionRevoked {
				t.Errorf("closed with %d", ft.closed())
			}
		}
		s.stop()
	})
}

// Whoever is asked about a session may hang, or know nothing of one: others are asked about all the same, and what is known
// here ends at its time.
func TestRecheckIsHeldUpByNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var store chat.Store
		s := assemble(t, func(_ *Config, c *chat.Config) { store = c.Store })
		hangs := s.person("ann")
		hangs.Alive = func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}
		_, ann := s.attach(t, hangs, "general")
		bob := s.person("bob")
		_, ft := s.attach(t, bob, "general")
		time.Sleep(time.Minute)                                               // by now somebody is being asked about ann
		if err := store.RevokeSession(t.Context(), bob.Session); err != nil { // nobody here is told
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if ft.closed() != CloseSessionRevoked || ann.closed() != 0 {
			t.Errorf("closed with %d and %d", ft.closed(), ann.closed())
		}
		s.stop()
	})
}
