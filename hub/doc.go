// Package hub delivers numbered messages to many connections: it is the engine under Parley's rooms, and nothing in it
// knows what a chat is. For a chat that is ready made, see package rooms below it. A whole program, in which everyone
// hears what anyone says to ws://localhost:8080/news:
//
//	package main
//
//	import (
//		"crypto/rand"
//		"fmt"
//		"log"
//		"net/http"
//
//		"github.com/parley-chat/parley/hub"
//		"github.com/parley-chat/parley/hub/websocket"
//	)
//
//	// frame is a line of text as it goes on the socket.
//	func frame(format string, a ...any) []byte { return websocket.Text(fmt.Appendf(nil, format, a...)) }
//
//	// words are what the hub itself has to say to a client.
//	type words struct{}
//
//	func (words) Subscribed(t string, p hub.Position, _ uint64) []byte { return frame("after %d", p.Seq) }
//	func (words) Reset(t string, p hub.Position, _ uint64) []byte      { return frame("reset to %d", p.Seq) }
//	func (words) Skip(t string, seq uint64) []byte                     { return frame("skip %d", seq) }
//
//	type server struct {
//		hub *hub.Hub
//		log *hub.MemoryLog
//	}
//
//	// peer is one connection: what it says is an entry of the topic "news".
//	type peer struct {
//		*server
//		session *hub.Session
//	}
//
//	func (p peer) Message(_ websocket.Opcode, text []byte) {
//		epoch, entry := p.log.Append("news", func(seq uint64) hub.Entry {
//			return hub.Entry{ID: rand.Text(), Frame: frame("%d %s: %s", seq, p.session.User().Name, text)}
//		})
//		p.hub.Publish("news", epoch, entry)
//	}
//
//	func (p peer) Control(frame []byte)    { p.session.Send(frame) }
//	func (p peer) CloseFrame(frame []byte) { p.session.CloseFrame(frame) }
//	func (p peer) Closed(error)            { p.session.Detach() }
//
//	func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
//		user := hub.User{ID: rand.Text(), Name: r.RemoteAddr} // whoever your own login says it is
//		conn, err := websocket.Upgrade(w, r, nil)
//		if err != nil {
//			return // it has been answered
//		}
//		session := s.hub.NewSession(user, conn)
//		if err := session.Subscribe(r.Context(), hub.SubscribeRequest{Topic: "news"}); err != nil {
//			session.Close(websocket.CloseInternal, "try again later")
//		}
//		go conn.Serve(peer{s, session})
//	}
//
//	func main() {
//		messages := hub.NewMemoryLog(1000)
//		s := &server{hub.New(hub.Config{Log: messages, Encoder: words{}}), messages}
//		http.Handle("GET /news", s)
//		log.Fatal(http.ListenAndServe("localhost:8080", nil))
//	}
//
// # Concepts
//
// A topic is a log: entries numbered 1, 2, 3, … that are readable from a [Log] before they are published. It needs no
// making: a topic is open as long as somebody is subscribed. An [Entry] carries its frame, encoded once and shared by all.
//
// A [Session] is one connection of one user, over a [Transport] such as a websocket.Conn. It subscribes to topics, and for
// each of them it meets every number exactly once and in order, from the [Position] it names or from the head on. A client
// that remembers the position of the last entry can resume on another connection, another day, another node.
//
// What has no number is not kept: [Hub.Broadcast] (typing, say), [Hub.BroadcastAll], [Hub.SendUser], [Session.Send].
//
// [Presence] is told who is in a topic, each user once however many sessions. A [Bus] carries entries and broadcasts
// between processes; presence and everything about sessions is of one process.
//
// An [Encoder] makes the hub's own frames. All frames of a connection must be of its transport's kind: for a websocket.Conn
// made by websocket.Text or websocket.AppendFrame.
//
// # Limits and errors
//
// All that a hub keeps is bounded by [Limits]. A session that does not keep up is closed with [Config.SlowCode]; a position
// that cannot be resumed, because it is too old, more than Limits.ResumeLimit back or of another past, is a reset and no
// error. A frame is bounded by whoever reads it in.
//
// [Hub.Publish] and the broadcasts cannot fail. When the Log fails, [Session.Subscribe] says so; a stream that is under
// way waits and tries again. [Hub.Stats] counts all this.
//
// # Invariants
//
// Live, late, lost and resumed entries are one mechanism. A subscription has a position. The only thing that ever
// happens to it is that the entry after its position is queued and the position moves on by one, or that the
// position is declared void with a reset. So there is no hole, no repetition and no reordering to be mended anywhere else.
//
// A published entry is taken by the topic when it is the next. A lower number is dropped, a higher one held for a moment
// and then the gap is read from the Log. What does not fit into a topic's memory is not kept: it is read from the Log later.
//
// The acknowledgement of a send stands in the stream at its entry's place: the session on which the send is open
// gets the ack there instead of the entry. So an ack never overtakes what came before it.
//
// A slow reader harms only itself. Nothing here waits for a connection: a session has a bounded queue, and one that
// does not keep up is closed with a code, to resume later.
//
// # What may call what
//
// Log, Bus, Presence, SubscribeRequest.Authorize and Config.Evicted are called with no lock held.
// Transport.Write and TryWrite are called without a lock, by the one goroutine that writes the session at that time.
// Encoder, Transport.FrameEnd and CloseFrame are called under locks: they must be quick and must not call the hub.
package hub
