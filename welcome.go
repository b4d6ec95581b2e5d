package parley

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
)

// announce says where to go: in the log for whoever runs the server, and in plain words for whoever has just started it.
func (s *Server) announce(addr net.Addr) {
	for _, r := range s.handler.Routes {
		level := slog.LevelDebug
		if strings.HasPrefix(r, "GET /ws") {
			level = slog.LevelInfo
		}
		s.log.Log(context.Background(), level, "route", "pattern", r)
	}
	url := s.url(addr)
	attrs := []any{"url", url, "addr", addr.String(), "data", s.set.DataDir, "registration", s.set.Registration, "guests", s.set.Guests, "version", Version()}
	if s.plain != nil {
		attrs = append(attrs, "http_addr", s.plain.Addr().String())
	}
	s.log.Info("parley is running", attrs...)
	code := s.setup.Code()
	if code != "" && s.set.Registration == RegistrationOpen {
		s.log.Warn("registration is open and nobody has an account yet: the first to register becomes the owner")
	}
	if s.set.Welcome != nil {
		welcome(s.set.Welcome, url, code)
	}
}

// welcome speaks to whoever has just started the server. The set-up code goes to the terminal and not into the log, which is
// kept for longer and read by more people.
func welcome(w io.Writer, url, code string) {
	if code != "" {
		fmt.Fprintf(w, "\nParley is running.\n\nSet up Parley: open %s/setup#%s\n(works once, for 30 minutes)\n\nStop it with Ctrl+C.\n\n", url, code)
		return
	}
	fmt.Fprintf(w, "\nParley is running: open %s\n\nStop it with Ctrl+C.\n\n", url)
}

// url is what a person on this machine, or behind the proxy, types into a browser, without a slash at its end.
func (s *Server) url(addr net.Addr) string {
	if s.set.public != nil {
		return s.set.publicURL()
	}
	scheme, usual := "http", "80"
	if s.set.https() {
		scheme, usual = "https", "443"
	}
	host, port, err := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); err != nil || ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	if s.auto != nil {
		host = s.auto.domains[0]
	}
	if port != usual {
		return scheme + "://" + net.JoinHostPort(host, port) + s.set.prefix
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return scheme + "://" + host + s.set.prefix
}
