package parley

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// redirect sends what came without TLS to the same path with it. 308 keeps the method, for what is no page.
type redirect struct {
	domains []string // of the certificates; empty: any that is asked for
	host    string   // of the public URL, with its port; beats what was asked for, "": none
	port    string   // of the listener with TLS
}

func (d redirect) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, ok := d.target(r.Host)
	path := r.URL.RequestURI()
	if !ok || !strings.HasPrefix(path, "/") {
		http.Error(w, "This address takes https only, and names no host to go to.", http.StatusBadRequest)
		return
	}
	w.Header().Set("Location", "https://"+host+path)
	w.Header().Set("Connection", "close")
	w.WriteHeader(http.StatusPermanentRedirect)
}

// target is host and port to go to. Names that are not ours lead to our first one.
func (d redirect) target(asked string) (string, bool) {
	if d.host != "" {
		return d.host, true
	}
	name, _, err := net.SplitHostPort(asked)
	if err != nil {
		name = strings.Trim(asked, "[]")
	}
	name = strings.ToLower(name)
	if len(d.domains) > 0 && !slices.Contains(d.domains, name) {
		name = d.domains[0]
	}
	if !plainHost(name) {
		return "", false
	}
	if d.port != "443" {
		return net.JoinHostPort(name, d.port), true
	}
	if strings.Contains(name, ":") {
		return "[" + name + "]", true
	}
	return name, true
}

// plainHost takes a domain name or an address and nothing that could be more than a host in a URL.
func plainHost(name string) bool {
	if a, err := netip.ParseAddr(name); err == nil {
		return a.Zone() == ""
	}
	return name != "" && len(name) <= 253 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-._") == "" && !strings.Contains(name, "..")
}
