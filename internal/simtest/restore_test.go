package simtest

import "time"

// opRestore is an operator who puts back what the disk was some time ago: all rooms get a new epoch.
func (s *sim) opRestore() {
	if s.srv == nil || s.rng.IntN(6) > 0 {
		return
	}
	s.crash()
	s.pass(time.Duration(1 + s.rng.IntN(100_000_000)))
	d := s.disk
	d.mu.Lock()
	keep := s.rng.IntN(len(d.batches) + 1)
	s.trace.op("the first %d of %d commits are put back", keep, len(d.batches))
	for _, room := range s.rooms {
		d.epochs[room] = s.uuid()
	}
	d.backTo(keep)
	d.durable = keep
	d.mu.Unlock()
	clear(s.cursors)
	clear(s.moved)
	for _, m := range s.sends {
		if e, ok := d.entry(m.room, m.seq); m.acked && (!ok || e.ID() != m.id) {
			m.acked, m.retried = false, true // gone, unless somebody says it again
		}
	}
	for _, c := range s.clients { // what is still on its way tells of a past that is gone
		if c.link != nil {
			c.link.dead = true
		}
	}
	s.start()
}
