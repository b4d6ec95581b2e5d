package simtest

import (
	"context"
	"slices"

	"github.com/parley-chat/parley/internal/chat"
)

// rootFor says what a new message replies to: one in four to something that was said there before. It takes no number of the
// dice, so that the seeds stay what they were.
func (s *sim) rootFor(m *send) string {
	if m.no%4 != 0 {
		return ""
	}
	return s.rootOf(m.room, m.no)
}

// rootOf picks a message of the room that replies to nothing, or "".
func (s *sim) rootOf(room string, from int) string {
	for i := range min(len(s.sends), 20) {
		if m := s.sends[(7*from+i)%len(s.sends)]; m.acked && m.room == room && m.thread == "" {
			return m.id
		}
	}
	return ""
}

// isThere says whether the room has the message.
func (s *sim) isThere(room, id string) bool {
	return slices.ContainsFunc(s.disk.entries(room), func(e chat.Event) bool { return e.ID() == id })
}

// rootless notes that a reply was refused because what it replies to is gone with a past that was put back, was deleted,
// or was said before its author was brought in; false if neither is so. Nobody says it again.
func (s *sim) rootless(m *send) bool {
	if m.thread == "" {
		return false
	}
	if vs := s.disk.versions(m.thread); s.isThere(m.room, m.thread) && !vs[len(vs)-1].deleted && !s.hides(m.room, m.author.ID, vs[0].seq) {
		return false
	}
	for _, c := range s.clients {
		c.open = slices.DeleteFunc(c.open, func(o *send) bool { return o == m })
	}
	return true
}

// compareThread holds what a reply says of its thread against the store: it is as it stood at the reply or later, when
// some may have been deleted.
func (s *sim) compareThread(l *link, f *frame) {
	if f.Thread == "" {
		if f.Replies != nil {
			l.fail("stream", "%s %d is no reply and tells of a thread", f.Room, f.Seq)
		}
		return
	}
	then, now, last, alive := 0, 0, uint64(0), false
	for _, e := range s.disk.entries(f.Room) {
		if m := e.Message; m != nil && m.Thread == f.Thread {
			now++
			last = m.Seq
			if m.Deleted {
				continue
			}
			if m.Seq <= f.Seq {
				then++
			}
			alive = alive || m.Seq == f.Seq
		}
	}
	if f.Replies == nil && then == 0 && f.N == 0 {
		return // all are deleted
	}
	if r := f.Replies; r == nil || r.Count < then || r.Count > now || alive && r.LastSeq < f.Seq || r.LastSeq > last || f.N != 0 {
		l.fail("stream", "%s %d tells of its thread %+v; it has %d to %d replies up to %d", f.Room, f.Seq, r, then, now, last)
	}
}

// Nobody in the simulation lists threads or what was saved: these only complete the interface.

func (h handle) Threads(ctx context.Context, user chat.UserID, unread bool, before uint64, limit int) ([]chat.ThreadState, error) {
	return h.store().Threads(ctx, user, unread, before, limit)
}

func (h handle) UnreadThreads(ctx context.Context, user chat.UserID, limit int) (uint64, []chat.UnreadThread, error) {
	return h.store().UnreadThreads(ctx, user, limit)
}

func (h handle) Saved(ctx context.Context, user chat.UserID, before uint64, limit int) ([]chat.SavedMessage, error) {
	return h.store().Saved(ctx, user, before, limit)
}
