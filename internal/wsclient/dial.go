package wsclient

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Dialer opens connections. The zero value is ready to use, and may be used concurrently.
type Dialer struct {
	// TLS is used for wss. nil: the system's roots.
	TLS *tls.Config
	// NetDial opens the TCP connection. nil: net.Dialer.
	NetDial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// maxErrorBody is how much of a refusal's body is kept, in bytes.
const maxErrorBody = 64 << 10

// Dial opens rawURL (ws, wss, http or https) with the zero Dialer.
func Dial(ctx context.Context, rawURL string, header http.Header) (*Conn, *http.Response, error) {
	return new(Dialer).Dial(ctx, rawURL, header)
}

// Dial connects and does the handshake; ctx bounds both, and has no effect afterwards. header is added to the request:
// Origin, Authorization, Cookie, Sec-WebSocket-Protocol; Host replaces the address's. When the server answers with
// anything but a correct 101, the response is returned with the error, its body (at most 64 KiB) readable.
func (d *Dialer) Dial(ctx context.Context, rawURL string, header http.Header) (*Conn, *http.Response, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, nil, err
	}
	nc, err := d.connect(ctx, u)
	if err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = nc.SetDeadline(time.Unix(1, 0)) })
	c, resp, err := handshake(nc, u, header)
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		_ = nc.Close()
		if ctx.Err() != nil {
			err = fmt.Errorf("%w (%w)", context.Cause(ctx), err)
		}
		return nil, resp, err
	}
	return c, resp, nil
}

func (d *Dialer) connect(ctx context.Context, u *url.URL) (net.Conn, error) {
	port, secure := "80", false
	switch u.Scheme {
	case "ws", "http":
	case "wss", "https":
		port, secure = "443", true
	default:
		return nil, fmt.Errorf("wsclient: scheme %q is not ws or wss", u.Scheme)
	}
	if u.Port() != "" {
		port = u.Port()
	}
	dial := d.NetDial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	nc, err := dial(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil || !secure {
		return nc, err
	}
	cfg := &tls.Config{}
	if d.TLS != nil {
		cfg = d.TLS.Clone()
	}
	if cfg.ServerName == "" {
		cfg.ServerName = u.Hostname()
	}
	cfg.NextProtos = []string{"http/1.1"}
	tc := tls.Client(nc, cfg)
	if err := tc.HandshakeContext(ctx); err != nil {
		_ = nc.Close()
		return nil, err
	}
	return tc, nil
}

// handshake writes the request and judges the answer.
func handshake(nc net.Conn, u *url.URL, header http.Header) (*Conn, *http.Response, error) {
	var nonce [16]byte
	_, _ = rand.Read(nonce[:])
	key := base64.StdEncoding.EncodeToString(nonce[:])
	host := u.Host
	h := http.Header{}
	for k, v := range header {
		if http.CanonicalHeaderKey(k) == "Host" && len(v) > 0 {
			host = v[0]
			continue
		}
		h[http.CanonicalHeaderKey(k)] = v
	}
	for k, v := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-Websocket-Version": "13", "Sec-Websocket-Key": key,
	} {
		if _, set := h[k]; !set {
			h.Set(k, v)
		}
	}
	var req bytes.Buffer
	fmt.Fprintf(&req, "GET %s HTTP/1.1\r\nHost: %s\r\n", u.RequestURI(), host)
	_ = h.Write(&req)
	req.WriteString("\r\n")
	if _, err := nc.Write(req.Bytes()); err != nil {
		return nil, nil, err
	}
	br := bufio.NewReader(nc)
	resp, err := http.ReadResponse(br, &http.Request{Method: http.MethodGet})
	if err != nil {
		return nil, nil, err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
		_ = resp.Body.Close()
		resp.Body = io.NopCloser(bytes.NewReader(body))
		return nil, resp, fmt.Errorf("wsclient: refused with %s: %s", resp.Status, bytes.TrimSpace(body))
	}
	if err := checkAnswer(resp, h.Get("Sec-Websocket-Key")); err != nil {
		return nil, resp, err
	}
	early, _ := br.Peek(br.Buffered())
	return newConn(nc, bytes.Clone(early), resp.Header.Get("Sec-Websocket-Protocol")), resp, nil
}

func checkAnswer(resp *http.Response, key string) error {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	switch {
	case resp.Header.Get("Sec-Websocket-Accept") != base64.StdEncoding.EncodeToString(sum[:]):
		return &ProtocolError{"wrong Sec-WebSocket-Accept"}
	case !strings.EqualFold(resp.Header.Get("Upgrade"), "websocket"):
		return &ProtocolError{"no Upgrade: websocket in the answer"}
	case !strings.EqualFold(resp.Header.Get("Connection"), "upgrade"):
		return &ProtocolError{"no Connection: Upgrade in the answer"}
	case resp.Header.Get("Sec-Websocket-Extensions") != "":
		return &ProtocolError{"an extension that was not asked for"}
	}
	return nil
}
