package auth

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// byCookie is a request with the session's cookie, from a page.
func byCookie(target, value string) *http.Request {
	r := withCookies(request(target), "parley_session", value)
	r.Header.Set("Origin", "https://chat.example.org")
	return r
}

func TestACookieLeadsToItsSession(t *testing.T) {
	d := newDoor(t, false)
	value := memberCookie(someSecret)
	for what, ask := range map[string]func(*http.Request) (Identity, error){"REST": d.Request, "upgrade": d.Upgrade, "refresh": d.Refresher} {
		before := d.signIns.seen
		who, err := ask(byCookie("/x", value))
		if err != nil || who.User.ID != someUser || who.Session != someSession || !who.Cookie || who.cookie != value {
			t.Errorf("%s: got %+v, %v", what, who, err)
		}
		if want := d.clock.t.Add(AccessTTL); !who.Expires.Equal(want) {
			t.Errorf("%s: expires %s, want %s", what, who.Expires, want)
		}
		if d.signIns.seen != before+1 {
			t.Errorf("%s: nobody notes that the session is in use", what)
		}
		for _, wrong := range []string{"x", "g.", "g.x", memberCookie(make([]byte, secretSize)), d.access(t), "g." + d.access(t)} {
			_, err := ask(byCookie("/x", wrong))
			wantCode(t, what+" with "+wrong, err, chat.Unauthenticated)
		}
		d.signIns.err = chat.Errorf(chat.Unauthenticated, "test", "this session has been signed out")
		_, err = ask(byCookie("/x", value))
		wantCode(t, what+" when it has been signed out", err, chat.Unauthenticated)
		d.signIns.err = nil
	}
}

func TestATokenBeatsTheCookie(t *testing.T) {
	d := newDoor(t, false)
	good, bad := memberCookie(someSecret), memberCookie(make([]byte, secretSize))
	for what, c := range map[string]struct {
		target, cookie, header string
		rest, upgrade          chat.Code
		byCookie               bool
	}{
		"good token, bad cookie":           {"/x", bad, "Bearer " + d.access(t), "", "", false},
		"good token, good cookie":          {"/x", good, "Bearer " + d.access(t), "", "", false},
		"bad token, good cookie":           {"/x", good, "Bearer nonsense", chat.Unauthenticated, chat.Unauthenticated, false},
		"another scheme, good cookie":      {"/x", good, "Basic eDp5", chat.Unauthenticated, chat.Unauthenticated, false},
		"bad token in query, good cookie":  {"/x?token=nonsense", good, "", chat.Unauthenticated, chat.Unauthenticated, false},
		"good token in query, bad cookie":  {"/x?token=" + d.access(t), bad, "", chat.Unauthenticated, "", false},
		"good cookie, a name":              {"/x?username=ann", good, "", "", "", true},
		"bad cookie, a name but no guests": {"/x?username=ann", bad, "", chat.Unauthenticated, chat.Unauthenticated, false},
	} {
		make := func() *http.Request {
			r := byCookie(c.target, c.cookie)
			if c.header != "" {
				r.Header.Set("Authorization", c.header)
			}
			return r
		}
		rest, err := d.Request(make())
		wantCode(t, what+" over REST", err, c.rest)
		up, upErr := d.Upgrade(make())
		wantCode(t, what+" on an upgrade", upErr, c.upgrade)
		if err == nil && rest.Cookie != c.byCookie || upErr == nil && up.Cookie != c.byCookie {
			t.Errorf("%s: by cookie %v and %v, want %v", what, rest.Cookie, up.Cookie, c.byCookie)
		}
	}
}

// Attack 26, the part that falls here: the browser sends the cookie whoever's page opens the socket. Which origins are
// allowed is the gateway's affair; without exactly one there is nothing to look at.
func TestAttack26ACookieOpensNoSocketWithoutAnOrigin(t *testing.T) {
	for _, withGuests := range []bool{false, true} {
		d := newDoor(t, withGuests)
		for what, origins := range map[string][]string{"none": nil, "two": {"https://chat.example.org", "https://evil.example"}} {
			for _, target := range []string{"/ws", "/ws?username=ann"} {
				r := byCookie(target, memberCookie(someSecret))
				r.Header["Origin"] = origins
				_, err := d.Upgrade(r)
				wantCode(t, what+" at "+target, err, chat.Forbidden)
				if withGuests && len(d.guests.held) != 0 {
					t.Error("a name is held")
				}
			}
		}
		r := byCookie("/ws", memberCookie(someSecret))
		r.Header.Del("Origin")
		if _, err := d.Request(r); err != nil {
			t.Errorf("a REST request, which has another guard: %v", err)
		}
	}
	d := newDoor(t, true)
	token, _, err := d.tokens.Guest(Guest{ID: someUser, Name: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	r := byCookie("/ws", guestCookie+token)
	r.Header.Del("Origin")
	_, err = d.Upgrade(r)
	wantCode(t, "a guest's", err, chat.Forbidden)
	if len(d.guests.held) != 0 {
		t.Error("a name is held")
	}
}

func TestAGuestsCookie(t *testing.T) {
	d := newDoor(t, true)
	token, expires, err := d.tokens.Guest(Guest{ID: someUser, Name: "ann", Email: "ann@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	for what, ask := range map[string]func(*http.Request) (Identity, error){"REST": d.Request, "upgrade": d.Upgrade, "refresh": d.Refresher} {
		who, err := ask(byCookie("/x", guestCookie+token))
		want := chat.User{ID: someUser, Kind: chat.KindGuest, Name: "ann", Role: chat.RoleGuest, Email: "ann@example.org"}
		if err != nil || who.User != want || !who.Cookie || !who.Expires.Equal(expires) || who.Session != "" {
			t.Errorf("%s: got %+v, %v", what, who, err)
		}
		if (who.Release != nil) != (what == "upgrade") || (who.Claim != "") != (what == "upgrade") {
			t.Errorf("%s: Release and Claim are for sockets: %+v", what, who)
		}
		if who.Release != nil {
			who.Release()
		}
	}
	_, err = newDoor(t, false).Request(byCookie("/x", guestCookie+token))
	wantCode(t, "where there are no guests", err, chat.Unauthenticated)
}

// Somebody cannot take a cookie away that the server does not know any more; it must not keep them out as a guest.
func TestAnOldCookieKeepsNoGuestOut(t *testing.T) {
	d := newDoor(t, true)
	who, err := d.Upgrade(byCookie("/ws?username=ann", memberCookie(make([]byte, secretSize))))
	if err != nil || who.User.Name != "ann" || who.User.Kind != chat.KindGuest || who.Cookie {
		t.Fatalf("got %+v, %v", who, err)
	}
	who.Release()
	_, err = d.Upgrade(byCookie("/ws", memberCookie(make([]byte, secretSize))))
	wantCode(t, "without a name", err, chat.Unauthenticated)
}

func TestAGuestWhoHasSignedOut(t *testing.T) {
	d := newDoor(t, true)
	token, _, err := d.tokens.Guest(Guest{ID: someUser, Name: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	d.guests.End(someUser, d.clock.t)
	d.guests.End(someUser, d.clock.t) // again
	ask := func(what string) {
		t.Helper()
		_, err := d.Request(request("/x", "Bearer "+token))
		wantCode(t, what+": REST", err, chat.Unauthenticated)
		_, err = d.Request(byCookie("/x", guestCookie+token))
		wantCode(t, what+": cookie", err, chat.Unauthenticated)
		_, err = d.Upgrade(request("/ws?token=" + token))
		wantCode(t, what+": upgrade", err, chat.Unauthenticated)
		_, err = d.Refresher(request("/x", "Bearer "+token))
		wantCode(t, what+": refresh", err, chat.Unauthenticated)
	}
	ask("at once")
	d.clock.t = d.clock.t.Add(GuestTTL - time.Second)
	ask("just before the token ends")
	d.clock.t = d.clock.t.Add(2 * time.Second)
	ask("when it has ended")
	d.clock.t = d.clock.t.Add(time.Hour)
	d.guests.End("somebody else", d.clock.t)
	if len(d.guests.ended) != 1 || len(d.guests.queue) != 1 {
		t.Errorf("%d are remembered for ever", len(d.guests.ended))
	}
}

func TestOfGuestsWhoSignOutNotTooManyAreRemembered(t *testing.T) {
	d := newDoor(t, true)
	for range maxEnded + 10 {
		d.guests.End(chat.UserID(chat.NewUUID(d.clock.t)), d.clock.t)
	}
	if len(d.guests.ended) != maxEnded || len(d.guests.queue) != maxEnded {
		t.Errorf("%d and %d", len(d.guests.ended), len(d.guests.queue))
	}
}

func TestRefreshByAnOldToken(t *testing.T) {
	d := newDoor(t, false)
	r := request("/x", "Bearer "+d.access(t))
	d.clock.t = d.clock.t.Add(AccessTTL)
	_, err := d.Request(r)
	wantCode(t, "as an access token", err, chat.Unauthenticated)
	for what, c := range map[string]struct {
		late time.Duration
		want chat.Code
	}{"at once": {0, ""}, "just in time": {RefreshTime - time.Second, ""}, "too late": {RefreshTime, chat.Unauthenticated}} {
		end := d.clock.t
		d.clock.t = end.Add(c.late)
		who, err := d.Refresher(r)
		wantCode(t, what, err, c.want)
		if err == nil && (who.User.ID != someUser || who.Session != someSession || who.Cookie) {
			t.Errorf("%s: got %+v", what, who)
		}
		d.clock.t = end
	}
	d.signIns.err = chat.Errorf(chat.Unauthenticated, "test", "this session has been signed out")
	_, err = d.Refresher(r)
	wantCode(t, "signed out", err, chat.Unauthenticated)
	d.signIns.err = nil
	d.signIns.user.ID = "01926f0e-0000-7000-8000-000000000099"
	_, err = d.Refresher(r)
	wantCode(t, "somebody else's session", err, chat.Unauthenticated)
	_, err = d.Refresher(request("/x?token=" + d.access(t)))
	wantCode(t, "in the address", err, chat.Unauthenticated)
	_, err = d.Refresher(request("/x"))
	wantCode(t, "nothing", err, chat.Unauthenticated)
}

// Attack 22, the part that falls here: what a socket is opened with always has an end, and a token that has ended opens
// none, though it can be exchanged.
func TestAttack22WhatOpensASocketEnds(t *testing.T) {
	d := newDoor(t, false)
	token := d.access(t)
	for what, r := range map[string]*http.Request{"token": request("/ws?token=" + token), "cookie": byCookie("/ws", memberCookie(someSecret))} {
		who, err := d.Upgrade(r)
		if err != nil || who.Expires.Before(d.clock.t) || who.Expires.After(d.clock.t.Add(AccessTTL)) {
			t.Errorf("%s: expires %s, %v", what, who.Expires, err)
		}
	}
	d.clock.t = d.clock.t.Add(AccessTTL)
	_, err := d.Upgrade(request("/ws?token=" + token))
	wantCode(t, "an old token opens a socket", err, chat.Unauthenticated)
	_, err = d.Token(t.Context(), token)
	wantCode(t, "an old token keeps a socket open", err, chat.Unauthenticated)
}

// Attack 21: one kind of token never stands for another.
func TestAttack21TokensAreForOneThing(t *testing.T) {
	d := newDoor(t, true)
	guest, _, err := d.tokens.Guest(Guest{ID: someUser, Name: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	device, _, err := d.tokens.Device(someUserUUID, someUser)
	if err != nil {
		t.Fatal(err)
	}
	access := d.access(t)
	for what, c := range map[string]struct {
		raw                   string
		access, guest, device chat.Code
	}{
		"access": {access, "", chat.Unauthenticated, chat.Unauthenticated},
		"guest":  {guest, chat.Unauthenticated, "", chat.Unauthenticated},
		"device": {device, chat.Unauthenticated, chat.Unauthenticated, ""},
	} {
		_, err := d.tokens.ParseAccess(c.raw)
		wantCode(t, what+" as access", err, c.access)
		_, err = d.tokens.ParseLate(c.raw)
		wantCode(t, what+" for a refresh", err, c.access)
		_, err = d.tokens.ParseGuest(c.raw)
		wantCode(t, what+" as guest", err, c.guest)
		_, err = d.tokens.ParseDevice(c.raw)
		wantCode(t, what+" as device", err, c.device)
	}
	for what, ask := range map[string]func(*http.Request) (Identity, error){"REST": d.Request, "upgrade": d.Upgrade, "refresh": d.Refresher} {
		for form, r := range map[string]*http.Request{
			"as token":           request("/x", "Bearer "+device),
			"as cookie":          byCookie("/x", device),
			"as a guest's":       byCookie("/x", guestCookie+device),
			"access as cookie":   byCookie("/x", access),
			"access as a guests": byCookie("/x", guestCookie+access),
			"a secret as token":  request("/x", "Bearer "+memberCookie(someSecret)),
		} {
			_, err := ask(r)
			wantCode(t, what+", a device's token "+form, err, chat.Unauthenticated)
		}
	}
	// Nor does an old one of them become an access token by waiting.
	d.clock.t = d.clock.t.Add(GuestTTL)
	_, err = d.Refresher(request("/x", "Bearer "+guest))
	wantCode(t, "a guest's token that has ended", err, chat.Unauthenticated)
}

const someUserUUID = "01926f0e-0000-7000-8000-0000000000d1"

func TestADevicesToken(t *testing.T) {
	c := newClock()
	tokens := newTokens(t, c)
	raw, expires, err := tokens.Device(someUserUUID, someUser)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Device{someUserUUID, someUser, c.t.Add(DeviceTTL)}); !expires.Equal(want.Expires) {
		t.Errorf("expires %s", expires)
	} else if got, err := tokens.ParseDevice(raw); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	c.t = c.t.Add(DeviceTTL)
	_, err = tokens.ParseDevice(raw)
	wantCode(t, "a year later", err, chat.Unauthenticated)
}

// FuzzRefresh looks for a header that is taken without having been signed here.
func FuzzRefresh(f *testing.F) {
	c := newClock()
	tokens, err := NewTokens(testKey, c.now)
	if err != nil {
		f.Fatal(err)
	}
	raw, _, _ := tokens.Access(someUser, someSession, 0)
	a := NewAuthenticator(AuthenticatorConfig{Tokens: tokens, Sessions: &signIns{
		session: chat.Session{ID: someSession, User: someUser}, user: chat.User{ID: someUser, Kind: chat.KindMember},
	}})
	c.t = c.t.Add(AccessTTL + time.Hour)
	f.Add("Bearer "+raw, "")
	f.Add("bearer  "+raw+" ", "x")
	f.Add("", "parley_session="+memberCookie(someSecret))
	f.Add("Bearer "+forge(with(header(), "alg", "none"), payload(c), nil), "parley_session=g."+raw)
	f.Fuzz(func(t *testing.T, authorization, cookie string) {
		r := request("/x")
		if authorization != "" {
			r.Header["Authorization"] = []string{authorization}
		}
		if cookie != "" {
			r.Header["Cookie"] = []string{cookie}
		}
		who, err := a.Refresher(r)
		if err != nil {
			if chat.CodeOf(err) != chat.Unauthenticated {
				t.Errorf("error %v", err)
			}
			return
		}
		value, _ := Cookies{}.Session(r)
		if who.User.ID != someUser || who.Cookie == (authorization != "") || who.Cookie && value != memberCookie(someSecret) ||
			!who.Cookie && !strings.Contains(authorization, raw) {
			t.Errorf("%q, %q let in %+v", authorization, cookie, who)
		}
	})
}
