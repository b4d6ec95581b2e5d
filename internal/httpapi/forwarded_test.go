package httpapi

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/auth"
)

func prefixes(list ...string) proxies {
	var p proxies
	for _, s := range list {
		p = append(p, netip.MustParsePrefix(s))
	}
	return p
}

func TestWhereARequestComesFrom(t *testing.T) {
	cases := []struct {
		name      string
		peer      string
		forwarded []string
		trusted   string
		want      string
	}{
		{"nobody in front", "192.0.2.1:5", nil, "", "192.0.2.1"},
		{"no proxy is trusted", "127.0.0.1:5", []string{"198.51.100.7"}, "", "127.0.0.1"},
		{"not our proxy", "192.0.2.1:5", []string{"198.51.100.7"}, "127.0.0.0/8", "192.0.2.1"},
		{"our proxy", "127.0.0.1:5", []string{"198.51.100.7"}, "127.0.0.0/8", "198.51.100.7"},
		{"our proxy says nothing", "127.0.0.1:5", nil, "127.0.0.0/8", "127.0.0.1"},
		{"the client made the left one up", "10.0.0.2:5", []string{"203.0.113.9, 198.51.100.7"}, "10.0.0.0/8", "198.51.100.7"},
		{"in two headers", "10.0.0.2:5", []string{"203.0.113.9", "198.51.100.7"}, "10.0.0.0/8", "198.51.100.7"},
		{"two proxies", "10.0.0.2:5", []string{"203.0.113.9, 198.51.100.7, 10.1.1.1"}, "10.0.0.0/8", "198.51.100.7"},
		{"two proxies in two headers", "10.0.0.2:5", []string{"203.0.113.9,198.51.100.7", "10.1.1.1"}, "10.0.0.0/8", "198.51.100.7"},
		{"the client is among the trusted", "10.0.0.2:5", []string{"10.0.0.9"}, "10.0.0.0/8", "10.0.0.9"},
		{"garbage ends the walk", "10.0.0.2:5", []string{"203.0.113.9, unknown"}, "10.0.0.0/8", "10.0.0.2"},
		{"garbage behind a proxy", "10.0.0.2:5", []string{"203.0.113.9, <x>, 10.1.1.1"}, "10.0.0.0/8", "10.1.1.1"},
		{"empty", "10.0.0.2:5", []string{""}, "10.0.0.0/8", "10.0.0.2"},
		{"with ports", "10.0.0.2:5", []string{"198.51.100.7:4711"}, "10.0.0.0/8", "198.51.100.7"},
		{"IPv6", "[::1]:5", []string{"2001:db8::1"}, "::1/128", "2001:db8::1"},
		{"IPv6 with a port", "[::1]:5", []string{"[2001:db8::1]:443"}, "::1/128", "2001:db8::1"},
		{"IPv4 in IPv6", "[::ffff:127.0.0.1]:5", []string{"::ffff:198.51.100.7"}, "127.0.0.0/8", "198.51.100.7"},
		{"a zone makes no other address", "[::1]:5", []string{"fe80::1%eth0"}, "::1/128", "fe80::1"},
		{"no TCP", "@", []string{"198.51.100.7"}, "0.0.0.0/0", "invalid IP"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = c.peer
			r.Header["X-Forwarded-For"] = c.forwarded
			var p proxies
			if c.trusted != "" {
				p = prefixes(c.trusted)
			}
			if got := p.via(r, false).Addr.String(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestWhetherTheBrowserSeesHTTPS(t *testing.T) {
	cases := []struct {
		name   string
		peer   string
		proto  []string
		tls    bool
		public bool
		want   bool
	}{
		{"plain", "192.0.2.1:5", nil, false, false, false},
		{"our own TLS", "192.0.2.1:5", nil, true, false, true},
		{"the proxy's TLS", "127.0.0.1:5", []string{"https"}, false, false, true},
		{"in capitals", "127.0.0.1:5", []string{"HTTPS"}, false, false, true},
		{"a stranger's word", "192.0.2.1:5", []string{"https"}, false, false, false},
		{"a stranger cannot take it away", "192.0.2.1:5", []string{"http"}, true, false, true},
		{"the client's first, the proxy's last", "127.0.0.1:5", []string{"https, http"}, false, false, false},
		{"two headers", "127.0.0.1:5", []string{"http", "https"}, false, false, true},
		{"garbage", "127.0.0.1:5", []string{"gopher"}, false, false, false},
		{"the public URL where the proxy says nothing", "127.0.0.1:5", nil, false, true, true},
		{"the public URL where the proxy is not told of", "192.0.2.1:5", []string{"http"}, false, true, true},
		{"a proxy knows better than the public URL", "127.0.0.1:5", []string{"http"}, false, true, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = c.peer
			r.Header["X-Forwarded-Proto"] = c.proto
			if c.tls {
				r.TLS = &tls.ConnectionState{}
			}
			if got := prefixes("127.0.0.0/8").via(r, c.public).Secure; got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestWhatIsKnownOfARequestReachesSocketsToo(t *testing.T) {
	var got auth.Via
	f := newFixture(t, func(c *Config) {
		c.Trusted = prefixes("192.0.2.0/24")
		c.Sockets = []Socket{{"GET /ws", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = auth.ViaOf(r.Context()) })}}
	})
	w := f.as("", "GET", "/ws", "", "X-Forwarded-For", "198.51.100.7", "X-Forwarded-Proto", "https")
	if want := (auth.Via{Addr: netip.MustParseAddr("198.51.100.7"), Secure: true}); got != want {
		t.Errorf("got %v", got)
	}
	if h := w.Header().Get("Strict-Transport-Security"); h != "max-age=31536000" {
		t.Errorf("over https the browser is told %q", h)
	}
	if h := f.as("", "GET", "/health", "").Header(); h["Strict-Transport-Security"] != nil {
		t.Errorf("over http the browser is told %v", h)
	}
	if !strings.Contains(f.log.String(), "remote=198.51.100.7") {
		t.Errorf("the log names the proxy:\n%s", f.log)
	}
}

func FuzzForwardedFor(f *testing.F) {
	f.Add("203.0.113.9, 198.51.100.7, 10.1.1.1")
	f.Add(",,,")
	f.Add("[::1]:99999, %, ::ffff:1.2.3.4%x")
	trusted := prefixes("10.0.0.0/8", "::1/128")
	f.Fuzz(func(t *testing.T, value string) {
		nearest := netip.MustParseAddr("10.0.0.2")
		got := trusted.client(nearest, []string{value})
		if !got.IsValid() || got.Is4In6() || got.Zone() != "" {
			t.Errorf("%q became %v", value, got)
		}
		// Whatever a client writes in front, what the proxy adds counts.
		if got := trusted.client(nearest, []string{value + ",198.51.100.7"}); got.String() != "198.51.100.7" {
			t.Errorf("%q in front made it %v", value, got)
		}
	})
}
