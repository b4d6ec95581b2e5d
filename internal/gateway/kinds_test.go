package gateway

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/parley-chat/parley/internal/chat"
)

// told are the frames of these types that came, without what differs from run to run.
func told(ft *fakeTransport, types ...string) []string {
	var got []string
	for _, f := range ft.taken() {
		for _, typ := range types {
			if strings.HasPrefix(f, `{"type":"`+typ+`"`) {
				got = append(got, f)
			}
		}
	}
	return got
}

func wantTold(t *testing.T, what string, ft *fakeTransport, want ...string) {
	t.Helper()
	if got := told(ft, "room_added", "room_removed", "room_renamed"); !slices.Equal(got, want) {
		t.Errorf("%s: told\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Of rooms that not everybody may see, those alone are told who may, on all of their connections; of a new name everybody is.
func TestWhoIsToldOfRooms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		ann, bob, eve := s.person("ann"), s.person("bob"), s.person("eve")
		_, anns := s.attach(t, ann, "")
		_, bobs := s.attach(t, bob, "")
		_, eves := s.attach(t, eve, "")
		made, err := s.svc.CreateRoom(t.Context(), ann.User, chat.NewRoom{Name: "secret", Kind: chat.RoomPrivate, Members: []chat.UserID{bob.User.ID}})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		added := fmt.Sprintf(`{"type":"room_added","room":"secret","room_id":%q,"topic":"","kind":"private"}`, made.ID)
		wantTold(t, "ann of a private room", anns, added)
		wantTold(t, "bob of a private room", bobs, added)
		wantTold(t, "eve of a private room", eves)

		_, own := s.attach(t, bob, "secret")
		own.taken()
		s.do(func(done func(chat.Outcome)) { s.svc.Rename(ann.User, "secret", "still-secret", done) })
		synctest.Wait()
		renamed := fmt.Sprintf(`{"type":"room_renamed","room_id":%q,"room":"still-secret","was":"secret"}`, made.ID)
		for who, ft := range map[string]*fakeTransport{"ann": anns, "bob": bobs, "bob in the room": own} {
			wantTold(t, who+" of a new name", ft, renamed)
		}
		wantTold(t, "eve of a new name", eves)
		// The room's own socket goes on, by both names, and what it hears has the new one.
		s.say("ann", "secret", "hello")
		synctest.Wait()
		if got := told(own, "message"); len(got) != 1 || !strings.Contains(got[0], `"room":"still-secret"`) {
			t.Errorf("in the room came %v", got)
		}
		s.do(func(done func(chat.Outcome)) { s.svc.Rename(ann.User, "help", "support", done) })
		synctest.Wait()
		if got := told(eves, "room_renamed"); len(got) != 1 || !strings.Contains(got[0], `"room":"support","was":"help"`) {
			t.Errorf("eve hears of a public room's name: %v", got)
		}
		anns.taken()
		bobs.taken()

		dm, _, err := s.svc.OpenDirect(t.Context(), ann.User, []chat.UserID{bob.User.ID})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		direct := func(other Identity) string {
			return fmt.Sprintf(`{"type":"room_added","room":%q,"room_id":%q,"topic":"","kind":"direct","people":[{"id":%q,"name":%q}]}`,
				dm.Name, dm.ID, other.User.ID, other.User.Name)
		}
		wantTold(t, "ann of the direct room", anns, direct(bob))
		wantTold(t, "bob before anything is said", bobs)
		s.say("ann", dm.Name, "hi")
		synctest.Wait()
		wantTold(t, "ann", anns)
		wantTold(t, "bob of the first message", bobs, direct(ann))
		s.do(func(done func(chat.Outcome)) {
			s.svc.RemoveMember(bob.User, dm.Name, bob.User.ID, chat.Removal{}, done)
		})
		s.do(func(done func(chat.Outcome)) {
			s.svc.RemoveMember(ann.User, "secret", bob.User.ID, chat.Removal{}, done)
		})
		synctest.Wait()
		wantTold(t, "bob at the end", bobs, fmt.Sprintf(`{"type":"room_removed","room":%q,"room_id":%q}`, dm.Name, dm.ID),
			fmt.Sprintf(`{"type":"room_removed","room":"still-secret","room_id":%q}`, made.ID))
		wantTold(t, "ann at the end", anns)
		wantTold(t, "eve, ever", eves)
		s.stop()
	})
}

// Nothing after the removal reaches who was removed, however much is said meanwhile.
func TestRemovedWhileOthersTalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		ann, bob := s.person("ann"), s.person("bob")
		made, err := s.svc.CreateRoom(t.Context(), ann.User, chat.NewRoom{Name: "secret", Kind: chat.RoomPrivate, Members: []chat.UserID{bob.User.ID}})
		if err != nil {
			t.Fatal(err)
		}
		all, bobs := s.attach(t, bob, "")
		all.says(`{"type":"subscribe","rooms":["secret"]}`)
		bobs.taken()
		const before, after = 40, 40
		for i := range before + after {
			if i == before {
				s.svc.RemoveMember(ann.User, "secret", bob.User.ID, chat.Removal{}, func(chat.Outcome) {})
			}
			s.svc.Post(ann.User, chat.NewMessage{Room: "secret", Content: fmt.Sprint("line ", i)}, func(chat.Outcome) {})
			all.Message(1, fmt.Appendf(nil, `{"type":"message","room":"secret","content":"mine %d"}`, i))
		}
		synctest.Wait()
		heard := strings.Join(bobs.taken(), "\n")
		if !strings.Contains(heard, fmt.Sprintf(`"line %d"`, before-1)) || strings.Contains(heard, fmt.Sprintf(`"line %d"`, before)) {
			t.Errorf("bob heard\n%s", heard)
		}
		for _, frame := range []string{
			`{"type":"subscribe","rooms":[%q]}`, `{"type":"message","room":%q,"content":"let me in"}`, `{"type":"typing","room":%q}`,
			`{"type":"read","room":%q,"n":0}`, `{"type":"unsubscribe","rooms":[%q]}`,
		} {
			all.says(frame, "secret")
			got := strings.Join(bobs.taken(), "\n")
			all.says(frame, "no-such-room")
			if want := strings.ReplaceAll(strings.Join(bobs.taken(), "\n"), "no-such-room", "secret"); got != want || !strings.Contains(got, "not_found") {
				t.Errorf("%s is answered\n%s\nwhere a room that does not exist is\n%s", frame, got, want)
			}
		}
		if n, err := s.svc.Head(t.Context(), made.ID); err != nil || n.Seq < before+after {
			t.Errorf("%+v, %v", n, err)
		}
		s.stop()
	})
}

// Who sees a room from their joining on is told of what was before in no other way than that it was.
func TestHistoryFromJoiningOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		ann, bob := s.person("ann"), s.person("bob")
		if _, err := s.svc.CreateRoom(t.Context(), ann.User, chat.NewRoom{Name: "secret", Kind: chat.RoomPrivate, History: chat.HistoryJoined}); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			s.say("ann", "secret", "before bob")
		}
		s.do(func(done func(chat.Outcome)) { s.svc.AddMember(ann.User, "secret", bob.User.ID, done) })
		s.say("ann", "secret", "welcome")
		c, ft := s.attach(t, bob, "")
		if got := strings.Join(ft.taken(), "\n"); !strings.Contains(got, `"seq":5,"n":4,"read_n":3,"read_version":1,"unread":1,"kind":"private","role":"member","history":"joined"`) {
			t.Errorf("welcome is %s", got)
		}
		room, err := s.svc.Room(t.Context(), bob.User, "secret")
		if err != nil {
			t.Fatal(err)
		}
		c.says(`{"type":"subscribe","rooms":[{"room":"secret","epoch":%q,"seq":0}]}`, room.Epoch)
		got := strings.Join(ft.taken(), "\n")
		if strings.Contains(got, "before bob") || !strings.Contains(got, `{"type":"skip","room":"secret","seq":3}`) ||
			!strings.Contains(got, "member_added") || !strings.Contains(got, `"content":"welcome"`) {
			t.Errorf("bob's stream is\n%s", got)
		}
		p, err := s.svc.Page(t.Context(), bob.User, "secret", chat.PageQuery{})
		if err != nil || len(p.Messages) != 1 || p.HasMore {
			t.Errorf("bob's page is %+v, %v", p, err)
		}
		s.stop()
	})
}
