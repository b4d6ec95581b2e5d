package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/problem"
	"github.com/parley-chat/parley/internal/wire"
)

// block is a fenced block of docs/protocol.md.
type block struct {
	kind string // what stands behind the fence
	line int    // of the file, where the text begins
	text string
}

func protocolBlocks(t *testing.T) []block {
	t.Helper()
	file, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []block
	var open *block
	for i, line := range strings.Split(string(file), "\n") {
		switch {
		case strings.HasPrefix(line, "```") && open == nil:
			open = &block{kind: strings.TrimPrefix(line, "```"), line: i + 2}
		case strings.HasPrefix(line, "```"):
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if open != nil {
		t.Fatalf("the block at line %d has no end", open.line)
	}
	return blocks
}

// Every example is what the codec reads and writes, every frame has one, and no block escapes the tests.
func TestProtocolExamples(t *testing.T) {
	serverFrames := map[string]func() wire.Frame{
		"message": func() wire.Frame { return new(wire.Message) }, "ack": func() wire.Frame { return new(wire.Ack) },
		"change": func() wire.Frame { return new(wire.Change) }, "skip": func() wire.Frame { return new(wire.Skip) },
		"subscribed": func() wire.Frame { return new(wire.Subscribed) }, "reset": func() wire.Frame { return new(wire.Reset) },
		"typing": func() wire.Frame { return new(wire.Typing) }, "stop_typing": func() wire.Frame { return new(wire.StopTyping) },
		"join": func() wire.Frame { return new(wire.Join) }, "leave": func() wire.Frame { return new(wire.Leave) },
		"online_users":   func() wire.Frame { return new(wire.OnlineUsers) },
		"presence_delta": func() wire.Frame { return new(wire.PresenceDelta) },
		"read":           func() wire.Frame { return new(wire.Read) }, "welcome": func() wire.Frame { return new(wire.Welcome) },
		"auth": func() wire.Frame { return new(wire.AuthOK) }, "goodbye": func() wire.Frame { return new(wire.Goodbye) },
		"room_removed": func() wire.Frame { return new(wire.RoomRemoved) }, "room_renamed": func() wire.Frame { return new(wire.RoomRenamed) },
		"room_added": func() wire.Frame { return new(wire.RoomAdded) }, "room_prefs": func() wire.Frame { return new(wire.RoomPrefs) }, "error": func() wire.Frame { return new(wire.ErrorFrame) },
		"user_presence": func() wire.Frame { return new(wire.UserPresence) }, "preferences": func() wire.Frame { return new(wire.Preferences) },
		"announcement": func() wire.Frame { return new(wire.Announcement) }, "announcement_ended": func() wire.Frame { return new(wire.AnnouncementEnded) },
		"user_changed": func() wire.Frame { return new(wire.UserChanged) }, "thread_read": func() wire.Frame { return new(wire.ThreadRead) },
		"thread_follow": func() wire.Frame { return new(wire.ThreadFollow) }, "saved": func() wire.Frame { return new(wire.Saved) },
	}
	if len(serverFrames) != len(newCounters().out)-1 {
		t.Errorf("%d frames have examples here, %d are counted", len(serverFrames), len(newCounters().out)-1)
	}
	missing := map[string]bool{}
	for typ := range serverFrames {
		missing["server "+typ] = true
	}
	for _, typ := range []string{"message", "change", "subscribe", "unsubscribe", "typing", "stop_typing", "read", "auth", "activity"} {
		missing["client "+typ] = true
	}
	for _, b := range protocolBlocks(t) {
		text := strings.TrimSpace(b.text)
		switch b.kind {
		case "json client":
			cmd, err := wire.Decode([]byte(text))
			if err != nil {
				t.Errorf("line %d: %v", b.line, err)
				continue
			}
			delete(missing, "client "+cmd.CommandType())
		case "json server":
			var head struct{ Type string }
			if err := json.Unmarshal([]byte(text), &head); err != nil || serverFrames[head.Type] == nil {
				t.Errorf("line %d: %v, type %q", b.line, err, head.Type)
				continue
			}
			f := serverFrames[head.Type]()
			d := json.NewDecoder(strings.NewReader(text))
			d.DisallowUnknownFields()
			if err := d.Decode(f); err != nil {
				t.Errorf("line %d: %v", b.line, err)
			}
			if got := string(f.Append(nil)); got != text {
				t.Errorf("line %d: the server writes\n%s\nnot\n%s", b.line, got, text)
			}
			delete(missing, "server "+head.Type)
		case "json problem", "exchange": // in the tests below
		case "json sign-in": // in those of package httpapi
		default:
			t.Errorf("line %d: a block of kind %q is tested by nobody", b.line, b.kind)
		}
	}
	for what := range missing {
		t.Errorf("there is no example of %s", what)
	}
}

func TestProtocolProblem(t *testing.T) {
	s := start(t)
	s.person("ann")
	_, f := s.refused("/ws/room/nowhere?token=ann", nil)
	for _, b := range protocolBlocks(t) {
		if b.kind != "json problem" {
			continue
		}
		var want map[string]any
		if err := json.Unmarshal([]byte(b.text), &want); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, f.f); d != "" {
			t.Errorf("line %d: %s", b.line, d)
		}
	}
}

// The limits in the tables are those of the code.
func TestProtocolLimits(t *testing.T) {
	file, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []string{
		fmt.Sprintf("| a frame | %d,%03d bytes, nested %d deep |", wire.MaxFrame/1000, wire.MaxFrame%1000, wire.MaxDepth),
		fmt.Sprintf("| a message | %d,%03d code points |", chat.MaxContent/1000, chat.MaxContent%1000),
		fmt.Sprintf("| `rooms` of a frame, of a connection | %d, %d,%03d |", wire.MaxRooms, MaxTopics/1000, MaxTopics%1000),
		fmt.Sprintf("| a `client_id`, `epoch`, `id` | %d bytes |", wire.MaxID),
		fmt.Sprintf("| a token | %d,%03d bytes |", wire.MaxToken/1000, wire.MaxToken%1000),
		fmt.Sprintf("| unanswered frames of a connection (`message`, `change`, `read`) | %d |", sendsOpen),
		fmt.Sprintf("| `typing` that a room is told | %d a second, %d at once |", time.Second/typingEach, typingMost),
		fmt.Sprintf("| `read` of a connection | %d a second, %d at once |", time.Second/readEvery, readBurst),
		fmt.Sprintf("one for each %d rooms begun", roomsPerJoin),
		fmt.Sprintf("| a reaction | one emoji of %d bytes |", chat.MaxEmoji),
		fmt.Sprintf("| different reactions to a message, edits of a message, pins in a room | %d, %d, %d |", chat.MaxReactions, chat.MaxEdits, chat.MaxPins),
	} {
		if !strings.Contains(string(file), row) {
			t.Errorf("docs/protocol.md does not say: %s", row)
		}
	}
	for _, code := range []int{CloseTokenExpired, CloseSessionRevoked, CloseRemoved, CloseTooSlow, CloseIdle, CloseFlood} {
		if !strings.Contains(string(file), fmt.Sprintf("\n| %d | ", code)) {
			t.Errorf("docs/protocol.md does not explain close code %d", code)
		}
	}
	for code := range problem.Statuses() {
		if !strings.Contains(string(file), fmt.Sprintf("\n| `%s` | ", code)) {
			t.Errorf("docs/protocol.md does not explain the code %s", code)
		}
	}
}

// Each exchange is played on a server of its own.
func TestProtocolExchanges(t *testing.T) {
	played := 0
	for _, b := range protocolBlocks(t) {
		if b.kind != "exchange" {
			continue
		}
		played++
		t.Run(fmt.Sprintf("line %d", b.line), func(t *testing.T) {
			s := start(t)
			for _, name := range []string{"ann", "bob"} { // ann owns the workspace
				s.person(name)
				id, err := s.verify(t.Context(), name)
				if err != nil {
					t.Fatal(err)
				}
				s.token("token-of-"+name, id)
			}
			p := &play{t: t, s: s, clients: map[string]*client{}, actual: map[string]string{}, shown: map[string]string{}}
			for i, line := range strings.Split(strings.TrimSuffix(b.text, "\n"), "\n") {
				p.at = b.line + i
				p.step(line)
			}
			for name, c := range p.clients { // nobody has got more than the page shows
				c.name = name + " at the end of the exchange"
				c.nothing()
			}
		})
	}
	if played < 3 {
		t.Errorf("%d exchanges were played", played)
	}
}

// play carries out an exchange. The ids and epochs on the page stand for those of the run, each for one.
type play struct {
	t       *testing.T
	s       *server
	at      int // line of the page
	clients map[string]*client
	actual  map[string]string // what is on the page -> what it is in this run
	shown   map[string]string // the other way round
}

var (
	removes   = regexp.MustCompile(`^the server removes (\w+) from ([\w-]+)$`)
	opens     = regexp.MustCompile(`^(\w+) opens (\S+)$`)
	closes    = regexp.MustCompile(`^(\w+) closes$`)
	isClosed  = regexp.MustCompile(`^(\w+) is closed with (\d+)$`)
	says      = regexp.MustCompile(`^(\w+) > (.*)$`)
	gets      = regexp.MustCompile(`^(\w+) < (.*)$`)
	uuid      = regexp.MustCompile(`[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`)
	timestamp = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
)

func (p *play) fail(format string, args ...any) {
	p.t.Helper()
	p.t.Fatalf("docs/protocol.md:%d: %s", p.at, fmt.Sprintf(format, args...))
}

func (p *play) step(line string) {
	p.t.Helper()
	if line == "the server shuts down" {
		go p.s.stop()
		return
	}
	if m := removes.FindStringSubmatch(line); m != nil {
		p.s.remove("ann", m[1], m[2])
	} else if m := opens.FindStringSubmatch(line); m != nil {
		p.clients[m[1]] = p.s.dialRaw(m[2], m[1], nil)
	} else if m := closes.FindStringSubmatch(line); m != nil {
		if err := p.clients[m[1]].Shutdown(p.t.Context(), 1000, ""); err != nil {
			p.fail("%v", err)
		}
		delete(p.clients, m[1])
	} else if m := isClosed.FindStringSubmatch(line); m != nil {
		var code int
		_, _ = fmt.Sscan(m[2], &code)
		p.clients[m[1]].wantClose(code)
		delete(p.clients, m[1])
	} else if m := says.FindStringSubmatch(line); m != nil {
		p.clients[m[1]].say("%s", p.translate(m[2]))
	} else if m := gets.FindStringSubmatch(line); m != nil {
		p.expect(p.clients[m[1]], m[2])
	} else {
		p.fail("nobody knows how to do %q", line)
	}
}

// translate puts the ids of this run into what a client says. An id that the page has not shown yet is the client's own choice.
func (p *play) translate(text string) string {
	return uuid.ReplaceAllStringFunc(text, func(id string) string {
		if real, ok := p.actual[id]; ok {
			return real
		}
		lower := strings.ToLower(id)
		p.actual[lower], p.shown[lower] = lower, lower
		return id
	})
}

func (p *play) expect(c *client, want string) {
	p.t.Helper()
	rest := strings.HasSuffix(want, ",...}") // the page does not show the rest
	var w map[string]any
	if err := json.Unmarshal([]byte(strings.Replace(want, ",...}", "}", 1)), &w); err != nil {
		p.fail("%v", err)
	}
	typ, _ := w["type"].(string)
	f := c.want(typ)
	for typ == "online_users" && !reflect.DeepEqual(f.f["count"], w["count"]) { // an earlier list
		f = c.want(typ)
	}
	if rest {
		return
	}
	if got, ok := p.same("", w, f.f); !ok {
		p.fail("%s got\n%s\n%s", c.name, f.raw, got)
	}
	if !slices.Equal(keys(p.t, want), keys(p.t, f.raw)) {
		p.fail("the order of the fields differs: %s", f.raw)
	}
}

// same compares what the page shows with what came.
func (p *play) same(key string, want, got any) (difference string, ok bool) {
	switch want := want.(type) {
	case map[string]any:
		got, isMap := got.(map[string]any)
		if !isMap || len(got) != len(want) {
			return fmt.Sprintf("%s: %v, not %v", key, got, want), false
		}
		for k := range want {
			if _, there := got[k]; !there {
				return k + " is missing", false
			}
			if k == "message" && want["type"] == "error" {
				continue // the words of an error are free
			}
			if d, ok := p.same(k, want[k], got[k]); !ok {
				return d, false
			}
		}
		return "", true
	case []any:
		got, isList := got.([]any)
		if !isList || len(got) != len(want) {
			return fmt.Sprintf("%s: %v, not %v", key, got, want), false
		}
		for i := range want {
			if d, ok := p.same(key, want[i], got[i]); !ok {
				return d, false
			}
		}
		return "", true
	case string:
		got, isString := got.(string)
		return fmt.Sprintf("%s: %v, not %q", key, got, want), isString && p.sameString(want, got)
	case float64:
		n, isNumber := got.(float64)
		return fmt.Sprintf("%s: %v, not %v", key, got, want), isNumber && (n == want || key == "reconnect_after" && n >= 500 && n <= 5000)
	}
	return fmt.Sprintf("%s: %v, not %v", key, got, want), want == got
}

// sameString compares times by their form, and ids by what they stand for.
func (p *play) sameString(want, got string) bool {
	if timestamp.MatchString(want) {
		_, err := time.Parse(time.RFC3339, got)
		return err == nil && timestamp.MatchString(got)
	}
	if uuid.FindString(want) != want || want == "" {
		return want == got
	}
	real, known := p.actual[want]
	shown, used := p.shown[got]
	if !known && !used {
		p.actual[want], p.shown[got] = got, want
		return uuid.FindString(got) == got
	}
	return real == got && shown == want
}

// keys returns the names of the fields of an object, and of those inside it, in their order.
func keys(t *testing.T, object string) []string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader([]byte(object)))
	var list []string
	var walk func()
	walk = func() {
		tok, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		if delim, ok := tok.(json.Delim); ok {
			for d.More() {
				if delim == '{' {
					k, _ := d.Token()
					list = append(list, fmt.Sprint(k))
				}
				walk()
			}
			_, _ = d.Token()
		}
	}
	walk()
	return list
}
