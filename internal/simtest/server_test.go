package simtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/fault"
	"github.com/parley-chat/parley/internal/gateway"
	"github.com/parley-chat/parley/internal/names"
)

// server is one process: everything that a crash takes away.
type server struct {
	life    int
	disk    *disk
	people  map[string]chat.Actor
	turns   map[chat.UserID]int // which of a person's own
	service *chat.Service
	gateway *gateway.Gateway
	tasks   sync.WaitGroup

	publishing sync.Mutex
	publisher  *gateway.Publisher

	pipes []*pipe
}

func startServer(d *disk, life int, people map[string]chat.Actor, p *plan) *server {
	d.mu.Lock()
	d.alive = life
	d.mu.Unlock()
	s := &server{life: life, disk: d, people: people, turns: map[chat.UserID]int{}, publisher: gateway.NewPublisher()}
	for i, name := range slices.Sorted(maps.Keys(people)) {
		s.turns[people[name].ID] = i
	}
	log := slog.New(slog.DiscardHandler)
	s.service = chat.NewService(chat.Config{
		Store: handle{d, life}, Publish: s.publish, Skeleton: names.Skeleton, Limiter: s, Logger: log, Mutant: fault.Mutant,
		SessionEnded: s.publisher.SessionEnded, RoomShown: s.shown,
		React: func(user chat.UserID) (time.Duration, bool) { return s.Send(user, chat.KindMember) },
	})
	s.gateway = gateway.New(gateway.Config{
		Service: s.service, Publisher: s.publisher, HubLimits: p.limits, Logger: log,
		Authenticate: func(r *http.Request) (gateway.Identity, error) {
			return s.identify(r.Context(), r.URL.Query().Get("token"))
		},
		Verify: s.identify,
	})
	return s
}

// Send limits nothing. It is called by readers, just before they queue a message: one that waited until it had fewer open
// sends comes here while the committer is about to take its next batch, and must not race with it.
func (s *server) Send(user chat.UserID, _ chat.UserKind) (time.Duration, bool) {
	if !s.disk.plan.racing && time.Now().UnixNano()%turns == committerTurn {
		waitTurn(wokenTurn + s.turns[user])
	}
	return 0, true
}

// publish stands between the committer and the hub: it loses, doubles, delays and thereby reorders.
func (s *server) publish(events []chat.Event) {
	for _, e := range events {
		d := s.disk
		dice := d.dice(fmt.Sprint("publish", roomNameOf(e), e.Seq()))
		if e.Change != nil && d.mutant == noEviction {
			c := *e.Change
			c.Subject = ""
			e.Change = &c
		}
		faulty := !d.isHealed() && int(dice>>40%100) < d.plan.publishFaults
		switch {
		case faulty && dice>>50%3 == 0: // lost
		case faulty && dice>>50%3 == 1:
			s.tasks.Go(func() {
				time.Sleep(time.Duration(1 + dice%150_000_000))
				s.hand(e)
			})
		case faulty:
			s.hand(e)
			s.tasks.Go(func() {
				time.Sleep(time.Duration(1 + dice%150_000_000))
				s.hand(e)
			})
		default:
			s.hand(e)
		}
		if !d.plan.racing {
			waitTurn(committerTurn)
		}
	}
}

func (s *server) hand(e chat.Event) {
	s.publishing.Lock()
	defer s.publishing.Unlock()
	s.disk.mu.Lock()
	alive := s.disk.alive == s.life
	s.disk.mu.Unlock()
	if alive {
		s.publisher.Publish([]chat.Event{e})
	}
}

// shown hands on that a room has another name. Of what comes into lists nobody is told here: all know all rooms.
func (s *server) shown(sh chat.Showing) {
	s.publishing.Lock()
	defer s.publishing.Unlock()
	s.disk.mu.Lock()
	alive := s.disk.alive == s.life
	s.disk.mu.Unlock()
	if alive && sh.Was != "" {
		s.publisher.RoomShown(sh)
	}
}

func roomNameOf(e chat.Event) string {
	if e.Message != nil {
		return e.Message.RoomName
	}
	return e.Change.RoomName
}

// dial opens a connection; room "" is /ws.
func (s *server) dial(token, room string) *pipe {
	p := newPipe(len(s.pipes), s.disk.plan.racing)
	s.pipes = append(s.pipes, p)
	path, serve := "/ws", s.gateway.ServeAll
	if room != "" {
		path, serve = "/ws/room/"+room, s.gateway.ServeRoom
	}
	w := &response{p: p, header: http.Header{}, status: http.StatusOK}
	r := handshake(path, room, token)
	s.tasks.Go(func() {
		serve(w, r)
		if !w.hijacked {
			p.mu.Lock()
			p.status = w.status
			p.outEnd = true
			p.mu.Unlock()
		}
	})
	return p
}

// crash takes everything away at once. What is left of the process is swept together without anybody noticing.
func (s *server) crash(sweep *sync.WaitGroup) {
	s.disk.die()
	for _, p := range s.pipes {
		p.cut()
	}
	sweep.Go(func() { _ = s.stop() })
}

// stop ends the process in order.
func (s *server) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	err := errors.Join(s.gateway.Shutdown(ctx), s.service.Close(ctx))
	s.tasks.Wait()
	if n := s.gateway.Stats().Hub.Sessions; n != 0 {
		err = errors.Join(err, fmt.Errorf("%d sessions are left in the hub", n))
	}
	if n := s.gateway.Stats().Connections; n != 0 {
		err = errors.Join(err, fmt.Errorf("%d connections are left in the gateway", n))
	}
	return err
}
