package httpapi

import (
	"net/http"
	"net/url"
	"strings"
)

// mounted takes the prefix off a request's path, if it is there. A server that Parley is part of may have taken it off
// already (http.StripPrefix), with or without the slash behind it; the request's own line tells, so that under /rooms/ the
// path /rooms/rooms/general is never cut twice. Of a proxy that takes it off nothing can tell but the path itself.
func mounted(r *http.Request, prefix string) *http.Request {
	path := r.URL.Path
	if !strings.HasPrefix(path, "/") && path != "*" {
		path = "/" + path
	}
	if rest, ok := strings.CutPrefix(path, prefix); ok && (rest == "" || rest[0] == '/') && originalPath(r) != prefix+path {
		path = "/" + strings.TrimPrefix(rest, "/")
	}
	if path == r.URL.Path {
		return r
	}
	inner := *r.URL
	inner.Path, inner.RawPath = path, ""
	r = r.WithContext(r.Context())
	r.URL = &inner
	return r
}

// originalPath is the path that the client asked for.
func originalPath(r *http.Request) string {
	u, err := url.ParseRequestURI(r.RequestURI)
	if err != nil {
		return ""
	}
	return u.Path
}

// toFolder sends a visitor of /chat to /chat/. It reports whether it has answered.
func toFolder(w http.ResponseWriter, r *http.Request, prefix string) bool {
	if prefix == "" || originalPath(r) != prefix || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	to := url.URL{Path: prefix + "/", RawQuery: r.URL.RawQuery}
	http.Redirect(w, r, to.String(), http.StatusTemporaryRedirect)
	return true
}
