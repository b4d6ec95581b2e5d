package hub

import "testing"

func TestMemoryLogDrop(t *testing.T) {
	l := NewMemoryLog(10)
	add := func(topic, id string) Entry {
		_, e := l.Append(topic, func(uint64) Entry { return Entry{ID: id} })
		return e
	}
	add("a", "a1")
	add("a", "a2")
	add("b", "b1")
	l.Drop("a")
	l.Drop("never was")
	if h, _ := l.Head(t.Context(), "a"); h.Seq != 0 || h.ID != "" {
		t.Errorf("the dropped topic ends at %+v", h)
	}
	if _, entries, _ := l.Read(t.Context(), "a", 0, 10); len(entries) != 0 || len(l.topics) != 1 {
		t.Errorf("%d entries are left, and %d topics", len(entries), len(l.topics))
	}
	if h, _ := l.Head(t.Context(), "b"); h.Seq != 1 || h.ID != "b1" {
		t.Errorf("another topic ends at %+v", h)
	}
	if e := add("a", "a3"); e.Seq != 1 {
		t.Errorf("it begins anew with number %d", e.Seq)
	}
}
