package history

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWhatIsWrittenIsRead(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(dir, "sender 1", "ann", "device")
	if err != nil {
		t.Fatal(err)
	}
	w.Write(Op{Op: Send, Room: "general", ClientID: "a", Hash: "h", Invoke: 5}, Op{Op: Answer, Room: "general", ClientID: "a", Result: Ok, Seq: 1, N: 1, ID: "i", Return: 9})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := WriteMeta(dir, &Meta{Seed: 7, Rooms: []string{"general"}}); err != nil {
		t.Fatal(err)
	}
	h, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if h.Meta.Seed != 7 || len(h.Clients) != 1 || h.Clients[0].Name != "sender 1" || h.Clients[0].User != "ann" || len(h.Clients[0].Ops) != 2 {
		t.Fatalf("read %+v", h)
	}
	if m := h.ByID["a"]; m == nil || m.User != "ann" || m.Acked != 9 || m.Attempts != 1 || !m.Resolved() {
		t.Errorf("the message is %+v", m)
	}
	if _, err := Create(dir, "sender-1", "bob", "device"); err == nil {
		t.Error("one client's file was overwritten by another")
	}
}

// A crash of the checker leaves half a line at the end of a file; anything else that is broken is broken.
func TestOnlyTheLastLineMayBeCutOff(t *testing.T) {
	const whole = `{"op":"client","client":"a"}` + "\n" + `{"op":"send","client_id":"x"}` + "\n"
	for name, c := range map[string]struct {
		text string
		ops  int
		bad  bool
	}{
		"whole":               {whole, 1, false},
		"cut off":             {whole + `{"op":"answ`, 1, false},
		"empty lines":         {whole + "\n\n", 1, false},
		"broken in between":   {whole + `{"op":"answ` + "\n" + `{"op":"send"}` + "\n", 0, true},
		"empty":               {"", 0, true},
		"nobody's":            {`{"op":"send"}`, 0, true},
		"two clients":         {whole + `{"op":"client","client":"b"}`, 0, true},
		"without an op":       {whole + `{}`, 0, true},
		"longer than a line":  {whole + strings.Repeat("x", maxLine+1), 0, true},
		"a client of no name": {`{"op":"client"}`, 0, true},
	} {
		client, err := Read(strings.NewReader(c.text))
		if (err != nil) != c.bad || err == nil && len(client.Ops) != c.ops {
			t.Errorf("%s: %+v, %v", name, client, err)
		}
	}
}

func TestAFolderWithoutARun(t *testing.T) {
	if _, err := Load(t.TempDir()); err == nil {
		t.Error("an empty folder is a run")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, metaName), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); err == nil {
		t.Error("half a meta.json is a run")
	}
}

func TestWhatIsKnownOfAMessage(t *testing.T) {
	send := func(id string) Op { return Op{Op: Send, Room: "r", ClientID: id, Hash: "h"} }
	answer := func(id string, r Result, code string) Op {
		return Op{Op: Answer, Room: "r", ClientID: id, Result: r, Code: code, Return: 1}
	}
	for name, c := range map[string]struct {
		ops                      []Op
		refused, resolved, loose bool
		attempts                 int
	}{
		"open":                         {[]Op{send("a")}, false, false, false, 1},
		"acknowledged":                 {[]Op{send("a"), answer("a", Ok, "")}, false, true, false, 1},
		"refused":                      {[]Op{send("a"), answer("a", Fail, "forbidden")}, true, true, false, 1},
		"unknown, then refused":        {[]Op{send("a"), answer("a", Unknown, ""), send("a"), answer("a", Fail, "forbidden")}, false, false, false, 2},
		"refused, another is open":     {[]Op{send("a"), send("a"), answer("a", Fail, "forbidden")}, false, false, false, 2},
		"put off alone":                {[]Op{send("a"), answer("a", Unknown, "overloaded"), send("a"), answer("a", Ok, "")}, false, true, false, 2},
		"put off beside others":        {[]Op{send("a"), send("b"), answer("a", Unknown, "overloaded"), send("a"), answer("a", Ok, "")}, false, true, true, 2},
		"a cut is no refusal":          {[]Op{send("a"), send("b"), answer("a", Unknown, "")}, false, false, false, 1},
		"put off when it was answered": {[]Op{send("a"), answer("a", Ok, ""), send("b"), send("c"), answer("b", Unknown, "overloaded")}, false, true, false, 1},
	} {
		h := &History{Clients: []*Client{{Name: "c", Ops: c.ops}}}
		h.Index()
		if m := h.ByID["a"]; m.Refused() != c.refused || m.Resolved() != c.resolved || m.Loose != c.loose || m.Attempts != c.attempts {
			t.Errorf("%s: %+v, refused %v, resolved %v", name, m, m.Refused(), m.Resolved())
		}
	}
}

func TestDumpsAreInTheOrderOfTheirNumbers(t *testing.T) {
	h := &History{Clients: []*Client{{Name: "dump", Ops: []Op{
		{Op: Dump, Form: SQL, Room: "r", Seq: 3}, {Op: Dumped, Form: SQL, Room: "r", Seq: 1}, {Op: Dumped, Form: SQL, Room: "r", Seq: 3},
		{Op: Dumped, Form: SQL, Room: "r", Seq: 2, Code: "member_removed", Detail: "bob"},
	}}}}
	h.Index()
	d := h.Dumps["r"][SQL]
	if !slices.IsSortedFunc(d.Entries, func(a, b Op) int { return int(a.Seq) - int(b.Seq) }) || d.At(2).Code != "member_removed" || d.At(4) != nil || d.Head.Seq != 3 {
		t.Errorf("%+v", d)
	}
	if gone := h.Removals(); len(gone) != 1 || gone[0].User != "bob" || gone[0].Seq != 2 {
		t.Errorf("removed were %+v", gone)
	}
	if h.Dumps["none"][REST].At(1) != nil {
		t.Error("a dump that is not there has an entry")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"op":"client","client":"a","user":"ann"}` + "\n" + `{"op":"send","client_id":"x","invoke_ns":5}` + "\n" + `{"op":"dump","form":"sql","room":"r"}`)
	f.Add(`{"op":"client","client":"a"}` + "\n" + `{"op":"answer","client_id":"x","result":"ok","seq":18446744073709551615}` + "\n{")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Read(strings.NewReader(text))
		if err != nil {
			return
		}
		if c.Name == "" {
			t.Fatal("nobody's records were read")
		}
		for _, op := range c.Ops {
			if op.Op == "" || op.Op == ClientIs || op.Client != c.Name {
				t.Fatalf("read %+v", op)
			}
		}
		h := &History{Clients: []*Client{c}}
		h.Index()
		for _, m := range h.Sends {
			if m.Attempts < 1 || m.Refused() && m.Acked != 0 && !m.Twice && m.Answers[0].Result == Ok {
				t.Fatalf("worked out %+v", m)
			}
		}
	})
}
