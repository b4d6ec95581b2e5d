package e2e

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/wsclient"
)

// TestBadFrames sends what a client must not send. The answer names the code; the connection and the server stay.
func TestBadFrames(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limits", "off")
	token := s.user("ann")
	k := s.dial(t, "/ws", token)
	k.want("welcome")
	k.subscribe("general")
	k.want("subscribed")
	const id = "0190a8c0-1111-7000-8000-000000000001"
	say := func(room, content string) string {
		b, _ := json.Marshal(object{"type": "message", "room": room, "content": content, "client_id": id})
		return string(b)
	}
	for _, c := range []struct{ what, frame, code, ref, says string }{
		{"bad JSON", `{"type":"message"`, "invalid", "", "JSON"},
		{"bad JSON", `{"type":"message",}`, "invalid", "", "JSON"},
		{"two values", `{"type":"message"}{}`, "invalid", "", ""},
		{"no object", `["message"]`, "invalid", "", "object"},
		{"bare text where no room is meant", `hello`, "invalid", "", "JSON"},
		{"empty frame", ``, "invalid", "", ""},
		{"no type", `{"room":"general"}`, "invalid", "", "type"},
		{"a type that is no string", `{"type":7}`, "invalid", "", "type"},
		{"unknown type", `{"type":"shout"}`, "invalid", "shout", "type"},
		{"a type of the server's", `{"type":"ack","room":"general"}`, "invalid", "ack", "type"},
		{"a room that is no string", `{"type":"message","room":5,"content":"x"}`, "invalid", "message", "room"},
		{"a content that is no string", `{"type":"message","room":"general","content":{"a":1},"client_id":"` + id + `"}`, "invalid", id, "content"},
		{"a field given twice", `{"type":"message","room":"general","room":"random","content":"x"}`, "invalid", "message", "room"},
		{"no content", `{"type":"message","room":"general"}`, "invalid", "message", "content"},
		{"no room", `{"type":"message","content":"x"}`, "invalid", "message", "room"},
		{"no room", `{"type":"typing"}`, "invalid", "typing", "room"},
		{"no room", `{"type":"read","n":1}`, "invalid", "read", "room"},
		{"no rooms", `{"type":"subscribe"}`, "invalid", "subscribe", "rooms"},
		{"empty rooms", `{"type":"subscribe","rooms":[]}`, "invalid", "subscribe", "rooms"},
		{"too many rooms", `{"type":"subscribe","rooms":[` + strings.Repeat(`"a",`, 200) + `"a"]}`, "invalid", "subscribe", "rooms"},
		{"a seq below 0", `{"type":"subscribe","rooms":[{"room":"general","epoch":"e","seq":-1,"id":"x"}]}`, "invalid", "subscribe", "rooms[0].seq"},
		{"a seq beyond JavaScript", `{"type":"subscribe","rooms":[{"room":"general","epoch":"e","seq":9007199254740992,"id":"x"}]}`, "invalid", "subscribe", "rooms[0].seq"},
		{"a position without an epoch", `{"type":"subscribe","rooms":[{"room":"general","seq":0}]}`, "invalid", "subscribe", "rooms[0].epoch"},
		{"a room that does not exist", say("nowhere", "x"), "not_found", id, "room"},
		{"a room that does not exist", `{"type":"subscribe","rooms":["nowhere"]}`, "not_found", "subscribe", "room"},
		{"a room that does not exist", `{"type":"typing","room":"nowhere"}`, "not_found", "typing", "room"},
		{"a room that does not exist", `{"type":"read","room":"nowhere","n":0}`, "not_found", "read", "room"},
		{"a room name outside the pattern", say("General", "x"), "invalid", id, "room"},
		{"a room name outside the pattern", say("../general", "x"), "invalid", id, "room"},
		{"a room name outside the pattern", say("-general", "x"), "invalid", id, "room"},
		{"a room name outside the pattern", say(strings.Repeat("a", 65), "x"), "invalid", id, "room"},
		{"empty content", say("general", ""), "invalid", id, "content"},
		{"blank content", say("general", " \t\r\n\u00a0\u200b\u3000"), "invalid", id, "content"},
		{"too long content", say("general", strings.Repeat("é", 8001)), "too_large", id, "content"},
		{"NUL", say("general", "a\x00b"), "invalid", id, "U+0000"},
		{"a control character", say("general", "a\x1b[31mb"), "invalid", id, "U+001B"},
		{"a control character of C1", say("general", "a\u0085b"), "invalid", id, "U+0085"},
		{"a client id that is no UUID", `{"type":"message","room":"general","content":"x","client_id":"one"}`, "invalid", "one", "client_id"},
		{"reading beyond the end", `{"type":"read","room":"general","n":5}`, "invalid", "read", "n "},
		{"a read without n", `{"type":"read","room":"general"}`, "invalid", "read", "n "},
		{"deep nesting", `{"type":"message","x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, "invalid", "", ""},
		{"a token that is none", `{"type":"auth","token":"x"}`, "unauthenticated", "auth", "token"},
		{"no token", `{"type":"auth"}`, "invalid", "auth", "token"},
	} {
		t.Run(c.what, func(t *testing.T) {
			k := &socket{t: t, conn: k.conn}
			k.send(c.frame)
			if f := k.wantError(c.code, c.ref); !strings.Contains(f.Message, c.says) {
				t.Errorf("the message says nothing of %q: %s", c.says, f.raw)
			}
			k.alive()
			s.mustBeHealthy(t)
		})
	}
	if f := k.say("general", strings.Repeat("é", 8000)); f.Seq != 1 {
		t.Errorf("the longest content came at %d: something of the above was stored", f.Seq)
	}
	s.problem(t, http.StatusNotFound, "not_found", "GET", "/api/rooms/nowhere", token, nil) // naming a room does not make it
}

// TestBadConversations sends what is fine in itself and wrong after what came before.
func TestBadConversations(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limits", "off")
	token := s.user("ann")
	k := s.enter(t, "general", token)
	t.Run("a client id used again with another body", func(t *testing.T) {
		k := &socket{t: t, conn: k.conn}
		id := newID()
		k.send(object{"type": "message", "content": "one", "client_id": id})
		k.want("ack")
		k.send(object{"type": "message", "content": "two", "client_id": id})
		k.wantError("conflict", id)
		k.alive()
	})
	t.Run("another room on a room's socket", func(t *testing.T) {
		k := &socket{t: t, conn: k.conn}
		id := newID()
		k.send(object{"type": "message", "room": "random", "content": "one", "client_id": id})
		k.wantError("invalid", id)
		k.alive()
	})
	t.Run("typing where one does not listen", func(t *testing.T) {
		all := s.dial(t, "/ws", token)
		all.want("welcome")
		all.send(object{"type": "typing", "room": "general"})
		all.wantError("invalid", "typing")
		all.alive()
	})
	s.mustBeHealthy(t)
}

// TestBrokenConnections sends what ends a connection. It ends with the right code; the server, and a connection that
// another person has, live on.
func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limits", "off")
	token := s.user("ann")
	witness := s.enter(t, "general", s.user("bob"))
	text := func(fin bool, p string) []byte { return wsclient.AppendFrame(nil, wsclient.Text, fin, []byte(p)) }
	huge := func(n uint64) []byte {
		return append(binary.BigEndian.AppendUint64([]byte{0x81, 0xff}, n), 1, 2, 3, 4, 'x', 'x', 'x', 'x')
	}
	for _, c := range []struct {
		what  string
		bytes []byte
		codes []int
	}{
		{"a frame of 2^63-1 bytes", huge(1<<63 - 1), []int{1009}},
		{"a frame of 2^64-1 bytes", huge(1<<64 - 1), []int{1002, 1009}},
		{"a frame one byte too large", text(true, `{"type":"message","content":"`+strings.Repeat("x", 64<<10)+`"}`), []int{1009}},
		{"fragments that are too large together", slices.Concat(text(false, strings.Repeat("x", 40<<10)),
			wsclient.AppendFrame(nil, wsclient.Continuation, true, bytes.Repeat([]byte("x"), 40<<10))), []int{1009}},
		{"invalid UTF-8", text(true, "{\"type\":\"message\",\"content\":\"\xff\xfe\"}"), []int{1007}},
		{"a surrogate in UTF-8", text(true, "\xed\xa0\x80"), []int{1007}},
		{"a message inside an unfinished one", slices.Concat(text(false, "Hel"), text(true, "lo")), []int{1002}},
		{"a continuation of nothing", wsclient.AppendFrame(nil, wsclient.Continuation, true, []byte("x")), []int{1002}},
		{"a reserved opcode", wsclient.AppendFrame(nil, 3, true, nil), []int{1002}},
		{"a reserved bit", append([]byte{0xc1, 0x80}, 1, 2, 3, 4), []int{1002}},
		{"a frame without a mask", []byte{0x81, 0x02, 'h', 'i'}, []int{1002}},
		{"a fragmented ping", wsclient.AppendFrame(nil, wsclient.Ping, false, nil), []int{1002}},
		{"a ping of 126 bytes", wsclient.AppendFrame(nil, wsclient.Ping, true, make([]byte, 126)), []int{1002}},
		{"a binary message", wsclient.AppendFrame(nil, wsclient.Binary, true, []byte("x")), []int{1003}},
		{"a close code that nobody may send", wsclient.AppendFrame(nil, wsclient.CloseOp, true, []byte{0x03, 0xed}), []int{1002}},
		{"a ping flood", bytes.Repeat(wsclient.AppendFrame(nil, wsclient.Ping, true, nil), 5000), []int{4006}},
		{"a flood of empty fragments", slices.Concat(text(false, "x"), bytes.Repeat(wsclient.AppendFrame(nil, wsclient.Continuation, false, nil), 5000)), []int{4006}},
	} {
		t.Run(c.what, func(t *testing.T) {
			k := s.enter(t, "general", token)
			_ = k.conn.SendRaw(c.bytes) // it may be closed while we write
			if code := k.wantClose(); !slices.Contains(c.codes, code) {
				t.Errorf("closed with %d, want %v", code, c.codes)
			}
			(&socket{t: t, conn: witness.conn}).alive()
			s.mustBeHealthy(t)
		})
	}
	t.Run("an unfinished fragment", func(t *testing.T) {
		k := s.enter(t, "general", token)
		if err := k.conn.SendRaw(text(false, "Hel")); err != nil {
			t.Fatal(err)
		}
		k.conn.Manual(true)
		if err := k.conn.Frame(wsclient.Ping, true, []byte("between")); err != nil {
			t.Fatal(err)
		}
		if p := k.pong(); p != "between" {
			t.Errorf("a ping between fragments was answered with %q", p)
		}
		(&socket{t: t, conn: witness.conn}).alive()
	})
	t.Run("a connection cut in the middle of a frame", func(t *testing.T) {
		k := s.enter(t, "general", token)
		if err := k.conn.SendRaw(text(true, "never whole")[:7]); err != nil {
			t.Fatal(err)
		}
		_ = k.conn.NetConn().(*net.TCPConn).SetLinger(0)
		_ = k.conn.Close()
		(&socket{t: t, conn: witness.conn}).alive()
	})
	if p := s.page(t, token, "room=general"); len(p.Messages) != 0 {
		t.Errorf("something of this was stored: %q", p.contents())
	}
}

// pong reads on to the next pong and returns what it carries. The connection is Manual.
func (k *socket) pong() string {
	k.t.Helper()
	for {
		f, err := k.conn.ReadFrame(k.t.Context())
		if err != nil {
			k.t.Fatal(err)
		}
		if f.Op == wsclient.Pong {
			return string(f.Payload)
		}
	}
}

// TestBadHandshakes asks for sockets that must not be opened.
func TestBadHandshakes(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limits", "off", "--allowed-origin", "https://intranet.example.org")
	token := s.user("ann")
	_, port, _ := net.SplitHostPort(s.addr)
	for _, c := range []struct {
		what   string
		path   string
		header http.Header
		status int
		code   string
	}{
		{"a foreign Origin", "/ws", http.Header{"Origin": {"https://evil.example"}}, 403, "forbidden"},
		{"a foreign Origin on a room", "/ws/room/general", http.Header{"Origin": {"https://evil.example"}}, 403, "forbidden"},
		{"Origin null", "/ws", http.Header{"Origin": {"null"}}, 403, "forbidden"},
		{"an Origin that begins as ours", "/ws", http.Header{"Origin": {"http://" + s.addr + ".evil.example"}}, 403, "forbidden"},
		{"an Origin that ends as ours", "/ws", http.Header{"Origin": {"http://evil-127.0.0.1:" + port}}, 403, "forbidden"},
		{"an Origin with our name as its user", "/ws", http.Header{"Origin": {"http://" + s.addr + "@evil.example"}}, 403, "forbidden"},
		{"an allowed Origin over http", "/ws", http.Header{"Origin": {"http://intranet.example.org"}}, 403, "forbidden"},
		{"two Origins", "/ws", http.Header{"Origin": {"http://" + s.addr, "https://evil.example"}}, 403, "forbidden"},
		{"a room that does not exist", "/ws/room/nowhere", nil, 404, "not_found"},
		{"a room name outside the pattern", "/ws/room/Nowhere", nil, 400, "invalid"},
		{"another version", "/ws", http.Header{"Sec-Websocket-Version": {"8"}}, 426, "invalid"},
		{"no key", "/ws", http.Header{"Sec-Websocket-Key": {"short"}}, 400, "invalid"},
		{"no upgrade", "/ws", http.Header{"Upgrade": {"h2c"}}, 426, "invalid"},
	} {
		t.Run(c.what, func(t *testing.T) {
			_, resp, err := s.tryDial(t, c.path, token, c.header)
			if err == nil || resp == nil {
				t.Fatalf("answered with %v, %v; want %d", resp, err, c.status)
			}
			body, _ := io.ReadAll(resp.Body)
			checkProblem(t, answer{resp.StatusCode, resp.Header, body}, c.status, c.code)
			s.mustBeHealthy(t)
		})
	}
	for _, origin := range []string{"http://" + s.addr, "https://intranet.example.org"} {
		k, resp, err := s.tryDial(t, "/ws", token, http.Header{"Origin": {origin}})
		if err != nil {
			t.Errorf("Origin %s: %v %v", origin, resp, err)
			continue
		}
		k.want("welcome")
	}
	s.problem(t, http.StatusNotFound, "not_found", "GET", "/api/rooms/nowhere", token, nil)
}

// TestBadRequests asks over REST for what cannot be.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limits", "off")
	token := s.user("ann")
	post := func(room, content string) object { return object{"room": room, "content": content} }
	for _, c := range []struct {
		what, method, path string
		body               any
		status             int
		code               string
	}{
		{"page 0", "GET", "/api/messages?room=general&page=0", nil, 400, "invalid"},
		{"page -1", "GET", "/api/messages?room=general&page=-1", nil, 400, "invalid"},
		{"a page that is no number", "GET", "/api/messages?room=general&page=one", nil, 400, "invalid"},
		{"a page of 2^64", "GET", "/api/messages?room=general&page=18446744073709551616", nil, 400, "invalid"},
		{"a page of 2^63", "GET", "/api/messages?room=general&page=9223372036854775808", nil, 400, "invalid"},
		{"before 0", "GET", "/api/messages?room=general&before=0", nil, 400, "invalid"},
		{"before 2^63", "GET", "/api/messages?room=general&before=9223372036854775808", nil, 400, "invalid"},
		{"after 2^63", "GET", "/api/messages?room=general&after=9223372036854775808", nil, 400, "invalid"},
		{"page and before", "GET", "/api/messages?room=general&page=1&before=5", nil, 400, "invalid"},
		{"limit 51", "GET", "/api/messages?room=general&limit=51", nil, 400, "invalid"},
		{"limit 0", "GET", "/api/messages?room=general&limit=0", nil, 400, "invalid"},
		{"no room", "GET", "/api/messages", nil, 400, "invalid"},
		{"a room that does not exist", "GET", "/api/messages?room=nowhere", nil, 404, "not_found"},
		{"a room name outside the pattern", "GET", "/api/messages?room=No%20where", nil, 400, "invalid"},
		{"a message to a room that does not exist", "POST", "/api/messages", post("nowhere", "x"), 404, "not_found"},
		{"an empty message", "POST", "/api/messages", post("general", ""), 400, "invalid"},
		{"a blank message", "POST", "/api/messages", post("general", " \n\t"), 400, "invalid"},
		{"a message too long", "POST", "/api/messages", post("general", strings.Repeat("x", 8001)), 413, "too_large"},
		{"a body too long", "POST", "/api/messages", post("general", strings.Repeat("x", 70<<10)), 413, "too_large"},
		{"NUL", "POST", "/api/messages", post("general", "a\x00b"), 400, "invalid"},
		{"a control character", "POST", "/api/messages", post("general", "a\x07b"), 400, "invalid"},
		{"invalid UTF-8", "POST", "/api/messages", []byte("{\"room\":\"general\",\"content\":\"\xff\"}"), 400, "invalid"},
		{"bad JSON", "POST", "/api/messages", []byte(`{"room":"general"`), 400, "invalid"},
		{"a wrong type", "POST", "/api/messages", []byte(`{"room":"general","content":5}`), 400, "invalid"},
		{"no body", "POST", "/api/messages", nil, 415, "invalid"},
		{"a room name in capitals", "POST", "/api/rooms", object{"name": "General"}, 400, "invalid"},
		{"a room name that begins with -", "POST", "/api/rooms", object{"name": "-x"}, 400, "invalid"},
		{"a room name of 65 characters", "POST", "/api/rooms", object{"name": strings.Repeat("x", 65)}, 400, "invalid"},
		{"an empty room name", "POST", "/api/rooms", object{"name": ""}, 400, "invalid"},
		{"a room name with a line break", "POST", "/api/rooms", object{"name": "x\n"}, 400, "invalid"},
		{"a room that is there", "POST", "/api/rooms", object{"name": "general"}, 409, "conflict"},
		{"a cursor beyond the end", "POST", "/api/rooms/general/read", object{"n": 1}, 400, "invalid"},
		{"a cursor below 0", "POST", "/api/rooms/general/read", object{"n": -1}, 400, "invalid"},
		{"a cursor of a room that does not exist", "POST", "/api/rooms/nowhere/read", object{"n": 0}, 404, "not_found"},
		{"a path that is not", "GET", "/api/nothing", nil, 404, "not_found"},
		{"a method that is not", "DELETE", "/api/rooms", nil, 405, "invalid"},
	} {
		t.Run(c.what, func(t *testing.T) {
			s.problem(t, c.status, c.code, c.method, c.path, token, c.body)
			s.mustBeHealthy(t)
		})
	}
	s.problem(t, http.StatusBadRequest, "invalid", "POST", "/api/messages", token, post("general", "x"), "Idempotency-Key", "no UUID")
	var made frame
	s.call(t, http.StatusCreated, "POST", "/api/messages", token, post("general", "a\tb\r\nc"), &made)
	if made.Seq != 1 || made.Content != "a\tb\nc" {
		t.Errorf("stored %+v; want it first, with its tab and line break", made)
	}
	var list struct{ Rooms []roomInfo }
	s.call(t, http.StatusOK, "GET", "/api/rooms", token, nil, &list)
	if len(list.Rooms) != 3 {
		t.Errorf("there are %d rooms: something of this made one", len(list.Rooms))
	}
}

// TestRateLimits: past the limit the answer says when to come again, and the socket stays.
func TestRateLimits(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	k := s.enter(t, "general", s.user("ann"))
	const burst, more = 200, 150 // so many that the machine would have to stall for seconds to let all of them through
	for i := range burst + more {
		k.send(object{"type": "message", "content": fmt.Sprint(i), "client_id": newID()})
	}
	acks, limited := 0, 0
	for range burst + more {
		switch f := k.next(); {
		case f.Type == "ack":
			acks++
		case f.Type == "error" && f.Code == "rate_limited" && f.RetryAfter > 0 && f.Ref != "":
			limited++
		default:
			t.Fatalf("heard %s", f.raw)
		}
	}
	if acks < burst || limited == 0 {
		t.Errorf("%d acks and %d refusals; want at least %d acks and some refusals", acks, limited, burst)
	}
	bob := s.user("bob")
	refused := 0
	for range 100 {
		if _, resp, err := s.tryDial(t, "/ws", bob, nil); err != nil {
			if resp == nil || resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" {
				t.Fatalf("a connection too many: %v %v", resp, err)
			}
			refused++
		}
	}
	if refused == 0 {
		t.Error("a hundred connections at once were let in")
	}
}
