package rooms

import "github.com/parley-chat/parley/hub"

// maxDeltaNames bounds each list of a presence_delta; the count is always right.
const maxDeltaNames = 100

// presence tells rooms who came and went.
type presence struct{ s *Server }

// Changed implements hub.Presence.
func (p presence) Changed(c hub.PresenceChange) {
	h := p.s.hub
	if c.Coalesced {
		h.Broadcast(c.Topic, encode(deltaFrame{"presence_delta", c.Topic, names(c.Joined, maxDeltaNames), names(c.Left, maxDeltaNames), c.Count}), "")
		return
	}
	for _, u := range c.Left {
		h.Broadcast(c.Topic, encode(personFrame{"leave", c.Topic, u.Name, u.ID}), u.ID)
	}
	for _, u := range c.Joined {
		h.Broadcast(c.Topic, encode(personFrame{"join", c.Topic, u.Name, u.ID}), u.ID)
	}
	if c.People != nil {
		h.Broadcast(c.Topic, encode(onlineFrame{"online_users", c.Topic, names(c.People, len(c.People)), c.Count}), "")
	}
}

// Arrived implements hub.Presence.
func (p presence) Arrived(s *hub.Session, room string, people []hub.User, count int) {
	s.Send(encode(onlineFrame{"online_users", room, names(people, len(people)), count}))
}

func names(users []hub.User, most int) []string {
	list := make([]string, 0, min(len(users), most))
	for _, u := range users[:min(len(users), most)] {
		list = append(list, u.Name)
	}
	return list
}
