package chat_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
)

// world is a Service on a store in memory, with what it published and answered, in order.
type world struct {
	*chat.Service
	t     *testing.T
	store *chattest.Store
	ann   chat.Actor

	mu      sync.Mutex
	log     []string // "publish CONTENT", "done CONTENT"
	batches []chat.BatchStats
	ended   []chat.SessionID
	changed []chat.UserID
	limiter func() (time.Duration, bool)
	newRoom func(chat.UserID) (time.Duration, bool)
	read    func(chat.UserID) (time.Duration, bool)
}

// inWorld runs f in a bubble of virtual time, with a Service that is closed afterwards.
func inWorld(t *testing.T, f func(*world)) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, store: chattest.NewStore()}
		w.Service = chat.NewService(chat.Config{
			Store: w.store, Skeleton: strings.ToLower, Logger: slog.New(slog.DiscardHandler), Limiter: w,
			Publish: func(es []chat.Event) {
				for _, e := range es {
					w.note("publish " + text(e))
				}
			},
			NewRoom: func(user chat.UserID) (time.Duration, bool) {
				if w.newRoom == nil {
					return 0, true
				}
				return w.newRoom(user)
			},
			MoveRead: func(user chat.UserID) (time.Duration, bool) {
				if w.read == nil {
					return 0, true
				}
				return w.read(user)
			},
			SessionEnded: func(id chat.SessionID) { w.ended = append(w.ended, id) },
			UserChanged:  func(id chat.UserID) { w.changed = append(w.changed, id) },
			Observe:      func(s chat.BatchStats) { w.batches = append(w.batches, s) },
		})
		if err := w.EnsureRooms(bg); err != nil {
			t.Fatal(err)
		}
		u, err := w.CreateUser(bg, chat.NewUser{Name: "ann"})
		if err != nil {
			t.Fatal(err)
		}
		w.ann = u.Actor()
		f(w)
		if err := w.Close(bg); err != nil {
			t.Error(err)
		}
	})
}

// Send makes world a chat.Limiter.
func (w *world) Send(chat.UserID, chat.UserKind) (time.Duration, bool) {
	if w.limiter == nil {
		return 0, true
	}
	return w.limiter()
}

func text(e chat.Event) string {
	if e.Message != nil {
		return e.Message.Content
	}
	return string(e.Change.Kind)
}

func (w *world) note(s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, s)
}

// post posts in general and returns where the outcome will be.
func (w *world) post(content, clientID string) *chat.Outcome {
	return w.postAs(w.ann, "general", content, clientID)
}

func (w *world) postAs(by chat.Actor, room, content, clientID string) *chat.Outcome {
	o := &chat.Outcome{}
	answered := false
	w.Post(by, chat.NewMessage{Room: room, Content: content, ClientID: clientID}, func(got chat.Outcome) {
		if answered {
			w.t.Error("done was called twice")
		}
		answered = true
		*o = got
		w.note("done " + content)
	})
	return o
}

// hold makes commits wait until the returned function is called.
func (w *world) hold() (release func()) {
	gate := make(chan struct{})
	w.store.OnCommit(func([]chat.Op) { <-gate })
	return func() {
		w.store.OnCommit(nil)
		close(gate)
	}
}

func (w *world) wantLog(want ...string) {
	w.t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.log, want) {
		w.t.Errorf("log %q; want %q", w.log, want)
	}
}

func (w *world) wantCode(o *chat.Outcome, code chat.Code) {
	w.t.Helper()
	synctest.Wait()
	chattest.WantCode(w.t, o.Err, code)
}

func TestPublishesBeforeItAnswersAndInOrder(t *testing.T) {
	inWorld(t, func(w *world) {
		release := w.hold()
		w.post("1", "")
		synctest.Wait() // the first is being committed, the others queue
		for _, c := range []string{"2", "3", "4"} {
			w.post(c, "")
		}
		w.wantLog()
		if ops, bytes := w.Queued(); ops != 3 || bytes == 0 {
			t.Errorf("%d ops, %d bytes are queued", ops, bytes)
		}
		release()
		w.wantLog("publish 1", "done 1", "publish 2", "publish 3", "publish 4", "done 2", "done 3", "done 4")
		if len(w.batches) != 2 || w.batches[0].Ops != 1 || w.batches[0].Queued != 3 || w.batches[1].Ops != 3 {
			t.Errorf("batches %+v", w.batches)
		}
		if ops, bytes := w.Queued(); ops != 0 || bytes != 0 {
			t.Errorf("%d ops, %d bytes stay queued", ops, bytes)
		}
	})
}

func TestOneCallersOrderIsKept(t *testing.T) {
	inWorld(t, func(w *world) {
		const callers, each = 5, 400 // more than one batch
		release := w.hold()
		var wg sync.WaitGroup
		for c := range callers {
			wg.Go(func() {
				for i := range each {
					w.post(fmt.Sprintf("%d:%03d", c, i), "")
				}
			})
		}
		wg.Wait()
		release()
		synctest.Wait()
		r, err := w.RoomState(bg, w.ann, "general")
		if err != nil {
			t.Fatal(err)
		}
		_, events, err := w.Entries(bg, r.ID, 0, callers*each+1)
		if err != nil || len(events) != callers*each {
			t.Fatalf("%d events, %v", len(events), err)
		}
		last := map[string]string{}
		for _, e := range events {
			caller, n, _ := strings.Cut(e.Message.Content, ":")
			if n <= last[caller] {
				t.Fatalf("%s:%s comes after %s", caller, n, last[caller])
			}
			last[caller] = n
		}
		for _, b := range w.batches {
			if b.Ops > 1000 {
				t.Errorf("a batch of %d", b.Ops)
			}
		}
	})
}

func TestDuplicatesAreAnsweredButNotPublished(t *testing.T) {
	inWorld(t, func(w *world) {
		id := chattest.ID()
		first := w.post("once", id)
		synctest.Wait()
		again := w.post("once", strings.ToUpper(id))
		other := w.post("twice", id)
		w.wantLog("publish once", "done once", "done once", "done twice")
		if !again.Again || again.Event.ID() != first.Event.ID() || again.Event.Message.ClientID != id {
			t.Errorf("the retry: %+v", again)
		}
		w.wantCode(other, chat.Conflict)
	})
}

func TestARefusedOpGivesItsNumberToTheNext(t *testing.T) {
	inWorld(t, func(w *world) {
		u, err := w.CreateUser(bg, chat.NewUser{Name: "bob"})
		if err != nil {
			t.Fatal(err)
		}
		release := w.hold()
		first := w.post("first", "")
		synctest.Wait()
		w.RemoveMember(w.ann, "general", u.ID, chat.Removal{Ban: true}, func(chat.Outcome) { w.note("done removal") })
		refused := w.postAs(u.Actor(), "general", "too late", "")
		next := w.post("next", "")
		release()
		w.wantCode(refused, chat.Forbidden)
		if first.Event.Seq() != 1 || next.Event.Seq() != 3 || next.Event.Message.N != 2 {
			t.Errorf("seq %d and %d", first.Event.Seq(), next.Event.Seq())
		}
		w.wantLog("publish first", "done first", "publish member_removed", "publish next", "done removal", "done too late", "done next")
	})
}

func TestDiskFullFailsTheBatchAndGoesOn(t *testing.T) {
	inWorld(t, func(w *world) {
		w.store.FailNext(chattest.DiskFull)
		release := w.hold()
		lost := w.post("lost", "")
		release()
		w.wantCode(lost, chat.Overloaded)
		if !strings.Contains(lost.Err.Error(), "the disk is full: nothing was stored") {
			t.Errorf("the error is %v", lost.Err)
		}
		kept := w.post("kept", "")
		w.wantCode(kept, "")
		if kept.Event.Seq() != 1 {
			t.Errorf("seq %d", kept.Event.Seq())
		}
		w.wantLog("done lost", "publish kept", "done kept")
		if w.batches[0].Err == nil || w.batches[1].Err != nil {
			t.Errorf("batches %+v", w.batches)
		}
	})
}

func TestUnknownOutcomeIsLookedUp(t *testing.T) {
	unreachable := chat.Errorf(chat.Internal, "", "the database cannot be reached")
	for _, lookups := range [][]error{nil, {unreachable, unreachable}} {
		inWorld(t, func(w *world) {
			w.store.FailNext(chattest.BrokenAfter, chattest.BrokenBefore)
			w.store.FailLookups(lookups...)
			stored := w.post("stored", "")
			time.Sleep(time.Second)
			w.wantCode(stored, "")
			w.wantLog("publish stored", "done stored")

			id := chattest.ID()
			lost := w.post("lost", id)
			time.Sleep(time.Second)
			w.wantCode(lost, chat.UnknownOutcome)
			again := w.post("lost", id)
			w.wantCode(again, "")
			if again.Again || again.Event.Seq() != 2 {
				t.Errorf("the retry: %+v", again)
			}
			w.wantLog("publish stored", "done stored", "done lost", "publish lost", "done lost")
		})
	}
}

func TestUnknownOutcomeStaysUnknownWhenNobodyAnswers(t *testing.T) {
	inWorld(t, func(w *world) {
		w.store.FailNext(chattest.BrokenAfter)
		w.store.FailLookups(slices.Repeat([]error{chat.Errorf(chat.Internal, "", "unreachable")}, 1000)...)
		id := chattest.ID()
		o := w.post("stored", id)
		w.wantLog() // it asks for a while first
		time.Sleep(time.Minute)
		w.wantCode(o, chat.UnknownOutcome)
		again := w.post("stored", id)
		w.wantCode(again, "")
		if !again.Again {
			t.Errorf("the retry: %+v", again)
		}
		// Nobody has been shown it so far, and its author's stream would wait for it.
		w.wantLog("done stored", "publish stored", "done stored")
	})
}

func TestOverload(t *testing.T) {
	inWorld(t, func(w *world) {
		release := w.hold()
		var outcomes []*chat.Outcome
		big := strings.Repeat("x", chat.MaxContent)
		for range 2500 { // of 8,512 bytes: more than 16 MiB
			outcomes = append(outcomes, w.post(big, ""))
		}
		if _, bytes := w.Queued(); bytes > 16<<20 {
			t.Errorf("%d bytes are queued", bytes)
		}
		refused := 0
		for _, o := range outcomes {
			if e, ok := o.Err.(*chat.Error); ok {
				refused++
				if e.Code != chat.Overloaded || e.RetryAfter < 100*time.Millisecond || e.RetryAfter > 10*time.Second {
					t.Fatalf("%v, retry after %v", e, e.RetryAfter)
				}
			}
		}
		if want := 2500 - 16<<20/8512; refused != want {
			t.Errorf("%d are refused at once; want %d", refused, want)
		}
		release()
		synctest.Wait()
		w.wantCode(w.post("there is room again", ""), "")
	})
}

func TestCloseFinishesWhatIsQueued(t *testing.T) {
	inWorld(t, func(w *world) {
		release := w.hold()
		var outcomes []*chat.Outcome
		for i := range 1500 {
			outcomes = append(outcomes, w.post(fmt.Sprint(i), ""))
		}
		short, cancel := context.WithTimeout(bg, time.Second)
		defer cancel()
		chattest.WantCode(t, w.Close(short), chat.UnknownOutcome)
		late := w.post("late", "")
		w.wantCode(late, chat.Overloaded)
		release()
		if err := w.Close(bg); err != nil {
			t.Fatal(err)
		}
		for i, o := range outcomes {
			if o.Err != nil || o.Event.Seq() != uint64(i)+1 {
				t.Fatalf("message %d: %+v", i, o)
			}
		}
	})
}

func TestCloseDoesNotWaitForLookups(t *testing.T) {
	inWorld(t, func(w *world) {
		w.store.FailNext(chattest.BrokenAfter)
		w.store.FailLookups(slices.Repeat([]error{chat.Errorf(chat.Internal, "", "unreachable")}, 1000)...)
		o := w.post("stored", "")
		synctest.Wait()
		begun := time.Now()
		if err := w.Close(bg); err != nil {
			t.Fatal(err)
		}
		if time.Since(begun) > 0 {
			t.Errorf("it took %v", time.Since(begun))
		}
		w.wantCode(o, chat.UnknownOutcome)
	})
}

// A caller that hangs up gets its answer; the write goes on.
func TestWait(t *testing.T) {
	inWorld(t, func(w *world) {
		post := func(done func(chat.Outcome)) {
			w.Post(w.ann, chat.NewMessage{Room: "general", Content: "hello"}, done)
		}
		if o := chat.Wait(bg, post); o.Err != nil || o.Event.Seq() != 1 {
			t.Errorf("%+v", o)
		}
		release := w.hold()
		ctx, cancel := context.WithTimeout(bg, time.Second)
		defer cancel()
		chattest.WantCode(t, chat.Wait(ctx, post).Err, chat.UnknownOutcome)
		release()
		w.wantLog("publish hello", "publish hello")
	})
}
