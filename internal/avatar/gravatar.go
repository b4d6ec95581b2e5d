package avatar

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// gravatarURL begins the addresses of pictures at Gravatar; the hash of an e-mail address follows.
const gravatarURL = "https://gravatar.com/avatar/"

// fetchTime bounds one request to Gravatar, its answer included.
const fetchTime = 10 * time.Second

// Gravatar fetches pictures for e-mail addresses. It tells Gravatar the SHA-256 of the address and this server's own
// network address, and nothing of who looks at the picture.
type Gravatar struct {
	base   string
	client *http.Client
}

// NewGravatar returns what asks gravatar.com. It connects to public addresses alone, whatever a name resolves to, and
// follows redirects to https alone.
func NewGravatar() *Gravatar {
	dialer := &net.Dialer{Timeout: fetchTime, Control: publicOnly}
	return newGravatar(gravatarURL, &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: fetchTime, ResponseHeaderTimeout: fetchTime,
		MaxResponseHeaderBytes: 64 << 10, DisableKeepAlives: true, DisableCompression: true,
	})
}

func newGravatar(base string, transport http.RoundTripper) *Gravatar {
	secure := strings.HasPrefix(base, "https:")
	return &Gravatar{base, &http.Client{
		Transport: transport, Timeout: fetchTime,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > 3 || secure && r.URL.Scheme != "https" {
				return errors.New("a redirect that is not followed")
			}
			return nil
		},
	}}
}

// errNoPicture says that Gravatar knows no picture for an address.
var errNoPicture = errors.New("there is no picture for this address")

// fetch returns the file that Gravatar has for an address, or errNoPicture.
func (g *Gravatar) fetch(ctx context.Context, email string) ([]byte, error) {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(email))))
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, g.base+hex.EncodeToString(sum[:])+fmt.Sprintf("?s=%d&d=404&r=g", Side), nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "image/png, image/jpeg, image/gif, image/webp")
	r.Header.Set("User-Agent", "Parley")
	answer, err := g.client.Do(r)
	if u := (*url.Error)(nil); errors.As(err, &u) {
		return nil, u.Err // without the URL: it has the hash of somebody's address, and this goes to the log
	}
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return nil, errNoPicture
	default:
		return nil, fmt.Errorf("the answer is %s", answer.Status)
	}
	file, err := io.ReadAll(io.LimitReader(answer.Body, MaxBytes+1))
	if err == nil && len(file) > MaxBytes {
		err = ErrTooLarge("avatar.fetch")
	}
	return file, err
}

// publicOnly refuses to connect to what is not a public address. It is asked with the address that is about to be used,
// after every look-up of a name.
func publicOnly(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !isPublic(to.Addr()) {
		return fmt.Errorf("%s is no public address", address)
	}
	return nil
}

// notPublic are networks that netip does not know as private: RFC 6890 and what carries an IPv4 address inside.
var notPublic = func() (all []netip.Prefix) {
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
		"240.0.0.0/4", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10", "5f00::/16",
	} {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
}()

func isPublic(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
