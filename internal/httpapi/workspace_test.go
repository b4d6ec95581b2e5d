package httpapi

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-chat/parley/internal/chat"
)

func TestInvitations(t *testing.T) {
	f := newFixture(t, nil)
	made := object(t, f.as(f.ann, "POST", "/api/invites", `{"expires_in":3600,"max_uses":2}`), 201)
	code := made["code"].(string)
	if len(code) != 26 || made["url"] != "http://example.com/join/"+code || made["created_by"] != "ann" || made["max_uses"] != 2.0 || made["uses"] != 0.0 || made["expires_at"] == nil {
		t.Errorf("got %v", made)
	}
	object(t, f.as("", "POST", "/api/auth/register", `{"name":"bob","password":"battery staple","invite":"`+strings.ToUpper(code)+`"}`), 201)
	listed := object(t, f.as(f.ann, "GET", "/api/invites", ""), 200)["invites"].([]any)
	want := map[string]any{"id": made["id"], "created_by": "ann", "created_at": made["created_at"], "expires_at": made["expires_at"], "max_uses": 2.0, "uses": 1.0}
	if diff := cmp.Diff([]any{want}, listed); diff != "" {
		t.Error(diff)
	}
	if left := object(t, f.as("", "POST", "/api/auth/invitation", `{"code":"`+code+`"}`), 200)["uses_left"]; left != 1.0 {
		t.Errorf("%v uses left", left)
	}
	if w := f.as(f.ann, "DELETE", "/api/invites/"+made["id"].(string), ""); w.Code != 204 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	refused(t, f.as(f.ann, "DELETE", "/api/invites/"+made["id"].(string), ""), 404, chat.NotFound)
	refused(t, f.as(f.ann, "DELETE", "/api/invites/nonsense", ""), 404, chat.NotFound)
	refused(t, f.as("", "POST", "/api/auth/invitation", `{"code":"`+code+`"}`), 404, chat.NotFound)
	refused(t, f.as("", "POST", "/api/auth/register", `{"name":"cem","password":"battery staple","invite":"`+code+`"}`), 403, chat.Forbidden)
	if left := object(t, f.as(f.ann, "GET", "/api/invites", ""), 200)["invites"].([]any); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if m := object(t, f.as(f.ann, "POST", "/api/invites", `{"max_uses":null}`), 201); m["max_uses"] != nil || m["expires_at"] == nil {
		t.Errorf("got %v", m)
	}
}

func TestInvitationLinksLeadToWhereTheServerIs(t *testing.T) {
	for _, c := range []struct{ public, target, want string }{
		{"", "http://chat.local:8080", "http://chat.local:8080/join/"},
		{"", "https://chat.local", "https://chat.local/join/"},
		{"https://chat.example.org/chat", "http://10.0.0.1:8080", "https://chat.example.org/chat/join/"},
	} {
		f := newFixture(t, func(cfg *Config) { cfg.PublicURL = c.public })
		made := object(t, f.as(f.ann, "POST", c.target+"/api/invites", `{}`), 201)
		if made["url"] != c.want+made["code"].(string) {
			t.Errorf("%+v: %v", c, made["url"])
		}
	}
}

func TestPeopleAreGovernedByOwners(t *testing.T) {
	f := newFixture(t, nil)
	bob, bobs := f.account("bob", "battery staple", "")
	path := "/api/users/" + string(bob.ID)
	person := object(t, f.as(f.ann, "PUT", path+"/role", `{"role":"moderator"}`), 200)
	want := map[string]any{"id": string(bob.ID), "name": "bob", "display": "bob", "kind": "member", "role": "moderator", "disabled": false, "email": "bob@example.org", "state": "offline"}
	if diff := cmp.Diff(want, person); diff != "" {
		t.Error(diff)
	}
	if me := object(t, f.as(bobs, "GET", "/api/me", ""), 200); me["role"] != "moderator" {
		t.Errorf("got %v", me)
	}
	person = object(t, f.as(f.ann, "PUT", path+"/disabled", `{"disabled":true}`), 200)
	if person["disabled"] != true {
		t.Errorf("got %v", person)
	}
	refused(t, f.as(bobs, "GET", "/api/me", ""), 401, chat.Unauthenticated)
	object(t, f.as(f.ann, "PUT", path+"/disabled", `{"disabled":false}`), 200)
	refused(t, f.as(bobs, "GET", "/api/me", ""), 401, chat.Unauthenticated) // the session has ended for good
	object(t, f.as("", "POST", "/api/auth/login", `{"name":"bob","password":"battery staple"}`), 200)

	ann := "/api/users/" + string(f.annUser.ID)
	refused(t, f.as(f.ann, "PUT", ann+"/role", `{"role":"member"}`), 409, chat.Conflict)
	refused(t, f.as(f.ann, "PUT", ann+"/disabled", `{"disabled":true}`), 409, chat.Conflict)
	refused(t, f.as(f.ann, "PUT", fill("/api/users/{id}/role"), `{"role":"member"}`), 404, chat.NotFound)
}

func TestRoomsAreArchived(t *testing.T) {
	f := newFixture(t, nil)
	_, bob := f.account("bob", "battery staple", "")
	object(t, f.as(bob, "POST", "/api/rooms", `{"name":"tea"}`), 201)
	room := object(t, f.as(bob, "PUT", "/api/rooms/tea/archived", `{"archived":true}`), 200)
	if room["archived"] != true || room["name"] != "tea" || room["seq"] != 1.0 {
		t.Errorf("got %v", room)
	}
	refused(t, f.as(bob, "PUT", "/api/rooms/tea/archived", `{"archived":true}`), 409, chat.Conflict)
	refused(t, f.as(f.ann, "POST", "/api/messages", `{"room":"tea","content":"x"}`), 403, chat.Forbidden)
	if names := f.as(f.ann, "GET", "/api/rooms", "").Body.String(); strings.Contains(names, `"tea"`) {
		t.Errorf("who is no member is shown it: %s", names)
	}
	room = object(t, f.as(f.ann, "PUT", "/api/rooms/tea/archived", `{"archived":false}`), 200)
	if room["archived"] != false {
		t.Errorf("got %v", room)
	}
	object(t, f.as(f.ann, "POST", "/api/messages", `{"room":"tea","content":"x"}`), 201)
	refused(t, f.as(f.ann, "PUT", "/api/rooms/nowhere/archived", `{"archived":true}`), 404, chat.NotFound)
}

func TestTheAuditLog(t *testing.T) {
	f := newFixture(t, nil)
	bob, _ := f.account("bob", "battery staple", "")
	f.invite(`{"max_uses":3}`)
	object(t, f.as(f.ann, "PUT", "/api/users/"+string(bob.ID)+"/role", `{"role":"moderator"}`), 200)
	object(t, f.as(f.ann, "PUT", "/api/workspace", `{"name":"Tea House","hue":30}`), 200)
	object(t, f.as(f.ann, "PUT", "/api/rooms/help/archived", `{"archived":true}`), 200)

	all := object(t, f.as(f.ann, "GET", "/api/audit", ""), 200)
	var got []string
	for _, e := range all["entries"].([]any) {
		m := e.(map[string]any)
		got = append(got, fmt.Sprint(m["actor"].(map[string]any)["name"], " ", m["action"], " ", m["subject_name"]))
		if len(m) != 7 || m["at"] == "" {
			t.Errorf("got %v", m)
		}
	}
	want := []string{
		"ann room_archived help", "ann workspace_changed Tea House", "ann role_changed bob", "ann invite_created ", "command line user_created bob", "command line user_created ann",
	}
	if diff := cmp.Diff(want, got); diff != "" || all["next"] != nil {
		t.Errorf("%s, next %v", diff, all["next"])
	}
	role := all["entries"].([]any)[2].(map[string]any)
	if diff := cmp.Diff(map[string]any{"role": "moderator", "was": "member"}, role["data"]); diff != "" || role["subject"] != string(bob.ID) {
		t.Errorf("%s: %v", diff, role)
	}

	var walked []any
	for path := "/api/audit?limit=4"; path != ""; {
		page := object(t, f.as(f.ann, "GET", path, ""), 200)
		walked = append(walked, page["entries"].([]any)...)
		path = ""
		if next, more := page["next"].(float64); more {
			path = fmt.Sprintf("/api/audit?limit=4&before=%.0f", next)
		}
	}
	if diff := cmp.Diff(all["entries"], any(walked)); diff != "" {
		t.Error(diff)
	}
}
