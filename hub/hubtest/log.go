package hubtest

import (
	"context"
	"sync"
	"testing"

	"github.com/parley-chat/parley/hub"
)

// LogUnderTest is a fresh Log for one test, with two empty topics.
type LogUnderTest struct {
	Log          hub.Log
	Topic, Other string
	// Append stores one more entry in a topic, as the program does before it publishes, and returns what it would publish.
	// It may be called concurrently.
	Append func(t testing.TB, topic string) (epoch string, e hub.Entry)
	// Unknown is a topic that Head and Read must refuse; "" for a log that knows every topic.
	Unknown string
	// Keeps is how many entries of a topic the log keeps; 0 keeps all.
	Keeps int
}

// RunLogSuite holds implementations of hub.Log to their contract. fresh is called for each test and cleans up by
// t.Cleanup. The suite needs no virtual time: it is meant for real databases too.
func RunLogSuite(t *testing.T, fresh func(t *testing.T) LogUnderTest) {
	for name, test := range map[string]func(*testing.T, LogUnderTest){
		"an empty topic has a head":           logEmpty,
		"the head is the last entry":          logHead,
		"entries are read in order":           logOrder,
		"a read has its limit":                logLimit,
		"nothing lies beyond the head":        logBeyond,
		"topics do not meet":                  logTopics,
		"an unknown topic is an error":        logUnknown,
		"what was dropped is left out":        logDropped,
		"reads during appends have no hole":   logConcurrent,
		"a context that has ended is no trap": logCancelled,
	} {
		t.Run(name, func(t *testing.T) { test(t, fresh(t)) })
	}
}

func (l LogUnderTest) head(t *testing.T, topic string) hub.Head {
	t.Helper()
	h, err := l.Log.Head(t.Context(), topic)
	if err != nil {
		t.Fatalf("Head(%s): %v", topic, err)
	}
	return h
}

func (l LogUnderTest) read(t *testing.T, topic string, after uint64, limit int) (hub.Head, []hub.Entry) {
	t.Helper()
	h, entries, err := l.Log.Read(t.Context(), topic, after, limit)
	if err != nil {
		t.Fatalf("Read(%s, %d, %d): %v", topic, after, limit, err)
	}
	return h, entries
}

func (l LogUnderTest) fill(t *testing.T, topic string, n int) []hub.Entry {
	t.Helper()
	var entries []hub.Entry
	for range n {
		_, e := l.Append(t, topic)
		entries = append(entries, e)
	}
	return entries
}

func logEmpty(t *testing.T, l LogUnderTest) {
	h := l.head(t, l.Topic)
	if h.Epoch == "" || h.Seq != 0 || h.ID != "" || h.MinSeq > 1 {
		t.Errorf("head of an empty topic is %+v, want an epoch, number 0 without an id, and MinSeq 0 or 1", h)
	}
	read, entries := l.read(t, l.Topic, 0, 10)
	if len(entries) != 0 || read.Position != h.Position {
		t.Errorf("reading an empty topic gave %d entries and the head %+v, want none and %+v", len(entries), read, h)
	}
}

func logHead(t *testing.T, l LogUnderTest) {
	for i := uint64(1); i <= 3; i++ {
		epoch, e := l.Append(t, l.Topic)
		if e.Seq != i || e.ID == "" {
			t.Fatalf("entry %d was appended as number %d with the id %q", i, e.Seq, e.ID)
		}
		if h, want := l.head(t, l.Topic), (hub.Position{Epoch: epoch, Seq: e.Seq, ID: e.ID}); h.Position != want {
			t.Errorf("after entry %d the head is %+v, want %+v", i, h.Position, want)
		}
	}
}

func logOrder(t *testing.T, l LogUnderTest) {
	n := 20
	if l.Keeps > 0 {
		n = min(n, l.Keeps)
	}
	want := l.fill(t, l.Topic, n)
	for after := range n {
		h, got := l.read(t, l.Topic, uint64(after), n+1)
		if h.Position != l.head(t, l.Topic).Position {
			t.Errorf("Read gives the head %+v, Head %+v", h, l.head(t, l.Topic))
		}
		if len(got) != n-after {
			t.Fatalf("after %d there are %d entries, want %d", after, len(got), n-after)
		}
		for i, e := range got {
			w := want[after+i]
			if e.Seq != w.Seq || e.ID != w.ID || e.Author != w.Author || e.ClientID != w.ClientID || e.Origin != w.Origin {
				t.Errorf("after %d entry %d is %+v, want %+v", after, i, e, w)
			}
			if len(e.Frame) == 0 {
				t.Errorf("entry %d has no frame", e.Seq)
			}
		}
	}
}

func logLimit(t *testing.T, l LogUnderTest) {
	l.fill(t, l.Topic, 2)
	if _, got := l.read(t, l.Topic, l.head(t, l.Topic).Seq-1, 1); len(got) != 1 {
		t.Errorf("one entry was left, %d came", len(got))
	}
	if l.Keeps > 0 && l.Keeps < 2 {
		return
	}
	h, got := l.read(t, l.Topic, 0, 1)
	if len(got) != 1 || got[0].Seq != 1 || h.Seq != 2 {
		t.Errorf("Read(0, limit 1) gave %d entries and the head %d, want entry 1 and the head 2", len(got), h.Seq)
	}
}

func logBeyond(t *testing.T, l LogUnderTest) {
	l.fill(t, l.Topic, 3)
	for _, after := range []uint64{3, 4, 1 << 40} {
		if h, got := l.read(t, l.Topic, after, 10); len(got) != 0 || h.Seq != 3 {
			t.Errorf("after %d there are %d entries and the head %d, want none and 3", after, len(got), h.Seq)
		}
	}
}

func logTopics(t *testing.T, l LogUnderTest) {
	first := l.fill(t, l.Topic, 2)
	second := l.fill(t, l.Other, 1)
	if h := l.head(t, l.Topic); h.Seq != 2 || h.ID != first[1].ID {
		t.Errorf("head of the first topic: %+v", h)
	}
	if h := l.head(t, l.Other); h.Seq != 1 || h.ID != second[0].ID {
		t.Errorf("head of the second topic: %+v", h)
	}
}

func logUnknown(t *testing.T, l LogUnderTest) {
	if l.Unknown == "" {
		return // this log knows every topic
	}
	if h, err := l.Log.Head(t.Context(), l.Unknown); err == nil {
		t.Errorf("Head of an unknown topic is %+v", h)
	}
	if _, entries, err := l.Log.Read(t.Context(), l.Unknown, 0, 10); err == nil {
		t.Errorf("Read of an unknown topic gave %d entries", len(entries))
	}
}

func logDropped(t *testing.T, l LogUnderTest) {
	if l.Keeps == 0 {
		return // this log keeps everything
	}
	n := 3*l.Keeps + 1
	want := l.fill(t, l.Topic, n)
	h, got := l.read(t, l.Topic, 0, n)
	if len(got) == 0 || len(got) > l.Keeps || got[0].Seq != h.MinSeq {
		t.Fatalf("%d entries came, MinSeq %d; want at most %d, beginning with MinSeq", len(got), h.MinSeq, l.Keeps)
	}
	if rest := want[n-len(got):]; got[0].ID != rest[0].ID || got[len(got)-1].ID != want[n-1].ID {
		t.Errorf("the entries are not the latest")
	}
}

func logConcurrent(t *testing.T, l LogUnderTest) {
	const writers, each = 4, 25
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range writers {
		wg.Go(func() {
			for range each {
				l.Append(t, l.Topic)
			}
		})
	}
	go func() { wg.Wait(); close(done) }()
	var at uint64
	for finished := false; !finished || at < writers*each; {
		select {
		case <-done:
			finished = true
		default:
		}
		h, got, err := l.Log.Read(t.Context(), l.Topic, at, 10)
		if err != nil {
			t.Fatalf("Read: %v", err)
		}
		for i, e := range got {
			if e.Seq != at+1 && (i > 0 || l.Keeps == 0 || e.Seq != h.MinSeq) {
				t.Fatalf("entry %d came after %d", e.Seq, at)
			}
			at = e.Seq
		}
		if len(got) < 10 && at != h.Seq {
			t.Fatalf("a short read ended at %d, its head is %d", at, h.Seq)
		}
		if finished && len(got) == 0 && at < writers*each {
			t.Fatalf("all is appended and reading ends at %d", at)
		}
	}
}

func logCancelled(t *testing.T, l LogUnderTest) {
	l.fill(t, l.Topic, 2)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	// Either answer is right; what came without an error must be.
	if h, err := l.Log.Head(ctx, l.Topic); err == nil && h.Seq != 2 {
		t.Errorf("Head gave %d without an error, want 2", h.Seq)
	}
	if h, got, err := l.Log.Read(ctx, l.Topic, 1, 10); err == nil && (len(got) != 1 || h.Seq != 2) {
		t.Errorf("Read gave %d entries and the head %d without an error, want 1 and 2", len(got), h.Seq)
	}
	if h := l.head(t, l.Topic); h.Seq != 2 {
		t.Errorf("afterwards the head is %d, want 2", h.Seq)
	}
}
