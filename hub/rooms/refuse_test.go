package rooms_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/hub/rooms"
)

// syncBuffer is a log that many goroutines write.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestRefusedBeforeTheUpgrade(t *testing.T) {
	logged := &syncBuffer{}
	s := overTCP(t, rooms.Options{
		Rooms:  []string{"general", "secret", "hidden"},
		Logger: slog.New(slog.NewTextHandler(logged, nil)),
		Allow: func(u rooms.User, room string) error {
			switch {
			case room == "secret" && u.Name != "ann":
				return errors.New("members only")
			case room == "hidden":
				return fmt.Errorf("asked the database: %w", rooms.ErrNotFound)
			}
			return nil
		},
	})
	bob := token("bob")
	stale := rooms.SignToken(testKey, rooms.User{ID: "bob", Expires: time.Now().Add(-time.Second)})
	posing := rooms.SignToken(testKey, rooms.User{ID: "x", Name: "System", Expires: time.Now().Add(time.Hour)})
	for name, c := range map[string]struct {
		path, header string
		status       int
		code         string
	}{
		"no token":           {"/ws/room/general", "", 401, "unauthenticated"},
		"no token, site":     {"/ws", "", 401, "unauthenticated"},
		"forged":             {"/ws/room/general?token=" + bob[:len(bob)-3] + "abc", "", 401, "unauthenticated"},
		"expired":            {"/ws/room/general?token=" + stale, "", 401, "unauthenticated"},
		"the server's name":  {"/ws/room/general?token=" + posing, "", 401, "unauthenticated"},
		"no token, no room":  {"/ws/room/nowhere", "", 401, "unauthenticated"},
		"no room":            {"/ws/room/nowhere?token=" + bob, "", 404, "not_found"},
		"no name of a room":  {"/ws/room/%00?token=" + bob, "", 400, "invalid"},
		"not allowed":        {"/ws/room/secret?token=" + bob, "", 403, "forbidden"},
		"not to be known of": {"/ws/room/hidden?token=" + bob, "", 404, "not_found"},
		"foreign page":       {"/ws/room/general?token=" + bob, "Origin: https://evil.example", 403, "forbidden"},
		"null page":          {"/ws?token=" + bob, "Origin: null", 403, "forbidden"},
		"wrong version":      {"/ws?token=" + bob, "Sec-WebSocket-Version: 8", 426, "invalid"},
	} {
		var headers []string
		if c.header != "" {
			headers = append(headers, c.header)
		}
		_, err := s.try(c.path, "", headers...)
		got, body := status(err)
		var problem struct {
			Code   string
			Status int
		}
		if jsonErr := json.Unmarshal([]byte(body), &problem); jsonErr != nil || got != c.status || problem.Status != c.status || problem.Code != c.code {
			t.Errorf("%s: %d %s, want %d %s", name, got, body, c.status, c.code)
		}
	}
	ann := s.open("/ws/room/secret", "ann", "Origin: https://chat.example")
	ann.want("welcome")
	ann.want("subscribed") // which is sent after the connection was logged, as the welcome is not
	for _, part := range strings.Split(bob+"."+stale, ".") {
		if strings.Contains(logged.String(), part) {
			t.Errorf("a token is in the log: %s", logged)
		}
	}
	if !strings.Contains(logged.String(), "code=unauthenticated") || !strings.Contains(logged.String(), "user_id=id-ann") {
		t.Errorf("the outcomes are not in the log: %s", logged)
	}
}

func TestBadFrames(t *testing.T) {
	s := overTCP(t, rooms.Options{})
	ann, _ := s.enter("general", "ann")
	site := s.open("/ws", "ann")
	for _, c := range []struct {
		from                *client
		send, code, message string
		ref                 string
	}{
		{ann, `{`, "invalid", "the frame is not one JSON object", ""},
		{ann, `{"type":"nonsense"}`, "invalid", `type "nonsense" is not known`, "nonsense"},
		{ann, say("", uuid(1)), "invalid", "content is blank", uuid(1)},
		{ann, say(" \u200b\n", uuid(1)), "invalid", "content is blank", uuid(1)},
		{ann, ``, "invalid", "content is blank", "message"},
		{ann, `{"type":"message","content":"a\u0000b"}`, "invalid", "content has the control character U+0000", "message"},
		{ann, say(strings.Repeat("é", 8001), uuid(1)), "too_large", "content is longer than 8000 characters", uuid(1)},
		{ann, strings.Repeat("x", 8001), "too_large", "content is longer than 8000 characters", "message"},
		{ann, say("hi", "7"), "invalid", "client_id is not a UUID", "7"},
		{ann, `{"type":"message","room":"random","content":"hi"}`, "invalid", "room must be general on this connection", "message"},
		{ann, `{"type":"subscribe","rooms":["random"]}`, "invalid", "room must be general on this connection", "subscribe"},
		{ann, `{"type":"unsubscribe","rooms":["general"]}`, "invalid", "to leave the room, close this connection", "unsubscribe"},
		{ann, `{"type":"auth","token":"x"}`, "unauthenticated", "the token is not valid", "auth"},
		{ann, `{"type":"auth","token":"` + token("bob") + `"}`, "forbidden", "the token belongs to another person", "auth"},
		{site, "bare text", "invalid", "the frame is not one JSON object", ""},
		{site, `{"type":"message","content":"hi"}`, "invalid", "room is missing", "message"},
		{site, `{"type":"message","room":"random","content":"hi"}`, "invalid", "room random is not subscribed on this connection", "message"},
		{site, `{"type":"typing","room":"nowhere"}`, "not_found", "there is no such room", "typing"},
		{site, `{"type":"subscribe","rooms":["nowhere"]}`, "not_found", "there is no such room", "subscribe"},
		{site, `{"type":"subscribe","rooms":["No!"]}`, "invalid", "room must be 1 to 64 of a-z, 0-9 and -, beginning with a letter or digit", "subscribe"},
	} {
		c.from.send(c.send)
		f := c.from.last("error")
		if f.Code != c.code || f.Message != c.message || f.Ref != c.ref {
			t.Errorf("%.60q: %+v", c.send, f)
		}
	}
	ann.send(say("and still connected", uuid(2)))
	if ack := ann.want("ack"); ack.Seq != 1 {
		t.Errorf("something that was refused has been stored: %+v", ack)
	}
	big, _ := s.enter("general", "bob")
	big.frame(1, bytes.Repeat([]byte("x"), 40_000))
	if f := big.last("error"); f.Code != "too_large" {
		t.Errorf("40,000 characters: %+v", f)
	}
	if _, err := big.conn.Write([]byte{0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0}); err != nil { // 65,537 bytes are to come
		t.Fatal(err)
	}
	big.endsWith(1009)
	binary, _ := s.enter("general", "bob")
	binary.frame(2, []byte("x"))
	binary.endsWith(1003)
	broken, _ := s.enter("general", "bob")
	broken.frame(1, []byte("\xff"))
	broken.endsWith(1007)
}

// A page that names a room must not make one, nor learn of those it may not enter.
func TestSiteSocket(t *testing.T) {
	s := overTCP(t, rooms.Options{Allow: func(_ rooms.User, room string) error {
		if room == "help" {
			return rooms.ErrNotFound
		}
		return nil
	}})
	c := s.open("/ws", "ann")
	var seen []string
	for _, r := range c.want("welcome").Rooms {
		seen = append(seen, r.Room)
	}
	if strings.Join(seen, " ") != "general random" {
		t.Errorf("welcome tells of %v", seen)
	}
	c.send(`{"type":"subscribe","rooms":["general","nowhere",{"room":"random"},"help"]}`)
	got := map[string]string{}
	for len(got) < 4 { // two streams, two refusals
		f, err := c.next()
		if err != nil {
			t.Fatal(err)
		}
		if f.Type != "online_users" {
			got[f.Room] = f.Type + f.Code
		}
	}
	if fmt.Sprint(got) != "map[general:subscribed help:errornot_found nowhere:errornot_found random:subscribed]" {
		t.Errorf("%v", got)
	}
	bob, _ := s.enter("random", "bob")
	bob.send("to random")
	if m := c.last("message"); m.Room != "random" || m.Content != "to random" {
		t.Errorf("%+v", m)
	}
	c.send(`{"type":"unsubscribe","rooms":["random","help"]}`)
	c.send(`{"type":"message","room":"random","content":"gone"}`)
	if f := c.last("error"); f.Message != "room random is not subscribed on this connection" {
		t.Errorf("%+v", f)
	}
	bob.send("unheard")
	c.send(`{"type":"message","room":"general","content":"hi","client_id":"` + uuid(1) + `"}`)
	if heard := only(c.until("ack"), "message"); len(heard) > 0 {
		t.Errorf("after leaving: %+v", heard)
	}
}

func TestRateLimits(t *testing.T) {
	s := overTCP(t, rooms.Options{Rate: 0.001, Burst: 2})
	ann, _ := s.enter("general", "ann")
	tab, _ := s.enter("random", "ann")
	ann.send(say("one", uuid(1)))
	ann.until("ack")
	tab.send(say("two", uuid(2)))
	tab.until("ack")
	ann.send(say("three", uuid(3)))
	if f := ann.last("error"); f.Code != "rate_limited" || f.Ref != uuid(3) || f.RetryAfter < 1000 {
		t.Errorf("%+v", f)
	}
	bob, _ := s.enter("general", "bob")
	bob.send(say("not my limit", uuid(4)))
	bob.until("ack")
}
