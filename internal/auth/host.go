package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// HostIdentity is who the host says that somebody is.
type HostIdentity struct {
	chat.External
	Expires time.Time // when the host's session ends; zero: not by itself
	Key     string    // the host's own name of the session, 1 to maxHostKey bytes; never stored, only a hash under our key
}

// HostConfig is what a Host is made of. Chat, Tokens, Ask and Secret are required.
type HostConfig struct {
	Chat   *chat.Service
	Tokens *Tokens
	// Ask says who makes a request. ErrStranger, wrapped or not, means that the host knows nobody; any other error that the
	// host cannot tell now.
	Ask func(*http.Request) (HostIdentity, error)
	// Check says who a session belongs to, as Ask does; nil: sessions end by Revoke and by their time alone.
	Check  func(ctx context.Context, key string) (HostIdentity, error)
	Secret []byte // key under which session keys are hashed
	Logger *slog.Logger
}

// ErrStranger is what the host answers about somebody whom it does not know.
var ErrStranger = errors.New("nobody is signed in")

const (
	maxHostKey = 4096             // bytes
	askTime    = 5 * time.Second  // for the host to say who somebody is
	endedTime  = 10 * time.Minute // for which a key is remembered whose session ended before it was ever seen here
	maxHosted  = 100_000          // such keys; beyond, the oldest are forgotten
)

// Host finds out who asks by asking the server that Parley is part of, for each request. It takes the place of
// Authenticator and may be used concurrently. What the host does wrong, panics too, is logged without what the request
// brought with it, and refused.
type Host struct {
	cfg      HostConfig
	checking chan struct{} // holds a token while Check is called

	mu    sync.Mutex
	ended map[[sha256.Size]byte]time.Time // keys that were revoked, by their secret
	queue [][sha256.Size]byte             // the same, oldest first
}

// NewHost puts a Host together.
func NewHost(cfg HostConfig) *Host {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	return &Host{cfg: cfg, checking: make(chan struct{}, 1), ended: map[[sha256.Size]byte]time.Time{}}
}

// Request finds out who makes a request. Unauthenticated for whom the host does not know, Forbidden for a disabled account
// and for a session that is somebody else's here, Overloaded while the host cannot tell.
func (h *Host) Request(r *http.Request) (Identity, error) {
	ctx, cancel := context.WithTimeout(r.Context(), askTime)
	defer cancel()
	said, err := h.asked(r.Context(), func() (HostIdentity, error) { return h.cfg.Ask(r.WithContext(ctx)) }, secretsOf(r)...)
	if err != nil {
		return Identity{}, err
	}
	return h.enter(ctx, said, r.UserAgent())
}

// Refresher is Request: the host alone says whether a session goes on.
func (h *Host) Refresher(r *http.Request) (Identity, error) { return h.Request(r) }

// Upgrade finds out who opens a socket. A browser sends cookies whoever's page asks, and nobody but the host knows whether
// its word rests on one. So a request with a cookie needs exactly one Origin, Forbidden otherwise; whether that origin is
// allowed is the gateway's to say. One without cookies, as programs send it, needs none.
func (h *Host) Upgrade(r *http.Request) (Identity, error) {
	who, err := h.Request(r)
	if err == nil && len(r.Header.Values("Cookie")) > 0 && len(r.Header.Values("Origin")) != 1 {
		return Identity{}, chat.Errorf(chat.Forbidden, "auth", "a cookie opens a socket for a page alone: the header Origin must be given once")
	}
	return who, err
}

// Token finds out whose token this is, which Accounts.Refresh has given out. It extends a socket and is good for nothing
// else: requests are the host's to judge.
func (h *Host) Token(ctx context.Context, raw string) (Identity, error) {
	access, err := h.cfg.Tokens.ParseAccess(raw)
	if err != nil {
		return Identity{}, err
	}
	se, user, err := h.cfg.Chat.Session(ctx, access.Session)
	if err != nil {
		return Identity{}, err
	}
	if user.ID != access.User || user.ExternalID == "" {
		return Identity{}, errBadToken
	}
	return Identity{User: user, Session: se.ID, Expires: access.Expires}, nil
}

// Revoke ends the session of a key: it never lets anybody in again, also where a request with it is under way.
func (h *Host) Revoke(ctx context.Context, key string) error {
	secret := h.secret(key)
	h.remember(secret)
	return h.cfg.Chat.RevokeSecret(ctx, secret[:])
}

// enter brings the host's word into our own form.
func (h *Host) enter(ctx context.Context, said HostIdentity, userAgent string) (Identity, error) {
	now := h.cfg.Tokens.Now()
	switch {
	case said.Key == "" || len(said.Key) > maxHostKey:
		h.cfg.Logger.ErrorContext(ctx, "the host gave no session key, or one that is too long", "external_id", said.ID)
		return Identity{}, errHost()
	case !said.Expires.IsZero() && !now.Before(said.Expires):
		return Identity{}, errExpired
	}
	if said.Expires.Year() > 9999 {
		said.Expires = time.Time{} // RFC 3339 ends there, and no browser reads more
	}
	secret := h.secret(said.Key)
	se, user, err := h.cfg.Chat.Enter(ctx, said.External, secret[:], userAgent)
	switch chat.CodeOf(err) {
	case "":
	case chat.Invalid:
		h.cfg.Logger.ErrorContext(ctx, "the host says of somebody what cannot be", "err", err)
		return Identity{}, errHost()
	default:
		return Identity{}, err
	}
	// Only now: if Revoke came before this it is remembered, and if it comes later it finds the session.
	if h.isEnded(secret) {
		if err := h.cfg.Chat.RevokeSession(ctx, se.ID); err != nil {
			return Identity{}, err
		}
		return Identity{}, chat.Errorf(chat.Unauthenticated, "auth", "this session has been signed out")
	}
	return Identity{
		User: user, Session: se.ID, Expires: said.Expires.UTC(), Ends: said.Expires, Alive: h.alive(said, userAgent),
	}, nil
}

// alive asks the host whether a session goes on, and takes over what it says of its person now. Unauthenticated once it
// does not; then it is also revoked here.
func (h *Host) alive(was HostIdentity, userAgent string) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, askTime)
		defer cancel()
		now := was
		if h.cfg.Check != nil {
			said, err := h.checked(ctx, was.Key)
			if chat.CodeOf(err) == chat.Unauthenticated {
				return errors.Join(err, h.Revoke(ctx, was.Key))
			}
			if err != nil {
				return err
			}
			if said.Key == "" {
				said.Key = was.Key
			}
			now = said
		}
		if now.ID != was.ID || now.Key != was.Key {
			return errors.Join(chat.Errorf(chat.Unauthenticated, "auth", "this session is somebody else's by now"), h.Revoke(ctx, was.Key))
		}
		if h.cfg.Check == nil {
			return nil
		}
		_, err := h.enter(ctx, now, userAgent)
		return err
	}
}

// checked asks the host about a session, one call at a time. A call that does not come back by the end of ctx is left
// alone, and until it does no other begins: a host that hangs holds nobody up here and costs one goroutine.
func (h *Host) checked(ctx context.Context, key string) (HostIdentity, error) {
	select {
	case h.checking <- struct{}{}:
	case <-ctx.Done():
		return HostIdentity{}, errHost()
	}
	type answer struct {
		said HostIdentity
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		defer func() { <-h.checking }()
		said, err := h.asked(ctx, func() (HostIdentity, error) { return h.cfg.Check(ctx, key) }, key)
		answers <- answer{said, err}
	}()
	select {
	case a := <-answers:
		return a.said, a.err
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			h.cfg.Logger.Error("the host's Checker does not answer", "within", askTime)
		}
		return HostIdentity{}, errHost()
	}
}

// asked takes the host's answer, and makes errors of ours of what it does wrong. What is in secrets does not reach the log.
// While ctx lives, that is: who has gone need not be told of.
func (h *Host) asked(ctx context.Context, ask func() (HostIdentity, error), secrets ...string) (said HostIdentity, err error) {
	defer func() {
		if v := recover(); v != nil {
			h.cfg.Logger.Error("the host's authenticator panicked", "panic", scrubbed(fmt.Sprint(v), secrets))
			said, err = HostIdentity{}, errHost()
		}
	}()
	said, err = ask()
	switch {
	case err == nil:
		return said, nil
	case errors.Is(err, ErrStranger):
		return HostIdentity{}, chat.Errorf(chat.Unauthenticated, "auth", "nobody is signed in: sign in at the site that this chat is part of")
	case ctx.Err() == nil:
		h.cfg.Logger.Error("the host cannot say who somebody is", "err", scrubbed(err.Error(), append(secrets, said.Key)))
	}
	return HostIdentity{}, errHost()
}

// errHost is what people hear of whatever the host does wrong.
func errHost() error {
	return &chat.Error{Code: chat.Overloaded, Op: "auth", Message: "the site that this chat is part of cannot say who you are: try again in a moment", RetryAfter: 2 * time.Second}
}

// secretsOf is what proves who makes a request: values of cookies, of Authorization and of the address, for a host may take
// any parameter for a ticket.
func secretsOf(r *http.Request) []string {
	var secrets []string
	for _, line := range r.Header.Values("Cookie") { // r.Cookies leaves out what is malformed
		for pair := range strings.SplitSeq(line, ";") {
			_, value, _ := strings.Cut(pair, "=")
			secrets = append(secrets, strings.Trim(value, `" `))
		}
	}
	for _, v := range r.Header.Values("Authorization") {
		scheme, rest, _ := strings.Cut(v, " ")
		secrets = append(secrets, v, strings.TrimSpace(rest))
		if _, password, ok := r.BasicAuth(); ok && strings.EqualFold(scheme, "Basic") {
			secrets = append(secrets, password)
		}
	}
	for _, values := range r.URL.Query() {
		secrets = append(secrets, values...)
	}
	return secrets
}

// scrubbed takes secrets out of a text, also where they are quoted or no longer percent-encoded.
func scrubbed(text string, secrets []string) string {
	var forms []string
	for _, s := range secrets {
		forms = append(forms, s)
		for _, decode := range []func(string) (string, error){url.QueryUnescape, url.PathUnescape} {
			if plain, err := decode(s); err == nil {
				forms = append(forms, plain)
			}
		}
	}
	for _, s := range forms {
		quoted := strconv.Quote(s)
		forms = append(forms, quoted[1:len(quoted)-1])
	}
	// The longest first: one that begins with another must not lose its beginning alone.
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	for _, s := range forms {
		if len(s) >= 4 {
			text = strings.ReplaceAll(text, s, "[redacted]")
		}
	}
	return text
}

// secret is what stands for a key here. Without our own key nobody can tell from the database whether they have guessed one.
func (h *Host) secret(key string) (secret [sha256.Size]byte) {
	mac := hmac.New(sha256.New, h.cfg.Secret)
	mac.Write([]byte("host session\x00" + key))
	copy(secret[:], mac.Sum(nil))
	return secret
}

func (h *Host) remember(secret [sha256.Size]byte) {
	now := h.cfg.Tokens.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, twice := h.ended[secret]; !twice {
		h.queue = append(h.queue, secret)
	}
	h.ended[secret] = now
	for len(h.queue) > maxHosted || len(h.queue) > 0 && now.Sub(h.ended[h.queue[0]]) > endedTime {
		delete(h.ended, h.queue[0])
		h.queue = h.queue[1:]
	}
}

func (h *Host) isEnded(secret [sha256.Size]byte) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, ended := h.ended[secret]
	return ended
}
