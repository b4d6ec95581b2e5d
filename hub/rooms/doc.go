// Package rooms is a chat for a server that already knows its users: named rooms over WebSockets, with typing, presence
// and resuming after a lost connection, in memory and without a database. A whole program, which prints a link for each
// of two people:
//
//	package main
//
//	import (
//		"crypto/rand"
//		"fmt"
//		"log"
//		"net/http"
//		"time"
//
//		"github.com/parley-chat/parley/hub/rooms"
//	)
//
//	const page = `<!doctype html>
//	<ul id="list"></ul>
//	<form id="form"><input id="input" autofocus placeholder="Message #general"></form>
//	<script>
//	const show = (who, what) => list.append(Object.assign(document.createElement("li"), {textContent: who + ": " + what}))
//	const token = location.hash.slice(1)
//	const socket = new WebSocket(location.origin.replace("http", "ws") + "/ws/room/general?token=" + token)
//	socket.onmessage = event => {
//	  const frame = JSON.parse(event.data)
//	  if (frame.type === "message") show(frame.user, frame.content)
//	  if (frame.type === "join" || frame.type === "leave") show(frame.user, frame.type)
//	  if (frame.type === "online_users") document.title = frame.users.join(", ")
//	  if (frame.type === "error") show("error", frame.message)
//	}
//	socket.onclose = event => show("closed", event.code)
//	form.onsubmit = event => {
//	  event.preventDefault()
//	  socket.send(JSON.stringify({type: "message", content: input.value}))
//	  show("me", input.value)
//	  input.value = ""
//	}
//	</script>`
//
//	func main() {
//		key := []byte(rand.Text() + rand.Text()) // 32 bytes or more; tokens are worth something as long as it is kept
//		chat := rooms.New(rooms.Options{
//			Authenticate: rooms.TokenAuth(key), // or a function that knows the cookie of your own login
//			Rooms:        []string{"general", "random", "help"},
//		})
//		mux := http.NewServeMux()
//		chat.Register(mux) // GET /ws and GET /ws/room/{name}
//		mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, page) })
//		for _, name := range []string{"ann", "bob"} {
//			token := rooms.SignToken(key, rooms.User{ID: name, Expires: time.Now().Add(time.Hour)})
//			fmt.Printf("%s: http://localhost:8080/#%s\n", name, token)
//		}
//		log.Fatal(http.ListenAndServe("localhost:8080", mux))
//	}
//
// A [Server] is mounted with [Server.Register], or on any other router: it is the http.Handler of one room's socket, and
// [Server.Site] that of a socket for many. Middleware around them must let the connection be taken over: its
// ResponseWriter has Hijack, or Unwrap. The server ends with [Server.Shutdown], before the http.Server, which does not know
// of open sockets. Who somebody is comes from [Options.Authenticate]; what is said can be kept by [Options.OnMessage].
//
// # Protocol
//
// It is what a Parley server speaks on /ws/room/{name}: one JSON object per text frame, with a field "type". On the
// socket of one room the field "room" may be left out, and a text whose first byte is not { is the content of a message.
// On the socket of the site nothing is said in a room before it is subscribed.
//
// From a page:
//
//   - message {room, content, client_id?}: says something. client_id is a UUID of the page's own, and asks for an ack.
//   - typing {room}, stop_typing {room}: tell the room's other people. A message ends typing by itself.
//   - subscribe {rooms: [{room, epoch?, seq?, id?}]}: enters rooms, and resumes after a position.
//   - unsubscribe {rooms: [{room}]}: leaves them.
//   - auth {token}: a fresh token for a connection that expires.
//
// To a page:
//
//   - welcome {user, user_id, expires_at?, limits, rooms}: the first frame.
//   - subscribed {room, epoch, seq, id?, min_seq}: the stream of the room begins after seq.
//   - message {room, id, seq, user, user_id, content, timestamp, client_id?}: somebody else said something. The other fields
//     that come are for pages that also speak to a Parley server, here and below.
//   - ack {room, client_id, id, seq, timestamp}: what this connection sent stands at seq; it comes in the message's place.
//   - typing, stop_typing, join, leave {room, user, user_id}. Just after entering, a join or leave may come that online_users
//     has counted already.
//   - online_users {room, users, count}: who is there, sorted; on entering, and after changes at most once a second. Above 100
//     people users is empty, and presence_delta {room, joined, left, count} comes instead of join and leave.
//   - reset {room, epoch, seq, id?, min_seq}: more was missed than is kept. What the page shows of the room has a hole.
//   - auth {expires_at?}: a fresh token was taken.
//   - goodbye {reconnect_after}: the server stops; come back after so many milliseconds.
//   - error {code, message, ref?, room?, retry_after?}: a frame was refused. ref is its client_id, or its type; retry_after is
//     in milliseconds. The connection stays.
//
// The connection that sent a message does not hear it. If it gave a client_id, it hears an ack in the message's place;
// sending the same again within the kept history is acked again and stored once, something else under the same client_id
// is a conflict. Without a client_id it hears nothing, not even the message's number: after a resume its own message may
// come.
//
// A client that wants to miss nothing remembers the epoch that subscribed told, and the seq and id of the last message or
// ack. After reconnecting it sends them with subscribe, and gets what it missed, or a reset if that is more than the kept
// history, which begins empty with the process. What is older only the host has, by [Options.OnMessage].
//
// # Limits and errors
//
// A frame has at most 64 KiB, a message [Options.MaxContent] characters. A user sends [Options.Rate] messages a second and
// enters 10 rooms a second, after 100 at once. A connection is in 200 rooms at most; typing is told once in two seconds.
// A connection that is silent for 20 s is pinged and after 40 s closed, as is one with more than 1 MiB, or a byte older
// than 30 s, waiting to be read.
//
// The codes of errors: invalid, unauthenticated, forbidden, not_found, conflict, too_large, rate_limited, overloaded,
// internal. Before the upgrade they are problem documents, see [Server.ServeHTTP].
//
// Close codes: 1001 the server stops, 1003 a binary frame, 1009 a frame above 64 KiB, and those of [CloseExpired] and its
// neighbours.
//
// # Invariants
//
// Messages of a room have numbers without a hole, and every connection meets them in that order. What is said in a room
// reaches nobody outside of it.
//
// Who somebody is comes from Options.Authenticate alone, before the upgrade; nothing a page sends changes it.
//
// A room exists because Options say so. With Options.Open naming one creates it, and it is forgotten 30 seconds after its
// last member has left.
package rooms
