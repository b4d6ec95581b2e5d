package parley

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestRedirects(t *testing.T) {
	any443, any8443 := redirect{port: "443"}, redirect{port: "8443"}
	named := redirect{port: "443", domains: []string{"chat.example.org", "talk.example.org"}}
	public := redirect{port: "8443", domains: []string{"chat.example.org"}, host: "example.org:444"}
	for _, c := range []struct {
		d                  redirect
		method, host, path string
		want               string // "": 400
	}{
		{any443, "GET", "chat.example.org", "/rooms/general?x=1", "https://chat.example.org/rooms/general?x=1"},
		{any443, "POST", "chat.example.org:80", "/api/auth/login", "https://chat.example.org/api/auth/login"},
		{any8443, "GET", "LOCALHOST:8080", "/", "https://localhost:8443/"},
		{any443, "GET", "[::1]:80", "/", "https://[::1]/"},
		{any443, "GET", "[::1]", "/", "https://[::1]/"},
		{any8443, "GET", "192.0.2.1", "/%2e%2e//x", "https://192.0.2.1:8443/%2e%2e//x"},
		{any443, "GET", "chat.example.org", "//evil.example/", "https://chat.example.org//evil.example/"},
		{any443, "GET", "chat.example.org@evil.example", "/", ""},
		{any443, "GET", "a..example", "/", ""},
		{any443, "GET", "", "/", ""},
		{any443, "OPTIONS", "chat.example.org", "*", ""},
		{named, "GET", "talk.example.org:80", "/", "https://talk.example.org/"},
		{named, "GET", "evil.example", "/", "https://chat.example.org/"},
		{public, "GET", "evil.example", "/chat/", "https://example.org:444/chat/"},
	} {
		r := httptest.NewRequest(c.method, "/", nil)
		r.Host, r.RequestURI = c.host, c.path
		if c.path == "*" {
			r.URL = &url.URL{Path: "*"}
		} else if u, err := url.ParseRequestURI(c.path); err == nil {
			r.URL = u
		}
		w := httptest.NewRecorder()
		c.d.ServeHTTP(w, r)
		if got := w.Header().Get("Location"); got != c.want || (w.Code == http.StatusPermanentRedirect) != (c.want != "") {
			t.Errorf("%s %s%s: %d to %q, want %q", c.method, c.host, c.path, w.Code, got, c.want)
		}
	}
}

func FuzzRedirect(f *testing.F) {
	for _, s := range []string{"chat.example.org", "a:1", "[::1]:80", "a@b", "a/b", "a\\b", "%61", "::1%lo"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, host string) {
		for _, d := range []redirect{{port: "443"}, {port: "8443"}} {
			to, ok := d.target(host)
			if !ok {
				continue
			}
			u, err := url.Parse("https://" + to + "/x")
			if err != nil || u.User != nil || u.Path != "/x" || u.RawQuery != "" || u.Fragment != "" || u.Hostname() == "" {
				t.Errorf("%q leads to %q", host, to)
			}
			if name := strings.ToLower(host); !strings.Contains(name, u.Hostname()) {
				t.Errorf("%q leads to another host, %q", host, to)
			}
		}
	})
}
