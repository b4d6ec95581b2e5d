package parley

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// checkCertificate is how often the files of a certificate are looked at, and at most when somebody connects.
const checkCertificate = time.Minute

// tlsConfig is what holds for every connection: TLS 1.2 with forward secrecy at least, HTTP/2 for those who ask for it.
// Browsers open their sockets over HTTP/1.1, as nothing here offers them the extended CONNECT of HTTP/2.
func tlsConfig(certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, GetCertificate: certificate}
}

// certFiles is a certificate in two files that somebody else renews. get may be called concurrently.
type certFiles struct {
	certPath, keyPath string
	log               *slog.Logger
	current           atomic.Pointer[tls.Certificate]

	mu      sync.Mutex // held by the one handshake that looks at the files
	cert    []byte     // what current was made of
	key     []byte
	checked time.Time
	trouble string // what was logged last, "" after a success
}

// loadCertFiles reads the files for the first time, when an error is one for whoever starts the server.
func loadCertFiles(certPath, keyPath string, log *slog.Logger) (*certFiles, error) {
	f := &certFiles{certPath: certPath, keyPath: keyPath, log: log, checked: time.Now()}
	if err := f.load(); err != nil {
		return nil, fmt.Errorf("cannot use the certificate: %w: see --tls-cert and --tls-key", err)
	}
	return f, nil
}

// get is a tls.Config.GetCertificate. Only one handshake in a minute reads files; if those hang, no other waits.
func (f *certFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	if f.mu.TryLock() {
		defer f.mu.Unlock()
		if now := time.Now(); now.Sub(f.checked) >= checkCertificate {
			f.checked = now
			f.reload()
		}
	}
	return f.current.Load(), nil
}

// reload keeps the old certificate when the new one cannot be used, and says so once for each reason.
func (f *certFiles) reload() {
	err := f.load()
	if err == nil {
		f.trouble = ""
		return
	}
	if err.Error() != f.trouble {
		f.trouble = err.Error()
		f.log.Error("the new certificate cannot be used, the old one stays", "err", err)
	}
}

// load compares what the files hold, not their times: those say nothing when a link is moved or a backup put back.
func (f *certFiles) load() error {
	cert, err := os.ReadFile(f.certPath)
	if err != nil {
		return err
	}
	key, err := os.ReadFile(f.keyPath)
	if err != nil {
		return err
	}
	if bytes.Equal(cert, f.cert) && bytes.Equal(key, f.key) {
		return nil
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return fmt.Errorf("%s and %s: %w", f.certPath, f.keyPath, err)
	}
	now := time.Now()
	switch {
	case f.cert != nil && now.After(pair.Leaf.NotAfter):
		return fmt.Errorf("%s has expired on %s", f.certPath, pair.Leaf.NotAfter.Format(time.DateOnly))
	case now.After(pair.Leaf.NotAfter) || now.Before(pair.Leaf.NotBefore):
		f.log.Warn("browsers will refuse this certificate", "from", pair.Leaf.NotBefore, "until", pair.Leaf.NotAfter)
	}
	f.cert, f.key = cert, key
	f.current.Store(&pair)
	f.log.Info("certificate", "file", f.certPath, "names", slices.Concat(pair.Leaf.DNSNames, addresses(&pair)), "until", pair.Leaf.NotAfter)
	return nil
}

func addresses(c *tls.Certificate) []string {
	var texts []string
	for _, ip := range c.Leaf.IPAddresses {
		texts = append(texts, ip.String())
	}
	return texts
}
