package e2e

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/wsclient"
)

// site is how a client on this machine reaches a name on the network: by the address where a server or proxy really
// listens, from the address that the client is meant to have.
type site struct {
	base  string // https://chat.example.org, without a slash at its end
	to    string // HOST:PORT where it really is
	from  string // the client's address; "": the system's choice
	roots *x509.CertPool
}

func (s site) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	var d net.Dialer
	if s.from != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(s.from)}
	}
	return d.DialContext(ctx, network, s.to)
}

// client returns an HTTP client for the site that follows no redirects.
func (s site) client(t *testing.T) *http.Client {
	tr := &http.Transport{DialContext: s.dial, TLSClientConfig: &tls.Config{RootCAs: s.roots}, ForceAttemptHTTP2: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// socket opens one as a page of the site does, with its Origin.
func (s site) socket(t *testing.T, path, token string) *wsclient.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	origin, _, _ := strings.Cut(strings.TrimPrefix(s.base, "https://"), "/")
	d := wsclient.Dialer{TLS: &tls.Config{RootCAs: s.roots}, NetDial: s.dial}
	c, _, err := d.Dial(ctx, strings.Replace(s.base, "http", "ws", 1)+path, http.Header{
		"Origin": {"https://" + origin}, "Authorization": {"Bearer " + token},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// get returns status and body.
func get(client *http.Client, url string) (int, string, error) {
	resp, err := client.Get(url)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

// awaitFrame reads up to a frame of the type.
func awaitFrame(t *testing.T, c *wsclient.Conn, kind string) map[string]any {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		var m map[string]any
		if err := c.ReadJSON(ctx, &m); err != nil {
			t.Fatalf("waiting for %s: %v", kind, err)
		}
		if m["type"] == kind {
			return m
		}
	}
}

// eventually tries until something succeeds or the server has ended.
func (s *server) eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-s.proc.done:
			t.Fatalf("the server ended before %s: %v, %v", what, s.proc.err, err)
		case <-deadline:
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// healthyAt waits until /health answers at the site.
func (s *server) healthyAt(t *testing.T, at site) {
	t.Helper()
	client := at.client(t)
	s.eventually(t, "it was healthy at "+at.base, func() error {
		status, body, err := get(client, at.base+"/health")
		if err == nil && (status != 200 || strings.TrimSpace(body) != `{"status":"ok"}`) {
			err = fmt.Errorf("/health: %d %s", status, body)
		}
		return err
	})
}

// stop ends the server in order.
func (s *server) stop(t *testing.T) {
	t.Helper()
	if _, status, err := s.terminate(patience); err != nil || status != 0 {
		t.Errorf("SIGTERM: status %d, %v", status, err)
	}
}

// A certificate is fetched from an issuer that checks the name, by each of the two ways it may; after a restart it is there
// without the issuer.
func TestCertificatesFromAnIssuer(t *testing.T) {
	t.Parallel()
	const domain = "chat.example.org"
	for _, way := range []string{"TLS-ALPN-01", "HTTP-01"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			plain, reached := freeAddr(t), s.addr
			if way == "HTTP-01" {
				reached = freeAddr(t) // nobody is there
			}
			ca := startIssuer(t, reached, plain)
			start := func() {
				t.Helper()
				s.flags = []string{"--tls-auto", domain, "--acme-directory", ca.directory, "--acme-email", "ops@example.org", "--http-addr", plain}
				cmd := s.serve()
				cmd.Env = append(cmd.Env, "SSL_CERT_FILE="+ca.trust)
				if err := s.launch(cmd); err != nil {
					t.Fatal(err)
				}
			}
			at := site{base: "https://" + domain, to: s.addr, roots: ca.roots}
			token := s.user("ann")
			start()
			s.healthyAt(t, at)
			overTLS(t, at, token)
			if got := strings.Count(ca.log.String(), "Issued certificate"); got != 1 {
				t.Errorf("the issuer gave out %d certificates, want 1", got)
			}

			client := site{base: "http://" + domain, to: plain}.client(t)
			resp, err := client.Get("http://" + domain + "/rooms/general")
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			_, port, _ := net.SplitHostPort(s.addr)
			if want := "https://" + domain + ":" + port + "/rooms/general"; resp.StatusCode != 308 || resp.Header.Get("Location") != want {
				t.Errorf("%d to %q, want %q", resp.StatusCode, resp.Header.Get("Location"), want)
			}
			s.stop(t)

			start()
			s.healthyAt(t, at)
			s.stop(t)
			if got := strings.Count(ca.log.String(), "Issued certificate"); got != 1 {
				t.Errorf("after a restart the issuer has given out %d certificates, want 1", got)
			}
			folder := filepath.Join(s.data, "acme")
			if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 || !folderHolds(t, folder, "PRIVATE KEY") {
				t.Errorf("the folder with the keys: %v, %v", info, err)
			}
		})
	}
}

// overTLS uses the server as a page does.
func overTLS(t *testing.T, at site, token string) {
	t.Helper()
	c := at.socket(t, "/ws/room/general", token)
	awaitFrame(t, c, "subscribed")
	if err := c.Send(`{"type":"message","content":"over TLS","client_id":"0197c3a0-0000-7000-8000-000000000001"}`); err != nil {
		t.Fatal(err)
	}
	awaitFrame(t, c, "ack")
	if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

// A name that does not lead here gets no certificate: the log says what to look at, and the server goes on.
func TestAnIssuerThatRefuses(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ca := startIssuer(t, freeAddr(t), freeAddr(t)) // it looks at ports where nobody is
	s.flags = []string{"--tls-auto", "chat.example.org", "--acme-directory", ca.directory, "--http-addr", freeAddr(t)}
	cmd := s.serve()
	cmd.Env = append(cmd.Env, "SSL_CERT_FILE="+ca.trust)
	if err := s.launch(cmd); err != nil {
		t.Fatal(err)
	}
	s.eventually(t, "it said what is wrong", func() error {
		if log := s.log.String(); !strings.Contains(log, "no certificate: does the name lead to this machine") || !strings.Contains(log, "name=chat.example.org") {
			return errors.New("it has not said it")
		}
		return nil
	})
	status, _, err := get(site{base: "https://chat.example.org", to: s.addr, roots: ca.roots}.client(t), "https://chat.example.org/health")
	if err == nil {
		t.Errorf("answered %d without a certificate", status)
	}
	s.stop(t)
}

// An issuer whose own certificate nobody here trusts is not believed.
func TestAnIssuerThatIsNotTrusted(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ca := startIssuer(t, s.addr, freeAddr(t))
	s.flags = []string{"--tls-auto", "chat.example.org", "--acme-directory", ca.directory, "--http-addr", freeAddr(t)}
	if err := s.launch(s.serve()); err != nil {
		t.Fatal(err)
	}
	s.eventually(t, "it said what is wrong", func() error {
		if !strings.Contains(s.log.String(), "certificate signed by unknown authority") {
			return errors.New("it has not said it")
		}
		return nil
	})
	s.stop(t)
}

// Who opens a connection to either port and says nothing, or never ends a handshake, is not waited for.
func TestAttack09SilentHandshakes(t *testing.T) {
	t.Parallel()
	s, plain := newServer(t), freeAddr(t)
	p := &proxy{dir: t.TempDir()}
	p.selfSigned(t, "chat.example.org")
	s.flags = []string{"--tls-cert", p.dir + "/cert.pem", "--tls-key", p.dir + "/key.pem", "--http-addr", plain}
	if err := s.launch(s.serve()); err != nil {
		t.Fatal(err)
	}
	at := site{base: "https://chat.example.org", to: s.addr, roots: p.roots(t)}
	s.healthyAt(t, at)
	var waiting sync.WaitGroup
	for addr, said := range map[string][]string{s.addr: {"", "\x16\x03\x01\x02\x00\x01"}, plain: {"", "GET / HTTP/1.1\r\nHost: chat.example.org\r\nX: "}} {
		for _, text := range said {
			waiting.Go(func() {
				c, err := net.Dial("tcp", addr)
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(patience))
				_, _ = io.WriteString(c, text)
				if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("%q: the connection is still open", text)
				}
			})
		}
	}
	waiting.Wait()
	s.healthyAt(t, at)
	s.stop(t)
}
