package hub_test

import (
	"context"
	"fmt"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/hubtest"
)

// roster tells everyone else in a topic who comes and goes.
type roster struct{ hub *hub.Hub }

// Changed implements hub.Presence.
func (r *roster) Changed(c hub.PresenceChange) {
	for _, u := range c.Joined {
		r.hub.Broadcast(c.Topic, hubtest.Frame("%s came", u.Name), u.ID)
	}
	for _, u := range c.Left {
		r.hub.Broadcast(c.Topic, hubtest.Frame("%s left", u.Name), u.ID)
	}
}

// Arrived implements hub.Presence.
func (r *roster) Arrived(s *hub.Session, _ string, people []hub.User, _ int) {
	for _, u := range people {
		s.Send(hubtest.Frame("%s is here", u.Name))
	}
}

// Who comes and goes, and who types: frames without a number, which need no Log.
func Example_presenceAndTyping() {
	who := &roster{}
	h := hub.New(hub.Config{Presence: who, Limits: hub.Limits{LeaveGrace: -1}})
	who.hub = h
	ctx := context.Background()
	defer h.Shutdown(ctx, 1001, "")

	ann, heard := hubtest.Connect(h, hub.User{ID: "1", Name: "Ann"})
	ann.Subscribe(ctx, hub.SubscribeRequest{Topic: "tea"})
	heard.Await(ctx, func(lines []string) bool { return len(lines) == 1 })
	bob, _ := hubtest.Connect(h, hub.User{ID: "2", Name: "Bob"})
	bob.Subscribe(ctx, hub.SubscribeRequest{Topic: "tea"})
	heard.Await(ctx, func(lines []string) bool { return len(lines) == 2 })
	h.Broadcast("tea", hubtest.Frame("Bob types"), bob.User().ID)
	bob.Unsubscribe("tea")

	lines, _ := heard.Await(ctx, func(lines []string) bool { return len(lines) == 4 })
	for _, line := range lines {
		fmt.Println(line)
	}
	// Output:
	// Ann is here
	// Bob came
	// Bob types
	// Bob left
}
