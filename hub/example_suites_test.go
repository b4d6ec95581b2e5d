package hub_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/hubtest"
)

func newDiary(t *testing.T, name string) *diary {
	t.Helper()
	d, err := openDiary(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.file.Close() })
	return d
}

func TestTheExamplesLogKeepsItsContract(t *testing.T) {
	hubtest.RunLogSuite(t, func(t *testing.T) hubtest.LogUnderTest {
		d := newDiary(t, filepath.Join(t.TempDir(), "diary.json"))
		return hubtest.LogUnderTest{
			Log: d, Topic: "a", Other: "b",
			Append: func(t testing.TB, topic string) (string, hub.Entry) {
				epoch, e, err := d.Append(topic, "hello")
				if err != nil {
					t.Error(err)
				}
				return epoch, e
			},
		}
	})
}

func TestTheExamplesLogIsTheSameAfterEveryCut(t *testing.T) {
	name := filepath.Join(t.TempDir(), "diary.json")
	d := newDiary(t, name)
	for _, text := range []string{"one", "two"} {
		if _, _, err := d.Append("a", text); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	first := d.topics["a"][0]
	for cut := len(whole) - 2; cut > len(whole)-20; cut-- { // within the last line
		if err := os.WriteFile(name, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		again := newDiary(t, name)
		epoch, e, err := again.Append("a", "three")
		if err != nil || epoch != d.epoch || e.Seq != 2 {
			t.Fatalf("cut at %d: appended %d to %s, %v; want 2 to %s", cut, e.Seq, epoch, err, d.epoch)
		}
		head, entries, err := newDiary(t, name).Read(t.Context(), "a", 0, 10)
		if err != nil || head.ID != e.ID || len(entries) != 2 || entries[0].ID != first.ID {
			t.Fatalf("cut at %d: %+v, %d entries, %v", cut, head, len(entries), err)
		}
	}
}

func TestTheExamplesBusKeepsItsContract(t *testing.T) {
	hubtest.RunBusSuite(t, func(t *testing.T) (hub.Bus, hub.Bus) {
		a, b := wires()
		t.Cleanup(a.Close)
		t.Cleanup(b.Close)
		return a, b
	})
}
