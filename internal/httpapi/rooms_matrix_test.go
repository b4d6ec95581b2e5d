package httpapi

import (
	"encoding/json"
	"maps"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
)

// inRooms are the routes that name a room or a message, in an order in which none spoils what comes after it. {room}, {message}, {reply}
// and so on are those of a scene.
var inRooms = []struct{ route, body, act string }{
	{"GET /api/rooms/{room}", "", "see"},
	{"GET /api/rooms/{room}/members", "", "see"},
	{"GET /api/rooms/{room}/pins", "", "see"},
	{"GET /api/messages?room={room}", "", "see"},
	{"GET /api/messages?room={room}&around={message}", "", "see message"},
	{"GET /api/messages?room={room}&thread={message}", "", "see message"},
	{"GET /api/rooms/{room}/messages/{message}", "", "see message"},
	{"GET /api/rooms/{room}/messages/{reply}", "", "see message"},
	{"GET /api/rooms/{room}/messages/{message}/reactions", "", "see message"},
	{"GET /api/rooms/{room}/messages/{message}/edits", "", "read edits"},
	{"POST /api/rooms/{room}/messages/{message}/read", `{"seq":1}`, "see message"},
	{"POST /api/rooms/{room}/read", `{"n":0}`, "see"},
	{"PATCH /api/rooms/{room}/messages/{message}", `{"content":"x"}`, "edit theirs"},
	{"PATCH /api/rooms/{room}/messages/{reply}", `{"content":"x"}`, "edit theirs"},
	{"PUT /api/rooms/{room}/messages/{message}/reactions/%F0%9F%91%8D", "", "react"},
	{"DELETE /api/rooms/{room}/messages/{message}/reactions/%F0%9F%91%8D", "", "unreact"},
	{"PUT /api/rooms/{room}/messages/{message}/pin", "", "pin"},
	{"DELETE /api/rooms/{room}/messages/{message}/pin", "", "unpin"},
	{"POST /api/messages", `{"room":"{room}","content":"x"}`, "post"},
	{"POST /api/messages", `{"room":"{room}","content":"x","quote":"{message}"}`, "quote"},
	{"POST /api/messages", `{"room":"{room}","content":"x","thread":"{message}"}`, "reply"},
	{"PUT /api/rooms/{room}/messages/{message}/saved", "", "keep"},
	{"DELETE /api/rooms/{room}/messages/{message}/saved", "", "see message"},
	{"PUT /api/rooms/{room}/messages/{message}/following", `{"following":true}`, "keep"},
	{"POST /api/rooms/{room}/messages/{message}/report", `{"reason":"x"}`, "report"},
	{"DELETE /api/rooms/{room}/messages/{reply}", "", "delete theirs"},
	{"DELETE /api/rooms/{room}/messages/{message}", "", "delete theirs"},
	{"PUT /api/rooms/{room}/notify", `{"level":"all"}`, "set level"},
	{"PATCH /api/rooms/{room}", `{"topic":"x"}`, "set topic"},
	{"PUT /api/rooms/{room}/members/{outside}", "", "add member"},
	{"PUT /api/rooms/{room}/members/{inside}/role", `{"role":"moderator"}`, "give role"},
	{"DELETE /api/rooms/{room}/members/{outside}", "", "remove member"},
	{"PATCH /api/rooms/{room}", `{"slow_mode":1}`, "set slow mode"},
	{"PATCH /api/rooms/{room}", `{"name":"other-{room}"}`, "rename"},
	{"PUT /api/rooms/{room}/archived", `{"archived":true}`, "archive"},
}

// Whoever somebody is in a room of whatever kind, each route does what they may do, and else nothing. A room that is not for them is
// as one that does not exist, and a message of another room as none.
func TestTheMatrixOfStancesRoomsAndRoutes(t *testing.T) {
	f := emptyFixture(t, nil)
	cast, tokens := chattest.Cast{}, map[string]string{}
	enter := func(stance string, role chat.Role) {
		u, token := f.account(strings.ReplaceAll(stance, " ", "-"), "battery staple", role)
		cast[stance], tokens[stance] = u.Actor(), token
	}
	enter("owner", chat.RoleOwner)
	enter("moderator", chat.RoleModerator)
	for _, stance := range append(chattest.Stances[2:len(chattest.Stances)-1:len(chattest.Stances)-1], "author", "stranger") {
		enter(stance, chat.RoleMember)
	}
	tokens["guest"] = f.guest("gus")
	by := object(t, f.as(tokens["guest"], "POST", "/api/messages", `{"room":"general","content":"x"}`), 201)["user_id"].(string)
	cast["guest"] = chat.Actor{ID: chat.UserID(by), Name: "gus", Kind: chat.KindGuest, Role: chat.RoleGuest}
	general, err := f.chat.Room(t.Context(), cast["owner"], "general")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range chattest.Scenes(t, f.chat, cast) {
		t.Run(s.Stance+"/"+s.Kind, func(t *testing.T) {
			in := func(room, message, reply string) *strings.Replacer {
				return strings.NewReplacer("{room}", room, "{message}", message, "{reply}", reply, "{inside}", string(s.Inside.ID), "{outside}", string(s.Outside.ID))
			}
			here := in(s.Room.Name, s.Theirs.ID, s.Reply.ID)
			nowhere := in("no-such-room", s.Theirs.ID, s.Reply.ID)
			elsewhere := in("general", s.Theirs.ID, s.Reply.ID)
			missing := in("general", chattest.ID(), chattest.ID())
			for _, row := range inRooms {
				ask := func(with *strings.Replacer) *httptest.ResponseRecorder {
					method, path, _ := strings.Cut(with.Replace(row.route), " ")
					return f.as(tokens[s.Stance], method, path, with.Replace(row.body))
				}
				head := func(room chat.RoomID) chat.Head {
					h, err := f.chat.Head(t.Context(), room)
					if err != nil {
						t.Fatal(err)
					}
					return h
				}
				if a := chattest.Acts[row.act]; a.Message {
					was := head(general.ID)
					got, want := ask(elsewhere), ask(missing)
					if guests := s.Stance == "guest" && (a.NoGuests || a.Account); got.Code != 404 && !(guests && got.Code == 403) || answered(got) != answered(want) {
						t.Errorf("%s of another room: %d %s, want %s", row.route, got.Code, got.Body, want.Body)
					}
					if now := head(general.ID); now != was {
						t.Errorf("%s of another room: refused, and yet the room is at %v after %v", row.route, now, was)
					}
				}
				was := head(s.Room.ID)
				got := ask(here)
				if code := codeOf(t, got); code != chattest.Verdict(s.Stance, s.Kind, row.act) {
					t.Errorf("%s %s: %d %q, want %q: %s", row.route, row.body, got.Code, code, chattest.Verdict(s.Stance, s.Kind, row.act), got.Body)
				}
				if now := head(s.Room.ID); got.Code >= 400 && now != was {
					t.Errorf("%s: refused, and yet the room is at %v after %v", row.route, now, was)
				}
				if !chattest.Hidden(s.Stance, s.Kind) {
					continue
				}
				if want := answered(ask(nowhere)); answered(got) != want {
					t.Errorf("%s: a hidden room answers %s, one that is not there %s", row.route, answered(got), want)
				}
			}
		})
	}
}

var ofRequest = regexp.MustCompile(`"request_id":"[^"]*"`)

// answered is what differs in no request but by what was asked.
func answered(w *httptest.ResponseRecorder) string {
	return ofRequest.ReplaceAllString(w.Body.String(), "")
}

// codeOf is what an answer was refused with, "" for none.
func codeOf(t *testing.T, w *httptest.ResponseRecorder) chat.Code {
	t.Helper()
	if w.Code < 300 {
		return ""
	}
	var problem struct{ Code chat.Code }
	if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || problem.Code == "" {
		t.Errorf("%d without a code: %s", w.Code, w.Body)
	}
	return problem.Code
}

// Every route that names a room or a message has a row, and so does every act.
func TestTheMatrixOfRoomsIsComplete(t *testing.T) {
	f := newFixture(t, nil)
	acts, rows := map[string]bool{}, map[string]bool{}
	for _, row := range inRooms {
		acts[row.act] = true
		route, _, _ := strings.Cut(row.route, "?")
		rows[strings.NewReplacer("{room}", "{name}", "{message}", "{id}", "{reply}", "{id}", "{inside}", "{user}", "{outside}", "{user}", "%F0%9F%91%8D", "{emoji}").Replace(route)] = true
	}
	for path, item := range object(t, f.as("", "GET", "/api/openapi.json", ""), 200)["paths"].(map[string]any) {
		if !strings.Contains(path, "{name}") && !strings.Contains(path, "/messages") {
			continue
		}
		for method := range item.(map[string]any) {
			if route := strings.ToUpper(method) + " " + path; !rows[route] {
				t.Errorf("the matrix has no %s", route)
			}
		}
	}
	for _, act := range slices.Sorted(maps.Keys(chattest.Acts)) {
		if !acts[act] {
			t.Errorf("no route is for the act %q", act)
		}
	}
}
