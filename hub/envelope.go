package hub

import (
	"encoding/binary"
	"errors"
)

// What travels on a Bus: a version byte, then fields that are each a length and bytes, or a number. A receiver that does
// not understand one drops it and finds the gap by its number.

const (
	envelopeEphemeral = 2
	envelopeEntry     = 3    // 1 had no flags
	maxEvict          = 4096 // users that one entry may evict
)

var errEnvelope = errors.New("hub: malformed envelope")

type envelope struct {
	epoch  string
	entry  Entry
	except string
}

func appendEntry(b []byte, epoch string, e *Entry) []byte {
	b = append(b, envelopeEntry)
	b = appendField(b, epoch)
	b = binary.AppendUvarint(b, e.Seq)
	b = appendField(b, e.ID)
	b = appendField(b, e.Author)
	b = appendField(b, e.ClientID)
	b = binary.AppendUvarint(b, e.Origin)
	b = binary.AppendUvarint(b, flags(e))
	b = binary.AppendUvarint(b, uint64(len(e.Evict)))
	for _, u := range e.Evict {
		b = appendField(b, u)
	}
	b = appendField(b, e.Frame)
	return appendField(b, e.Ack)
}

const flagRewrites = 1

func flags(e *Entry) uint64 {
	if e.Rewrites {
		return flagRewrites
	}
	return 0
}

func appendEphemeral(b, frame []byte, except string) []byte {
	b = append(b, envelopeEphemeral)
	b = appendField(b, except)
	return appendField(b, frame)
}

func appendField[T ~string | ~[]byte](b []byte, v T) []byte {
	b = binary.AppendUvarint(b, uint64(len(v)))
	return append(b, v...)
}

// envelopeReader reads fields; after the first that is not there it is bad and returns zeros.
type envelopeReader struct {
	b   []byte
	bad bool
}

func (r *envelopeReader) number() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *envelopeReader) field() []byte {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

// decodeEnvelope copies what it keeps.
func decodeEnvelope(data []byte) (envelope, error) {
	var m envelope
	if len(data) == 0 {
		return m, errEnvelope
	}
	r := envelopeReader{b: data[1:]}
	switch data[0] {
	case envelopeEntry:
		m.epoch = string(r.field())
		e := &m.entry
		e.Seq = r.number()
		e.ID, e.Author, e.ClientID = string(r.field()), string(r.field()), string(r.field())
		e.Origin = r.number()
		e.Rewrites = r.number()&flagRewrites != 0
		n := r.number()
		if n > maxEvict || n > uint64(len(r.b)) {
			return m, errEnvelope
		}
		for range n {
			e.Evict = append(e.Evict, string(r.field()))
		}
		e.Frame = append([]byte(nil), r.field()...)
		if ack := r.field(); len(ack) > 0 {
			e.Ack = append([]byte(nil), ack...)
		}
		r.bad = r.bad || e.Seq == 0
	case envelopeEphemeral:
		m.except = string(r.field())
		m.entry.Frame = append([]byte(nil), r.field()...)
	default:
		r.bad = true
	}
	if r.bad || len(r.b) > 0 {
		return m, errEnvelope
	}
	return m, nil
}
