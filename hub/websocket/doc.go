// Package websocket is the server side of the WebSocket protocol (RFC 6455) on net/http, for a server that holds many
// connections and sends far more than it receives. An idle connection costs a parked goroutine and no buffer. It uses
// the standard library only.
//
// A whole program, an echo server:
//
//	package main
//
//	import (
//		"log"
//		"net/http"
//		"time"
//
//		"github.com/parley-chat/parley/hub/websocket"
//	)
//
//	type echo struct{ conn *websocket.Conn }
//
//	func (e echo) Message(op websocket.Opcode, p []byte) { e.write(websocket.AppendFrame(nil, op, p)) }
//	func (e echo) Control(frame []byte)                  { e.write(frame) }
//	func (e echo) CloseFrame(frame []byte)               { e.write(frame); e.conn.Finish() }
//	func (e echo) Closed(err error)                      { log.Print(err) }
//
//	func (e echo) write(frame []byte) {
//		if _, err := e.conn.Write([][]byte{frame}, time.Now().Add(5*time.Second)); err != nil {
//			e.conn.Abort()
//		}
//	}
//
//	func main() {
//		http.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
//			conn, err := websocket.Upgrade(w, r, nil)
//			if err != nil {
//				return // it has been answered
//			}
//			go conn.Serve(echo{conn})
//		})
//		log.Fatal(http.ListenAndServe(":8080", nil))
//	}
//
// # Two halves
//
// The reading half is Serve: one goroutine that takes the connection's frames, answers for the protocol and calls a
// Handler. It writes nothing. Whatever must be sent, even a pong or the closing frame, is handed to the Handler, which
// queues it with everything else, so that one place decides what goes out, when, and in which order.
//
// The writing half is TryWrite (never blocks, on plain TCP on Linux) and Write (blocks until a deadline). Frames are made
// beforehand by AppendFrame or Text and may be shared between any number of connections.
//
// # The end of a connection
//
// It ends in one of three ways. In each, Handler.Closed is called once.
//
//   - The peer closes, or breaks a rule or a limit: Handler.CloseFrame gets the last frame to send. When it has been
//     written, call Finish.
//   - The owner closes: write what Conn.CloseFrame returns, then call Finish.
//   - The connection breaks, or the owner calls Abort.
//
// After Finish the connection waits up to five seconds for the peer's closing frame, then ends its side, reads away for
// up to two seconds what still arrives (otherwise TCP would answer it with a reset, which can destroy the closing frame on
// its way) and closes. If Finish does not come within five seconds of Handler.CloseFrame, the connection is aborted.
//
// # Limits and errors
//
// [Options] has all of them: a message of at most 64 KiB, a ping after 20 s of silence and the end after 40 s, 50 control
// frames a second, a send buffer of 128 KiB. What is not asked for there does not exist: nothing queues, and nothing bounds
// how much its owner writes. Package hub has a queue for each connection; a Conn is one of its transports.
//
// A handshake that is refused has been answered, and is a [*HandshakeError]. A connection that ended with a close frame,
// the peer's or one's own verdict on it, ended with a [*CloseError], which Handler.Closed gets.
//
// # Invariants
//
//   - Handler's methods are called from Serve's goroutine alone, never while a lock or a part of the connection is held.
//   - A length that a peer declares allocates nothing. What a connection holds of an unfinished message is at most
//     MaxMessage and 14 bytes.
//   - Only bytes received are life. A message has IdleAfter from its first byte to its last, whatever is sent in between.
//   - The descriptor is closed by one call, whoever is first.
//
// Extensions are declined, so no frame is ever compressed.
package websocket
