package websocket

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// conformance is one case in the manner of the Autobahn test suite: what the client sends, and all that the server
// answers until it has closed cleanly.
type conformance struct {
	name string
	send []byte
	want []got
	end  int // the server's close code. If the case sends no close frame, the server has to find a reason
}

func echoCase(name string, send []byte, want ...got) conformance {
	return conformance{name, join(send, closing(1000, "")), want, 1000}
}

func failCase(name string, code int, send []byte, want ...got) conformance {
	return conformance{name, send, want, code}
}

func (c conformance) run(t *testing.T, secure bool, chop int) {
	srv := startEcho(t, secure, &Options{MaxMessage: 16 << 20})
	p := connect(t, srv, "")
	go p.sendChopped(c.send, chop)
	all := p.rest()
	if len(all) == 0 {
		t.Fatal("closed without a close frame")
	}
	if last := all[len(all)-1]; last.op != fClose || closeCode(last) != c.end {
		t.Errorf("ended with %v, want code %d", last, c.end)
	}
	if all = all[:len(all)-1]; !slices.Equal(all, c.want) {
		t.Errorf("got %v, want %v", all, c.want)
	}
}

func runCases(t *testing.T, cases []conformance) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			t.Run("whole", func(t *testing.T) { c.run(t, false, len(c.send)) })
			t.Run("chopped", func(t *testing.T) { c.run(t, false, 1) })
			t.Run("tls", func(t *testing.T) { c.run(t, true, len(c.send)) })
			if len(c.send) <= 1000 { // each byte is a TLS record of its own
				t.Run("tls-chopped", func(t *testing.T) { c.run(t, true, 1) })
			}
		})
	}
}

func TestAutobahn1Framing(t *testing.T) {
	var cases []conformance
	for _, n := range []int{0, 125, 126, 127, 128, 65535, 65536} {
		cases = append(cases,
			echoCase(fmt.Sprint("text ", n), frame(fText, text(n)), got{fText, text(n)}),
			echoCase(fmt.Sprint("binary ", n), frame(fBinary, strings.Repeat("\xfe", n)), got{fBinary, strings.Repeat("\xfe", n)}))
	}
	runCases(t, cases)
}

func TestAutobahn2PingPong(t *testing.T) {
	var ten []byte
	var tenPongs []got
	for i := range 10 {
		ten = append(ten, frame(fPing, fmt.Sprint("payload-", i))...)
		tenPongs = append(tenPongs, got{fPong, fmt.Sprint("payload-", i)})
	}
	binary := "\x00\xff\xfe\xfd\xfc\xfb\x00\xff"
	long := strings.Repeat("\xfe", 125)
	runCases(t, []conformance{
		echoCase("empty", frame(fPing, ""), got{fPong, ""}),
		echoCase("text", frame(fPing, "Hello"), got{fPong, "Hello"}),
		echoCase("binary", frame(fPing, binary), got{fPong, binary}),
		echoCase("125", frame(fPing, long), got{fPong, long}),
		failCase("126", 1002, frame(fPing, long+"x")),
		echoCase("unsolicited pong", frame(fPong, "")),
		echoCase("unsolicited pong with payload", frame(fPong, "unsolicited")),
		echoCase("pong then ping", join(frame(fPong, "a"), frame(fPing, "b")), got{fPong, "b"}),
		echoCase("ten", ten, tenPongs...),
	})
}

func TestAutobahn3ReservedBits(t *testing.T) {
	var cases []conformance
	for rsv := byte(1); rsv < 8; rsv++ {
		for _, op := range []byte{fText, fBinary, fPing, fPong, fClose} {
			cases = append(cases, failCase(fmt.Sprintf("rsv %d on %#x", rsv, op), 1002,
				join(frame(fText, "first"), frame(op|rsv<<4, "")), got{fText, "first"}))
		}
		cases = append(cases, failCase(fmt.Sprintf("rsv %d on a continuation", rsv), 1002,
			join(frame(sText, "a"), frame(fCont|rsv<<4, "b"))))
	}
	runCases(t, cases)
}

func TestAutobahn4Opcodes(t *testing.T) {
	var cases []conformance
	for _, op := range []byte{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} {
		for _, payload := range []string{"", "x", text(125)} {
			cases = append(cases, failCase(fmt.Sprintf("%d with %d bytes", op, len(payload)), 1002,
				join(frame(fText, "first"), frame(0x80|op, payload), frame(fPing, "")), got{fText, "first"}))
		}
	}
	runCases(t, cases)
}

func TestAutobahn5Fragmentation(t *testing.T) {
	pong := got{fPong, "p"}
	runCases(t, []conformance{
		failCase("ping in two", 1002, join(frame(0x09, "a"), frame(fCont, "b"))),
		failCase("pong in two", 1002, join(frame(0x0a, "a"), frame(fCont, "b"))),
		failCase("close in two", 1002, join(frame(0x08, "\x03"), frame(fCont, "\xe8"))),
		echoCase("text in two", join(frame(sText, "ab"), frame(fCont, "cd")), got{fText, "abcd"}),
		echoCase("binary in three", join(frame(sBinary, "a"), frame(sCont, ""), frame(fCont, "\xff")), got{fBinary, "a\xff"}),
		echoCase("ping between", join(frame(sText, "ab"), frame(fPing, "p"), frame(fCont, "cd")), pong, got{fText, "abcd"}),
		echoCase("two pings between five", join(frame(sText, "1"), frame(sCont, "2"), frame(fPing, "p"), frame(sCont, "3"),
			frame(sCont, "4"), frame(fPing, "p"), frame(fCont, "5")), pong, pong, got{fText, "12345"}),
		failCase("orphan", 1002, join(frame(fCont, "x"), frame(fText, "y"))),
		failCase("orphan without FIN", 1002, join(frame(sCont, "x"), frame(fText, "y"))),
		failCase("continuation after the end", 1002, join(frame(sText, "a"), frame(fCont, "b"), frame(sCont, "c")), got{fText, "ab"}),
		failCase("new text inside", 1002, join(frame(sText, "a"), frame(fText, "b"))),
		failCase("new text fragment inside", 1002, join(frame(sText, "a"), frame(sText, "b"), frame(fCont, "c"))),
		failCase("new binary inside", 1002, join(frame(sText, "a"), frame(fBinary, "b"))),
	})
}

func TestAutobahn6UTF8(t *testing.T) {
	good := "Hello-µ@ßöäüàá-UTF-8!! κόσμε \ud7ff\ue000\ufffd\U00010000\U0010ffff\ufffe\uffff\U0001fffe"
	var bytewise []byte
	for i := range len(good) {
		bytewise = append(bytewise, frame([]byte{sText, sCont}[min(i, 1)], good[i:i+1])...)
	}
	cases := []conformance{
		echoCase("valid", frame(fText, good), got{fText, good}),
		echoCase("empty", frame(fText, ""), got{fText, ""}),
		echoCase("three empty", join(frame(sText, ""), frame(sCont, ""), frame(fCont, "")), got{fText, ""}),
		echoCase("empty, text, empty", join(frame(sText, ""), frame(sCont, "mid"), frame(fCont, "")), got{fText, "mid"}),
		echoCase("a fragment for each byte", join(bytewise, frame(fCont, "")), got{fText, good}),
		echoCase("split in a rune, ping inside", join(frame(sText, "\xce"), frame(fPing, "p"), frame(fCont, "\xba")), got{fPong, "p"}, got{fText, "κ"}),
		echoCase("binary may be anything", frame(fBinary, "\xff\xfe"), got{fBinary, "\xff\xfe"}),
		failCase("bad in the second fragment", 1007, join(frame(sText, good), frame(sCont, "\xf4\x90"))),
		failCase("cut off at the end", 1007, frame(fText, "ab\xce")),
		failCase("cut off at the end of fragments", 1007, join(frame(sText, "ab\xf0\x9f"), frame(fCont, "\x98"))),
		failCase("cut off by an empty fragment", 1007, join(frame(sText, "\xce"), frame(fCont, ""))),
	}
	// Each is refused without waiting for the rest of the message, or even of the frame.
	for _, bad := range []string{
		"\x80", "\xbf", "\xff", "\xfe", "\xc0\xaf", "\xc1\xbf", "\xe0\x80", "\xe0\x9f", "\xf0\x80", "\xf0\x8f", "\xf8\x88", "\xfc\x84",
		"\xed\xa0", "\xed\xbf", "\xed\xa0\x80\xed\xb0\x80", "\xf4\x90", "\xf5", "\xce\xce", "\xe2\x82\x41", "\xf0\x9f\x98\x41", "\xf7\xbf",
	} {
		whole := frame(fText, "κ"+bad+text(100))
		cases = append(cases,
			failCase(fmt.Sprintf("%x", bad), 1007, frame(fText, bad)),
			failCase(fmt.Sprintf("%x fails fast in fragments", bad), 1007, frame(sText, "κόσμε"+bad)),
			failCase(fmt.Sprintf("%x fails fast in a frame", bad), 1007, whole[:len(whole)-100]))
	}
	runCases(t, cases)
}

func TestAutobahn7Close(t *testing.T) {
	cases := []conformance{
		{"empty", frame(fClose, ""), nil, CloseNoStatus},
		failCase("one byte", 1002, frame(fClose, "\x03")),
		{"code", closing(1000, ""), nil, 1000},
		{"code and reason", closing(1000, "bye"), nil, 1000},
		{"longest reason", closing(1000, text(123)), nil, 1000},
		failCase("too long", 1002, closing(1000, text(124))),
		failCase("reason not UTF-8", 1007, closing(1000, "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80")),
		{"twice", join(closing(1000, ""), closing(1000, "")), nil, 1000},
		{"text after", join(closing(1000, ""), frame(fText, "late")), nil, 1000},
		{"ping after", join(closing(1000, ""), frame(fPing, "late")), nil, 1000},
		{"garbage after", join(closing(1001, ""), times(1000, []byte("\xff"))), nil, 1001},
		{"256 KiB after", join(closing(1000, ""), frame(fText, text(256<<10))), nil, 1000},
		{"inside a message", join(frame(sText, "a"), closing(1000, "")), nil, 1000},
		echoCase("after a message", frame(fText, "a"), got{fText, "a"}),
	}
	for _, code := range []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999} {
		cases = append(cases, conformance{fmt.Sprint("valid ", code), closing(code, ""), nil, code})
	}
	for _, code := range []int{0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535} {
		cases = append(cases, failCase(fmt.Sprint("invalid ", code), 1002, closing(code, "")))
	}
	runCases(t, slices.DeleteFunc(cases, func(c conformance) bool { return c.name == "256 KiB after" }))
	for _, c := range cases {
		if c.name == "256 KiB after" { // more than a buffer: without lingering, a reset would swallow the close frame
			c.run(t, false, len(c.send))
			c.run(t, true, len(c.send))
		}
	}
}

func TestAutobahn9Sizes(t *testing.T) {
	for _, size := range []int{64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20} {
		for name, first := range map[string]byte{"text": fText, "binary": fBinary} {
			if testing.Short() && size > 1<<20 || size > 4<<20 && first == fBinary {
				continue
			}
			t.Run(fmt.Sprint(name, " ", size), func(t *testing.T) {
				c := echoCase("", frame(first, text(size)), got{first, text(size)})
				c.run(t, false, len(c.send))
				if size <= 1<<20 {
					c.run(t, true, len(c.send))
				}
			})
		}
	}
	for _, piece := range []int{64, 256, 1 << 10, 64 << 10, 256 << 10} {
		t.Run(fmt.Sprint("1 MiB in fragments of ", piece), func(t *testing.T) {
			c := echoCase("", fragmented(text(1<<20), piece), got{fText, text(1 << 20)})
			c.run(t, false, len(c.send))
		})
	}
	for _, chop := range []int{64, 128, 1000, 2048} {
		t.Run(fmt.Sprint("1 MiB in chops of ", chop), func(t *testing.T) {
			c := echoCase("", frame(fText, text(1<<20)), got{fText, text(1 << 20)})
			c.run(t, false, chop)
		})
	}
	t.Run("many small messages", func(t *testing.T) {
		c := echoCase("", times(1000, frame(fText, text(125))), slices.Repeat([]got{{fText, text(125)}}, 1000)...)
		c.run(t, false, len(c.send))
		c.run(t, false, 1000)
	})
}

func TestAutobahn10AutoFragment(t *testing.T) {
	runCases(t, []conformance{echoCase("64 KiB in fragments of 1300", fragmented(text(65536), 1300), got{fText, text(65536)})})
}

func fragmented(s string, piece int) []byte {
	var b []byte
	first := byte(sText)
	for len(s) > piece {
		b = append(b, frame(first, s[:piece])...)
		first, s = sCont, s[piece:]
	}
	return append(b, frame(first|0x80, s)...)
}

// What Autobahn has no active cases for.
func TestFramesThatAutobahnLacks(t *testing.T) {
	unmasked := func(f []byte, payload string) []byte { return append([]byte{f[0], f[1] &^ 0x80}, payload...) }
	runCases(t, []conformance{
		failCase("text without mask", 1002, unmasked(frame(fText, "abc"), "abc")),
		failCase("ping without mask", 1002, unmasked(frame(fPing, "abc"), "abc")),
		failCase("16-bit length not minimal", 1002, append([]byte{fText, 0xfe, 0, 125}, "1234"...)),
		failCase("64-bit length not minimal", 1002, append([]byte{fBinary, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, "1234"...)),
		failCase("64-bit length with the top bit", 1002, []byte{fBinary, 0xff, 0x80}),
	})
}
