package config

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestOptionsOfTLSAndProxies(t *testing.T) {
	for _, args := range [][]string{
		{"--tls-cert", "/c.pem", "--tls-key", "/k.pem"},
		{"--tls-cert", "/c.pem", "--tls-key", "/k.pem", "--http-addr", ":80", "--addr", ":443"},
		{"--tls-auto", "chat.example.org", "--tls-auto", "xn--bcher-kva.example", "--acme-email", "me@example.org"},
		{"--tls-auto", "chat.example.org", "--acme-directory", "https://ca.example.org:14000/dir", "--public-url", "https://chat.example.org"},
		{"--tls-auto", "chat.example.org", "--addr", "127.0.0.1:0", "--http-addr", "127.0.0.1:0"},
		{"--trusted-proxy", "10.0.0.7", "--trusted-proxy", "fd00::/8", "--public-url", "https://example.org/chat/"},
		{"--registration", "open", "--token-ttl", "5s"},
		{"--registration", "closed", "--token-ttl", "24h"},
	} {
		if _, err := parseLine(t, args...); err != nil {
			t.Errorf("%v: %v", args, err)
		}
	}
	for _, c := range []struct {
		args []string
		want string // what the message begins with
	}{
		{[]string{"--tls-cert", "/c.pem"}, "--tls-cert: "},
		{[]string{"--tls-key", "/k.pem"}, "--tls-key: "},
		{[]string{"--tls-cert", "/c.pem", "--tls-key", "/k.pem", "--tls-auto", "chat.example.org"}, "--tls-auto: "},
		{[]string{"--acme-directory", "https://ca.example.org/dir"}, "--acme-directory: "},
		{[]string{"--tls-auto", "chat.example.org", "--acme-directory", "http://ca.example.org/dir"}, "--acme-directory: "},
		{[]string{"--tls-auto", "chat.example.org", "--acme-directory", "ca.example.org"}, "--acme-directory: "},
		{[]string{"--acme-email", "me@example.org"}, "--acme-email: "},
		{[]string{"--tls-auto", "chat.example.org", "--acme-email", "Me <me@example.org>"}, "--acme-email: "},
		{[]string{"--tls-auto", "localhost"}, "--tls-auto: "},
		{[]string{"--tls-auto", "192.0.2.1"}, "--tls-auto: "},
		{[]string{"--tls-auto", "*.example.org"}, "--tls-auto: "},
		{[]string{"--tls-auto", "https://chat.example.org"}, "--tls-auto: "},
		{[]string{"--tls-auto", "chat.example.org:443"}, "--tls-auto: "},
		{[]string{"--tls-auto", "chat.example.org."}, "--tls-auto: "},
		{[]string{"--tls-auto", "bücher.example"}, "--tls-auto: "},
		{[]string{"--tls-auto", "-a.example"}, "--tls-auto: "},
		{[]string{"--http-addr", ":80"}, "--http-addr: "},
		{[]string{"--tls-auto", "chat.example.org", "--http-addr", "80"}, "--http-addr: "},
		{[]string{"--tls-auto", "chat.example.org", "--addr", ":444", "--http-addr", ":444"}, "--http-addr: "},
		{[]string{"--tls-auto", "chat.example.org", "--public-url", "http://chat.example.org"}, "--public-url: "},
		{[]string{"--trusted-proxy", "proxy.example.org"}, "--trusted-proxy: "},
		{[]string{"--trusted-proxy", "10.0.0.0/33"}, "--trusted-proxy: "},
		{[]string{"--trusted-proxy", "fe80::1%eth0"}, "--trusted-proxy: "},
		{[]string{"--trusted-proxy", "0.0.0.0/0"}, "--trusted-proxy: "},
		{[]string{"--trusted-proxy", "::/0"}, "--trusted-proxy: "},
		{[]string{"--trusted-proxy", "::ffff:0.0.0.0/96"}, "--trusted-proxy: "},
		{[]string{"--registration", "maybe"}, "--registration "},
		{[]string{"--token-ttl", "4s"}, "--token-ttl: "},
		{[]string{"--token-ttl", "25h"}, "--token-ttl: "},
		{[]string{"--token-ttl", "soon"}, "--token-ttl: "},
	} {
		if _, err := parseLine(t, c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got error %v, want one with %q", c.args, err, c.want)
		}
	}
}

func TestProxiesAreNetworks(t *testing.T) {
	t.Setenv("PARLEY_TRUSTED_PROXY", "10.0.0.7,192.168.1.9/24,::ffff:172.16.0.0/108,fd00::1")
	t.Setenv("PARLEY_TOKEN_TTL", "90s")
	got, err := parseLine(t)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"10.0.0.7/32", "192.168.1.0/24", "172.16.0.0/12", "fd00::1/128"}
	var texts []string
	for _, p := range got.Proxies() {
		texts = append(texts, p.String())
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Error(diff)
	}
	if got.TokenTTL != 90*time.Second {
		t.Errorf("token TTL %s", got.TokenTTL)
	}
	got, err = parseLine(t, "--config="+write(t, `{"tls-auto": ["a.example", "b.example"], "token_ttl": "1h", "trusted-proxy": []}`))
	if err != nil || len(got.TLSAuto) != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func FuzzTrustedProxies(f *testing.F) {
	for _, s := range []string{"10.0.0.7", "10.0.0.0/8", "::1", "::ffff:1.2.3.4/128", "::ffff:0:0/96", "0.0.0.0/0", "x", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		proxies, err := parseProxies([]string{s})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "--trusted-proxy: ") {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		if len(proxies) != 1 || !proxies[0].IsValid() || proxies[0].Bits() == 0 || proxies[0] != proxies[0].Masked() {
			t.Errorf("%q: %v", s, proxies)
		}
		for _, all := range []netip.Addr{netip.MustParseAddr("255.255.255.255"), netip.MustParseAddr("ffff::1")} {
			if proxies[0].Contains(all) && proxies[0].Contains(netip.AddrFrom4([4]byte{})) {
				t.Errorf("%q is everything", s)
			}
		}
	})
}

func FuzzDomain(f *testing.F) {
	for _, s := range []string{"chat.example.org", "a..b", "1.2.3.4", "*.a.b", "a.b:1", "", "."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if checkDomain(s) == nil && (strings.ContainsAny(s, "*:/ %@\x00") || strings.HasPrefix(s, ".") || !strings.Contains(s, ".")) {
			t.Errorf("%q was taken", s)
		}
	})
}
