package parley_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/parley-chat/parley"
	"github.com/parley-chat/parley/internal/wsclient"
)

// certificate writes the certificate that httptest has for 127.0.0.1 and returns its files and a pool that trusts it.
func certificate(t *testing.T) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	src := httptest.NewTLSServer(nil)
	defer src.Close()
	pair := src.TLS.Certificates[0]
	writePEM(t, certFile, "CERTIFICATE", pair.Certificate[0])
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, keyFile, "PRIVATE KEY", key)
	roots = x509.NewCertPool()
	roots.AddCert(src.Certificate())
	return certFile, keyFile, roots
}

func writePEM(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// secured makes the helpers talk https to a server, and returns a client that trusts it.
func secured(t *testing.T, r *running, roots *x509.CertPool) *http.Client {
	t.Helper()
	r.base = strings.Replace(r.base, "http:", "https:", 1)
	client := newClient(t)
	tr := client.Transport.(*http.Transport)
	tr.TLSClientConfig, tr.ForceAttemptHTTP2 = &tls.Config{RootCAs: roots}, true
	return client
}

func TestHTTPSAndItsSockets(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile, roots := certificate(t)
	r := start(t, parley.Config{DataDir: dir, TLSCertFile: certFile, TLSKeyFile: keyFile, HTTPAddr: "127.0.0.1:0"})
	client := secured(t, r, roots)
	resp, err := client.Get(r.base + "/health")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if resp.ProtoMajor != 2 || string(body) != `{"status":"ok"}` || resp.TLS.Version < tls.VersionTLS12 {
		t.Errorf("%s %s", resp.Proto, body)
	}

	raw := token(t, dir, "ann")
	dialer := wsclient.Dialer{TLS: &tls.Config{RootCAs: roots}}
	c, _, err := dialer.Dial(t.Context(), strings.Replace(r.base, "https:", "wss:", 1)+"/ws/room/general", http.Header{
		"Authorization": {"Bearer " + raw}, "Origin": {r.base},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	until(t, c, "subscribed")
	if status, m := call(t, client, "POST", r.base+"/api/messages", token(t, dir, "bob"), `{"room":"general","content":"over TLS"}`); status != 201 {
		t.Fatalf("%d %v", status, m)
	}
	if m := until(t, c, "message"); m["content"] != "over TLS" {
		t.Errorf("got %v", m)
	}
	redirects(t, r)
	go r.stop()
	until(t, c, "goodbye")
	var closed *wsclient.CloseError
	for closed == nil {
		if _, _, err := c.Read(t.Context()); err != nil && !errors.As(err, &closed) {
			t.Fatal(err)
		}
	}
	if closed.Code != 1001 {
		t.Errorf("closed with %v", closed)
	}
	r.stop()
	if log := r.log.String(); !strings.Contains(log, "url="+r.base) || strings.Contains(log, "BEGIN") {
		t.Errorf("the log names no %s, or has a key:\n%s", r.base, log)
	}
}

// redirects checks the server's second port.
func redirects(t *testing.T, r *running) {
	t.Helper()
	found := regexp.MustCompile(`http_addr=(\S+)`).FindStringSubmatch(r.log.String())
	if found == nil {
		t.Fatalf("the log names no http_addr:\n%s", r.log)
	}
	client := newClient(t)
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for path, want := range map[string]string{
		"/rooms/general?a=b":              "/rooms/general?a=b",
		"/ws":                             "/ws",
		"/.well-known/acme-challenge/abc": "/.well-known/acme-challenge/abc",
	} {
		resp, err := client.Post("http://"+found[1]+path, "text/plain", strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got := resp.Header.Get("Location"); resp.StatusCode != 308 || got != r.base+want {
			t.Errorf("%s: %d to %q, want %q", path, resp.StatusCode, got, r.base+want)
		}
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	certFile, keyFile, roots := certificate(t)
	r := start(t, parley.Config{TLSCertFile: certFile, TLSKeyFile: keyFile})
	addr := strings.TrimPrefix(r.base, "http://")
	for version, ok := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		c, err := (&tls.Dialer{Config: &tls.Config{RootCAs: roots, MinVersion: version, MaxVersion: version}}).DialContext(t.Context(), "tcp", addr)
		if (err == nil) != ok {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
		if err == nil {
			_ = c.Close()
		}
	}
	// Who speaks no TLS to this port is told so, and the server lives.
	resp, err := newClient(t).Get(r.base + "/health")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 400 {
		t.Errorf("http on the https port: %d", resp.StatusCode)
	}
}

func TestASecondPortThatIsTaken(t *testing.T) {
	certFile, keyFile, _ := certificate(t)
	first := start(t, parley.Config{})
	taken := strings.TrimPrefix(first.base, "http://")
	s, err := parley.New(parley.Config{
		DataDir: t.TempDir(), Addr: "127.0.0.1:0", HTTPAddr: taken, TLSCertFile: certFile, TLSKeyFile: keyFile, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), taken) || !strings.Contains(err.Error(), "--http-addr") {
		t.Errorf("got %v", err)
	}
}

func TestWrongTLSSettingsAreNamed(t *testing.T) {
	certFile, keyFile, _ := certificate(t)
	for _, c := range []struct {
		want string
		cfg  parley.Config
	}{
		{"TLSKeyFile", parley.Config{TLSCertFile: certFile}},
		{"--tls-cert", parley.Config{TLSCertFile: certFile, TLSKeyFile: filepath.Join(t.TempDir(), "none")}},
		{"--tls-cert", parley.Config{TLSCertFile: keyFile, TLSKeyFile: keyFile}},
		{"exclude", parley.Config{TLSCertFile: certFile, TLSKeyFile: keyFile, TLSAuto: []string{"a.example"}}},
		{"ACMEEmail", parley.Config{ACMEEmail: "a@a.example"}},
		{"HTTPAddr", parley.Config{HTTPAddr: ":80"}},
		{"public URL", parley.Config{PublicURL: "http://a.example", TLSCertFile: certFile, TLSKeyFile: keyFile}},
		{"registration", parley.Config{Registration: "maybe"}},
		{"token", parley.Config{TokenTTL: 1}},
		{"trusted proxy", parley.Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}}},
	} {
		dir := filepath.Join(t.TempDir(), "data")
		c.cfg.DataDir = dir
		if _, err := parley.New(c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: the folder was made all the same", c.want)
		}
	}
}
