package chattest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

// What everybody may do in every kind of room, said once more and in other words than in package chat, for tests that ask
// the edges: who somebody is in a room (Stances) × what the room is (Rooms) × what they want (Acts).

// Stances are what somebody can be to a room. "owner" and "moderator" are the workspace's, and members; "later" came in after
// everything was said, "blocked" was blocked by who wrote the messages.
var Stances = []string{"owner", "moderator", "room owner", "room moderator", "member", "later", "blocked", "outside", "left", "removed", "banned", "guest"}

// Rooms are the kinds of rooms. "joined" is a private room where new members see what comes from their joining on; archived and read-only
// ones are public.
var Rooms = []string{"public", "private", "joined", "direct", "archived", "read-only"}

// Act is something that one may want to do in a room.
type Act struct {
	Message  bool // to a message that was said before "later" came
	Writes   bool // not in an archived room
	Begins   bool // not in a read-only room, but for who moderates it
	NoGuests bool
	Account  bool // not for guests, who are told so before any room is looked for
	NoDirect bool // not in a direct room
	NoBlock  bool // not in a direct room with somebody by whom one is blocked
	Rank     int  // 1: room moderators, 2: room owners, 3: the workspace's moderators; each and those above
	Grants   bool // by room owners and the workspace's alone
	Never    bool // by nobody of Stances
}

// Acts are what can be done. The author of the messages is a plain member.
var Acts = map[string]Act{
	"see":           {},
	"see message":   {Message: true},
	"read edits":    {Message: true, Rank: 1},
	"post":          {Writes: true, Begins: true, NoBlock: true},
	"quote":         {Message: true, Writes: true, Begins: true, NoBlock: true},
	"reply":         {Message: true, Writes: true, NoBlock: true},
	"edit theirs":   {Message: true, Never: true},
	"delete theirs": {Message: true, Writes: true, Rank: 1},
	"react":         {Message: true, Writes: true, NoBlock: true},
	"unreact":       {Message: true, Writes: true},
	"pin":           {Message: true, Writes: true, Begins: true, NoGuests: true, NoBlock: true},
	"unpin":         {Message: true, Writes: true, Begins: true, NoGuests: true},
	"keep":          {Message: true},
	"report":        {Message: true, Account: true},
	"set level":     {},
	"set topic":     {Writes: true, Begins: true, NoGuests: true, NoDirect: true},
	"add member":    {Writes: true, NoGuests: true, NoDirect: true},
	"remove member": {Writes: true, Rank: 1, NoDirect: true},
	"give role":     {Writes: true, Grants: true, NoDirect: true},
	"set slow mode": {Writes: true, Rank: 1, NoDirect: true},
	"rename":        {Writes: true, Rank: 2, NoDirect: true},
	"archive":       {Rank: 2, NoDirect: true},
}

// inside are those who are in a room that not everybody sees.
func inside(stance, room string) bool {
	in := []string{"owner", "moderator", "room owner", "room moderator", "member", "later", "blocked"}
	if room == "direct" { // each of these has one with the author; the others try the member's
		in = []string{"owner", "moderator", "member", "blocked"}
	}
	return slices.Contains(in, stance)
}

// Hidden says that for somebody of this stance there is no such room.
func Hidden(stance, room string) bool {
	return (room == "private" || room == "joined" || room == "direct") && !inside(stance, room)
}

// Verdict is the code that an act is refused with; "": it is done.
func Verdict(stance, room, act string) chat.Code {
	a, ok := Acts[act]
	if !ok {
		panic("there is no act " + act)
	}
	rank := map[string]int{"room moderator": 1, "room owner": 2, "moderator": 3, "owner": 4}[stance]
	switch {
	case a.Account && stance == "guest":
		return chat.Forbidden
	case Hidden(stance, room):
		return chat.NotFound
	case stance == "banned":
		return chat.Forbidden
	case a.Message && stance == "later" && room == "joined":
		return chat.NotFound
	case a.Never,
		a.Writes && room == "archived",
		a.Begins && room == "read-only" && rank == 0,
		a.NoGuests && stance == "guest",
		a.NoDirect && room == "direct",
		a.NoBlock && room == "direct" && stance == "blocked",
		a.Rank > rank,
		a.Grants && rank != 2 && rank != 4:
		return chat.Forbidden
	case act == "archive" && room == "archived":
		return chat.Conflict
	}
	return ""
}

// Scene is a room with somebody in one of Stances, and what was said in it.
type Scene struct {
	Stance, Kind string
	Room         chat.Room
	By           chat.Actor
	Theirs       chat.Message // by a plain member, with a reply
	Reply        chat.Message
	Inside       chat.Actor // that member
	Outside      chat.Actor // is in none of the rooms, but in the public ones as everybody
}

// Cast are the people of the scenes: of each stance, "author" (a member) and "stranger".
type Cast map[string]chat.Actor

// Scenes makes a room of each kind for each stance. room owner makes all rooms.
func Scenes(t testing.TB, svc *chat.Service, cast Cast) []Scene {
	t.Helper()
	direct := map[string]chat.Room{}
	var all []Scene
	for i, kind := range Rooms {
		for j, stance := range Stances {
			s := stage{t, svc, cast, Scene{Stance: stance, Kind: kind, By: cast[stance], Inside: cast["author"], Outside: cast["stranger"]}}
			if kind == "direct" {
				with := stance
				if !inside(stance, kind) {
					with = "member"
				}
				if _, made := direct[with]; !made {
					r, _, err := svc.OpenDirect(t.Context(), cast[with], []chat.UserID{cast["author"].ID})
					s.must(err)
					direct[with] = r
				}
				s.Room = direct[with]
				s.speak()
			} else {
				s.open(fmt.Sprintf("room-%d-%d", i, j))
			}
			all = append(all, s.Scene)
		}
	}
	if err := svc.SetBlock(t.Context(), cast["author"], cast["blocked"].ID, true); err != nil {
		t.Fatal(err)
	}
	return all
}

type stage struct {
	t    testing.TB
	svc  *chat.Service
	cast Cast
	Scene
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%s in %s: %v", s.Stance, s.Kind, err)
	}
}

func (s *stage) do(write func(done func(chat.Outcome))) chat.Outcome {
	s.t.Helper()
	o := chat.Wait(s.t.Context(), write)
	s.must(o.Err)
	return o
}

func (s *stage) say(by chat.Actor, thread string) chat.Message {
	s.t.Helper()
	return *s.do(func(done func(chat.Outcome)) {
		s.svc.Post(by, chat.NewMessage{Room: s.Room.Name, Content: "hello", Thread: thread}, done)
	}).Event.Message
}

// speak has the author say what the acts are about.
func (s *stage) speak() {
	s.Theirs = s.say(s.Inside, "")
	s.Reply = s.say(s.Inside, s.Theirs.ID)
}

// open makes a room that is not direct.
func (s *stage) open(name string) {
	owner, ctx := s.cast["room owner"], s.t.Context()
	n := chat.NewRoom{Name: name, Kind: chat.RoomPublic, Members: []chat.UserID{s.Inside.ID}}
	private := s.Kind == "private" || s.Kind == "joined"
	was := slices.Contains([]string{"left", "removed", "banned"}, s.Stance) // a member once
	if private {
		n.Kind = chat.RoomPrivate
	}
	if s.Kind == "joined" {
		n.History = chat.HistoryJoined
	}
	member := was || inside(s.Stance, s.Kind)
	if member && s.Stance != "later" && s.Stance != "room owner" {
		n.Members = append(n.Members, s.By.ID)
	}
	var err error
	s.Room, err = s.svc.CreateRoom(ctx, owner, n)
	s.must(err)
	s.speak()
	switch s.Stance {
	case "later":
		s.do(func(done func(chat.Outcome)) { s.svc.AddMember(owner, name, s.By.ID, done) })
	case "room moderator":
		s.do(func(done func(chat.Outcome)) { s.svc.SetMemberRole(owner, name, s.By.ID, chat.RoleModerator, done) })
	case "left":
		s.do(func(done func(chat.Outcome)) { s.svc.RemoveMember(s.By, name, s.By.ID, chat.Removal{}, done) })
	case "removed", "banned":
		how := chat.Removal{Ban: s.Stance == "banned"}
		s.do(func(done func(chat.Outcome)) { s.svc.RemoveMember(owner, name, s.By.ID, how, done) })
	}
	switch s.Kind {
	case "archived":
		s.do(func(done func(chat.Outcome)) { s.svc.SetArchived(owner, name, true, done) })
	case "read-only":
		yes := true
		s.do(func(done func(chat.Outcome)) { s.svc.Set(owner, name, chat.Settings{ReadOnly: &yes}, done) })
	}
}
