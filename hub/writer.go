package hub

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"
)

// A shard writes the sessions that belong to it, one goroutine for all of them, one non-blocking write for everything
// due to a session. What a connection does not take at once is left to a drainer, a goroutine that lives until
// that session has caught up.
type shard struct {
	hub    *Hub
	mu     sync.Mutex
	work   sync.Cond // dirty is not empty, or stopped
	low    sync.Cond // dirty has become short, or stopped
	dirty  []*Session
	ended  bool
	taking [writerBite]*Session
	bufs   [][]byte
}

const (
	writerBite = 32  // sessions a writer takes at a time
	lowWater   = 256 // dirty sessions above which a flush waits before it adds more
	drainBite  = 32 << 10
)

func newShard(h *Hub) *shard {
	sh := &shard{hub: h}
	sh.work.L, sh.low.L = &sh.mu, &sh.mu
	return sh
}

func (sh *shard) add(s *Session) {
	sh.mu.Lock()
	sh.dirty = append(sh.dirty, s)
	if len(sh.dirty) == 1 {
		sh.work.Signal()
	}
	sh.mu.Unlock()
}

// waitLow returns when few sessions wait for this writer. A flush of a huge topic calls it between pieces, so that a
// small topic's sessions never queue behind all of it.
func (sh *shard) waitLow() {
	sh.mu.Lock()
	for len(sh.dirty) > lowWater && !sh.ended {
		sh.low.Wait()
	}
	sh.mu.Unlock()
}

func (sh *shard) stop() {
	sh.mu.Lock()
	sh.ended = true
	sh.work.Broadcast()
	sh.low.Broadcast()
	sh.mu.Unlock()
}

func (sh *shard) run() {
	for {
		sh.mu.Lock()
		for len(sh.dirty) == 0 && !sh.ended {
			sh.work.Wait()
		}
		if sh.ended {
			sh.mu.Unlock()
			return
		}
		n := copy(sh.taking[:], sh.dirty)
		rest := copy(sh.dirty, sh.dirty[n:])
		clear(sh.dirty[rest:])
		sh.dirty = sh.dirty[:rest]
		if rest <= lowWater {
			sh.low.Broadcast()
		}
		sh.mu.Unlock()
		for i, s := range sh.taking[:n] {
			sh.write(s)
			sh.taking[i] = nil
		}
	}
}

// write makes one attempt to write all that s has queued.
func (sh *shard) write(s *Session) {
	s.mu.Lock()
	bufs, total := s.unsent(sh.bufs[:0], s.queued)
	s.writing = true
	s.mu.Unlock()

	n, err := 0, error(nil)
	if total > 0 {
		n, err = s.transport.TryWrite(bufs)
	}
	clear(bufs)
	sh.bufs = bufs[:0]

	s.mu.Lock()
	s.wrote(n)
	switch {
	case err != nil:
		s.failLocked()
	case s.queued == 0:
		s.scheduled = false
		s.shrink()
	case n < total:
		s.drainLocked()
	default: // more came while writing
		sh.add(s)
	}
	s.unlockAfterWrite()
}

// drainLocked hands the session to a drainer. s.mu is held; s is scheduled.
func (s *Session) drainLocked() {
	s.backedUp = true
	s.hub.backlog.Add(int64(s.queued))
	s.since = time.Now()
	s.hub.draining(s, true)
	if !s.hub.spawn(s.drain) {
		s.hub.draining(s, false)
		s.failLocked()
	}
}

// drain writes with blocking calls until nothing is queued. Each call takes little and ends between two frames, so that a
// session found slow has few bytes under way.
func (s *Session) drain() {
	defer s.hub.draining(s, false)
	for {
		s.mu.Lock()
		bufs, total := s.unsent(nil, drainBite)
		open := s.state == sessionOpen
		deadline := time.Now().Add(s.hub.cfg.Limits.CloseTimeout)
		if open {
			deadline = s.oldest().Add(s.hub.cfg.Limits.QueueAge)
		}
		s.writing = true
		s.mu.Unlock()

		n, err := 0, error(nil)
		if total > 0 {
			n, err = s.transport.Write(bufs, deadline)
		}

		s.mu.Lock()
		s.wrote(n)
		if err != nil {
			s.writeFailedLocked(err, n, open)
		}
		if s.queued == 0 {
			s.backedUp, s.scheduled = false, false
			s.shrink()
			s.unlockAfterWrite()
			return
		}
		s.unlockAfterWrite()
	}
}

// writeFailedLocked decides what a failed write means that had taken n bytes; wasOpen: it began before any goodbye.
func (s *Session) writeFailedLocked(err error, n int, wasOpen bool) {
	switch {
	case !isTimeout(err):
		s.failLocked()
	case s.state == sessionOpen:
		// A transport that took something up to the deadline may have nothing old left.
		if n == 0 || time.Since(s.oldest()) >= s.hub.cfg.Limits.QueueAge {
			s.slowLocked()
		}
	case wasOpen && s.state == sessionClosing:
		// That was the deadline of the frames before; the goodbye has its own.
	default:
		s.failLocked()
	}
}

func isTimeout(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded)
}
