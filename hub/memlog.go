package hub

import (
	"context"
	"crypto/rand"
	"sync"
)

// MemoryLog is a Log that keeps the latest entries of each topic in memory, for servers that need no history beyond
// that. A topic begins with its first entry; asking for one that has none is no error. All methods may be called
// concurrently.
type MemoryLog struct {
	limit int
	epoch string

	mu     sync.Mutex
	topics map[string]*memoryTopic
}

type memoryTopic struct {
	entries []Entry // at most 2*limit; the last limit of them count
	seq     uint64
}

// NewMemoryLog returns a log that keeps the last limit entries of each topic (at least 1).
func NewMemoryLog(limit int) *MemoryLog {
	return &MemoryLog{limit: max(limit, 1), epoch: rand.Text(), topics: map[string]*memoryTopic{}}
}

// Append gives the next number of topic to the entry that build returns for it and keeps it. It returns what is to be
// published. build is called under the log's lock and must not call the log.
func (l *MemoryLog) Append(topic string, build func(seq uint64) Entry) (epoch string, e Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.topics[topic]
	if t == nil {
		t = &memoryTopic{}
		l.topics[topic] = t
	}
	e = build(t.seq + 1)
	t.seq++
	e.Seq = t.seq
	if len(t.entries) >= 2*l.limit {
		kept := copy(t.entries, t.entries[len(t.entries)-l.limit+1:])
		clear(t.entries[kept:])
		t.entries = t.entries[:kept]
	}
	t.entries = append(t.entries, e)
	return l.epoch, e
}

func (t *memoryTopic) kept(limit int) []Entry {
	return t.entries[max(0, len(t.entries)-limit):]
}

// Head implements Log.
func (l *MemoryLog) Head(_ context.Context, topic string) (Head, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.head(topic), nil
}

func (l *MemoryLog) head(topic string) Head {
	h := Head{Position: Position{Epoch: l.epoch}, MinSeq: 1}
	if t := l.topics[topic]; t != nil {
		kept := t.kept(l.limit)
		h.Seq, h.ID = t.seq, kept[len(kept)-1].ID
		h.MinSeq = kept[0].Seq
	}
	return h
}

// Read implements Log.
func (l *MemoryLog) Read(_ context.Context, topic string, after uint64, limit int) (Head, []Entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.head(topic)
	if after >= h.Seq {
		return h, nil, nil
	}
	kept := l.topics[topic].kept(l.limit)
	from := 0
	if after+1 > h.MinSeq {
		from = int(after + 1 - h.MinSeq)
	}
	rest := kept[from:]
	return h, append([]Entry(nil), rest[:min(limit, len(rest))]...), nil
}

// Drop forgets a topic with all its entries; the next entry begins it anew with number 1. The hub must not have it open:
// nobody may be subscribed to it, or about to be. A client that still has a position in it will be told to load afresh.
func (l *MemoryLog) Drop(topic string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.topics, topic)
}
