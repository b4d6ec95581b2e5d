package rooms_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/parley-chat/parley/hub/hubtest"
	"github.com/parley-chat/parley/hub/rooms"
)

// What the examples have in common: a key, and a log that does not mix with their output.
var (
	key   = []byte("a key of at least thirty-two bytes")
	quiet = slog.New(slog.DiscardHandler)
)

// serve mounts a chat on a server of its own. end stops both.
func serve(chat *rooms.Server) (server *httptest.Server, end func()) {
	mux := http.NewServeMux()
	chat.Register(mux)
	server = httptest.NewServer(mux)
	return server, func() {
		_ = chat.Shutdown(context.Background()) // it has all the time there is
		server.Close()
	}
}

// enter opens the socket of a room as somebody's page does: new WebSocket("wss://…/ws/room/general?token=…").
func enter(server *httptest.Server, room, name string) *hubtest.Client {
	token := rooms.SignToken(key, rooms.User{ID: name, Expires: time.Now().Add(time.Minute)})
	page, err := hubtest.Dial(context.Background(), server.Client(), server.URL+"/ws/room/"+room+"?token="+token, nil)
	if err == nil {
		err = page.Next("online_users", nil) // from here on the others see it
	}
	if err != nil {
		panic(err)
	}
	return page
}

func Example() {
	chat := rooms.New(rooms.Options{
		Authenticate: rooms.TokenAuth(key),
		Rooms:        []string{"general", "random"},
		Logger:       quiet,
	})
	server, end := serve(chat)
	defer end()
	ann, bob, eve := enter(server, "general", "ann"), enter(server, "general", "bob"), enter(server, "random", "eve")

	ann.Send(`{"type":"message","content":"Hello"}`)
	var heard rooms.Message
	bob.Next("message", &heard)
	fmt.Println(heard.Room, heard.User, heard.Content)

	chat.Broadcast("random", "Nobody else is here") // eve has not heard ann
	eve.Next("message", &heard)
	fmt.Println(heard.Room, heard.User, heard.Content)
	// Output:
	// general ann Hello
	// random system Nobody else is here
}
