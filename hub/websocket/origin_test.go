package websocket

import (
	"net/http"
	"testing"
)

func request(host string, origins ...string) *http.Request {
	return &http.Request{Host: host, Header: http.Header{"Origin": origins}}
}

func TestSameHost(t *testing.T) {
	for _, c := range []struct {
		host, origin string
		want         bool
	}{
		{"chat.example.com", "https://chat.example.com", true},
		{"chat.example.com", "HTTPS://Chat.Example.com", true},
		{"Chat.example.com:443", "https://chat.example.com", true},
		{"chat.example.com", "http://chat.example.com:80", true},
		{"localhost:8080", "http://localhost:8080", true},
		{"[::1]:8080", "http://[::1]:8080", true},
		{"localhost:8080", "http://localhost", false},
		{"localhost:8080", "http://localhost:8081", false},
		{"example.com", "https://example.com.evil.com", false},
		{"example.com", "https://evilexample.com", false},
		{"example.com", "https://evil.com/example.com", false},
		{"example.com", "https://evil.com#example.com", false},
		{"example.com", "https://evil.com?example.com", false},
		{"example.com", "https://example.com@evil.com", false},
		{"example.com", "https://evil.com@example.com", false},
		{"example.com", "https://example.com/", false},
		{"example.com", "https://example.com#", false},
		{"example.com", "https://example.com.", false},
		{"example.com", "https://evil.com\\@example.com", false},
		{"example.com", "example.com", false},
		{"example.com", "//example.com", false},
		{"example.com", "null", false},
		{"example.com", "", false},
		{"", "", false},
		{"null", "null", false},
		{":80", "http://:80", false},
	} {
		if got := SameHost(request(c.host, c.origin)); got != c.want {
			t.Errorf("Host %q, Origin %q: %v", c.host, c.origin, got)
		}
	}
	if !SameHost(request("x")) {
		t.Error("no Origin was refused")
	}
	if SameHost(request("x", "http://x", "http://x")) {
		t.Error("two Origins were accepted")
	}
}

func TestOrigins(t *testing.T) {
	o, err := NewOrigins("https://chat.example.com", "http://localhost:5173", "https://Other.example:443")
	if err != nil {
		t.Fatal(err)
	}
	for origin, want := range map[string]bool{
		"https://chat.example.com":          true,
		"https://chat.example.com:443":      true,
		"https://other.example":             true,
		"http://localhost:5173":             true,
		"http://backend":                    true, // the request's own host
		"http://chat.example.com":           false,
		"https://chat.example.com:8443":     false,
		"https://chat.example.com.evil.com": false,
		"https://evil-chat.example.com":     false,
		"https://x.chat.example.com":        false,
		"https://chat.example.com/":         false,
		"https://chat.example.com@evil.com": false,
		"http://localhost":                  false,
		"null":                              false,
		"":                                  false,
	} {
		if got := o.Allow(request("backend", origin)); got != want {
			t.Errorf("Origin %q: %v", origin, got)
		}
	}
	if o.Allow(request("backend", "https://chat.example.com", "https://chat.example.com")) {
		t.Error("two Origins were accepted")
	}
	withNull, err := NewOrigins("null")
	if err != nil || !withNull.Allow(request("x", "null")) {
		t.Errorf("null was listed and refused (%v)", err)
	}
	for _, bad := range []string{"", "*", "https://*.example.com", "example.com", "https://a/b", "https://", "https://u@a"} {
		if _, err := NewOrigins(bad); err == nil {
			t.Errorf("NewOrigins took %q", bad)
		}
	}
}
