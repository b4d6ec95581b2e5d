package e2e

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// position is where a client is in a room: the last entry that it has.
type position struct {
	Room  string `json:"room"`
	Epoch string `json:"epoch"`
	Seq   uint64 `json:"seq"`
	ID    string `json:"id,omitempty"`
}

func at(f frame) position { return position{f.Room, f.Epoch, f.Seq, f.ID} }

// subscribe asks for the rooms' streams from the given places on.
func (k *socket) subscribe(rooms ...any) {
	k.t.Helper()
	k.send(object{"type": "subscribe", "rooms": rooms})
}

func (st *story) manyRooms(t *testing.T) {
	ann := st.dial(t, "/ws", st.ann)
	ann.want("welcome")
	for _, room := range []string{"general", "random", "help"} {
		st.fence(t, room) // before she subscribes she hears nothing
	}
	ann.subscribe("general", object{"room": "random"}, "help")
	where := map[string]position{}
	for range 3 {
		f := ann.want("subscribed")
		where[f.Room] = at(f)
	}
	for _, room := range []string{"general", "random", "help"} {
		st.fence(t, room, ann)
		a := ann.say(room, "from one socket to "+room)
		p := where[room]
		where[room] = position{room, p.Epoch, a.Seq, a.ID} // an ack moves the place as a message does
	}
	ann.send(object{"type": "unsubscribe", "rooms": []string{"help"}})
	ann.send(object{"type": "message", "room": "help", "content": "from outside", "client_id": newID()})
	outside := ann.want("ack") // also who does not listen may speak, and gets the ack
	st.fence(t, "help")
	st.fence(t, "general", ann)
	_ = ann.conn.Close() // cut, without a word

	rooms := []string{"general", "random", "help"}
	for i := range 60 {
		st.call(t, http.StatusCreated, "POST", "/api/messages", st.bob, object{"room": rooms[i%3], "content": fmt.Sprintf("missed %d", i)}, nil)
	}
	back := st.dial(t, "/ws", st.ann)
	back.want("welcome")
	back.subscribe(where["general"], where["random"], where["help"])
	missed := map[string][]frame{}
	for want := 60 + 3; want > 0; { // and the fences of general and help, and what she said from outside
		f := back.next()
		switch p := where[f.Room]; f.Type {
		case "subscribed":
			if at(f) != p {
				t.Errorf("resumed at %+v, asked for %+v", at(f), p)
			}
		case "message":
			if f.Seq != p.Seq+1 {
				t.Fatalf("heard %s after %d", f.raw, p.Seq)
			}
			where[f.Room] = position{f.Room, p.Epoch, f.Seq, f.ID}
			missed[f.Room] = append(missed[f.Room], f)
			want--
		default:
			t.Fatalf("heard %s", f.raw)
		}
	}
	if len(missed["general"]) != 21 || len(missed["random"]) != 20 || len(missed["help"]) != 22 || missed["help"][0].ID != outside.ID {
		t.Errorf("missed %d, %d and %d messages; want 21, 20 and 22", len(missed["general"]), len(missed["random"]), len(missed["help"]))
	}
	for _, room := range rooms {
		st.fence(t, room, back) // and on it goes, live
	}
}

func (st *story) resets(t *testing.T) {
	ann := st.dial(t, "/ws", st.ann)
	ann.want("welcome")
	ann.subscribe("general")
	now := at(ann.want("subscribed"))
	for what, bad := range map[string]position{
		"another epoch":                {"general", newID(), now.Seq, now.ID},
		"beyond the head":              {"general", now.Epoch, now.Seq + 1, newID()},
		"far beyond the head":          {"general", now.Epoch, 1<<53 - 1, newID()},
		"another entry at that number": {"general", now.Epoch, now.Seq, newID()},
		"another entry further back":   {"general", now.Epoch, now.Seq - 2, newID()},
	} {
		ann.subscribe(bad)
		if f := ann.want("reset"); at(f) != now {
			t.Errorf("%s: got %s, want a reset to %+v", what, f.raw, now)
		}
		st.fence(t, "general", ann)
		now = st.last(t, "general")
	}
	ann.subscribe(position{Room: "general", Epoch: now.Epoch})
	if f := ann.want("subscribed"); f.Seq != 0 || f.Epoch != now.Epoch {
		t.Errorf("from the start: %s", f.raw)
	}
	for seq := uint64(1); seq <= now.Seq; seq++ {
		if f := ann.want("message"); f.Seq != seq {
			t.Fatalf("heard %s, want %d", f.raw, seq)
		}
	}
}

// last is the place of a room's last message, over REST.
func (st *story) last(t *testing.T, room string) position {
	t.Helper()
	p := st.page(t, st.ann, "room="+room+"&limit=1")
	m := p.Messages[0]
	return position{room, p.Epoch, m.Seq, m.ID}
}

func (st *story) extension(t *testing.T) {
	short := st.token("ann", "3s")
	lapsing, kept := st.enter(t, "general", short), st.enter(t, "general", short)
	kept.send(object{"type": "auth", "token": st.bob})
	kept.wantError("forbidden", "auth")
	kept.send(object{"type": "auth", "token": "nonsense"})
	kept.wantError("unauthenticated", "auth")
	kept.send(object{"type": "auth", "token": st.ann})
	f := kept.want("auth")
	if until, err := time.Parse(time.RFC3339Nano, f.ExpiresAt); err != nil || time.Until(until) < 30*time.Minute {
		t.Errorf("extended by %s", f.raw)
	}
	if code := lapsing.wantClose(); code != 4001 {
		t.Errorf("the socket whose token expired was closed with %d, want 4001", code)
	}
	kept.say("general", "still here")
	if _, resp, err := st.tryDial(t, "/ws", short, nil); err == nil || resp == nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("the expired token opened a socket: %v %v", resp, err)
	}
}
