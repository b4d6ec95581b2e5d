// Package hubtest tests what is built on packages hub, hub/websocket and hub/rooms. A whole test of a chat, over real
// connections:
//
//	package chat_test
//
//	import (
//		"context"
//		"net/http"
//		"net/http/httptest"
//		"testing"
//		"time"
//
//		"github.com/parley-chat/parley/hub/hubtest"
//		"github.com/parley-chat/parley/hub/rooms"
//	)
//
//	func TestBobHearsAnn(t *testing.T) {
//		key := []byte("a key of at least thirty-two bytes")
//		chat := rooms.New(rooms.Options{Authenticate: rooms.TokenAuth(key), Rooms: []string{"general"}})
//		defer chat.Shutdown(context.Background())
//		mux := http.NewServeMux()
//		chat.Register(mux)
//		server := httptest.NewServer(mux)
//		defer server.Close()
//
//		enter := func(name string) *hubtest.Client {
//			token := rooms.SignToken(key, rooms.User{ID: name, Expires: time.Now().Add(time.Minute)})
//			url := server.URL + "/ws/room/general?token=" + token
//			client, err := hubtest.Dial(t.Context(), server.Client(), url, nil)
//			if err != nil {
//				t.Fatal(err)
//			}
//			if err := client.Next("subscribed", nil); err != nil {
//				t.Fatal(err)
//			}
//			return client
//		}
//		ann, bob := enter("ann"), enter("bob")
//		if err := ann.Send("Hello"); err != nil {
//			t.Fatal(err)
//		}
//		var m rooms.Message
//		if err := bob.Next("message", &m); err != nil || m.User != "ann" || m.Content != "Hello" {
//			t.Errorf("bob heard %+v, %v", m, err)
//		}
//	}
//
// There is something for each place where a program meets the hub:
//
//   - [Dial] speaks to an http.Handler, one's own or any other, as a page's WebSocket does, over a real connection.
//   - [Connect] gives a hub a [Peer], a connection inside the process that stalls, fails and is cut as a test says. Frames
//     are lines there: each ends with a newline and holds no other, so that what a session was sent reads as text; [Frame]
//     makes them, and [Encoder] is for that hub.
//   - [RunLogSuite] and [RunBusSuite] hold a Log and a Bus of one's own to their contracts. Run them with -race.
//
// Everything but Dial works in real time and inside a testing/synctest bubble. A [Client] is for real time: a network
// connection never lets a bubble come to rest.
//
// Nothing here is meant for a server: the limits are those of a test.
package hubtest

import (
	"fmt"

	"github.com/parley-chat/parley/hub"
)

// Frame is a line as a frame of a [Peer].
func Frame(format string, args ...any) []byte { return fmt.Appendf(nil, format+"\n", args...) }

// Encoder says what a hub has to say in lines: "subscribed room 5", "reset room 7", "skip room 3".
type Encoder struct{}

// Subscribed implements hub.Encoder.
func (Encoder) Subscribed(topic string, p hub.Position, _ uint64) []byte {
	return Frame("subscribed %s %d", topic, p.Seq)
}

// Reset implements hub.Encoder.
func (Encoder) Reset(topic string, p hub.Position, _ uint64) []byte {
	return Frame("reset %s %d", topic, p.Seq)
}

// Skip implements hub.Encoder.
func (Encoder) Skip(topic string, seq uint64) []byte { return Frame("skip %s %d", topic, seq) }
