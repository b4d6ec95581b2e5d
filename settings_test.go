package parley

import (
	"net/http/httptest"
	"testing"

	"github.com/parley-chat/parley/internal/auth"
)

// Over https the page of the same host without TLS is a stranger's: it could have been written on the way.
func TestAttack26APageWithoutTLSOpensNoSocketOverTLS(t *testing.T) {
	own, err := Config{}.settings()
	if err != nil {
		t.Fatal(err)
	}
	named, err := Config{AllowedOrigins: []string{"http://chat.example.org"}}.settings()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		set    *settings
		secure bool
		origin string
		want   bool
	}{
		{own, true, "https://chat.example.org", true},
		{own, true, "http://chat.example.org", false},
		{own, true, "HTTP://chat.example.org", false},
		{own, true, "", true}, // no page
		{own, false, "http://chat.example.org", true},
		{own, false, "https://chat.example.org", true}, // behind a proxy that is not trusted
		{named, true, "http://chat.example.org", true}, // somebody has asked for it
	} {
		r := httptest.NewRequest("GET", "http://chat.example.org/ws", nil)
		r = r.WithContext(auth.WithVia(r.Context(), auth.Via{Secure: c.secure}))
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if got := c.set.allowOrigin(r); got != c.want {
			t.Errorf("https %v, Origin %q: allowed %v, want %v", c.secure, c.origin, got, c.want)
		}
	}
}
