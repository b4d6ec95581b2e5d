package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// fakeServer welcomes whoever comes and answers each message, which is short, with what answer says; "" is nothing.
func fakeServer(t *testing.T, answer func(content, clientID string) string) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		nc, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer nc.Close()
		fmt.Fprintf(nc, "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: parley.v1\r\nSec-WebSocket-Accept: %s\r\n\r\n",
			base64.StdEncoding.EncodeToString(sum[:]))
		say := func(text string) {
			_, _ = nc.Write(append([]byte{0x81, 126, byte(len(text) >> 8), byte(len(text))}, text...))
		}
		say(`{"type":"welcome","user":"ann","user_id":"u1","kind":"member","limits":{"frame":65536,"subscribe":200},` + strings.Repeat(" ", 126) + `"rooms":[]}`)
		for {
			op, b, err := readShort(rw.Reader)
			if err != nil || op != 1 {
				return
			}
			var m struct {
				Content  string `json:"content"`
				ClientID string `json:"client_id"`
			}
			if err := json.Unmarshal(b, &m); err != nil {
				t.Error(err)
			}
			if text := answer(m.Content, m.ClientID); text != "" {
				say(text + strings.Repeat(" ", 126))
			}
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// readShort reads a client's frame of up to 64 KiB.
func readShort(r *bufio.Reader) (op byte, payload []byte, err error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:2]); err != nil {
		return 0, nil, err
	}
	size := int(head[1] & 0x7f)
	if size == 126 {
		if _, err := io.ReadFull(r, head[2:4]); err != nil {
			return 0, nil, err
		}
		size = int(head[2])<<8 | int(head[3])
	}
	mask := head[4:8]
	if _, err := io.ReadFull(r, mask); err != nil {
		return 0, nil, err
	}
	payload = make([]byte, size)
	_, err = io.ReadFull(r, payload)
	for i := range payload {
		payload[i] ^= mask[i%4]
	}
	return head[0] & 0x0f, payload, err
}

// What goes wrong among many lines names the line, ends there, and does nothing to a terminal.
func TestLinesEndWhereOneFails(t *testing.T) {
	for what, c := range map[string]struct {
		second string // the answer to the second line
		status int
		says   []string
	}{
		"a refusal":  {`{"type":"error","code":"forbidden","message":"\u001b[2Jno\u202e","ref":"ID"}`, 1, []string{"parley: line 3: ", `\u001b[2Jno\u202e`}},
		"no outcome": {"", exitUnknown, []string{"parley: line 3: ", "interrupted", "--client-id ID"}},
	} {
		t.Run(what, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			heard, ids := make(chan string, 4), make(chan string, 4)
			s := fakeServer(t, func(content, clientID string) string {
				heard <- content
				if content == "one" {
					return fmt.Sprintf(`{"type":"ack","room":"general","client_id":%q,"id":"m1","seq":7,"n":7,"timestamp":"2026-01-31T09:30:00.125Z"}`, clientID)
				}
				ids <- clientID
				if c.second == "" {
					interrupt()
				}
				return strings.ReplaceAll(c.second, "ID", clientID)
			})
			t.Setenv("PARLEY_TOKEN", "x")
			var out, err bytes.Buffer
			status := run(ctx, []string{"send", "general", "--lines", "--timeout", "0", "--url", s.URL}, console{strings.NewReader("one\n\nthree\nfour\n"), &out, &err})
			if status != c.status || out.String() != "7\n" {
				t.Errorf("status %d, said %q", status, out.String())
			}
			id := <-ids
			for _, want := range c.says {
				if !strings.Contains(err.String(), strings.ReplaceAll(want, "ID", id)) {
					t.Errorf("the error does not say %q: %q", want, err.String())
				}
			}
			if strings.ContainsAny(err.String(), "\x1b\u202e") {
				t.Errorf("the error does something to a terminal: %q", err.String())
			}
			if one, three := <-heard, <-heard; one != "one" || three != "three" || len(heard) > 0 {
				t.Errorf("the server heard %s, %s and %d more", one, three, len(heard))
			}
		})
	}
}
