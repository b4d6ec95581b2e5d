package websocket

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"testing"
)

// collect is a sink that remembers, as text, what it got.
type collect struct{ got []string }

func (c *collect) message(op Opcode, p []byte) error {
	c.got = append(c.got, fmt.Sprintf("message %d %q", op, p))
	return nil
}

func (c *collect) control(op Opcode, p []byte) error {
	c.got = append(c.got, fmt.Sprintf("control %d %q", op, p))
	return nil
}

func errCode(err error) int {
	if ce, ok := errors.AsType[*CloseError](err); ok {
		return ce.Code
	}
	return 0
}

func TestAttack01LengthOverflow(t *testing.T) {
	length := func(n uint64) []byte {
		b := frame(fBinary, text(1<<16))[:14]
		for i := range 8 {
			b[2+i] = byte(n >> (56 - 8*i))
		}
		return b
	}
	for n, code := range map[uint64]int{
		64<<10 + 1: 1009, 1 << 20: 1009, 1 << 31: 1009, 1 << 32: 1009, 1<<32 + 5: 1009, 1<<62 + 1: 1009,
		math.MaxInt64: 1009, math.MaxInt64 - 9: 1009, 1 << 63: 1002, math.MaxUint64: 1002,
	} {
		p := connect(t, startEcho(t, false, nil), "")
		p.send(length(n))
		p.mustEnd(code)

		begun := join(frame(sBinary, text(100)), length(n))
		begun[len(begun)-14] = fCont
		p = connect(t, startEcho(t, false, nil), "")
		p.send(begun) // 100 + (2^63-100) overflows
		p.mustEnd(code)
	}
	t.Run("allocates nothing", func(t *testing.T) {
		p := parser{max: 64 << 10}
		err := p.feed(length(math.MaxInt64), &collect{})
		if errCode(err) != 1009 || cap(p.msg) > 0 {
			t.Errorf("%v, %d bytes allocated", err, cap(p.msg))
		}
		p = parser{max: 1 << 30}
		err = p.feed(length(1<<30), &collect{}) // allowed, but only declared
		if err != nil || cap(p.msg) > 0 {
			t.Errorf("%v, %d bytes allocated", err, cap(p.msg))
		}
	})
}

func TestAttack02CompressionBomb(t *testing.T) {
	p := connect(t, startEcho(t, false, nil), "")
	p.send(frame(fText|0x40, "\xf2\x48\xcd\xc9\xc9\x07\x00")) // RSV1: no compression was agreed on
	p.mustEnd(1002)
}

func TestAttack03EndlessFragments(t *testing.T) {
	srv := startEcho(t, false, nil)
	p := connect(t, srv, "")
	go func() {
		p.send(frame(sBinary, text(1000)))
		p.send(times(1000, frame(sCont, text(1000))))
	}()
	p.mustEnd(1009)

	ps := parser{max: 64 << 10}
	var err error
	for b := frame(sBinary, "x"); err == nil; b = frame(sCont, text(700)) {
		err = ps.feed(b, &collect{})
		if cap(ps.msg) > ps.max {
			t.Fatalf("holds %d bytes", cap(ps.msg))
		}
	}
	if errCode(err) != 1009 {
		t.Fatal(err)
	}
}

func TestAttack05EmptyContinuations(t *testing.T) {
	srv := startEcho(t, false, &Options{FloodCode: 4006})
	p := connect(t, srv, "")
	go func() {
		p.send(frame(sText, "x"))
		for range 100 {
			p.send(times(10_000, frame(sCont, "")))
		}
	}()
	p.mustEnd(4006)

	t.Run("at the limits", func(t *testing.T) {
		ok := join(frame(sText, "x"), times(maxEmpty, frame(sCont, "")))
		many := join(frame(sText, "x"), times(maxFragments-1, frame(sCont, "x")))
		for _, c := range []struct {
			b    []byte
			code int
		}{
			{ok, 0}, {join(ok, frame(sCont, "")), 4006}, {join(ok, frame(fCont, ""), ok, frame(fCont, "x")), 4006},
			{many, 0}, {join(many, frame(fCont, "x")), 4006},
			{join(many[:len(many)-7], frame(fCont, "x"), many[:len(many)-7], frame(fCont, "x")), 0},
		} {
			p := parser{max: 64 << 10, floodCode: 4006}
			if err := p.feed(bytes.Clone(c.b), &collect{}); errCode(err) != c.code {
				t.Errorf("%d bytes gave %v, want %d", len(c.b), err, c.code)
			}
		}
	})
}

func TestAttack06PingFlood(t *testing.T) {
	for name, f := range map[string][]byte{"ping": frame(fPing, "x"), "pong": frame(fPong, "x")} {
		t.Run(name, func(t *testing.T) {
			p := connect(t, startEcho(t, false, &Options{FloodCode: 4006}), "")
			go p.send(times(100_000, f))
			all := p.rest()
			if last := all[len(all)-1]; closeCode(last) != 4006 {
				t.Fatalf("ended with %v", last)
			}
			if len(all)-1 > maxControls {
				t.Errorf("%d pongs", len(all)-1)
			}
		})
	}
	t.Run("same pong twice", func(t *testing.T) {
		p := connect(t, startEcho(t, false, nil), "")
		p.send(join(frame(fPong, "x"), frame(fPong, "x"), frame(fText, "alive")))
		p.must(fText, "alive")
	})
}

func TestAttack07InvalidUTF8(t *testing.T) {
	p := connect(t, startEcho(t, false, nil), "")
	p.send(frame(fText, "{\"content\":\"\xc3\x28\"}"))
	p.mustEnd(1007)
}

// A frame sent a byte at a time is a slowloris, too: TestAttack04UnfinishedFragment has it.
func TestMessageAtTheLimit(t *testing.T) {
	for name, c := range map[string]struct {
		b    []byte
		code int
	}{
		"whole":               {frame(fText, text(1000)), 0},
		"whole, one more":     {frame(fText, text(1001)), 1009},
		"fragments":           {fragmented(text(1000), 300), 0},
		"fragments, one more": {fragmented(text(1001), 300), 1009},
		"last one empty":      {join(frame(sText, text(1000)), frame(fCont, "")), 0},
		"ping at the limit":   {join(frame(sText, text(1000)), frame(fPing, text(125)), frame(fCont, "")), 0},
	} {
		for _, chop := range []int{1, len(c.b)} {
			p, s := parser{max: 1000}, &collect{}
			var err error
			for b := bytes.Clone(c.b); len(b) > 0 && err == nil; b = b[min(chop, len(b)):] {
				err = p.feed(b[:min(chop, len(b))], s)
			}
			if errCode(err) != c.code || (c.code == 0 && len(s.got) == 0) {
				t.Errorf("%s in pieces of %d: %v, want %d", name, chop, err, c.code)
			}
		}
	}
}
