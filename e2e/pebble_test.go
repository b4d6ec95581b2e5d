package e2e

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/letsencrypt/challtestsrv"
	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
)

// issuer is an ACME server, Let's Encrypt's own for tests. It checks every challenge for real, and asks a name server where
// every name leads to this machine.
type issuer struct {
	directory string // URL
	trust     string // file with the certificate of the ACME server itself
	roots     *x509.CertPool
	log       *output
}

// hurryIssuers bounds how long they wait before each check, so that clients learn to live with that: for some whole number
// of seconds below this one.
var hurryIssuers = sync.OnceFunc(func() { _ = os.Setenv("PEBBLE_VA_SLEEPTIME", "1") })

// startIssuer starts one that checks TLS-ALPN-01 on one port and HTTP-01 on the other.
func startIssuer(t *testing.T, tlsAddr, httpAddr string) *issuer {
	t.Helper()
	hurryIssuers()
	names := freeAddr(t)
	i := &issuer{log: &output{}}
	logger := slog.NewLogLogger(slog.NewTextHandler(i.log, nil), slog.LevelInfo)
	dns, err := challtestsrv.New(challtestsrv.Config{DNSAddrs: []string{names}, Log: logger})
	if err != nil {
		t.Fatal(err)
	}
	dns.SetDefaultDNSIPv4("127.0.0.1")
	dns.SetDefaultDNSIPv6("")
	go dns.Run()
	t.Cleanup(dns.Shutdown)

	store := db.NewMemoryStore()
	authority := ca.New(logger, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {Description: "for tests"}})
	checks := va.New(logger, port(t, httpAddr), port(t, tlsAddr), true, names, store)
	front := wfe.New(logger, store, checks, authority, []string{"pebble.letsencrypt.org"}, true, false, 1, 1)
	server := httptest.NewTLSServer(front.Handler())
	t.Cleanup(server.Close)

	i.directory = server.URL + wfe.DirectoryPath
	i.trust = filepath.Join(t.TempDir(), "issuer.pem")
	if err := os.WriteFile(i.trust, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	i.roots = x509.NewCertPool()
	if !i.roots.AppendCertsFromPEM(authority.GetRootCert(0).PEM()) {
		t.Fatal("the issuer has no root certificate")
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the issuer's log (its end):\n%s", tail(i.log.String(), 8<<10))
		}
	})
	return i
}

func port(t *testing.T, addr string) int {
	t.Helper()
	_, p, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(p)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// folderHolds reports whether a file of the folder holds the text.
func folderHolds(t *testing.T, dir, text string) bool {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(text)) {
			return true
		}
	}
	return false
}
