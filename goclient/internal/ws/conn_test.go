package ws

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is the other end of a Conn.
type server struct {
	net.Conn
	t *testing.T
}

func pair(t *testing.T) (*Conn, *server) {
	here, there := net.Pipe()
	t.Cleanup(func() { _, _ = here.Close(), there.Close() })
	return newConn(here), &server{there, t}
}

// frame is one of a server's, whose first byte is first.
func frame(first byte, payload string) string {
	head := []byte{first, byte(len(payload))}
	switch n := len(payload); {
	case n > 0xffff:
		head = binary.BigEndian.AppendUint64([]byte{first, 127}, uint64(n))
	case n > 125:
		head = binary.BigEndian.AppendUint16([]byte{first, 126}, uint16(n))
	}
	return string(head) + payload
}

const fin = 0x80

func closing(code uint16, reason string) string {
	return frame(fin|opClose, string(binary.BigEndian.AppendUint16(nil, code))+reason)
}

// says writes bytes while the test goes on.
func (s *server) says(frames ...string) {
	go func() { _, _ = io.WriteString(s, strings.Join(frames, "")) }()
}

// hears returns the client's next frame, unmasked, and its mask.
func (s *server) hears() (op byte, payload string, mask [4]byte) {
	s.t.Helper()
	must := func(b []byte) []byte {
		s.t.Helper()
		if _, err := io.ReadFull(s, b); err != nil {
			s.t.Fatal(err)
		}
		return b
	}
	head := must(make([]byte, 2))
	if head[0]&0xf0 != fin || head[1]&0x80 == 0 {
		s.t.Fatalf("a frame that is not whole, or not masked: %x", head)
	}
	size := uint64(head[1] & 0x7f)
	switch size {
	case 126:
		size = uint64(binary.BigEndian.Uint16(must(make([]byte, 2))))
	case 127:
		size = binary.BigEndian.Uint64(must(make([]byte, 8)))
	}
	copy(mask[:], must(make([]byte, 4)))
	b := must(make([]byte, size))
	for i := range b {
		b[i] ^= mask[i%4]
	}
	return head[0] & 0x0f, string(b), mask
}

func TestWhatIsWritten(t *testing.T) {
	c, s := pair(t)
	masks := map[[4]byte]bool{}
	sizes := []int{0, 1, 125, 126, 127, 65535, 65536}
	for _, n := range sizes {
		text := strings.Repeat("x", n)
		written := make(chan error, 1)
		go func() { written <- c.Write([]byte(text)) }()
		op, got, mask := s.hears()
		if err := <-written; err != nil || op != opText || got != text {
			t.Errorf("%d bytes: opcode %d with %d, %v", n, op, len(got), err)
		}
		masks[mask] = true
	}
	if len(masks) != len(sizes) {
		t.Errorf("%d masks for %d frames", len(masks), len(sizes))
	}
	go func() { _ = c.SendClose(1000) }()
	if op, got, _ := s.hears(); op != opClose || got != "\x03\xe8" {
		t.Errorf("opcode %d with %q", op, got)
	}
	if err := c.Write([]byte("x")); !errors.Is(err, errSaidGoodbye) {
		t.Errorf("after the goodbye: %v", err)
	}
	s.says(frame(fin|opText, "the last"))
	if got, err := c.Read(); string(got) != "the last" || err != nil {
		t.Errorf("what came before the server's goodbye: %q, %v", got, err)
	}
}

func TestWhatIsRead(t *testing.T) {
	long := strings.Repeat("é", 40_000)
	for what, c := range map[string]struct{ said, want string }{
		"empty":                     {frame(fin|opText, ""), ""},
		"short":                     {frame(fin|opText, "hello"), "hello"},
		"126 bytes":                 {frame(fin|opText, long[:126]), long[:126]},
		"more than 64 KiB":          {frame(fin|opText, long), long},
		"fragments":                 {frame(opText, "a") + frame(0, "") + frame(0, "b") + frame(fin, "c"), "abc"},
		"a rune in two":             {frame(opText, "\xc3") + frame(fin, "\xa9"), "é"},
		"a pong nobody asked for":   {frame(fin|opPong, "x") + frame(fin|opText, "y"), "y"},
		"a pong between fragments":  {frame(opText, "a") + frame(fin|opPong, "") + frame(fin, "b"), "ab"},
		"an empty one in fragments": {frame(opText, "") + frame(fin, ""), ""},
	} {
		conn, s := pair(t)
		s.says(c.said)
		if got, err := conn.Read(); err != nil || string(got) != c.want {
			t.Errorf("%s: %.40q, %v", what, got, err)
		}
	}
}

// A ping is answered with what it has, also between the fragments of a message.
func TestPingsAreAnswered(t *testing.T) {
	c, s := pair(t)
	got := make(chan string, 1)
	go func() {
		b, err := c.Read()
		got <- fmt.Sprintf("%s %v", b, err)
	}()
	s.says(frame(opText, "a"), frame(fin|opPing, strings.Repeat("p", 125)), frame(fin|opPing, ""), frame(fin, "b"))
	for _, want := range []string{strings.Repeat("p", 125), ""} {
		if op, payload, _ := s.hears(); op != opPong || payload != want {
			t.Errorf("opcode %d with %q", op, payload)
		}
	}
	if m := <-got; m != "ab <nil>" {
		t.Errorf("read %s", m)
	}
}

// What no server may say ends the connection, and the server hears why.
func TestWhatIsRefused(t *testing.T) {
	head := func(b ...byte) string { return string(b) }
	cases := map[string]struct {
		said string
		code int
	}{
		"a masked frame":          {head(0x81, 0x80, 0, 0, 0, 0), 1002},
		"RSV1, as if compressed":  {frame(fin|0x40|opText, "x"), 1002},
		"RSV2":                    {frame(fin|0x20|opText, "x"), 1002},
		"RSV3 on a ping":          {frame(fin|0x10|opPing, "x"), 1002},
		"a continuation first":    {frame(fin, "x"), 1002},
		"text within a message":   {frame(opText, "x") + frame(fin|opText, "y"), 1002},
		"a ping in fragments":     {frame(opPing, "x"), 1002},
		"a close in fragments":    {frame(opClose, ""), 1002},
		"a ping of 126 bytes":     {frame(fin|opPing, strings.Repeat("x", 126)), 1002},
		"16 bits for 125":         {head(0x81, 126, 0, 125), 1002},
		"64 bits for 65535":       {head(0x81, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff), 1002},
		"the top bit of 64":       {head(0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0), 1002},
		"2^63-1 bytes":            {head(0x81, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), 1009},
		"a sum that is too large": {frame(opText, "x") + head(0x80, 127, 0, 0, 0, 0, 1, 0, 0, 0), 1009},
		"not UTF-8":               {frame(fin|opText, "\xc3"), 1007},
		"a surrogate":             {frame(fin|opText, "\xed\xa0\x80"), 1007},
		"an overlong one":         {frame(fin|opText, "\xc0\xaf"), 1007},
		"half a rune at the end":  {frame(opText, "a\xc3") + frame(fin, ""), 1007},
		"a close of one byte":     {frame(fin|opClose, "x"), 1002},
		"a reason not in UTF-8":   {closing(1000, "\xff"), 1007},
	}
	for _, op := range []byte{2, 3, 7, 11, 15} {
		cases[fmt.Sprint("opcode ", op)] = struct {
			said string
			code int
		}{frame(fin|op, "x"), 1002}
	}
	for _, code := range []uint16{0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2999, 5000, 65535} {
		cases[fmt.Sprint("close ", code)] = struct {
			said string
			code int
		}{closing(code, ""), 1002}
	}
	for what, c := range cases {
		t.Run(what, func(t *testing.T) {
			conn, s := pair(t)
			s.says(c.said)
			read := make(chan error, 1)
			go func() {
				_, err := conn.Read()
				read <- err
			}()
			op, payload, _ := s.hears()
			if want := string(binary.BigEndian.AppendUint16(nil, uint16(c.code))); op != opClose || payload != want {
				t.Errorf("the server hears opcode %d with %x, not a close with %d", op, payload, c.code)
			}
			wrong := (*ProtocolError)(nil)
			if err := <-read; !errors.As(err, &wrong) || wrong.Code != c.code {
				t.Errorf("read %v", err)
			}
		})
	}
}

func TestGoodbyes(t *testing.T) {
	for _, c := range []struct {
		said, echo string
		want       CloseError
	}{
		{frame(fin|opClose, ""), "", CloseError{Code: 1005}},
		{closing(1000, ""), "\x03\xe8", CloseError{Code: 1000}},
		{closing(1001, "restart"), "\x03\xe9", CloseError{1001, "restart"}},
		{closing(4002, strings.Repeat("r", 123)), "\x0f\xa2", CloseError{4002, strings.Repeat("r", 123)}},
		{frame(opText, "half") + closing(3000, ""), "\x0b\xb8", CloseError{Code: 3000}},
	} {
		conn, s := pair(t)
		s.says(c.said)
		read := make(chan error, 1)
		go func() {
			_, err := conn.Read()
			read <- err
		}()
		if op, payload, _ := s.hears(); op != opClose || payload != c.echo {
			t.Errorf("%v: the echo is %x", c.want, payload)
		}
		end := (*CloseError)(nil)
		if err := <-read; !errors.As(err, &end) || *end != c.want {
			t.Errorf("read %v, want %v", err, c.want)
		}
	}
	if text := (&CloseError{1001, "a\x1b[2J\nb"}).Error(); strings.ContainsAny(text, "\x1b\n") {
		t.Errorf("the error does something to a terminal: %q", text)
	}
}

// An end within a frame or a message is none in order.
func TestEndsWithoutAGoodbye(t *testing.T) {
	for said, want := range map[string]error{
		"":                      io.EOF,
		"\x81":                  io.ErrUnexpectedEOF,
		"\x81\x7e\x01":          io.ErrUnexpectedEOF,
		"\x81\x05hel":           io.ErrUnexpectedEOF,
		"\x89\x05hel":           io.ErrUnexpectedEOF,
		"\x81\x7f\x00\x00\x00":  io.ErrUnexpectedEOF,
		frame(opText, "hello"):  io.ErrUnexpectedEOF,
		"\x88\x02\x03":          io.ErrUnexpectedEOF,
		"\x01\x01a\x80\x03\x01": io.ErrUnexpectedEOF,
	} {
		conn, s := pair(t)
		go func() {
			_, _ = io.WriteString(s, said)
			_ = s.Close()
		}()
		if got, err := conn.Read(); !errors.Is(err, want) {
			t.Errorf("%q: %q, %v", said, got, err)
		}
	}
}

// A server that breaks the rules and takes nothing is waited for no longer than a second; one that takes nothing at all
// ends the connection after half a minute.
func TestAServerThatTakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := pair(t)
		s.says(frame(fin|2, ""))
		if _, err := c.Read(); !errors.As(err, new(*ProtocolError)) {
			t.Errorf("read %v", err)
		}
		c, _ = pair(t)
		if err := c.Write([]byte("x")); err == nil {
			t.Error("written, though nobody took it")
		}
	})
}
