package httpapi

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/parley-chat/parley/internal/chat"
)

// crossOrigin keeps the pages of others from changing anything under /api/ with the cookie of whoever looks at them. A
// neighbouring host of the same site is another as well. What is no browser sends neither of the two headers and passes.
type crossOrigin struct {
	check http.CrossOriginProtection
	allow func(*http.Request) bool // nil: nobody else
}

// refuses returns Forbidden, naming the header, when a page of a foreign origin has made r.
func (c *crossOrigin) refuses(r *http.Request) error {
	if !strings.HasPrefix(r.URL.Path, "/api/") || c.check.Check(r) == nil || c.trusts(r) {
		return nil
	}
	header := "Origin"
	if r.Header.Get("Sec-Fetch-Site") != "" {
		header = "Sec-Fetch-Site"
	}
	return chat.Errorf(chat.Forbidden, "httpapi", "pages of another origin may not do this: see the header %s", header)
}

// trusts reports whether a request that names its origin comes from one that was allowed. One from the request's own host
// that the browser calls foreign all the same has another scheme or port, and allow may look at the host alone.
func (c *crossOrigin) trusts(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	if c.allow == nil || len(origins) != 1 {
		return false
	}
	u, err := url.Parse(origins[0])
	return err == nil && plainHost(u.Host) != plainHost(r.Host) && c.allow(r)
}

// plainHost is a host in small letters without a default port.
func plainHost(host string) string {
	return strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(host), ":80"), ":443")
}
