package gateway

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/hub/websocket"
	"github.com/parley-chat/parley/internal/chat"
)

// piped answers an upgrade over a pipe.
type piped struct {
	*httptest.ResponseRecorder
	conn net.Conn
}

func (p piped) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return p.conn, bufio.NewReadWriter(bufio.NewReader(p.conn), bufio.NewWriter(p.conn)), nil
}

// A connection whose other end has gone without a word is off the list of who is there after 45 seconds at most, with the
// limits that a server has by itself.
func TestHalfOpenConnectionIsOffTheListIn45Seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := assemble(t, func(c *Config, _ *chat.Config) { c.HubLimits.LeaveGrace = 0 })
		ann, eve := s.person("ann"), s.person("eve")
		_, watcher := s.attach(t, eve, "general")
		client, server := net.Pipe()
		swallowed := make(chan struct{})
		go func() { // whatever is sent to it vanishes
			defer close(swallowed)
			_, _ = io.Copy(io.Discard, client)
		}()
		r := httptest.NewRequest(http.MethodGet, "/ws/room/general", nil)
		for name, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="} {
			r.Header.Set(name, value)
		}
		ws, err := websocket.Upgrade(piped{httptest.NewRecorder(), server}, r, s.gw.upgrade)
		if err != nil {
			t.Fatal(err)
		}
		room, err := s.svc.Room(t.Context(), ann.User, "general")
		if err != nil {
			t.Fatal(err)
		}
		s.gw.connect(ws, ann, room)
		synctest.Wait()
		if n := s.gw.OnlineCount(room.ID); n != 2 {
			t.Errorf("%d people are there", n)
		}
		left := func() bool {
			watcher.mu.Lock()
			defer watcher.mu.Unlock()
			return strings.Contains(strings.Join(watcher.frames, ""), `"type":"leave"`)
		}
		begun := time.Now()
		for !left() && time.Since(begun) < time.Hour {
			time.Sleep(time.Second)
			synctest.Wait()
		}
		if n := s.gw.OnlineCount(room.ID); n != 1 {
			t.Errorf("%d people are there in the end", n)
		}
		if took := time.Since(begun); took > 45*time.Second {
			t.Errorf("it was there for %v, the promise is 45 s", took)
		}
		s.stop()
		_ = client.Close()
		<-swallowed
	})
}
