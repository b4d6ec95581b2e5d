package auth

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/limit"
	"github.com/parley-chat/parley/internal/names"
)

// hashing is one computation of a password's hash.
type hashing struct {
	params Params
	bytes  int // of the password
}

// house is Accounts with everything real but the cost of a hash.
type house struct {
	*Accounts
	who      *Authenticator
	chat     *chat.Service
	tokens   *Tokens
	guests   *Guests
	setup    *Setup
	clock    *clock
	limits   *limit.Limiter
	home     Client
	byBearer func(token string) (Identity, error)

	mu     sync.Mutex
	hashed []hashing
	ended  []chat.SessionID
	gone   []chat.UserID

	onEnded func() // is called when the next session ends
}

// newHouse has no limits unless change sets them.
func newHouse(t *testing.T, change func(*house, *AccountsConfig)) *house {
	t.Helper()
	h := &house{clock: newClock(), home: Client{Addr: netip.MustParseAddr("192.0.2.1"), UserAgent: "a browser"}}
	h.tokens = newTokens(t, h.clock)
	h.chat = chat.NewService(chat.Config{
		Store: chattest.NewStore(), Skeleton: names.Skeleton, CleanName: names.Clean, Now: h.clock.now,
		Logger: slog.New(slog.DiscardHandler), SessionEnded: func(id chat.SessionID) {
			h.ended = append(h.ended, id)
			if f := h.onEnded; f != nil {
				h.onEnded = nil
				f()
			}
		},
	})
	t.Cleanup(func() {
		if err := h.chat.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	h.setup = NewSetup(h.clock.now)
	h.limits = limit.New(limit.Options{Now: h.clock.now})
	h.guests = NewGuests(Names{Clean: names.Clean, Skeleton: names.Skeleton, Taken: func(ctx context.Context, name string) (bool, error) {
		_, err := h.chat.UserByName(ctx, name)
		return err == nil, nil
	}}, func() string { return chat.NewUUID(h.clock.t) })
	cfg := AccountsConfig{
		Chat: h.chat, Tokens: h.tokens, Guests: h.guests, Setup: h.setup,
		GuestEnded: func(id chat.UserID) { h.gone = append(h.gone, id) },
	}
	if change != nil {
		change(h, &cfg)
	}
	if cfg.Passwords == nil {
		cfg.Passwords = NewPasswords(cheap)
	}
	compute := cfg.Passwords.compute
	cfg.Passwords.compute = func(p Params, password string, salt []byte, size uint32) []byte {
		h.mu.Lock()
		h.hashed = append(h.hashed, hashing{p, len(password)})
		h.mu.Unlock()
		return compute(p, password, salt, size)
	}
	h.Accounts = NewAccounts(cfg)
	h.who = NewAuthenticator(AuthenticatorConfig{Tokens: h.tokens, Sessions: h.chat, Guests: cfg.Guests})
	h.byBearer = func(token string) (Identity, error) { return h.who.Request(request("/x", "Bearer "+token)) }
	return h
}

// member makes an account by the command line's way.
func (h *house) member(t *testing.T, name, email, password string) chat.User {
	t.Helper()
	hash := ""
	if password != "" {
		var err error
		if hash, err = h.cfg.Passwords.Hash(t.Context(), password); err != nil {
			t.Fatal(err)
		}
	}
	u, err := h.chat.CreateUser(t.Context(), chat.NewUser{Name: name, Email: email, PasswordHash: hash})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (h *house) login(t *testing.T, c Client, name, password string) SignIn {
	t.Helper()
	in, err := h.Login(t.Context(), c, name, password)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// identity is what the cookie of a sign-in leads to.
func (h *house) identity(in SignIn) (Identity, error) {
	return h.who.Request(byCookie("/x", in.Cookie))
}

// lives says whether both the token and the cookie of a sign-in are good.
func (h *house) lives(t *testing.T, in SignIn) bool {
	t.Helper()
	_, byToken := h.byBearer(in.Token)
	_, byCookie := h.identity(in)
	if chat.CodeOf(byToken) != chat.CodeOf(byCookie) {
		t.Errorf("the token says %v, the cookie %v", byToken, byCookie)
	}
	return byToken == nil
}

// work is what was hashed since the last call.
func (h *house) work() []hashing {
	h.mu.Lock()
	defer h.mu.Unlock()
	done := h.hashed
	h.hashed = nil
	return done
}

const goodPassword = "correct horse"

func TestLogin(t *testing.T) {
	h := newHouse(t, nil)
	ann := h.member(t, "ann", "Ann@example.org", goodPassword)
	for _, name := range []string{"ann", " ANN ", "ann@example.org", "ANN@EXAMPLE.ORG"} {
		in := h.login(t, h.home, name, goodPassword)
		if in.User.ID != ann.ID || in.CookieAge != chat.SessionIdle || !in.Expires.Equal(h.clock.t.Add(AccessTTL)) || in.Device == "" {
			t.Errorf("%q: got %+v", name, in)
		}
		byToken, err := h.byBearer(in.Token)
		if err != nil || byToken.User.ID != ann.ID || byToken.Cookie {
			t.Errorf("%q: the token says %+v, %v", name, byToken, err)
		}
		byCookie, err := h.identity(in)
		if err != nil || byCookie.User.ID != ann.ID || byCookie.Session != byToken.Session {
			t.Errorf("%q: the cookie says %+v, %v; the token %+v", name, byCookie, err, byToken)
		}
	}
	sessions, err := h.chat.Sessions(t.Context(), ann.ID)
	if err != nil || len(sessions) != 4 || sessions[0].UserAgent != "a browser" {
		t.Errorf("sessions are %+v, %v", sessions, err)
	}
}

// Attack 40: whoever does not know the password learns nothing, neither from the answer nor from the work behind it.
func TestAttack40LoginTellsNothing(t *testing.T) {
	h := newHouse(t, nil)
	h.member(t, "ann", "ann@example.org", goodPassword)
	h.member(t, "nopass", "nopass@example.org", "")
	dan := h.member(t, "dan", "dan@example.org", goodPassword)
	if _, err := h.chat.SetDisabled(t.Context(), chat.Operator, dan.ID, true); err != nil {
		t.Fatal(err)
	}
	h.work()
	for _, name := range []string{
		"ann", "ann@example.org", "nobody", "nobody@example.org", "nopass", "nopass@example.org", "dan", "dan@example.org",
		"", "@", "a,b", string(make([]byte, 5000)), "\xff",
	} {
		for what, password := range map[string]string{
			"wrong": "wrong horse", "empty": "", "short": "x", "longest": string(make([]byte, MaxPassword)), "not UTF-8": "\xff\xfe",
		} {
			_, err := h.Login(t.Context(), h.home, name, password)
			if err != error(errWrong) {
				t.Errorf("%.20q with a %s password: %v", name, what, err)
			}
			if done, want := h.work(), []hashing{{cheap, len(password)}}; !slices.Equal(done, want) {
				t.Errorf("%.20q with a %s password: the work was %v, want %v", name, what, done, want)
			}
		}
	}
	if _, err := h.Login(t.Context(), h.home, "dan", goodPassword); chat.CodeOf(err) != chat.Forbidden {
		t.Errorf("a disabled account, to whom knows its password: %v", err)
	}
}

// Attack 40: nor from being held up. What is guessed at is a name or an address, whether anybody has it or not.
func TestAttack40BeingHeldUpTellsNothing(t *testing.T) {
	count := func(name string) int {
		h := newHouse(t, func(h *house, cfg *AccountsConfig) { cfg.Throttle = h.limits })
		h.member(t, "ann", "ann@example.org", goodPassword)
		for i := range 50 {
			if _, err := h.Login(t.Context(), h.home, name, "wrong horse"); chat.CodeOf(err) == chat.RateLimited {
				return i
			}
		}
		return -1
	}
	for _, name := range []string{"ann", "nobody", "ann@example.org", "nobody@example.org"} {
		if got := count(name); got != limit.AccountTries {
			t.Errorf("%s is held up after %d tries, want %d", name, got, limit.AccountTries)
		}
	}
	h := newHouse(t, func(h *house, cfg *AccountsConfig) { cfg.Throttle = h.limits })
	h.member(t, "ann", "ann@example.org", goodPassword)
	for range limit.AccountTries {
		_, _ = h.Login(t.Context(), h.home, "ann", "wrong horse")
	}
	for _, same := range []string{"ANN", " ann ", "\u0430nn"} { // the last with a Cyrillic letter
		if _, err := h.Login(t.Context(), h.home, same, "wrong horse"); chat.CodeOf(err) != chat.RateLimited {
			t.Errorf("%q gives further tries at ann: %v", same, err)
		}
	}
	if _, err := h.Login(t.Context(), h.home, "ann@example.org", "wrong horse"); err != error(errWrong) {
		t.Errorf("the answer says that the address is ann's: %v", err)
	}
}

// Attack 41: ten thousand guesses at one account from as many addresses. Few are looked at, and the owner's own device
// gets in meanwhile; so does a new one, once it is its turn.
func TestAttack41GuessesAreSlowedAndTheOwnerGetsIn(t *testing.T) {
	h := newHouse(t, func(h *house, cfg *AccountsConfig) { cfg.Throttle = h.limits })
	h.member(t, "ann", "", goodPassword)
	phone := h.home
	phone.Device = h.login(t, h.home, "ann", goodPassword).Device
	h.work()
	looked := 0
	for i := range 10_000 {
		from := Client{Addr: netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})}
		_, err := h.Login(t.Context(), from, "ann", fmt.Sprint("guess ", i))
		switch chat.CodeOf(err) {
		case chat.Unauthenticated:
			looked++
		case chat.RateLimited:
			if e := err.(*chat.Error); e.RetryAfter <= 0 {
				t.Fatalf("no retry_after: %v", e)
			}
		default:
			t.Fatal(err)
		}
	}
	if done := len(h.work()); looked > limit.StrangerTries || done != looked {
		t.Errorf("%d guesses of 10000 were looked at, and %d hashes made; want at most %d", looked, done, limit.StrangerTries)
	}
	if _, err := h.Login(t.Context(), h.home, "ann", goodPassword); chat.CodeOf(err) != chat.RateLimited {
		t.Errorf("a device that nobody knows, meanwhile: %v", err)
	}
	for range 3 * limit.AccountTries {
		if in := h.login(t, phone, "ann", goodPassword); in.Device != "" {
			t.Error("the device gets another token each time")
		}
	}
	stolen := phone
	stolen.Addr = netip.MustParseAddr("198.51.100.1")
	for range limit.AccountTries {
		_, _ = h.Login(t.Context(), stolen, "ann", "wrong horse")
	}
	if _, err := h.Login(t.Context(), stolen, "ann", goodPassword); chat.CodeOf(err) != chat.RateLimited {
		t.Errorf("a known device may guess for ever: %v", err)
	}
	h.clock.t = h.clock.t.Add(limit.StrangerEvery)
	h.login(t, h.home, "ann", goodPassword)
}

// A device is known for the account that it has signed in to, and for no other.
func TestADeviceIsKnownForItsAccount(t *testing.T) {
	h := newHouse(t, func(h *house, cfg *AccountsConfig) { cfg.Throttle = h.limits })
	ann, eve := h.member(t, "ann", "", goodPassword), h.member(t, "eve", "", goodPassword)
	c := h.home
	c.Device = h.login(t, h.home, "eve", goodPassword).Device
	if h.knownDevice(c.Device, eve.ID) == "" || h.knownDevice(c.Device, ann.ID) != "" || h.knownDevice(c.Device, "") != "" || h.knownDevice("x", eve.ID) != "" {
		t.Error("the device is known for the wrong account")
	}
	for range limit.AccountTries {
		_, _ = h.Login(t.Context(), h.home, "ann", "wrong horse")
	}
	if _, err := h.Login(t.Context(), c, "ann", "wrong horse"); chat.CodeOf(err) != chat.RateLimited {
		t.Errorf("eve's device has tries of its own at ann: %v", err)
	}
	h.clock.t = h.clock.t.Add(time.Hour)
	in := h.login(t, c, "ann", goodPassword)
	if got := h.knownDevice(in.Device, ann.ID); got == "" || got == h.knownDevice(c.Device, eve.ID) {
		t.Errorf("ann's device is %q", got)
	}
	h.clock.t = h.clock.t.Add(DeviceTTL/2 + time.Hour)
	c.Device = in.Device
	if again := h.login(t, c, "ann", goodPassword); again.Device == "" || h.knownDevice(again.Device, ann.ID) != h.knownDevice(in.Device, ann.ID) {
		t.Error("an old device's token is not renewed")
	}
}

// Attack 42: a megabyte for a password is refused, or is a wrong one, without having been hashed.
func TestAttack42AMegabyteIsNotHashed(t *testing.T) {
	h := newHouse(t, func(_ *house, cfg *AccountsConfig) { cfg.Mode = ModeOpen })
	h.member(t, "ann", "", goodPassword)
	who, err := h.byBearer(h.login(t, h.home, "ann", goodPassword).Token)
	if err != nil {
		t.Fatal(err)
	}
	h.work()
	long := string(make([]byte, 1<<20))
	if _, err := h.Register(t.Context(), h.home, Registration{Name: "bob", Password: long}); chat.CodeOf(err) != chat.TooLarge {
		t.Errorf("register: %v", err)
	}
	if _, err := h.ChangePassword(t.Context(), h.home, who, goodPassword, long); chat.CodeOf(err) != chat.TooLarge {
		t.Errorf("change: %v", err)
	}
	if done := h.work(); len(done) != 0 {
		t.Errorf("was hashed: %v", done)
	}
	for _, name := range []string{"ann", "nobody"} {
		if _, err := h.Login(t.Context(), h.home, name, long); err != error(errWrong) {
			t.Errorf("login: %v", err)
		}
		if done := h.work(); !slices.Equal(done, []hashing{{cheap, 0}}) {
			t.Errorf("login as %s: the work was %v", name, done)
		}
	}
}

// Attack 45: a session that was there before somebody signs in is not the one they have afterwards, and does not live on.
func TestAttack45SessionFixation(t *testing.T) {
	h := newHouse(t, func(_ *house, cfg *AccountsConfig) { cfg.Mode = ModeOpen })
	h.member(t, "ann", "", goodPassword)
	h.member(t, "eve", "", "evil horse")
	guest := func(t *testing.T) SignIn {
		in, err := h.Guest(t.Context(), h.home, "gus", "")
		if err != nil {
			t.Fatal(err)
		}
		return in
	}
	for what, next := range map[string]func(Client) (SignIn, error){
		"login": func(c Client) (SignIn, error) { return h.Login(t.Context(), c, "ann", goodPassword) },
		"register": func(c Client) (SignIn, error) {
			return h.Register(t.Context(), c, Registration{Name: chattest.Name("new"), Password: goodPassword})
		},
		"guest": func(c Client) (SignIn, error) { return h.Guest(t.Context(), c, chattest.Name("g"), "") },
	} {
		for whose, planted := range map[string]SignIn{"eve's": h.login(t, h.home, "eve", "evil horse"), "a guest's": guest(t)} {
			c := h.home
			c.OldSession = planted.Cookie
			if _, err := h.Login(t.Context(), c, "ann", "wrong horse"); err == nil || !h.lives(t, planted) {
				t.Errorf("%s over %s session: a wrong password ends it", what, whose)
			}
			in, err := next(c)
			if err != nil {
				t.Fatal(err)
			}
			if in.Cookie == planted.Cookie || !h.lives(t, in) || h.lives(t, planted) {
				t.Errorf("%s over %s session: the old one lives %v, the new one %v", what, whose, h.lives(t, planted), h.lives(t, in))
			}
		}
	}
	for _, old := range []string{"x", "g.x", memberCookie(someSecret)} { // what never was is no obstacle
		c := h.home
		c.OldSession = old
		h.login(t, c, "ann", goodPassword)
	}
}

func TestLogout(t *testing.T) {
	h := newHouse(t, nil)
	h.member(t, "ann", "", goodPassword)
	one, two := h.login(t, h.home, "ann", goodPassword), h.login(t, h.home, "ann", goodPassword)
	who, err := h.identity(one)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Logout(t.Context(), who); err != nil || h.lives(t, one) || !h.lives(t, two) {
		t.Errorf("%v; the session lives %v, the other one %v", err, h.lives(t, one), h.lives(t, two))
	}
	if !slices.Equal(h.ended, []chat.SessionID{who.Session}) {
		t.Errorf("sockets are told of %v", h.ended)
	}
	if err := h.Logout(t.Context(), who); err != nil {
		t.Errorf("again: %v", err)
	}

	gus, err := h.Guest(t.Context(), h.home, "gus", "")
	if err != nil {
		t.Fatal(err)
	}
	other, err := h.Guest(t.Context(), h.home, "other", "")
	if err != nil {
		t.Fatal(err)
	}
	if who, err = h.byBearer(gus.Token); err != nil {
		t.Fatal(err)
	}
	if err := h.Logout(t.Context(), who); err != nil || h.lives(t, gus) || !h.lives(t, other) {
		t.Errorf("%v; the guest lives %v, the other one %v", err, h.lives(t, gus), h.lives(t, other))
	}
	if !slices.Equal(h.gone, []chat.UserID{gus.User.ID}) {
		t.Errorf("sockets are told of %v", h.gone)
	}
}

func TestRefresh(t *testing.T) {
	h := newHouse(t, nil)
	h.member(t, "ann", "", goodPassword)
	in := h.login(t, h.home, "ann", goodPassword)
	gus, err := h.Guest(t.Context(), h.home, "gus", "gus@example.org")
	if err != nil {
		t.Fatal(err)
	}
	h.clock.t = h.clock.t.Add(AccessTTL + time.Hour)
	for what, c := range map[string]struct {
		request *http.Request
		cookie  string
		age     time.Duration
	}{
		"cookie": {byCookie("/x", in.Cookie), in.Cookie, chat.SessionIdle},
		"bearer": {request("/x", "Bearer "+in.Token), "", 0},
	} {
		who, err := h.who.Refresher(c.request)
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := h.Refresh(t.Context(), who)
		if err != nil || fresh.Cookie != c.cookie || fresh.CookieAge != c.age || fresh.Device != "" || !fresh.Expires.Equal(h.clock.t.Add(AccessTTL)) {
			t.Errorf("%s: got %+v, %v", what, fresh, err)
		}
		if now, err := h.byBearer(fresh.Token); err != nil || now.Session != who.Session {
			t.Errorf("%s: the fresh token says %+v, %v", what, now, err)
		}
	}
	for what, c := range map[string]struct {
		request *http.Request
		cookie  bool
	}{"guest's cookie": {byCookie("/x", gus.Cookie), true}, "guest's bearer": {request("/x", "Bearer "+gus.Token), false}} {
		who, err := h.who.Refresher(c.request)
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := h.Refresh(t.Context(), who)
		if err != nil || (fresh.Cookie == guestCookie+fresh.Token) != c.cookie || (fresh.CookieAge == GuestTTL) != c.cookie || !fresh.Expires.Equal(h.clock.t.Add(GuestTTL)) {
			t.Errorf("%s: got %+v, %v", what, fresh, err)
		}
		if now, err := h.byBearer(fresh.Token); err != nil || now.User != gus.User || now.User.Email != "gus@example.org" {
			t.Errorf("%s: the fresh token says %+v, %v", what, now, err)
		}
	}
}
