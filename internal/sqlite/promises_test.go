package sqlite_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/sqlite"
)

// A page and the number it is as of are of one moment, also while others write: in a room of messages alone, what
// comes after one page ends with the number of the next.
func TestAPageIsOfOneMoment(t *testing.T) {
	s := open(t, sqlite.Options{})
	r, by := chattest.Room(t, s, ""), chattest.Guest()
	chattest.Stored(t, s, chattest.Post(r.ID, by, "first"))
	var writing sync.WaitGroup
	done := make(chan struct{})
	writing.Go(func() {
		for n := 0; n < 20000; n++ {
			select {
			case <-done:
				return
			default:
			}
			if _, err := s.Commit(context.Background(), []chat.Op{chattest.Post(r.ID, by, "more")}); err != nil {
				t.Error(err)
				return
			}
		}
	})
	moved, last := 0, uint64(1)
	for n := 0; n < 100000 && moved < 100; n++ {
		after := last
		p, err := s.Page(context.Background(), r.ID, chat.PageQuery{After: &after})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Messages) == 0 {
			if p.AsOf != last {
				t.Fatalf("nothing after %d in a room as of %d", last, p.AsOf)
			}
			continue
		}
		if last = p.Messages[len(p.Messages)-1].Seq; last > p.AsOf || !p.HasMore && last != p.AsOf {
			t.Fatalf("a page as of %d ends with %d", p.AsOf, last)
		}
		moved++
	}
	close(done)
	writing.Wait()
	if moved < 100 {
		t.Errorf("the room moved on %d times only while it was read", moved)
	}
}

// The first words decide whether a request is a repetition, whatever the message says now.
func TestARetryOfAnEditedMessageIsTheSame(t *testing.T) {
	s := open(t, sqlite.Options{})
	r, by := chattest.Room(t, s, ""), chattest.Guest()
	op := chattest.Post(r.ID, by, "as it was sent")
	first := chattest.Stored(t, s, op)[0]
	chattest.Stored(t, s, chattest.Edit(r.ID, by, op.Post.ID, "as it was edited"))
	again := chattest.Stored(t, s, chattest.Retry(op))[0]
	if !again.Again || again.Event.ID() != first.Event.ID() || again.Event.Seq() != 1 || again.Event.Message.Content != "as it was edited" {
		t.Errorf("the retry of an edited message is %+v", again)
	}
	other := chattest.Post(r.ID, by, "as it was edited")
	other.Post.ClientID = op.Post.ClientID
	if o := chattest.Commit(t, s, other)[0]; chat.CodeOf(o.Err) != chat.Conflict {
		t.Errorf("the new words under the old client id are %+v", o)
	}
	if got := wantGapless(t, s, r.ID); len(got) != 2 {
		t.Errorf("%d entries", len(got))
	}
}

// Nothing is ordered by the clock: times that jump by years and back change no number and no page.
func TestTheClockOrdersNothing(t *testing.T) {
	now := time.Now()
	s := open(t, sqlite.Options{Now: func() time.Time { return now }})
	r, by := chattest.Room(t, s, ""), chattest.Guest()
	var sent []string
	for i, jump := range []time.Duration{0, time.Hour, -8760 * time.Hour, 2 * 8760 * time.Hour, -time.Hour, -8760 * time.Hour} {
		now = now.Add(jump)
		op := chattest.Post(r.ID, by, "hello")
		op.Post.Created, op.Post.ID = now, chat.NewUUID(now)
		if seq := chattest.Stored(t, s, op)[0].Event.Seq(); seq != uint64(i)+1 {
			t.Errorf("message %d has the number %d", i+1, seq)
		}
		sent = append(sent, op.Post.ID)
	}
	p, err := s.Page(context.Background(), r.ID, chat.PageQuery{Page: 1})
	if err != nil {
		t.Fatal(err)
	}
	var paged, streamed []string
	for _, m := range p.Messages {
		paged = append(paged, m.ID)
	}
	for _, e := range wantGapless(t, s, r.ID) {
		streamed = append(streamed, e.ID())
	}
	if !slices.Equal(paged, sent) || !slices.Equal(streamed, sent) {
		t.Errorf("sent %v\npaged %v\nstreamed %v", sent, paged, streamed)
	}
}
