package rooms_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/parley-chat/parley/hub/hubtest"
	"github.com/parley-chat/parley/hub/rooms"
	"github.com/parley-chat/parley/hub/websocket"
)

// The host knows its users already: by a cookie and a table of sessions. A WebSocket carries the cookies of the page that
// opens it.
func Example_ownAuthentication() {
	var sessions sync.Map
	sessions.Store("4f1c", rooms.User{ID: "17", Name: "Ann"})
	chat := rooms.New(rooms.Options{
		Authenticate: func(r *http.Request) (rooms.User, error) {
			cookie, err := r.Cookie("session")
			if err != nil {
				return rooms.User{}, err
			}
			user, ok := sessions.Load(cookie.Value)
			if !ok {
				return rooms.User{}, errors.New("no such session")
			}
			return user.(rooms.User), nil
		},
		Rooms:  []string{"general"},
		Logger: quiet,
	})
	server, end := serve(chat)
	defer end()

	ctx, url := context.Background(), server.URL+"/ws/room/general"
	_, err := hubtest.Dial(ctx, server.Client(), url, http.Header{"Cookie": {"session=guessed"}})
	var refused *websocket.HandshakeError
	fmt.Println(errors.As(err, &refused), refused.Status)

	ann, err := hubtest.Dial(ctx, server.Client(), url, http.Header{"Cookie": {"session=4f1c"}})
	if err != nil {
		panic(err)
	}
	var welcome struct{ User string }
	ann.Next("welcome", &welcome)
	fmt.Println(welcome.User)

	sessions.Delete("4f1c") // she signs out
	chat.Disconnect("17")
	for err == nil {
		_, err = ann.Receive()
	}
	fmt.Println(err)
	// Output:
	// true 401
	// Ann
	// websocket: closed by the peer with 4002 "disconnected"
}

// To everybody, whatever rooms they are in.
func ExampleServer_BroadcastAll() {
	chat := rooms.New(rooms.Options{Authenticate: rooms.TokenAuth(key), Rooms: []string{"general", "random"}, Logger: quiet})
	server, end := serve(chat)
	defer end()
	ann, bob := enter(server, "general", "ann"), enter(server, "random", "bob")

	chat.BroadcastAll("Back in five minutes")
	for _, page := range []*hubtest.Client{ann, bob} {
		var m rooms.Message
		page.Next("message", &m)
		fmt.Printf("%s: %s\n", m.User, m.Content)
	}
	// Output:
	// system: Back in five minutes
	// system: Back in five minutes
}

// Pages are told who comes, goes and is there; the server can ask.
func Example_presence() {
	chat := rooms.New(rooms.Options{Authenticate: rooms.TokenAuth(key), Rooms: []string{"general"}, Logger: quiet})
	server, end := serve(chat)
	defer end()

	ann := enter(server, "general", "ann")
	enter(server, "general", "bob")
	enter(server, "general", "bob") // in another tab
	var joined struct{ User string }
	ann.Next("join", &joined)
	fmt.Println(joined.User, "came")
	for _, user := range chat.Online("general") {
		fmt.Println(user.Name, "is here")
	}
	// Output:
	// bob came
	// ann is here
	// bob is here
}

// A page says that somebody types, at most once in two seconds; a message takes it back by itself.
func Example_typing() {
	chat := rooms.New(rooms.Options{Authenticate: rooms.TokenAuth(key), Rooms: []string{"general"}, Logger: quiet})
	server, end := serve(chat)
	defer end()
	ann, bob := enter(server, "general", "ann"), enter(server, "general", "bob")

	ann.Send(`{"type":"typing"}`)
	ann.Send(`{"type":"stop_typing"}`)
	for _, typ := range []string{"typing", "stop_typing"} {
		var who struct{ User string }
		bob.Next(typ, &who)
		fmt.Println(typ, who.User)
	}
	// Output:
	// typing ann
	// stop_typing ann
}

// After a lost connection a page names the last message it has, and gets what came since.
func Example_resume() {
	chat := rooms.New(rooms.Options{Authenticate: rooms.TokenAuth(key), Rooms: []string{"general"}, Logger: quiet})
	server, end := serve(chat)
	defer end()
	ann, bob := enter(server, "general", "ann"), enter(server, "general", "bob")
	bob.Send(`{"type":"subscribe","rooms":[{"room":"general"}]}`)
	var stream struct{ Epoch string }
	bob.Next("subscribed", &stream) // it was told on entering, too

	ann.Send("one")
	var last rooms.Message
	bob.Next("message", &last)

	bob.Abort() // in a tunnel
	ann.Send("two")
	ann.Send("three")

	bob = enter(server, "general", "bob")
	bob.Send(fmt.Sprintf(`{"type":"subscribe","rooms":[{"room":"general","epoch":%q,"seq":%d,"id":%q}]}`, stream.Epoch, last.Seq, last.ID))
	bob.Next("subscribed", nil)
	for range 2 {
		bob.Next("message", &last)
		fmt.Println(last.Seq, last.Content)
	}
	// Output:
	// 2 two
	// 3 three
}

// OnMessage keeps what is said, before anyone hears it, and may refuse it.
func Example_ownDatabase() {
	table := make(chan rooms.Message, 100) // INSERT INTO messages …
	chat := rooms.New(rooms.Options{
		Authenticate: rooms.TokenAuth(key),
		Rooms:        []string{"general"},
		OnMessage: func(ctx context.Context, m rooms.Message) error {
			if strings.Contains(m.Content, "http://") {
				return rooms.Refusal("links must begin with https://")
			}
			table <- m
			return nil
		},
		Logger: quiet,
	})
	server, end := serve(chat)
	defer end()
	ann, bob := enter(server, "general", "ann"), enter(server, "general", "bob")

	ann.Send("see http://example.com")
	var refused struct{ Message string }
	ann.Next("error", &refused)
	fmt.Println(refused.Message)

	ann.Send("see https://example.com")
	bob.Next("message", nil)
	fmt.Println((<-table).Content)
	// Output:
	// links must begin with https://
	// see https://example.com
}
