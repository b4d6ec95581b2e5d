// One-page-chat is a chat of one room: the page and its socket on one port. README.md describes the frames.
package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/mail"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/websocket"
)

const room = "chat"

//go:embed static
var static embed.FS

// frame is what clients get. Without a type it is what somebody said to everyone. No address is ever in one.
type frame struct {
	Type     string `json:"type,omitempty"` // here, joined, left, private, error
	Username string `json:"username,omitempty"`
	Message  string `json:"message,omitempty"`
	Avatar   string `json:"avatar,omitempty"`
	To       string `json:"to,omitempty"`   // whom a private message is for
	Code     string `json:"code,omitempty"` // of an error: invalid, forbidden, conflict, not_found
}

func (f frame) encode() []byte {
	b, _ := json.Marshal(f) // never fails
	return websocket.Text(b)
}

type server struct {
	hub *hub.Hub
	key []byte // of this process: without it nobody can tell which avatar an address would have

	mu     sync.Mutex
	people map[string][]*client // the connections of each name, in lower case
}

func (s *server) routes() http.Handler {
	files, _ := fs.Sub(static, "static") // never fails: it is embedded
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(files))
	mux.HandleFunc("GET /ws", s.connect)
	mux.HandleFunc("GET /avatar/{hash}", drawAvatar)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		mux.ServeHTTP(w, r)
	})
}

// connect opens a socket. It hears everyone from now on, and is nobody until its first frame says who it is.
func (s *server) connect(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Upgrade(w, r, &websocket.Options{MaxMessage: 4 << 10}) // bytes of a frame
	if err != nil {
		return // it has been answered
	}
	c := &client{server: s, session: s.hub.NewSession(hub.User{}, conn)}
	_ = c.session.Subscribe(context.Background(), hub.SubscribeRequest{Topic: room}) // fails once the server is stopping
	go conn.Serve(c)
}

func (s *server) tellAll(f frame) { s.hub.Broadcast(room, f.encode(), "") }

// client is one connection: a websocket.Handler. Who it is is set once, by its first frame.
type client struct {
	*server
	session             *hub.Session
	email, name, avatar string
}

func (c *client) Message(op websocket.Opcode, data []byte) {
	var in struct {
		Email, Username, To string
		Message             *string // nil: just to say who it is
	}
	err := json.Unmarshal(data, &in)
	email, name := strings.ToLower(strings.TrimSpace(in.Email)), strings.TrimSpace(in.Username)
	address, wrong := mail.ParseAddress(email)
	odd := func(r rune) bool { return r == '@' || !unicode.IsPrint(r) } // everyone would see an address used as a name
	c.mu.Lock()
	defer c.mu.Unlock()
	switch them := c.people[strings.ToLower(strings.TrimSpace(in.To))]; {
	case err != nil || op != websocket.OpText:
		c.refuse("invalid", "a frame is a JSON object with the texts email, username and message")
	case email == "" || wrong != nil || address.Address != email:
		c.refuse("invalid", "email is required and must be an address")
	case name == "" || len([]rune(name)) > 32 || strings.ContainsFunc(name, odd):
		c.refuse("invalid", "username is required, with at most 32 characters, none of them @, a control or an invisible one")
	case c.name == "" && !c.enter(email, name): // and has been told why
	case c.email != email || !strings.EqualFold(c.name, name):
		c.refuse("forbidden", "this connection is of "+c.name)
	case in.Message == nil || !c.session.Subscribed(room): // who was removed is heard no more
	case strings.TrimSpace(*in.Message) == "":
		c.refuse("invalid", "message is blank")
	case in.To == "":
		c.tellAll(frame{Username: c.name, Message: *in.Message, Avatar: c.avatar})
	case them == nil || them[0].name == c.name:
		c.refuse("not_found", "nobody else here has that name")
	default:
		f := frame{Type: "private", Username: c.name, Message: *in.Message, Avatar: c.avatar, To: them[0].name}
		for _, o := range slices.Concat(them, c.people[strings.ToLower(name)]) {
			o.session.Send(f.encode())
		}
	}
}

// enter makes the connection one of the person's. A name is theirs while they have a connection. server.mu is held.
func (c *client) enter(email, name string) bool {
	key := strings.ToLower(name)
	known := c.people[key]
	if known != nil && known[0].email != email {
		c.refuse("conflict", "somebody else is called "+known[0].name)
		return false
	}
	hash := hmac.New(sha256.New, c.key)
	hash.Write([]byte(email))
	c.email, c.name, c.avatar = email, name, fmt.Sprintf("/avatar/%x.svg", hash.Sum(nil))
	if c.people[key] = append(known, c); known == nil {
		c.tellAll(frame{Type: "joined", Username: name, Message: name + " joined", Avatar: c.avatar})
	} else {
		c.name = known[0].name // spelled as before
	}
	for _, p := range c.people {
		c.session.Send(frame{Type: "here", Username: p[0].name, Avatar: p[0].avatar}.encode())
	}
	return true
}

func (c *client) Control(frame []byte)    { c.session.Send(frame) }
func (c *client) CloseFrame(frame []byte) { c.session.CloseFrame(frame) }
func (c *client) refuse(code, why string) {
	c.session.Send(frame{Type: "error", Code: code, Message: why}.encode())
}

func (c *client) Closed(error) {
	c.session.Detach()
	c.mu.Lock()
	defer c.mu.Unlock()
	key := strings.ToLower(c.name)
	if rest := slices.DeleteFunc(c.people[key], func(o *client) bool { return o == c }); len(rest) > 0 {
		c.people[key] = rest
	} else if c.name != "" {
		delete(c.people, key)
		c.tellAll(frame{Type: "left", Username: c.name, Message: c.name + " left", Avatar: c.avatar})
	}
}

// drawAvatar draws five by five squares, the same for the same address of the picture.
func drawAvatar(w http.ResponseWriter, r *http.Request) {
	hash := sha256.Sum256([]byte(r.PathValue("hash")))
	var squares strings.Builder
	for i := range 25 {
		if x, y := i%5, i/5; hash[y*3+min(x, 4-x)]&1 == 1 { // the left half mirrored
			fmt.Fprintf(&squares, "M%d %dh1v1h-1z", x+1, y+1)
		}
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 7 7" shape-rendering="crispEdges">`+
		`<path fill="hsl(%[1]d,45%%,90%%)" d="M0 0h7v7H0z"/><path fill="hsl(%[1]d,50%%,42%%)" d="%[2]s"/></svg>`, int(hash[31])*360/256, &squares)
}

func main() {
	addr := flag.String("addr", ":8080", "where to listen, `host:port`; port 0 takes a free one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *addr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "one-page-chat:", err)
		os.Exit(1)
	}
	// A client that takes nothing is cut off, and seen to leave, a second after its queue was found full or ten seconds old.
	limits := hub.Limits{QueueAge: 10 * time.Second, CloseTimeout: time.Second}
	s := &server{hub: hub.New(hub.Config{Limits: limits}), key: []byte(rand.Text()), people: map[string][]*client{}}
	web := &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second}
	go func() { defer stop(); _ = web.Serve(listener) }()
	fmt.Printf("listening on http://%s\n", listener.Addr())
	<-ctx.Done()
	_ = web.Close() // the sockets are the hub's; who does not answer its goodbye is cut off in a second
	_ = s.hub.Shutdown(context.Background(), websocket.CloseGoingAway, "server stopping")
}
