package websocket

import (
	"encoding/binary"
	"math/bits"
)

const (
	// maxFragments is how many frames one message may come in. A message limit so large that fragments of 64 bytes would
	// not fill it raises the number.
	maxFragments = 1024
	minFragment  = 64
	// maxEmpty is how many of them may be empty.
	maxEmpty = 64
)

// sink takes what the parser finds. An error ends the parsing and is what feed returns.
type sink interface {
	// message gets a whole message. payload is valid until it returns.
	message(op Opcode, payload []byte) error
	// control gets a whole control frame, also between the fragments of a message. payload is valid until it returns.
	control(op Opcode, payload []byte) error
}

// parser takes a client's byte stream in pieces of any size and cuts it into messages. It keeps unmasked payload as it
// comes, never for a length that was only declared: at most max bytes of a message and 125 of a control frame, which
// both go when they have been delivered. It may not be used again after an error.
type parser struct {
	max       int // bytes of a message
	floodCode int

	head  [maxHeader]byte // a header that has come in part
	headN uint8

	// The frame whose payload is being read.
	inFrame bool
	fin     bool
	op      Opcode
	left    int    // bytes of payload to come
	key     uint32 // the mask, the next byte's in the low bits
	ctl     []byte // a control frame's payload that has come in part

	// The message of which fragments or bytes have come; msgOp is OpContinuation when there is none.
	msgOp     Opcode
	msg       []byte
	text      utf8Check
	fragments int
	empty     int
}

// partial reports whether a frame or a message is unfinished.
func (p *parser) partial() bool { return p.headN > 0 || p.inFrame || p.msgOp != OpContinuation }

// feed takes the next bytes of the stream and unmasks them in place. The error is a *CloseError, or the sink's.
func (p *parser) feed(b []byte, s sink) error {
	for {
		if !p.inFrame {
			if len(b) == 0 {
				return nil
			}
			n, err := p.header(b)
			if err != nil {
				return err
			}
			if b = b[n:]; !p.inFrame {
				return nil
			}
		}
		piece := b[:min(len(b), p.left)]
		b = b[len(piece):]
		p.key = unmask(p.key, piece)
		p.left -= len(piece)
		if err := p.payload(piece, s); err != nil {
			return err
		}
		if p.inFrame {
			return nil // b is used up
		}
	}
}

// header takes the bytes of b that belong to the header and begins the frame once it is whole.
func (p *parser) header(b []byte) (used int, err error) {
	h, had := b, int(p.headN)
	if had > 0 {
		n := copy(p.head[had:], b)
		h = p.head[:had+n]
	}
	size, length, cerr := p.parse(h)
	if cerr != nil {
		return 0, cerr
	}
	if size == 0 {
		if had == 0 {
			copy(p.head[:], h)
		}
		p.headN = uint8(len(h))
		return len(b), nil
	}
	p.headN = 0
	p.key = binary.LittleEndian.Uint32(h[size-4:])
	return size - had, p.begin(h[0]&finBit != 0, Opcode(h[0]&opBits), length)
}

// parse reads a header from the start of h: its size and the payload's, or size 0 while it is incomplete. Every rule is
// checked as soon as the bytes it needs are there.
func (p *parser) parse(h []byte) (size, length int, err *CloseError) {
	if err := p.first(h[0]); err != nil {
		return 0, 0, err
	}
	if len(h) < 2 {
		return 0, 0, nil
	}
	n := uint64(h[1] & lenBits)
	switch {
	case h[1]&maskBit == 0:
		return 0, 0, breach("frame is not masked")
	case n > maxControl && h[0]&0x08 != 0:
		return 0, 0, breach("control frame longer than 125 bytes")
	}
	size = 2
	switch n {
	case 126:
		if size = 4; len(h) < size {
			return 0, 0, nil
		}
		if n = uint64(binary.BigEndian.Uint16(h[2:])); n < 126 {
			return 0, 0, breach("length is not minimal")
		}
	case 127:
		if size = 10; len(h) > 2 && h[2]&0x80 != 0 {
			return 0, 0, breach("length has its top bit set")
		}
		if len(h) < size {
			return 0, 0, nil
		}
		if n = binary.BigEndian.Uint64(h[2:]); n < 1<<16 {
			return 0, 0, breach("length is not minimal")
		}
	}
	if h[0]&0x08 == 0 && n > uint64(p.max-len(p.msg)) {
		return 0, 0, &CloseError{Code: CloseTooBig, Reason: "message too large", Local: true}
	}
	if size += 4; len(h) < size {
		return 0, 0, nil
	}
	return size, int(n), nil
}

// first judges the first byte of a frame.
func (p *parser) first(b byte) *CloseError {
	if b&rsvBits != 0 {
		return breach("reserved bit is set")
	}
	switch op := Opcode(b & opBits); op {
	case OpText, OpBinary:
		if p.msgOp != OpContinuation {
			return breach("new message inside a fragmented one")
		}
	case OpContinuation:
		if p.msgOp == OpContinuation {
			return breach("continuation of no message")
		}
	case OpClose, OpPing, OpPong:
		if b&finBit == 0 {
			return breach("fragmented control frame")
		}
	default:
		return breach("reserved opcode %d", op)
	}
	return nil
}

// begin starts a frame whose header is whole and right.
func (p *parser) begin(fin bool, op Opcode, length int) error {
	p.inFrame, p.fin, p.op, p.left = true, fin, op, length
	if op >= OpClose {
		return nil
	}
	if op != OpContinuation {
		p.msgOp = op
	}
	p.fragments++
	if length == 0 {
		p.empty++
	}
	if p.empty > maxEmpty || p.fragments > max(maxFragments, p.max/minFragment) {
		return &CloseError{Code: p.floodCode, Reason: "too many fragments", Local: true}
	}
	return nil
}

// payload takes the next piece of the frame's payload, already counted and unmasked.
func (p *parser) payload(piece []byte, s sink) error {
	p.inFrame = p.left > 0
	if p.op >= OpClose {
		if p.inFrame || p.ctl != nil {
			p.ctl = append(p.ctl, piece...)
			piece = p.ctl
		}
		if p.inFrame {
			return nil
		}
		p.ctl = nil
		return s.control(p.op, piece)
	}
	last := !p.inFrame && p.fin
	if p.msgOp == OpText && (!p.text.valid(piece) || last && !p.text.complete()) {
		return &CloseError{Code: CloseInvalidPayload, Reason: "text is not UTF-8", Local: true}
	}
	if !last {
		p.keep(piece)
		return nil
	}
	if len(p.msg) > 0 {
		p.keep(piece)
		piece = p.msg
	}
	op := p.msgOp
	p.msgOp, p.msg, p.text, p.fragments, p.empty = OpContinuation, nil, utf8Check{}, 0, 0
	return s.message(op, piece)
}

// keep appends piece to the message. The buffer doubles, but never beyond what the message can still become.
func (p *parser) keep(piece []byte) {
	if need := len(p.msg) + len(piece); need > cap(p.msg) {
		bound := p.max
		if p.fin {
			bound = need + p.left
		}
		grown := make([]byte, len(p.msg), min(max(2*cap(p.msg), need, 256), bound))
		copy(grown, p.msg)
		p.msg = grown
	}
	p.msg = append(p.msg, piece...)
}

// unmask applies the mask to b in place and returns the key as the byte after b needs it.
func unmask(key uint32, b []byte) uint32 {
	for wide := uint64(key)<<32 | uint64(key); len(b) >= 8; b = b[8:] {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^wide)
	}
	for i := range b {
		b[i] ^= byte(key)
		key = bits.RotateLeft32(key, -8)
	}
	return key
}
