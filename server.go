package parley

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

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

	mu       sync.Mutex
	listener net.Listener
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
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	if s.handler, err = build(ctx, set, &s.undo); err != nil {
		stop, cancel := context.WithTimeout(context.Background(), ShutdownTime)
		defer cancel()
		return nil, errors.Join(err, s.undo.undo(stop))
	}
	return s, nil
}

// Handler returns everything that the server answers: REST, WebSockets, /health and /metrics. The host's http.Server
// should bound the time for a header; the rest is bounded here.
func (s *Server) Handler() http.Handler { return s.handler }

// Routes lists what Handler answers to, as "METHOD /path".
func (s *Server) Routes() []string { return append([]string(nil), s.handler.Routes...) }

// Listen opens the port. Run does it when it has not been done; before, it tells the address of port 0.
func (s *Server) Listen() (net.Addr, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil, errors.New("parley: the server has been shut down")
	}
	if s.listener != nil {
		return s.listener.Addr(), nil
	}
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", s.set.Addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("cannot listen on %s, another program does: stop that one, or choose another address with --addr", s.set.Addr)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w: choose another address with --addr", s.set.Addr, err)
	}
	s.listener = l
	s.undo.add("listener", time.Second, func(context.Context) error { return closeListener(l) })
	return l.Addr(), nil
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
	server := &http.Server{
		Handler: s.handler, ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, WriteTimeout: bodyTime, IdleTimeout: idleTime,
		MaxHeaderBytes: headerSize, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	var serveErr error
	ended := make(chan struct{})
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()
		return nil
	}
	go func() {
		defer close(ended)
		serveErr = server.Serve(s.listener)
	}()
	s.undo.add("requests", 2*time.Second, func(ctx context.Context) error { return s.stopServing(ctx, server, ended) })
	s.mu.Unlock()
	s.announce(addr)
	select {
	case <-ctx.Done():
		s.log.Info("shutting down")
		return nil
	case <-ended:
		if errors.Is(serveErr, http.ErrServerClosed) {
			return nil // Shutdown was called
		}
		return fmt.Errorf("serving: %w", serveErr)
	}
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

// announce says where to go.
func (s *Server) announce(addr net.Addr) {
	for _, r := range s.handler.Routes {
		s.log.Info("route", "pattern", r)
	}
	s.log.Info("parley is running", "url", s.url(addr), "addr", addr.String(), "data", s.set.DataDir, "guests", s.set.Guests, "version", Version())
}

// url is what a person on this machine, or behind the proxy, types into a browser.
func (s *Server) url(addr net.Addr) string {
	if s.set.PublicURL != "" {
		return s.set.PublicURL
	}
	host, port, err := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); err != nil || ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
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
