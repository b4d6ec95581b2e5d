package ws

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// maxRefusal is how much of a refusal's body is kept, in bytes.
const maxRefusal = 64 << 10

// RefusedError is an answer other than 101.
type RefusedError struct {
	Status int
	Header http.Header
	Body   []byte // at most 64 KiB
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the server answered the WebSocket handshake with %d %s", e.Status, http.StatusText(e.Status))
}

// Dial does the handshake at an http or https URL. ctx bounds it and has no effect on the connection. header is added to
// the request and not changed. The subprotocol must be the one that the server chooses.
func Dial(ctx context.Context, client *http.Client, url, subprotocol string, header http.Header) (*Conn, error) {
	if client.Timeout > 0 {
		// It would end the connection, too.
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, client.Timeout)
		defer cancel()
		without := *client
		without.Timeout = 0
		client = &without
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	if header != nil {
		req.Header = header.Clone()
	}
	var nonce [16]byte
	_, _ = rand.Read(nonce[:]) // never fails
	key := base64.StdEncoding.EncodeToString(nonce[:])
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "websocket")
	req.Header.Set("Sec-WebSocket-Version", "13")
	req.Header.Set("Sec-WebSocket-Key", key)
	req.Header.Set("Sec-WebSocket-Protocol", subprotocol)
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		defer resp.Body.Close()
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal)) // what there is of it
		return nil, &RefusedError{resp.StatusCode, resp.Header, body}
	}
	if err := checkAnswer(resp.Header, key, subprotocol); err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	stream, ok := resp.Body.(io.ReadWriteCloser)
	if !ok {
		_ = resp.Body.Close()
		return nil, errors.New("the http.Client's Transport hands out connections that cannot be written to")
	}
	return newConn(stream), nil
}

func checkAnswer(h http.Header, key, subprotocol string) error {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	switch {
	case h.Get("Sec-WebSocket-Accept") != base64.StdEncoding.EncodeToString(sum[:]),
		!strings.EqualFold(h.Get("Upgrade"), "websocket"):
		return broken("the handshake's answer is not that of a WebSocket server")
	case h.Get("Sec-WebSocket-Protocol") != subprotocol:
		return broken("the server does not speak %s", subprotocol)
	case h.Get("Sec-WebSocket-Extensions") != "":
		return broken("an extension that was not asked for")
	}
	return nil
}

func newConn(stream io.ReadWriteCloser) *Conn {
	c := &Conn{stream: stream, turn: make(chan struct{}, 1)}
	c.r = bufio.NewReader(heard{c})
	c.noteHeard()
	return c
}

// heard notes when bytes arrive.
type heard struct{ c *Conn }

func (h heard) Read(p []byte) (int, error) {
	n, err := h.c.stream.Read(p)
	if n > 0 {
		h.c.noteHeard()
	}
	return n, err
}

// errorText says why a connection ended in one line that shows no control characters of the server.
func errorText(b []byte) string { return fmt.Sprintf("%.120q", bytes.ToValidUTF8(b, nil)) }
