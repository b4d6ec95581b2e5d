package httpapi

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// ConnectLimiter bounds how fast one address opens sockets.
type ConnectLimiter interface {
	// Connect counts one connection from addr, or says when to come again. Those without an address share the zero Addr.
	Connect(addr netip.Addr) (retryAfter time.Duration, ok bool)
}

// limitConnects refuses sockets that come too fast from one address, before anything else is looked at.
func (a *api) limitConnects(limiter ConnectLimiter, next http.Handler) http.Handler {
	if limiter == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if after, ok := limiter.Connect(clientAddr(r, a.proxied)); !ok {
			err := &chat.Error{Code: chat.RateLimited, Op: "httpapi", Message: "too many connections from this address", RetryAfter: after}
			problemOf(r.Context(), a.log, err).write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// clientAddr is where a request comes from. Behind a proxy it is what that proxy has added last to X-Forwarded-For; a
// peer from elsewhere cannot speak for others.
func clientAddr(r *http.Request, behind bool) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{} // not TCP
	}
	addr := peer.Addr().Unmap()
	if !behind || !addr.IsLoopback() && !addr.IsPrivate() {
		return addr
	}
	values := r.Header.Values("X-Forwarded-For")
	if len(values) == 0 {
		return addr
	}
	hops := strings.Split(values[len(values)-1], ",")
	if told, err := netip.ParseAddr(strings.TrimSpace(hops[len(hops)-1])); err == nil {
		return told.Unmap()
	}
	return addr
}
