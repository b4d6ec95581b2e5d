// Package rooms is a chat for a server that already knows its users: named rooms over WebSockets, with typing, presence
// and resuming after a lost connection, in memory and without a database. A whole program:
//
//	func main() {
//		key := []byte(os.Getenv("CHAT_KEY")) // 32 bytes or more, shared with whoever makes the tokens
//		chat := rooms.New(rooms.Options{
//			Authenticate: rooms.TokenAuth(key),
//			Rooms:        []string{"general", "random", "help"},
//		})
//		mux := http.NewServeMux()
//		chat.Register(mux) // GET /ws and GET /ws/room/{name}
//		log.Fatal(http.ListenAndServe(":8080", mux))
//	}
//
// A page needs no library:
//
//	const socket = new WebSocket(`wss://${location.host}/ws/room/general?token=${token}`)
//	socket.onmessage = e => { const m = JSON.parse(e.data); if (m.type === "message") show(m.user, m.content) }
//	socket.onopen = () => socket.send(JSON.stringify({type: "message", content: "Hello"}))
//
// # Protocol
//
// It is what a Parley server speaks on /ws/room/{name}: one JSON object per text frame, with a field "type". On the
// socket of one room the field "room" may be left out, and a text whose first byte is not { is the content of a message.
// On the socket of the site nothing is said in a room before it is subscribed.
//
//	from a page:  message, typing, stop_typing, subscribe, unsubscribe, auth
//	to a page:    welcome, subscribed, message, ack, typing, stop_typing, join, leave, online_users, presence_delta,
//	              reset, auth, goodbye, error
//
// The connection that sent a message does not hear it. If it gave a client_id, a UUID of its own, it hears an ack in the
// message's place; sending the same again within the kept history is acked again and stored once.
//
// A client that wants to miss nothing remembers the epoch that subscribed told, and the seq and id of the last message or
// ack. After reconnecting it sends {"type":"subscribe","rooms":[{"room":"general","epoch":…,"seq":…,"id":…}]} and gets
// what it missed, or a reset if that is more than the kept history.
//
// Close codes: 1001 the server stops, 1003 a binary frame, 1009 a frame above 64 KiB, 4001 the user's time is up, 4002
// Disconnect was called, 4004 too slow, 4005 silent for too long, 4006 a flood of control frames.
//
// # Invariants
//
// Messages of a room have numbers without a hole, and every connection meets them in that order. What is said in a room
// reaches nobody outside of it.
//
// Who somebody is comes from Options.Authenticate alone, before the upgrade; nothing a page sends changes it.
//
// A room exists because Options say so. With Options.Open naming one creates it, and it is forgotten soon after its last
// member has left.
package rooms
