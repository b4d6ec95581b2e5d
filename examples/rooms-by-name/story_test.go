package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/parley-chat/parley/internal/wsclient"
)

func TestProgramIsShort(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		lines += bytes.Count(src, []byte("\n"))
	}
	if lines == 0 || lines >= 200 {
		t.Errorf("the program has %d lines of Go, want fewer than 200", lines)
	}
}

func TestOverHTTP(t *testing.T) {
	t.Parallel()
	p := start(t)
	long := strings.Repeat("x", 65)
	rule := "must have at most 64 characters, none of them a comma, a control or an invisible one"
	for path, want := range map[string]struct {
		status int
		body   string
	}{
		"/health":                               {200, `{"status":"ok"}`},
		"/ws":                                   {400, "room and username are required"},
		"/ws/":                                  {400, "room and username are required"},
		"/ws/?username=ann":                     {400, "room and username are required"},
		"/ws/tea":                               {400, "room and username are required"},
		"/ws/tea?username=":                     {400, "room and username are required"},
		address("tea", "ann,bob"):               {400, "username " + rule},
		address("tea", "  "):                    {400, "username " + rule},
		address("tea", " ann"):                  {400, "username " + rule},
		address("tea", "an\nn"):                 {400, "username " + rule},
		address("tea", "an\x00n"):               {400, "username " + rule},
		address("tea", "an\u200bn"):             {400, "username " + rule},
		address("tea", "\xff"):                  {400, "username " + rule},
		address("tea", "a\u202enn"):             {400, "username " + rule},
		address("tea", long):                    {400, "username " + rule},
		address(" ", "ann"):                     {400, "room " + rule},
		address(long, "ann"):                    {400, "room " + rule},
		address("tea", "ann"):                   {426, ""}, // a good name, but no WebSocket
		"/ws/tea/pot?username=ann":              {404, ""},
		"/":                                     {404, ""},
		"/ws/tea?username=%zz":                  {400, "room and username are required"},
		address("tea", strings.Repeat("é", 64)): {426, ""},
	} {
		status, body := p.get(path)
		exact := want.status == 200 || strings.HasSuffix(want.body, "required")
		if status != want.status || !strings.HasPrefix(body, want.body) || exact && body != want.body {
			t.Errorf("GET %s: %d %q, want %d %q", path, status, body, want.status, want.body)
		}
	}
	// None of them has taken the name.
	p.enter("tea", "ann").online("ann")
}

func TestStory(t *testing.T) {
	t.Parallel()
	p := start(t)
	ann := p.enter("tea", "ann")
	ann.online("ann")
	bob := p.enter("tea", "bob")
	bob.online("ann", "bob")
	ann.want("user_joined", "bob")
	ann.online("ann", "bob")
	eve := p.enter("coffee", "eve")
	eve.online("eve")

	ann.say("Hello, <b>tea</b> & \"all\"")
	if f := bob.want("chat", "ann"); f.Content != "Hello, <b>tea</b> & \"all\"" {
		t.Errorf("bob heard %+v", f)
	}
	bob.say(`{"type":"user_left","username":"ann"}`) // a text like any other
	ann.want("chat", "bob")
	eve.say("I hear none of that") // the next frame eve gets is this one; next() checks the room of each

	bob.leave()
	ann.want("user_left", "bob")
	ann.online("ann")
	again := p.enter("tea", "bob") // at once, under the same name
	ann.want("user_joined", "bob")
	again.online("ann", "bob")

	_ = again.Close() // torn off
	ann.want("user_left", "bob")
	ann.online("ann")
}

// A room that everyone has left is a new one: nothing of it is kept. Who has been let go can come back at once.
func TestRoomEndsWithItsLastMember(t *testing.T) {
	t.Parallel()
	p := start(t)
	for range 100 {
		ann := p.enter("tea", "ann")
		ann.say("only for now")
		ann.leave()
	}
}

// A client may speak in the same packet as it knocks. The room hears of its coming first.
func TestWhoComesIsToldFirst(t *testing.T) {
	t.Parallel()
	p := start(t)
	ann := p.enter("tea", "ann")
	for i := range 50 {
		name := fmt.Sprint("hasty", i)
		conn, err := net.Dial("tcp", p.addr)
		if err != nil {
			t.Fatal(err)
		}
		knock := "GET " + address("tea", name) + " HTTP/1.1\r\nHost: " + p.addr + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
		if _, err := conn.Write(wsclient.AppendFrame([]byte(knock), wsclient.Text, true, []byte("hello"))); err != nil {
			t.Fatal(err)
		}
		ann.want("user_joined", name)
		ann.want("chat", name)
		_ = conn.Close()
		ann.want("user_left", name)
	}
}

func TestNameIsTakenOnce(t *testing.T) {
	t.Parallel()
	p := start(t)
	ann := p.enter("tea", "ann")
	if c, status, body := p.dial("tea", "ann", nil); c != nil || status != 409 || body != "username is in use in this room" {
		t.Errorf("a second ann: %d %q, want 409", status, body)
	}
	p.enter("coffee", "ann").online("ann") // in another room it is free

	for range 10 {
		var wg sync.WaitGroup
		in := make(chan *visitor, 8)
		for range cap(in) {
			wg.Go(func() {
				if c, status, _ := p.dial("tea", "bob", nil); c != nil {
					in <- c
				} else if status != 409 {
					t.Errorf("bob is refused with %d, want 409", status)
				}
			})
		}
		wg.Wait()
		if len(in) != 1 {
			t.Fatalf("%d of %d that came at once as bob are in, want 1", len(in), cap(in))
		}
		ann.want("user_joined", "bob")
		(<-in).leave()
		ann.want("user_left", "bob")
	}
}

func TestOtherPagesMayNotConnect(t *testing.T) {
	t.Parallel()
	p := start(t)
	if c, status, _ := p.dial("tea", "ann", http.Header{"Origin": {"http://evil.example"}}); c != nil || status != 403 {
		t.Errorf("a foreign page got %d, want 403", status)
	}
	if c, status, _ := p.dial("tea", "ann", http.Header{"Origin": {"http://" + p.addr}}); c == nil {
		t.Errorf("its own page got %d: the refusal must not keep the name", status)
	}
}

func TestFramesThatAreRefused(t *testing.T) {
	t.Parallel()
	p := start(t)
	ann := p.enter("tea", "ann")
	for name, c := range map[string]struct {
		send func(*visitor) error
		code int
	}{
		"513 bytes": {func(c *visitor) error { return c.Send(strings.Repeat("x", maxText+1)) }, 1009},
		"binary":    {func(c *visitor) error { return c.Frame(wsclient.Binary, true, []byte("x")) }, 1003},
		"not UTF-8": {func(c *visitor) error { return c.Send("\xff") }, 1007},
		"no mask":   {func(c *visitor) error { return c.SendRaw([]byte{0x81, 1, 'x'}) }, 1002},
		"noise":     {func(c *visitor) error { return c.SendRaw([]byte(strings.Repeat("\xff", 64))) }, 1002},
	} {
		bob := p.enter("tea", "bob")
		ann.want("user_joined", "bob")
		bob.say(strings.Repeat("x", maxText)) // the limit itself
		ann.want("chat", "bob")
		if err := c.send(bob); err != nil {
			t.Fatal(err)
		}
		if code := bob.ended(); code != c.code {
			t.Errorf("%s: closed with %d, want %d", name, code, c.code)
		}
		_ = bob.Close()
		ann.want("user_left", "bob") // and nothing that bob said in between
	}
}

// A client that does not read is removed once its queue is full, and the room hears so. It is bounded by bytes.
func TestStalledClientIsRemoved(t *testing.T) {
	t.Parallel()
	p := start(t)
	ann := p.enter("tea", "ann")
	bob, _, _ := p.dial("tea", "bob", nil)
	if bob == nil {
		t.Fatal("bob is not let in")
	}
	if err := bob.NetConn().(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	ann.want("user_joined", "bob")
	text := strings.Repeat("x", maxText)
	for sent := 0; ; sent += maxText {
		if sent > 16<<20 {
			t.Fatalf("after %d bytes bob is still in the room", sent)
		}
		if err := ann.Send(text); err != nil {
			t.Fatal(err)
		}
		f, err := ann.next()
		for err == nil && f.Type == "online_users" {
			f, err = ann.next()
		}
		if err != nil {
			t.Fatalf("ann, who reads: %v", err)
		}
		if f.Type == "user_left" {
			if f.Username != "bob" {
				t.Fatalf("%+v, want bob's leaving", f)
			}
			break
		}
	}
	// The notice came in the place of her last message, which whoever comes in now would hear.
	for f := (frame{}); f.Type != "chat"; {
		var err error
		if f, err = ann.next(); err != nil {
			t.Fatalf("ann, who has sent one more: %v", err)
		}
	}
	// What bob says after that reaches nobody, and the name is free.
	if err := bob.Send("I am still here"); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Log(err) // the connection may have been reset by now
	}
	p.enter("tea", "bob")
	for f := (frame{}); f.Type != "user_joined"; {
		var err error
		if f, err = ann.next(); err != nil || f.Type == "chat" && f.Username == "bob" {
			t.Fatalf("ann got %+v %v", f, err)
		}
	}
	ann.online("ann", "bob")
}

func TestGoodbyeOnSIGTERM(t *testing.T) {
	t.Parallel()
	p := start(t)
	ann, bob := p.enter("tea", "ann"), p.enter("coffee", "bob")
	ended := make(chan int, 2)
	go func() { ended <- ann.ended() }()
	go func() { ended <- bob.ended() }()
	if status := p.stop(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	for range 2 {
		if code := <-ended; code != 1001 {
			t.Errorf("closed with %d, want 1001", code)
		}
	}
}

func TestAddressThatIsTaken(t *testing.T) {
	t.Parallel()
	p := start(t)
	out, err := exec.Command(executable, "-addr", p.addr).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "rooms-by-name: listen tcp") {
		t.Errorf("a second one on %s: %v\n%s", p.addr, err, out)
	}
}
