package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strings"
)

// HTTPS reports whether the server itself speaks TLS.
func (s *Serve) HTTPS() bool { return s.TLSCert != "" || len(s.TLSAuto) > 0 }

// checkTLS checks the options about certificates, and refuses those that have no effect together.
func (s *Serve) checkTLS() error {
	switch {
	case s.TLSCert != "" && s.TLSKey == "":
		return fmt.Errorf("--tls-cert: a certificate needs its private key, --tls-key")
	case s.TLSKey != "" && s.TLSCert == "":
		return fmt.Errorf("--tls-key: a private key needs its certificate, --tls-cert")
	case s.TLSCert != "" && len(s.TLSAuto) > 0:
		return fmt.Errorf("--tls-auto: there is a certificate of your own already, --tls-cert; choose one of them")
	case s.ACMEDirectory != "" && len(s.TLSAuto) == 0:
		return fmt.Errorf("--acme-directory: has no effect without --tls-auto")
	case s.ACMEEmail != "" && len(s.TLSAuto) == 0:
		return fmt.Errorf("--acme-email: has no effect without --tls-auto")
	case s.HTTPAddr != "" && !s.HTTPS():
		return fmt.Errorf("--http-addr: sends people on to https, and there is none: add --tls-auto, or --tls-cert and --tls-key")
	case s.HTTPS() && strings.HasPrefix(s.PublicURL, "http:"):
		return fmt.Errorf("--public-url: %q begins with http, but this server speaks https", s.PublicURL)
	}
	for _, d := range s.TLSAuto {
		if err := checkDomain(d); err != nil {
			return err
		}
	}
	if s.ACMEDirectory != "" {
		u, err := url.Parse(s.ACMEDirectory)
		if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" {
			return fmt.Errorf("--acme-directory: %q is not a URL with https and a host", s.ACMEDirectory)
		}
	}
	if s.ACMEEmail != "" {
		if a, err := mail.ParseAddress(s.ACMEEmail); err != nil || a.Address != s.ACMEEmail {
			return fmt.Errorf("--acme-email: %q is not an e-mail address", s.ACMEEmail)
		}
	}
	return s.checkHTTPAddr()
}

func (s *Serve) checkHTTPAddr() error {
	if s.HTTPAddr == "" {
		return nil
	}
	if err := checkAddr("--http-addr", s.HTTPAddr); err != nil {
		return err
	}
	if _, port, _ := net.SplitHostPort(s.HTTPAddr); s.HTTPAddr == s.Addr && port != "0" {
		return fmt.Errorf("--http-addr: %q is where https is served, --addr; choose another port", s.HTTPAddr)
	}
	return nil
}

// checkDomain takes a name for which an issuer may give a certificate: whole, in ASCII, public in its form.
func checkDomain(name string) error {
	bad := func(why string) error {
		return fmt.Errorf("--tls-auto: %q %s; write a name such as chat.example.org", name, why)
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return bad("is an address, and certificates are for names")
	}
	labels := strings.Split(name, ".")
	if len(name) > 253 || len(labels) < 2 {
		return bad("is not a public domain name")
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' || strings.Trim(strings.ToLower(l), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return bad("is not a domain name in ASCII without * and port")
		}
	}
	return nil
}

// Proxies returns TrustedProxy as networks. It is valid once Validate was.
func (s *Serve) Proxies() []netip.Prefix {
	proxies, _ := parseProxies(s.TrustedProxy)
	return proxies
}

// parseProxies reads addresses and networks. One of all addresses is refused: then anybody could speak for anybody.
func parseProxies(list []string) ([]netip.Prefix, error) {
	var proxies []netip.Prefix
	for _, text := range list {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			a, err := netip.ParseAddr(text)
			if err != nil || a.Zone() != "" {
				return nil, fmt.Errorf("--trusted-proxy: %q is not an address or a network, such as 10.0.0.7 or 10.0.0.0/24", text)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
		}
		if p.Bits() == 0 {
			return nil, fmt.Errorf("--trusted-proxy: with %q anybody could claim any address; name the proxy's", text)
		}
		proxies = append(proxies, p.Masked())
	}
	return proxies, nil
}
