package httpapi

import (
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

// roles are those of the matrix, in the order of its columns.
var roles = []string{"owner", "moderator", "member", "guest", "nobody"}

// rights is what each role gets from each route, for what is right but for the role. A row is a route with a body, the
// columns are roles. {other} is a member whom it is about, {session} the id of a session of one's own; of {invite}, an
// invitation's id, {room}, which the owner made, {hers}, which the member made, and {message}, what the member said, each
// role has one.
var rights = []struct {
	route, body string
	want        [5]int
}{
	{"GET /api/workspace", "", [5]int{200, 200, 200, 200, 200}},
	{"PUT /api/workspace", `{"name":"x","hue":1}`, [5]int{200, 403, 403, 403, 401}},
	{"GET /api/audit", "", [5]int{200, 403, 403, 403, 401}},
	{"POST /api/invites", `{}`, [5]int{201, 201, 403, 403, 401}},
	{"GET /api/invites", "", [5]int{200, 200, 403, 403, 401}},
	{"DELETE /api/invites/{invite}", "", [5]int{204, 204, 403, 403, 401}},
	{"GET /api/users", "", [5]int{200, 200, 200, 200, 401}},
	{"POST /api/direct", `{"users":["{other}"]}`, [5]int{201, 201, 201, 403, 401}},
	{"PATCH /api/rooms/{room}", `{"topic":"x"}`, [5]int{200, 200, 200, 403, 401}},
	{"PUT /api/rooms/{room}/members/{other}", "", [5]int{204, 204, 204, 403, 401}},
	{"PUT /api/rooms/{room}/members/{other}/role", `{"role":"moderator"}`, [5]int{204, 403, 403, 403, 401}},
	{"DELETE /api/rooms/{room}/members/{other}", "", [5]int{204, 204, 403, 403, 401}},
	{"PUT /api/users/{other}/role", `{"role":"moderator"}`, [5]int{200, 403, 403, 403, 401}},
	{"PUT /api/users/{other}/disabled", `{"disabled":true}`, [5]int{200, 403, 403, 403, 401}},
	{"GET /api/me", "", [5]int{200, 200, 200, 200, 401}},
	{"PUT /api/me", `{"display":"x"}`, [5]int{200, 200, 200, 403, 401}},
	{"PUT /api/me/avatar", "no picture", [5]int{400, 400, 400, 403, 401}},
	{"DELETE /api/me/avatar", "", [5]int{200, 200, 200, 403, 401}},
	{"GET /api/avatars/0", "", [5]int{404, 404, 404, 404, 401}},
	{"PUT /api/me/password", `{"current":"battery staple","new":"correct horse"}`, [5]int{200, 200, 200, 403, 401}},
	{"GET /api/me/sessions", "", [5]int{200, 200, 200, 403, 401}},
	{"DELETE /api/me/sessions", "", [5]int{200, 200, 200, 403, 401}},
	{"DELETE /api/me/sessions/{session}", "", [5]int{204, 204, 204, 403, 401}},
	{"PUT /api/me/status", `{"text":"x"}`, [5]int{200, 200, 200, 403, 401}},
	{"DELETE /api/me/status", "", [5]int{200, 200, 200, 403, 401}},
	{"GET /api/me/preferences", "", [5]int{200, 200, 200, 403, 401}},
	{"PUT /api/me/preferences", `{"highlights":[],"dnd":{},"share_last_seen":false}`, [5]int{200, 200, 200, 403, 401}},
	{"GET /api/me/blocks", "", [5]int{200, 200, 200, 403, 401}},
	{"PUT /api/me/blocks/{other}", "", [5]int{204, 204, 204, 403, 401}},
	{"DELETE /api/me/blocks/{other}", "", [5]int{204, 204, 204, 403, 401}},
	{"POST /api/rooms/general/messages/{said}/report", `{"reason":"x"}`, [5]int{201, 201, 201, 403, 401}},
	{"GET /api/reports", "", [5]int{200, 200, 403, 403, 401}},
	{"POST /api/reports/{report}/resolve", `{}`, [5]int{204, 204, 403, 403, 401}},
	{"POST /api/announcements", `{"content":"x"}`, [5]int{201, 403, 403, 403, 401}},
	{"GET /api/announcements", "", [5]int{200, 200, 200, 200, 401}},
	{"DELETE /api/announcements/{announcement}", "", [5]int{204, 403, 403, 403, 401}},
	{"PUT /api/rooms/{room}/archived", `{"archived":true}`, [5]int{200, 200, 403, 403, 401}}, // after it nothing can be changed
	{"PUT /api/rooms/{hers}/archived", `{"archived":true}`, [5]int{200, 200, 200, 403, 401}},
	{"POST /api/rooms", `{"name":"new-{role}"}`, [5]int{201, 201, 201, 403, 401}},
	{"GET /api/rooms", "", [5]int{200, 200, 200, 200, 401}},
	{"GET /api/rooms/general", "", [5]int{200, 200, 200, 200, 401}},
	{"GET /api/rooms/general/members", "", [5]int{200, 200, 200, 200, 401}},
	{"POST /api/rooms/general/read", `{"n":0}`, [5]int{200, 200, 200, 200, 401}},
	{"PUT /api/rooms/general/notify", `{"level":"all"}`, [5]int{200, 200, 200, 403, 401}},
	{"GET /api/mentions", "", [5]int{200, 200, 200, 200, 401}},
	{"GET /api/messages?room=general", "", [5]int{200, 200, 200, 200, 401}},
	{"PUT /api/rooms/general/messages/{message}/following", `{"following":true}`, [5]int{200, 200, 200, 403, 401}}, // a guest has nothing to keep it in yet
	{"POST /api/rooms/general/messages/{message}/read", `{"seq":1}`, [5]int{200, 200, 200, 200, 401}},
	{"PUT /api/rooms/general/messages/{message}/saved", "", [5]int{204, 204, 204, 403, 401}},
	{"DELETE /api/rooms/general/messages/{message}/saved", "", [5]int{204, 204, 204, 204, 401}},
	{"GET /api/threads", "", [5]int{200, 200, 200, 200, 401}},
	{"GET /api/threads/unread", "", [5]int{200, 200, 200, 200, 401}},
	{"GET /api/saved", "", [5]int{200, 200, 200, 200, 401}},
	{"POST /api/messages", `{"room":"general","content":"x"}`, [5]int{201, 201, 201, 201, 401}},
	{"GET /api/rooms/general/pins", "", [5]int{200, 200, 200, 200, 401}},
	{"GET /api/rooms/general/messages/{message}", "", [5]int{200, 200, 200, 200, 401}},
	{"PATCH /api/rooms/general/messages/{message}", `{"content":"y"}`, [5]int{403, 403, 200, 403, 401}},
	{"GET /api/rooms/general/messages/{message}/edits", "", [5]int{200, 200, 200, 403, 401}},
	{"GET /api/rooms/general/messages/{message}/reactions", "", [5]int{200, 200, 200, 200, 401}},
	{"PUT /api/rooms/general/messages/{message}/reactions/%F0%9F%91%8D", "", [5]int{204, 204, 204, 204, 401}},
	{"DELETE /api/rooms/general/messages/{message}/reactions/%F0%9F%91%8D", "", [5]int{204, 204, 204, 204, 401}},
	{"PUT /api/rooms/general/messages/{message}/pin", "", [5]int{204, 204, 204, 403, 401}},
	{"DELETE /api/rooms/general/messages/{message}/pin", "", [5]int{204, 204, 204, 403, 401}},
	{"DELETE /api/rooms/general/messages/{message}?reason=rude", "", [5]int{204, 204, 204, 403, 401}},
	{"POST /api/auth/refresh", "", [5]int{200, 200, 200, 200, 401}},
	{"POST /api/auth/logout", "", [5]int{204, 204, 204, 204, 204}},
	{"POST /api/auth/setup", `{"code":"x"}`, [5]int{404, 404, 404, 404, 404}},
	{"POST /api/auth/invitation", `{"code":"x"}`, [5]int{404, 404, 404, 404, 404}},
	{"POST /api/auth/register", `{"name":"new","password":"correct horse"}`, [5]int{403, 403, 403, 403, 403}},
	{"POST /api/auth/login", `{"name":"olga","password":"battery staple"}`, [5]int{200, 200, 200, 200, 200}},
	{"POST /api/auth/guest", `{"name":"new"}`, [5]int{201, 201, 201, 201, 201}},
}

// spoils are the routes after which somebody's token is good for nothing any more.
var spoils = map[string]bool{"PUT /api/me/password": true, "DELETE /api/me/sessions": true, "DELETE /api/me/sessions/{session}": true, "POST /api/auth/logout": true}

func TestTheMatrixOfRolesAndRoutes(t *testing.T) {
	shared := newMatrix(t)
	for _, row := range rights {
		t.Run(row.route, func(t *testing.T) {
			m := shared
			if spoils[row.route] {
				m = newMatrix(t)
			}
			for i, role := range slices.Backward(roles) { // the weakest first: what they may not do is not done
				method, path, _ := strings.Cut(m.fill(row.route, role), " ")
				w := m.f.as(m.tokens[role], method, path, m.fill(row.body, role))
				if w.Code != row.want[i] {
					t.Errorf("%s: %d, want %d: %s", role, w.Code, row.want[i], w.Body)
					continue
				}
				switch w.Code {
				case 401:
					refused(t, w, 401, chat.Unauthenticated)
				case 403:
					refused(t, w, 403, chat.Forbidden)
				}
			}
		})
	}
}

// Every operation has a row.
func TestTheMatrixIsComplete(t *testing.T) {
	f := newFixture(t, nil)
	named := map[string]bool{}
	for _, row := range rights {
		route, _, _ := strings.Cut(row.route, "?")
		route = strings.ReplaceAll(route, "/members/{other}", "/members/{user}")
		named[strings.NewReplacer("{invite}", "{id}", "{said}", "{id}", "{report}", "{id}", "{announcement}", "{id}", "{other}", "{id}", "{session}", "{id}", "{room}", "{name}", "{hers}", "{name}", "{message}", "{id}", "%F0%9F%91%8D", "{emoji}", "general", "{name}", "avatars/0", "avatars/{hash}").Replace(route)] = true
	}
	for path, item := range object(t, f.as("", "GET", "/api/openapi.json", ""), 200)["paths"].(map[string]any) {
		for method := range item.(map[string]any) {
			if route := strings.ToUpper(method) + " " + path; !named[route] {
				t.Errorf("the matrix has no %s", route)
			}
		}
	}
}

// matrix is a workspace with somebody of each role.
type matrix struct {
	f      *fixture
	tokens map[string]string
	parts  map[string]*strings.Replacer // of each role: what stands for the names in braces
}

func newMatrix(t *testing.T) *matrix {
	t.Helper()
	f := emptyFixture(t, nil)
	_, f.ann = f.account("olga", "battery staple", chat.RoleOwner)
	_, mona := f.account("mona", "battery staple", chat.RoleModerator)
	_, mira := f.account("mira", "battery staple", chat.RoleMember)
	other, ottos := f.account("otto", "battery staple", chat.RoleMember)
	m := &matrix{f: f, tokens: map[string]string{"owner": f.ann, "moderator": mona, "member": mira, "guest": f.guest("gus")}, parts: map[string]*strings.Replacer{}}
	announced := object(t, f.as(f.ann, "POST", "/api/announcements", `{"content":"x"}`), 201)["id"].(string)
	for _, role := range roles {
		session := sessionOf(t, f, f.ann)
		if access, err := f.tokens.ParseAccess(m.tokens[role]); err == nil {
			session = string(access.Session)
		}
		object(t, f.as(f.ann, "POST", "/api/rooms", `{"name":"room-`+role+`"}`), 201)
		object(t, f.as(mira, "POST", "/api/rooms", `{"name":"hers-`+role+`"}`), 201)
		invite := object(t, f.as(f.ann, "POST", "/api/invites", `{}`), 201)["id"].(string)
		said := object(t, f.as(ottos, "POST", "/api/messages", `{"room":"general","content":"x"}`), 201)["id"].(string)
		spam := object(t, f.as(ottos, "POST", "/api/messages", `{"room":"general","content":"x"}`), 201)["id"].(string)
		if w := f.as(mira, "POST", "/api/rooms/general/messages/"+spam+"/report", `{"reason":"x"}`); w.Code != 201 {
			t.Fatal(w.Body)
		}
		reports := object(t, f.as(f.ann, "GET", "/api/reports", ""), 200)["reports"].([]any)
		its := slices.IndexFunc(reports, func(r any) bool { return r.(map[string]any)["message"] == spam })
		message := f.said(mira, "general", "a message", "")
		m.parts[role] = strings.NewReplacer("{said}", said, "{report}", reports[its].(map[string]any)["id"].(string), "{announcement}", announced,
			"{other}", string(other.ID), "{message}", message, "{session}", session, "{invite}", invite, "{room}", "room-"+role, "{hers}", "hers-"+role, "{role}", role)
	}
	return m
}

func (m *matrix) fill(s, role string) string { return m.parts[role].Replace(s) }
