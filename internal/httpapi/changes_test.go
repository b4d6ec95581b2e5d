package httpapi

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-chat/parley/internal/chat"
)

const thumb = "%F0%9F%91%8D"

func TestAMessageIsEditedReactedToPinnedAndDeleted(t *testing.T) {
	f := newFixture(t, nil)
	bob, bobs := f.join("bob")
	posted := object(t, f.as(f.ann, "POST", "/api/messages", `{"room":"general","content":"helo"}`), 201)
	at := "/api/rooms/general/messages/" + posted["id"].(string)
	seq := func() any { return object(t, f.as(f.ann, "GET", "/api/rooms/general", ""), 200)["seq"] }

	edited := object(t, f.as(f.ann, "PATCH", at, `{"content":"hello"}`), 200)
	if edited["content"] != "hello" || edited["edited"] == nil || edited["seq"] != 1.0 {
		t.Errorf("edited: %v", edited)
	}
	if again := object(t, f.as(f.ann, "PATCH", at, `{"content":"hello"}`), 200); cmp.Diff(edited, again) != "" || seq() != 2.0 {
		t.Errorf("an edit that changes nothing: %v, seq %v", again, seq())
	}
	edits := object(t, f.as(f.ann, "GET", at+"/edits", ""), 200)["edits"]
	if diff := cmp.Diff([]any{map[string]any{"content": "helo", "at": posted["timestamp"]}}, edits); diff != "" {
		t.Error(diff)
	}
	for range 2 {
		if w := f.as(bobs, "PUT", at+"/reactions/"+thumb, ""); w.Code != 204 || w.Body.Len() > 0 {
			t.Errorf("a reaction: %d %s", w.Code, w.Body)
		}
	}
	reaction := map[string]any{"emoji": "👍", "count": 1.0, "first": 3.0, "me": true, "users": []any{map[string]any{"id": string(bob.ID), "name": "bob"}}}
	for path, field := range map[string]string{at + "/reactions": "reactions", at: "reactions"} {
		if diff := cmp.Diff([]any{reaction}, object(t, f.as(bobs, "GET", path, ""), 200)[field]); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
	page := object(t, f.as(f.ann, "GET", "/api/messages?room=general", ""), 200)["messages"].([]any)[0].(map[string]any)
	reaction["me"] = false
	if diff := cmp.Diff([]any{reaction}, page["reactions"]); diff != "" || page["edited"] != edited["edited"] {
		t.Errorf("the page: %v %s", page, diff)
	}
	for _, method := range []string{"PUT", "PUT", "DELETE", "DELETE", "PUT"} {
		if w := f.as(bobs, method, at+"/pin", ""); w.Code != 204 {
			t.Errorf("%s pin: %d %s", method, w.Code, w.Body)
		}
	}
	pins := object(t, f.as(f.ann, "GET", "/api/rooms/general/pins", ""), 200)["messages"].([]any)
	if len(pins) != 1 || pins[0].(map[string]any)["pinned"] != true || pins[0].(map[string]any)["id"] != posted["id"] {
		t.Errorf("the pins: %v", pins)
	}
	for range 2 {
		if w := f.as(f.ann, "DELETE", at, ""); w.Code != 204 {
			t.Errorf("deleting: %d %s", w.Code, w.Body)
		}
	}
	if seq() != 7.0 { // the message, an edit, a reaction, three pins, a deletion
		t.Errorf("there are %v entries", seq())
	}
	tomb := object(t, f.as(bobs, "GET", at, ""), 200)
	want := map[string]any{"id": posted["id"], "seq": 1.0, "n": 1.0, "room": "general", "user": "ann", "user_id": posted["user_id"], "content": "",
		"timestamp": posted["timestamp"], "client_id": posted["client_id"], "deleted": true}
	if diff := cmp.Diff(want, tomb); diff != "" {
		t.Error(diff)
	}
	refused(t, f.as(f.ann, "PATCH", at, `{"content":"again"}`), 409, chat.Conflict)
	refused(t, f.as(bobs, "PUT", at+"/reactions/"+thumb, ""), 409, chat.Conflict)
	refused(t, f.as(bobs, "PUT", at+"/pin", ""), 409, chat.Conflict)
	if pins := object(t, f.as(f.ann, "GET", "/api/rooms/general/pins", ""), 200)["messages"].([]any); len(pins) != 0 {
		t.Errorf("a tombstone is pinned: %v", pins)
	}
}

func TestAQuoteNamesAMessageOfTheRoom(t *testing.T) {
	f := newFixture(t, nil)
	id, elsewhere := f.said(f.ann, "general", "quote me", ""), f.said(f.ann, "random", "not here", "")
	m := object(t, f.as(f.ann, "POST", "/api/messages", `{"room":"general","content":"indeed","quote":"`+id+`"}`), 201)
	if m["quote"] != id || strings.Contains(m["content"].(string), "quote me") {
		t.Errorf("the message is %v", m)
	}
	refused(t, f.as(f.ann, "POST", "/api/messages", `{"room":"general","content":"indeed","quote":"`+elsewhere+`"}`), 404, chat.NotFound)
	refused(t, f.as(f.ann, "POST", "/api/messages", `{"room":"general","content":"indeed","quote":"x"}`), 400, chat.Invalid)
	key := "0190a8c0-5555-7000-8000-000000000001"
	object(t, f.as(f.ann, "POST", "/api/messages", `{"room":"general","content":"indeed","quote":"`+id+`"}`, "Idempotency-Key", key), 201)
	object(t, f.as(f.ann, "POST", "/api/messages", `{"room":"general","content":"indeed","quote":"`+strings.ToUpper(id)+`"}`, "Idempotency-Key", key), 200)
	refused(t, f.as(f.ann, "POST", "/api/messages", `{"room":"general","content":"indeed"}`, "Idempotency-Key", key), 409, chat.Conflict)
}

// An id of another room, or of nothing, is not found, on each route and whoever asks.
func TestAttack36IdsOfOtherRooms(t *testing.T) {
	f := newFixture(t, nil)
	elsewhere := f.said(f.ann, "random", "not here", "")
	for _, id := range []string{elsewhere, "0190a8c0-5555-7000-8000-000000000001", "x", "%00", "'"} {
		for route, body := range map[string]string{
			"GET ": "", "PATCH ": `{"content":"x"}`, "DELETE ": "", "GET /edits": "", "GET /reactions": "", "PUT /reactions/" + thumb: "",
			"DELETE /reactions/" + thumb: "", "PUT /pin": "", "DELETE /pin": "",
		} {
			method, rest, _ := strings.Cut(route, " ")
			refused(t, f.as(f.ann, method, "/api/rooms/general/messages/"+id+rest, body), 404, chat.NotFound)
			refused(t, f.as(f.ann, method, "/api/rooms/nowhere/messages/"+id+rest, body), 404, chat.NotFound)
		}
	}
	if m := object(t, f.as(f.ann, "GET", "/api/rooms/random/messages/"+elsewhere, ""), 200); m["content"] != "not here" || m["edited"] != nil || m["reactions"] != nil {
		t.Errorf("the message is %v", m)
	}
}

func TestAttack15EmojiThatAreNone(t *testing.T) {
	f := newFixture(t, nil)
	at := "/api/rooms/general/messages/" + f.said(f.ann, "general", "hello", "") + "/reactions/"
	for _, emoji := range []string{
		strings.Repeat("👍", 1<<18), strings.Repeat("👍", 17), strings.Repeat("👍\u200d", 5) + "👍", "👍👍", "x", "1", "#", " ", "👍 ", "a\u20e3", "\u200d", "\ufe0f", "👍\u200d",
		"🇩", "🇩🇪🇫", "é", "<b>", "\x00", "👍\x7f", "\u202e", "🏴\U000e0067", "\xff",
	} {
		w := f.as(f.ann, "PUT", at+url.PathEscape(emoji), "")
		if w.Code != 400 && w.Code != 413 {
			t.Errorf("%.20q: %d", emoji, w.Code)
		}
	}
	for _, emoji := range []string{"👍", "👍🏿", "❤️", "❤", "👨‍👩‍👧‍👦", "🧑🏻‍❤️‍💋‍🧑🏿", "🇩🇪", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "#⃣", "🏳️‍🌈", "🕵🏽‍♀️", "©️"} {
		if w := f.as(f.ann, "PUT", at+url.PathEscape(emoji), ""); w.Code != 204 {
			t.Errorf("%q: %d %s", emoji, w.Code, w.Body)
		}
	}
}

// What a moderator deletes is in the audit log, with the reason.
func TestDeletionsByOthersAreAudited(t *testing.T) {
	f := newFixture(t, nil)
	_, bobs := f.join("bob")
	id := f.said(bobs, "general", "rude words", "")
	refused(t, f.as(f.ann, "DELETE", "/api/rooms/general/messages/"+id+"?reason="+strings.Repeat("x", 501), ""), 400, chat.Invalid)
	if w := f.as(f.ann, "DELETE", "/api/rooms/general/messages/"+id+"?reason=It+was+rude", ""); w.Code != 204 {
		t.Fatal(w.Body)
	}
	w := f.as(f.ann, "GET", "/api/audit?limit=1", "")
	e := object(t, w, 200)["entries"].([]any)[0].(map[string]any)
	if data := e["data"].(map[string]any); e["action"] != "message_deleted" || e["subject_name"] != "bob" || data["reason"] != "It was rude" || data["message"] != id || data["room"] != "general" {
		t.Errorf("the audit log has %v", e)
	}
	if strings.Contains(w.Body.String(), "rude words") {
		t.Errorf("the audit log keeps what was deleted: %s", w.Body)
	}
}
