package gateway

import (
	"strings"
	"testing"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/internal/chat"
)

func users(f frame) string {
	var list []string
	for _, u := range f.f["users"].([]any) {
		list = append(list, u.(string))
	}
	return strings.Join(list, " ")
}

// online returns the list that counts so many people; earlier ones may come before it.
func (c *client) online(count int) frame {
	c.t.Helper()
	for {
		if f := c.want("online_users"); f.num("count") == count {
			return f
		}
	}
}

func TestJoinLeaveAndOnlineUsers(t *testing.T) {
	s := start(t)
	s.person("bob")
	s.person("ann")
	bob := s.room("general", "bob")
	if f := bob.online(1); users(f) != "bob" || f.str("room") != "general" {
		t.Errorf("%s", f.raw)
	}
	ann := s.room("general", "ann")
	if f := ann.online(2); users(f) != "ann bob" {
		t.Errorf("%s", f.raw)
	}
	if f := bob.want("join"); f.str("user") != "ann" || f.str("user_id") != string(s.users["ann"].ID) || f.str("room") != "general" {
		t.Errorf("%s", f.raw)
	}
	general, err := s.svc.Room(t.Context(), s.users["ann"].Actor(), "general")
	if err != nil {
		t.Fatal(err)
	}
	second := s.all("ann", "general") // the same person: nobody hears of it
	if n := s.gw.OnlineCount(general.ID); n != 2 {
		t.Errorf("%d people are there", n)
	}
	if list, n := s.gw.Online(general.ID, 1); n != 2 || len(list) != 1 || list[0].Name != "ann" {
		t.Errorf("%d people, the first %v", n, list)
	}
	_ = ann.Close()
	eventually(t, "the first connection is gone", func() bool { return s.gw.Stats().Connections == 2 })
	s.say("bob", "general", "a mark")
	var before []string
	for {
		f, err := bob.read()
		if err != nil {
			t.Fatal(err)
		}
		if before = append(before, f.typ()); f.typ() == "message" {
			break
		}
	}
	if got := strings.Join(before, " "); strings.Contains(got, "leave") || strings.Contains(got, "join") {
		t.Errorf("one of two connections went: %s", got)
	}
	second.want("message")
	_ = second.Close()
	if f := bob.want("leave"); f.str("user") != "ann" || f.str("user_id") != string(s.users["ann"].ID) {
		t.Errorf("%s", f.raw)
	}
	if f := bob.online(1); users(f) != "bob" {
		t.Errorf("%s", f.raw)
	}
}

func TestNobodyHearsOfThemselves(t *testing.T) {
	s := start(t)
	s.person("ann")
	s.person("bob")
	ann := s.room("general", "ann")
	bob := s.room("general", "bob")
	_ = bob.Close()
	for seen := ""; !strings.Contains(seen, "leave"); {
		f, err := ann.read()
		if err != nil {
			t.Fatal(err)
		}
		if seen += f.typ() + " "; f.str("user") == "ann" {
			t.Errorf("ann hears of herself: %s", f.raw)
		}
	}
}

func TestLargeRoomsTellTogether(t *testing.T) {
	s := start(t, func(g *Config, _ *chat.Config) { g.HubLimits.PresenceCap = 1 })
	for _, name := range []string{"ann", "bob", "eve"} {
		s.person(name)
	}
	ann := s.room("general", "ann")
	bob := s.room("general", "bob")
	if f := bob.online(2); users(f) != "" {
		t.Errorf("%s", f.raw)
	}
	joined := ""
	for joined == "" || !strings.Contains(joined, "bob") {
		f := ann.want("presence_delta")
		for _, u := range f.f["joined"].([]any) {
			joined += u.(string) + " "
		}
		if f.num("count") != 2 || len(f.f["left"].([]any)) != 0 {
			t.Errorf("%s", f.raw)
		}
	}
}

func TestDeltasAreBounded(t *testing.T) {
	many := make([]hub.User, 5000)
	if n := len(names(many, maxDeltaNames)); n != maxDeltaNames {
		t.Errorf("%d names", n)
	}
	if n := len(names(many[:3], maxDeltaNames)); n != 3 {
		t.Errorf("%d names", n)
	}
}
