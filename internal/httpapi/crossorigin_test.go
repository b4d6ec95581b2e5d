package httpapi

import (
	"net/http"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

// allowOne is an AllowOrigin as the server's is: one origin, requests without any, and those of the same host.
func allowOne(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	return origin == "" || origin == "https://app.example.net" || strings.HasSuffix(origin, "://"+r.Host)
}

func TestAttack45APageOfAnotherOriginChangesNothing(t *testing.T) {
	cases := []struct {
		name      string
		header    []string
		header403 string // the header that the refusal names; "": let in
	}{
		{"no browser", nil, ""},
		{"our page", []string{"Sec-Fetch-Site", "same-origin", "Origin", "http://example.com"}, ""},
		{"typed in", []string{"Sec-Fetch-Site", "none"}, ""},
		{"another site", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, "Sec-Fetch-Site"},
		{"another site without Origin", []string{"Sec-Fetch-Site", "cross-site"}, "Sec-Fetch-Site"},
		{"a sibling of the same site", []string{"Sec-Fetch-Site", "same-site", "Origin", "http://sibling.example.com"}, "Sec-Fetch-Site"},
		{"the same host by another scheme", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://example.com"}, "Sec-Fetch-Site"},
		{"a sandboxed frame", []string{"Sec-Fetch-Site", "cross-site", "Origin", "null"}, "Sec-Fetch-Site"},
		{"an old browser, our page", []string{"Origin", "http://example.com"}, ""},
		{"an old browser, another site", []string{"Origin", "https://evil.example"}, "Origin"},
		{"an old browser, a suffix of our name", []string{"Origin", "http://notexample.com"}, "Origin"},
		{"an old browser, our name as a prefix", []string{"Origin", "http://example.com.evil.example"}, "Origin"},
		{"an old browser, null", []string{"Origin", "null"}, "Origin"},
		{"an allowed origin", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://app.example.net"}, ""},
		{"an allowed origin by another scheme", []string{"Sec-Fetch-Site", "cross-site", "Origin", "http://app.example.net"}, "Sec-Fetch-Site"},
	}
	f := newFixture(t, func(c *Config) { c.AllowOrigin, c.Prefix = allowOne, "/chat" })
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, path := range []string{"/api/messages", "/chat/api/messages"} {
				w := f.as(f.ann, "POST", path, `{"room":"general","content":"x"}`, c.header...)
				if c.header403 == "" {
					object(t, w, 201)
					continue
				}
				p := refused(t, w, 403, chat.Forbidden)
				if !strings.HasSuffix(p["detail"].(string), " "+c.header403) {
					t.Errorf("the refusal names another header: %v", p["detail"])
				}
			}
			object(t, f.as(f.ann, "GET", "/api/me", "", c.header...), 200) // reading needs no protection: no answer says that others may read it
		})
	}
}

func TestAttack45WithoutAllowedOriginsNoneIs(t *testing.T) {
	f := newFixture(t, nil)
	refused(t, f.as(f.ann, "POST", "/api/messages", `{"room":"general","content":"x"}`, "Sec-Fetch-Site", "cross-site", "Origin", "https://app.example.net"), 403, chat.Forbidden)
}

func TestNoAnswerLetsAnotherOriginRead(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.AllowOrigin = allowOne })
	for _, method := range []string{"GET", "OPTIONS", "POST"} {
		for name := range f.as(f.ann, method, "/api/me", "", "Origin", "https://app.example.net").Header() {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s answers with %s", method, name)
			}
		}
	}
}
