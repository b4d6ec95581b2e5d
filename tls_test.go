package parley

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/acme"
)

// testCA issues certificates in the test's own time.
type testCA struct {
	t    *testing.T
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	next int64
}

func newTestCA(t *testing.T) *testCA {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca := &testCA{t: t, key: key, next: 1}
	ca.cert = ca.sign(&x509.Certificate{
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(365 * 24 * time.Hour),
	}, nil, &key.PublicKey)
	return ca
}

func (ca *testCA) sign(template, parent *x509.Certificate, public *ecdsa.PublicKey) *x509.Certificate {
	ca.t.Helper()
	template.SerialNumber = big.NewInt(ca.next)
	ca.next++
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, ca.key)
	if err != nil {
		ca.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		ca.t.Fatal(err)
	}
	return cert
}

// issue returns certificate and key as PEM.
func (ca *testCA) issue(until time.Time, names ...string) (cert, key []byte) {
	ca.t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		ca.t.Fatal(err)
	}
	leaf := ca.sign(&x509.Certificate{
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until, DNSNames: names, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}, ca.cert, &private.PublicKey)
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		ca.t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Raw}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// lines is a log that a test can read.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), text)
}

func put(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestACertificateIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca, dir := newTestCA(t), t.TempDir()
		certPath, keyPath := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
		write := func(until time.Time, names ...string) {
			cert, key := ca.issue(until, names...)
			put(t, certPath, cert)
			put(t, keyPath, key)
		}
		var log lines
		month := time.Now().Add(30 * 24 * time.Hour)
		write(month, "first.example")
		f, err := loadCertFiles(certPath, keyPath, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		serves := func(name string) {
			t.Helper()
			c, err := f.get(nil)
			if err != nil || c.Leaf.DNSNames[0] != name {
				t.Errorf("serves %v, %v; want the one for %s", c.Leaf.DNSNames, err, name)
			}
		}
		write(month, "second.example")
		time.Sleep(checkCertificate - 1)
		serves("first.example")
		time.Sleep(1)
		serves("second.example")

		// The key of another certificate, no certificate at all, no file, an expired one: the old one stays, and each is
		// told once.
		for i, spoil := range []func(){
			func() { _, key := ca.issue(month, "x"); put(t, keyPath, key) },
			func() { put(t, certPath, []byte("not a certificate")) },
			func() { _ = os.Remove(certPath) },
			func() { write(time.Now().Add(-time.Hour), "expired.example") },
		} {
			spoil()
			for range 3 {
				time.Sleep(checkCertificate)
				serves("second.example")
			}
			if n := log.count("the old one stays"); n != i+1 {
				t.Errorf("after spoiling number %d it was told %d times", i, n)
			}
		}
		write(month, "third.example")
		time.Sleep(checkCertificate)
		serves("third.example")

		// A broken one that comes back is told again.
		put(t, keyPath, nil)
		time.Sleep(checkCertificate)
		serves("third.example")
		if n := log.count("the old one stays"); n != 5 {
			t.Errorf("told %d times", n)
		}
	})
}

// While one handshake waits for the disk, the others go on.
func TestAHandshakeDoesNotWaitForAnothers(t *testing.T) {
	ca, dir := newTestCA(t), t.TempDir()
	certPath, keyPath := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	cert, key := ca.issue(time.Now().Add(time.Hour), "a.example")
	put(t, certPath, cert)
	put(t, keyPath, key)
	f, err := loadCertFiles(certPath, keyPath, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock() // as the one that reads does
	defer f.mu.Unlock()
	f.checked = time.Time{}
	if c, err := f.get(nil); err != nil || c == nil {
		t.Errorf("%v, %v", c, err)
	}
}

func newTestAuto(t *testing.T, directory string) (*autoCert, *lines) {
	t.Helper()
	var log lines
	a, err := newAutoCert(&settings{Config: Config{
		TLSAuto: []string{"Chat.example.org", "talk.example.org", "chat.example.org"}, ACMEDirectory: directory,
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
	}}, filepath.Join(t.TempDir(), "acme"))
	if err != nil {
		t.Fatal(err)
	}
	return a, &log
}

// Nobody who connects makes the server ask the issuer, or waits for it.
func TestHandshakesDoNotReachTheIssuer(t *testing.T) {
	a, _ := newTestAuto(t, "https://127.0.0.1:1/directory")
	a.manager.Client.HTTPClient.Transport = refusing{t}
	for _, hello := range []*tls.ClientHelloInfo{
		{ServerName: "chat.example.org"},
		{ServerName: ""},
		{ServerName: "TALK.example.org."},
		{ServerName: "evil.example"},
		{ServerName: "../../token.key"},
		{ServerName: "chat.example.org", SupportedProtos: []string{acme.ALPNProto}},
		{ServerName: "evil.example", SupportedProtos: []string{acme.ALPNProto}},
		{ServerName: strings.Repeat("a", 1<<16)},
	} {
		if c, err := a.get(hello); err == nil {
			t.Errorf("%.40q: got %v", hello.ServerName, c)
		}
	}
}

type refusing struct{ t *testing.T }

func (r refusing) RoundTrip(q *http.Request) (*http.Response, error) {
	r.t.Errorf("asked for %s", q.URL)
	return nil, errors.New("refused")
}

// failing counts what reaches the issuer.
type failing struct{ asked chan struct{} }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) {
	f.asked <- struct{}{}
	return nil, errors.New("there is no issuer")
}

func TestFetchingIsTriedAgainLaterAndLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, log := newTestAuto(t, "https://ca.example/directory")
		asked := make(chan struct{}, 1000)
		a.manager.Client.HTTPClient.Transport = failing{asked}
		go a.run()
		rounds := func() int {
			synctest.Wait()
			return log.count("no certificate")
		}
		for _, want := range []struct {
			wait time.Duration
			logs int
		}{{0, 2}, {firstRetry - 1, 2}, {1, 4}, {2 * firstRetry, 6}, {4 * firstRetry, 8}, {lastRetry, 10}, {lastRetry, 12}} {
			time.Sleep(want.wait)
			if got := rounds(); got != want.logs {
				t.Errorf("after a further %s: %d failures logged, want %d", want.wait, got, want.logs)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := a.close(ctx); err != nil {
			t.Error(err)
		}
		if log.count("does the name lead to this machine") != log.count("no certificate") {
			t.Error("a failure does not say what to look at")
		}
		time.Sleep(2 * time.Minute) // autocert forgets what failed by a timer
	})
}

// An issuer that never answers does not keep a server that stops.
func TestTheEndBreaksOffARequestToTheIssuer(t *testing.T) {
	asked := make(chan struct{}, 1)
	issuer := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	defer issuer.Close()
	a, log := newTestAuto(t, issuer.URL)
	roots := x509.NewCertPool()
	roots.AddCert(issuer.Certificate())
	a.manager.Client.HTTPClient.Transport.(endingTransport).next.TLSClientConfig = &tls.Config{RootCAs: roots}
	go a.run()
	<-asked
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := a.close(ctx); err != nil {
		t.Error(err)
	}
	if n := log.count("no certificate"); n > 0 {
		t.Error("the end was logged as a failure")
	}
}

// After the end, autocert's own timers reach neither the issuer nor the folder.
func TestNothingIsTouchedAfterTheEnd(t *testing.T) {
	a, _ := newTestAuto(t, "https://127.0.0.1:1/directory")
	go a.run()
	if err := a.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	cache := a.manager.Cache
	if err := cache.Put(t.Context(), "x", []byte("y")); !errors.Is(err, errACMEClosed) {
		t.Errorf("Put: %v", err)
	}
	if _, err := cache.Get(t.Context(), "x"); !errors.Is(err, errACMEClosed) {
		t.Errorf("Get: %v", err)
	}
	if err := cache.Delete(t.Context(), "x"); !errors.Is(err, errACMEClosed) {
		t.Errorf("Delete: %v", err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://127.0.0.1:1/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := a.manager.Client.HTTPClient.Do(req); !errors.Is(err, errACMEClosed) {
		if err == nil {
			_ = resp.Body.Close()
		}
		t.Errorf("a request: %v", err)
	}
}

func TestTheFolderOfCertificatesIsClosedToOthers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "acme")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	a, err := newAutoCert(&settings{Config: Config{TLSAuto: []string{"a.example"}, Logger: slog.New(slog.DiscardHandler)}}, dir)
	if err != nil {
		t.Fatal(err)
	}
	a.cancel()
	if s, err := os.Stat(dir); err != nil || s.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", s, err)
	}
}
