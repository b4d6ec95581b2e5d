package httpapi

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-chat/parley/internal/chat"
)

// A private room from its making to its end, as its people meet it over REST.
func TestAPrivateRoom(t *testing.T) {
	f := newFixture(t, nil)
	mira, miras := f.join("mira")
	otto, ottos := f.join("otto")
	made := object(t, f.as(miras, "POST", "/api/rooms", fmt.Sprintf(`{"name":"secret","kind":"private","topic":"x","history":"joined","members":[%q,%q]}`, otto.ID, mira.ID)), 201)
	if made["kind"] != "private" || made["history"] != "joined" || made["role"] != "owner" {
		t.Errorf("made: %v", made)
	}
	members := func(token string) []any {
		t.Helper()
		return object(t, f.as(token, "GET", "/api/rooms/secret/members", ""), 200)["members"].([]any)
	}
	if got := members(ottos); len(got) != 2 || !strings.Contains(fmt.Sprint(got), "role:member") || !strings.Contains(fmt.Sprint(got), "role:owner") {
		t.Errorf("members: %v", got)
	}
	changed := object(t, f.as(miras, "PATCH", "/api/rooms/secret", `{"name":"hidden","topic":"y","read_only":true,"slow_mode":10,"history":"joined"}`), 200)
	if changed["name"] != "hidden" || changed["topic"] != "y" || changed["read_only"] != true || changed["slow_mode"] != 10.0 {
		t.Errorf("changed: %v", changed)
	}
	// Nothing new is no change, and the old name leads there.
	same := object(t, f.as(miras, "PATCH", "/api/rooms/secret", `{"name":"hidden","topic":"y","read_only":true,"slow_mode":10}`), 200)
	if diff := cmp.Diff(changed, same); diff != "" {
		t.Error(diff)
	}
	refused(t, f.as(ottos, "POST", "/api/messages", `{"room":"hidden","content":"x"}`), 403, chat.Forbidden)
	member := "/api/rooms/secret/members/" + string(otto.ID)
	if w := f.as(miras, "PUT", member+"/role", `{"role":"moderator"}`); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	object(t, f.as(ottos, "POST", "/api/messages", `{"room":"hidden","content":"x"}`), 201)
	refused(t, f.as(miras, "DELETE", member+"?reason="+strings.Repeat("x", 501), ""), 413, chat.TooLarge)
	if w := f.as(miras, "DELETE", member+"?ban=true&reason=spam", ""); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	refused(t, f.as(ottos, "GET", "/api/rooms/hidden", ""), 404, chat.NotFound)
	log := object(t, f.as(f.ann, "GET", "/api/audit?limit=1", ""), 200)["entries"].([]any)[0].(map[string]any)
	if log["action"] != "member_removed" || log["data"].(map[string]any)["reason"] != "spam" {
		t.Errorf("the log has %v", log)
	}
	if w := f.as(miras, "DELETE", "/api/rooms/hidden/members/"+string(mira.ID), ""); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	refused(t, f.as(miras, "GET", "/api/rooms/hidden", ""), 404, chat.NotFound)

	// A public one that was left is found by browsing.
	object(t, f.as(miras, "POST", "/api/messages", `{"room":"help","content":"x"}`), 201)
	if w := f.as(miras, "DELETE", "/api/rooms/help/members/"+string(mira.ID), ""); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	names := func(path string) (names []string) {
		for _, r := range object(t, f.as(miras, "GET", path, ""), 200)["rooms"].([]any) {
			r := r.(map[string]any)
			names = append(names, fmt.Sprint(r["name"], " ", r["left"]))
		}
		return names
	}
	if diff := cmp.Diff([]string{"general <nil>", "random <nil>"}, names("/api/rooms")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"general <nil>", "help true", "random <nil>"}, names("/api/rooms?browse=true")); diff != "" {
		t.Error(diff)
	}
	for body, code := range map[string]chat.Code{
		`{"name":"dm-x"}`: chat.Invalid, `{"name":"x","kind":"direct"}`: chat.Invalid, `{"name":"x","kind":"secret"}`: chat.Invalid,
		`{"name":"x","history":"joined"}`: chat.Invalid, `{"name":"x","members":["x"]}`: chat.Invalid,
		`{"name":"x","members":["` + strings.Repeat(`x","`, 50) + `x"]}`:  chat.Invalid,
		`{"name":"x","members":["00000000-0000-7000-8000-000000000000"]}`: chat.NotFound,
		`{"name":"hidden"}`: chat.Conflict, `{"name":"secret"}`: chat.Conflict, `{"name":"help"}`: chat.Conflict,
	} {
		status := map[chat.Code]int{chat.Invalid: 400, chat.NotFound: 404, chat.Conflict: 409}[code]
		refused(t, f.as(ottos, "POST", "/api/rooms", body), status, code)
	}
}

func TestADirectRoom(t *testing.T) {
	f := newFixture(t, nil)
	mira, miras := f.join("mira")
	otto, ottos := f.join("otto")
	open := func(token string, ids ...chat.UserID) *httptest.ResponseRecorder {
		t.Helper()
		quoted := make([]string, len(ids))
		for i, id := range ids {
			quoted[i] = fmt.Sprintf("%q", id)
		}
		return f.as(token, "POST", "/api/direct", `{"users":[`+strings.Join(quoted, ",")+`]}`)
	}
	made := object(t, open(miras, otto.ID, f.annUser.ID, otto.ID, mira.ID), 201)
	name, _ := made["name"].(string)
	people := []any{map[string]any{"id": string(f.annUser.ID), "name": "ann"}, map[string]any{"id": string(otto.ID), "name": "otto"}}
	if diff := cmp.Diff(people, made["people"]); diff != "" || made["kind"] != "direct" || !strings.HasPrefix(name, "dm-") || len(name) != 29 {
		t.Errorf("%v %s", made, diff)
	}
	rooms := func(token string) int {
		return len(object(t, f.as(token, "GET", "/api/rooms", ""), 200)["rooms"].([]any))
	}
	if m, o := rooms(miras), rooms(ottos); m != 4 || o != 3 {
		t.Errorf("mira has %d rooms, otto %d", m, o)
	}
	object(t, f.as(miras, "POST", "/api/messages", fmt.Sprintf(`{"room":%q,"content":"x"}`, name)), 201)
	if o := rooms(ottos); o != 4 {
		t.Errorf("otto has %d rooms", o)
	}
	if same := object(t, open(ottos, mira.ID, f.annUser.ID), 200); same["id"] != made["id"] || same["people"].([]any)[1].(map[string]any)["name"] != "mira" {
		t.Errorf("the same people have %v", same)
	}
	if w := f.as(ottos, "DELETE", "/api/rooms/"+name+"/members/"+string(otto.ID), ""); w.Code != 204 || rooms(ottos) != 3 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if two := object(t, open(miras, otto.ID), 201); two["id"] == made["id"] {
		t.Error("other people have the same room")
	}
	many := make([]chat.UserID, 10)
	for i := range many {
		u, _ := f.join(fmt.Sprint("one-", i))
		many[i] = u.ID
	}
	object(t, open(miras, many[:9]...), 201)
	refused(t, open(miras, many...), 400, chat.Invalid)
	refused(t, open(miras), 400, chat.Invalid)
	refused(t, open(miras, mira.ID), 400, chat.Invalid)
	refused(t, open(miras, "otto"), 400, chat.Invalid)
	refused(t, open(miras, "00000000-0000-7000-8000-000000000000"), 404, chat.NotFound)
	refused(t, open(f.guest("gus"), mira.ID), 403, chat.Forbidden)
}

// Somebody's own and everybody's requests about a room: whatever a route needs in its body, this has.
const anyBody = `{"n":0,"archived":true,"role":"owner","topic":"x","name":"x-y","content":"x","reason":"x","level":"all","muted":true,"following":true,"seq":1,"emoji":"x"}`

// To who may not see a room, each route answers as if there were none: by its name, by a name that it once had, whether it
// is private or direct, also to the workspace's owner, to guests, and to who was removed or banned.
func TestAttack31InvisibleRoomsAreNotThere(t *testing.T) {
	f := newFixture(t, nil)
	mira, miras := f.join("mira")
	otto, ottos := f.join("otto")
	banned, banneds := f.join("bea")
	_, eves := f.join("eve")
	object(t, f.as(miras, "POST", "/api/rooms", fmt.Sprintf(`{"name":"secret","kind":"private","members":[%q,%q]}`, otto.ID, banned.ID)), 201)
	said := f.said(miras, "secret", "not for you", "")
	object(t, f.as(miras, "PATCH", "/api/rooms/secret", `{"name":"still-secret"}`), 200)
	dm := object(t, f.as(miras, "POST", "/api/direct", fmt.Sprintf(`{"users":[%q]}`, f.annUser.ID)), 201)["name"].(string)
	f.said(miras, dm, "not for you", "")
	for path, token := range map[string]string{string(otto.ID): miras, string(banned.ID) + "?ban=true": miras} {
		if w := f.as(token, "DELETE", "/api/rooms/secret/members/"+path, ""); w.Code != 204 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	var routes []string
	for _, route := range f.handler.Routes {
		if strings.Contains(route, "/api/rooms/{name}") {
			routes = append(routes, route)
		}
	}
	routes = append(routes, "GET /api/messages?room={name}", "GET /api/messages?room={name}&thread={id}", "GET /api/messages?room={name}&around={id}",
		`POST /api/messages {"room":"{name}","content":"x"}`)
	if len(routes) < 12 {
		t.Fatalf("the routes are %v", routes)
	}
	gus := f.guest("gus")
	ask := func(token, route, room string) string {
		method, rest, _ := strings.Cut(strings.NewReplacer("{name}", room, "{id}", said, "{user}", string(mira.ID), "{emoji}", url.PathEscape("👍")).Replace(route), " ")
		path, body, own := strings.Cut(rest, " ")
		if !own && method != "GET" {
			body = anyBody
		}
		w := f.as(token, method, path, body)
		status, code := 404, chat.NotFound
		if token == gus && w.Code == 403 { // what no guest may is refused before anybody looks for a room
			status, code = 403, chat.Forbidden
		}
		got := refused(t, w, status, code)
		delete(got, "request_id")
		return fmt.Sprint(got)
	}
	strangers := map[string]string{"a member": eves, "who was removed": ottos, "who was banned": banneds, "a guest": gus, "the owner": f.ann}
	for _, route := range routes {
		for who, token := range strangers {
			want := ask(token, route, "no-such-room")
			for _, room := range []string{"secret", "still-secret", dm} {
				if room == dm && who == "the owner" {
					continue // is in it
				}
				if got := ask(token, route, room); got != want {
					t.Errorf("%s, %s, %s: %s; want %s", route, who, room, got, want)
				}
			}
		}
	}
	// An id of that room is none in a room that they see.
	for _, route := range routes {
		if strings.Contains(route, "{id}") {
			ask(eves, route, "general")
		}
	}
	for who, token := range strangers {
		for _, path := range []string{"/api/rooms", "/api/rooms?browse=true", "/api/mentions", "/api/threads", "/api/saved"} {
			if w := f.as(token, "GET", path, ""); strings.Contains(w.Body.String(), "secret") || who != "the owner" && strings.Contains(w.Body.String(), "dm-") {
				t.Errorf("%s to %s: %s", path, who, w.Body)
			}
		}
	}
}

// Nobody gets into a room, makes it another kind, or governs it, but who may.
func TestAttack38RoomsAreNotTakenOver(t *testing.T) {
	f := newFixture(t, nil)
	mira, miras := f.join("mira")
	eve, eves := f.join("eve")
	gus := f.guest("gus")
	object(t, f.as(miras, "POST", "/api/rooms", `{"name":"tea"}`), 201)
	dm := object(t, f.as(miras, "POST", "/api/direct", fmt.Sprintf(`{"users":[%q]}`, f.annUser.ID)), 201)["name"].(string)
	for _, c := range []struct{ token, method, path, body string }{
		{miras, "PATCH", dm, `{"name":"ours"}`}, {miras, "PATCH", dm, `{"history":"joined"}`}, {miras, "PATCH", dm, `{"topic":"x"}`}, {f.ann, "PATCH", dm, `{"read_only":true}`},
		{miras, "PUT", dm + "/archived", `{"archived":true}`}, {miras, "PUT", dm + "/members/" + string(eve.ID), ""}, {miras, "DELETE", dm + "/members/" + string(f.annUser.ID), ""},
		{miras, "PUT", dm + "/members/" + string(mira.ID) + "/role", `{"role":"owner"}`},
		{eves, "PATCH", "tea", `{"name":"mine"}`}, {eves, "PATCH", "tea", `{"slow_mode":1}`}, {eves, "PUT", "tea/members/" + string(eve.ID) + "/role", `{"role":"owner"}`},
		{eves, "DELETE", "tea/members/" + string(mira.ID), ""}, {gus, "PATCH", "tea", `{"name":"mine"}`}, {gus, "PUT", "tea/members/" + string(eve.ID), ""},
		{gus, "PATCH", "tea", `{"topic":"x"}`},
	} {
		refused(t, f.as(c.token, c.method, "/api/rooms/"+c.path, c.body), 403, chat.Forbidden)
	}
	// Kind is not among what can be changed.
	for room, kind := range map[string]string{dm: "direct", "tea": "public"} {
		if got := object(t, f.as(miras, "PATCH", "/api/rooms/"+room, `{"kind":"private"}`), 200); got["kind"] != kind {
			t.Errorf("%s is %v", room, got)
		}
	}
	// A ban holds by each of the room's names.
	object(t, f.as(miras, "PATCH", "/api/rooms/tea", `{"name":"green-tea"}`), 200)
	if w := f.as(miras, "DELETE", "/api/rooms/tea/members/"+string(eve.ID)+"?ban=true", ""); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, room := range []string{"tea", "green-tea"} {
		refused(t, f.as(eves, "GET", "/api/rooms/"+room, ""), 403, chat.Forbidden)
		refused(t, f.as(eves, "POST", "/api/messages", fmt.Sprintf(`{"room":%q,"content":"x"}`, room)), 403, chat.Forbidden)
		refused(t, f.as(eves, "PUT", "/api/rooms/"+room+"/members/"+string(eve.ID), ""), 403, chat.Forbidden)
	}
}
