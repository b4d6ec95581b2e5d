package simtest

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// cursor is where a person's read cursor is stored to stand.
func (d *disk) cursor(room string, user chat.UserID) chat.Cursor {
	m, err := d.store().Membership(context.Background(), d.rooms[room], user)
	if err != nil {
		return chat.Cursor{}
	}
	return chat.Cursor{N: m.ReadN, Version: m.ReadVersion}
}

// cursorSeen: a version of a read cursor stands for one number, and the next version for a lower one only if somebody who
// had seen the version wanted that. Version 0 is no cursor: it is what a guest is told who has none.
func (s *sim) cursorSeen(l *link, room string, at chat.Cursor) {
	l.told[room] = max(l.told[room], at.Version)
	if at.Version == 0 {
		return
	}
	key := cursorKey{room, l.c.me.Name, at.Version}
	if n, ok := s.cursors[key]; ok && n != at.N {
		l.fail("cursor", "version %d of the cursor of %s is %d and %d", at.Version, room, n, at.N)
	}
	s.cursors[key] = at.N
	for _, version := range []uint64{at.Version, at.Version + 1} {
		before, after := cursorKey{room, l.c.me.Name, version - 1}, cursorKey{room, l.c.me.Name, version}
		from, known := s.cursors[before]
		to, known2 := s.cursors[after]
		if known && known2 && to < from && !s.moved[cursorMove{before, to}] {
			l.fail("cursor", "the cursor of %s has gone back from %d to %d at version %d, and nobody wanted that", room, from, to, version)
		}
	}
}

// welcomed: what a connection is told at first agrees with the cursors.
func (s *sim) welcomed(l *link, f *frame) {
	for _, r := range f.Rooms {
		if r.Version == 0 {
			continue
		}
		s.cursorSeen(l, r.Room, chat.Cursor{N: r.ReadN, Version: r.Version})
		if r.Unread != r.N-min(r.N, r.ReadN) {
			l.fail("cursor", "%s has %d messages, of which %d are read and %d are not", r.Room, r.N, r.ReadN, r.Unread)
		}
	}
}

// checkCursors: when one device reads everything, the person's others are told.
func (s *sim) checkCursors() {
	asked := map[cursorKey]bool{}
	for _, c := range s.clients {
		for _, v := range c.views {
			key := cursorKey{room: v.room, user: c.me.Name}
			if s.failed != nil || asked[key] || !v.want || c.out(v.room) || !c.live() {
				continue
			}
			asked[key] = true
			m, err := s.disk.store().RoomByID(context.Background(), s.disk.rooms[v.room])
			if err != nil {
				panic(err)
			}
			if m.N > 0 {
				c.link.say(map[string]any{"type": "read", "room": s.call(v.room), "n": m.N})
				s.pass(time.Millisecond)
			}
		}
	}
	s.pass(2 * time.Second)
	for key := range asked {
		at := s.disk.cursor(key.room, s.actors[key.user].ID)
		for _, c := range s.clients {
			if s.failed == nil && c.me.Name == key.user && c.live() && c.link.told[key.room] != at.Version {
				c.link.fail("cursor", "the cursor of %s is at version %d, and it was told %d", key.room, at.Version, c.link.told[key.room])
			}
		}
	}
}
