package main

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
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

// The page may load nothing from elsewhere, run nothing inline, and is whole without the network.
func TestPage(t *testing.T) {
	t.Parallel()
	p := start(t)
	resp, page := p.get("/")
	policy := resp.Header.Get("Content-Security-Policy")
	if resp.StatusCode != 200 || !strings.Contains(policy, "default-src 'self'") || strings.Contains(policy, "unsafe") {
		t.Errorf("GET /: %s, policy %q", resp.Status, policy)
	}
	assets := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(assets) < 4 {
		t.Fatalf("the page loads %q", assets)
	}
	for _, a := range assets {
		if resp, body := p.get("/" + a[1]); resp.StatusCode != 200 || body == "" {
			t.Errorf("GET /%s: %s", a[1], resp.Status)
		}
	}
	_, script := p.get("/app.js")
	for _, banned := range []string{"innerHTML", "v-html", "insertAdjacent", "eval(", "http://", "https://"} {
		if strings.Contains(script, banned) {
			t.Errorf("app.js has %s", banned)
		}
	}
	if _, vue := p.get("/vue.js"); !strings.Contains(vue[:200], "@license MIT") {
		t.Error("vue.js has lost its licence")
	}
	if resp, _ := p.get("/static/"); resp.StatusCode != 404 {
		t.Errorf("GET /static/: %s", resp.Status)
	}
}

func TestStory(t *testing.T) {
	t.Parallel()
	p := start(t)
	listener := p.dial("", "a listener") // the tutorial's page connects before its form is filled in
	ann := p.enter("ann@secret.example", "ann")
	bob := p.dial("Bob@Secret.Example", "bob")
	bob.send(map[string]string{"email": "  Bob@Secret.Example ", "username": " bob ", "message": "hello"}) // says who it is and something
	said := bob.hears("bob", "hello")
	ann.want("joined", "bob")
	if f := ann.hears("bob", "hello"); f != said {
		t.Errorf("ann heard %+v, bob %+v", f, said)
	}
	listener.hears("bob", "hello")
	if b, _ := json.Marshal(said); !regexp.MustCompile(`^\{"username":"bob","message":"hello","avatar":"/avatar/[0-9a-f]{64}\.svg"\}$`).Match(b) {
		t.Errorf("a message is %s", b)
	}

	evil := `<script>alert("1")</script><img src=x onerror=alert(1)> :robot: {{7*7}} \u0000` + "\u202e"
	ann.say(evil)
	if f := bob.hears("ann", evil); f.Avatar == said.Avatar {
		t.Error("ann and bob have the same picture")
	}
	ann.hears("ann", evil) // the sender too

	_ = bob.Close()
	if f := ann.want("left", "bob"); f.Message != "bob left" {
		t.Errorf("%+v", f)
	}
	again := p.enter("bob@secret.example", "Bob")
	ann.want("joined", "Bob")
	again.say("back")
	if f := ann.hears("Bob", "back"); f.Avatar != said.Avatar {
		t.Error("the same address has another picture")
	}
}

func TestAvatar(t *testing.T) {
	t.Parallel()
	p, q := start(t), start(t)
	path := func(p *program, email string) string {
		v := p.enter(email, "ann")
		v.say("x")
		f := v.hears("ann", "x")
		_ = v.Close()
		return f.Avatar
	}
	ann := path(p, "ann@secret.example")
	resp, picture := p.get(ann)
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "image/svg+xml" || !strings.HasPrefix(picture, "<svg ") {
		t.Fatalf("GET %s: %s %q", ann, resp.Status, picture)
	}
	if _, again := p.get(ann); again != picture {
		t.Error("the same avatar was drawn in two ways")
	}
	if path(q, "ann@secret.example") == ann {
		t.Error("another process has the same avatar for an address: it can be computed from the address alone")
	}
	if resp, _ := p.get("/avatar/" + `"><script>alert(1)</script>.svg`); resp.StatusCode == 200 {
		if _, body := p.get("/avatar/x%22%3E%3Cscript%3E.svg"); strings.Contains(body, "script") {
			t.Errorf("a drawing repeats its address: %s", body)
		}
	}
}

func TestPrivateMessages(t *testing.T) {
	t.Parallel()
	p := start(t)
	listener := p.dial("", "a listener")
	ann, bob, eve := p.enter("ann@secret.example", "ann"), p.enter("bob@secret.example", "bob"), p.enter("eve@secret.example", "eve")
	bobsOther := p.dial("bob@secret.example", "BOB") // in another tab: the same person
	bobsOther.send(map[string]string{"email": bobsOther.email, "username": bobsOther.name})
	bobsOther.want("here", "bob")
	private := func(to, text string) {
		ann.send(map[string]string{"email": ann.email, "username": ann.name, "message": text, "to": to})
	}
	private("Bob", "between us")
	for _, v := range []*visitor{ann, bob, bobsOther} {
		if f := v.want("private", "ann"); f.Message != "between us" || f.To != "bob" {
			t.Errorf("%s got %+v", v.name, f)
		}
	}
	private("zoe", "are you there?")
	ann.refused("not_found", "nobody else here")
	private(" ANN ", "to herself")
	ann.refused("not_found", "nobody else here")
	private("bob", " \t ")
	ann.refused("invalid", "blank")
	private("ann@secret.example", "to an address")
	ann.refused("not_found", "nobody else here")

	ann.say("for all") // what eve and the listener hear next: want fails on anything private before it
	eve.hears("ann", "for all")
	listener.hears("ann", "for all")

	// A person of two connections leaves with the second.
	bobsOther.hears("ann", "for all")
	bobsOther.say("in both tabs")
	bob.hears("ann", "for all")
	bob.hears("bob", "in both tabs")
	eve.hears("bob", "in both tabs")
	_ = bobsOther.Close()
	bob.say("still here")
	eve.hears("bob", "still here")
	_ = bob.Close()
	for f, err := eve.next(); f.Type != "left"; f, err = eve.next() {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhoSomebodyIs(t *testing.T) {
	t.Parallel()
	p := start(t)
	ann := p.enter("ann@secret.example", "ann")
	eve := p.dial("eve@secret.example", "ann")
	eve.say("I am ann")
	eve.refused("conflict", "somebody else is called ann")
	eve.name = "ANN"
	eve.say("I am ann, too")
	eve.refused("conflict", "somebody else is called ann")
	eve.name = "eve" // the socket lives, and may still be somebody
	eve.say("then I am eve")
	ann.hears("eve", "then I am eve")
	eve.hears("eve", "then I am eve")
	for _, other := range []map[string]string{
		{"email": "eve@secret.example", "username": "zoe", "message": "x"},
		{"email": "ann@secret.example", "username": "ann", "message": "x"},
		{"email": "zoe@secret.example", "username": "eve", "message": "x"},
	} {
		eve.send(other)
		eve.refused("forbidden", "this connection is of eve")
	}
	ann.say("nothing of that was heard")
	ann.hears("ann", "nothing of that was heard")
}

func TestGarbageIsAnsweredAndTheSocketLives(t *testing.T) {
	t.Parallel()
	p := start(t)
	v := p.dial("ann@secret.example", "ann")
	with := func(email, username, message any) string {
		b, _ := json.Marshal(map[string]any{"email": email, "username": username, "message": message})
		return string(b)
	}
	const good = "ann@secret.example"
	for raw, part := range map[string]string{
		"":                                       "JSON object",
		"hello":                                  "JSON object",
		"{":                                      "JSON object",
		"[]":                                     "JSON object",
		"null":                                   "email is required",
		"{}":                                     "email is required",
		`{"email":1}`:                            "JSON object",
		with(good, "ann", 7):                     "JSON object",
		with(good, "ann", []int{1}):              "JSON object",
		strings.Repeat("[", 4000):                "JSON object",
		with("", "ann", "x"):                     "email is required",
		with("   ", "ann", "x"):                  "email is required",
		with("ann", "ann", "x"):                  "must be an address",
		with("ann@", "ann", "x"):                 "must be an address",
		with("A <a@b.example>", "a", ""):         "must be an address",
		with(good, "", "x"):                      "username is required",
		with(good, "  ", "x"):                    "username is required",
		with(good, good, "x"):                    "username is required", // everybody would see it
		with(good, "a\nb", "x"):                  "username is required",
		with(good, "a\u200bb", "x"):              "username is required",
		with(good, strings.Repeat("x", 33), "x"): "username is required",
	} {
		v.raw(raw)
		v.refused("invalid", part)
	}
	if err := v.Frame(wsclient.Binary, true, []byte(with(good, "ann", "x"))); err != nil {
		t.Fatal(err)
	}
	v.refused("invalid", "JSON object")
	for _, blank := range []string{"", " ", "\n\t\u00a0"} {
		v.say(blank)
		v.refused("invalid", "message is blank")
	}
	v.say("after all")
	v.hears("ann", "after all")
}

func TestFramesThatEndTheConnection(t *testing.T) {
	t.Parallel()
	p := start(t)
	ann := p.enter("ann@secret.example", "ann")
	bob := p.enter("bob@secret.example", "bob")
	bob.say(strings.Repeat("x", 5000))
	if code := bob.ended(); code != 1009 {
		t.Errorf("closed with %d, want 1009", code)
	}
	ann.want("left", "bob")
	zoe := p.dial("", "zoe")
	zoe.raw("\xff\xfe")
	if code := zoe.ended(); code != 1007 {
		t.Errorf("closed with %d, want 1007", code)
	}
}

func TestOtherPagesMayNotConnect(t *testing.T) {
	t.Parallel()
	p := start(t)
	_, resp, err := wsclient.Dial(t.Context(), "ws://"+p.addr+"/ws", http.Header{"Origin": {"http://evil.example"}})
	if err == nil || resp == nil || resp.StatusCode != 403 {
		t.Errorf("a foreign page: %v %v, want 403", resp, err)
	}
}

// A client that does not read is removed, and is seen to leave. It is bounded by bytes.
func TestStalledClientIsRemoved(t *testing.T) {
	t.Parallel()
	p := start(t)
	ann, bob := p.enter("ann@secret.example", "ann"), p.enter("bob@secret.example", "bob")
	if err := bob.NetConn().(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("x", 3500)
	for sent := 0; sent < 4<<20; sent += len(text) {
		ann.say(text)
		for {
			f, err := ann.next()
			if err != nil {
				t.Fatalf("ann, who reads: %v", err)
			}
			if f.Type == "left" && f.Username == "bob" {
				return
			}
			if f.Type == "" {
				break
			}
		}
	}
	ann.want("left", "bob") // the queue is full by now
}

func TestGoodbyeOnSIGTERM(t *testing.T) {
	t.Parallel()
	p := start(t)
	ann := p.enter("ann@secret.example", "ann")
	listener := p.dial("", "a listener")
	ended := make(chan int, 2)
	go func() { ended <- ann.ended() }()
	go func() { ended <- listener.ended() }()
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
	if err == nil || !strings.Contains(string(out), "one-page-chat: listen tcp") {
		t.Errorf("a second one on %s: %v\n%s", p.addr, err, out)
	}
}
