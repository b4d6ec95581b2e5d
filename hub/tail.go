package hub

// tail keeps the latest entries of a topic: a ring without a hole, bounded in number and bytes.
type tail struct {
	ring  []Entry
	start int // of the oldest
	n     int
	bytes int
}

func entrySize(e *Entry) int { return len(e.Frame) + len(e.Ack) }

func (t *tail) push(e Entry, maxEntries, maxBytes int) {
	t.bytes += entrySize(&e)
	for t.n > 0 && (t.n >= maxEntries || t.bytes > maxBytes) {
		old := t.at(0)
		t.bytes -= entrySize(old)
		*old = Entry{}
		t.start = (t.start + 1) % len(t.ring)
		t.n--
	}
	if t.n == len(t.ring) {
		grown := make([]Entry, min(max(8, 2*t.n), maxEntries))
		for i := range t.n {
			grown[i] = *t.at(i)
		}
		t.ring, t.start = grown, 0
	}
	t.n++
	*t.at(t.n - 1) = e
}

func (t *tail) at(i int) *Entry { return &t.ring[(t.start+i)%len(t.ring)] }

// after returns the index of the entry that follows seq; ok is false when it is not in the tail.
func (t *tail) after(seq uint64) (i int, ok bool) {
	if t.n == 0 {
		return 0, false
	}
	first := t.at(0).Seq
	if seq+1 < first || seq+1 > first+uint64(t.n)-1 {
		return 0, false
	}
	return int(seq + 1 - first), true
}

// entry returns the entry numbered seq, or nil.
func (t *tail) entry(seq uint64) *Entry {
	if seq == 0 {
		return nil
	}
	if i, ok := t.after(seq - 1); ok {
		return t.at(i)
	}
	return nil
}

func (t *tail) reset() { *t = tail{} }
