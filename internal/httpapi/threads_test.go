package httpapi

import (
	"fmt"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

// said posts a message and returns its id.
func (f *fixture) said(token, room, content, thread string) string {
	f.t.Helper()
	body := fmt.Sprintf(`{"room":%q,"content":%q}`, room, content)
	if thread != "" {
		body = fmt.Sprintf(`{"room":%q,"content":%q,"thread":%q}`, room, content, thread)
	}
	m := object(f.t, f.as(token, "POST", "/api/messages", body), 201)
	if (thread == "") != (m["n"] != nil) || thread != "" && m["thread"] != thread {
		f.t.Errorf("said is %v", m)
	}
	return m["id"].(string)
}

func TestThreadsOverREST(t *testing.T) {
	f := newFixture(t, nil)
	_, bob := f.join("bob")
	root := f.said(f.ann, "general", "root", "")
	f.said(bob, "general", "r1", root)
	f.said(f.ann, "general", "r2", root)
	f.said(bob, "general", "r3", root) // seq 4

	page := object(t, f.as(f.ann, "GET", "/api/messages?room=general", ""), 200)
	ms := page["messages"].([]any)
	if len(ms) != 1 || page["as_of"] != 4.0 {
		t.Fatalf("the room's page is %v", page)
	}
	top := ms[0].(map[string]any)
	if r := top["replies"].(map[string]any); r["count"] != 3.0 || r["last_seq"] != 4.0 || r["last"] == "" || len(r["users"].([]any)) != 2 || top["following"] != true {
		t.Errorf("the root is %v", top)
	}
	page = object(t, f.as(f.ann, "GET", "/api/messages?room=general&limit=2&thread="+root, ""), 200)
	if ms = page["messages"].([]any); len(ms) != 2 || page["has_more"] != true || page["epoch"] == "" || page["page"] != nil ||
		ms[0].(map[string]any)["content"] != "r2" || ms[1].(map[string]any)["content"] != "r3" {
		t.Errorf("the thread is %v", page)
	}

	// Ann's own reply has read what came before it.
	list := object(t, f.as(f.ann, "GET", "/api/threads?unread=true", ""), 200)
	ts := list["threads"].([]any)
	if len(ts) != 1 || list["unread_total"] != 1.0 || list["next"] != nil {
		t.Fatalf("the inbox is %v", list)
	}
	if th := ts[0].(map[string]any); th["room"] != "general" || th["root"].(map[string]any)["id"] != root || th["read_seq"] != 3.0 || th["unread"] != 1.0 || th["following"] != true {
		t.Errorf("the thread is %v", th)
	}
	count := object(t, f.as(f.ann, "GET", "/api/threads/unread", ""), 200)
	if th := count["followed"].([]any)[0].(map[string]any); count["threads"] != 1.0 || th["thread"] != root || th["room"] != "general" || th["unread"] != 1.0 {
		t.Errorf("unread is %v", count)
	}
	at := "/api/rooms/general/messages/" + root
	if m := object(t, f.as(f.ann, "POST", at+"/read", `{"seq":4}`), 200); m["read_seq"] != 4.0 || m["unread"] != 0.0 {
		t.Errorf("read: %v", m)
	}
	if m := object(t, f.as(f.ann, "PUT", at+"/following", `{"following":false}`), 200); m["following"] != false {
		t.Errorf("unfollowed: %v", m)
	}
	if list = object(t, f.as(f.ann, "GET", "/api/threads", ""), 200); len(list["threads"].([]any)) != 0 || list["unread_total"] != 0.0 {
		t.Errorf("the inbox is %v", list)
	}
}

func TestSavedOverREST(t *testing.T) {
	f := newFixture(t, nil)
	root := f.said(f.ann, "general", "root", "")
	at := "/api/rooms/general/messages/" + root + "/saved"
	for range 2 { // as often as one likes
		if w := f.as(f.ann, "PUT", at, ""); w.Code != 204 {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
	}
	ms := object(t, f.as(f.ann, "GET", "/api/saved", ""), 200)["messages"].([]any)
	if m := ms[0].(map[string]any); len(ms) != 1 || m["id"] != root || m["saved_at"] == nil || m["saved"] != true || m["room"] != "general" {
		t.Errorf("saved is %v", ms)
	}
	page := object(t, f.as(f.ann, "GET", "/api/messages?room=general", ""), 200)
	if m := page["messages"].([]any)[0].(map[string]any); m["saved"] != true {
		t.Errorf("on the page it is %v", m)
	}
	for range 2 {
		if w := f.as(f.ann, "DELETE", at, ""); w.Code != 204 {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
	}
	if ms = object(t, f.as(f.ann, "GET", "/api/saved", ""), 200)["messages"].([]any); len(ms) != 0 {
		t.Errorf("saved is %v", ms)
	}
	for _, path := range []string{"/api/saved?before=0", "/api/threads?before=0", "/api/threads?before=-1", "/api/saved?before=18446744073709551615"} {
		refused(t, f.as(f.ann, "GET", path, ""), 400, chat.Invalid)
	}
}

// No route about a thread or a saved message takes the id of a message of another room, of none, or of what is no id.
func TestAttackIdsOfAnotherRoom(t *testing.T) {
	f := newFixture(t, nil)
	root := f.said(f.ann, "general", "root", "")
	for _, id := range []string{root, "0190a8c0-4444-7000-8000-000000000001", "x"} {
		at := "/api/rooms/random/messages/" + id
		for _, r := range []struct{ method, path, body string }{
			{"PUT", at + "/following", `{"following":true}`},
			{"POST", at + "/read", `{"seq":0}`},
			{"PUT", at + "/saved", ""},
			{"DELETE", at + "/saved", ""},
			{"PUT", "/api/rooms/nowhere/messages/" + id + "/saved", ""},
		} {
			if refused(t, f.as(f.ann, r.method, r.path, r.body), 404, chat.NotFound); t.Failed() {
				t.Fatal(r)
			}
		}
		status, code := 404, chat.NotFound
		if id == "x" {
			status, code = 400, chat.Invalid
		}
		refused(t, f.as(f.ann, "GET", "/api/messages?room=random&thread="+id, ""), status, code)
		refused(t, f.as(f.ann, "POST", "/api/messages", fmt.Sprintf(`{"room":"random","content":"x","thread":%q}`, id)), status, code)
	}
}

// Who came to a private room later gets nothing of the threads below what is older than they are, by whichever route.
func TestAttackThreadsFromBeforeJoining(t *testing.T) {
	f := newFixture(t, nil)
	user, bob := f.join("bob")
	object(t, f.as(f.ann, "POST", "/api/rooms", `{"name":"secret","kind":"private","history":"joined"}`), 201)
	old := f.said(f.ann, "secret", "old", "")
	reply := f.said(f.ann, "secret", "a reply", old)
	for _, joined := range []bool{false, true} {
		if joined {
			if w := f.as(f.ann, "PUT", "/api/rooms/secret/members/"+string(user.ID), ""); w.Code != 204 {
				t.Fatal(w.Body)
			}
			reply = f.said(f.ann, "secret", "for @bob", old) // is younger than bob's membership, and no less hidden
		}
		for _, r := range []struct{ method, path, body string }{
			{"GET", "/api/messages?room=secret&thread=" + old, ""},
			{"GET", "/api/messages?room=secret&thread=" + old + "&after=4", ""},
			{"GET", "/api/messages?room=secret&thread=" + old + "&around=" + reply, ""},
			{"GET", "/api/rooms/secret/messages/" + old, ""},
			{"GET", "/api/rooms/secret/messages/" + reply, ""},
			{"POST", "/api/messages", fmt.Sprintf(`{"room":"secret","content":"x","thread":%q}`, old)},
			{"PUT", "/api/rooms/secret/messages/" + old + "/following", `{"following":true}`},
			{"POST", "/api/rooms/secret/messages/" + old + "/read", `{"seq":1}`},
			{"PUT", "/api/rooms/secret/messages/" + reply + "/saved", ""},
			{"POST", "/api/messages", fmt.Sprintf(`{"room":"secret","content":"x","quote":%q}`, reply)},
			{"POST", "/api/rooms/secret/messages/" + reply + "/report", `{"reason":"x"}`},
			{"GET", "/api/rooms/secret/messages/" + reply + "/reactions", ""},
			{"GET", "/api/rooms/secret/messages/" + reply + "/edits", ""},
			{"PUT", "/api/rooms/secret/messages/" + reply + "/reactions/" + thumb, ""},
			{"PUT", "/api/rooms/secret/messages/" + reply + "/pin", ""},
			{"PATCH", "/api/rooms/secret/messages/" + reply, `{"content":"x"}`},
			{"DELETE", "/api/rooms/secret/messages/" + reply, ""},
		} {
			if refused(t, f.as(bob, r.method, r.path, r.body), 404, chat.NotFound); t.Failed() {
				t.Fatal(r, joined)
			}
		}
	}
	if count := object(t, f.as(bob, "GET", "/api/threads/unread", ""), 200); count["threads"] != 0.0 {
		t.Errorf("bob has not read %v", count)
	}
	young := f.said(f.ann, "secret", "young", "")
	f.said(bob, "secret", "mine", young)
	page := object(t, f.as(bob, "GET", "/api/messages?room=secret&thread="+young, ""), 200)
	if ms := page["messages"].([]any); len(ms) != 1 || page["has_more"] != false {
		t.Errorf("the thread is %v", page)
	}
}
