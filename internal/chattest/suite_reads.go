package chattest

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

// history stores messages 1 to n, with a change after each tenth.
func history(t *testing.T, s chat.Store, n int) chat.Room {
	t.Helper()
	ann := Member(t, s, chat.RoleMember)
	r := Room(t, s, "")
	var ops []chat.Op
	for i := 1; i <= n; i++ {
		ops = append(ops, Post(r.ID, ann, fmt.Sprint(i)))
		if i%10 == 0 {
			ops = append(ops, Topic(r.ID, ann, fmt.Sprint("after ", i)))
		}
	}
	Stored(t, s, ops...)
	r, err := s.RoomByID(ctx, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wantPage fails unless p has the messages from to to, both included, in order; none if from > to.
func wantPage(t *testing.T, what string, p chat.Page, err error, from, to int, more bool) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	if len(p.Messages) != max(0, to-from+1) || p.HasMore != more {
		t.Errorf("%s: %d messages, more %v; want %d to %d, more %v", what, len(p.Messages), p.HasMore, from, to, more)
		return
	}
	for i, m := range p.Messages {
		if m.N != uint64(from+i) || m.Content != fmt.Sprint(from+i) || m.Seq != m.N+(m.N-1)/10 {
			t.Errorf("%s: message %d is %+v", what, i, m)
		}
	}
}

func testPagesByNumber(t *testing.T, s chat.Store) {
	r := history(t, s, 120)
	for _, c := range []struct {
		page     uint64
		limit    int
		from, to int
		more     bool
	}{
		{0, 0, 71, 120, true}, {1, 0, 71, 120, true}, {2, 0, 21, 70, true}, {3, 0, 1, 20, false}, {4, 0, 1, 0, false},
		{1, 1, 120, 120, true}, {120, 1, 1, 1, false}, {121, 1, 1, 0, false}, {12, 10, 1, 10, false}, {chat.MaxPage, 50, 1, 0, false},
	} {
		p, err := s.Page(ctx, r.ID, chat.PageQuery{Page: c.page, Limit: c.limit})
		wantPage(t, fmt.Sprintf("page %d by %d", c.page, c.limit), p, err, c.from, c.to, c.more)
		if p.Epoch != r.Epoch || p.AsOf != 132 || p.Page != max(c.page, 1) {
			t.Errorf("page %d: epoch %q, as of %d, page %d", c.page, p.Epoch, p.AsOf, p.Page)
		}
	}
	for _, q := range []chat.PageQuery{{Page: chat.MaxPage + 1}, {Page: math.MaxUint64}, {Limit: -1}, {Limit: 51}} {
		_, err := s.Page(ctx, r.ID, q)
		WantCode(t, err, chat.Invalid)
	}
	p, err := s.Page(ctx, Room(t, s, "").ID, chat.PageQuery{})
	wantPage(t, "an empty room", p, err, 1, 0, false)
}

func testPagesBySeq(t *testing.T, s chat.Store) {
	r := history(t, s, 120) // seq is 1..132: message n has n + (n-1)/10
	at := func(v uint64) *uint64 { return &v }
	for _, c := range []struct {
		q        chat.PageQuery
		from, to int
		more     bool
	}{
		{chat.PageQuery{Before: at(1)}, 1, 0, false},
		{chat.PageQuery{Before: at(2)}, 1, 1, false},
		{chat.PageQuery{Before: at(11)}, 1, 10, false}, // 11 is a change
		{chat.PageQuery{Before: at(56)}, 1, 50, false},
		{chat.PageQuery{Before: at(57)}, 2, 51, true},
		{chat.PageQuery{Before: at(133)}, 71, 120, true},
		{chat.PageQuery{Before: at(math.MaxInt64)}, 71, 120, true}, // beyond the head is the newest
		{chat.PageQuery{Before: at(133), Limit: 3}, 118, 120, true},
		{chat.PageQuery{After: at(0)}, 1, 50, true},
		{chat.PageQuery{After: at(10)}, 11, 60, true},
		{chat.PageQuery{After: at(11)}, 11, 60, true},
		{chat.PageQuery{After: at(75)}, 70, 119, true},
		{chat.PageQuery{After: at(76)}, 71, 120, false}, // exactly a page
		{chat.PageQuery{After: at(77)}, 71, 120, false},
		{chat.PageQuery{After: at(131)}, 1, 0, false},
		{chat.PageQuery{After: at(132)}, 1, 0, false},
		{chat.PageQuery{After: at(0), Limit: 1}, 1, 1, true},
	} {
		p, err := s.Page(ctx, r.ID, c.q)
		wantPage(t, describe(c.q), p, err, c.from, c.to, c.more)
		if p.AsOf != 132 || p.Page != 0 {
			t.Errorf("%s: as of %d, page %d", describe(c.q), p.AsOf, p.Page)
		}
	}
	for _, q := range []chat.PageQuery{
		{After: at(133)}, {After: at(math.MaxUint64)}, {Before: at(0)}, {Before: at(math.MaxUint64)},
		{Before: at(5), After: at(5)}, {Page: 1, After: at(5)}, {Page: 1, Before: at(5)},
	} {
		_, err := s.Page(ctx, r.ID, q)
		if chat.CodeOf(err) != chat.Invalid {
			t.Errorf("%s: %v", describe(q), err)
		}
	}
}

func testPagesAround(t *testing.T, s chat.Store) {
	r := history(t, s, 120)
	id := func(n uint64) string {
		p, err := s.Page(ctx, r.ID, chat.PageQuery{Page: 121 - n, Limit: 1})
		if err != nil || len(p.Messages) != 1 {
			t.Fatal(p, err)
		}
		return p.Messages[0].ID
	}
	for _, c := range []struct {
		n            uint64
		limit        int
		from, to     int
		older, newer bool
	}{
		{1, 0, 1, 51, false, true}, {51, 0, 1, 101, false, true}, {52, 0, 2, 102, true, true}, {70, 0, 20, 120, true, false},
		{120, 0, 70, 120, true, false}, {60, 1, 59, 61, true, true}, {11, 1, 10, 12, true, true}, {1, 1, 1, 2, false, true},
	} {
		what := fmt.Sprintf("around %d by %d", c.n, c.limit)
		p, err := s.Page(ctx, r.ID, chat.PageQuery{Around: id(c.n), Limit: c.limit})
		wantPage(t, what, p, err, c.from, c.to, c.older)
		if p.HasNewer != c.newer || p.Epoch != r.Epoch || p.AsOf != 132 || p.Page != 0 {
			t.Errorf("%s: newer %v, epoch %q, as of %d, page %d", what, p.HasNewer, p.Epoch, p.AsOf, p.Page)
		}
	}
	upper, err := s.Page(ctx, r.ID, chat.PageQuery{Around: strings.ToUpper(id(60)), Limit: 1})
	wantPage(t, "in capitals", upper, err, 59, 61, true)

	elsewhere := history(t, s, 1)
	_, events, err := s.Entries(ctx, r.ID, 10, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []struct {
		room chat.RoomID
		id   string
	}{{elsewhere.ID, id(60)}, {r.ID, chat.NewUUID(now())}, {r.ID, events[0].ID()}} {
		_, err := s.Page(ctx, q.room, chat.PageQuery{Around: q.id})
		WantCode(t, err, chat.NotFound)
	}
	at := uint64(5)
	for _, q := range []chat.PageQuery{
		{Around: "60"}, {Around: id(60), Page: 1}, {Around: id(60), Before: &at}, {Around: id(60), After: &at}, {Around: id(60), Limit: 51},
	} {
		_, err := s.Page(ctx, r.ID, q)
		WantCode(t, err, chat.Invalid)
	}
}

func describe(q chat.PageQuery) string {
	switch {
	case q.Before != nil:
		return fmt.Sprintf("before %d", *q.Before)
	case q.After != nil:
		return fmt.Sprintf("after %d", *q.After)
	}
	return fmt.Sprintf("page %d", q.Page)
}

func testEntries(t *testing.T, s chat.Store) {
	r := history(t, s, 30) // 33 entries; 11, 22 and 33 are changes
	for _, c := range []struct {
		after       uint64
		limit, want int
	}{
		{0, 100, 33}, {0, 33, 33}, {0, 32, 32}, {0, 1, 1}, {10, 1, 1}, {10, 5, 5}, {20, 100, 13}, {32, 100, 1}, {33, 100, 0}, {34, 100, 0}, {math.MaxInt64, 100, 0},
	} {
		h, events, err := s.Entries(ctx, r.ID, c.after, c.limit)
		if err != nil || len(events) != c.want || h.Seq != 33 || h.Epoch != r.Epoch || h.MinSeq != 1 {
			t.Errorf("after %d by %d: %d events, head %+v, %v", c.after, c.limit, len(events), h, err)
		}
		for i, e := range events {
			if seq := c.after + uint64(i) + 1; e.Seq() != seq || (e.Change != nil) != (seq%11 == 0) || (e.Message == nil) != (seq%11 == 0) || e.Room() != r.ID || e.Epoch != r.Epoch {
				t.Errorf("after %d: event %d is %+v", c.after, i, e)
			}
		}
		if c.after < 33 && c.after+uint64(len(events)) == 33 && h.ID != events[len(events)-1].ID() {
			t.Errorf("the head's id is %s", h.ID)
		}
	}
	_, _, err := s.Entries(ctx, r.ID, 0, 0)
	WantCode(t, err, chat.Invalid)
	empty := Room(t, s, "")
	h, events, err := s.Entries(ctx, empty.ID, 0, 10)
	if err != nil || len(events) != 0 {
		t.Errorf("an empty room has %v, %v", events, err)
	}
	same(t, "the head of an empty room", h, chat.Head{Epoch: empty.Epoch, MinSeq: 1})
}
