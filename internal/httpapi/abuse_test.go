package httpapi

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

// Attack 37 of the list: what is said in a direct room stays there. Neither its own people nor anybody else make it
// another kind of room, bring somebody in, or have its text shown elsewhere.
func TestAttack37ADirectMessageMadePublic(t *testing.T) {
	f := newFixture(t, nil)
	mira, miras := f.join("mira")
	otto, ottos := f.join("otto")
	eve, eves := f.join("eve")
	_, monas := f.account("mona", "battery staple", chat.RoleModerator)
	const text = "for your eyes only"
	dm := object(t, f.as(miras, "POST", "/api/direct", fmt.Sprintf(`{"users":[%q]}`, otto.ID)), 201)["name"].(string)
	said := f.said(miras, dm, text, "")
	reply := f.said(miras, dm, text+", @eve", said)
	f.said(miras, dm, text+", @eve and @room", "")

	for _, token := range []string{miras, ottos} { // its own people
		for _, kind := range []string{"public", "private"} {
			if got := object(t, f.as(token, "PATCH", "/api/rooms/"+dm, `{"kind":"`+kind+`"}`), 200); got["kind"] != "direct" {
				t.Errorf("the room is %v", got)
			}
			refused(t, f.as(token, "POST", "/api/rooms", fmt.Sprintf(`{"name":%q,"kind":%q}`, dm, kind)), 400, chat.Invalid)
			refused(t, f.as(token, "PATCH", "/api/rooms/"+dm, fmt.Sprintf(`{"kind":%q,"name":"ours"}`, kind)), 403, chat.Forbidden)
		}
		for _, c := range [][3]string{
			{"PATCH", "", `{"topic":"x"}`}, {"PATCH", "", `{"history":"all","read_only":true}`}, {"PUT", "/archived", `{"archived":true}`},
			{"PUT", "/members/" + string(eve.ID), ""}, {"PUT", "/members/" + string(mira.ID) + "/role", `{"role":"owner"}`},
		} {
			refused(t, f.as(token, c[0], "/api/rooms/"+dm+c[1], c[2]), 403, chat.Forbidden)
		}
		// With one person more it is another room, in which nothing was said.
		more := object(t, f.as(token, "POST", "/api/direct", fmt.Sprintf(`{"users":[%q,%q,%q]}`, mira.ID, otto.ID, eve.ID)), map[bool]int{true: 201, false: 200}[token == miras])
		page := object(t, f.as(token, "GET", fmt.Sprintf("/api/messages?room=%s", more["name"]), ""), 200)
		if more["name"] == dm || len(page["messages"].([]any)) != 0 {
			t.Errorf("the room with eve is %v, with %v", more, page)
		}
		for _, id := range []string{said, reply} {
			for _, into := range []string{"general", more["name"].(string)} {
				at := "/api/rooms/" + into + "/messages/" + id
				for _, w := range []*httptest.ResponseRecorder{
					f.as(token, "POST", "/api/messages", fmt.Sprintf(`{"room":%q,"content":"see","quote":%q}`, into, id)),
					f.as(token, "POST", "/api/messages", fmt.Sprintf(`{"room":%q,"content":"see","thread":%q}`, into, id)),
					f.as(token, "PUT", at+"/pin", ""), f.as(token, "PUT", at+"/reactions/"+thumb, ""), f.as(token, "GET", at, ""),
					f.as(token, "GET", "/api/messages?room="+into+"&around="+id, ""), f.as(token, "GET", "/api/messages?room="+into+"&thread="+id, ""),
				} {
					refused(t, w, 404, chat.NotFound)
				}
			}
		}
	}
	if w := f.as(ottos, "POST", "/api/rooms/"+dm+"/messages/"+said+"/report", `{"reason":"rude"}`); w.Code != 201 {
		t.Fatal(w.Body)
	}
	// Whoever moderates sees what was reported, and that alone; the owner's log has no text.
	if w := f.as(monas, "GET", "/api/reports", ""); strings.Count(w.Body.String(), text) != 1 {
		t.Errorf("the reports are %s", w.Body)
	}
	refused(t, f.as(eves, "GET", "/api/reports", ""), 403, chat.Forbidden)
	for who, token := range map[string]string{"eve": eves, "a moderator": monas, "the owner": f.ann, "a guest": f.guest("gus")} {
		for _, path := range []string{"/api/rooms/" + dm, "/api/messages?room=" + dm, "/api/rooms/" + dm + "/pins", "/api/rooms/" + dm + "/messages/" + said, "/api/messages?room=" + dm + "&thread=" + said} {
			refused(t, f.as(token, "GET", path, ""), 404, chat.NotFound)
		}
		for _, path := range []string{
			"/api/rooms", "/api/rooms?browse=true", "/api/mentions", "/api/threads", "/api/threads/unread", "/api/saved", "/api/users", "/api/audit", "/api/messages?room=general", "/api/rooms/general/pins",
		} {
			w := f.as(token, "GET", path, "")
			if body := w.Body.String(); strings.Contains(body, text) || strings.Contains(body, dm) && path != "/api/audit" {
				t.Errorf("%s to %s: %s", path, who, body)
			}
		}
	}
}

// Attack 15 of the list: what is far too long is refused by the name of its field, wherever it is written, and nothing of it is stored.
func TestAttack15AMegabyteOfEmojiInARoom(t *testing.T) {
	f := newFixture(t, nil)
	_, bobs := f.join("bob")
	id := f.said(bobs, "general", "hello", "")
	at := "/api/rooms/general/messages/" + id
	state := func() (all string) {
		for _, path := range []string{at, "/api/rooms", "/api/messages?room=general", "/api/announcements", "/api/reports", "/api/users"} {
			all += f.as(f.ann, "GET", path, "").Body.String()
		}
		return all
	}
	was := state()
	for _, size := range []int{40_000, 1 << 20} {
		emoji := strings.Repeat("😀", size/4)
		for _, c := range []struct{ token, method, path, body, field string }{
			{bobs, "POST", "/api/messages", `{"room":"general","content":"%s"}`, "content"},
			{bobs, "POST", "/api/messages", `{"room":"%s","content":"x"}`, "room"},
			{bobs, "POST", "/api/messages", `{"room":"general","content":"x","thread":"%s"}`, "thread"},
			{bobs, "POST", "/api/messages", `{"room":"general","content":"x","quote":"%s"}`, "quote"},
			{bobs, "PATCH", at, `{"content":"%s"}`, "content"},
			{f.ann, "POST", at + "/report", `{"reason":"%s"}`, "reason"},
			{f.ann, "PATCH", "/api/rooms/general", `{"topic":"%s"}`, "topic"},
			{f.ann, "PATCH", "/api/rooms/general", `{"name":"%s"}`, "room"},
			{f.ann, "POST", "/api/rooms", `{"name":"%s"}`, "room"},
			{f.ann, "POST", "/api/rooms", `{"name":"tea","topic":"%s"}`, "topic"},
			{f.ann, "PUT", "/api/rooms/general/notify", `{"level":"%s"}`, "level"},
			{f.ann, "POST", "/api/announcements", `{"content":"%s"}`, "content"},
			{f.ann, "PUT", "/api/me/status", `{"emoji":"%s"}`, "emoji"},
		} {
			w := f.as(c.token, c.method, c.path, fmt.Sprintf(c.body, emoji))
			if w.Code != 400 && w.Code != 413 || w.Body.Len() > 1000 || size < 1<<16 && !strings.Contains(w.Body.String(), c.field) {
				t.Errorf("%s %s with %d bytes: %d %.300s", c.method, c.path, size, w.Code, w.Body)
			}
		}
	}
	for range 2 {
		if w := f.as(bobs, "PUT", at+"/reactions/"+strings.Repeat(thumb, 1<<18), ""); w.Code != 400 && w.Code != 413 {
			t.Errorf("a reaction: %d", w.Code)
		}
	}
	if now := state(); now != was {
		t.Errorf("it was %s and is %s", was, now)
	}
}
