package gateway

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/hub/websocket"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/limit"
	"github.com/parley-chat/parley/internal/wire"
)

// Attack 14 of the list: whatever many people, or one who does not stop, do to a room, each reader gets a bounded number of
// frames of bounded size.

// heard keeps the frames of one type.
func heard(ft *fakeTransport, typ string) (frames []string) {
	for _, f := range ft.taken() {
		if strings.HasPrefix(f, fmt.Sprintf(`{"type":%q,`, typ)) {
			frames = append(frames, f)
		}
	}
	return frames
}

func TestAttack14TwoHundredPeopleType(t *testing.T) {
	const people, rounds = 200, 5
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		defer s.stop()
		eve := s.person("eve")
		_, reader := s.attach(t, eve, "general")
		_, elsewhere := s.attach(t, eve, "help")
		var conns []*conn
		for i := range people {
			c, _ := s.attach(t, s.person(fmt.Sprint("p", i)), "general")
			conns = append(conns, c)
		}
		quiet, _ := s.attach(t, s.person("quiet"), "help")
		reader.taken()
		storm := func(frame string) {
			for _, c := range conns {
				c.Message(websocket.OpText, []byte(frame))
			}
			synctest.Wait()
		}
		for range rounds {
			storm(`{"type":"typing"}`)
			time.Sleep(typingEvery)
		}
		const most = typingMost + int(rounds*typingEvery/typingEach)
		told := len(heard(reader, "typing"))
		if told < typingMost || told > most {
			t.Errorf("of %d people who type for 10 s a reader hears %d frames; want at least %d, at most %d", people, told, typingMost, most)
		}
		// Nobody stops who was not told of, and another room has a pace of its own.
		storm(`{"type":"stop_typing"}`)
		storm(`{"type":"stop_typing"}`)
		time.Sleep(time.Second)
		if stopped := len(heard(reader, "stop_typing")); stopped == 0 || stopped > told {
			t.Errorf("%d stop, %d were told of", stopped, told)
		}
		storm(`{"type":"typing"}`)
		quiet.says(`{"type":"typing"}`)
		time.Sleep(time.Second)
		if got := heard(elsewhere, "typing"); len(got) != 1 {
			t.Errorf("in another room %v is heard", got)
		}
		// A room in which nobody types any more costs nothing.
		time.Sleep(time.Minute)
		quiet.says(`{"type":"typing"}`)
		if n := len(s.gw.typists.rooms); n != 1 {
			t.Errorf("the pace of %d rooms is kept", n)
		}
	})
}

func TestAttack14AHundredPeopleReactAtOnce(t *testing.T) {
	const people, most = 100, 10
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		defer s.stop()
		_, reader := s.attach(t, s.person("eve"), "general")
		id := s.say("eve", "general", "who is in?").ID
		var conns []*conn
		for i := range people {
			c, _ := s.attach(t, s.person(fmt.Sprint("p", i)), "general")
			conns = append(conns, c)
		}
		time.Sleep(time.Second)
		reader.taken()
		before := reader.wrote()
		for range 3 { // the second and third time change nothing
			for _, c := range conns {
				c.Message(websocket.OpText, []byte(change("react", id, `{"emoji":"👍"}`)))
			}
			synctest.Wait()
		}
		time.Sleep(time.Second)
		frames := heard(reader, "change")
		if writes := reader.wrote() - before; len(frames) != people || writes > most {
			t.Fatalf("%d frames in %d writes; want %d in %d at most", len(frames), writes, people, most)
		}
		for _, f := range frames {
			if len(f) > 4000 {
				t.Errorf("a frame of %d bytes: %s", len(f), f)
			}
		}
		var last struct{ Data wire.Reacted }
		if err := json.Unmarshal([]byte(frames[people-1]), &last); err != nil || last.Data.Count != people || len(last.Data.Users) != chat.MaxReactors {
			t.Errorf("the last one: %s, %v", frames[people-1], err)
		}
	})
}

func TestAttack14OnePersonTogglesAReaction(t *testing.T) {
	const times, seconds = 1000, 4
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t, func(_ *Config, c *chat.Config) { c.React = limit.New(limit.Options{}).React })
		defer s.stop()
		eve := s.person("eve")
		_, reader := s.attach(t, eve, "general")
		id := s.say("eve", "general", "hello").ID
		ann := s.person("ann")
		one, own := s.attach(t, ann, "general")
		two, _ := s.attach(t, ann, "") // another connection is no other person
		reader.taken()
		for range seconds {
			for i := range times / seconds {
				c, kind := one, "react"
				if i%2 == 1 {
					c, kind = two, "unreact"
				}
				c.Message(websocket.OpText, []byte(change(kind, id, `{"emoji":"👍"}`)))
				synctest.Wait()
			}
			time.Sleep(time.Second)
		}
		time.Sleep(time.Second)
		frames := heard(reader, "change")
		if most := limit.ReactionBurst + seconds*limit.Reactions; len(frames) > most || len(frames) < limit.ReactionBurst/2 {
			t.Errorf("a reader hears %d of %d; want at most %d", len(frames), times, most)
		}
		if got := own.taken(); own.closed() != 0 || !strings.Contains(strings.Join(got, ""), `"rate_limited"`) {
			t.Errorf("closed with %d, and hears %d frames", own.closed(), len(got))
		}
		// What was heard last is what is.
		m, err := s.svc.Message(t.Context(), eve.User, "general", id)
		if on := strings.Contains(frames[len(frames)-1], `"kind":"react"`); err != nil || (len(m.Reactions) == 1) != on {
			t.Errorf("%+v, %v after %s", m.Reactions, err, frames[len(frames)-1])
		}
	})
}
