package goclient

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/parley-chat/parley/goclient/internal/ws"
)

// Options say how to connect. Either Token or TokenFunc is needed.
type Options struct {
	// Token is an access token, such as `parley token` prints. It is renewed by itself for as long as its session lives. For a
	// chat inside another server, which takes what that server gives out and nothing else, use TokenFunc.
	Token string
	// TokenFunc takes the place of Token where tokens come from elsewhere. It is asked whenever a token is needed that may be
	// fresher than the last. An error that is ErrSignedOut ends the client; after others it is asked again. It may be called
	// concurrently and must return when its context ends.
	TokenFunc func(ctx context.Context) (string, error)
	// HTTPClient is used for everything, sockets included; its Timeout bounds the handshake alone. nil: a client of its own
	// with the defaults of net/http. Redirects are refused, since the token would go with them, unless it has a CheckRedirect.
	HTTPClient *http.Client
	// Logger hears of lost and new connections, never of tokens and texts. nil: nobody does.
	Logger *slog.Logger

	pause      func(attempt int) time.Duration // between attempts to connect; nil: reconnectPause
	renewIn    func(life time.Duration) time.Duration
	queueBytes int // 0: queueBytes
}

// Client is a connection to a Parley server that comes back by itself. Its methods may be called concurrently.
type Client struct {
	base       *url.URL
	http       *http.Client
	ownHTTP    *http.Transport // nil: the caller's
	log        *slog.Logger
	tokens     tokens
	pause      func(attempt int) time.Duration
	renewIn    func(life time.Duration) time.Duration // when to renew a token that lives so long
	queueBytes int
	places     chan struct{} // one for each open send

	ctx    context.Context // until Close
	cancel context.CancelFunc
	done   chan struct{} // closed when the last goroutine has ended

	mu      sync.Mutex
	user    User
	link    *link         // nil: not connected
	changed chan struct{} // closed and replaced when link or err change
	err     error         // why everything is over
	subs    map[string]*Subscription
	sends   map[string]*send // by client id
}

// Connect opens a connection to the server at an http or https URL, with the path if it has one. ctx bounds that and
// nothing else. It tries once: an address that is wrong, or a server that is down, is an error at once. From then on a lost
// connection is opened again until Close, with growing pauses of up to 30 seconds. The caller owes a Close.
//
// The errors are ErrSignedOut when the token is refused, an *Error for any other refusal, that of ctx, or that of the
// network.
func Connect(ctx context.Context, serverURL string, opts Options) (*Client, error) {
	base, err := parseURL(serverURL)
	if err != nil {
		return nil, err
	}
	if (opts.Token == "") == (opts.TokenFunc == nil) {
		return nil, errors.New("goclient: one of Options.Token and Options.TokenFunc is needed")
	}
	c := &Client{
		base: base, http: opts.HTTPClient, log: opts.Logger, pause: opts.pause, renewIn: opts.renewIn, queueBytes: opts.queueBytes,
		places: make(chan struct{}, sendsOpen), done: make(chan struct{}), changed: make(chan struct{}),
		subs: map[string]*Subscription{}, sends: map[string]*send{},
	}
	c.setDefaults()
	c.tokens = tokens{c: c, from: opts.TokenFunc, held: opts.Token}
	c.ctx, c.cancel = context.WithCancel(context.WithoutCancel(ctx))
	l, err := c.dial(ctx, "")
	if err != nil {
		c.cancel()
		c.closeIdle()
		if _, final := verdict(err); final {
			err = signedOut(err)
		}
		return nil, err
	}
	c.mu.Lock()
	c.attach(l)
	c.mu.Unlock()
	go c.run(l)
	return c, nil
}

func (c *Client) setDefaults() {
	if c.http == nil {
		c.ownHTTP = http.DefaultTransport.(*http.Transport).Clone()
		c.ownHTTP.MaxResponseHeaderBytes = 64 << 10
		c.http = &http.Client{Transport: c.ownHTTP}
	}
	if c.http.CheckRedirect == nil {
		careful := *c.http
		careful.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		c.http = &careful
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.pause == nil {
		c.pause = reconnectPause
	}
	if c.renewIn == nil {
		c.renewIn = renewIn
	}
	if c.queueBytes == 0 {
		c.queueBytes = queueBytes
	}
}

func parseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		shown, _, _ := strings.Cut(raw, "?") // perhaps a token is behind it, or a password before the @
		shown = shown[strings.LastIndexByte(shown, '@')+1:]
		return nil, fmt.Errorf("goclient: %q is not a URL with http or https and a host alone, such as https://chat.example.org", shown)
	}
	return u, nil
}

// User is who the client speaks for, as of the last connection.
func (c *Client) User() User {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.user
}

// Close ends the connection and all subscriptions, and returns when every goroutine of the client has ended. Calls that
// wait return ErrClosed, a Send whose message may have been stored an *UnknownOutcomeError. It may be called more than
// once.
func (c *Client) Close() {
	c.cancel()
	<-c.done
}

// ended is why everything is over.
func (c *Client) ended() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// endedOr is why everything is over; otherwise if it is not yet.
func (c *Client) endedOr(otherwise error) error {
	if err := c.ended(); err != nil {
		return err
	}
	return otherwise
}

func (c *Client) closeIdle() {
	if c.ownHTTP != nil {
		c.ownHTTP.CloseIdleConnections()
	}
}

// attach makes l the connection. c.mu is held.
func (c *Client) attach(l *link) {
	c.link, c.user = l, l.user
	c.announce()
}

// announce wakes who waits for a connection. c.mu is held.
func (c *Client) announce() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// detach takes the connection away from everything that used it.
func (c *Client) detach() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.link = nil
	for id := range c.sends {
		c.settle(id, answer{lost: true})
	}
	for _, s := range c.subs {
		if s.state == asked || s.state == live {
			s.state, s.askAt = off, time.Time{}
		}
	}
	c.announce()
}

// finish is the end of everything.
func (c *Client) finish(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
	for _, s := range c.subs {
		s.end(err)
	}
	c.announce()
	c.closeIdle()
}

// goodLife is how long a connection must have lived for the next pause to be short again.
const goodLife = 5 * time.Second

// run serves one connection after another.
func (c *Client) run(l *link) {
	defer close(c.done)
	defer c.cancel()
	for attempt := 0; ; {
		began := time.Now()
		why := c.serve(l)
		c.detach()
		if time.Since(began) >= goodLife {
			attempt = 0
		}
		if l, attempt = c.again(l, why, attempt); l == nil {
			return
		}
		c.log.Info("connected again")
		c.mu.Lock()
		c.attach(l)
		c.mu.Unlock()
	}
}

// again opens the next connection after the last has ended; nil when there is none any more.
func (c *Client) again(last *link, why error, attempt int) (*link, int) {
	stale, hint := "", last.goodbye
	for {
		how, final := verdict(why)
		switch {
		case c.ctx.Err() != nil:
			c.finish(ErrClosed)
			return nil, 0
		case final:
			c.log.Error("signed out", "err", why)
			c.finish(signedOut(why))
			return nil, 0
		}
		pause := max(hint, how.after)
		if pause == 0 && !(how.now && attempt == 0) {
			pause = c.pause(attempt)
		}
		attempt++
		if how.freshToken && last != nil {
			stale = last.token
		}
		c.log.Warn("not connected", "err", why, "again_in", pause.Round(time.Millisecond))
		if sleep(c.ctx, pause) != nil {
			continue
		}
		l, err := c.dial(c.ctx, stale)
		if err == nil {
			return l, attempt
		}
		why, last, hint = err, nil, 0
	}
}

// next is how to go on after an end.
type next struct {
	now        bool          // at once, if it is the first time
	freshToken bool          // the old one is of no use
	after      time.Duration // the server's wish
}

// verdict judges why a connection ended or did not come about. final means that no further attempt would help.
func verdict(err error) (how next, final bool) {
	if errors.Is(err, ErrSignedOut) {
		return how, true
	}
	closed, refused := (*ws.CloseError)(nil), (*Error)(nil)
	switch {
	case errors.As(err, &closed):
		switch closed.Code {
		case 4001:
			return next{now: true, freshToken: true}, false
		case 4002:
			return how, true
		case 4005:
			return next{now: true}, false
		}
	case errors.As(err, &refused):
		return next{after: refused.RetryAfter}, false
	}
	return how, false
}

// signedOut makes err an ErrSignedOut if it is not one.
func signedOut(err error) error {
	if errors.Is(err, ErrSignedOut) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrSignedOut, err)
}

// reconnectPause is 0.5 to 1 s at random, then twice as long each time, up to 30 s.
func reconnectPause(attempt int) time.Duration {
	return min(30*time.Second, (500+rand.N(500*time.Millisecond)/time.Millisecond)*time.Millisecond<<min(attempt, 10))
}
