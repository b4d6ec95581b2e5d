package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

// signIns knows one session, whose secret is someSecret.
type signIns struct {
	session chat.Session
	user    chat.User
	err     error
	seen    int
}

var someSecret = bytes.Repeat([]byte{9}, secretSize)

func (s *signIns) SessionBySecret(ctx context.Context, secret []byte) (chat.Session, chat.User, error) {
	if !bytes.Equal(secret, someSecret) {
		return s.Session(ctx, "")
	}
	return s.Session(ctx, s.session.ID)
}

func (s *signIns) SessionSeen(context.Context, chat.Session) error {
	s.seen++
	return errors.New("the disk is full") // keeps nobody out
}

func (s *signIns) Session(_ context.Context, id chat.SessionID) (chat.Session, chat.User, error) {
	if s.err != nil {
		return chat.Session{}, chat.User{}, s.err
	}
	if id != s.session.ID {
		return chat.Session{}, chat.User{}, chat.Errorf(chat.Unauthenticated, "test", "there is no such session")
	}
	return s.session, s.user, nil
}

type door struct {
	*Authenticator
	tokens  *Tokens
	guests  *Guests
	signIns *signIns
	members map[string]bool
	clock   *clock
}

func newDoor(t *testing.T, withGuests bool) *door {
	t.Helper()
	d := &door{clock: newClock(), members: map[string]bool{"owner": true}}
	d.tokens = newTokens(t, d.clock)
	d.signIns = &signIns{
		session: chat.Session{ID: someSession, User: someUser},
		user:    chat.User{ID: someUser, Kind: chat.KindMember, Name: "owner", Role: chat.RoleOwner},
	}
	if withGuests {
		next := 0
		d.guests = NewGuests(Names{
			Clean: func(name string) (string, error) {
				name = strings.TrimSpace(name)
				return name, chat.CheckName(name)
			},
			Skeleton: strings.ToLower,
			Taken:    func(_ context.Context, name string) (bool, error) { return d.members[strings.ToLower(name)], nil },
		}, func() string { next++; return fmt.Sprintf("01926f0e-0000-7000-8000-%012d", 100+next) })
	}
	d.Authenticator = NewAuthenticator(AuthenticatorConfig{Tokens: d.tokens, Sessions: d.signIns, Guests: d.guests})
	return d
}

func (d *door) access(t *testing.T) string {
	t.Helper()
	raw, _, err := d.tokens.Access(someUser, someSession, 0)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func request(target string, authorization ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for _, a := range authorization {
		r.Header.Add("Authorization", a)
	}
	return r
}

func wantCode(t *testing.T, what string, err error, want chat.Code) {
	t.Helper()
	if chat.CodeOf(err) != want {
		t.Errorf("%s: got error %v, want code %q", what, err, want)
	}
}

func TestWhereATokenIsTaken(t *testing.T) {
	d := newDoor(t, false)
	good := d.access(t)
	cases := []struct {
		name          string
		target        string
		authorization []string
		rest, upgrade chat.Code
	}{
		{"header", "/x", []string{"Bearer " + good}, "", ""},
		{"header in small letters", "/x", []string{"bearer " + good}, "", ""},
		{"query", "/x?token=" + good, nil, chat.Unauthenticated, ""},
		{"nothing", "/x", nil, chat.Unauthenticated, chat.Unauthenticated},
		{"empty query", "/x?token=", nil, chat.Unauthenticated, chat.Unauthenticated},
		{"bad header beats good query", "/x?token=" + good, []string{"Bearer nonsense"}, chat.Unauthenticated, chat.Unauthenticated},
		{"good header beats bad query", "/x?token=nonsense", []string{"Bearer " + good}, "", ""},
		{"two headers", "/x", []string{"Bearer " + good, "Bearer " + good}, chat.Unauthenticated, chat.Unauthenticated},
		{"another scheme", "/x?token=" + good, []string{"Basic " + good}, chat.Unauthenticated, chat.Unauthenticated},
		{"no scheme", "/x", []string{good}, chat.Unauthenticated, chat.Unauthenticated},
		{"empty header", "/x?token=" + good, []string{""}, chat.Unauthenticated, chat.Unauthenticated},
		{"a name alone", "/x?username=ann", nil, chat.Unauthenticated, chat.Unauthenticated},
		{"a name that is a member's", "/x?username=owner", nil, chat.Unauthenticated, chat.Unauthenticated},
	}
	for _, c := range cases {
		rest, err := d.Request(request(c.target, c.authorization...))
		wantCode(t, c.name+" over REST", err, c.rest)
		up, err := d.Upgrade(request(c.target, c.authorization...))
		wantCode(t, c.name+" on an upgrade", err, c.upgrade)
		if c.rest == "" && rest.User.ID != someUser || c.upgrade == "" && (up.User.ID != someUser || up.Session != someSession || up.Expires.IsZero()) {
			t.Errorf("%s: got %+v and %+v", c.name, rest, up)
		}
	}
}

func TestATokenLivesWithItsSession(t *testing.T) {
	d := newDoor(t, false)
	r := request("/x", "Bearer "+d.access(t))
	d.signIns.err = chat.Errorf(chat.Unauthenticated, "test", "this session has been signed out")
	_, err := d.Request(r)
	wantCode(t, "revoked", err, chat.Unauthenticated)
	d.signIns.err = errors.New("the database is away")
	_, err = d.Request(r)
	wantCode(t, "no answer is no entry", err, chat.Internal)
	d.signIns.err = nil
	d.signIns.user.ID = "01926f0e-0000-7000-8000-000000000099"
	_, err = d.Request(r)
	wantCode(t, "somebody else's session", err, chat.Unauthenticated)
}

func TestAGuestHoldsTheirName(t *testing.T) {
	d := newDoor(t, true)
	ann, err := d.Upgrade(request("/ws?username=Ann"))
	if err != nil {
		t.Fatal(err)
	}
	if ann.User.Kind != chat.KindGuest || ann.User.Role != chat.RoleGuest || ann.User.Name != "Ann" || ann.Session != "" || !ann.Expires.IsZero() || ann.Claim == "" {
		t.Errorf("got %+v", ann)
	}
	_, err = d.Upgrade(request("/ws?username=ann"))
	wantCode(t, "a second one", err, chat.Conflict)
	_, err = d.Upgrade(request("/ws?username=OWNER"))
	wantCode(t, "a member's name", err, chat.Conflict)
	_, err = d.Upgrade(request("/ws?username="))
	wantCode(t, "no name", err, chat.Invalid)
	_, err = d.Upgrade(request("/ws?username=" + url.QueryEscape("a,b")))
	wantCode(t, "a comma", err, chat.Invalid)

	ann.Release()
	ann.Release() // once more does nothing
	next, err := d.Upgrade(request("/ws?username=ann"))
	if err != nil {
		t.Fatal(err)
	}
	defer next.Release()
	if next.User.ID == ann.User.ID {
		t.Error("the next guest of this name is the same person")
	}
	_, err = d.Upgrade(request("/ws?token=" + ann.Claim))
	wantCode(t, "coming back when the name is somebody else's", err, chat.Conflict)
	_, err = d.Request(request("/x", "Bearer "+ann.Claim))
	wantCode(t, "writing over REST when the name is somebody else's", err, chat.Conflict)
}

func TestAGuestComesBackFromAHalfOpenConnection(t *testing.T) {
	d := newDoor(t, true)
	first, err := d.Upgrade(request("/ws?username=ann"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := d.Upgrade(request("/ws?token=" + first.Claim))
	if err != nil {
		t.Fatal(err)
	}
	if second.User != first.User {
		t.Errorf("came back as %+v, was %+v", second.User, first.User)
	}
	rest, err := d.Request(request("/x", "Bearer "+first.Claim))
	if err != nil || rest.User != first.User || rest.Release != nil {
		t.Errorf("over REST: %+v, %v", rest, err)
	}
	first.Release()
	_, err = d.Upgrade(request("/ws?username=ann"))
	wantCode(t, "while the second connection stands", err, chat.Conflict)
	second.Release()
	if len(d.guests.held) != 0 {
		t.Errorf("names are still held: %v", d.guests.held)
	}
	d.clock.t = d.clock.t.Add(GuestTTL)
	_, err = d.Upgrade(request("/ws?token=" + first.Claim))
	wantCode(t, "an old claim", err, chat.Unauthenticated)
}

func TestAGuestsTokenNeedsGuests(t *testing.T) {
	with, without := newDoor(t, true), newDoor(t, false)
	ann, err := with.Upgrade(request("/ws?username=ann"))
	if err != nil {
		t.Fatal(err)
	}
	defer ann.Release()
	_, err = without.Upgrade(request("/ws?token=" + ann.Claim))
	wantCode(t, "upgrade", err, chat.Unauthenticated)
	_, err = without.Request(request("/x", "Bearer "+ann.Claim))
	wantCode(t, "REST", err, chat.Unauthenticated)
}

func TestAnAccountAndAGuestCannotHaveOneName(t *testing.T) {
	d := newDoor(t, true)
	ann, err := d.Upgrade(request("/ws?username=ann"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.guests.Reserve("Ann")
	wantCode(t, "an account while the guest is here", err, chat.Conflict)
	ann.Release()
	release, err := d.guests.Reserve("Ann")
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Upgrade(request("/ws?username=ann"))
	wantCode(t, "a guest while the account is made", err, chat.Conflict)
	_, err = d.guests.Reserve("ann")
	wantCode(t, "two accounts at once", err, chat.Conflict)
	release()
	ann, err = d.Upgrade(request("/ws?username=ann"))
	if err != nil {
		t.Fatal(err)
	}
	ann.Release()
}

func TestTheHouseIsFullAtTheLimit(t *testing.T) {
	d := newDoor(t, true)
	for i := range maxGuests {
		if _, _, err := d.guests.Enter(t.Context(), fmt.Sprintf("g%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	_, err := d.Upgrade(request("/ws?username=ann"))
	wantCode(t, "one more", err, chat.Overloaded)
}
