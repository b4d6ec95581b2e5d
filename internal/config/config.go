// Package config holds the settings of a server as flags, PARLEY_* variables and a JSON file give them. A flag beats a
// variable, a variable beats the file, the file beats the default; all three use the same names.
package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// Serve is what `parley serve` can be told.
type Serve struct {
	Addr          string        `placeholder:"HOST:PORT" help:"Address to listen on, :8080 by default, :443 with --tls-auto."`
	Data          string        `default:"data" type:"path" placeholder:"DIR" help:"Folder for everything that is kept, ./data by default."`
	Registration  string        `enum:"invite,open,closed" default:"invite" help:"Who may make an account: with an invitation (invite), anybody (open) or nobody (closed)."`
	Guests        bool          `negatable:"" help:"Let people in by a name alone, without an account."`
	Gravatar      bool          `negatable:"" help:"Fetch pictures of people who have uploaded none from gravatar.com, which learns the hash of their e-mail address."`
	PublicURL     string        `name:"public-url" placeholder:"URL" help:"Where people reach the server when it stands behind a proxy, such as https://chat.example.org or https://example.org/chat/."`
	TrustedProxy  []string      `placeholder:"CIDR" help:"Address or network of a proxy whose X-Forwarded-For and X-Forwarded-Proto are believed; this machine by default if there is a --public-url. May be given several times."`
	AllowedOrigin []string      `placeholder:"ORIGIN" help:"Further origin whose pages may open sockets, such as https://intranet.example.org. May be given several times."`
	TLSCert       string        `name:"tls-cert" type:"path" placeholder:"FILE" help:"Certificate chain in PEM: serve https with it. Read again when it changes."`
	TLSKey        string        `name:"tls-key" type:"path" placeholder:"FILE" help:"Private key in PEM for --tls-cert."`
	TLSAuto       []string      `name:"tls-auto" placeholder:"DOMAIN" help:"Serve https with a certificate for this name that is fetched and renewed by itself (ACME). May be given several times."`
	ACMEDirectory string        `name:"acme-directory" placeholder:"URL" help:"Where --tls-auto gets certificates, Let's Encrypt by default."`
	ACMEEmail     string        `name:"acme-email" placeholder:"ADDRESS" help:"E-mail address that the issuer of --tls-auto may write to."`
	HTTPAddr      string        `name:"http-addr" placeholder:"HOST:PORT" help:"Address where plain http is sent on to https, :80 by default with --tls-auto, otherwise none."`
	TokenTTL      time.Duration `name:"token-ttl" default:"15m" placeholder:"DURATION" help:"How long an access token lives, 15m by default, 5s to 24h."`
	RateLimits    string        `enum:"on,off" default:"on" help:"Limits on how much one person and one address may ask for: on or off."`
	LogLevel      string        `enum:"debug,info,warn,error" default:"info" help:"Least important lines that are logged: debug, info, warn or error."`
	LogFormat     string        `enum:"text,json" default:"text" help:"Form of log lines: text or json."`
}

// Validate checks what single values cannot say. Every message names the option. kong calls it after parsing.
func (s *Serve) Validate() error {
	if s.Addr != "" {
		if err := checkAddr("--addr", s.Addr); err != nil {
			return err
		}
	}
	if strings.TrimSpace(s.Data) == "" {
		return fmt.Errorf("--data: a folder is needed")
	}
	if s.TokenTTL < minTokenTTL || s.TokenTTL > maxTokenTTL {
		return fmt.Errorf("--token-ttl: %s is not between 5s and 24h", s.TokenTTL)
	}
	for _, o := range s.AllowedOrigin {
		if err := checkOrigin(o); err != nil {
			return err
		}
	}
	if _, err := parseProxies(s.TrustedProxy); err != nil {
		return err
	}
	if err := checkPublicURL(s.PublicURL); err != nil {
		return err
	}
	return s.checkTLS()
}

// What the life of an access token may be: shorter, and a page does nothing but fetch new ones; longer, and it is a
// session.
const (
	minTokenTTL = 5 * time.Second
	maxTokenTTL = 24 * time.Hour
)

// Level returns LogLevel as slog knows it.
func (s *Serve) Level() slog.Level {
	var l slog.Level
	if l.UnmarshalText([]byte(s.LogLevel)) != nil {
		return slog.LevelInfo
	}
	return l
}

func checkAddr(flag, addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%s: %q is not HOST:PORT or :PORT", flag, addr)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%s: %q is not a port between 0 and 65535", flag, port)
	}
	return nil
}

func checkOrigin(origin string) error {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil ||
		u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("--allowed-origin: %q is not an origin: write scheme and host, such as https://chat.example.org", origin)
	}
	return nil
}

func checkPublicURL(public string) error {
	if public == "" {
		return nil
	}
	u, err := url.Parse(public)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("--public-url: %q is not a URL with http or https and a host, such as https://chat.example.org", public)
	}
	return nil
}

// Variables gives every flag its PARLEY_* variable. A command line with these settings needs it.
func Variables() kong.Option { return kong.DefaultEnvars("PARLEY") }

// File is the flag --config. Naming a file with it, or in PARLEY_CONFIG, loads it before the other flags are settled.
type File string

// BeforeResolve adds the file to where kong looks values up. kong calls it when the flag is given.
func (f File) BeforeResolve(k *kong.Kong, ctx *kong.Context, trace *kong.Path) error {
	path := string(ctx.FlagValue(trace.Flag).(File))
	if path == "" {
		return nil // a variable that is set to nothing
	}
	resolver, err := load(path)
	if err != nil {
		return err
	}
	if err := resolver.Validate(k.Model); err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	ctx.AddResolver(resolver)
	return nil
}
