package httpapi

import (
	"net/http"
	"net/netip"
	"time"

	"github.com/parley-chat/parley/internal/auth"
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
		if after, ok := limiter.Connect(auth.ViaOf(r.Context()).Addr); !ok {
			err := &chat.Error{Code: chat.RateLimited, Op: "httpapi", Message: "too many connections from this address", RetryAfter: after}
			problemOf(r.Context(), a.log, err).write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}
