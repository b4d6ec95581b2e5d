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
	"io"
	"log/slog"
	"net/netip"
	"runtime/debug"
	"time"
)

// Defaults of Config.
const (
	DefaultAddr          = ":8080"
	DefaultTLSAddr       = ":443" // with TLSAuto
	DefaultHTTPAddr      = ":80"  // with TLSAuto
	DefaultDataDir       = "data"
	DefaultTokenTTL      = 15 * time.Minute
	DefaultACMEDirectory = "https://acme-v02.api.letsencrypt.org/directory"
)

// Registration says who may make an account.
type Registration string

// The three kinds of Registration. Whoever has the set-up link may make the first account in all of them.
const (
	RegistrationInvite Registration = "invite" // people with an invitation
	RegistrationOpen   Registration = "open"   // anybody
	RegistrationClosed Registration = "closed" // nobody; `parley user add` does
)

// Config says what a server is like. The zero value is a server on :8080 with its data in ./data, for invited people.
type Config struct {
	// Addr is where Run listens, HOST:PORT; "" means DefaultAddr, or DefaultTLSAddr with TLSAuto. Port 0 picks a free one,
	// see Server.Listen.
	Addr string
	// DataDir is the folder for everything that is kept; "" means DefaultDataDir. It is made if it is missing, and only one
	// server can use it at a time.
	DataDir string
	// Path is the folder that Handler lies under in the host's mux, such as "/chat/"; "" or "/": it has all of a host name.
	// The host may take it off (http.StripPrefix) or leave it. Links, cookies and the page begin with it.
	Path string
	// Registration says who may make an account; "" means RegistrationInvite.
	Registration Registration
	// Guests lets people in by a name alone, without an account.
	Guests bool
	// Gravatar makes the server fetch pictures from gravatar.com for people who have uploaded none. Gravatar learns the
	// SHA-256 of their e-mail address, and nothing of who looks at the picture.
	Gravatar bool
	// TokenTTL is how long an access token lives, 5 s to 24 h; 0 means DefaultTokenTTL. A revoked session ends its tokens
	// at once, so this is not how long a thief has.
	TokenTTL time.Duration
	// AllowedOrigins are origins besides the server's own whose pages may open sockets, as scheme://host or
	// scheme://host:port.
	AllowedOrigins []string
	// PublicURL is where people reach the server when it stands behind a proxy. Its origin then takes the place of the
	// server's own, and its path is served too, as with Path: the proxy may take it off or leave it. "" means that there is no proxy.
	PublicURL string
	// TrustedProxies are the networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. Empty means those
	// on this machine if there is a PublicURL, and none otherwise. A network of all addresses is refused.
	TrustedProxies []netip.Prefix
	// TLSCertFile and TLSKeyFile make Run serve https with a certificate chain and its private key, both PEM. They are read
	// again when they change, which is looked for once a minute at most; while the new ones are broken, the old stay in use.
	TLSCertFile, TLSKeyFile string
	// TLSAuto makes Run serve https with certificates for these names, fetched and renewed from ACMEDirectory. They are kept
	// in the folder acme in DataDir. The issuer must reach this server under each of the names, on port 443, or on port 80
	// at HTTPAddr.
	TLSAuto []string
	// ACMEDirectory is the URL of the issuer's ACME directory; "" means DefaultACMEDirectory, Let's Encrypt. The system's
	// trust store, or SSL_CERT_FILE, decides about the certificate of that server itself.
	ACMEDirectory string
	// ACMEEmail is where the issuer may write to; "" tells it no address.
	ACMEEmail string
	// HTTPAddr is a second address, without TLS, which answers the issuer's HTTP-01 challenges and sends everybody else to
	// https. "" means DefaultHTTPAddr with TLSAuto and none otherwise. It needs TLSCertFile or TLSAuto.
	HTTPAddr string
	// Authenticator makes the host's own users the people of the chat, instead of accounts of Parley's own: there is then no
	// registration, no password and no guest, and roles are the host's to give. nil: Parley has accounts of its own.
	Authenticator Authenticator
	// SignInURL is where the page sends whom the Authenticator does not know: a path on this site, or a URL with http or
	// https. The page adds the parameter next, the path to come back to, which the host must check to be one of its own.
	// It needs an Authenticator; "": the page says that one has to sign in, and not where.
	SignInURL string
	// Name is what the workspace is called, 1 to 64 characters, set at each start; "" leaves what is stored ("Parley" at first,
	// then what an owner has chosen).
	Name string
	// Hue is the accent colour of the page in degrees, 0 to 359, set at each start; nil leaves what is stored.
	Hue *int
	// OnMessage is called with each message after it was committed, in the order of its room, one call after another and
	// from one goroutine for both hooks. It holds nobody up: up to 1,000 events wait for a slow hook, and further ones are
	// dropped, counted in parley_hook_dropped_total and logged. A kill loses what waits. So it is good for notices; what must
	// know of every message reads GET /api/messages. A panic in it is logged and counted. It must not call Shutdown.
	OnMessage func(Message)
	// OnMembership is called, as OnMessage is, when somebody came into a room or was removed from it.
	OnMembership func(Membership)
	// NoRateLimits switches off the limits on sends, joins and connects: for load tests.
	NoRateLimits bool
	// Logger gets one line per request and what else happens, never a token; nil means slog.Default.
	Logger *slog.Logger
	// Welcome gets a few lines for whoever has started the server in a terminal, once it listens: where to go, the set-up
	// link while nobody has an account, how to stop. nil: nothing.
	Welcome io.Writer
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
