package simtest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/parley-chat/parley/internal/chat"
)

// Rooms that get other names. Here a room is known by its first name, whatever it is called; each name begins with that. What
// goes to the server has any of the names that the room has had, and what comes from it is held against them.

// keyOf is the first name of the room that is called so.
func keyOf(name string) string {
	key, _, _ := strings.Cut(name, "-")
	return key
}

// leadsTo says whether a name is, or was, the room's.
func (d *disk) leadsTo(name, room string) bool {
	r, err := d.store().RoomByName(context.Background(), name)
	return err == nil && r.ID == d.rooms[room]
}

// nameOf is what a room is called now.
func (d *disk) nameOf(room string) string {
	r, err := d.store().RoomByID(context.Background(), d.rooms[room])
	if err != nil {
		panic(err)
	}
	return r.Name
}

// otherNames is how many names a room may get beside its first.
const otherNames = 3

func otherName(room string, i int) string { return fmt.Sprintf("%s-%d", room, i%otherNames) }

// call gives one of the names that a room has had, another one each time: nobody need have heard of the last.
func (s *sim) call(room string) string {
	if !s.renamed[room] {
		return room
	}
	s.calls++
	if name := otherName(room, s.calls/2); s.calls%2 == 0 && s.disk.leadsTo(name, room) {
		return name
	}
	return room
}

// unname puts first names into a frame, and holds the others against the store.
func (l *link) unname(f *frame) {
	l.unnameOne(&f.Room)
	for i := range f.Rooms {
		l.unnameOne(&f.Rooms[i].Room)
	}
	d := l.c.sim.disk
	if f.RoomID != "" && f.RoomID != string(d.rooms[f.Room]) {
		l.fail("named", "%s of %s with the id of another room", f.Type, f.Room)
	}
	if f.Type == "room_renamed" && !d.leadsTo(f.Was, f.Room) {
		l.fail("named", "%s is told to have been %q, which is no name of it", f.Room, f.Was)
	}
}

func (l *link) unnameOne(name *string) {
	key := keyOf(*name)
	if *name != key && !l.c.sim.disk.leadsTo(*name, key) {
		l.fail("named", "%q is no room's name", *name)
	}
	*name = key
}

// rename gives a room a name of its own, or asks for the first name of another one, which it must not get even when that
// one is called something else by now.
func (s *sim) rename(room string, dice int) {
	name := otherName(room, dice)
	switch {
	case dice%5 == 0:
		name = room
	case dice%5 == 1:
		name = s.rooms[dice%len(s.rooms)]
	}
	called, what := s.call(room), fmt.Sprintf("rename %s to %s", room, name)
	s.renamed[room] = true
	s.trace.op("%s", what)
	s.later(func(srv *server) func() {
		ctx, cancel := context.WithTimeout(context.Background(), restTimeout)
		defer cancel()
		o := chat.Wait(ctx, func(done func(chat.Outcome)) { srv.service.Rename(s.people[0], called, name, done) })
		return func() {
			s.trace.op("%s: %v", what, chat.CodeOf(o.Err))
			if o.Err == nil && keyOf(name) != room {
				s.fail("named", "%s was given the name %s, which was another's", room, name)
			}
		}
	})
}

// newName is what an entry says that a room is called from it on; "" if it is about something else.
func newName(c *chat.Change) string {
	var data struct{ Name string }
	if c.Kind == chat.ChangeRenamed {
		if err := json.Unmarshal([]byte(c.Data), &data); err != nil {
			panic(err)
		}
	}
	return data.Name
}

// checkName: a client that has read of a new name has the last one, and so has the log.
func (s *sim) checkName(c *client, v *view) {
	now := s.disk.nameOf(v.room)
	if v.name != "" && v.name != now {
		s.fail("converged", "%s calls %s %q, and it is %q", c.label, v.room, v.name, now)
	}
	last := v.room
	for _, e := range s.disk.entries(v.room) {
		if e.Change != nil && e.Change.Kind == chat.ChangeRenamed {
			last = newName(e.Change)
		}
	}
	if last != now {
		s.fail("named", "%s is %q, and its last entry of a new name says %q", v.room, now, last)
	}
}
