package websocket_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/parley-chat/parley/hub/hubtest"
	"github.com/parley-chat/parley/hub/websocket"
)

var ended = make(chan error, 1) // how the connection of the example did

// echo sends back what it gets. It writes on the reading goroutine and may block there, which is right for a peer that
// waits for its own answers; a server that sends to many needs a queue for each.
type echo struct{ conn *websocket.Conn }

func (e echo) Message(op websocket.Opcode, p []byte) { e.write(websocket.AppendFrame(nil, op, p)) }
func (e echo) Control(frame []byte)                  { e.write(frame) }
func (e echo) CloseFrame(frame []byte)               { e.write(frame); e.conn.Finish() }
func (e echo) Closed(err error)                      { ended <- err }

func (e echo) write(frame []byte) {
	if _, err := e.conn.Write([][]byte{frame}, time.Now().Add(5*time.Second)); err != nil {
		e.conn.Abort()
	}
}

func serveEcho(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Upgrade(w, r, nil)
	if err != nil {
		return // it has been answered
	}
	go conn.Serve(echo{conn})
}

// An echo server and somebody who speaks to it.
func Example() {
	server := httptest.NewServer(http.HandlerFunc(serveEcho))
	defer server.Close()
	client, err := hubtest.Dial(context.Background(), server.Client(), server.URL, nil)
	if err != nil {
		panic(err)
	}
	client.Send("Hello")
	fmt.Println(client.Receive())
	client.Close()
	fmt.Println(<-ended)
	// Output:
	// Hello <nil>
	// websocket: closed by the peer with 1000 ""
}

// Only the pages of two origins may connect with the cookies of their users.
func ExampleOrigins() {
	origins, err := websocket.NewOrigins("https://chat.example.com", "http://localhost:5173")
	if err != nil {
		fmt.Println(err)
		return
	}
	options := &websocket.Options{CheckOrigin: origins.Allow}
	request := httptest.NewRequest(http.MethodGet, "/ws", nil)
	request.Header.Set("Origin", "https://chat.example.com.evil.example")
	fmt.Println(options.CheckOrigin(request))
	// Output: false
}
