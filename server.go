package parley

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/httpapi"
)

// ShutdownTime is the longest that Run takes to stop once its context has ended.
const ShutdownTime = 10 * time.Second

// Limits on what a connection may take before anybody knows who it is.
const (
	headerTime = 10 * time.Second // for the request line and the header
	bodyTime   = 30 * time.Second // for the whole request; sockets are free of it
	idleTime   = 2 * time.Minute  // between two requests
	headerSize = 16 << 10         // bytes
)

// Server is a running Parley. Its methods may be called concurrently.
type Server struct {
	set     *settings
	log     *slog.Logger
	handler *httpapi.Handler
	tls     *tls.Config // nil: plain http
	auto    *autoCert   // nil: not with TLSAuto
	setup   *auth.Setup // nil: somebody has an account
	host    *auth.Host  // nil: without an Authenticator

	mu       sync.Mutex
	listener net.Listener
	plain    net.Listener // of HTTPAddr; nil: none
	undo     steps
	stopped  bool
	stopErr  error
}

// New opens the data folder and starts everything but the listener. Its errors say what stands in the way and what to do.
// The caller owes a Shutdown, unless it calls Run.
func New(cfg Config) (*Server, error) {
	set, err := cfg.settings()
	if err != nil {
		return nil, err
	}
	s := &Server{set: set, log: set.Logger}
	if set.TLSCertFile != "" {
		files, err := loadCertFiles(set.TLSCertFile, set.TLSKeyFile, set.Logger)
		if err != nil {
			return nil, err
		}
		s.tls = tlsConfig(files.get)
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	if err := s.build(ctx); err != nil {
		stop, cancel := context.WithTimeout(context.Background(), ShutdownTime)
		defer cancel()
		return nil, errors.Join(err, s.undo.undo(stop))
	}
	return s, nil
}

func (s *Server) build(ctx context.Context) (err error) {
	p, err := build(ctx, s.set, &s.undo)
	if err != nil {
		return err
	}
	s.handler, s.setup, s.host = p.handler, p.setup, p.host
	if len(s.set.TLSAuto) > 0 {
		if s.auto, err = newAutoCert(s.set, filepath.Join(s.set.DataDir, "acme")); err != nil {
			return err
		}
		s.tls = s.auto.config()
	}
	return nil
}

// Handler returns everything that the server answers: REST, WebSockets, /health and /metrics. The host's http.Server
// should bound the time for a header; the rest is bounded here.
func (s *Server) Handler() http.Handler { return s.handler }

// SetupCode is what a host without an Authenticator tells its owner: with it, at setup#CODE below the page's address, the
// first account is made. It is "" once somebody has an account, and after 30 minutes, when only another start gives a new one.
func (s *Server) SetupCode() string { return s.setup.Code() }

// Routes lists what Handler answers to, as "METHOD /path".
func (s *Server) Routes() []string { return append([]string(nil), s.handler.Routes...) }

// Listen opens the port, and that of HTTPAddr. Run does it when it has not been done; before, it tells the address of port
// 0.
func (s *Server) Listen() (net.Addr, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil, errors.New("parley: the server has been shut down")
	}
	if s.listener == nil {
		l, err := listen(s.set.Addr, "--addr")
		if err != nil {
			return nil, err
		}
		s.listener = l
		s.undo.add("listener", time.Second, func(context.Context) error { return closeListener(l) })
	}
	if s.plain == nil && s.set.HTTPAddr != "" {
		l, err := listen(s.set.HTTPAddr, "--http-addr")
		if err != nil {
			return nil, err
		}
		s.plain = l
		s.undo.add("http listener", time.Second, func(context.Context) error { return closeListener(l) })
	}
	return s.listener.Addr(), nil
}

// listen opens a port. The errors name the option that chose it.
func listen(addr, option string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("cannot listen on %s, another program does: stop that one, or choose another address with %s", addr, option)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("cannot listen on %s: %w: give the right to ports below 1024 (CAP_NET_BIND_SERVICE), or choose another address with %s", addr, err, option)
	case err != nil:
		return nil, fmt.Errorf("cannot listen on %s: %w: choose another address with %s", addr, err, option)
	}
	return l, nil
}

func closeListener(l net.Listener) error {
	if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// Run serves until ctx ends, then shuts down within ShutdownTime. It returns nil after an orderly end. It shuts down
// also when it cannot listen.
func (s *Server) Run(ctx context.Context) error {
	err := s.run(ctx)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), ShutdownTime-graceTime)
	defer cancel()
	return errors.Join(err, s.Shutdown(stop))
}

func (s *Server) run(ctx context.Context) error {
	addr, err := s.Listen()
	if err != nil {
		return err
	}
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()
		return nil
	}
	ended := make(chan error, 2)
	if s.plain != nil {
		s.serve("redirects", s.plain, &http.Server{Handler: s.redirects(addr)}, ended)
	}
	s.serve("requests", s.listener, &http.Server{Handler: s.handler, TLSConfig: s.tls}, ended)
	if s.auto != nil {
		go s.auto.run()
		s.undo.add("certificates", time.Second, func(ctx context.Context) error {
			return inTime(s.log, "the issuer of certificates was left waiting", s.auto.close(ctx))
		})
	}
	s.mu.Unlock()
	s.announce(addr)
	select {
	case <-ctx.Done():
		s.log.Info("shutting down")
		return nil
	case err := <-ended:
		if errors.Is(err, http.ErrServerClosed) {
			return nil // Shutdown was called
		}
		return fmt.Errorf("serving: %w", err)
	}
}

// serve starts to serve one listener. The caller holds s.mu. The reason of its end goes to ended, which must have room.
func (s *Server) serve(name string, l net.Listener, server *http.Server, ended chan<- error) {
	server.ReadHeaderTimeout, server.ReadTimeout, server.WriteTimeout, server.IdleTimeout = headerTime, bodyTime, bodyTime, idleTime
	server.MaxHeaderBytes = headerSize
	server.ErrorLog = slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if server.TLSConfig != nil {
			ended <- server.ServeTLS(l, "", "")
			return
		}
		ended <- server.Serve(l)
	}()
	s.undo.add(name, 2*time.Second, func(ctx context.Context) error { return s.stopServing(ctx, server, done) })
}

// redirects answers at HTTPAddr.
func (s *Server) redirects(addr net.Addr) http.Handler {
	var to redirect
	_, to.port, _ = net.SplitHostPort(addr.String())
	if s.set.public != nil {
		to.host = s.set.public.Host
	}
	if s.auto == nil {
		return to
	}
	to.domains = s.auto.domains
	return s.auto.challenges(to)
}

// stopServing takes no more requests and waits for those under way. Sockets are not its affair.
func (s *Server) stopServing(ctx context.Context, server *http.Server, ended <-chan struct{}) error {
	err := server.Shutdown(ctx)
	if err != nil {
		_ = server.Close()
	}
	<-ended
	return inTime(s.log, "requests that were not answered in time were broken off", err)
}

// Shutdown undoes everything in reverse, each part within its own bound and all within ctx: no more requests, a goodbye to
// each socket with a hint when to come back, the commits that are queued, the database, the lock. Nothing that was
// acknowledged is lost. What does not end by itself half a second after ctx, on a disk that hangs, is left behind, and the
// error says what. Calling it again returns the same.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped {
		s.stopped = true
		s.stopErr = s.undo.undo(ctx)
		if s.stopErr != nil {
			s.log.Error("stopped", "err", s.stopErr)
		} else {
			s.log.Info("stopped")
		}
	}
	return s.stopErr
}
