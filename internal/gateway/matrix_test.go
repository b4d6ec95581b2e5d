package gateway

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/wire"
)

// sayings are the frames that name a room, in an order in which none spoils what comes after it. Those about a stream hear
// nothing of rights once the subscription is refused: banned is then their code, "" where there is nothing to refuse.
var sayings = []struct {
	frame, act string
	stream     bool
	banned     chat.Code
}{
	{`{"type":"subscribe","rooms":["{room}"]}`, "see", false, ""},
	{`{"type":"typing","room":"{room}"}`, "see", true, chat.Invalid},
	{`{"type":"stop_typing","room":"{room}"}`, "see", true, chat.Invalid},
	{`{"type":"read","room":"{room}","n":0}`, "see", false, ""},
	{`{"type":"change","room":"{room}","kind":"edit","message":"{message}","data":{"content":"x"}}`, "edit theirs", false, ""},
	{`{"type":"change","room":"{room}","kind":"react","message":"{message}","data":{"emoji":"👍"}}`, "react", false, ""},
	{`{"type":"change","room":"{room}","kind":"unreact","message":"{message}","data":{"emoji":"👍"}}`, "unreact", false, ""},
	{`{"type":"change","room":"{room}","kind":"pin","message":"{message}"}`, "pin", false, ""},
	{`{"type":"change","room":"{room}","kind":"unpin","message":"{message}"}`, "unpin", false, ""},
	{`{"type":"message","room":"{room}","content":"x"}`, "post", false, ""},
	{`{"type":"message","room":"{room}","content":"x","quote":"{message}"}`, "quote", false, ""},
	{`{"type":"message","room":"{room}","content":"x","thread":"{message}"}`, "reply", false, ""},
	{`{"type":"change","room":"{room}","kind":"delete","message":"{message}"}`, "delete theirs", false, ""},
	{`{"type":"unsubscribe","rooms":["{room}"]}`, "see", true, ""},
}

// roomless are the types of frames that name no room.
var roomless = map[string]bool{wire.TypeAuth: true, wire.TypeActivity: true}

// Whoever somebody is in a room of whatever kind, each frame does what they may do, and else nothing. A room that is not for
// them is as one that does not exist, and a message of another room as none.
func TestTheMatrixOfStancesRoomsAndFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		cast, who := s.cast(t)
		general, err := s.svc.Room(t.Context(), cast["owner"], "general")
		if err != nil {
			t.Fatal(err)
		}
		for _, scene := range chattest.Scenes(t, s.svc, cast) {
			c, ft := s.attach(t, who[scene.Stance], "")
			c.plays(t, ft, scene, general.ID)
			c.Closed(nil)
			synctest.Wait()
		}
		s.stop()
	})
}

// Who is taken out of a room while its stream runs is, from then on and on that connection, as one who was taken out before.
func TestTheMatrixOfWhoIsTakenOutMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		cast, who := s.cast(t)
		general, err := s.svc.Room(t.Context(), cast["owner"], "general")
		if err != nil {
			t.Fatal(err)
		}
		for _, scene := range chattest.Scenes(t, s.svc, cast) {
			if scene.Stance != "member" || scene.Kind == "direct" || scene.Kind == "archived" {
				continue
			}
			c, ft := s.attach(t, who["member"], "")
			c.says(`{"type":"subscribe","rooms":[%q]}`, scene.Room.Name)
			s.do(func(done func(chat.Outcome)) {
				s.svc.RemoveMember(cast["room owner"], scene.Room.Name, scene.By.ID, chat.Removal{Ban: true}, done)
			})
			synctest.Wait()
			ft.taken()
			s.do(func(done func(chat.Outcome)) {
				s.svc.Post(cast["room owner"], chat.NewMessage{Room: scene.Room.Name, Content: "not for them"}, done)
			})
			synctest.Wait()
			if heard := ft.taken(); len(heard) > 0 {
				t.Errorf("taken out of %s: hears %v", scene.Kind, heard)
			}
			scene.Stance = "banned"
			c.plays(t, ft, scene, general.ID)
		}
		s.stop()
	})
}

// cast signs somebody of each stance in.
func (s *server) cast(t *testing.T) (chattest.Cast, map[string]Identity) {
	cast, who := chattest.Cast{}, map[string]Identity{}
	for _, stance := range append(chattest.Stances[:len(chattest.Stances)-1:len(chattest.Stances)-1], "author", "stranger") {
		who[stance] = s.person(strings.ReplaceAll(stance, " ", "-"))
		cast[stance] = who[stance].User
	}
	if _, err := s.svc.SetRole(t.Context(), cast["owner"], cast["moderator"].ID, chat.RoleModerator); err != nil {
		t.Fatal(err)
	}
	cast["guest"] = chattest.Guest()
	for _, stance := range []string{"moderator", "guest"} {
		id := Identity{User: cast[stance], Session: who[stance].Session, Expires: time.Now().Add(time.Hour)}
		if stance == "moderator" {
			id.User.Role = chat.RoleModerator
		}
		cast[stance], who[stance] = id.User, id
	}
	return cast, who
}

// plays says all sayings in a scene.
func (c *conn) plays(t *testing.T, ft *fakeTransport, scene chattest.Scene, general chat.RoomID) {
	head := func(room chat.RoomID) chat.Head {
		h, err := c.g.cfg.Service.Head(t.Context(), room)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	// say returns the code of the refusal, "" for none, and the refusal.
	say := func(frame, room, message string) (chat.Code, string) {
		ft.taken()
		c.says("%s", strings.NewReplacer("{room}", room, "{message}", message).Replace(frame))
		for _, f := range ft.taken() {
			var refusal struct {
				Type string
				Code chat.Code
			}
			if err := json.Unmarshal([]byte(f), &refusal); err != nil {
				t.Fatal(err)
			}
			if refusal.Type == "error" {
				return refusal.Code, f
			}
		}
		return "", ""
	}
	for _, row := range sayings {
		what := fmt.Sprintf("%s in %s: %s", scene.Stance, scene.Kind, row.frame)
		if chattest.Acts[row.act].Message {
			was := head(general)
			_, got := say(row.frame, "general", scene.Theirs.ID)
			code, want := say(row.frame, "general", chattest.ID())
			if code != chat.NotFound || got != want {
				t.Errorf("%s of another room: %s, want %s", what, got, want)
			}
			if now := head(general); now != was {
				t.Errorf("%s of another room: refused, and yet the room is at %v after %v", what, now, was)
			}
		}
		was := head(scene.Room.ID)
		code, got := say(row.frame, scene.Room.Name, scene.Theirs.ID)
		want := chattest.Verdict(scene.Stance, scene.Kind, row.act)
		if want == chat.Forbidden && row.stream {
			want = row.banned
		}
		if code != want {
			t.Errorf("%s: %q, want %q: %s", what, code, want, got)
		}
		if now := head(scene.Room.ID); code != "" && now != was {
			t.Errorf("%s: refused, and yet the room is at %v after %v", what, now, was)
		}
		if !chattest.Hidden(scene.Stance, scene.Kind) {
			continue
		}
		if _, want := say(row.frame, "no-such-room", scene.Theirs.ID); strings.ReplaceAll(want, "no-such-room", scene.Room.Name) != got {
			t.Errorf("%s: a hidden room answers %s, one that is not there %s", what, got, want)
		}
	}
}

// Every type of frame that a client can send has a row, unless it names no room.
func TestTheMatrixOfFramesIsComplete(t *testing.T) {
	said := map[string]bool{}
	for _, row := range sayings {
		cmd, err := wire.Decode([]byte(strings.NewReplacer("{room}", "x", "{message}", chattest.ID()).Replace(row.frame)))
		if err != nil {
			t.Fatalf("%s: %v", row.frame, err)
		}
		said[fmt.Sprintf("%T", cmd)] = true
	}
	files, err := filepath.Glob("../wire/*.go")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`func \(\*(\w+)\) CommandType\(\) string { return Type(\w+) }`)
	found := 0
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range commands.FindAllSubmatch(source, -1) {
			found++
			if typ := strings.ToLower(string(c[2])); !said["*wire."+string(c[1])] && !roomless[typ] {
				t.Errorf("the matrix has no %s", c[1])
			}
		}
	}
	if found < len(roomless)+7 {
		t.Errorf("only %d commands were found", found)
	}
}
