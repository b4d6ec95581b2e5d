package websocket

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"unicode/utf8"
)

const fuzzMax = 1000

// feedAll parses b in pieces whose sizes come from cuts, and checks what the parser holds after each.
func feedAll(t *testing.T, b, cuts []byte) (events []string, code int) {
	p, s := parser{max: fuzzMax, floodCode: 4006}, &collect{}
	b = bytes.Clone(b)
	for len(b) > 0 {
		n := len(b)
		if len(cuts) > 0 {
			n, cuts = min(n, int(cuts[0])+1), cuts[1:]
		}
		err := p.feed(b[:n], s)
		if held := cap(p.msg) + int(p.headN); held > fuzzMax+maxHeader || cap(p.ctl) > 256 {
			t.Fatalf("holds %d bytes of a message and %d of a control frame", held, cap(p.ctl))
		}
		if err != nil {
			ce, ok := errors.AsType[*CloseError](err)
			if !ok || !ce.Local || !validCode(ce.Code) {
				t.Fatalf("feed = %v", err)
			}
			return s.got, ce.Code
		}
		b = b[n:]
	}
	return s.got, 0
}

// Random bytes never panic, hold no more than the bound, and mean the same in whatever pieces they come.
func FuzzParser(f *testing.F) {
	for _, seed := range [][]byte{
		frame(fText, "hello"), frame(fBinary, text(900)), frame(fBinary, text(1001)),
		join(frame(sText, "\xce"), frame(fPing, "p"), frame(fCont, "\xba")),
		join(frame(sText, ""), times(70, frame(sCont, ""))), closing(1000, "bye"), {fText | 0x40, 0x80}, {0x83},
		append([]byte{fBinary, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, "1234"...),
		append([]byte{fBinary, 0xfe, 0, 5}, "1234"...), []byte("GET / HTTP/1.1\r\n\r\n"),
	} {
		f.Add(seed, []byte{})
		f.Add(seed, []byte{0, 0, 0, 2, 0, 5})
	}
	f.Fuzz(func(t *testing.T, b, cuts []byte) {
		whole, wholeCode := feedAll(t, b, nil)
		pieces, code := feedAll(t, b, cuts)
		if code != wholeCode || !slices.Equal(pieces, whole) {
			t.Fatalf("whole: %q, %d; in pieces: %q, %d", whole, wholeCode, pieces, code)
		}
	})
}

// A message arrives as it was sent, whatever its fragments; a server frame is found again by FrameEnd.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("hello"), []byte{2, 0, 1}, []byte{0, 3})
	f.Add(bytes.Repeat([]byte{0xff}, 900), []byte{255, 255, 255}, []byte{13, 200})
	f.Add([]byte{}, bytes.Repeat([]byte{0}, maxEmpty), []byte{0})
	f.Fuzz(func(t *testing.T, payload, fragments, cuts []byte) {
		payload = payload[:min(len(payload), fuzzMax)]
		fragments = fragments[:min(len(fragments), maxEmpty-1)] // and the last one, which may be empty too
		var b []byte
		first, rest := byte(sBinary), string(payload)
		for _, n := range fragments {
			n := min(int(n), len(rest))
			b = append(b, join(frame(first, rest[:n]), frame(fPong, "between"))...)
			first, rest = sCont, rest[n:]
		}
		b = append(b, frame(first|0x80, rest)...)
		s := &last{}
		p := parser{max: fuzzMax}
		for len(b) > 0 {
			n := len(b)
			if len(cuts) > 0 {
				n, cuts = min(n, int(cuts[0])+1), cuts[1:]
			}
			if err := p.feed(b[:n], s); err != nil {
				t.Fatal(err)
			}
			b = b[n:]
		}
		if s.op != OpBinary || !bytes.Equal(s.payload, payload) || s.controls != len(fragments) || p.partial() {
			t.Fatalf("got opcode %d, %q, %d controls; sent %q", s.op, s.payload, s.controls, payload)
		}
		sent := AppendFrame(nil, OpBinary, payload)
		two := AppendFrame(sent, OpText, payload)
		if !bytes.HasSuffix(sent, payload) || frameEnd(two, 1) != len(sent) || frameEnd(two, len(sent)+1) != len(two) {
			t.Fatalf("a server frame of %d bytes", len(payload))
		}
	})
}

// last is a sink that remembers the last message.
type last struct {
	op       Opcode
	payload  []byte
	controls int
}

func (l *last) message(op Opcode, p []byte) error {
	l.op, l.payload = op, bytes.Clone(p)
	return nil
}

func (l *last) control(Opcode, []byte) error {
	l.controls++
	return nil
}

// In pieces, text is valid exactly if it is as a whole; and what was accepted so far can always be completed.
func FuzzUTF8(f *testing.F) {
	for _, seed := range []string{"κόσμε", "\xed\xa0\x80", "\xf4\x90", "\xf0\x9f\x98\x80", "\ufffd", "a\xffb", "\xe0\x80", "\xef\xbf"} {
		f.Add([]byte(seed), []byte{0, 0, 1, 2})
	}
	f.Fuzz(func(t *testing.T, b, cuts []byte) {
		var u utf8Check
		ok, rest := true, b
		for ok && len(rest) > 0 {
			n := len(rest)
			if len(cuts) > 0 {
				n, cuts = min(n, int(cuts[0])), cuts[1:]
			}
			ok, rest = u.valid(rest[:n]), rest[n:]
			if ok && !completable(b[:len(b)-len(rest)]) {
				t.Fatalf("%q was accepted, which nothing can complete", b[:len(b)-len(rest)])
			}
		}
		if got := ok && u.complete(); got != utf8.Valid(b) {
			t.Fatalf("%q: %v", b, got)
		}
	})
}

// completable reports by trying whether up to three more bytes make b valid.
func completable(b []byte) bool {
	if utf8.Valid(b) {
		return true
	}
	for _, end := range []string{"\x80", "\xbf", "\x80\x80", "\xbf\x80", "\x9f\x80", "\x8f\x80", "\x80\x80\x80", "\x90\x80\x80", "\x8f\x80\x80"} {
		if utf8.Valid(append(bytes.Clone(b), end...)) {
			return true
		}
	}
	return false
}
