package gateway

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/wire"
)

// states returns what user_presence frames told since the last call, as "name state", frame by frame, and forgets all
// others.
func (f *fakeTransport) states(s *server) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var told []string
	for _, raw := range f.frames {
		var frame wire.UserPresence
		if !strings.HasPrefix(raw, `{"type":"user_presence"`) {
			continue
		}
		if err := json.Unmarshal([]byte(raw), &frame); err != nil {
			s.t.Fatal(err)
		}
		var list []string
		for _, u := range frame.People {
			for name, known := range s.users {
				if string(known.ID) == u.UserID {
					list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %s", name, u.State, seenAt(u.LastSeen))))
				}
			}
		}
		slices.Sort(list)
		told = append(told, strings.Join(list, ", "))
	}
	f.frames = nil
	return told
}

func seenAt(t wire.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("15:04:05")
}

// theEnd closes a connection as its client would.
func theEnd(ft *fakeTransport) {
	ft.Abort()
	synctest.Wait()
}

func wants(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: told %q, want %q", what, got, want)
	}
}

func TestStatesOfPeople(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		ann, eve := s.person("ann"), s.person("eve")
		_, heard := s.attach(t, eve, "")
		_, elsewhere := s.attach(t, eve, "general")
		pass := func() { time.Sleep(rosterPace); synctest.Wait() }
		pass()
		wants(t, "eve herself", heard.states(s), "eve online")

		c, first := s.attach(t, ann, "")
		wants(t, "at once", heard.states(s))
		pass()
		wants(t, "ann comes", heard.states(s), "ann online")
		if s.gw.State(ann.User.ID) != "online" {
			t.Errorf("ann is %s", s.gw.State(ann.User.ID))
		}
		c.says(`{"type":"activity","state":"away"}`)
		pass()
		wants(t, "ann is away", heard.states(s), "ann away")
		d, second := s.attach(t, ann, "general")
		pass()
		wants(t, "ann is here on another connection", heard.states(s), "ann online")
		d.says(`{"type":"activity","state":"dnd"}`)
		c.says(`{"type":"activity","state":"active"}`)
		pass()
		wants(t, "ann does not want to be disturbed", heard.states(s), "ann dnd")
		theEnd(second)
		pass()
		wants(t, "ann without that connection", heard.states(s), "ann online")
		theEnd(first)
		pass()
		pass()
		wants(t, "ann goes, and does not share when", heard.states(s), "ann offline")
		if got := elsewhere.states(s); len(got) != 0 {
			t.Errorf("a room's own socket is told %q", got)
		}
		if n := len(s.gw.roster.people); n != 1 {
			t.Errorf("%d people are kept for one who is here", n)
		}
		s.stop()
	})
}

// Who flaps is told of once a second, who reloads a page not at all, and guests never.
func TestStatesAreCoalesced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		ann, eve := s.person("ann"), s.person("eve")
		_, heard := s.attach(t, eve, "")
		c, ft := s.attach(t, ann, "")
		time.Sleep(rosterPace)
		synctest.Wait()
		heard.states(s)

		for i := range 1000 {
			c.says(`{"type":"activity","state":%q}`, []string{"away", "dnd", "active"}[i%3])
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(rosterPace)
		synctest.Wait()
		if n := len(heard.states(s)); n > 11 {
			t.Errorf("ann changes for 10 s, and it is told %d times", n)
		}
		c.says(`{"type":"activity","state":"active"}`)
		time.Sleep(2 * rosterPace)
		synctest.Wait()
		heard.states(s)

		theEnd(ft)
		time.Sleep(goneAfter - 10*time.Millisecond)
		_, ft = s.attach(t, ann, "")
		s.attach(t, Identity{User: chat.Actor{ID: chat.UserID(chat.NewUUID(time.Now())), Name: "gus", Kind: chat.KindGuest, Role: chat.RoleGuest}}, "")
		time.Sleep(3 * rosterPace)
		synctest.Wait()
		wants(t, "ann reloads, a guest comes", heard.states(s))
		theEnd(ft)
		s.stop()
	})
}

func TestStatesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		_, heard := s.attach(t, s.person("eve"), "")
		time.Sleep(rosterPace)
		synctest.Wait()
		heard.states(s)
		for i := range 2*rosterMost + 1 {
			id := s.person(fmt.Sprintf("p%d", i))
			s.attach(t, id, "help")
		}
		var sizes []int
		for range 4 {
			time.Sleep(rosterPace)
			synctest.Wait()
			for _, told := range heard.states(s) {
				sizes = append(sizes, strings.Count(told, "online"))
			}
		}
		sum := 0
		for _, n := range sizes {
			sum += n
			if n > rosterMost {
				t.Errorf("%d people in one frame", n)
			}
		}
		if sum != 2*rosterMost+1 || len(sizes) < 3 {
			t.Errorf("told of %v", sizes)
		}
		s.stop()
	})
}

// When somebody was last here is told and stored of those who share it, also when the server ends.
func TestLastSeenIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t)
		ann, bob, eve := s.person("ann"), s.person("bob"), s.person("eve")
		for _, who := range []Identity{ann, eve} {
			if _, err := s.svc.SetPreferences(t.Context(), who.User.ID, chat.Preferences{ShareLastSeen: true}); err != nil {
				t.Fatal(err)
			}
		}
		_, heard := s.attach(t, eve, "")
		_, a := s.attach(t, ann, "")
		_, b := s.attach(t, bob, "")
		time.Sleep(2 * rosterPace)
		synctest.Wait()
		heard.states(s)
		theEnd(a)
		theEnd(b)
		time.Sleep(2 * rosterPace)
		synctest.Wait()
		u, err := s.svc.User(t.Context(), ann.User.ID)
		if err != nil || u.LastSeen.IsZero() {
			t.Fatalf("ann was last seen %v, %v", u.LastSeen, err)
		}
		wants(t, "ann shares it, bob does not", heard.states(s), "ann offline "+u.LastSeen.Format("15:04:05")+", bob offline")
		s.stop()
		if u, err := s.svc.User(t.Context(), eve.User.ID); err != nil || u.LastSeen.IsZero() {
			t.Errorf("eve was here to the end: %v, %v", u.LastSeen, err)
		}
	})
}

// Connections that come and go at the same time as others leave nobody behind.
func TestStatesAtOnce(t *testing.T) {
	s := start(t)
	s.person("ann")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 5 {
				c := s.dial("/ws", "ann")
				c.say(`{"type":"activity","state":"away"}`)
				_ = c.Close()
			}
		})
	}
	all.Wait()
	eventually(t, "nobody is here", func() bool { return s.gw.State(s.users["ann"].ID) == "offline" })
}

func TestStatusAndPreferencesAreTold(t *testing.T) {
	s := start(t)
	s.person("ann")
	s.person("eve")
	ann, other, eve := s.all("ann"), s.all("ann"), s.all("eve")
	room := s.room("general", "ann")
	id := s.users["ann"].ID
	until := time.Now().Add(time.Hour)
	if _, err := s.svc.SetStatus(t.Context(), id, chat.Status{Emoji: "🌴", Text: "On holiday", Until: until}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*client{ann, other, eve} {
		f := c.want("user_changed")
		if st, _ := f.f["status"].(map[string]any); f.str("user_id") != string(id) || st["emoji"] != "🌴" || st["text"] != "On holiday" || st["until"] == nil {
			t.Errorf("%s hears %s", c.name, f.raw)
		}
	}
	if _, err := s.svc.SetStatus(t.Context(), id, chat.Status{}); err != nil {
		t.Fatal(err)
	}
	if f := eve.want("user_changed"); f.f["status"] != nil {
		t.Errorf("eve hears %s", f.raw)
	}
	if _, err := s.svc.SetPreferences(t.Context(), id, chat.Preferences{Highlights: []string{"deploy"}}); err != nil {
		t.Fatal(err)
	}
	other.want("user_changed")
	if f := other.want("preferences"); f.f["highlights"].([]any)[0] != "deploy" {
		t.Errorf("the other device hears %s", f.raw)
	}
	eve.nothing()
	room.want("preferences")
	room.nothing()
}

func TestAnnouncementsAreTold(t *testing.T) {
	s := start(t)
	s.person("ann")
	s.person("eve")
	eve, room := s.all("eve"), s.room("general", "eve")
	ann := s.users["ann"].Actor()
	first, err := s.svc.Announce(t.Context(), ann, "Down at **six**", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.svc.Announce(t.Context(), ann, "Up at seven", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []chat.Announcement{first, second} {
		if f := eve.want("announcement"); f.str("id") != string(want.ID) || f.str("content") != want.Content || f.str("user") != "ann" || (f.str("until") != "") == want.Until.IsZero() {
			t.Errorf("eve hears %s", f.raw)
		}
	}
	late := s.all("eve")
	for _, want := range []chat.Announcement{first, second} {
		if f := late.want("announcement"); f.str("id") != string(want.ID) {
			t.Errorf("who comes later hears %s", f.raw)
		}
	}
	if err := s.svc.EndAnnouncement(t.Context(), ann, first.ID); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*client{eve, late} {
		if f := c.want("announcement_ended"); f.str("id") != string(first.ID) {
			t.Errorf("%s hears %s", c.name, f.raw)
		}
	}
	later := s.all("eve")
	if f := later.want("announcement"); f.str("id") != string(second.ID) {
		t.Errorf("who comes then hears %s", f.raw)
	}
	later.nothing()
	room.nothing()
}

func TestActivityIsChecked(t *testing.T) {
	s := start(t)
	s.person("ann")
	c := s.all("ann")
	for _, bad := range []string{`{"type":"activity"}`, `{"type":"activity","state":"offline"}`, `{"type":"activity","state":7}`} {
		c.say("%s", bad)
		c.wantError("invalid", "activity")
	}
}
