package e2e

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestTerminate: SIGTERM under load. Everybody is told when to come back, the process ends in order within ten seconds,
// and its successor goes on where it ended, with everything that was acknowledged.
func TestTerminate(t *testing.T) {
	c := gather(t, rand.New(rand.NewPCG(7, 7)))
	c.begin()
	c.untilAcks(t, 400)
	took, status, err := c.s.terminate(10 * time.Second)
	if err != nil || status != 0 {
		t.Errorf("SIGTERM under load: status %d, %v", status, err)
	}
	t.Logf("ended after %s", took.Round(time.Millisecond))
	if n := c.goodbyes.Load(); n == 0 {
		t.Error("nobody was told goodbye")
	}
	acked := c.acks.Load()
	c.s.start()
	c.untilAcks(t, acked+400)
	c.judge(t, c.end(t))
}

// A client is told goodbye with a time to come back, each its own, and the socket is closed with 1001.
func TestGoodbye(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	token := s.user("ann")
	const sockets = 8
	hints := map[int64]bool{}
	told := make(chan frame, sockets)
	codes := make(chan int, sockets)
	for range sockets {
		k := s.enter(t, "general", token)
		go func() { // all of them at once, as clients are
			for k.receive() == nil {
			}
			for _, f := range k.stream {
				if f.Type == "goodbye" {
					told <- f
				}
			}
			codes <- k.closeCode()
		}()
	}
	took, status, err := s.terminate(10 * time.Second)
	if err != nil || status != 0 {
		t.Errorf("SIGTERM: status %d, %v", status, err)
	}
	t.Logf("ended after %s", took.Round(time.Millisecond))
	for range sockets {
		if code := <-codes; code != 1001 {
			t.Errorf("closed with %d, want 1001", code)
		}
	}
	close(told)
	for f := range told {
		if f.ReconnectAfter <= 0 || f.ReconnectAfter > 60_000 {
			t.Errorf("goodbye %s: want milliseconds to wait", f.raw)
		}
		hints[f.ReconnectAfter] = true
	}
	if len(hints) < sockets/2 {
		t.Errorf("%d sockets were given only the times %v to come back", sockets, hints)
	}
}

// A client that neither reads nor answers cannot hold up the end, nor make a failure of it.
func TestTerminateWithAStuckClient(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limits", "off")
	ann, bob := s.user("ann"), s.user("bob")
	stuck := s.enter(t, "general", bob) // reads nothing from here on
	k := s.enter(t, "general", ann)
	text := strings.Repeat("x", 8000)
	var last frame
	for range 50 { // a few hundred kilobytes that nobody fetches
		last = k.say("general", text)
	}
	k.leave()
	took, status, err := s.terminate(10 * time.Second)
	if err != nil || status != 0 {
		t.Errorf("SIGTERM with a stuck client: status %d, %v", status, err)
	}
	t.Logf("ended after %s", took.Round(time.Millisecond))
	_ = stuck.conn.Close()
	s.start()
	if p := s.page(t, ann, "room=general&limit=1"); p.AsOf != last.Seq || p.Messages[0].ID != last.ID {
		t.Errorf("after the restart the room ends at %d, acknowledged was %d", p.AsOf, last.Seq)
	}
}
