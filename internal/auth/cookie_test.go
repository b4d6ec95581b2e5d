package auth

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

var someAddr = netip.MustParseAddr("192.0.2.1")

// viaHTTPS says that the request came over https.
func viaHTTPS(r *http.Request) *http.Request {
	return r.WithContext(WithVia(r.Context(), Via{Addr: someAddr, Secure: true}))
}

// withCookies adds the header as a browser sends it: name, value, name, value.
func withCookies(r *http.Request, pairs ...string) *http.Request {
	for i := 0; i < len(pairs); i += 2 {
		r.AddCookie(&http.Cookie{Name: pairs[i], Value: pairs[i+1]})
	}
	return r
}

func TestVia(t *testing.T) {
	v := Via{Addr: someAddr, Secure: true}
	if got := ViaOf(WithVia(t.Context(), v)); got != v {
		t.Errorf("got %+v", got)
	}
	if got := ViaOf(context.Background()); got != (Via{}) {
		t.Errorf("without: %+v", got)
	}
}

func TestNamesOfCookies(t *testing.T) {
	for _, c := range []struct {
		path            string
		secure          bool
		session, device string
	}{
		{"", true, "__Host-parley_session", "__Host-parley_device"},
		{"/", true, "__Host-parley_session", "__Host-parley_device"},
		{"/chat/", true, "__Secure-parley_session", "__Secure-parley_device"},
		{"/", false, "parley_session", "parley_device"},
		{"/chat/", false, "parley_session", "parley_device"},
	} {
		r := request("/x")
		if c.secure {
			r = viaHTTPS(r)
		}
		cookies := Cookies{Path: c.path}
		w := httptest.NewRecorder()
		cookies.Set(w, r, SignIn{Cookie: "s", CookieAge: time.Hour, Device: "d"})
		set := w.Result().Cookies()
		if len(set) != 2 || set[0].Name != c.session || set[1].Name != c.device {
			t.Fatalf("%+v: set %v", c, set)
		}
		for i, want := range []time.Duration{time.Hour, DeviceTTL} {
			got, wantPath := set[i], c.path
			if wantPath == "" {
				wantPath = "/"
			}
			if !got.HttpOnly || got.SameSite != http.SameSiteStrictMode || got.Secure != c.secure || got.Path != wantPath ||
				got.Domain != "" || got.MaxAge != int(want.Seconds()) {
				t.Errorf("%+v: set %v", c, got)
			}
		}
		withCookies(r, c.session, "s", c.device, "d")
		if value, given := cookies.Session(r); value != "s" || !given || cookies.Device(r) != "d" {
			t.Errorf("%+v: read back %q, %v, %q", c, value, given, cookies.Device(r))
		}
		w = httptest.NewRecorder()
		cookies.Clear(w, r)
		if gone := w.Result().Cookies(); len(gone) != 1 || gone[0].Name != c.session || gone[0].MaxAge >= 0 || gone[0].Path != set[0].Path || gone[0].Secure != c.secure {
			t.Errorf("%+v: cleared %v", c, gone)
		}
	}
}

func TestNothingIsSetThatIsNotThere(t *testing.T) {
	w := httptest.NewRecorder()
	Cookies{}.Set(w, request("/x"), SignIn{Token: "t"})
	if set := w.Result().Cookies(); len(set) != 0 {
		t.Errorf("set %v", set)
	}
}

// A page of a neighbouring host, or one without https, can set cookies for this host, but not under a name with a prefix.
func TestATossedCookieIsNotRead(t *testing.T) {
	for path, own := range map[string]string{"/": "__Host-parley_session", "/chat/": "__Secure-parley_session"} {
		cookies := Cookies{Path: path}
		r := withCookies(viaHTTPS(request("/x")), "parley_session", "tossed", "parley_device", "tossed", "__Secure-parley", "tossed")
		if value, given := cookies.Session(r); given {
			t.Errorf("path %s: read %q", path, value)
		}
		if value := cookies.Device(r); value != "" {
			t.Errorf("path %s: read %q", path, value)
		}
		withCookies(r, own, "own")
		if value, _ := cookies.Session(r); value != "own" {
			t.Errorf("path %s: read %q beside a tossed one", path, value)
		}
	}
	r := withCookies(viaHTTPS(request("/x")), "__Secure-parley_session", "tossed") // under / only __Host- is ours
	if value, given := (Cookies{}).Session(r); given {
		t.Errorf("read %q", value)
	}
	r = withCookies(request("/x"), "__Host-parley_session", "of https")
	if value, given := (Cookies{}).Session(r); given {
		t.Errorf("without https: read %q", value)
	}
}

func TestOfTwoCookiesTheFirstCounts(t *testing.T) {
	r := withCookies(request("/x"), "parley_session", "first", "parley_session", "second")
	if value, given := (Cookies{}).Session(r); value != "first" || !given {
		t.Errorf("got %q, %v", value, given)
	}
}

func TestCookiesThatAreNone(t *testing.T) {
	for what, value := range map[string]string{"empty": "", "too long": strings.Repeat("x", maxCookie+1)} {
		r := withCookies(request("/x"), "parley_session", value)
		if _, given := (Cookies{}).Session(r); given {
			t.Errorf("%s: given", what)
		}
	}
}

func TestClientOfARequest(t *testing.T) {
	r := withCookies(viaHTTPS(request("/x")), "__Host-parley_session", "s", "__Host-parley_device", "d")
	r.Header.Set("User-Agent", "a browser")
	if got, want := (Cookies{}).Client(r), (Client{someAddr, "a browser", "d", "s"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestWhatACookieHolds(t *testing.T) {
	secret, guest := parseCookie(memberCookie(someSecret))
	if string(secret) != string(someSecret) || guest != "" {
		t.Errorf("got %x, %q", secret, guest)
	}
	if secret, guest := parseCookie("g.a.b.c"); secret != nil || guest != "a.b.c" {
		t.Errorf("got %x, %q", secret, guest)
	}
	whole := memberCookie(someSecret)
	if len(whole) != 43 {
		t.Errorf("it has %d characters", len(whole))
	}
	for _, value := range []string{
		"", "x", whole[:42], whole + "A", whole[:42] + "=", whole[:42] + "\n", "\n" + whole, whole[:42] + otherLastBits(whole[42]),
		base64.StdEncoding.EncodeToString(someSecret), base64.RawURLEncoding.EncodeToString(make([]byte, 31)), "G." + whole,
	} {
		if secret, guest := parseCookie(value); secret != nil || guest != "" {
			t.Errorf("%q: got %x, %q", value, secret, guest)
		}
	}
}

func FuzzCookie(f *testing.F) {
	f.Add(memberCookie(someSecret))
	f.Add("g.eyJhbGciOiJIUzI1NiJ9.e30.sig")
	f.Add("g.")
	f.Add(strings.Repeat("A", 43))
	f.Fuzz(func(t *testing.T, value string) {
		secret, guest := parseCookie(value)
		switch {
		case secret != nil && guest != "":
			t.Error("it is both")
		case secret != nil && memberCookie(secret) != value:
			t.Errorf("%q is another form of %q", value, memberCookie(secret))
		case guest != "" && guestCookie+guest != value:
			t.Errorf("%q became %q", value, guest)
		}
		r := request("/x")
		r.Header["Cookie"] = []string{"parley_session=" + value}
		if got, given := (Cookies{}).Session(r); given && (got == "" || len(got) > maxCookie) {
			t.Errorf("read %q", got)
		}
	})
}
