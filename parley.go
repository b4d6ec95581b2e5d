// Package parley is team chat as a server: rooms, live messages over WebSockets, and a history that survives.
//
//	server, err := parley.New(parley.Config{DataDir: "data"})
//	if err != nil {
//		return err
//	}
//	return server.Run(ctx) // serves until ctx ends, then shuts down in order
//
// A program that has an HTTP server of its own mounts Handler instead of calling Run, and calls Shutdown when it stops.
// For a chat without accounts and history inside another server, package hub/rooms is the smaller choice.
//
// This package puts the parts together and is the only one that knows all of them; docs/architecture.md shows how.
package parley

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/parley-chat/parley/hub/websocket"
)

// Defaults of Config.
const (
	DefaultAddr    = ":8080"
	DefaultDataDir = "data"
)

// Config says what a server is like. The zero value is a server on :8080 with its data in ./data.
type Config struct {
	// Addr is where Run listens, HOST:PORT; "" means DefaultAddr. Port 0 picks a free one, see Server.Addr.
	Addr string
	// DataDir is the folder for everything that is kept; "" means DefaultDataDir. It is made if it is missing, and only one
	// server can use it at a time.
	DataDir string
	// Guests lets people in without an account, by ?username= on the WebSocket routes.
	Guests bool
	// AllowedOrigins are origins besides the server's own whose pages may open sockets, as scheme://host or
	// scheme://host:port.
	AllowedOrigins []string
	// PublicURL is where people reach the server when it stands behind a proxy. Its origin then takes the place of the
	// server's own, its path is served too, and the proxy's X-Forwarded-For is believed if it connects from a loopback or
	// private address. "" means that there is no proxy.
	PublicURL string
	// NoRateLimits switches off the limits on sends, joins and connects: for load tests.
	NoRateLimits bool
	// Logger gets one line per request and what else happens, never a token; nil means slog.Default.
	Logger *slog.Logger
}

// settings is a Config with everything worked out.
type settings struct {
	Config
	origins *websocket.Origins
	own     bool   // pages of the server's own host may open sockets
	prefix  string // path of PublicURL without a slash at its end
}

func (c Config) settings() (*settings, error) {
	if c.Addr == "" {
		c.Addr = DefaultAddr
	}
	if c.DataDir == "" {
		c.DataDir = DefaultDataDir
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	s := &settings{Config: c, own: c.PublicURL == ""}
	var origins []string
	for _, o := range c.AllowedOrigins {
		origins = append(origins, strings.TrimSuffix(o, "/"))
	}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("parley: the public URL %q is not one with http or https and a host", c.PublicURL)
		}
		origins = append(origins, u.Scheme+"://"+u.Host)
		s.prefix = strings.TrimRight(u.Path, "/")
	}
	var err error
	if s.origins, err = websocket.NewOrigins(origins...); err != nil {
		return nil, errors.New("parley: allowed origins: " + strings.TrimPrefix(err.Error(), "websocket: "))
	}
	return s, nil
}

// Version returns the version of this build: of the module, or the commit it was built from, or "devel".
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if m.Path == "github.com/parley-chat/parley" && m.Version != "" && m.Version != "(devel)" {
			return m.Version
		}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel-" + s.Value[:12]
		}
	}
	return "devel"
}
