package chaos

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chaos/history"
	"github.com/parley-chat/parley/internal/chaos/property"
)

func TestTheServerKeepsItsPromises(t *testing.T) {
	dir, r := smoke(t)
	var text strings.Builder
	r.Print(&text)
	if !r.Held() || !r.Complete {
		log, _ := os.ReadFile(filepath.Join(dir, "server.log"))
		t.Errorf("broken:\n%s\nthe server's log (its end):\n%s", &text, log[max(0, len(log)-8<<10):])
	}
	faults := 0
	for _, n := range r.Faults {
		faults += n
	}
	if r.Messages < 100 || r.Entries < 500 || r.Resumes < 20 || r.Retries < 5 || r.Changes < 2 || faults < 3 {
		t.Errorf("too little happened to mean anything:\n%s", &text)
	}
	for _, v := range r.Properties {
		if v.Verdict == NotJudged || v.Verdict == NotApplicable && v.Number != 13 {
			t.Errorf("%d was not judged: %s", v.Number, v.Why)
		}
	}
	if !strings.Contains(text.String(), "13  webhooks") || !strings.Contains(text.String(), "not applicable yet: there are no webhooks") {
		t.Errorf("the report does not say that there are no webhooks:\n%s", &text)
	}
}

// doctored is what a server would have left behind had it made a mistake in that very run.
var doctored = []struct {
	mistake string
	broken  int
	change  func(*testing.T, *history.History)
}{
	{"the last acknowledged message was lost", 1, func(t *testing.T, h *history.History) {
		var last uint64
		for _, e := range h.Dumps["general"][history.SQL].Entries {
			if e.Code == "" {
				last = e.Seq // what is behind it are changes, which are not acknowledged with their number
			}
		}
		edit(h, "dump", func(ops []history.Op) []history.Op {
			return slices.DeleteFunc(ops, func(op history.Op) bool {
				return op.Op == history.Dumped && op.Room == "general" && op.Seq == last
			})
		})
	}},
	{"a content was altered", 2, func(t *testing.T, h *history.History) {
		first(t, h, "dump", func(op *history.Op) bool { return op.Op == history.Dumped && op.Form == history.SQL && op.Hash != "" }).Hash = "other"
	}},
	{"a retry was stored twice", 3, func(t *testing.T, h *history.History) {
		e := first(t, h, "dump", func(op *history.Op) bool {
			return op.Op == history.Dumped && op.Form == history.SQL && op.ClientID != ""
		})
		again := *e
		again.Seq, again.ID = 1<<40, "another"
		edit(h, "dump", func(ops []history.Op) []history.Op { return append(ops, again) })
	}},
	{"a number was left out", 4, func(t *testing.T, h *history.History) {
		edit(h, "dump", func(ops []history.Op) []history.Op {
			for i := range ops {
				if ops[i].Op == history.Dumped && ops[i].Room == "general" && ops[i].Seq > 5 {
					ops[i].Seq++
				}
			}
			return ops
		})
	}},
	{"a stream left one entry out", 5, func(t *testing.T, h *history.History) {
		left := false
		edit(h, "reader-0", func(ops []history.Op) []history.Op {
			return slices.DeleteFunc(ops, func(op history.Op) bool {
				if left || op.Op != history.Entry || op.Form != "message" || op.Seq < 3 {
					return false
				}
				left = true
				return true
			})
		})
	}},
	{"a stream told one entry twice", 6, func(t *testing.T, h *history.History) {
		i := slices.IndexFunc(clientOf(t, h, "reader-0").Ops, func(op history.Op) bool { return op.Op == history.Entry })
		edit(h, "reader-0", func(ops []history.Op) []history.Op { return slices.Insert(ops, i, ops[i]) })
	}},
	{"a sender's messages were swapped", 7, func(t *testing.T, h *history.History) {
		swap(t, h, func(a, b *history.Message) bool {
			return a.Client == b.Client && a.Room == b.Room && !a.Loose && !b.Loose
		})
	}},
	{"a page was read from an old snapshot", 8, func(t *testing.T, h *history.History) {
		p := first(t, h, "poster-3", func(op *history.Op) bool { return op.Op == history.Page && op.AsOf > 2 })
		p.AsOf = 1
	}},
	{"a later message overtook an acknowledged one", 9, func(t *testing.T, h *history.History) {
		swap(t, h, func(a, b *history.Message) bool { return a.Room == b.Room && a.Acked != 0 && a.Acked < b.Invoke })
	}},
	{"somebody was forgotten among those who are there", 10, func(t *testing.T, h *history.History) {
		op := first(t, h, "reader-0", func(op *history.Op) bool { return op.Op == history.Settled })
		op.Users = op.Users[1:]
	}},
	{"an unread count was lost", 11, func(t *testing.T, h *history.History) {
		first(t, h, "dump", func(op *history.Op) bool { return op.Op == history.Unread && op.Form == history.REST }).Unread += 3
	}},
	{"a session outlived its account", 12, func(t *testing.T, h *history.History) {
		gone := h.First(history.Removed)
		for _, c := range h.Clients {
			if c.User == gone.User && c.Form != "nemesis" {
				c.Ops = append(c.Ops, history.Op{Op: history.Open, Client: c.Name, Invoke: gone.Return + int64(time.Hour), Return: gone.Return + int64(time.Hour) + 1})
				return
			}
		}
		t.Fatal("whoever was taken out had no client")
	}},
	{"every connection left a goroutine", 14, func(t *testing.T, h *history.History) {
		first(t, h, "nemesis", func(op *history.Op) bool { return op.Op == history.Sample && op.Form == "end" }).Goroutines += 500
	}},
	{"a sender was never answered", 15, func(t *testing.T, h *history.History) {
		m := h.Sends[len(h.Sends)-1]
		edit(h, m.Client, func(ops []history.Op) []history.Op {
			return slices.DeleteFunc(ops, func(op history.Op) bool { return op.Op == history.Answer && op.ClientID == m.ClientID })
		})
	}},
	{"what was deleted is still shown", 16, func(t *testing.T, h *history.History) {
		deleted := first(t, h, "changer-0", func(op *history.Op) bool {
			return op.Op == history.Changed && op.Code == history.Delete && op.Result == history.Ok
		})
		first(t, h, "dump", func(op *history.Op) bool {
			return op.Op == history.Dumped && op.Form == history.REST && op.ClientID == deleted.ClientID
		}).Hash = h.ByID[deleted.ClientID].Hash
	}},
	{"a reaction was lost", 16, func(t *testing.T, h *history.History) {
		first(t, h, "dump", func(op *history.Op) bool {
			return op.Op == history.Dumped && op.Form == history.SQL && len(op.Users) > 0
		}).Users = nil
	}},
}

func clientOf(t *testing.T, h *history.History, name string) *history.Client {
	i := slices.IndexFunc(h.Clients, func(c *history.Client) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("no client %s", name)
	}
	return h.Clients[i]
}

func first(t *testing.T, h *history.History, name string, fits func(*history.Op) bool) *history.Op {
	c := clientOf(t, h, name)
	for i := range c.Ops {
		if fits(&c.Ops[i]) {
			return &c.Ops[i]
		}
	}
	t.Fatalf("%s has no such record", name)
	return nil
}

func edit(h *history.History, name string, change func([]history.Op) []history.Op) {
	for _, c := range h.Clients {
		if c.Name == name {
			c.Ops = change(c.Ops)
		}
	}
}

// swap exchanges in all dumps two messages, the first and the last pair of neighbours in time that fits.
func swap(t *testing.T, h *history.History, fits func(a, b *history.Message) bool) {
	for i, a := range h.Sends {
		for _, b := range h.Sends[i+1:] {
			if a.Acked == 0 || b.Acked == 0 || !fits(a, b) {
				continue
			}
			edit(h, "dump", func(ops []history.Op) []history.Op {
				for k := range ops {
					switch ops[k].ClientID {
					case a.ClientID:
						ops[k].ClientID = b.ClientID
					case b.ClientID:
						ops[k].ClientID = a.ClientID
					}
				}
				return ops
			})
			return
		}
	}
	t.Fatal("no such messages")
}

// The checker must see in a real run what it sees in made-up ones.
func TestTheCheckerIsNotBlind(t *testing.T) {
	dir, _ := smoke(t)
	whole, err := history.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	covered := map[int]bool{0: true, 13: true} // 0 is a list of records, 13 has no subject yet
	for _, d := range doctored {
		covered[d.broken] = true
		t.Run(d.mistake, func(t *testing.T) {
			h := &history.History{Meta: whole.Meta}
			for _, c := range whole.Clients {
				h.Clients = append(h.Clients, &history.Client{Name: c.Name, User: c.User, Form: c.Form, Ops: slices.Clone(c.Ops)})
			}
			h.Index()
			d.change(t, h)
			h.Index()
			for _, p := range property.All {
				if p.Number == d.broken && len(p.Check(h)) == 0 {
					t.Error("was not noticed")
				}
			}
		})
	}
	for _, p := range property.All {
		if !covered[p.Number] {
			t.Errorf("no run was doctored for property %d", p.Number)
		}
	}
}

// A run that was cut off is judged as far as it goes.
func TestARunThatWasCutOff(t *testing.T) {
	dir, _ := smoke(t)
	cut := t.TempDir()
	files, err := filepath.Glob(filepath.Join(dir, "*.json*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if name := filepath.Base(path); name != "dump.jsonl" {
			if strings.HasSuffix(name, ".jsonl") {
				b = b[:len(b)*2/3]
			}
			if err := os.WriteFile(filepath.Join(cut, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	h, err := history.Load(cut)
	if err != nil {
		t.Fatal(err)
	}
	h.Meta.Complete = false
	if err := history.WriteMeta(cut, &h.Meta); err != nil {
		t.Fatal(err)
	}
	r, err := Judge(cut)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Held() || r.Complete {
		t.Errorf("half a run is judged as if it were whole: %+v", r)
	}
	for _, v := range r.Properties {
		if want := v.Number != 0 && v.Number != 6 && v.Number != 12 && v.Number != 13; want != (v.Verdict == NotJudged) && v.Number != 15 {
			t.Errorf("%d: %s %s", v.Number, v.Verdict, v.Why)
		}
	}
}

func TestWhatCannotBeRun(t *testing.T) {
	dir, _ := smoke(t)
	for name, o := range map[string]Options{
		"no program":          {},
		"an unknown fault":    {Binary: "x", Faults: []string{"earthquake"}},
		"no time":             {Binary: "x", Length: time.Millisecond},
		"too many rooms":      {Binary: "x", Rooms: 1000},
		"too many senders":    {Binary: "x", Senders: 1e6},
		"a folder with a run": {Binary: "x", Dir: dir},
		"no such program":     {Binary: filepath.Join(dir, "nothing"), Dir: filepath.Join(t.TempDir(), "run")},
	} {
		if _, err := Run(context.Background(), o); err == nil {
			t.Errorf("%s: a run was made", name)
		}
	}
	if _, err := Judge(t.TempDir()); err == nil {
		t.Error("an empty folder was judged")
	}
}

// A reader that stands still is given up and comes back to where it was; twice within a minute it must load afresh. A reader
// with positions that the room does not have must, too. Whether the first one hears why it was given up depends on how
// soon it reads again; make soak looks at that.
func TestSlowAndLostReadersComeBack(t *testing.T) {
	smoke(t) // builds the program
	r, err := Run(t.Context(), Options{
		Binary: filepath.Join(built.dir, "parley"), Length: 5 * time.Second, Seed: 3, Senders: 6, Readers: 5, Rooms: 1, Faults: []string{faultStall},
		Dir: filepath.Join(t.TempDir(), "run"), Log: t.Output(), script: []strike{{At: time.Second, Kind: faultStall, For: patience, N: stallTwice}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	r.Print(&text)
	if !r.Held() {
		t.Errorf("broken:\n%s", &text)
	}
	for _, cause := range []string{"its epoch is not the room's", "it was too slow too often"} {
		if r.ResetsBy[cause] == 0 {
			t.Errorf("nobody was told to load afresh because %s:\n%s", cause, &text)
		}
	}
}
