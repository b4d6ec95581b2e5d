package httpapi

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/parley-chat/parley/internal/chat"
)

func TestRoomsAreListedMadeAndRead(t *testing.T) {
	f := newFixture(t, nil)
	general, err := f.chat.Room(t.Context(), f.annUser.Actor(), "general")
	if err != nil {
		t.Fatal(err)
	}
	f.online[general.ID] = 3
	rooms := object(t, f.as(f.ann, "GET", "/api/rooms", ""), 200)["rooms"].([]any)
	var got []string
	for _, r := range rooms {
		got = append(got, fmt.Sprint(r.(map[string]any)["name"], " ", r.(map[string]any)["online"]))
	}
	if diff := cmp.Diff([]string{"general 3", "help 0", "random 0"}, got); diff != "" {
		t.Error(diff)
	}
	made := object(t, f.as(f.ann, "POST", "/api/rooms", `{"name":"tea","topic":"leaves","unknown":1}`), 201)
	delete(made, "id")
	want := map[string]any{"name": "tea", "kind": "public", "topic": "leaves", "seq": 0.0, "n": 0.0, "online": 0.0, "unread": 0.0,
		"mentions": 0.0, "notify": "", "muted": false, "read_n": 0.0, "read_version": 0.0, "member": true, "archived": false, "role": "owner", "read_only": false, "history": "all", "slow_mode": 0.0}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Error(diff)
	}
	refused(t, f.as(f.ann, "POST", "/api/rooms", `{"name":"tea"}`), 409, chat.Conflict)
	refused(t, f.as(f.ann, "POST", "/api/rooms", `{"name":"Tea Room"}`), 400, chat.Invalid)
	refused(t, f.as(f.ann, "GET", "/api/rooms/nowhere", ""), 404, chat.NotFound)
	refused(t, f.as(f.ann, "GET", "/api/rooms/No%20Where", ""), 400, chat.Invalid)
	again := object(t, f.as(f.ann, "GET", "/api/rooms/tea", ""), 200)
	if again["topic"] != "leaves" {
		t.Errorf("got %v", again)
	}
}

func TestAMessageIsPostedOnce(t *testing.T) {
	f := newFixture(t, nil)
	key := uuid.NewString()
	body := `{"room":"general","content":"Hello"}`
	first := object(t, f.as(f.ann, "POST", "/api/messages", body, "Idempotency-Key", key), 201)
	for _, k := range []string{key, strings.ToUpper(key), `"` + key + `"`} {
		if diff := cmp.Diff(first, object(t, f.as(f.ann, "POST", "/api/messages", body, "Idempotency-Key", k), 200)); diff != "" {
			t.Errorf("key %s: %s", k, diff)
		}
	}
	if first["room"] != "general" || first["user"] != "ann" || first["user_id"] != string(f.annUser.ID) || first["content"] != "Hello" ||
		first["seq"] != 1.0 || first["n"] != 1.0 || first["client_id"] != key {
		t.Errorf("got %v", first)
	}
	if ts := first["timestamp"].(string); !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`).MatchString(ts) {
		t.Errorf("timestamp %q", ts)
	}
	refused(t, f.as(f.ann, "POST", "/api/messages", `{"room":"general","content":"Other"}`, "Idempotency-Key", key), 409, chat.Conflict)
	without := object(t, f.as(f.ann, "POST", "/api/messages", body), 201)
	if without["id"] == first["id"] {
		t.Error("without a key the message was taken for a retry")
	}
}

func TestPagesOfHistory(t *testing.T) {
	f := newFixture(t, nil)
	for i := range 120 {
		object(t, f.as(f.ann, "POST", "/api/messages", fmt.Sprintf(`{"room":"general","content":"m%d"}`, i+1)), 201)
	}
	cases := []struct {
		query       string
		first, last string
		page        any
		more        bool
	}{
		{"", "m71", "m120", 1.0, true},
		{"&page=1", "m71", "m120", 1.0, true},
		{"&page=2", "m21", "m70", 2.0, true},
		{"&page=3", "m1", "m20", 3.0, false},
		{"&page=4", "", "", 4.0, false},
		{"&before=71", "m21", "m70", nil, true},
		{"&after=0", "m1", "m50", nil, true},
		{"&after=100", "m101", "m120", nil, false},
		{"&after=120", "", "", nil, false},
		{"&page=1&limit=2", "m119", "m120", 1.0, true},
	}
	for _, c := range cases {
		p := object(t, f.as(f.ann, "GET", "/api/messages?room=general"+c.query, ""), 200)
		ms := p["messages"].([]any)
		first, last := "", ""
		if len(ms) > 0 {
			first, last = ms[0].(map[string]any)["content"].(string), ms[len(ms)-1].(map[string]any)["content"].(string)
		}
		if first != c.first || last != c.last || p["page"] != c.page || p["has_more"] != c.more || p["as_of"] != 120.0 || p["epoch"] == "" {
			t.Errorf("%s: from %q to %q, page %v, has_more %v, as_of %v", c.query, first, last, p["page"], p["has_more"], p["as_of"])
		}
	}
}

func TestPagesAroundAMessage(t *testing.T) {
	f := newFixture(t, nil)
	ids := []string{""}
	for i := range 120 {
		ids = append(ids, object(t, f.as(f.ann, "POST", "/api/messages", fmt.Sprintf(`{"room":"general","content":"m%d"}`, i+1)), 201)["id"].(string))
	}
	other := object(t, f.as(f.ann, "POST", "/api/messages", `{"room":"random","content":"x"}`), 201)["id"].(string)
	for _, c := range []struct {
		n, from, to  int
		older, newer bool
	}{{1, 1, 51, false, true}, {60, 10, 110, true, true}, {120, 70, 120, true, false}} {
		p := object(t, f.as(f.ann, "GET", "/api/messages?room=general&around="+ids[c.n], ""), 200)
		ms := p["messages"].([]any)
		if len(ms) != c.to-c.from+1 || ms[0].(map[string]any)["id"] != ids[c.from] || p["has_more"] != c.older || p["has_newer"] != c.newer || p["as_of"] != 120.0 {
			t.Errorf("around %d: %d messages, has_more %v, has_newer %v", c.n, len(ms), p["has_more"], p["has_newer"])
		}
	}
	if p := object(t, f.as(f.ann, "GET", "/api/messages?room=general", ""), 200); p["has_newer"] != nil {
		t.Error("a page by number tells of newer ones")
	}
	for _, id := range []string{other, chat.NewUUID(time.Now())} {
		p := refused(t, f.as(f.ann, "GET", "/api/messages?room=general&around="+id, ""), 404, chat.NotFound)
		if !strings.Contains(p["detail"].(string), "message") {
			t.Errorf("the detail is %q", p["detail"])
		}
	}
	for _, q := range []string{"around=x", "around=" + strings.Repeat("0", 65), "around=" + ids[1] + "&page=1", "around=" + ids[1] + "&before=5", "around=" + ids[1] + "&after=5"} {
		p := refused(t, f.as(f.ann, "GET", "/api/messages?room=general&"+q, ""), 400, chat.Invalid)
		if !strings.Contains(p["detail"].(string), "around") {
			t.Errorf("%s: the detail %q does not name around", q, p["detail"])
		}
	}
}

func TestPagesOutOfRangeAreRefused(t *testing.T) {
	f := newFixture(t, nil)
	for _, q := range []string{
		"page=0", "page=-1", "page=abc", "page=18446744073709551616", "page=18446744073709551615", "page=1.5", "before=0", "before=-1",
		"after=-1", "after=9223372036854775808", "limit=0", "limit=51", "limit=x", "page=1&before=5", "before=5&after=1",
	} {
		p := refused(t, f.as(f.ann, "GET", "/api/messages?room=general&"+q, ""), 400, chat.Invalid)
		field, _, _ := strings.Cut(q, "=")
		if !strings.Contains(p["detail"].(string), field) {
			t.Errorf("%s: the detail %q does not name %s", q, p["detail"], field)
		}
	}
	p := refused(t, f.as(f.ann, "GET", "/api/messages", ""), 400, chat.Invalid)
	if !strings.Contains(p["detail"].(string), "room") {
		t.Errorf("without a room: %v", p)
	}
	refused(t, f.as(f.ann, "GET", "/api/messages?room=nowhere", ""), 404, chat.NotFound)
}

func TestTheCursorMoves(t *testing.T) {
	f := newFixture(t, nil)
	_, bob := f.join("bob")
	for range 3 {
		object(t, f.as(f.ann, "POST", "/api/messages", `{"room":"general","content":"x"}`), 201)
	}
	read := func(body string) map[string]any {
		t.Helper()
		return object(t, f.as(bob, "POST", "/api/rooms/general/read", body), 200)
	}
	if diff := cmp.Diff(map[string]any{"n": 2.0, "version": 1.0, "mentions": 0.0}, read(`{"n":2}`)); diff != "" {
		t.Error(diff)
	}
	if got := object(t, f.as(bob, "GET", "/api/rooms/general", ""), 200); got["unread"] != 1.0 || got["read_n"] != 2.0 {
		t.Errorf("got %v", got)
	}
	if got := read(`{"n":1}`); got["n"] != 2.0 {
		t.Errorf("without a version it moved back: %v", got)
	}
	p := refused(t, f.as(bob, "POST", "/api/rooms/general/read", `{"n":0,"version":0}`), 409, chat.Conflict)
	if diff := cmp.Diff(map[string]any{"n": 2.0, "version": 1.0, "mentions": 0.0}, p["cursor"]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]any{"n": 0.0, "version": 2.0, "mentions": 0.0}, read(`{"n":0,"version":1}`)); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{`{"n":4}`, `{"n":-1}`, `{"n":"1"}`, `{"n":1e300}`, `{"n":1.5}`, `{}`, `{"n":null}`, `{"n":1,"version":-1}`} {
		refused(t, f.as(bob, "POST", "/api/rooms/general/read", bad), 400, chat.Invalid)
	}
	refused(t, f.as(bob, "POST", "/api/rooms/nowhere/read", `{"n":0}`), 404, chat.NotFound)
}

func TestPeopleAreListedWithoutTheirSecrets(t *testing.T) {
	f := newFixture(t, nil)
	for _, name := range []string{"bob", "cem", "dan"} {
		_, token := f.join(name)
		object(t, f.as(token, "POST", "/api/messages", `{"room":"general","content":"hi"}`), 201)
	}
	me := object(t, f.as(f.ann, "GET", "/api/me", ""), 200)
	if me["name"] != "ann" || me["role"] != "owner" || me["kind"] != "member" || me["display"] != "ann" || me["expires_at"] == nil {
		t.Errorf("got %v", me)
	}
	for path, want := range map[string]string{"/api/users": "ann bob cem dan", "/api/rooms/general/members": "bob cem dan"} {
		if got := walk(t, f, path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	for _, path := range []string{"/api/me", "/api/users", "/api/rooms/general/members", "/api/messages?room=general"} {
		if body := f.as(f.ann, "GET", path, "").Body.String(); strings.Contains(body, "argon2") {
			t.Errorf("%s tells too much: %s", path, body)
		}
	}
	refused(t, f.as(f.ann, "GET", "/api/users?limit=0", ""), 400, chat.Invalid)
	refused(t, f.as(f.ann, "GET", "/api/users?limit=201", ""), 400, chat.Invalid)
	refused(t, f.as(f.ann, "GET", "/api/rooms/nowhere/members", ""), 404, chat.NotFound)
}

// walk reads a list two at a time and returns the names.
func walk(t *testing.T, f *fixture, path string) string {
	t.Helper()
	var all []string
	after := ""
	for range 10 {
		p := object(t, f.as(f.ann, "GET", path+"?limit=2&after="+after, ""), 200)
		list, _ := p["users"].([]any)
		if list == nil {
			list, _ = p["members"].([]any)
		}
		for _, u := range list {
			all = append(all, u.(map[string]any)["name"].(string))
		}
		next, more := p["next"].(string)
		if !more {
			return strings.Join(all, " ")
		}
		after = next
	}
	t.Fatal("the list does not end")
	return ""
}

func TestBadBodiesAreRefused(t *testing.T) {
	f := newFixture(t, nil)
	post := func(body string, header ...string) map[string]any {
		t.Helper()
		return refused(t, f.as(f.ann, "POST", "/api/messages", body, header...), 400, chat.Invalid)
	}
	for _, body := range []string{
		`{`, `[]`, `null`, `"x"`, `{"room":"general"}`, `{"content":"x"}`, `{"room":1,"content":"x"}`, `{"room":"general","content":null}`,
		`{"room":"general","content":""}`, `{"room":"general","content":" \n "}`, `{"room":"general","content":"a\u0000b"}`,
		`{"room":"General!","content":"x"}`, "{\"room\":\"general\",\"content\":\"\xff\"}", `{"room":"general","content":"x"}{}`,
	} {
		post(body)
	}
	post(`{"room":"general","content":"x"}`, "Idempotency-Key", "not a uuid")
	refused(t, f.as(f.ann, "POST", "/api/messages", `{"room":"general","content":"`+strings.Repeat("x", 8001)+`"}`), 413, chat.TooLarge)
	refused(t, f.as(f.ann, "POST", "/api/messages", `{"room":"nowhere","content":"x"}`), 404, chat.NotFound)
	for _, ct := range []string{"text/plain", "application/x-www-form-urlencoded", "", "application/problem+json", "nonsense;;"} {
		refused(t, f.as(f.ann, "POST", "/api/messages", `{"room":"general","content":"x"}`, "Content-Type", ct), http.StatusUnsupportedMediaType, chat.Invalid)
	}
	object(t, f.as(f.ann, "POST", "/api/messages", `{"room":"general","content":"x"}`, "Content-Type", "application/json; charset=utf-8"), 201)
}

func TestABodyHasALimit(t *testing.T) {
	f := newFixture(t, nil)
	frame := `{"room":"general","content":"x","pad":"%s"}`
	fits := fmt.Sprintf(frame, strings.Repeat("p", MaxBody-len(frame)+2))
	if len(fits) != MaxBody {
		t.Fatalf("%d bytes", len(fits))
	}
	object(t, f.as(f.ann, "POST", "/api/messages", fits), 201)
	p := refused(t, f.as(f.ann, "POST", "/api/messages", strings.Replace(fits, "p", "pp", 1)), 413, chat.TooLarge)
	if !strings.Contains(p["detail"].(string), "65536") {
		t.Errorf("the limit is not named: %v", p)
	}
}

func TestErrorsDoNotRepeatWhatWasSent(t *testing.T) {
	f := newFixture(t, nil)
	const secret = "hunter2hunter2"
	for _, w := range []string{
		f.as(f.ann, "POST", "/api/messages", `{"room":"general","content":{"password":"`+secret+`"}}`).Body.String(),
		f.as(f.ann, "POST", "/api/messages", `{"room":"general","content":"`+secret).Body.String(),
		f.as(f.ann, "POST", "/api/rooms", `"`+secret+`"`).Body.String(),
		f.as(f.ann, "GET", "/api/messages?room=general&page="+secret, "").Body.String(),
	} {
		if strings.Contains(w, secret) || strings.Contains(w, "$schema") {
			t.Errorf("got %s", w)
		}
	}
}
