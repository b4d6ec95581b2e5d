package chat_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/names"
)

// hosted is a service with the names of the product.
func hosted(t testing.TB, change func(*chat.Config)) *chat.Service {
	cfg := chat.Config{Store: chattest.NewStore(), Skeleton: names.Skeleton, CleanName: names.Clean}
	if change != nil {
		change(&cfg)
	}
	s := chat.NewService(cfg)
	t.Cleanup(func() {
		if err := s.Close(bg); err != nil {
			t.Error(err)
		}
	})
	return s
}

func secretOf(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:]
}

// However people are called, and however often that changes, each comes in, nobody has a name that is or looks like
// another's, and a name stays while the host calls them the same.
func TestNobodyIsKeptOutByAName(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := hosted(t, nil)
		said, called := map[string]string{}, map[string]string{}
		name := rapid.OneOf(
			rapid.SampledFrom([]string{"ann", "Ann", "Аnn", "ann-2", "ann ", "user", "", ",", "\x00", "O'Brien", strings.Repeat("ann", 20), "I", "l", "\u202eann", "\xff"}),
			rapid.String())
		for i := range rapid.IntRange(1, 40).Draw(rt, "requests") {
			id := fmt.Sprint(rapid.IntRange(1, 25).Draw(rt, "person"))
			x := chat.External{ID: id, Name: name.Draw(rt, "name")}
			_, u, err := s.Enter(bg, x, secretOf(fmt.Sprint(i)), "")
			if err != nil {
				rt.Fatalf("%q was kept out: %v", x.Name, err)
			}
			if clean, err := names.Clean(u.Name); err != nil || clean != u.Name {
				rt.Fatalf("%q became %q, which nobody may be called: %v", x.Name, u.Name, err)
			}
			if before, ok := said[id]; ok && before == x.Name && called[id] != u.Name {
				rt.Fatalf("%q was %q and is %q", x.Name, called[id], u.Name)
			}
			said[id], called[id] = x.Name, u.Name
			skeletons := map[string]string{}
			for id, name := range called {
				if other := skeletons[names.Skeleton(name)]; other != "" {
					rt.Fatalf("%s and %s are both called like %q", id, other, name)
				}
				skeletons[names.Skeleton(name)] = id
			}
		}
	})
}

func TestDerivedNames(t *testing.T) {
	s := hosted(t, nil)
	for i, c := range [][2]string{
		{"ann", "ann"}, {"ann", "ann-2"}, {"ANN", "ANN-3"}, {"O'Brien", "O-Brien"}, {"", "user"}, {"\u202e", "user-2"}, {strings.Repeat("x", 40), strings.Repeat("x", 32)},
		{strings.Repeat("x", 33), strings.Repeat("x", 30) + "-2"}, {"  Bob   B. ", "Bob B."},
	} {
		_, u, err := s.Enter(bg, chat.External{ID: fmt.Sprint(i), Name: c[0]}, secretOf(fmt.Sprint(i)), "")
		if err != nil || u.Name != c[1] {
			t.Errorf("%q became %q, %v; want %q", c[0], u.Name, err, c[1])
		}
	}
	for i := range 100 {
		if _, _, err := s.Enter(bg, chat.External{ID: fmt.Sprint("many", i), Name: "many"}, secretOf(fmt.Sprint("many", i)), ""); err != nil {
			t.Errorf("no. %d: %v", i, err)
		}
	}
}

// Requests of one person and session that come at once make one person and one session.
func TestFirstRequestsAtOnce(t *testing.T) {
	s := hosted(t, nil)
	var wg sync.WaitGroup
	users, sessions := make([]chat.UserID, 16), make([]chat.SessionID, 16)
	for i := range users {
		wg.Go(func() {
			se, u, err := s.Enter(bg, chat.External{ID: "7", Name: "ann"}, secretOf("key"), "a browser")
			if err != nil {
				t.Error(err)
			}
			users[i], sessions[i] = u.ID, se.ID
		})
	}
	wg.Wait()
	for i := range users {
		if users[i] != users[0] || sessions[i] != sessions[0] {
			t.Fatalf("people %v, sessions %v", users, sessions)
		}
	}
	if all, err := s.Users(bg, "", 0); err != nil || len(all) != 1 {
		t.Errorf("%v, %v", all, err)
	}
}

// The host says how long a session lives: one that was long not used is as good as any, and a revoked one never is.
func TestHostedSessions(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := hosted(t, func(c *chat.Config) { c.Now = func() time.Time { return now } })
	ann := chat.External{ID: "7", Name: "ann"}
	first, _, err := s.Enter(bg, ann, secretOf("key"), "")
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(2 * chat.SessionIdle)
	again, _, err := s.Enter(bg, ann, secretOf("key"), "")
	if err != nil || again.ID != first.ID {
		t.Errorf("%+v, %v", again, err)
	}
	if _, _, err := s.Session(bg, first.ID); err != nil {
		t.Errorf("by its id: %v", err)
	}
	_, _, err = s.Enter(bg, chat.External{ID: "8", Name: "bob"}, secretOf("key"), "")
	chattest.WantCode(t, err, chat.Forbidden)
	for range 2 {
		if err := s.RevokeSecret(bg, secretOf("key")); err != nil {
			t.Fatal(err)
		}
		_, _, err = s.Enter(bg, ann, secretOf("key"), "")
		chattest.WantCode(t, err, chat.Unauthenticated)
	}
	if err := s.RevokeSecret(bg, secretOf("never seen")); err != nil {
		t.Error(err)
	}
	_, _, err = s.Enter(bg, ann, []byte("short"), "")
	chattest.WantCode(t, err, chat.Invalid)
}
