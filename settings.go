package parley

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/parley-chat/parley/hub/websocket"
	"github.com/parley-chat/parley/internal/auth"
)

// settings is a Config with everything worked out.
type settings struct {
	Config
	origins *websocket.Origins
	own     bool     // pages of the server's own host may open sockets
	public  *url.URL // of PublicURL; nil: none
	prefix  string   // path of PublicURL without a slash at its end
}

func (c Config) settings() (*settings, error) {
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
