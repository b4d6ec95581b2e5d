package httpapi

import (
	"fmt"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

func TestWhatMentionsMe(t *testing.T) {
	f := newFixture(t, nil)
	_, bob := f.join("bob")
	f.join("eve")
	said := object(t, f.as(f.ann, "POST", "/api/messages", `{"room":"general","content":"@bob and @eve, see help"}`), 201)
	if ids := said["mentions"].([]any); len(ids) != 2 || said["mentions_all"] != nil {
		t.Errorf("got %v", said)
	}
	object(t, f.as(f.ann, "POST", "/api/messages", `{"room":"help","content":"not @bobby"}`), 201)
	view := func(token, query string) []any {
		t.Helper()
		return object(t, f.as(token, "GET", "/api/mentions"+query, ""), 200)["messages"].([]any)
	}
	got := view(bob, "")
	if len(got) != 1 || got[0].(map[string]any)["id"] != said["id"] || got[0].(map[string]any)["room"] != "general" {
		t.Errorf("got %v", got)
	}
	if got := view(bob, "?before="+fmt.Sprint(said["id"])); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	if got := view(f.ann, ""); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	refused(t, f.as(bob, "GET", "/api/mentions?before=x", ""), 400, chat.Invalid)
	if room := object(t, f.as(bob, "GET", "/api/rooms/general", ""), 200); room["mentions"] != 1.0 {
		t.Errorf("got %v", room)
	}
	if read := object(t, f.as(bob, "POST", "/api/rooms/general/read", `{"n":1}`), 200); read["mentions"] != 0.0 {
		t.Errorf("got %v", read)
	}
	if read := object(t, f.as(bob, "POST", "/api/rooms/general/read", `{"n":0,"version":1}`), 200); read["mentions"] != 1.0 {
		t.Errorf("marked as unread: %v", read)
	}
}

func TestWhatIWantToHearOfARoom(t *testing.T) {
	f := newFixture(t, nil)
	set := func(body string) map[string]any {
		t.Helper()
		return object(t, f.as(f.ann, "PUT", "/api/rooms/general/notify", body), 200)
	}
	if got := set(`{"level":"nothing"}`); got["notify"] != "nothing" || got["muted"] != false {
		t.Errorf("got %v", got)
	}
	if got := set(`{"muted":true}`); got["notify"] != "nothing" || got["muted"] != true {
		t.Errorf("got %v", got)
	}
	if got := set(`{"level":""}`); got["notify"] != "" || got["muted"] != true {
		t.Errorf("got %v", got)
	}
	for _, bad := range []string{`{"level":"loud"}`, `{"level":1}`, `{"muted":"yes"}`, `{`} {
		refused(t, f.as(f.ann, "PUT", "/api/rooms/general/notify", bad), 400, chat.Invalid)
	}
	refused(t, f.as(f.ann, "PUT", "/api/rooms/nowhere/notify", `{"muted":true}`), 404, chat.NotFound)
}
