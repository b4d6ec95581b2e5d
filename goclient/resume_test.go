package goclient_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley"
	"github.com/parley-chat/parley/goclient"
)

func TestNothingIsLostOverACut(t *testing.T) {
	s := start(t, parley.Config{})
	bob := s.connectAs("bob")
	net, log := &cuttable{}, make(logLines, 100)
	ann := connect(t, s.base, goclient.Options{Token: s.token("ann", time.Hour), HTTPClient: net.client(t), Logger: log.logger()})
	general, random := subscribe(t, ann, "general", goclient.Position{}), subscribe(t, ann, "random", goclient.Position{})
	say(t, bob, "general", "before")
	if m := hear(t, general); m.Content != "before" {
		t.Errorf("heard %q", m.Content)
	}
	net.set(true)
	net.cut()
	log.wait(t, "not connected")
	say(t, bob, "general", "meanwhile")
	say(t, bob, "random", "elsewhere")
	net.set(false)
	say(t, ann, "general", "mine") // waits for the connection
	for _, want := range []string{"meanwhile", "mine"} {
		if m := hear(t, general); m.Content != want {
			t.Errorf("heard %q, not %q", m.Content, want)
		}
	}
	if m := hear(t, random); m.Content != "elsewhere" {
		t.Errorf("heard %q", m.Content)
	}
}

func TestNothingIsLostOverARestart(t *testing.T) {
	s := start(t, parley.Config{})
	ann, bob := s.connectAs("ann"), s.connectAs("bob")
	sub := subscribe(t, ann, "general", goclient.Position{})
	s.stop()
	sent := make(chan error, 1)
	go func() {
		_, err := bob.Send(soon(t), "general", "after the restart")
		sent <- err
	}()
	s.run()
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	if m := hear(t, sub); m.Content != "after the restart" || m.Seq != 1 {
		t.Errorf("heard %+v", m)
	}
}

// A stored position goes on in another client, which stands for another run of the program.
func TestAStoredPositionGoesOn(t *testing.T) {
	s := start(t, parley.Config{})
	bob := s.connectAs("bob")
	first := s.connectAs("ann")
	sub := subscribe(t, first, "general", goclient.Position{})
	say(t, bob, "general", "1")
	say(t, bob, "general", "2")
	hear(t, sub)
	stored := sub.Position()
	first.Close()
	say(t, bob, "general", "3")
	again := subscribe(t, s.connectAs("ann"), "general", stored)
	if a, b := hear(t, again), hear(t, again); a.Content != "2" || b.Content != "3" {
		t.Errorf("heard %q and %q", a.Content, b.Content)
	}
}

func TestASlowConsumerLosesNothingAndHoldsUpNobody(t *testing.T) {
	s := start(t, parley.Config{})
	bob := s.connectAs("bob")
	ann := connect(t, s.base, goclient.WithQueue(goclient.Options{Token: s.token("ann", time.Hour)}, 2000)) // about four events
	slow, other := subscribe(t, ann, "general", goclient.Position{}), subscribe(t, ann, "random", goclient.Position{})
	const n = 60
	for i := range n {
		say(t, bob, "general", strconv.Itoa(i))
	}
	// The same client, while its queue is full: it sends into the room that it does not read, and hears another.
	say(t, ann, "general", strconv.Itoa(n))
	say(t, bob, "random", "not held up")
	if m := hear(t, other); m.Content != "not held up" {
		t.Errorf("heard %q", m.Content)
	}
	for i := range n + 1 {
		if m := hear(t, slow); m.Content != strconv.Itoa(i) || m.Seq != uint64(i+1) {
			t.Fatalf("heard %+v as number %d", m, i)
		}
	}
}

// Two clients in two rooms, whose connections are cut at random: each message is stored once, and every subscription
// gives all of them in the same order, without a hole.
func TestRandomCuts(t *testing.T) {
	seed := rand.Uint64()
	if fixed := os.Getenv("GOCLIENT_SEED"); fixed != "" {
		var err error
		if seed, err = strconv.ParseUint(fixed, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	defer func() {
		if t.Failed() {
			t.Logf("repeat the cuts with GOCLIENT_SEED=%d", seed)
		}
	}()
	s := start(t, parley.Config{})
	rooms := []string{"general", "random"}
	const messages = 40 // of each client in each room
	var streams []*goclient.Subscription
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i, name := range []string{"ann", "bob"} {
		net := &cuttable{}
		o := goclient.Options{Token: s.token(name, time.Hour), HTTPClient: net.client(t)}
		client := connect(t, s.base, goclient.WithQueue(o, 4000))
		dice := rand.New(rand.NewPCG(seed, uint64(i)))
		for _, room := range rooms {
			streams = append(streams, subscribe(t, client, room, goclient.Position{}))
		}
		ctx := soon(t)
		all.Go(func() {
			<-begin
			for n := range messages {
				for _, room := range rooms {
					if _, err := client.Send(ctx, room, fmt.Sprintf("%s %d", name, n)); err != nil {
						t.Errorf("%s in %s: %v", name, room, err)
						return
					}
				}
				if dice.IntN(4) == 0 {
					net.cut()
				}
			}
		})
	}
	close(begin) // everybody hears from the first message on
	heard := make([][]string, len(streams))
	for i, stream := range streams {
		all.Go(func() {
			for n := range 2 * messages {
				m := hear2(t, stream)
				if m == nil {
					return
				}
				if m.Seq != uint64(n+1) {
					t.Errorf("%s: number %d follows %d", stream.Room(), m.Seq, n)
					return
				}
				heard[i] = append(heard[i], m.Content)
			}
		})
	}
	all.Wait()
	for i := range rooms {
		seen := map[string]int{}
		for n, text := range heard[i] {
			if other := heard[i+len(rooms)]; n >= len(other) || other[n] != text {
				t.Errorf("%s: ann and bob differ at %d", rooms[i], n+1)
				break
			}
			seen[text]++
		}
		if len(seen) != 2*messages {
			t.Errorf("%s: %d of %d messages", rooms[i], len(seen), 2*messages)
		}
	}
}

// hear2 is hear for a goroutine of a test: nil after an error.
func hear2(t *testing.T, s *goclient.Subscription) *goclient.Message {
	event, err := s.Next(soon(t))
	m, ok := event.(*goclient.Message)
	if !ok {
		t.Errorf("%s: %+v %v instead of a message", s.Room(), event, err)
		return nil
	}
	return m
}
