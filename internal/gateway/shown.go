package gateway

import (
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// RoomShown is chat.Config.RoomShown: it tells of a room that is new in people's lists, or has another name, on the
// connections of those people. Of a new name the room's own sockets hear as well.
func (p *Publisher) RoomShown(sh chat.Showing) {
	g := p.gate.Load()
	if g == nil {
		return
	}
	room := sh.Room
	if sh.Was != "" {
		g.tell(sh.To, room.ID, g.encode(&wire.RoomRenamed{RoomID: string(room.ID), Room: room.Name, Was: sh.Was}))
		return
	}
	added := &wire.RoomAdded{Room: room.Name, RoomID: string(room.ID), Topic: room.Topic, Kind: string(room.Kind)}
	if room.Kind != chat.RoomDirect {
		g.tell(sh.To, "", g.encode(added))
		return
	}
	for _, user := range sh.To {
		added.People = persons(chat.Others(sh.People, user))
		g.tell([]chat.UserID{user}, "", g.encode(added))
	}
}

// RoomHidden is chat.Config.RoomHidden: it tells a person's connections that a room is not in their list any more.
func (p *Publisher) RoomHidden(room chat.Room, user chat.UserID) {
	if g := p.gate.Load(); g != nil {
		g.tell([]chat.UserID{user}, "", g.encode(&wire.RoomRemoved{Room: room.Name, RoomID: string(room.ID)}))
	}
}

// tell queues a frame to the people's connections (nil: everybody's) but for those that are one room's own, unless it is
// the room also.
func (g *Gateway) tell(to []chat.UserID, also chat.RoomID, frame []byte) {
	if to == nil {
		for _, c := range g.all() {
			c.tell(also, frame)
		}
		return
	}
	for _, user := range to {
		for _, s := range g.hub.Sessions(string(user)) {
			if c := g.conn(s); c != nil {
				c.tell(also, frame)
			}
		}
	}
}

func (c *conn) tell(also chat.RoomID, frame []byte) {
	if c.room.ID == "" || c.room.ID == also {
		c.send(frame)
	}
}

func persons(people []chat.Person) []wire.Person {
	list := make([]wire.Person, len(people))
	for i, p := range people {
		list[i] = wire.Person{ID: string(p.ID), Name: p.Name}
	}
	return list
}
