package limit

import (
	"fmt"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/parley-chat/parley/internal/chat"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// passes counts how many of n questions in a row are allowed.
func passes(n int, ask func() (time.Duration, bool)) int {
	count := 0
	for range n {
		if _, ok := ask(); ok {
			count++
		}
	}
	return count
}

func TestRates(t *testing.T) {
	v4, v6 := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")
	for _, c := range []struct {
		name          string
		ask           func(*Limiter) (time.Duration, bool)
		burst, second int
	}{
		{"member", func(l *Limiter) (time.Duration, bool) { return l.Send("ann", chat.KindMember) }, 200, 20},
		{"bot", func(l *Limiter) (time.Duration, bool) { return l.Send("bot", chat.KindBot) }, 200, 20},
		{"guest", func(l *Limiter) (time.Duration, bool) { return l.Send("gus", chat.KindGuest) }, 100, 10},
		{"react", func(l *Limiter) (time.Duration, bool) { return l.React("ann") }, 100, 5},
		{"read", func(l *Limiter) (time.Duration, bool) { return l.Read("ann") }, 200, 20},
		{"join", func(l *Limiter) (time.Duration, bool) { return l.Join("ann") }, 10, 10},
		{"IPv4", func(l *Limiter) (time.Duration, bool) { return l.Connect(v4) }, 20, 20},
		{"IPv6", func(l *Limiter) (time.Duration, bool) { return l.Connect(v6) }, 20, 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := New(Options{})
				ask := func() (time.Duration, bool) { return c.ask(l) }
				if got := passes(c.burst+50, ask); got != c.burst {
					t.Errorf("at once: %d, want %d", got, c.burst)
				}
				after, ok := ask()
				if ok || after <= 0 || after > time.Second/time.Duration(c.second) {
					t.Errorf("empty: %v, %v", after, ok)
				}
				time.Sleep(after)
				if got := passes(5, ask); got != 1 {
					t.Errorf("after retry_after: %d, want 1", got)
				}
				time.Sleep(time.Second)
				if got := passes(c.burst+50, ask); got != c.second {
					t.Errorf("a second later: %d, want %d", got, c.second)
				}
				time.Sleep(time.Hour)
				if got := passes(c.burst+50, ask); got != c.burst {
					t.Errorf("an hour later: %d, want %d", got, c.burst)
				}
			})
		})
	}
}

func TestOthersAreNotTouched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{})
		passes(500, func() (time.Duration, bool) { return l.Send("ann", chat.KindMember) })
		if _, ok := l.Send("bob", chat.KindMember); !ok {
			t.Error("bob waits for ann")
		}
		passes(50, func() (time.Duration, bool) { return l.Connect(netip.MustParseAddr("2001:db8:0:1::1")) })
		for addr, want := range map[string]bool{
			"2001:db8:0:1:ffff::9": false, // the same /64
			"2001:db8:0:1::1%eth0": false,
			"2001:db8:0:2::1":      true,
			"192.0.2.7":            true,
		} {
			if _, ok := l.Connect(netip.MustParseAddr(addr)); ok != want {
				t.Errorf("%s: %v, want %v", addr, ok, want)
			}
		}
		passes(50, func() (time.Duration, bool) { return l.Connect(netip.MustParseAddr("192.0.2.8")) })
		if _, ok := l.Connect(netip.MustParseAddr("::ffff:192.0.2.8")); ok {
			t.Error("the mapped form of an IPv4 address is another one")
		}
		if _, ok := l.Connect(netip.Addr{}); !ok {
			t.Error("an unknown address is refused at once")
		}
	})
}

func TestOff(t *testing.T) {
	l := New(Options{Off: true})
	if got := passes(5000, func() (time.Duration, bool) { return l.Send("ann", chat.KindGuest) }); got != 5000 {
		t.Errorf("%d of 5000", got)
	}
	if len(l.guests.keys) != 0 {
		t.Error("it keeps buckets")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{})
		l.joins.max = 100
		for i := range 1000 {
			if _, ok := l.Join(fmt.Sprint("busy", i)); !ok {
				t.Fatal("a newcomer is refused")
			}
			if n := len(l.joins.keys); n > 100 {
				t.Fatalf("%d buckets", n)
			}
		}
		time.Sleep(time.Minute)
		l.Join("one more")
		if n := len(l.joins.keys); n != 1 {
			t.Errorf("%d buckets an idle minute later", n)
		}
	})
}

func TestConcurrently(t *testing.T) {
	l := New(Options{Now: func() time.Time { return time.Unix(0, 0) }})
	var wg sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for range 8 {
		wg.Go(func() {
			n := passes(100, func() (time.Duration, bool) { return l.Send("ann", chat.KindMember) })
			mu.Lock()
			total += n
			mu.Unlock()
		})
	}
	wg.Wait()
	if total != 200 {
		t.Errorf("%d sends passed, want 200", total)
	}
}

func TestSockets(t *testing.T) {
	if on, off := New(Options{}).Sockets(), New(Options{Off: true}).Sockets(); on != Sockets || off != 0 {
		t.Errorf("%d, and %d without limits; want %d and 0", on, off, Sockets)
	}
}

func TestFrameRate(t *testing.T) {
	if on, off := New(Options{}).FrameRate(), New(Options{Off: true}).FrameRate(); on != Frames || off != 0 {
		t.Errorf("%d, and %d without limits; want %d and 0", on, off, Frames)
	}
}

func TestNewRooms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{})
		ask := func() (time.Duration, bool) { return l.NewRoom("ann") }
		if got := passes(100, ask); got != Rooms {
			t.Errorf("at once: %d, want %d", got, Rooms)
		}
		if _, ok := l.NewRoom("bob"); !ok {
			t.Error("bob waits for ann")
		}
		after, ok := ask()
		if ok || after <= 0 || after > RoomEvery {
			t.Errorf("empty: %v, %v", after, ok)
		}
		time.Sleep(10 * RoomEvery)
		if got := passes(100, ask); got != 10 {
			t.Errorf("after %v: %d, want 10", 10*RoomEvery, got)
		}
	})
}

// The limits in the protocol's table are those of the code.
func TestProtocolLimits(t *testing.T) {
	file, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		fmt.Sprintf("| messages of a person | %d a second, %d at once (guests half) |", Sends, SendBurst),
		fmt.Sprintf("begun of a `subscribe` | %d a second |", Joins),
		fmt.Sprintf("| `read` of a person, over all connections and REST | %d a second, %d at once |", Reads, ReadBurst),
		fmt.Sprintf("| reactions of a person, given and taken back | %d a second, %d at once |", Reactions, ReactionBurst),
		fmt.Sprintf("| rooms that a person makes, and new names that they give to rooms | %d at once, then one each %.0f s; %d,%03d in all |", Rooms, RoomEvery.Seconds(), chat.MaxRooms/1000, chat.MaxRooms%1000),
		fmt.Sprintf("| connections of a person | %d at the same time |", Sockets),
		fmt.Sprintf("| new connections of an address | %d a second |", Connects),
		fmt.Sprintf("| frames of a connection, right or wrong | %d a second, %d,%03d at once |", Frames, FrameBurst/1000, FrameBurst%1000),
	} {
		if !strings.Contains(string(file), row) {
			t.Errorf("docs/protocol.md does not say: %s", row)
		}
	}
}
