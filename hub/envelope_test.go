package hub

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func drawEntry(t *rapid.T) (epoch string, e Entry) {
	text := func(label string) string { return rapid.String().Draw(t, label) }
	some := func(label string) []byte { return rapid.SliceOfN(rapid.Byte(), 1, 300).Draw(t, label) }
	e = Entry{
		Seq: rapid.Uint64Min(1).Draw(t, "seq"), ID: text("id"), Frame: some("frame"), Author: text("author"),
		ClientID: text("client"), Origin: rapid.Uint64().Draw(t, "origin"), Rewrites: rapid.Bool().Draw(t, "rewrites"),
	}
	if rapid.Bool().Draw(t, "acked") {
		e.Ack = some("ack")
	}
	for range rapid.IntRange(0, 5).Draw(t, "evict") {
		e.Evict = append(e.Evict, text("evicted"))
	}
	return text("epoch"), e
}

func TestEnvelopeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		epoch, e := drawEntry(t)
		data := appendEntry(nil, epoch, &e)
		m, err := decodeEnvelope(data)
		if err != nil || m.epoch != epoch || m.except != "" || !reflect.DeepEqual(m.entry, e) {
			t.Fatalf("%+v of %q came back as %+v, %v", e, epoch, m, err)
		}
		clear(data) // what is decoded must not share it
		if !reflect.DeepEqual(m.entry, e) {
			t.Fatal("the decoded entry shares memory with the data")
		}

		except := rapid.String().Draw(t, "except")
		data = appendEphemeral(nil, e.Frame, except)
		m, err = decodeEnvelope(data)
		if err != nil || m.except != except || m.entry.Seq != 0 || !bytes.Equal(m.entry.Frame, e.Frame) {
			t.Fatalf("the frame %q except %q came back as %+v, %v", e.Frame, except, m, err)
		}
	})
}

func TestEnvelopeThatIsCutOrContinuedIsAnError(t *testing.T) {
	e := Entry{Seq: 300, ID: "id", Frame: []byte("frame"), Author: "ann", ClientID: "c", Ack: []byte("ack"), Origin: 7, Evict: []string{"bob", "eve"}}
	for name, whole := range map[string][]byte{
		"entry":     appendEntry(nil, "epoch", &e),
		"ephemeral": appendEphemeral(nil, []byte("frame"), "ann"),
	} {
		for n := range whole {
			if m, err := decodeEnvelope(whole[:n]); err == nil {
				t.Errorf("%s: the first %d bytes are read as %+v", name, n, m)
			}
		}
		if _, err := decodeEnvelope(append(slices.Clone(whole), 0)); err == nil {
			t.Errorf("%s: a byte too many is taken", name)
		}
		if _, err := decodeEnvelope(append([]byte{9}, whole[1:]...)); err == nil {
			t.Errorf("%s: an unknown version is taken", name)
		}
	}
	none := Entry{Seq: 0, Frame: []byte("x")}
	if _, err := decodeEnvelope(appendEntry(nil, "epoch", &none)); err == nil {
		t.Error("an entry without a number is taken")
	}
	many := Entry{Seq: 1, Evict: make([]string, maxEvict+1)}
	if _, err := decodeEnvelope(appendEntry(nil, "epoch", &many)); err == nil {
		t.Errorf("an entry that evicts %d users is taken", len(many.Evict))
	}
}

func FuzzEnvelope(f *testing.F) {
	e := Entry{Seq: 1, ID: "id", Frame: []byte("frame"), Author: "ann", ClientID: "c", Ack: []byte("ack"), Evict: []string{"bob"}}
	f.Add(appendEntry(nil, "epoch", &e))
	f.Add(appendEphemeral(nil, []byte("frame"), "ann"))
	f.Add([]byte{})
	f.Add([]byte{envelopeEntry, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := decodeEnvelope(data)
		if err != nil {
			return
		}
		var again []byte
		if m.entry.Seq > 0 {
			again = appendEntry(nil, m.epoch, &m.entry)
		} else {
			again = appendEphemeral(nil, m.entry.Frame, m.except)
		}
		m2, err := decodeEnvelope(again)
		if err != nil || !reflect.DeepEqual(m, m2) {
			t.Fatalf("%+v was read, written and read again as %+v, %v", m, m2, err)
		}
	})
}

func TestTailKeepsALimitedRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var kept tail
		entries, most := rapid.IntRange(1, 20).Draw(t, "entries"), rapid.IntRange(1, 500).Draw(t, "bytes")
		first := rapid.Uint64Range(1, 1000).Draw(t, "first")
		n := rapid.IntRange(1, 100).Draw(t, "n")
		for i := range n {
			size := rapid.IntRange(0, 100).Draw(t, "size")
			kept.push(Entry{Seq: first + uint64(i), Frame: make([]byte, size)}, entries, most)
			bytes := 0
			for k := range kept.n {
				e := kept.at(k)
				if e.Seq != first+uint64(i-kept.n+1+k) {
					t.Fatalf("entry %d of %d is %d after %d was pushed", k, kept.n, e.Seq, first+uint64(i))
				}
				bytes += entrySize(e)
			}
			if kept.n < 1 || kept.n > entries || bytes != kept.bytes || kept.n > 1 && bytes > most {
				t.Fatalf("%d entries of %d bytes (reckoned %d) are kept, limits %d and %d", kept.n, bytes, kept.bytes, entries, most)
			}
		}
		last := first + uint64(n) - 1
		low := last - uint64(kept.n) + 1
		for seq := low - 1; seq <= last+1; seq++ {
			inside := seq >= low && seq <= last
			if e := kept.entry(seq); (e != nil) != inside || e != nil && e.Seq != seq {
				t.Fatalf("entry(%d) = %v, kept are %d to %d", seq, e, low, last)
			}
			if i, ok := kept.after(seq); ok != (seq+1 >= low && seq+1 <= last) || ok && kept.at(i).Seq != seq+1 {
				t.Fatalf("after(%d) = %d, %v; kept are %d to %d", seq, i, ok, low, last)
			}
		}
	})
}
