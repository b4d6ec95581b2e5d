package websocket

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// SameHost is the default Options.CheckOrigin. It is true if the request has no Origin (no browser sent it), or if the
// host and port of its one Origin are those of the Host header. "null" is refused. Behind a proxy that rewrites Host,
// use Origins.
func SameHost(r *http.Request) bool {
	v := r.Header.Values("Origin")
	if len(v) == 0 {
		return true
	}
	scheme, host, ok := splitOrigin(v[0])
	return ok && len(v) == 1 && host == stripPort(scheme, strings.ToLower(r.Host))
}

// Origins is a fixed set of origins. It may be used concurrently.
type Origins struct{ set map[string]struct{} }

// NewOrigins makes the set. Each origin is written as a browser sends it, scheme://host or scheme://host:port, or is the
// word null; there are no wildcards. Anything else is an error that names it.
func NewOrigins(origins ...string) (*Origins, error) {
	o := &Origins{set: make(map[string]struct{}, len(origins))}
	for _, s := range origins {
		key, ok := originKey(s)
		if !ok {
			return nil, fmt.Errorf("websocket: %q is not an origin: want scheme://host or scheme://host:port", s)
		}
		o.set[key] = struct{}{}
	}
	return o, nil
}

// Has reports whether origin is in the set: the same scheme, host and port, letter case and a default port aside.
func (o *Origins) Has(origin string) bool {
	key, ok := originKey(origin)
	if !ok {
		return false
	}
	_, ok = o.set[key]
	return ok
}

// Allow is an Options.CheckOrigin: true if SameHost is, or if the request's one Origin is in the set.
func (o *Origins) Allow(r *http.Request) bool {
	v := r.Header.Values("Origin")
	return SameHost(r) || len(v) == 1 && o.Has(v[0])
}

func originKey(s string) (string, bool) {
	if s == "null" {
		return s, true
	}
	scheme, host, ok := splitOrigin(s)
	return scheme + "://" + host, ok
}

// splitOrigin takes an origin apart, in lower case and without a default port. Whatever is more than an origin (a path,
// a user, an empty fragment) fails, so that no trick of spelling can make one host look like another.
func splitOrigin(s string) (scheme, host string, ok bool) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Hostname() == "" || strings.Contains(s, "*") || !strings.EqualFold(u.Scheme+"://"+u.Host, s) {
		return "", "", false
	}
	return u.Scheme, stripPort(u.Scheme, strings.ToLower(u.Host)), true
}

func stripPort(scheme, host string) string {
	switch scheme {
	case "http", "ws":
		return strings.TrimSuffix(host, ":80")
	case "https", "wss":
		return strings.TrimSuffix(host, ":443")
	}
	return host
}
