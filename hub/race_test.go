package hub_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/hubtest"
)

// countedPeer counts what a transport may be told only once or never at the same time.
type countedPeer struct {
	*hubtest.Peer
	t        *testing.T
	writing  atomic.Int32
	finishes atomic.Int32
}

func (p *countedPeer) inside() func() {
	if p.writing.Add(1) > 1 {
		p.t.Error("two writes at once")
	}
	return func() { p.writing.Add(-1) }
}

func (p *countedPeer) TryWrite(bufs [][]byte) (int, error) {
	defer p.inside()()
	return p.Peer.TryWrite(bufs)
}

func (p *countedPeer) Write(bufs [][]byte, deadline time.Time) (int, error) {
	defer p.inside()()
	return p.Peer.Write(bufs, deadline)
}

func (p *countedPeer) Finish() {
	if p.finishes.Add(1) > 1 {
		p.t.Error("finished twice")
	}
	p.Peer.Finish()
}

// Every way to send meets every way to close, from many goroutines at once, in real time.
func TestCloseMeetsSendOnEveryPath(t *testing.T) {
	const rounds, at = 3000, 16 // each round has about ten paths under way
	log := hub.NewMemoryLog(50)
	h := hub.New(hub.Config{
		Log: log, Encoder: hubtest.Encoder{}, Logger: quiet,
		Limits:  hub.Limits{QueueBytes: 2000, CloseTimeout: 20 * time.Millisecond, LeaveGrace: -1, OpenSends: 2, QueueAge: 10 * time.Millisecond},
		Evicted: func(s *hub.Session, _ string) { s.Close(4003, "removed") }, Presence: &witnessNone{},
	})
	var wg sync.WaitGroup
	for worker := range at {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(worker), 9))
			for i := range rounds / at {
				raceOnce(t, h, log, rnd, fmt.Sprint("u", worker, i%3))
			}
		})
	}
	wg.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := h.Shutdown(ctx, 1001, "over"); err != nil {
		t.Fatal(err)
	}
	if st := h.Stats(); st.Sessions != 0 || st.Topics != 0 || st.Backlog != 0 {
		t.Errorf("left: %d sessions, %d topics, backlog %d", st.Sessions, st.Topics, st.Backlog)
	}
}

type witnessNone struct{}

func (witnessNone) Changed(hub.PresenceChange) {}
func (witnessNone) Arrived(s *hub.Session, _ string, _ []hub.User, _ int) {
	s.Send(hubtest.Frame("online"))
}

func raceOnce(t *testing.T, h *hub.Hub, log *hub.MemoryLog, rnd *rand.Rand, user string) {
	p := &countedPeer{Peer: hubtest.NewPeer(), t: t}
	s := h.NewSession(hub.User{ID: user, Name: user}, p)
	p.OnEnd(func() { go s.Detach() })
	switch rnd.IntN(5) {
	case 0:
		p.Blocking()
	case 1:
		p.Take(rnd.IntN(200))
	case 2:
		p.Take(rnd.IntN(200))
		p.Blocking()
	}
	publish := func(change func(*hub.Entry)) {
		epoch, e := log.Append("room", func(seq uint64) hub.Entry {
			e := hub.Entry{ID: fmt.Sprint(seq), Author: user, ClientID: "c", Frame: hubtest.Frame("room %d", seq), Ack: hubtest.Frame("ack %d", seq)}
			change(&e)
			return e
		})
		h.Publish("room", epoch, e)
		s.Settle("room", "c", e.Seq, e.Ack)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	paths := []func(){
		func() { // the reader's goroutine
			_ = s.Subscribe(ctx, hub.SubscribeRequest{Topic: "room"})
			_ = s.Begin(ctx, "room", "c", false)
			s.Unsubscribe("room")
			_ = s.Subscribe(ctx, hub.SubscribeRequest{Topic: "room", From: &hub.Position{}})
		},
		func() { publish(func(*hub.Entry) {}) },
		func() { publish(func(e *hub.Entry) { e.Evict = []string{user} }) },
		func() { h.Broadcast("room", hubtest.Frame("typing"), "") },
		func() { h.SendUser(user, hubtest.Frame("notice")) },
		func() {
			for range 40 {
				s.Send(frame(100, "much"))
			}
		},
		func() { s.Fail("room", "c", hubtest.Frame("no")) },
		func() { p.Release() },
	}
	ends := []func(){
		func() { s.Close(1000, "") },
		func() { s.CloseFrame(hubtest.Frame("echo")) },
		func() { p.Abort() },
		func() { p.Fail(errTest); s.Send(hubtest.Frame("x")) },
		func() { s.Detach() },
	}
	paths = append(paths, ends[rnd.IntN(len(ends))], ends[rnd.IntN(len(ends))])
	rnd.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
	var wg sync.WaitGroup
	for _, f := range paths {
		wg.Go(f)
	}
	wg.Wait()
	p.Release()
	s.Close(1000, "")
	<-s.Done()
}
