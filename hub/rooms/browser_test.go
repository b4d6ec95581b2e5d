package rooms_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

// browser stands in for the WebSocket of a page: text frames of less than 64 KiB, and what the protocol wants answered.
type browser struct {
	conn net.Conn
	r    *bufio.Reader
}

// open asks for the upgrade. An answer other than 101 is a refused.
func open(conn net.Conn, path string, headers ...string) (*browser, error) {
	request := "GET " + path + " HTTP/1.1\r\nHost: chat.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	for _, h := range headers {
		request += h + "\r\n"
	}
	b := &browser{conn, bufio.NewReader(conn)}
	if _, err := io.WriteString(conn, request+"\r\n"); err != nil {
		return nil, err
	}
	resp, err := http.ReadResponse(b.r, nil)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		_ = conn.Close()
		return nil, refused{resp.StatusCode, string(body)}
	}
	return b, nil
}

type refused struct {
	status int
	body   string
}

func (r refused) Error() string { return fmt.Sprintf("%d: %s", r.status, r.body) }

// closed is the code of the server's close frame.
type closed int

func (c closed) Error() string { return fmt.Sprintf("closed with %d", int(c)) }

func (b *browser) send(text string) { b.frame(1, []byte(text)) }

// frame sends one frame; its mask is zero, which changes nothing.
func (b *browser) frame(op byte, payload []byte) {
	head := []byte{0x80 | op, 0x80 | byte(len(payload))}
	if len(payload) > 125 {
		head = binary.BigEndian.AppendUint16([]byte{0x80 | op, 0x80 | 126}, uint16(len(payload)))
	}
	_, _ = b.conn.Write(append(append(head, 0, 0, 0, 0), payload...)) // a broken connection shows itself in receive
}

// receive returns the next text.
func (b *browser) receive() ([]byte, error) {
	for {
		var head [2]byte
		if _, err := io.ReadFull(b.r, head[:]); err != nil {
			return nil, err
		}
		size := int(head[1])
		if size == 126 {
			var long [2]byte
			if _, err := io.ReadFull(b.r, long[:]); err != nil {
				return nil, err
			}
			size = int(binary.BigEndian.Uint16(long[:]))
		}
		payload := make([]byte, size)
		if _, err := io.ReadFull(b.r, payload); err != nil {
			return nil, err
		}
		switch head[0] {
		case 0x81:
			return payload, nil
		case 0x89:
			b.frame(10, payload)
		case 0x88:
			b.frame(8, payload[:min(2, len(payload))])
			if len(payload) < 2 {
				return nil, closed(1005)
			}
			return nil, closed(binary.BigEndian.Uint16(payload))
		default:
			return nil, errors.New("unexpected frame")
		}
	}
}

func (b *browser) close() { _ = b.conn.Close() }
