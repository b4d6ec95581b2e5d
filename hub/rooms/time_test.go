package rooms_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-chat/parley/hub/rooms"
)

// inBubble runs a test in virtual time, over pipes.
func inBubble(t *testing.T, o rooms.Options, test func(t *testing.T, s *site)) {
	synctest.Test(t, func(t *testing.T) {
		s, stop := overPipes(t, o)
		test(t, s)
		stop()
		synctest.Wait()
	})
}

// heard returns what has come until now.
func (c *client) heard() []frame {
	synctest.Wait()
	var all []frame
	for {
		select {
		case f, ok := <-c.in:
			if ok {
				all = append(all, f)
				continue
			}
		default:
		}
		return all
	}
}

func types(frames []frame) []string {
	list := []string{}
	for _, f := range frames {
		list = append(list, f.Type)
	}
	return list
}

func TestTypingIsPaced(t *testing.T) {
	inBubble(t, rooms.Options{}, func(t *testing.T, s *site) {
		ann, _ := s.enter("general", "ann")
		tab, _ := s.enter("general", "ann")
		bob, _ := s.enter("general", "bob")
		time.Sleep(3 * time.Second) // the lists have come
		bob.heard()
		tab.heard()
		expect := func(step string, want ...string) {
			t.Helper()
			if got := types(bob.heard()); !cmp.Equal(got, append([]string{}, want...)) {
				t.Errorf("%s: %v, want %v", step, got, want)
			}
		}
		for range 5 {
			ann.send(`{"type":"typing"}`)
		}
		expect("five at once", "typing")
		ann.send(`{"type":"stop_typing"}`)
		ann.send(`{"type":"stop_typing"}`)
		ann.send(`{"type":"typing"}`)
		expect("a storm", "stop_typing")
		time.Sleep(2 * time.Second)
		ann.send(`{"type":"typing"}`)
		expect("two seconds later", "typing")
		time.Sleep(2 * time.Second)
		ann.send(`{"type":"message","content":"done"}`)
		ann.send(`{"type":"typing"}`)
		ann.send(`{"type":"stop_typing"}`)
		expect("the message ends it", "message")
		time.Sleep(500 * time.Millisecond)
		ann.send(`{"type":"typing"}`)
		expect("half a second after it", "typing")
		if got := types(tab.heard()); !cmp.Equal(got, []string{"message"}) {
			t.Errorf("one's other tab hears %v", got)
		}
	})
}

func TestPresenceHasGrace(t *testing.T) {
	inBubble(t, rooms.Options{}, func(t *testing.T, s *site) {
		ann, _ := s.enter("general", "ann")
		bob, _ := s.enter("general", "bob")
		time.Sleep(3 * time.Second)
		ann.heard()
		bob.leave()
		time.Sleep(1900 * time.Millisecond)
		bob, _ = s.enter("general", "bob")
		time.Sleep(5 * time.Second)
		if got := ann.heard(); len(got) != 0 {
			t.Errorf("a reload is heard of: %+v", got)
		}
		bob.leave()
		time.Sleep(1900 * time.Millisecond)
		if got := ann.heard(); len(got) != 0 {
			t.Errorf("told before the two seconds are over: %+v", got)
		}
		time.Sleep(200 * time.Millisecond)
		got := ann.heard()
		if !cmp.Equal(types(got), []string{"leave", "online_users"}) || got[0].User != "bob" || got[1].Count != 1 {
			t.Errorf("after two seconds: %+v", got)
		}
	})
}

func TestLargeRoomsHearDeltas(t *testing.T) {
	inBubble(t, rooms.Options{}, func(t *testing.T, s *site) {
		ann, _ := s.enter("general", "ann")
		var crowd []*client
		for i := range 100 {
			c, _ := s.enter("general", fmt.Sprintf("p%03d", i))
			crowd = append(crowd, c)
		}
		time.Sleep(3 * time.Second)
		ann.heard()
		late := s.open("/ws/room/general", "zoe")
		if f := late.last("online_users"); f.Count != 102 || len(f.Users) != 0 {
			t.Errorf("who arrives in a large room hears %+v", f)
		}
		time.Sleep(2 * time.Second)
		got := ann.heard()
		if len(got) != 1 || got[0].Type != "presence_delta" || !cmp.Equal(got[0].Joined, []string{"zoe"}) || got[0].Count != 102 {
			t.Errorf("the others hear %+v", got)
		}
		for _, c := range crowd[:20] {
			c.leave()
		}
		time.Sleep(4 * time.Second)
		if got := ann.heard(); len(got) == 0 || got[len(got)-1].Count != 82 {
			t.Errorf("after twenty have left: %+v", got)
		}
	})
}

func TestTokensExpire(t *testing.T) {
	inBubble(t, rooms.Options{}, func(t *testing.T, s *site) {
		short := func(id string, d time.Duration) string {
			return rooms.SignToken(testKey, rooms.User{ID: id, Expires: time.Now().Add(d)})
		}
		ann := s.open("/ws/room/general?token="+short("ann", time.Minute), "")
		bob := s.open("/ws/room/general?token="+short("bob", time.Minute), "")
		if w := ann.want("welcome"); !w.ExpiresAt.Equal(time.Now().Add(time.Minute)) {
			t.Errorf("expires_at %v", w.ExpiresAt)
		}
		time.Sleep(50 * time.Second)
		bob.send(`{"type":"auth","token":"` + short("bob", time.Hour) + `"}`)
		if f := bob.last("auth"); !f.ExpiresAt.Equal(time.Now().Add(time.Hour)) {
			t.Errorf("auth: %+v", f)
		}
		time.Sleep(9 * time.Second)
		ann.send(say("still", uuid(1)))
		ann.until("ack")
		time.Sleep(time.Second)
		ann.endsWith(rooms.CloseExpired)
		bob.send(say("still", uuid(1)))
		bob.until("ack")
		time.Sleep(59*time.Minute + 49*time.Second)
		bob.send(say("and still", uuid(2)))
		bob.until("ack")
		time.Sleep(time.Second)
		bob.endsWith(rooms.CloseExpired)
	})
}

func TestOpenRoomsAreForgotten(t *testing.T) {
	inBubble(t, rooms.Options{Open: true, Rooms: []string{"general"}}, func(t *testing.T, s *site) {
		if code, _ := status(second(s.try("/ws/room/No", "ann"))); code != 400 {
			t.Errorf("a name that no room may have: %d", code)
		}
		last := map[string]frame{}
		for _, room := range []string{"general", "den"} {
			ann, at := s.enter(room, "ann")
			ann.send(say("hello", uuid(1)))
			ack := ann.last("ack")
			ack.Epoch = at.Epoch
			last[room] = ack
			ann.leave()
		}
		again := func(room string) frame {
			c, _ := s.enter(room, "ann")
			f := last[room]
			c.send(fmt.Sprintf(`{"type":"subscribe","rooms":[{"room":%q,"epoch":%q,"seq":%d,"id":%q}]}`, room, f.Epoch, f.Seq, f.ID))
			for {
				if f, err := c.next(); err != nil || f.Type == "subscribed" || f.Type == "reset" {
					c.leave()
					return f
				}
			}
		}
		time.Sleep(29 * time.Second)
		if f := again("den"); f.Type != "subscribed" || f.Seq != 1 {
			t.Errorf("back within half a minute: %+v", f)
		}
		time.Sleep(31 * time.Second)
		if err := s.chat.Broadcast("den", "anybody?"); err == nil {
			t.Error("an empty room is kept")
		}
		if f := again("den"); f.Type != "reset" || f.Seq != 0 {
			t.Errorf("the room was not forgotten: %+v", f)
		}
		if f := again("general"); f.Type != "subscribed" || f.Seq != 1 {
			t.Errorf("a room of the server's own was forgotten: %+v", f)
		}
		time.Sleep(time.Minute)
	})
}

func TestQuietConnections(t *testing.T) {
	inBubble(t, rooms.Options{}, func(t *testing.T, s *site) {
		ann, _ := s.enter("general", "ann")
		conn := s.dial()
		if _, err := open(conn, "/ws/room/general?token="+token("dead")); err != nil {
			t.Fatal(err)
		}
		sent := make(chan []byte)
		go func() {
			all, _ := io.ReadAll(conn) // answers nothing
			sent <- all
		}()
		time.Sleep(5 * time.Minute)
		all := <-sent
		if at := bytes.Index(all, []byte{0x88}); at < 0 || !bytes.Contains(all[at:], binary.BigEndian.AppendUint16(nil, rooms.CloseIdle)) {
			t.Errorf("a peer that answers no ping was sent %q", all)
		}
		_ = conn.Close()
		ann.send(say("a browser answers pings", uuid(1)))
		ann.until("ack")
	})
}

// On a real clock a slow machine would need longer for the joins than the limit gives back meanwhile.
func TestJoinsAreLimited(t *testing.T) {
	inBubble(t, rooms.Options{}, func(t *testing.T, s *site) {
		for i := range 101 {
			c, err := s.try("/ws/room/general", "ann")
			if i < 100 {
				if err != nil {
					t.Fatalf("join %d: %v", i+1, err)
				}
				c.close()
				continue
			}
			if code, body := status(err); code != http.StatusTooManyRequests || !strings.Contains(body, "rate_limited") {
				t.Errorf("101 joins at once: %d %s", code, body)
			}
		}
		if _, err := s.try("/ws/room/general", "bob"); err != nil {
			t.Errorf("another's limit is bob's: %v", err)
		}
		time.Sleep(100 * time.Millisecond) // of the bubble: one more
		if _, err := s.try("/ws/room/general", "ann"); err != nil {
			t.Errorf("a tenth of a second later: %v", err)
		}
	})
}
