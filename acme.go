package parley

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// Waits after a certificate could not be fetched. An issuer such as Let's Encrypt takes five failures of a name in an
// hour, and each round here is one by each kind of challenge.
const (
	firstRetry = 10 * time.Minute
	lastRetry  = time.Hour
)

var errACMEClosed = errors.New("the server is shutting down")

// autoCert gets certificates from an ACME issuer, and keeps them in a folder. Handshakes never wait for the issuer: one
// goroutine for all names fetches, and until a name has its certificate, connections to it fail.
type autoCert struct {
	domains []string // in small letters
	manager *autocert.Manager
	log     *slog.Logger
	ready   map[string]*atomic.Bool // by domain

	// ctx ends what is under way with the issuer, and every later use of the folder: autocert's timers for renewals know
	// of no end of their own.
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{} // closed when run has ended
}

func newAutoCert(set *settings, dir string) (*autoCert, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the folder for certificates: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil { // it may be from elsewhere
		return nil, fmt.Errorf("cannot close the folder for certificates to others: %w", err)
	}
	a := &autoCert{log: set.Logger, ready: map[string]*atomic.Bool{}, done: make(chan struct{})}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	for _, d := range set.TLSAuto {
		d = strings.ToLower(d)
		if !slices.Contains(a.domains, d) {
			a.domains = append(a.domains, d)
			a.ready[d] = &atomic.Bool{}
		}
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	context.AfterFunc(a.ctx, transport.CloseIdleConnections)
	a.manager = &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      endingCache{autocert.DirCache(dir), a.ctx},
		HostPolicy: autocert.HostWhitelist(a.domains...),
		Email:      set.ACMEEmail,
		Client: &acme.Client{
			DirectoryURL: set.ACMEDirectory, UserAgent: "parley/" + Version(),
			HTTPClient: &http.Client{Transport: endingTransport{transport, a.ctx}, Timeout: time.Minute},
		},
	}
	return a, nil
}

// config is for the listener: it answers the issuer's TLS-ALPN-01 challenges, too.
func (a *autoCert) config() *tls.Config {
	c := tlsConfig(a.get)
	c.NextProtos = append(c.NextProtos, acme.ALPNProto)
	return c
}

// get is a tls.Config.GetCertificate. Who names no server gets the first certificate.
func (a *autoCert) get(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
	if name == "" {
		name = a.domains[0]
	}
	ready, ours := a.ready[name]
	switch {
	case !ours:
		return nil, fmt.Errorf("there is no certificate for %q", name)
	case slices.Equal(hello.SupportedProtos, []string{acme.ALPNProto}):
		return a.manager.GetCertificate(hello)
	case !ready.Load():
		return nil, fmt.Errorf("the certificate for %s is still to come", name)
	}
	return a.manager.GetCertificate(askFor(name))
}

// askFor asks for the one kind of certificate there is, ECDSA: what speaks TLS 1.2 knows it, and a second kind for those
// who claim not to would let strangers make us ask the issuer.
func askFor(name string) *tls.ClientHelloInfo {
	return &tls.ClientHelloInfo{ServerName: name, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}}
}

// challenges answers the issuer's HTTP-01 challenges and gives everything else to next. The host is compared without a
// port: only who tests has one.
func (a *autoCert) challenges(next http.Handler) http.Handler {
	answer := a.manager.HTTPHandler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host, _, err := net.SplitHostPort(r.Host); err == nil {
			r = r.WithContext(r.Context())
			r.Host = host
		}
		answer.ServeHTTP(w, r)
	})
}

// run fetches what is missing until every name has its certificate. Renewals are autocert's.
func (a *autoCert) run() {
	defer close(a.done)
	retry := firstRetry
	for {
		missing := 0
		for _, d := range a.domains {
			if !a.ready[d].Load() && !a.fetch(d, retry) {
				missing++
			}
		}
		if missing == 0 {
			return
		}
		select {
		case <-time.After(retry):
		case <-a.ctx.Done():
			return
		}
		retry = min(2*retry, lastRetry)
	}
}

func (a *autoCert) fetch(domain string, retry time.Duration) (ok bool) {
	cert, err := a.manager.GetCertificate(askFor(domain))
	switch {
	case a.ctx.Err() != nil:
		return false
	case err != nil:
		a.log.Error("no certificate: does the name lead to this machine, and do its ports 443 and 80 lead here?",
			"name", domain, "issuer", a.manager.Client.DirectoryURL, "err", err, "next_try_in", retry)
		return false
	}
	a.ready[domain].Store(true)
	a.log.Info("certificate", "name", domain, "until", cert.Leaf.NotAfter)
	return true
}

// close ends run. What waits for the issuer without asking it anything may do so for some seconds more; ctx bounds that.
func (a *autoCert) close(ctx context.Context) error {
	a.cancel()
	select {
	case <-a.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// endingTransport sends nothing more once its context has ended, and breaks off what is under way.
type endingTransport struct {
	next *http.Transport
	ctx  context.Context
}

func (t endingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.ctx.Err() != nil {
		return nil, errACMEClosed
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	stop := context.AfterFunc(t.ctx, func() { cancel(errACMEClosed) })
	resp, err := t.next.RoundTrip(r.WithContext(ctx))
	if err != nil {
		stop()
		cancel(nil)
		return nil, err
	}
	resp.Body = &endingBody{resp.Body, stop, cancel}
	return resp, nil
}

// endingBody lets go of a request's context when it has been read.
type endingBody struct {
	io.ReadCloser
	stop   func() bool
	cancel context.CancelCauseFunc
}

func (b *endingBody) Close() error {
	b.stop()
	defer b.cancel(nil)
	return b.ReadCloser.Close()
}

// endingCache leaves the folder alone once its context has ended: by then it may be another server's.
type endingCache struct {
	autocert.DirCache
	ctx context.Context
}

func (c endingCache) Get(ctx context.Context, key string) ([]byte, error) {
	if c.ctx.Err() != nil {
		return nil, errACMEClosed
	}
	return c.DirCache.Get(ctx, key)
}

func (c endingCache) Put(ctx context.Context, key string, data []byte) error {
	if c.ctx.Err() != nil {
		return errACMEClosed
	}
	return c.DirCache.Put(ctx, key, data)
}

func (c endingCache) Delete(ctx context.Context, key string) error {
	if c.ctx.Err() != nil {
		return errACMEClosed
	}
	return c.DirCache.Delete(ctx, key)
}
