package auth

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/limit"
)

func TestWhoMayRegister(t *testing.T) {
	const forbidden = chat.Forbidden
	for _, c := range []struct {
		mode  Mode
		setUp bool // somebody has an account
		// what each of the four ways of coming leads to
		plain, setup, invite, wrongInvite chat.Code
	}{
		{"", false, forbidden, "", forbidden, forbidden},
		{ModeInvite, false, forbidden, "", forbidden, forbidden},
		{ModeOpen, false, "", "", forbidden, forbidden},
		{ModeClosed, false, forbidden, "", forbidden, forbidden},
		{ModeInvite, true, forbidden, chat.Conflict, "", forbidden},
		{ModeOpen, true, "", chat.Conflict, "", forbidden},
		{ModeClosed, true, forbidden, chat.Conflict, forbidden, forbidden},
	} {
		for way, want := range map[string]chat.Code{"plain": c.plain, "setup": c.setup, "invite": c.invite, "wrong invite": c.wrongInvite} {
			h := newHouse(t, func(_ *house, cfg *AccountsConfig) { cfg.Mode = c.mode })
			r := Registration{Name: "bob", Password: goodPassword, Email: "bob@example.org", Display: "Bob"}
			code := strings.Repeat("a", 26)
			if c.setUp {
				code = h.invite(t, chat.NewInvite{})
			}
			switch way {
			case "setup":
				r.Setup = h.setup.Code()
			case "invite":
				r.Invite = code
			case "wrong invite":
				r.Invite = strings.Repeat("b", 26)
			}
			h.work()
			in, err := h.Register(t.Context(), h.home, r)
			if chat.CodeOf(err) != want {
				t.Errorf("mode %q, set up %v, %s: got %v, want %q", c.mode, c.setUp, way, err, want)
				continue
			}
			if err != nil {
				if done := h.work(); want == forbidden && len(done) != 0 {
					t.Errorf("mode %q, set up %v, %s: a stranger had a hash computed", c.mode, c.setUp, way)
				}
				continue
			}
			role := chat.RoleMember
			if !c.setUp {
				role = chat.RoleOwner
			}
			if !h.lives(t, in) || in.User.Role != role || in.User.Email != "bob@example.org" || in.User.Display != "Bob" || in.Device == "" {
				t.Errorf("mode %q, set up %v, %s: got %+v", c.mode, c.setUp, way, in)
			}
			if h.setup.Code() != "" {
				t.Errorf("mode %q, set up %v, %s: the set-up code is still good", c.mode, c.setUp, way)
			}
			h.login(t, h.home, "bob", goodPassword)
		}
	}
}

// invite makes an owner and an invitation of theirs.
func (h *house) invite(t *testing.T, n chat.NewInvite) string {
	t.Helper()
	owner := h.member(t, "owner", "", "")
	_, code, err := h.chat.CreateInvite(t.Context(), owner.Actor(), n)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestWhatARefusalSays(t *testing.T) {
	say := func(mode Mode, setUp bool, r Registration) string {
		h := newHouse(t, func(_ *house, cfg *AccountsConfig) { cfg.Mode = mode })
		if setUp {
			h.member(t, "owner", "", "")
		}
		_, err := h.Register(t.Context(), h.home, r)
		e, ok := err.(*chat.Error)
		if !ok {
			t.Fatalf("got %v", err)
		}
		return e.Message
	}
	for want, got := range map[string]string{
		"open the set-up link":               say(ModeInvite, false, Registration{}),
		"ask somebody of this workspace":     say(ModeInvite, true, Registration{}),
		"ask for a new one":                  say(ModeOpen, true, Registration{Invite: "x"}),
		"ask whoever runs this server":       say(ModeClosed, true, Registration{}),
		"start the server again for a new":   say(ModeInvite, false, Registration{Setup: "x"}),
		"name must have 1 to 32":             say(ModeOpen, true, Registration{Password: goodPassword}),
		"the password is empty":              say(ModeOpen, true, Registration{Name: "bob"}),
		"password has fewer than 8":          say(ModeOpen, true, Registration{Name: "bob", Password: "short"}),
		"this name is in use: choose":        say(ModeOpen, true, Registration{Name: "OWNER", Password: goodPassword}),
		"email is not an address":            say(ModeOpen, true, Registration{Name: "bob", Password: goodPassword, Email: "x"}),
		"display has the control character ": say(ModeOpen, true, Registration{Name: "bob", Password: goodPassword, Display: "a\nb"}),
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it says %q, want something with %q", got, want)
		}
	}
}

func TestARegistrationThatFailsUsesNothingUp(t *testing.T) {
	h := newHouse(t, nil)
	code := h.invite(t, chat.NewInvite{MaxUses: 1})
	for _, r := range []Registration{
		{Name: "owner", Password: goodPassword, Invite: code},
		{Name: "a,b", Password: goodPassword, Invite: code},
		{Name: "bob", Password: "short", Invite: code},
		{Name: "bob", Password: goodPassword, Invite: code, Email: "x"},
	} {
		if _, err := h.Register(t.Context(), h.home, r); err == nil {
			t.Errorf("%+v was let in", r)
		}
	}
	if _, err := h.Register(t.Context(), h.home, Registration{Name: "bob", Password: goodPassword, Invite: code}); err != nil {
		t.Error(err)
	}
	if _, err := h.Register(t.Context(), h.home, Registration{Name: "cem", Password: goodPassword, Invite: code}); chat.CodeOf(err) != chat.Forbidden {
		t.Errorf("the invitation for one let in two: %v", err)
	}
}

func TestAccountsAndGuestsShareNames(t *testing.T) {
	h := newHouse(t, func(_ *house, cfg *AccountsConfig) { cfg.Mode = ModeOpen })
	_, leave, err := h.guests.Enter(t.Context(), "gus")
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Register(t.Context(), h.home, Registration{Name: "Gus", Password: goodPassword})
	wantCode(t, "an account while a guest has the name", err, chat.Conflict)
	leave()
	if _, err := h.Register(t.Context(), h.home, Registration{Name: "Gus", Password: goodPassword}); err != nil {
		t.Error(err)
	}
	_, err = h.Guest(t.Context(), h.home, "gus", "")
	wantCode(t, "a guest while a member has the name", err, chat.Conflict)
	if len(h.guests.held) != 0 {
		t.Errorf("names are still held: %v", h.guests.held)
	}
}

// While a password is hashed no guest may slip in under the name.
func TestANameIsKeptWhileItsAccountIsMade(t *testing.T) {
	h := newHouse(t, func(_ *house, cfg *AccountsConfig) { cfg.Mode = ModeOpen })
	compute := h.cfg.Passwords.compute
	h.cfg.Passwords.compute = func(p Params, password string, salt []byte, size uint32) []byte {
		_, err := h.who.Upgrade(request("/ws?username=bob"))
		wantCode(t, "a guest", err, chat.Conflict)
		return compute(p, password, salt, size)
	}
	if _, err := h.Register(t.Context(), h.home, Registration{Name: "Bob", Password: goodPassword}); err != nil {
		t.Error(err)
	}
}

// Two who have the set-up link at the same moment make one owner.
func TestTheSetupLinkTwiceAtOnce(t *testing.T) {
	h := newHouse(t, nil)
	code := h.setup.Code()
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = h.Register(t.Context(), h.home, Registration{Name: "owner" + string(rune('a'+i)), Password: goodPassword, Setup: code})
		})
	}
	wg.Wait()
	made := 0
	for _, err := range errs {
		switch chat.CodeOf(err) {
		case "":
			made++
		case chat.Conflict, chat.Forbidden:
		default:
			t.Errorf("got %v", err)
		}
	}
	if users, err := h.chat.Users(t.Context(), "", 0); err != nil || made != 1 || len(users) != 1 || users[0].Role != chat.RoleOwner {
		t.Errorf("%d were let in; there are %+v, %v", made, users, err)
	}
}

func TestRegistrationsHaveALimit(t *testing.T) {
	h := newHouse(t, func(h *house, cfg *AccountsConfig) { cfg.Mode, cfg.Throttle = ModeOpen, h.limits })
	for range limit.Registrations {
		if _, err := h.Register(t.Context(), h.home, Registration{}); chat.CodeOf(err) != chat.Invalid {
			t.Fatal(err)
		}
	}
	for what, err := range map[string]error{
		"register": second(h.Register(t.Context(), h.home, Registration{Name: "bob", Password: goodPassword})),
		"guest":    second(h.Guest(t.Context(), h.home, "gus", "")),
	} {
		if e, ok := err.(*chat.Error); !ok || e.Code != chat.RateLimited || e.RetryAfter <= 0 || e.RetryAfter > limit.RegisterEvery {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second(_ SignIn, err error) error { return err }

func TestGuest(t *testing.T) {
	h := newHouse(t, nil)
	in, err := h.Guest(t.Context(), h.home, " Gus ", " gus@example.org ")
	if err != nil {
		t.Fatal(err)
	}
	want := chat.User{ID: in.User.ID, Kind: chat.KindGuest, Name: "Gus", Role: chat.RoleGuest, Email: "gus@example.org"}
	if in.User != want || in.Cookie != guestCookie+in.Token || in.CookieAge != GuestTTL || in.Device != "" || !h.lives(t, in) {
		t.Errorf("got %+v", in)
	}
	up, err := h.who.Upgrade(byCookie("/ws", in.Cookie))
	if err != nil || up.User != want {
		t.Fatalf("got %+v, %v", up, err)
	}
	_, err = h.Guest(t.Context(), h.home, "gus", "")
	wantCode(t, "a name in use", err, chat.Conflict)
	up.Release()
	again, err := h.Guest(t.Context(), h.home, "gus", "")
	if err != nil || again.User.ID == in.User.ID {
		t.Errorf("the next guest of this name: %+v, %v", again, err)
	}
	for what, e := range map[string]error{
		"a bad name":    second(h.Guest(t.Context(), h.home, "a,b", "")),
		"a bad address": second(h.Guest(t.Context(), h.home, "ann", "x")),
	} {
		wantCode(t, what, e, chat.Invalid)
	}
	none := newHouse(t, func(_ *house, cfg *AccountsConfig) { cfg.Guests = nil })
	_, err = none.Guest(t.Context(), h.home, "gus", "")
	wantCode(t, "where there are none", err, chat.Forbidden)
	if none.GuestsAllowed() || !h.GuestsAllowed() || h.Mode() != ModeInvite {
		t.Error("it says the wrong thing of itself")
	}
}

func TestChangePassword(t *testing.T) {
	h := newHouse(t, func(h *house, cfg *AccountsConfig) { cfg.Throttle = h.limits })
	h.member(t, "ann", "", goodPassword)
	one, two := h.login(t, h.home, "ann", goodPassword), h.login(t, h.home, "ann", goodPassword)
	who, err := h.identity(one)
	if err != nil {
		t.Fatal(err)
	}
	c := h.home
	c.OldSession, c.Device = one.Cookie, one.Device
	for what, e := range map[string]struct {
		current, next string
		want          chat.Code
	}{
		"wrong current": {"wrong horse", "another horse", chat.Forbidden},
		"no current":    {"", "another horse", chat.Forbidden},
		"short next":    {goodPassword, "short", chat.Invalid},
	} {
		_, err := h.ChangePassword(t.Context(), c, who, e.current, e.next)
		wantCode(t, what, err, e.want)
	}
	if !h.lives(t, one) || !h.lives(t, two) {
		t.Error("a change that was refused ends sessions")
	}
	in, err := h.ChangePassword(t.Context(), c, who, goodPassword, "another horse")
	if err != nil {
		t.Fatal(err)
	}
	if h.lives(t, one) || h.lives(t, two) || !h.lives(t, in) || in.Device != "" {
		t.Errorf("the session lives %v, another %v, the new one %v", h.lives(t, one), h.lives(t, two), h.lives(t, in))
	}
	_, err = h.Login(t.Context(), h.home, "ann", goodPassword)
	wantCode(t, "the old password", err, chat.Unauthenticated)
	h.login(t, h.home, "ann", "another horse")

	gus, err := h.Guest(t.Context(), h.home, "gus", "")
	if err != nil {
		t.Fatal(err)
	}
	guest, err := h.identity(gus)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.ChangePassword(t.Context(), c, guest, "", "another horse")
	wantCode(t, "a guest", err, chat.Forbidden)
	for range limit.AccountTries {
		_, _ = h.ChangePassword(t.Context(), c, who, "wrong horse", "another horse")
	}
	_, err = h.ChangePassword(t.Context(), c, who, "another horse", "yet another horse")
	wantCode(t, "guessing", err, chat.RateLimited)
}

// Whoever signs in with the old password while it is being changed must not be left with a session.
func TestAPasswordThatChangesWhileSomebodySignsIn(t *testing.T) {
	h := newHouse(t, nil)
	ann := h.member(t, "ann", "", goodPassword)
	passwords := h.cfg.Passwords
	compute := passwords.compute
	var once sync.Once
	passwords.compute = func(p Params, password string, salt []byte, size uint32) []byte {
		once.Do(func() { // the change comes between reading the row and opening the session
			hash := phc{cheap, salt, compute(cheap, "another horse", salt, size)}.String()
			if err := h.chat.SetPassword(t.Context(), ann.ID, hash, nil); err != nil {
				t.Error(err)
			}
		})
		return compute(p, password, salt, size)
	}
	_, err := h.Login(t.Context(), h.home, "ann", goodPassword)
	wantCode(t, "the old password", err, chat.Unauthenticated)
	if sessions, err := h.chat.Sessions(t.Context(), ann.ID); err != nil || len(sessions) != 0 {
		t.Errorf("left over: %+v, %v", sessions, err)
	}
}

func TestSetPassword(t *testing.T) {
	h := newHouse(t, nil)
	ann := h.member(t, "ann", "", goodPassword)
	in := h.login(t, h.home, "ann", goodPassword)
	wantCode(t, "a short one", h.SetPassword(t.Context(), ann.ID, "short"), chat.Invalid)
	if !h.lives(t, in) {
		t.Error("a change that was refused ends sessions")
	}
	if err := h.SetPassword(t.Context(), ann.ID, "another horse"); err != nil || h.lives(t, in) {
		t.Errorf("%v; the session lives %v", err, h.lives(t, in))
	}
	h.login(t, h.home, "ann", "another horse")
	entries, err := h.chat.Audit(t.Context(), ann.Actor(), 0, 1)
	if err != nil || len(entries) != 1 || entries[0].Action != chat.AuditPasswordSet {
		t.Errorf("the audit log says %+v, %v", entries, err)
	}
}

// A hash of old, cheaper parameters becomes one of today's when its owner signs in, and nobody is signed out by it.
func TestAnOldHashIsMadeStronger(t *testing.T) {
	today := Params{Memory: 16, Time: 1, Threads: 1}
	h := newHouse(t, func(_ *house, cfg *AccountsConfig) { cfg.Passwords = NewPasswords(today) })
	old, err := NewPasswords(cheap).Hash(t.Context(), goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	ann, err := h.chat.CreateUser(t.Context(), chat.NewUser{Name: "ann", PasswordHash: old})
	if err != nil {
		t.Fatal(err)
	}
	stored := func() string {
		u, err := h.chat.User(t.Context(), ann.ID)
		if err != nil {
			t.Fatal(err)
		}
		return u.PasswordHash
	}
	if _, err := h.Login(t.Context(), h.home, "ann", "wrong horse"); err == nil || stored() != old {
		t.Errorf("a wrong password: %v, %s", err, stored())
	}
	first := h.login(t, h.home, "ann", goodPassword)
	now := stored()
	if !strings.HasPrefix(now, "$argon2id$v=19$m=16,t=1,p=1$") {
		t.Errorf("it is %s", now)
	}
	second := h.login(t, h.home, "ann", goodPassword)
	if stored() != now {
		t.Error("it is replaced each time")
	}
	if !h.lives(t, first) || !h.lives(t, second) {
		t.Error("it signed somebody out")
	}
}

// What does not get its turn is told when to come again, and was no guess.
func TestAStormOfSignInsIsOverloaded(t *testing.T) {
	h := newHouse(t, func(h *house, cfg *AccountsConfig) { cfg.Throttle = h.limits })
	h.member(t, "ann", "", goodPassword)
	h.cfg.Passwords.waiting.Store(maxQueue)
	for range 3 * limit.AccountTries {
		_, err := h.Login(t.Context(), h.home, "ann", goodPassword)
		if e, ok := err.(*chat.Error); !ok || e.Code != chat.Overloaded || e.RetryAfter < time.Second {
			t.Fatalf("got %v", err)
		}
	}
	h.cfg.Passwords.waiting.Store(0)
	h.login(t, h.home, "ann", goodPassword)
}
