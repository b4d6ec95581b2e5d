package httpapi

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/chat"
)

// How long a request may take before it gets an answer that says so.
const (
	answerTime = 5 * time.Second  // reads
	writeTime  = 10 * time.Second // writes, which wait for the disk
)

// Authenticator says who makes a request. auth.Authenticator is one.
type Authenticator interface {
	// Request looks at the header Authorization, else at the cookie. Its errors are chat's.
	Request(r *http.Request) (auth.Identity, error)
	// Refresher is Request for who wants fresh tokens: theirs may have ended some time ago.
	Refresher(r *http.Request) (auth.Identity, error)
}

// Throttle bounds how often strangers look codes up.
type Throttle interface {
	// Register asks for one look at an invitation or set-up link. When it is too early, ok is false and retryAfter says
	// when to come again.
	Register(addr netip.Addr) (retryAfter time.Duration, ok bool)
}

// Presence says who is where now.
type Presence interface {
	OnlineCount(room chat.RoomID) int
	// State is online, away, dnd or offline: what sockets were last told of somebody.
	State(user chat.UserID) string
}

// Socket is a route that turns a request into a socket. Its handler finds out who asks by itself.
type Socket struct {
	Pattern string // such as "GET /ws/room/{name}"
	Handler http.Handler
}

// Config is what the HTTP side is made of. Chat, Auth, Accounts and Presence are required.
type Config struct {
	Chat     *chat.Service
	Auth     Authenticator
	Accounts *auth.Accounts
	Cookies  auth.Cookies
	Setup    *auth.Setup // nil: there is no set-up link
	Throttle Throttle    // nil: no limit
	Presence Presence
	Pictures Pictures // nil: there are none
	Sockets  []Socket
	// Profiles asks for one change of what others see of user; see limit.Limiter. nil: no limit.
	Profiles func(user chat.UserID) (retryAfter time.Duration, ok bool)
	// CursorMoved is told where somebody's cursor stands after a request moved it, for their other devices. It must not
	// block; nil: nobody asks.
	CursorMoved func(user chat.UserID, room string, now chat.Cursor)
	// Metrics is shown at /metrics and gets what is counted here; nil: there is no /metrics.
	Metrics *prometheus.Registry
	Logger  *slog.Logger // nil: slog.Default
	// Connects limits new sockets per address; nil: no limit.
	Connects ConnectLimiter
	// Trusted are the proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.
	Trusted []netip.Prefix
	// PublicURL is where people reach the server, without a slash at its end; "": where a request says it was sent.
	PublicURL string
	// AllowOrigin says whether a page of another origin may change things, as whoever is signed in; nil: none may.
	AllowOrigin func(*http.Request) bool
	// Dist is the built page; nil: there is none, and / lists the routes.
	Dist fs.FS
	// Host is where people are kept when it is not here; nil: they have accounts here.
	Host *Host
	// Prefix is a path under which everything is reachable too, such as "/chat" behind a proxy; "" or no slash at its end.
	Prefix  string
	Version string
}

type api struct {
	chat     *chat.Service
	auth     Authenticator
	accounts *auth.Accounts
	cookies  auth.Cookies
	setup    *auth.Setup
	throttle Throttle
	presence Presence
	pictures Pictures
	profiles profileLimit
	moved    func(user chat.UserID, room string, now chat.Cursor)
	log      *slog.Logger
	counts   *counts
	trusted  proxies
	foreign  *crossOrigin
	host     *Host
	prefix   string
	// publicURL is as in Config; publicHTTPS says that it begins with https.
	publicURL   string
	publicHTTPS bool
}

// openToAnyone are the operations of the API for which nobody has to be signed in: what a stranger needs to come in, and
// to go. Every other one answers 401 before it looks at anything.
var openToAnyone = map[string]bool{
	"get-workspace":    true,
	"check-setup":      true,
	"check-invitation": true,
	"register":         true,
	"login":            true,
	"refresh":          true, // asks who it is by itself: the token may have ended
	"logout":           true, // as refresh does
	"guest":            true,
}

// Handler answers everything. Routes lists what it answers to.
type Handler struct {
	http.Handler
	Routes []string // "METHOD /path", by path
}

// New puts the HTTP side together.
func New(cfg Config) (*Handler, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	a := &api{
		chat: cfg.Chat, auth: cfg.Auth, accounts: cfg.Accounts, cookies: cfg.Cookies, setup: cfg.Setup, throttle: cfg.Throttle,
		presence: cfg.Presence, pictures: cfg.Pictures, profiles: cfg.Profiles, moved: cfg.CursorMoved, log: cfg.Logger,
		trusted: cfg.Trusted, foreign: &crossOrigin{allow: cfg.AllowOrigin}, host: cfg.Host, prefix: cfg.Prefix,
		publicURL: cfg.PublicURL, publicHTTPS: strings.HasPrefix(cfg.PublicURL, "https:"),
	}
	mux := http.NewServeMux()
	h := newHuma(a, mux, cfg.Version)
	a.accountRoutes(h)
	a.meRoutes(h)
	a.avatarRoutes(h)
	a.peopleRoutes(h)
	a.preferenceRoutes(h)
	a.reportRoutes(h)
	a.announcementRoutes(h)
	a.inviteRoutes(h)
	a.workspaceRoutes(h)
	a.roomRoutes(h)
	a.messageRoutes(h)
	a.changeRoutes(h)
	a.threadRoutes(h)
	a.mentionRoutes(h)
	document, err := describe(h)
	if err != nil {
		return nil, fmt.Errorf("httpapi: the description of the API: %w", err)
	}
	routes := methods(h)
	// The routes beside the API that need nobody to be signed in.
	open := func(pattern string, handler http.HandlerFunc) {
		mux.Handle(pattern, handler)
		routes = append(routes, strings.TrimSuffix(pattern, "{$}"))
	}
	open("GET /api/openapi.json", constant("application/openapi+json", document))
	open("GET /health", constant("application/json", []byte(`{"status":"ok"}`)))
	if cfg.Metrics != nil {
		a.counts = newCounts(cfg.Metrics)
		show := promhttp.HandlerFor(cfg.Metrics, promhttp.HandlerOpts{ErrorLog: slog.NewLogLogger(cfg.Logger.Handler(), slog.LevelError)})
		open("GET /metrics", show.ServeHTTP)
	}
	for _, s := range cfg.Sockets {
		mux.Handle(s.Pattern, a.limitConnects(cfg.Connects, s.Handler))
		routes = append(routes, s.Pattern)
	}
	var list []byte
	if cfg.Dist == nil {
		open("GET /{$}", func(w http.ResponseWriter, r *http.Request) { constant("text/plain; charset=utf-8", list)(w, r) })
	} else if err := openPage(cfg.Dist, cfg.Prefix+"/", open); err != nil {
		return nil, err
	}
	slices.SortFunc(routes, byPath)
	list = listing(routes)
	return &Handler{Handler: a.around(dispatch{mux, a}, cfg.Prefix), Routes: routes}, nil
}

func constant(contentType string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(body)
	}
}

func listing(routes []string) []byte {
	var b bytes.Buffer
	b.WriteString("Parley is running. It answers to:\n\n")
	for _, r := range routes {
		fmt.Fprintf(&b, "  %s\n", r)
	}
	b.WriteString("\nThe API is described at /api/openapi.json.\n")
	return b.Bytes()
}

// dispatch is a ServeMux whose own errors are problems as well.
type dispatch struct {
	mux *http.ServeMux
	a   *api
}

func (d dispatch) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	handler, pattern := d.mux.Handler(r)
	noteRoute(r.Context(), pattern)
	if pattern != "" && !isClean(r.URL.Path) {
		// The mux would send the visitor to the same without // and .., but also without the prefix.
		to := url.URL{Path: d.a.prefix + path.Clean(r.URL.Path), RawQuery: r.URL.RawQuery}
		http.Redirect(w, r, to.String(), http.StatusTemporaryRedirect)
		return
	}
	if pattern != "" {
		d.mux.ServeHTTP(w, r) // again, because only this fills in r.PathValue
		return
	}
	// The mux knows no such route: ask its own answer for the status and, with 405, for the header Allow.
	probe := &probe{header: http.Header{}}
	handler.ServeHTTP(probe, r)
	switch probe.status {
	case http.StatusMethodNotAllowed:
		w.Header()["Allow"] = probe.header["Allow"]
		newProblem(r.Context(), probe.status, chat.Invalid, "this path does not answer to "+method(r.Method)+"; see the header Allow").write(w)
	default:
		newProblem(r.Context(), http.StatusNotFound, chat.NotFound, "there is nothing at this path; / lists what there is").write(w)
	}
}

// isClean says whether a path is what a ServeMux serves without sending the visitor on.
func isClean(p string) bool {
	clean := path.Clean(p)
	return p == clean || clean != "/" && p == clean+"/"
}

// probe takes a response's status and header and drops the rest.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }
func (p *probe) WriteHeader(status int)      { p.status = status }
