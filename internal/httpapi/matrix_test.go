package httpapi

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

// roles are those of the matrix, in the order of its columns.
var roles = []string{"owner", "moderator", "member", "guest", "nobody"}

// rights is what each role gets from each route, for what is right but for the role. A row is a route with a body, the
// columns are roles. {other} is a member whom it is about, {invite} the id of an invitation, {session} the id of a session
// of one's own, {room} a room that the member made.
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
	{"PUT /api/users/{other}/role", `{"role":"moderator"}`, [5]int{200, 403, 403, 403, 401}},
	{"PUT /api/users/{other}/disabled", `{"disabled":true}`, [5]int{200, 403, 403, 403, 401}},
	{"GET /api/me", "", [5]int{200, 200, 200, 200, 401}},
	{"PUT /api/me", `{"display":"x"}`, [5]int{200, 200, 200, 403, 401}},
	{"PUT /api/me/password", `{"current":"battery staple","new":"correct horse"}`, [5]int{200, 200, 200, 403, 401}},
	{"GET /api/me/sessions", "", [5]int{200, 200, 200, 403, 401}},
	{"DELETE /api/me/sessions", "", [5]int{200, 200, 200, 403, 401}},
	{"DELETE /api/me/sessions/{session}", "", [5]int{204, 204, 204, 403, 401}},
	{"PUT /api/rooms/general/archived", `{"archived":true}`, [5]int{200, 200, 403, 403, 401}},
	{"PUT /api/rooms/{room}/archived", `{"archived":true}`, [5]int{200, 200, 200, 403, 401}},
	{"POST /api/rooms", `{"name":"new"}`, [5]int{201, 201, 201, 403, 401}},
	{"GET /api/rooms", "", [5]int{200, 200, 200, 200, 401}},
	{"GET /api/rooms/general", "", [5]int{200, 200, 200, 200, 401}},
	{"GET /api/rooms/general/members", "", [5]int{200, 200, 200, 200, 401}},
	{"POST /api/rooms/general/read", `{"n":0}`, [5]int{200, 200, 200, 200, 401}},
	{"GET /api/messages?room=general", "", [5]int{200, 200, 200, 200, 401}},
	{"POST /api/messages", `{"room":"general","content":"x"}`, [5]int{201, 201, 201, 201, 401}},
	{"POST /api/auth/refresh", "", [5]int{200, 200, 200, 200, 401}},
	{"POST /api/auth/logout", "", [5]int{204, 204, 204, 204, 204}},
	{"POST /api/auth/setup", `{"code":"x"}`, [5]int{404, 404, 404, 404, 404}},
	{"POST /api/auth/invitation", `{"code":"x"}`, [5]int{404, 404, 404, 404, 404}},
	{"POST /api/auth/register", `{"name":"new","password":"correct horse"}`, [5]int{403, 403, 403, 403, 403}},
	{"POST /api/auth/login", `{"name":"olga","password":"battery staple"}`, [5]int{200, 200, 200, 200, 200}},
	{"POST /api/auth/guest", `{"name":"new"}`, [5]int{201, 201, 201, 201, 201}},
}

func TestTheMatrixOfRolesAndRoutes(t *testing.T) {
	for _, row := range rights {
		t.Run(row.route, func(t *testing.T) {
			method, path, _ := strings.Cut(row.route, " ")
			m := newMatrix(t)
			for i, role := range slices.Backward(roles) {
				w := m.f.as(m.tokens[role], method, m.fill(path, role), row.body)
				if w.Code != row.want[i] {
					t.Errorf("%s: %d, want %d: %s", role, w.Code, row.want[i], w.Body)
					continue
				}
				switch w.Code {
				case 401:
					problem(t, w, 401, chat.Unauthenticated)
				case 403:
					problem(t, w, 403, chat.Forbidden)
				}
				if w.Code < 300 && method != "GET" && i > 0 {
					m = newMatrix(t) // what was changed is as it was, for the next
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
		named[strings.NewReplacer("{invite}", "{id}", "{other}", "{id}", "{session}", "{id}", "{room}", "{name}", "general", "{name}").Replace(route)] = true
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
	f       *fixture
	tokens  map[string]string
	places  map[string]string
	session map[string]string
}

func newMatrix(t *testing.T) *matrix {
	t.Helper()
	m := &matrix{f: emptyFixture(t, nil), tokens: map[string]string{}, places: map[string]string{}, session: map[string]string{}}
	_, m.f.ann = m.f.account("olga", "battery staple", chat.RoleOwner)
	m.tokens["owner"] = m.f.ann
	_, m.tokens["moderator"] = m.f.account("mona", "battery staple", chat.RoleModerator)
	_, m.tokens["member"] = m.f.account("mira", "battery staple", chat.RoleMember)
	m.tokens["guest"] = m.f.guest("gus")
	other, _ := m.f.account("otto", "battery staple", chat.RoleMember)
	m.places["{other}"] = string(other.ID)
	m.places["{invite}"] = object(t, m.f.as(m.f.ann, "POST", "/api/invites", `{}`), 201)["id"].(string)
	m.places["{room}"] = object(t, m.f.as(m.tokens["member"], "POST", "/api/rooms", `{"name":"hers"}`), 201)["name"].(string)
	for role, token := range m.tokens {
		if access, err := m.f.tokens.ParseAccess(token); err == nil {
			m.session[role] = string(access.Session)
		}
	}
	return m
}

func (m *matrix) fill(path, role string) string {
	session := m.session[role]
	if session == "" {
		session = m.session["owner"]
	}
	path = strings.ReplaceAll(path, "{session}", session)
	for name, value := range m.places {
		path = strings.ReplaceAll(path, name, value)
	}
	if strings.Contains(path, "{") {
		panic(fmt.Sprint("nothing stands for a part of ", path))
	}
	return path
}
