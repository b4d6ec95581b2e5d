package auth

import (
	"context"
	"net/netip"
)

// Via is how a request came, as the edge has worked it out.
type Via struct {
	Addr   netip.Addr // the client's, with the proxies that are trusted taken off; zero when it has none
	Secure bool       // the browser speaks https, whatever the last proxy speaks
}

type viaKey struct{}

// WithVia puts v into the context of a request.
func WithVia(ctx context.Context, v Via) context.Context {
	return context.WithValue(ctx, viaKey{}, v)
}

// ViaOf returns what WithVia has put there; the zero Via, which is not secure, where nothing was.
func ViaOf(ctx context.Context) Via {
	v, _ := ctx.Value(viaKey{}).(Via)
	return v
}
