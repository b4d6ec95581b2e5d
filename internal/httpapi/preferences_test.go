package httpapi

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-chat/parley/internal/chat"
)

// person finds somebody in the list of people as token's owner sees it.
func (f *fixture) person(token, name string) map[string]any {
	f.t.Helper()
	for _, u := range object(f.t, f.as(token, "GET", "/api/users", ""), 200)["users"].([]any) {
		if p := u.(map[string]any); p["name"] == name {
			return p
		}
	}
	f.t.Fatalf("there is no %s", name)
	return nil
}

func TestMyStatus(t *testing.T) {
	f := newFixture(t, nil)
	bobUser, bob := f.account("bob", "battery staple", "")
	f.online[chat.RoomID(bobUser.ID)] = 1
	if got := f.person(f.ann, "bob"); got["status"] != nil || got["state"] != "online" {
		t.Errorf("without a status: %v", got)
	}
	until := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	me := object(t, f.as(bob, "PUT", "/api/me/status", `{"emoji":"🌴","text":" On holiday ","until":"`+until+`"}`), 200)
	want := map[string]any{"emoji": "🌴", "text": "On holiday", "until": strings.Replace(until, "Z", ".000Z", 1)}
	for what, got := range map[string]any{"the answer": me["status"], "me": object(t, f.as(bob, "GET", "/api/me", ""), 200)["status"], "others": f.person(f.ann, "bob")["status"]} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	for _, emoji := range []string{"👍🏽", "👩‍💻", "🇩🇪", "1️⃣", "❤️", "™️"} {
		object(t, f.as(bob, "PUT", "/api/me/status", `{"emoji":"`+emoji+`"}`), 200)
	}
	object(t, f.as(bob, "DELETE", "/api/me/status", ""), 200)
	if me := object(t, f.as(bob, "GET", "/api/me", ""), 200); me["status"] != nil {
		t.Errorf("taken away: %v", me)
	}
}

// Attack 15 of the list: what is far too long is refused with the name of the field, and others see nothing of it.
func TestAttack15LongStatuses(t *testing.T) {
	f := newFixture(t, nil)
	past := time.Now().Add(-time.Minute).UTC().Format(time.RFC3339)
	long := strings.Repeat("x", 40_000)
	for body, field := range map[string]string{
		`{}`:                                  "status",
		`{"text":" "}`:                        "status",
		`{"text":"` + long + `"}`:             "text",
		`{"emoji":"` + long + `"}`:            "emoji",
		`{"emoji":"ab"}`:                      "emoji",
		`{"emoji":"🌴 "}`:                      "emoji",
		`{"emoji":"7"}`:                       "emoji",
		`{"text":"a\nb"}`:                     "text",
		`{"text":"\u202e"}`:                   "text",
		`{"text":"x","until":"` + past + `"}`: "until",
		`{"text":"x","until":"9999-01-01"}`:   "until",
		`{"text":"x","until":"` + long + `"}`: "until",
	} {
		m := refused(t, f.as(f.ann, "PUT", "/api/me/status", body), 400, chat.Invalid)
		if detail := m["detail"].(string); !strings.Contains(detail, field) || len(detail) > 400 {
			t.Errorf("%.60s: %s", body, detail)
		}
	}
	million := strings.Repeat("🌴", 1<<18)
	refused(t, f.as(f.ann, "PUT", "/api/me/status", `{"emoji":"`+million+`"}`), 413, chat.TooLarge)
	refused(t, f.as(f.ann, "PUT", "/api/me/preferences", `{"highlights":["`+million+`"],"dnd":{},"share_last_seen":true}`), 413, chat.TooLarge)
	if got := f.person(f.ann, "ann"); got["status"] != nil {
		t.Errorf("others see %v", got)
	}
}

func TestMyPreferences(t *testing.T) {
	f := newFixture(t, nil)
	none := map[string]any{"highlights": []any{}, "dnd": map[string]any{}, "share_last_seen": false}
	if diff := cmp.Diff(none, object(t, f.as(f.ann, "GET", "/api/me/preferences", ""), 200)); diff != "" {
		t.Error(diff)
	}
	body := `{"highlights":[" deploy ","Deploy","ünïcode"],"dnd":{"until":"2026-01-31T09:30:00Z","schedule":{"from":"22:00","to":"07:00","zone":"Europe/London"}},"share_last_seen":true}`
	want := map[string]any{"highlights": []any{"deploy", "ünïcode"}, "share_last_seen": true, "dnd": map[string]any{
		"until": "2026-01-31T09:30:00.000Z", "schedule": map[string]any{"from": "22:00", "to": "07:00", "zone": "Europe/London"}}}
	for what, got := range map[string]any{
		"the answer": object(t, f.as(f.ann, "PUT", "/api/me/preferences", body), 200), "then": object(t, f.as(f.ann, "GET", "/api/me/preferences", ""), 200),
	} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	hours := func(from, to, zone string) string {
		return `{"highlights":[],"dnd":{"schedule":{"from":"` + from + `","to":"` + to + `","zone":"` + zone + `"}},"share_last_seen":false}`
	}
	for _, bad := range []string{
		`{"highlights":[""],"dnd":{},"share_last_seen":false}`, `{"highlights":["\u200b"],"dnd":{},"share_last_seen":false}`,
		`{"highlights":[` + strings.Repeat(`"a",`, 50) + `"a"],"dnd":{},"share_last_seen":false}`,
		hours("22:00", "22:00", "UTC"), hours("24:00", "07:00", "UTC"), hours("7:00", "08:00", "UTC"), hours("07:00", "08:00", ""), hours("07:00", "08:00", "../x y"),
		`{"highlights":[],"dnd":{"until":"soon"},"share_last_seen":false}`,
	} {
		refused(t, f.as(f.ann, "PUT", "/api/me/preferences", bad), 400, chat.Invalid)
	}
	refused(t, f.as(f.ann, "PUT", "/api/me/preferences", `{"highlights":["`+strings.Repeat("a", 65)+`"],"dnd":{},"share_last_seen":false}`), 413, chat.TooLarge)
}

// last_seen is of who is offline and shares it.
func TestLastSeenIsShown(t *testing.T) {
	f := newFixture(t, nil)
	bobUser, bob := f.account("bob", "battery staple", "")
	prefer := func(share string) {
		t.Helper()
		object(t, f.as(bob, "PUT", "/api/me/preferences", `{"highlights":[],"dnd":{},"share_last_seen":`+share+`}`), 200)
	}
	went := func(want bool) {
		t.Helper()
		if _, _, err := f.chat.WentAway(t.Context(), []chat.UserID{bobUser.ID}); err != nil {
			t.Fatal(err)
		}
		if got := f.person(f.ann, "bob"); (got["last_seen"] != nil) != want {
			t.Errorf("others see %v", got)
		}
	}
	went(false)
	prefer("true")
	went(true)
	f.online[chat.RoomID(bobUser.ID)] = 1
	went(false)
	delete(f.online, chat.RoomID(bobUser.ID))
	prefer("false")
	went(false)
}

// Whoever is blocked finds it nowhere, not even an owner in the audit log.
func TestBlocksAreSecret(t *testing.T) {
	f := newFixture(t, nil)
	_, bob := f.account("bob", "battery staple", "")
	_, olga := f.account("olga", "battery staple", chat.RoleOwner)
	ann := string(f.annUser.ID)
	if w := f.as(bob, "PUT", "/api/me/blocks/"+ann, ""); w.Code != 204 {
		t.Fatal(w.Body)
	}
	blocks := object(t, f.as(bob, "GET", "/api/me/blocks", ""), 200)["blocks"].([]any)
	if len(blocks) != 1 || blocks[0].(map[string]any)["id"] != ann || blocks[0].(map[string]any)["name"] != "ann" {
		t.Errorf("bob has blocked %v", blocks)
	}
	for token, want := range map[string]bool{f.ann: false, olga: true} {
		w := f.as(token, "GET", "/api/audit?limit=200", "")
		object(t, w, 200)
		if strings.Contains(w.Body.String(), "user_blocked") != want {
			t.Errorf("the log of who is blocked, or of another owner: %s", w.Body)
		}
	}
	newest := object(t, f.as(f.ann, "GET", "/api/audit?limit=1", ""), 200)
	if newest["next"] == nil || len(newest["entries"].([]any)) != 1 {
		t.Errorf("a page without the entry: %v", newest)
	}
	refused(t, f.as(bob, "PUT", "/api/me/blocks/0190a8c0-1111-7000-8000-00000000ffff", ""), 404, chat.NotFound)
	refused(t, f.as(bob, "PUT", "/api/me/blocks/nobody", ""), 404, chat.NotFound)
}

func TestReportsAndWhoSeesThem(t *testing.T) {
	f := newFixture(t, nil)
	_, bob := f.account("bob", "battery staple", "")
	said := object(t, f.as(f.ann, "POST", "/api/messages", `{"room":"general","content":"spam"}`), 201)["id"].(string)
	path := "/api/rooms/general/messages/" + said + "/report"
	for body, code := range map[string]chat.Code{`{"reason":" "}`: chat.Invalid, `{"reason":"a\u0000"}`: chat.Invalid, `{"reason":"` + strings.Repeat("x", 501) + `"}`: chat.TooLarge} {
		w := f.as(bob, "POST", path, body)
		refused(t, w, w.Code, code)
	}
	refused(t, f.as(bob, "POST", strings.Replace(path, "general", "help", 1), `{"reason":"x"}`), 404, chat.NotFound)
	refused(t, f.as(bob, "POST", strings.Replace(path, said, "x", 1), `{"reason":"x"}`), 404, chat.NotFound)
	if w := f.as(bob, "POST", path, `{"reason":"It is spam\n"}`); w.Code != 201 {
		t.Fatal(w.Body)
	}
	refused(t, f.as(bob, "POST", path, `{"reason":"again"}`), 409, chat.Conflict)
	list := func(query string) []any {
		return object(t, f.as(f.ann, "GET", "/api/reports"+query, ""), 200)["reports"].([]any)
	}
	got := list("?open=true")[0].(map[string]any)
	if got["reason"] != "It is spam" || got["content"] != "spam" || got["room"] != "general" || got["message"] != said || got["resolved"] != nil ||
		got["author"].(map[string]any)["name"] != "ann" || got["reporter"].(map[string]any)["name"] != "bob" {
		t.Errorf("the owner sees %v", got)
	}
	if w := f.as(f.ann, "POST", "/api/reports/"+got["id"].(string)+"/resolve", `{"note":"Talked"}`); w.Code != 204 {
		t.Fatal(w.Body)
	}
	if len(list("?open=true")) != 0 {
		t.Error("it is open still")
	}
	if got := list("")[0].(map[string]any); got["resolved"] == nil || got["note"] != "Talked" || got["resolved_by"].(map[string]any)["name"] != "ann" {
		t.Errorf("closed: %v", got)
	}
	refused(t, f.as(f.ann, "GET", "/api/reports?before=x", ""), 400, chat.Invalid)
	refused(t, f.as(f.ann, "POST", "/api/reports/x/resolve", `{}`), 404, chat.NotFound)
}

func TestAnnouncementsEnd(t *testing.T) {
	f := newFixture(t, nil)
	list := func() []any {
		return object(t, f.as(f.guest("gus"+time.Now().Format("150405.000000")), "GET", "/api/announcements", ""), 200)["announcements"].([]any)
	}
	made := object(t, f.as(f.ann, "POST", "/api/announcements", `{"content":"Down at six"}`), 201)
	if all := list(); len(all) != 1 || cmp.Diff(made, all[0]) != "" {
		t.Errorf("a guest sees %v", all)
	}
	for body, code := range map[string]chat.Code{`{"content":" "}`: chat.Invalid, `{"content":"x","until":"2020-01-01T00:00:00Z"}`: chat.Invalid, `{"content":"` + strings.Repeat("x", 1001) + `"}`: chat.TooLarge} {
		w := f.as(f.ann, "POST", "/api/announcements", body)
		refused(t, w, w.Code, code)
	}
	if w := f.as(f.ann, "DELETE", "/api/announcements/"+made["id"].(string), ""); w.Code != 204 {
		t.Fatal(w.Body)
	}
	if all := list(); len(all) != 0 {
		t.Errorf("ended: %v", all)
	}
	refused(t, f.as(f.ann, "DELETE", "/api/announcements/"+made["id"].(string), ""), 404, chat.NotFound)
}
