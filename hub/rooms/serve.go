package rooms

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/websocket"
)

// ServeHTTP opens the socket of the room that the path value "name" names, subscribed from the start. Refusals are problem
// documents (RFC 9457) with a field "code": 401 Authenticate failed, 403 the page's Origin or Options.Allow, 400 a name
// that no room can have, 404 no such room, 429 too many joins, 503 after Shutdown; and those of websocket.Upgrade.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, func(u User) (string, *refusal) {
		name := r.PathValue("name")
		if refused := s.mayEnter(u, name); refused != nil {
			return "", refused
		}
		if wait := s.joins.take(u.ID, 1); wait > 0 {
			return "", limited(wait, "joins at once")
		}
		return name, nil
	})
}

// Site opens a socket that is in no room at first. It hears BroadcastAll, and its frames name the rooms they are about:
// subscribe enters some, and unsubscribe leaves them.
func (s *Server) Site() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, r, func(User) (string, *refusal) { return "", nil })
	})
}

// serve asks, in this order: who (401), from which page (403), which room (404). Only then is the request upgraded.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, find func(User) (string, *refusal)) {
	who, err := s.opts.Authenticate(r)
	if err == nil {
		err = who.check()
	}
	if err != nil {
		s.refuse(w, r, &refusal{code: codeUnauthenticated, message: "the request does not say who you are: sign in, or send a valid token"}, "reason", err)
		return
	}
	if !s.opts.CheckOrigin(r) {
		s.refuse(w, r, &refusal{code: codeForbidden, message: "pages of this origin may not connect"}, "user_id", who.ID)
		return
	}
	name, refused := find(who)
	if refused == nil && !s.begin() {
		refused = &refusal{code: codeOverloaded, message: "the server is shutting down", retryAfter: reconnectMax.Milliseconds()}
	}
	if refused != nil {
		s.refuse(w, r, refused, "user_id", who.ID)
		return
	}
	ws, err := websocket.Upgrade(w, r, s.upgrade)
	if err != nil {
		s.readers.Done()
		s.opts.Logger.Info("rooms: refused", "path", r.URL.Path, "user_id", who.ID, "err", err)
		return
	}
	c := &conn{server: s, who: who, room: name, rooms: map[string]*membership{}}
	if !who.Expires.IsZero() {
		c.request = bare(r)
	}
	if !s.register(c, ws, c.welcome()) {
		s.readers.Done()
		ws.Abort()
		return
	}
	s.opts.Logger.Info("rooms: connected", "path", r.URL.Path, "user_id", who.ID, "user", who.Name)
	c.begin()
	go func() {
		defer s.readers.Done()
		ws.Serve(c)
	}()
}

// register makes a connection known, with its first frame: nothing that is said to everybody comes before it. It is false
// once Shutdown has begun.
func (s *Server) register(c *conn, t hub.Transport, welcome []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return false
	}
	c.session = s.hub.NewSession(hub.User{ID: c.who.ID, Name: c.who.Name}, t)
	c.session.Send(welcome)
	return true
}

// begin counts a reader in. It is false once Shutdown has begun.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return false
	}
	s.readers.Add(1)
	return true
}

// bare is what an auth frame asks Authenticate with: the request without what said who it was, and without what holds on
// to the HTTP connection.
func bare(r *http.Request) *http.Request {
	query := r.URL.Query()
	query.Del("token")
	h := r.Header.Clone()
	h.Del("Cookie")
	return &http.Request{
		Method: r.Method, Host: r.Host, Header: h, RemoteAddr: r.RemoteAddr, Proto: r.Proto, ProtoMajor: r.ProtoMajor, ProtoMinor: r.ProtoMinor,
		URL: &url.URL{Path: r.URL.Path, RawQuery: query.Encode()},
	}
}

// refuse answers a request that is not upgraded, and logs it without its query, where tokens are.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, why *refusal, log ...any) {
	s.opts.Logger.Info("rooms: refused", append([]any{"path", r.URL.Path, "code", why.code}, log...)...)
	writeProblem(w, statusOf[why.code], why)
}

// statusOf is what each code means before the upgrade.
var statusOf = map[string]int{
	codeInvalid:         http.StatusBadRequest,
	codeUnauthenticated: http.StatusUnauthorized,
	codeForbidden:       http.StatusForbidden,
	codeNotFound:        http.StatusNotFound,
	codeRateLimited:     http.StatusTooManyRequests,
	codeOverloaded:      http.StatusServiceUnavailable,
}

func writeProblem(w http.ResponseWriter, status int, why *refusal) {
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	if why.retryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt((why.retryAfter+999)/1000, 10))
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct { // a client that has gone needs no answer
		Type       string `json:"type"`
		Title      string `json:"title"`
		Status     int    `json:"status"`
		Detail     string `json:"detail"`
		Code       string `json:"code"`
		RetryAfter int64  `json:"retry_after,omitempty"`
	}{"about:blank", http.StatusText(status), status, why.message, why.code, why.retryAfter})
}
