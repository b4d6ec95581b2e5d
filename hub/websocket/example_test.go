package websocket_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/parley-chat/parley/hub/websocket"
)

// echo sends back what it gets. It writes on the reading goroutine and may block there, which is right for a peer that
// waits for its own answers; a server that sends to many needs a queue for each.
type echo struct{ conn *websocket.Conn }

func (e echo) Message(op websocket.Opcode, p []byte) { e.write(websocket.AppendFrame(nil, op, p)) }
func (e echo) Control(frame []byte)                  { e.write(frame) }
func (e echo) CloseFrame(frame []byte)               { e.write(frame); e.conn.Finish() }
func (e echo) Closed(err error)                      { fmt.Println(err) }

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

// An echo server, and a client that says "Hello" with the frames of RFC 6455, section 5.7.
func Example() {
	server := httptest.NewServer(http.HandlerFunc(serveEcho))
	defer server.Close()

	client, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = client.Close() }()
	fmt.Fprint(client, "GET / HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
	buffered := bufio.NewReader(client)
	answer, err := http.ReadResponse(buffered, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Status)

	fmt.Fprint(client, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58") // text, "Hello", masked
	fmt.Fprint(client, "\x88\x80\x00\x00\x00\x00")                     // close
	rest, err := io.ReadAll(buffered)
	fmt.Printf("%q %v\n", rest, err)
	// Output:
	// 101 Switching Protocols
	// websocket: closed by the peer with 1005 ""
	// "\x81\x05Hello\x88\x00" <nil>
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
