package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// story is one server with four people, whose chapters build on each other.
type story struct {
	*server
	ann, bob, cyd, dan string // tokens
}

// TestStory lives the life of a plain client, which knows no library and gives no client id, from its first refusal to
// its last message.
func TestStory(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--rate-limits", "off")
	st := &story{server: s, ann: s.user("ann"), bob: s.user("bob"), cyd: s.user("cyd"), dan: s.user("dan")}
	for _, chapter := range []struct {
		name string
		test func(*testing.T)
	}{
		{"nobody gets in without a valid token", st.refusals},
		{"typing is told to others", st.typing},
		{"a message reaches the others of its room", st.messages},
		{"people come and go", st.comingAndGoing},
		{"two tabs are one person", st.twoTabs},
		{"120 messages and three pages", st.pages},
		{"posting over REST, and trying again", st.posting},
		{"rooms, cursors and people over REST", st.roomsAndCursors},
		{"a new room", st.newRoom},
		{"one socket for many rooms, and back after a cut", st.manyRooms},
		{"a position that means nothing here", st.resets},
		{"a fresh token extends the socket", st.extension},
		{"the log holds no token", st.cleanLog},
	} {
		if !t.Run(chapter.name, chapter.test) {
			return
		}
	}
}

// forge makes a token with the given parts. Without a key it has no signature.
func forge(header, claims object, key []byte) string {
	enc := base64.RawURLEncoding
	h, _ := json.Marshal(header)
	c, _ := json.Marshal(claims)
	text := enc.EncodeToString(h) + "." + enc.EncodeToString(c)
	if key == nil {
		return text + "."
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return text + "." + enc.EncodeToString(mac.Sum(nil))
}

// claimsOf reads what a token says.
func claimsOf(t *testing.T, token string) object {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	var c object
	if err != nil || json.Unmarshal(b, &c) != nil {
		t.Fatalf("a token whose claims cannot be read: %v", err)
	}
	return c
}

// badTokens are tokens that must not let anybody in, by what is wrong with them.
func (s *server) badTokens(t *testing.T, good string) map[string]string {
	t.Helper()
	key, err := os.ReadFile(filepath.Join(s.data, "token.key"))
	if err != nil {
		t.Fatal(err)
	}
	hs256 := object{"alg": "HS256", "typ": "JWT"}
	with := func(change object) object {
		c := claimsOf(t, good)
		for k, v := range change {
			if v == nil {
				delete(c, k)
			} else {
				c[k] = v
			}
		}
		return c
	}
	if again := forge(hs256, with(nil), key); s.tokenStatus(t, again) != http.StatusOK {
		t.Fatal("a token forged with the server's own key is refused, so the forgeries below prove nothing")
	}
	hourAgo := time.Now().Add(-time.Hour).Unix()
	return map[string]string{
		"no token at all":           "",
		"garbage":                   "garbage",
		"three parts of garbage":    "aaaa.bbbb.cccc",
		"a cut token":               good[:len(good)-4],
		"another signature":         forge(hs256, with(nil), []byte("some other key of thirty-two bytes")),
		"claims that were changed":  strings.Replace(good, strings.Split(good, ".")[1], strings.Split(forge(hs256, with(object{"sub": newID()}), key), ".")[1], 1),
		"expired":                   forge(hs256, with(object{"exp": hourAgo, "iat": hourAgo - 60}), key),
		"alg none":                  forge(object{"alg": "none", "typ": "JWT"}, with(nil), nil),
		"alg None":                  forge(object{"alg": "None", "typ": "JWT"}, with(nil), nil),
		"alg none, but signed":      forge(object{"alg": "none", "typ": "JWT"}, with(nil), key),
		"alg HS512":                 forge(object{"alg": "HS512", "typ": "JWT"}, with(nil), key),
		"no expiry":                 forge(hs256, with(object{"exp": nil}), key),
		"expiry in a hundred years": forge(hs256, with(object{"exp": time.Now().AddDate(100, 0, 0).Unix()}), key),
		"another type of token":     forge(hs256, with(object{"typ": "refresh"}), key),
		"a session that is not":     forge(hs256, with(object{"sid": newID()}), key),
		"another person's session":  forge(hs256, with(object{"sub": newID()}), key),
		"a million dots":            strings.Repeat(".", 8000),
	}
}

func (s *server) tokenStatus(t *testing.T, token string) int {
	t.Helper()
	a, err := s.request("GET", "/api/me", token, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a.status
}

func (st *story) refusals(t *testing.T) {
	for what, token := range st.badTokens(t, st.ann) {
		for _, path := range []string{"/ws", "/ws/room/general", "/ws/room/no-such-room"} {
			_, resp, err := st.tryDial(t, path, token, nil)
			if err == nil || resp == nil || resp.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s on %s: %v %v, want 401 before the upgrade", what, path, resp, err)
			}
		}
		st.problem(t, http.StatusUnauthorized, "unauthenticated", "GET", "/api/rooms", token, nil)
	}
	a, err := st.request("GET", "/api/rooms?token="+st.ann, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	checkProblem(t, a, http.StatusUnauthorized, "unauthenticated") // in the address it is taken on upgrades alone
	k, _, err := st.tryDial(t, "/ws", "", http.Header{"Authorization": {"Bearer " + st.ann}, "Sec-Websocket-Protocol": {"parley.v1"}})
	if err != nil {
		t.Fatalf("a token in the header: %v", err)
	}
	if f := k.want("welcome"); f.User != "ann" || f.Protocol != "parley.v1" || len(f.Rooms) < 3 || k.conn.Subprotocol() != "parley.v1" {
		t.Errorf("subprotocol %q, welcome %s", k.conn.Subprotocol(), f.raw)
	}
}

func (st *story) typing(t *testing.T) {
	ann, bob := st.enter(t, "general", st.ann), st.enter(t, "general", st.bob)
	annToo, cyd := st.enter(t, "general", st.ann), st.enter(t, "random", st.cyd)
	ann.send(`{"type":"typing"}`)
	ann.send(`{"type":"typing"}`) // at most one every two seconds is told
	ann.send(`{"type":"stop_typing"}`)
	for _, typ := range []string{"typing", "stop_typing"} {
		if f := bob.want(typ); f.Room != "general" || f.User != "ann" || f.UserID == "" {
			t.Errorf("bob heard %s", f.raw)
		}
	}
	st.fence(t, "general", ann, annToo) // she did not hear herself, on neither tab
	st.fence(t, "random", cyd)
}

// fence has dan say something in the room, which must be the next that each of the sockets hears: nothing came before.
func (st *story) fence(t *testing.T, room string, others ...*socket) {
	t.Helper()
	text := "fence " + newID()
	st.call(t, http.StatusCreated, "POST", "/api/messages", st.dan, object{"room": room, "content": text}, nil)
	for _, k := range others {
		if f := k.want("message"); f.Content != text || f.Room != room {
			t.Errorf("heard %s, want nothing but the fence in %s", f.raw, room)
		}
	}
}

func (st *story) messages(t *testing.T) {
	ann, bob, cyd := st.enter(t, "general", st.ann), st.enter(t, "general", st.bob), st.enter(t, "random", st.cyd)
	bobToo := st.enter(t, "general", st.bob)
	bob.send(`{"type":"message","content":"Hello"}`)
	first := ann.want("message")
	if first.User != "bob" || first.Content != "Hello" || first.Room != "general" || first.ID == "" || first.UserID == "" || first.Seq == 0 || first.N == 0 {
		t.Errorf("ann heard %s", first.raw)
	}
	utc(t, first.Timestamp)
	if f := bobToo.want("message"); f.raw != first.raw {
		t.Errorf("bob's other tab heard %s, ann %s", f.raw, first.raw)
	}
	bob.send("just text, with { in it")
	if f := ann.want("message"); f.Content != "just text, with { in it" || f.Seq != first.Seq+1 || f.N != first.N+1 {
		t.Errorf("ann heard %s after %d", f.raw, first.Seq)
	}
	// Neither an echo nor an ack so far: the next that bob's connection hears is the ack that he asks for.
	if f := bob.say("general", "<b>markup</b> stays text \u2028 🎉"); f.Seq != first.Seq+2 || f.ID == "" || f.N != first.N+2 {
		t.Errorf("bob got %s", f.raw)
	}
	if f := ann.want("message"); f.Content != "<b>markup</b> stays text \u2028 🎉" || f.ClientID == "" {
		t.Errorf("ann heard %s", f.raw)
	}
	st.fence(t, "random", cyd) // of all this cyd heard nothing
}

func (st *story) comingAndGoing(t *testing.T) {
	ann := st.enter(t, "help", st.ann)
	ann.wantOnline("help", "ann")
	bob := st.enter(t, "help", st.bob)
	bob.wantOnline("help", "ann", "bob")
	who := ann.wantPresence("bob's join", func(f frame) bool { return f.Type == "join" })
	if who.User != "bob" || who.Room != "help" || who.UserID == "" {
		t.Errorf("ann heard %s", who.raw)
	}
	ann.wantOnline("help", "ann", "bob")
	if code := bob.leave(); code != 1000 {
		t.Errorf("the server answered the close frame with %d", code)
	}
	if f := ann.wantPresence("bob's leave", func(f frame) bool { return f.Type == "leave" }); f.User != "bob" || f.Room != "help" {
		t.Errorf("ann heard %s", f.raw)
	}
	ann.wantOnline("help", "ann")
}

// leave closes the socket in order and returns the code of the server's answer.
func (k *socket) leave() int {
	k.t.Helper()
	if err := k.conn.SendClose(1000, "bye"); err != nil {
		k.t.Fatal(err)
	}
	return k.wantClose()
}

func (st *story) twoTabs(t *testing.T) {
	watcher, cyd := st.enter(t, "random", st.dan), st.enter(t, "random", st.cyd)
	first := st.enter(t, "random", st.ann)
	watcher.wantOnline("random", "ann", "cyd", "dan")
	second := st.enter(t, "random", st.ann)
	second.wantOnline("random", "ann", "cyd", "dan")
	if n := st.online(t, "random"); n != 3 {
		t.Errorf("%d online over REST, want 3", n)
	}
	second.leave()
	// cyd leaves after ann's second tab. What the watcher hears until then tells nothing of ann.
	cyd.leave()
	watcher.wantPresence("cyd's leave", func(f frame) bool {
		if f.Type != "online_users" && f.User == "ann" {
			t.Errorf("a second tab made the room hear %s", f.raw)
		}
		return f.Type == "leave" && f.User == "cyd"
	})
	watcher.wantOnline("random", "ann", "dan")
	first.alive()
}

// roomInfo is a room over REST.
type roomInfo struct {
	Name    string `json:"name"`
	Topic   string `json:"topic"`
	Seq     uint64 `json:"seq"`
	N       uint64 `json:"n"`
	Online  int    `json:"online"`
	Unread  uint64 `json:"unread"`
	ReadN   uint64 `json:"read_n"`
	Version uint64 `json:"read_version"`
}

func (s *server) roomInfo(t *testing.T, token, name string) roomInfo {
	t.Helper()
	var r roomInfo
	s.call(t, http.StatusOK, "GET", "/api/rooms/"+name, token, nil, &r)
	return r
}

func (st *story) online(t *testing.T, name string) int { return st.roomInfo(t, st.ann, name).Online }

// page is an answer of GET /api/messages.
type page struct {
	Messages []frame `json:"messages"`
	Page     int     `json:"page"`
	HasMore  bool    `json:"has_more"`
	Epoch    string  `json:"epoch"`
	AsOf     uint64  `json:"as_of"`
}

func (s *server) page(t *testing.T, token, query string) page {
	t.Helper()
	var p page
	s.call(t, http.StatusOK, "GET", "/api/messages?"+query, token, nil, &p)
	return p
}

func (p page) contents() []string {
	var list []string
	for _, m := range p.Messages {
		list = append(list, m.Content)
	}
	return list
}

// numbered lists "message from" to "message to".
func numbered(from, to int) []string {
	var list []string
	for i := from; i <= to; i++ {
		list = append(list, fmt.Sprintf("message %d", i))
	}
	return list
}

func (st *story) pages(t *testing.T) {
	bob, ann := st.enter(t, "help", st.bob), st.enter(t, "help", st.ann)
	ids := make([]string, 121)
	for i := 1; i <= 120; i++ { // without waiting: the acks come in the order of the sends
		ids[i] = newID()
		bob.send(object{"type": "message", "content": fmt.Sprintf("message %d", i), "client_id": ids[i]})
	}
	for i := 1; i <= 120; i++ {
		a, m := bob.want("ack"), ann.want("message")
		if a.ClientID != ids[i] || a.Seq != uint64(i) || a.N != uint64(i) || a.Room != "help" {
			t.Fatalf("ack %d is %s, want client id %s", i, a.raw, ids[i])
		}
		if m.ID != a.ID || m.Seq != a.Seq || m.N != a.N || m.ClientID != ids[i] || m.Timestamp != a.Timestamp || m.Content != fmt.Sprintf("message %d", i) {
			t.Fatalf("ann heard %s, bob's ack is %s", m.raw, a.raw)
		}
	}
	for i, want := range [][]string{numbered(71, 120), numbered(21, 70), numbered(1, 20)} {
		p := st.page(t, st.cyd, fmt.Sprintf("room=help&page=%d", i+1))
		if !slices.Equal(p.contents(), want) || p.HasMore != (i < 2) || p.Page != i+1 || p.AsOf != 120 || p.Epoch == "" {
			t.Errorf("page %d: has_more %t, as of %d, epoch %q: %q", p.Page, p.HasMore, p.AsOf, p.Epoch, p.contents())
		}
	}
	if p := st.page(t, st.cyd, "room=help"); !slices.Equal(p.contents(), numbered(71, 120)) {
		t.Errorf("without a page: %q", p.contents())
	}
	if p := st.page(t, st.cyd, "room=help&page=4"); len(p.Messages) != 0 || p.HasMore {
		t.Errorf("page 4: %q", p.contents())
	}
	if p := st.page(t, st.cyd, "room=help&before=21"); !slices.Equal(p.contents(), numbered(1, 20)) || p.HasMore {
		t.Errorf("before 21: %t %q", p.HasMore, p.contents())
	}
	if p := st.page(t, st.cyd, "room=help&after=60"); !slices.Equal(p.contents(), numbered(61, 110)) || !p.HasMore {
		t.Errorf("after 60: %t %q", p.HasMore, p.contents())
	}
	if p := st.page(t, st.cyd, "room=help&after=118&limit=1"); !slices.Equal(p.contents(), numbered(119, 119)) || !p.HasMore {
		t.Errorf("after 118, one: %t %q", p.HasMore, p.contents())
	}
	m := st.page(t, st.cyd, "room=help&page=3").Messages[0]
	if m.User != "bob" || m.Room != "help" || m.Seq != 1 || m.N != 1 || m.ID == "" || m.UserID == "" || m.ClientID != ids[1] {
		t.Errorf("the first message over REST is %+v", m)
	}
	utc(t, m.Timestamp)
}

func (st *story) posting(t *testing.T) {
	ann, bob := st.enter(t, "general", st.ann), st.enter(t, "general", st.bob)
	key, body := newID(), object{"room": "general", "content": "over REST"}
	var first, again frame
	st.call(t, http.StatusCreated, "POST", "/api/messages", st.bob, body, &first, "Idempotency-Key", key)
	for _, k := range []*socket{ann, bob} { // bob's socket did not send it, so it hears it
		if f := k.want("message"); f.ID != first.ID || f.Seq != first.Seq || f.Content != "over REST" || f.ClientID != key {
			t.Errorf("heard %s, posted %+v", f.raw, first)
		}
	}
	st.call(t, http.StatusOK, "POST", "/api/messages", st.bob, body, &again, "Idempotency-Key", strings.ToUpper(key))
	if again.ID != first.ID || again.Seq != first.Seq || again.N != first.N {
		t.Errorf("posted again: %+v, at first %+v", again, first)
	}
	bob.send(object{"type": "message", "content": "over REST", "client_id": key})
	if f := bob.want("ack"); f.ID != first.ID || f.Seq != first.Seq || f.ClientID != key {
		t.Errorf("tried again over the socket: %s, at first %+v", f.raw, first)
	}
	st.problem(t, http.StatusConflict, "conflict", "POST", "/api/messages", st.bob, object{"room": "general", "content": "another"}, "Idempotency-Key", key)
	bob.send(object{"type": "message", "content": "another", "client_id": key})
	bob.wantError("conflict", key)
	// Another person's key, and the same key in another room, are other keys.
	var cyds, random frame
	st.call(t, http.StatusCreated, "POST", "/api/messages", st.cyd, body, &cyds, "Idempotency-Key", key)
	st.call(t, http.StatusCreated, "POST", "/api/messages", st.bob, object{"room": "random", "content": "over REST"}, &random, "Idempotency-Key", key)
	if cyds.ID == first.ID || random.ID == first.ID {
		t.Error("the key of one person in one room stood for another's")
	}
	if f := ann.want("message"); f.ID != cyds.ID {
		t.Errorf("after all these retries ann heard %s, want cyd's message alone", f.raw)
	}
}

func (st *story) roomsAndCursors(t *testing.T) {
	ann := st.enter(t, "help", st.ann)
	var list struct{ Rooms []roomInfo }
	st.call(t, http.StatusOK, "GET", "/api/rooms", st.ann, nil, &list)
	var names []string
	for _, r := range list.Rooms {
		names = append(names, r.Name)
	}
	if !slices.Equal(names, []string{"general", "help", "random"}) {
		t.Errorf("rooms %q", names)
	}
	if n := st.online(t, "help"); n != 1 {
		t.Errorf("%d online in help, want 1", n)
	}
	var cursor struct{ N, Version uint64 }
	st.call(t, http.StatusOK, "POST", "/api/rooms/help/read", st.ann, object{"n": 100}, &cursor)
	if f := ann.want("read"); f.Room != "help" || f.N != 100 || f.Version != cursor.Version || cursor.N != 100 {
		t.Errorf("ann's socket heard %s, REST says %+v", f.raw, cursor)
	}
	if r := st.roomInfo(t, st.ann, "help"); r.Unread != 20 || r.ReadN != 100 {
		t.Errorf("%+v, want 20 unread", r)
	}
	ann.send(object{"type": "read", "n": 110})
	if f := ann.want("read"); f.N != 110 || f.Version != cursor.Version+1 {
		t.Errorf("ann heard %s", f.raw)
	}
	st.problem(t, http.StatusConflict, "conflict", "POST", "/api/rooms/help/read", st.ann, object{"n": 5, "version": cursor.Version})
	st.call(t, http.StatusOK, "POST", "/api/rooms/help/read", st.ann, object{"n": 5, "version": cursor.Version + 1}, &cursor)
	if f := ann.want("read"); f.N != 5 || f.Version != cursor.Version {
		t.Errorf("marked unread over REST: ann heard %s", f.raw)
	}
	if r := st.roomInfo(t, st.ann, "help"); r.Unread != 115 {
		t.Errorf("%+v, want 115 unread", r)
	}
	var me struct{ Name, Kind, ID string }
	st.call(t, http.StatusOK, "GET", "/api/me", st.ann, nil, &me)
	if me.Name != "ann" || me.Kind != "member" || me.ID == "" {
		t.Errorf("me: %+v", me)
	}
	var people struct {
		Users, Members []struct{ Name string }
	}
	st.call(t, http.StatusOK, "GET", "/api/users", st.ann, nil, &people)
	if len(people.Users) != 4 || people.Users[0].Name != "ann" || people.Users[3].Name != "dan" {
		t.Errorf("users: %+v", people.Users)
	}
	st.call(t, http.StatusOK, "GET", "/api/rooms/help/members", st.ann, nil, &people)
	if len(people.Members) != 2 || people.Members[0].Name != "ann" || people.Members[1].Name != "bob" {
		t.Errorf("members of help: %+v", people.Members)
	}
}

func (st *story) newRoom(t *testing.T) {
	st.problem(t, http.StatusNotFound, "not_found", "GET", "/api/rooms/garden", st.ann, nil)
	var made roomInfo
	st.call(t, http.StatusCreated, "POST", "/api/rooms", st.ann, object{"name": "garden", "topic": "flowers"}, &made)
	if made.Name != "garden" || made.Topic != "flowers" || made.Seq != made.N {
		t.Errorf("made %+v", made)
	}
	st.problem(t, http.StatusConflict, "conflict", "POST", "/api/rooms", st.bob, object{"name": "garden"})
	ann, bob := st.enter(t, "garden", st.ann), st.enter(t, "garden", st.bob)
	a := bob.say("garden", "roses")
	if f := ann.want("message"); f.ID != a.ID || f.Room != "garden" || f.N != 1 {
		t.Errorf("ann heard %s", f.raw)
	}
}

func (st *story) cleanLog(t *testing.T) {
	log := st.log.String()
	for _, token := range []string{st.ann, st.bob, st.cyd, st.dan} {
		for i, part := range strings.Split(token, ".")[1:] {
			if strings.Contains(log, part) {
				t.Errorf("part %d of a token stands in the log", i+1)
			}
		}
	}
	if !strings.Contains(log, "REDACTED") || !strings.Contains(log, "unauthenticated") {
		t.Error("the log tells neither of a token that was hidden nor of one that was refused")
	}
}
