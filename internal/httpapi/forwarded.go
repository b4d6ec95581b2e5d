package httpapi

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/parley-chat/parley/internal/auth"
)

// proxies are the addresses whose word about a request is believed: what they write into X-Forwarded-For and
// X-Forwarded-Proto. Anyone else can write anything there.
type proxies []netip.Prefix

func (p proxies) has(addr netip.Addr) bool {
	return slices.ContainsFunc(p, func(prefix netip.Prefix) bool { return prefix.Contains(addr) })
}

// via works out where a request really comes from. publicHTTPS says that people reach the server by https, which counts
// where nothing more exact is known.
func (p proxies) via(r *http.Request, publicHTTPS bool) auth.Via {
	v := auth.Via{Secure: r.TLS != nil || publicHTTPS}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return v // not TCP
	}
	v.Addr = peer.Addr().Unmap().WithZone("")
	if !p.has(v.Addr) {
		return v
	}
	switch scheme := last(r.Header.Values("X-Forwarded-Proto")); strings.ToLower(scheme) {
	case "https":
		v.Secure = true
	case "http":
		v.Secure = false
	}
	v.Addr = p.client(v.Addr, r.Header.Values("X-Forwarded-For"))
	return v
}

// client reads X-Forwarded-For from its end, where the nearest proxy has written, and goes on only while the address is
// a trusted proxy's. What stands left of an address that is not, or of something that is no address, may be made up.
func (p proxies) client(nearest netip.Addr, values []string) netip.Addr {
	hops := strings.Split(strings.Join(values, ","), ",")
	for i := len(hops) - 1; i >= 0 && p.has(nearest); i-- {
		told, ok := parseHop(hops[i])
		if !ok {
			break
		}
		nearest = told
	}
	return nearest
}

// parseHop reads an address with or without a port.
func parseHop(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	addr, err := netip.ParseAddr(s)
	if err != nil {
		withPort, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}, false
		}
		addr = withPort.Addr()
	}
	return addr.Unmap().WithZone(""), true
}

// last is the last element of a header whose value is a list.
func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	list := values[len(values)-1]
	return strings.TrimSpace(list[strings.LastIndexByte(list, ',')+1:])
}
