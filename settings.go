package parley

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/parley-chat/parley/hub/websocket"
	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/httpapi"
)

// settings is a Config with everything worked out.
type settings struct {
	Config
	origins *websocket.Origins
	own     bool     // pages of the server's own host may open sockets
	public  *url.URL // of PublicURL; nil: none
	prefix  string   // of Path or PublicURL without a slash at its end
}

func (c Config) settings() (*settings, error) {
	if err := c.checkHost(); err != nil {
		return nil, err
	}
	c.setDefaults()
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
		s.public, s.prefix = u, strings.TrimRight(u.Path, "/")
	}
	if err := s.mount(); err != nil {
		return nil, err
	}
	var err error
	if s.origins, err = websocket.NewOrigins(origins...); err != nil {
		return nil, errors.New("parley: allowed origins: " + strings.TrimPrefix(err.Error(), "websocket: "))
	}
	return s, s.check()
}

func (c *Config) setDefaults() {
	auto := len(c.TLSAuto) > 0
	setDefault(auto, &c.Addr, DefaultTLSAddr)
	setDefault(auto, &c.HTTPAddr, DefaultHTTPAddr)
	setDefault(auto, &c.ACMEDirectory, DefaultACMEDirectory)
	setDefault(true, &c.Addr, DefaultAddr)
	setDefault(true, &c.DataDir, DefaultDataDir)
	setDefault(c.Authenticator != nil, &c.Registration, RegistrationClosed)
	setDefault(true, &c.Registration, RegistrationInvite)
	setDefault(true, &c.TokenTTL, DefaultTokenTTL)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if len(c.TrustedProxies) == 0 && c.PublicURL != "" {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
}

func setDefault[T comparable](when bool, field *T, value T) {
	var unset T
	if when && *field == unset {
		*field = value
	}
}

// check refuses what cannot be, and what would have no effect: who asks for it takes it for done.
func (s *settings) check() error {
	switch s.Registration {
	case RegistrationInvite, RegistrationOpen, RegistrationClosed:
	default:
		return fmt.Errorf("parley: registration %q is not invite, open or closed", s.Registration)
	}
	if s.TokenTTL < 5*time.Second || s.TokenTTL > 24*time.Hour {
		return fmt.Errorf("parley: a token's life of %s is not between 5s and 24h", s.TokenTTL)
	}
	for _, p := range s.TrustedProxies {
		if !p.IsValid() || p.Bits() == 0 {
			return fmt.Errorf("parley: the trusted proxy %s is not a network, or is all of them", p)
		}
	}
	switch {
	case (s.TLSCertFile == "") != (s.TLSKeyFile == ""):
		return errors.New("parley: a certificate and its private key go together: TLSCertFile, TLSKeyFile")
	case s.TLSCertFile != "" && len(s.TLSAuto) > 0:
		return errors.New("parley: TLSCertFile and TLSAuto exclude each other")
	case len(s.TLSAuto) == 0 && (s.ACMEDirectory != "" || s.ACMEEmail != ""):
		return errors.New("parley: ACMEDirectory and ACMEEmail have no effect without TLSAuto")
	case s.HTTPAddr != "" && !s.https():
		return errors.New("parley: HTTPAddr sends people on to https, and there is none: set TLSAuto, or TLSCertFile and TLSKeyFile")
	case s.https() && s.public != nil && s.public.Scheme != "https":
		return fmt.Errorf("parley: the public URL %q begins with http, but the server speaks https", s.PublicURL)
	}
	return nil
}

// checkHost is check for what the host says of its people; asked before defaults are set.
func (c *Config) checkHost() error {
	switch {
	case c.Authenticator == nil && c.SignInURL != "":
		return errors.New("parley: SignInURL has no effect without an Authenticator")
	case c.Authenticator == nil:
		return nil
	case c.Registration != "" || c.Guests || c.Gravatar:
		return errors.New("parley: with an Authenticator there are no accounts of Parley's own: Registration, Guests and Gravatar have no effect")
	case c.SignInURL != "" && !isSiteURL(c.SignInURL):
		return fmt.Errorf("parley: SignInURL %q is neither a path that begins with / nor a URL with http or https", c.SignInURL)
	}
	return nil
}

// isSiteURL tells a path on a site, or an address with http or https, from everything else that a link can be.
func isSiteURL(address string) bool {
	u, err := url.Parse(address)
	if err != nil || strings.ContainsAny(address, "\\\t\r\n") {
		return false
	}
	if u.Scheme == "" && u.Host == "" {
		return strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//")
	}
	return u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

var plainPath = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?$`)

// mount sets the prefix by Path, which a path of PublicURL must agree with.
func (s *settings) mount() error {
	prefix := strings.TrimRight(s.Path, "/")
	switch {
	case !plainPath.MatchString(s.Path):
		return fmt.Errorf("parley: the path %q does not consist of folders such as /chat/, of letters, digits and -._~", s.Path)
	case prefix != "" && s.prefix != "" && prefix != s.prefix:
		return fmt.Errorf("parley: the path %q and that of the public URL %q are not the same", s.Path, s.PublicURL)
	case prefix != "":
		s.prefix = prefix
	}
	return nil
}

// publicURL is PublicURL with the path, without a slash at its end; "" when there is none.
func (s *settings) publicURL() string {
	if s.public == nil {
		return ""
	}
	if base := strings.TrimRight(s.PublicURL, "/"); strings.Trim(s.public.Path, "/") != "" {
		return base
	}
	return strings.TrimRight(s.PublicURL, "/") + s.prefix
}

// site is where people are kept when it is not here.
func (s *settings) site() *httpapi.Host {
	if s.Authenticator == nil {
		return nil
	}
	return &httpapi.Host{SignInURL: s.SignInURL}
}

// https reports whether Run speaks TLS.
func (s *settings) https() bool { return s.TLSCertFile != "" || len(s.TLSAuto) > 0 }

// allowOrigin decides whether a page may open sockets. What sends no Origin is no page. Over https a page of the same host
// without TLS is another's: whoever sits in between has written it.
func (s *settings) allowOrigin(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	plain := len(origins) == 1 && !strings.HasPrefix(strings.ToLower(origins[0]), "https:")
	if s.own && websocket.SameHost(r) && !(plain && auth.ViaOf(r.Context()).Secure) {
		return true
	}
	return len(origins) == 0 || len(origins) == 1 && s.origins.Has(origins[0])
}
