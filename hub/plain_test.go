package hub_test

import (
	"testing"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/hubtest"
)

// Without a Log and an Encoder, frames go out and nothing is said of positions.
func TestHubWithoutEntries(t *testing.T) {
	without := func(c *hub.Config) { c.Log, c.Encoder = nil, nil }
	within(t, without, func(w *world) {
		ann, bob := w.join("ann", "room"), w.connect("bob")
		bob.sub(hub.SubscribeRequest{Topic: "room", From: &hub.Position{Epoch: "e1", Seq: 7}}) // a reset, unsaid
		w.h.Broadcast("room", hubtest.Frame("hello"), "")
		ann.hears("hello")
		bob.hears("hello")
		ann.Send(hubtest.Frame("ann alone"))
		ann.hears("ann alone")
	})
}

func TestALogNeedsAnEncoder(t *testing.T) {
	for _, c := range []hub.Config{{Log: hub.NewMemoryLog(1)}, {Encoder: hubtest.Encoder{}}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("New took %+v", c)
				}
			}()
			hub.New(c)
		}()
	}
}
