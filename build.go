package parley

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/parley-chat/parley/internal/admin"
	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/avatar"
	"github.com/parley-chat/parley/internal/blob"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/datadir"
	"github.com/parley-chat/parley/internal/fault"
	"github.com/parley-chat/parley/internal/gateway"
	"github.com/parley-chat/parley/internal/httpapi"
	"github.com/parley-chat/parley/internal/limit"
	"github.com/parley-chat/parley/internal/markdown"
	"github.com/parley-chat/parley/internal/names"
	"github.com/parley-chat/parley/internal/sqlite"
	"github.com/parley-chat/parley/web"
)

// startTime bounds what opening the data may take before New gives up: migrations of a large database are the longest.
const startTime = 10 * time.Minute

// step is something that was started, and how it is undone.
type step struct {
	name  string
	bound time.Duration // what undoing it may take of the whole
	undo  func(context.Context) error
}

// steps are undone in reverse, each within its bound, all of them whatever fails. Only what does not end at all, such as
// a write to a disk that hangs, is given up on, with everything it stands on: while something may still use the data folder,
// the folder's lock is kept.
type steps []step

// graceTime is what undoing may still take once its context has ended.
const graceTime = 500 * time.Millisecond

func (s *steps) add(name string, bound time.Duration, undo func(context.Context) error) {
	*s = append(*s, step{name, bound, undo})
}

func (s *steps) undo(ctx context.Context) error {
	todo := *s
	*s = nil
	over := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(graceTime, func() { close(over) }) })
	defer stop()
	var failed []error
	for i := len(todo) - 1; i >= 0; i-- {
		ended, err := todo[i].undoUntil(ctx, over)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", todo[i].name, err))
		}
		if !ended {
			break
		}
	}
	return errors.Join(failed...)
}

// undoUntil undoes one step. ended is false when it has not come back by the time that over was closed.
func (st step) undoUntil(ctx context.Context, over <-chan struct{}) (ended bool, err error) {
	bounded, cancel := context.WithTimeout(ctx, st.bound)
	defer cancel()
	result := make(chan error, 1)
	go func() { result <- st.undo(bounded) }()
	select {
	case err := <-result:
		return true, err
	case <-over:
		return false, errors.New("it does not end")
	}
}

// inTime takes it for an orderly end when some clients did not end in time by themselves.
func inTime(log *slog.Logger, note string, err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		log.Info(note)
		return nil
	}
	return err
}

func withoutContext(f func() error) func(context.Context) error {
	return func(context.Context) error { return f() }
}

// core is the data and its rules: what the command line needs when no server runs.
type core struct {
	dir     *datadir.Dir
	service *chat.Service
	tokens  *auth.Tokens
	key     []byte
}

// openCore locks the folder and starts the service on it. What it has started by then is in undo, also when it fails. hooks
// may be nil.
func openCore(ctx context.Context, path string, cfg chat.Config, hooks *hooks, undo *steps) (*core, error) {
	dir, err := datadir.Open(path)
	if err != nil {
		return nil, err
	}
	undo.add("data folder", time.Second, withoutContext(dir.Close))
	key, err := dir.TokenKey()
	if err != nil {
		return nil, err
	}
	tokens, err := auth.NewTokens(key, nil)
	if err != nil {
		return nil, err
	}
	store, err := sqlite.Open(ctx, sqlite.Options{Path: dir.Database(), Logger: cfg.Logger, Now: wallClock})
	if err != nil {
		return nil, err
	}
	undo.add("database", 2*time.Second, withoutContext(store.Close))
	cfg.Store, cfg.Skeleton, cfg.CleanName = store, names.Skeleton, names.Clean
	cfg.Now, cfg.Mutant, cfg.Renderer = wallClock, fault.Mutant, markdown.Renderer{}
	service := chat.NewService(cfg)
	if hooks != nil {
		hooks.run(service)
		undo.add("hooks", 2*time.Second, hooks.close)
	}
	undo.add("commits", 3*time.Second, service.Close)
	if err := service.EnsureRooms(ctx); err != nil {
		return nil, err
	}
	return &core{dir, service, tokens, key}, nil
}

// brand gives the workspace the name and colour of the settings.
func (c *core) brand(ctx context.Context, set *settings) error {
	if set.Name == "" && set.Hue == nil {
		return nil
	}
	w, err := c.service.Workspace(ctx)
	if err != nil {
		return err
	}
	if set.Name != "" {
		w.Name = set.Name
	}
	if set.Hue != nil {
		w.Hue = *set.Hue
	}
	_, err = c.service.SetWorkspace(ctx, chat.Host, w)
	return err
}

// pictures opens the folder of people's pictures.
func (c *core) pictures(ctx context.Context, set *settings, undo *steps) (*avatar.Pictures, error) {
	files, err := blob.Open(c.dir.Pictures())
	if err != nil {
		return nil, err
	}
	cfg := avatar.Config{People: c.service, Files: files, Logger: set.Logger, Now: wallClock}
	if set.Gravatar {
		cfg.Gravatar = avatar.NewGravatar()
	} else if err := c.service.DropGravatars(ctx); err != nil {
		return nil, err
	}
	p := avatar.New(cfg)
	undo.add("pictures", 2*time.Second, func(context.Context) error { p.Close(); return nil })
	return p, p.Sweep(ctx)
}

// wallClock is the time that is stored and shown. Only programs built with the tag faults can have another one than the
// machine.
func wallClock() time.Time { return time.Now().Add(fault.ClockOffset()) }

// publishing publishes, between the points where the process can be made to die. It is no closure, for the compiler would
// leave the points' calls in it.
type publishing func([]chat.Event)

func (publish publishing) do(events []chat.Event) {
	fault.Point("before-publish")
	publish(events)
	fault.Point("before-ack")
}

// build starts everything but the listener. What it has started by then is in undo, also when it fails.
func build(ctx context.Context, set *settings, undo *steps) (*parts, error) {
	var (
		publisher = gateway.NewPublisher()
		registry  = prometheus.NewRegistry()
		commits   = newCommitMetrics(registry)
		limits    = limit.New(limit.Options{Off: set.NoRateLimits})
	)
	hooks := newHooks(set, registry)
	c, err := openCore(ctx, set.DataDir, chat.Config{
		Publish: publishing(hooks.after(publisher.Publish)).do, Joined: hooks.joined, SessionEnded: publisher.SessionEnded, UserChanged: publisher.UserChanged, RoomShown: publisher.RoomShown, RoomHidden: publisher.RoomHidden, Marked: publisher.Marked, ProfileChanged: publisher.ProfileChanged,
		PreferencesChanged: publisher.PreferencesChanged, Announced: publisher.Announced, AnnouncementEnded: publisher.AnnouncementEnded,
		Here: publisher.Here, Notified: publisher.Notified,
		Limiter: limits, NewRoom: limits.NewRoom, MoveRead: limits.Read, React: limits.React, Logger: set.Logger, Observe: commits.observe,
	}, hooks, undo)
	if err != nil {
		return nil, err
	}
	if err := c.brand(ctx, set); err != nil {
		return nil, err
	}
	people, err := c.people(ctx, set, limits, publisher.GuestEnded)
	if err != nil {
		return nil, err
	}
	pictures, err := c.pictures(ctx, set, undo)
	if err != nil {
		return nil, err
	}
	gate := gateway.New(gateway.Config{
		Service: c.service, Publisher: publisher, Limiter: limits, Logger: set.Logger,
		Now: c.tokens.Now, GuestEnded: people.accounts.GuestEnded,
		MaxSockets: limits.Sockets(), FrameRate: limits.FrameRate(), FrameBurst: limit.FrameBurst,
		AllowOrigin:  set.allowOrigin,
		Authenticate: func(r *http.Request) (gateway.Identity, error) { return forGateway(people.who.Upgrade(r)) },
		Verify: func(ctx context.Context, raw string) (gateway.Identity, error) {
			return forGateway(people.who.Token(ctx, raw))
		},
	})
	undo.add("sockets", 4*time.Second, func(ctx context.Context) error {
		return inTime(set.Logger, "sockets whose clients did not answer the goodbye were reset", gate.Shutdown(ctx))
	})
	newGatewayMetrics(registry, gate, c.service)
	commands, err := admin.Listen(c.dir, &admin.Local{
		Chat: c.service, Passwords: people.passwords, Tokens: c.tokens, Guests: people.guests, Setup: people.setup,
	}, set.Logger)
	if err != nil {
		return nil, err
	}
	undo.add("command socket", time.Second, commands.Close)
	handler, err := httpapi.New(httpapi.Config{
		Chat: c.service, Auth: people.who, Accounts: people.accounts, Cookies: people.cookies, Setup: people.setup, Throttle: limits,
		Pictures: pictures, Profiles: limits.Profile, Presence: gate, CursorMoved: gate.CursorMoved, Metrics: registry, Logger: set.Logger, Connects: limits, Version: Version(),
		Trusted: set.TrustedProxies, PublicURL: set.publicURL(), Prefix: set.prefix, Host: set.site(), AllowOrigin: set.allowOrigin,
		Dist: web.Dist(),
		Sockets: []httpapi.Socket{
			{Pattern: "GET /ws", Handler: http.HandlerFunc(gate.ServeAll)},
			{Pattern: "GET /ws/room/{name}", Handler: http.HandlerFunc(gate.ServeRoom)},
		},
	})
	return &parts{handler: handler, setup: people.setup, host: people.host}, err
}

// parts is what a Server keeps of what was built.
type parts struct {
	handler *httpapi.Handler
	setup   *auth.Setup // nil: somebody has an account, or there are none
	host    *auth.Host  // nil: there is no Authenticator
}

// authenticator finds out who asks: auth.Authenticator, or auth.Host inside another server.
type authenticator interface {
	httpapi.Authenticator
	Upgrade(r *http.Request) (auth.Identity, error)
	Token(ctx context.Context, raw string) (auth.Identity, error)
}

// people is how somebody comes in and is known again.
type people struct {
	passwords *auth.Passwords
	guests    *auth.Guests // nil: there are none
	cookies   auth.Cookies
	setup     *auth.Setup // nil: somebody has an account
	who       authenticator
	host      *auth.Host // nil: there is none
	accounts  *auth.Accounts
}

func (c *core) people(ctx context.Context, set *settings, throttle auth.Throttle, guestEnded func(chat.UserID)) (*people, error) {
	p := &people{passwords: auth.NewPasswords(auth.DefaultParams), cookies: auth.Cookies{Path: set.prefix + "/"}}
	if set.Guests {
		p.guests = newGuests(c.service)
	}
	hasAccounts, err := c.service.SetUp(ctx)
	if err != nil {
		return nil, err
	}
	if p.host = c.host(set); p.host == nil && !hasAccounts {
		p.setup = auth.NewSetup(nil)
	}
	if p.who = p.host; p.host == nil {
		p.who = auth.NewAuthenticator(auth.AuthenticatorConfig{
			Tokens: c.tokens, Sessions: c.service, Guests: p.guests, Cookies: p.cookies, TokenTTL: set.TokenTTL,
		})
	}
	p.accounts = auth.NewAccounts(auth.AccountsConfig{
		Chat: c.service, Tokens: c.tokens, Passwords: p.passwords, Guests: p.guests, Mode: auth.Mode(set.Registration),
		Setup: p.setup, Throttle: throttle, TokenTTL: set.TokenTTL, GuestEnded: guestEnded,
	})
	return p, nil
}

func newGuests(service *chat.Service) *auth.Guests {
	return auth.NewGuests(auth.Names{
		Clean:    names.Clean,
		Skeleton: names.Skeleton,
		Taken: func(ctx context.Context, name string) (bool, error) {
			_, err := service.UserByName(ctx, name)
			if chat.CodeOf(err) == chat.NotFound {
				return false, nil
			}
			return err == nil, err
		},
	}, func() string { return chat.NewUUID(time.Now()) })
}

// forGateway translates who somebody is. The gateway knows nothing of tokens but their end.
func forGateway(id auth.Identity, err error) (gateway.Identity, error) {
	return gateway.Identity{
		User: id.User.Actor(), Session: id.Session, Expires: id.Expires, Claim: id.Claim, Release: id.Release, Alive: id.Alive,
	}, err
}
