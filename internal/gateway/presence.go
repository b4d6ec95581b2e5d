package gateway

import (
	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// maxDeltaNames bounds each list of a presence_delta; the count is always right.
const maxDeltaNames = 100

// presence tells rooms who came and went.
type presence struct{ g *Gateway }

// Changed implements hub.Presence.
func (p presence) Changed(c hub.PresenceChange) {
	room := p.g.roomName(c.Topic)
	if c.Coalesced {
		p.g.hub.Broadcast(c.Topic, p.g.encode(&wire.PresenceDelta{
			Room: room, Joined: names(c.Joined, maxDeltaNames), Left: names(c.Left, maxDeltaNames), Count: c.Count,
		}), "")
		return
	}
	for _, u := range c.Left {
		p.g.hub.Broadcast(c.Topic, p.g.encode(&wire.Leave{Room: room, User: u.Name, UserID: u.ID}), u.ID)
	}
	for _, u := range c.Joined {
		p.g.hub.Broadcast(c.Topic, p.g.encode(&wire.Join{Room: room, User: u.Name, UserID: u.ID}), u.ID)
	}
	if c.People != nil {
		p.g.hub.Broadcast(c.Topic, p.g.encode(&wire.OnlineUsers{Room: room, Users: names(c.People, len(c.People)), Count: c.Count}), "")
	}
}

// Arrived implements hub.Presence.
func (p presence) Arrived(s *hub.Session, topic string, people []hub.User, count int) {
	s.Send(p.g.encode(&wire.OnlineUsers{Room: p.g.roomName(topic), Users: names(people, len(people)), Count: count}))
}

func names(users []hub.User, most int) []string {
	list := make([]string, 0, min(len(users), most))
	for _, u := range users[:min(len(users), most)] {
		list = append(list, u.Name)
	}
	return list
}

// OnlineCount returns how many people are in a room now.
func (g *Gateway) OnlineCount(room chat.RoomID) int {
	return g.hub.Count(string(room))
}

// Online returns who is in a room now, by name, at most limit of them, and how many there are.
func (g *Gateway) Online(room chat.RoomID, limit int) ([]hub.User, int) {
	return g.hub.People(string(room), limit)
}
