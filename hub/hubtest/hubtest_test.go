package hubtest_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/hubtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func memoryLog(keeps int) func(*testing.T) hubtest.LogUnderTest {
	return func(*testing.T) hubtest.LogUnderTest {
		log := hub.NewMemoryLog(keeps)
		var id atomic.Int64
		return hubtest.LogUnderTest{
			Log: log, Topic: "room", Other: "hall", Keeps: keeps,
			Append: func(_ testing.TB, topic string) (string, hub.Entry) {
				return log.Append(topic, func(seq uint64) hub.Entry {
					return hub.Entry{ID: fmt.Sprint(topic, id.Add(1)), Frame: hubtest.Frame("%s %d", topic, seq)}
				})
			},
		}
	}
}

func TestMemoryLog(t *testing.T) {
	for _, keeps := range []int{1, 2, 7, 1000} {
		t.Run(fmt.Sprint("keeps ", keeps), func(t *testing.T) { hubtest.RunLogSuite(t, memoryLog(keeps)) })
	}
}

func TestLocalBus(t *testing.T) {
	hubtest.RunBusSuite(t, func(*testing.T) (a, b hub.Bus) {
		bus := hub.NewLocalBus()
		return bus.Node(), bus.Node()
	})
}

func bytesOf(frames ...string) [][]byte {
	var bufs [][]byte
	for _, f := range frames {
		bufs = append(bufs, hubtest.Frame("%s", f))
	}
	return bufs
}

func TestPeerTakesPartOfAWriteAndTheRestLater(t *testing.T) {
	p := hubtest.NewPeer()
	p.Take(6)
	if n, err := p.TryWrite(bytesOf("one", "two", "three")); n != 6 || err != nil {
		t.Fatalf("TryWrite took %d, %v; want 6", n, err)
	}
	if got := p.Frames(); !slices.Equal(got, []string{"one"}) || p.Half() != "tw" {
		t.Errorf("frames %q and half %q", got, p.Half())
	}
	p.Release()
	if n, err := p.TryWrite([][]byte{[]byte("o\n")}); n != 2 || err != nil {
		t.Fatalf("TryWrite took %d, %v; want 2", n, err)
	}
	if got := p.Drain(); !slices.Equal(got, []string{"one", "two"}) || len(p.Frames()) > 0 {
		t.Errorf("frames %q, then %q", got, p.Frames())
	}
}

func TestPeerBlocksUntilDeadlineReleaseOrAbort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := hubtest.NewPeer()
		p.Take(2)
		began := time.Now()
		n, err := p.Write(bytesOf("one"), began.Add(time.Second))
		if n != 2 || !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("stalled: %d, %v after %v; want 2 and a timeout after 1s", n, err, time.Since(began))
		}
		time.AfterFunc(time.Minute, p.Release)
		if n, err = p.Write(bytesOf("two"), time.Now().Add(time.Hour)); n != 4 || err != nil {
			t.Errorf("released: %d, %v; want 4", n, err)
		}
		p.Stall()
		time.AfterFunc(time.Minute, p.Abort)
		if n, err = p.Write(bytesOf("three"), time.Now().Add(time.Hour)); n != 0 || !errors.Is(err, net.ErrClosed) {
			t.Errorf("aborted: %d, %v; want 0 and net.ErrClosed", n, err)
		}
	})
}

func TestPeerSwitches(t *testing.T) {
	p := hubtest.NewPeer()
	p.Blocking()
	if n, err := p.TryWrite(bytesOf("x")); n != 0 || err != nil {
		t.Errorf("a blocking peer's TryWrite: %d, %v", n, err)
	}
	broken := errors.New("broken")
	p.Fail(broken)
	if _, err := p.TryWrite(bytesOf("x")); !errors.Is(err, broken) {
		t.Errorf("a failing peer's TryWrite: %v", err)
	}
	if _, err := p.Write(bytesOf("x"), time.Now().Add(time.Hour)); !errors.Is(err, broken) {
		t.Errorf("a failing peer's Write: %v", err)
	}
}

func TestPeerFrameEnd(t *testing.T) {
	p, chunk := hubtest.NewPeer(), []byte("ab\nc\n")
	for n, want := range []int{0, 3, 3, 3, 5, 5} {
		if got := p.FrameEnd(chunk, n); got != want {
			t.Errorf("FrameEnd(%q, %d) = %d, want %d", chunk, n, got, want)
		}
	}
}

func TestConnectDetachesWhenTheConnectionEnds(t *testing.T) {
	h := hub.New(hub.Config{Log: hub.NewMemoryLog(1), Encoder: hubtest.Encoder{}})
	s, p := hubtest.Connect(h, hub.User{ID: "ann"})
	s.Close(1000, "bye")
	<-s.Done()
	if got := p.Frames(); !slices.Equal(got, []string{"close 1000 bye"}) || !p.Finished() {
		t.Errorf("frames %q, finished %v", got, p.Finished())
	}
	s, p = hubtest.Connect(h, hub.User{ID: "ann"})
	p.Abort()
	<-s.Done()
	if err := h.Shutdown(t.Context(), 1001, ""); err != nil {
		t.Fatal(err)
	}
}
