package history

import (
	"math"
	"slices"
	"testing"
)

func TestWhatAMessageMayShow(t *testing.T) {
	const sent, end = "sent", math.MaxInt64
	gone := Hash("")
	ask := func(kind, hash string) Op { return Op{Op: Change, ID: "i", ClientID: "a", Code: kind, Hash: hash} }
	answer := func(r Result, at int64) Op { return Op{Op: Changed, ID: "i", ClientID: "a", Result: r, Return: at} }
	first, second, del := ask(Edit, "first"), ask(Edit, "second"), ask(Delete, gone)
	for name, c := range map[string]struct {
		ops   []Op
		begun int64
		want  []string
	}{
		"as it was sent":                       {nil, end, []string{sent}},
		"edited":                               {[]Op{first, answer(Ok, 5)}, end, []string{"first"}},
		"edited while somebody looks":          {[]Op{first, answer(Ok, 5)}, 5, []string{sent, "first"}},
		"edited twice":                         {[]Op{first, answer(Ok, 5), second, answer(Ok, 7)}, end, []string{"second"}},
		"edited twice, looked at in between":   {[]Op{first, answer(Ok, 5), second, answer(Ok, 7)}, 6, []string{"first", "second"}},
		"the checker ended":                    {[]Op{first}, end, []string{sent, "first", "first"}},
		"a first attempt may yet come":         {[]Op{first, answer(Unknown, 4), first, answer(Ok, 5), second, answer(Ok, 7)}, end, []string{"second", "first"}},
		"behind a deletion nothing comes":      {[]Op{first, answer(Unknown, 4), first, answer(Ok, 5), del, answer(Ok, 7)}, end, []string{gone}},
		"looked at before the deletion":        {[]Op{del, answer(Unknown, 4), del, answer(Ok, 7)}, 6, []string{sent, gone, gone}},
		"refused":                              {[]Op{first, answer(Fail, 5)}, end, []string{sent}},
		"refused, but an attempt is not known": {[]Op{first, answer(Unknown, 4), first, answer(Fail, 5)}, end, []string{sent, "first", "first"}},
		"reactions say nothing":                {[]Op{ask(React, ""), answer(Unknown, 4), ask(React, ""), answer(Ok, 5)}, end, []string{sent}},
	} {
		h := &History{Clients: []*Client{{Name: "c", Ops: append([]Op{{Op: Send, ClientID: "a", Hash: sent}}, c.ops...)}}}
		h.Index()
		m := h.ByID["a"]
		if got := m.Shows(c.begun); !slices.Equal(got, c.want) {
			t.Errorf("%s: shows %q, want %q", name, got, c.want)
		}
		for _, hash := range c.want {
			if !m.Said(hash) {
				t.Errorf("%s: never said %s", name, hash)
			}
		}
		if m.Said("second") != slices.ContainsFunc(c.ops, func(op Op) bool { return op.Hash == "second" }) {
			t.Errorf("%s: is said to have said what it did not", name)
		}
	}
}
