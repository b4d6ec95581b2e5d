package auth

import (
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// Sizes of what a cookie holds.
const (
	maxCookie  = 4096 // bytes; a longer value is not looked at
	secretSize = 32   // random bytes of a member's cookie
)

// guestCookie begins the cookie of a guest, whose token follows. A member's has no dot.
const guestCookie = "g."

// Cookies knows under which names cookies go. Over https a name has a prefix that browsers protect, and no other name is
// read: a page without https cannot plant a cookie that is then believed, nor can one of a neighbouring host while Parley
// has the root of its own. Under a path the prefix is a weaker one, because browsers grant the other only to "/": there a
// neighbouring host with https of the same site could plant one, and sign a visitor in as somebody else.
type Cookies struct {
	Path string // under which Parley is reached, such as "/chat/"; "" means "/"
}

func (c Cookies) path() string {
	if c.Path == "" {
		return "/"
	}
	return c.Path
}

func (c Cookies) name(r *http.Request, base string) string {
	switch {
	case !ViaOf(r.Context()).Secure:
		return base
	case c.path() == "/":
		return "__Host-" + base
	}
	return "__Secure-" + base
}

func (c Cookies) sessionName(r *http.Request) string { return c.name(r, "parley_session") }
func (c Cookies) deviceName(r *http.Request) string  { return c.name(r, "parley_device") }

// Session returns the value of the session's cookie. Of two the first counts; one that is too long is none.
func (c Cookies) Session(r *http.Request) (value string, given bool) {
	return cookieValue(r, c.sessionName(r))
}

// Device returns the value of the device's cookie, "" when there is none.
func (c Cookies) Device(r *http.Request) string {
	value, _ := cookieValue(r, c.deviceName(r))
	return value
}

func cookieValue(r *http.Request, name string) (string, bool) {
	cookie, err := r.Cookie(name)
	if err != nil || cookie.Value == "" || len(cookie.Value) > maxCookie {
		return "", false
	}
	return cookie.Value, true
}

// Client is who tries to sign in, as far as the request tells.
func (c Cookies) Client(r *http.Request) Client {
	old, _ := c.Session(r)
	return Client{Addr: ViaOf(r.Context()).Addr, UserAgent: r.UserAgent(), Device: c.Device(r), OldSession: old}
}

// Set gives the browser the cookies of a sign-in, those that it has.
func (c Cookies) Set(w http.ResponseWriter, r *http.Request, in SignIn) {
	if in.Cookie != "" {
		http.SetCookie(w, c.make(r, c.sessionName(r), in.Cookie, in.CookieAge))
	}
	if in.Device != "" {
		http.SetCookie(w, c.make(r, c.deviceName(r), in.Device, DeviceTTL))
	}
}

// Clear takes the session's cookie back. The device's stays: it says that somebody has signed in here, which remains true.
func (c Cookies) Clear(w http.ResponseWriter, r *http.Request) {
	cookie := c.make(r, c.sessionName(r), "", 0)
	cookie.MaxAge = -1
	http.SetCookie(w, cookie)
}

func (c Cookies) make(r *http.Request, name, value string, age time.Duration) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: c.path(), MaxAge: int(age / time.Second),
		HttpOnly: true, Secure: ViaOf(r.Context()).Secure, SameSite: http.SameSiteStrictMode,
	}
}

// parseCookie splits what a session's cookie may hold: a member's secret or a guest's token. Both are empty for anything
// else; whether they are good for something is not asked here.
func parseCookie(value string) (secret []byte, guest string) {
	if len(value) > maxCookie {
		return nil, ""
	}
	if token, ok := strings.CutPrefix(value, guestCookie); ok {
		return nil, token
	}
	secret, err := base64.RawURLEncoding.Strict().DecodeString(value)
	if err != nil || len(secret) != secretSize || strings.ContainsAny(value, "\r\n") {
		return nil, ""
	}
	return secret, ""
}

func memberCookie(secret []byte) string { return base64.RawURLEncoding.EncodeToString(secret) }

// errBadCookie says as little as errBadToken.
var errBadCookie = chat.Errorf(chat.Unauthenticated, "auth", "you are not signed in any more: sign in again")
