package hub_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/hubtest"
)

func (m *member) begin(topic, id string) {
	m.w.t.Helper()
	if err := m.Begin(m.w.ctx, topic, id, false); err != nil {
		m.w.t.Fatalf("Begin(%s): %v", id, err)
	}
}

func TestAckDoesNotOvertakeEarlierEntries(t *testing.T) {
	within(t, nil, func(w *world) {
		ann, bob := w.join("ann", "room"), w.join("bob", "room")
		ann.begin("room", "c1")
		_, first := w.log.add("room")
		epoch, mine := w.log.add("room", by("ann", "c1"))
		w.h.Publish("room", epoch, mine) // the committer's batches came the wrong way round
		ann.Settle("room", "c1", 2, mine.Ack)
		synctest.Wait()
		if got := ann.p.Frames(); len(got) > 0 {
			t.Fatalf("ann heard %q before entry 1 was published", got)
		}
		w.h.Publish("room", epoch, first)
		ann.hears("room 1", "ack c1 2")
		bob.hears("room 1", "room 2")
	})
}

// A publication may be lost, and nothing may come after it.
func TestSettleFindsAnEntryThatWasNeverPublished(t *testing.T) {
	within(t, nil, func(w *world) {
		ann, bob := w.join("ann", "room"), w.join("bob", "room")
		ann.begin("room", "c1")
		_, mine := w.log.add("room", by("ann", "c1"))
		ann.Settle("room", "c1", mine.Seq, mine.Ack)
		w.settle()
		ann.hears("ack c1 1")
		bob.hears("room 1")
	})
}

// A number that the log never comes to is given up, and does not stand in the way of what follows.
func TestSettleAtANumberThatTheLogDoesNotKnow(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann", "room")
		ann.begin("room", "c1")
		ann.Settle("room", "c1", 7, hubtest.Frame("ack"))
		time.Sleep(time.Minute)
		synctest.Wait()
		reads := w.log.readCount()
		time.Sleep(time.Hour)
		synctest.Wait()
		if again := w.log.readCount(); again > reads {
			t.Errorf("the log is read %d times an hour for a number that it does not know", again-reads)
		}
		w.post("room")
		ann.hears("room 1")
	})
}

func TestAckWaitsForTheReplayThatComesToIt(t *testing.T) {
	within(t, func(c *hub.Config) { c.Limits.TailEntries = 4 }, func(w *world) {
		for range 600 {
			w.log.add("room", sized(500))
		}
		ann := w.connect("ann")
		ann.p.Stall()
		ann.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 0)})
		ann.begin("room", "c1")
		mine := w.post("room", by("ann", "c1"))
		ann.Settle("room", "c1", mine.Seq, mine.Ack)
		w.settle()
		ann.p.Release()
		w.settle()
		got := ann.p.Drain()
		if len(got) != 602 || got[601] != "ack c1 601" {
			t.Fatalf("heard %s, want 600 entries and then the ack", brief(got))
		}
	})
}

func TestAckLostWithItsSocketComesByTheResume(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann", "room")
		ann.begin("room", "c1")
		ann.p.Abort() // the entry is committed, and nobody is there to hear the ack
		<-ann.Done()
		mine := w.post("room", by("ann", "c1"))
		ann.Settle("room", "c1", mine.Seq, mine.Ack)

		again := w.connect("ann")
		again.begin("room", "c1") // the retry is under way before the resume has come to the entry
		again.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 0)})
		again.hears("subscribed room 0", "ack c1 1")
		again.Settle("room", "c1", mine.Seq, mine.Ack)
		again.hears()
	})
}

func TestRetryAfterResumeIsAckedDirectly(t *testing.T) {
	within(t, nil, func(w *world) {
		mine := w.post("room", by("ann", "c1"))
		w.posts("room", 3)
		ann := w.connect("ann")
		ann.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 0)})
		ann.hears("subscribed room 0", "room 1", "room 2", "room 3", "room 4")
		for range 2 { // at or below the position, as often as it is asked
			ann.begin("room", "c1")
			ann.Settle("room", "c1", mine.Seq, mine.Ack)
			ann.hears("ack c1 1")
		}
		last := w.post("room", by("ann", "c2"))
		ann.hears("room 5")
		ann.begin("room", "c2")
		ann.Settle("room", "c2", last.Seq, last.Ack)
		ann.hears("ack c2 5")
	})
}

func TestAckOfASendToATopicThatIsNotSubscribed(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann")
		ann.begin("room", "c1")
		mine := w.post("room", by("ann", "c1"))
		ann.Settle("room", "c1", mine.Seq, mine.Ack)
		ann.hears("ack c1 1")
	})
}

// waiting is a member whose send is stored at 2, while entry 1 has not reached the topic and is nowhere to be read.
func waiting(w *world) *member {
	ann := w.join("ann", "room")
	w.log.set(func() { w.log.fail = errTest })
	ann.begin("room", "c1")
	w.log.add("room")
	mine := w.post("room", by("ann", "c1"))
	ann.Settle("room", "c1", mine.Seq, mine.Ack)
	ann.hears()
	return ann
}

func TestAckWhenUnsubscribedMeanwhile(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := waiting(w)
		ann.Unsubscribe("room")
		ann.hears("ack c1 2")
		w.log.set(func() { w.log.fail = nil })
		ann.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 0)})
		ann.hears("subscribed room 0", "room 1", "room 2")
	})
}

// The entry is stored, the client has it from a page and resumes behind it, and the outcome of the send comes while the
// subscription is being authorised: the stream will not come to that entry.
func TestAckWhenTheResumeBeginsBehindIt(t *testing.T) {
	within(t, nil, func(w *world) {
		ann, _ := w.join("ann", "room"), w.join("bob", "room") // who keeps the topic open
		ann.begin("room", "c1")
		epoch, mine := w.log.add("room", by("ann", "c1"))
		ann.sub(hub.SubscribeRequest{Topic: "room", From: w.at("room", 1), Authorize: func(context.Context) (uint64, error) {
			w.h.Publish("room", epoch, mine)
			ann.Settle("room", "c1", 1, mine.Ack)
			return 0, nil
		}})
		ann.hears("subscribed room 1", "ack c1 1")
	})
}

func TestAckWhenResetMeanwhile(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := waiting(w)
		w.log.set(func() { w.log.fail, w.log.minSeq = nil, 2 }) // entry 1 is gone for good
		w.post("room")
		w.settle()
		w.settle()
		ann.hears("reset room 3", "ack c1 2")
	})
}

func TestAckWhenTheEpochChangedMeanwhile(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := waiting(w)
		w.log.set(func() { w.log.fail = nil })
		w.log.restart("e2", "room", 0) // its number is ahead of the new log's head
		w.post("room")
		ann.hears("reset room 1", "ack c1 2")
		w.posts("room", 2)
		ann.hears("room 2", "room 3")
	})
}

func TestAckWhenEvictedMeanwhile(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann", "room")
		ann.begin("room", "c1")
		_, kick := w.log.add("room", evicts("ann"))
		epoch, mine := w.log.add("room", by("ann", "c1"))
		w.h.Publish("room", epoch, mine)
		ann.Settle("room", "c1", mine.Seq, mine.Ack)
		w.h.Publish("room", epoch, kick)
		ann.hears("room 1", "ack c1 2")
		ann.begin("room", "c1") // it is not open any more
	})
}

func TestSilentSendHearsNothing(t *testing.T) {
	within(t, nil, func(w *world) {
		ann, bob := w.join("ann", "room"), w.join("bob", "room")
		for i, settleFirst := range []bool{false, true} {
			id := fmt.Sprint("c", i)
			if err := ann.Begin(w.ctx, "room", id, true); err != nil {
				t.Fatal(err)
			}
			epoch, e := w.log.add("room", by("ann", id))
			if settleFirst {
				ann.Settle("room", id, e.Seq, e.Ack)
			}
			w.h.Publish("room", epoch, e)
			synctest.Wait()
			ann.Settle("room", id, e.Seq, e.Ack)
		}
		ann.hears()
		bob.hears("room 1", "room 2")
		w.post("room")
		ann.hears("room 3")
	})
}

func TestOwnOtherSessionHearsTheMessage(t *testing.T) {
	within(t, nil, func(w *world) {
		laptop, phone := w.join("ann", "room"), w.join("ann", "room")
		bob := w.join("bob", "room")
		bob.begin("room", "c1") // the same id of another person is another send
		laptop.begin("room", "c1")
		mine := w.post("room", by("ann", "c1"))
		laptop.Settle("room", "c1", mine.Seq, mine.Ack)
		laptop.hears("ack c1 1")
		phone.hears("room 1")
		bob.hears("room 1")
	})
}

func TestBeginWaitsAt64AndIsFreed(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann")
		for i := range 64 {
			ann.begin("room", fmt.Sprint(i))
		}
		free := []func(){
			func() { ann.Settle("room", "0", 1, hubtest.Frame("ack 0")) },
			func() { ann.Fail("room", "1", hubtest.Frame("no")) },
		}
		for i, f := range free {
			done := make(chan error, 1)
			go func() { done <- ann.Begin(w.ctx, "room", fmt.Sprint("more", i), false) }()
			synctest.Wait()
			select {
			case err := <-done:
				t.Fatalf("the 65th Begin returned %v at once", err)
			default:
			}
			f()
			if err := <-done; err != nil {
				t.Fatalf("Begin after a slot was freed: %v", err)
			}
		}
		ctx, cancel := context.WithTimeout(w.ctx, time.Second)
		defer cancel()
		if err := ann.Begin(ctx, "room", "late", false); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Begin whose context ends: %v", err)
		}
		done := make(chan error, 1)
		go func() { done <- ann.Begin(w.ctx, "room", "last", false) }()
		synctest.Wait()
		ann.Close(1000, "")
		if err := <-done; !errors.Is(err, hub.ErrClosed) {
			t.Errorf("Begin on a session that was closed: %v", err)
		}
	})
}

func TestBeginTwiceIsErrOpen(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann")
		ann.begin("room", "c1")
		if err := ann.Begin(w.ctx, "room", "c1", false); !errors.Is(err, hub.ErrOpen) {
			t.Errorf("the same send again: %v, want ErrOpen", err)
		}
		ann.begin("hall", "c1")
		ann.Fail("room", "c1", nil)
		ann.begin("room", "c1")
		ann.hears()
	})
}

// The stream may answer a send before its owner settles it. What is then sent under the same id, perhaps another text, is
// not answered by that.
func TestALateSettleAnswersNoOtherSend(t *testing.T) {
	for name, settle := range map[string]func(*member, *hub.Entry){
		"Settle": func(m *member, e *hub.Entry) { m.Settle("room", "c1", e.Seq, e.Ack) },
		"Fail":   func(m *member, _ *hub.Entry) { m.Fail("room", "c1", hubtest.Frame("unknown c1")) },
	} {
		t.Run(name, func(t *testing.T) {
			within(t, nil, func(w *world) {
				ann := w.join("ann", "room")
				ann.begin("room", "c1")
				e := w.post("room", by("ann", "c1"))
				ann.hears("ack c1 1")
				began := make(chan error, 1)
				go func() { began <- ann.Begin(w.ctx, "room", "c1", false) }()
				synctest.Wait()
				select {
				case err := <-began:
					t.Fatalf("the id was open again (%v) before its first send was settled", err)
				default:
				}
				settle(ann, &e)
				if err := <-began; err != nil {
					t.Fatal(err)
				}
				ann.hears()
				if !ann.Fail("room", "c1", hubtest.Frame("conflict c1")) {
					t.Error("the second send was answered by the first one's end")
				}
				ann.hears("conflict c1")
			})
		})
	}
}

// Whoever waits for a late Settle is let go by the end of the context and of the session.
func TestABeginThatWaitsForASettleEnds(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann", "room")
		ann.begin("room", "c1")
		w.post("room", by("ann", "c1"))
		ann.hears("ack c1 1")
		ctx, cancel := context.WithCancel(w.ctx)
		began := make(chan error, 1)
		go func() { began <- ann.Begin(ctx, "room", "c1", false) }()
		synctest.Wait()
		cancel()
		if err := <-began; !errors.Is(err, context.Canceled) {
			t.Errorf("after its context: %v", err)
		}
		if err := ann.Begin(w.ctx, "room", "c2", true); err != nil {
			t.Errorf("another id waits as well: %v", err)
		}
		go func() { began <- ann.Begin(w.ctx, "room", "c1", false) }()
		synctest.Wait()
		ann.Close(4000, "over")
		if err := <-began; !errors.Is(err, hub.ErrClosed) {
			t.Errorf("after its session: %v", err)
		}
	})
}

func TestFailTellsOnceAndNeverAfterAnAck(t *testing.T) {
	within(t, nil, func(w *world) {
		ann := w.join("ann", "room")
		ann.begin("room", "c1")
		ann.Fail("room", "c1", hubtest.Frame("no c1"))
		ann.hears("no c1")
		w.posts("room", 1)
		ann.hears("room 1")
		// A commit whose outcome is unknown here, and whose entry comes from another node all the same.
		ann.begin("room", "c2")
		w.post("room", by("ann", "c2"))
		ann.hears("ack c2 2")
		ann.Fail("room", "c2", hubtest.Frame("unknown c2"))
		ann.hears()
	})
}
