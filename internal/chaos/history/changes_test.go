package history

import (
	"math"
	"slices"
	"testing"
)

func TestWhatAMessageMayHaveOfReactions(t *testing.T) {
	ask := func(kind string) Op { return Op{Op: Change, ID: "i", ClientID: "a", Code: kind, Detail: "+"} }
	answer := func(r Result) Op { return Op{Op: Changed, ID: "i", ClientID: "a", Result: r, Return: 5} }
	for name, c := range map[string]struct {
		ops       []Op
		may, must bool
	}{
		"none was given":                  {nil, false, false},
		"given":                           {[]Op{ask(React), answer(Ok)}, true, true},
		"given and taken back":            {[]Op{ask(React), answer(Ok), ask(Unreact), answer(Ok)}, false, false},
		"taken back and given":            {[]Op{ask(Unreact), answer(Ok), ask(React), answer(Ok)}, true, true},
		"refused":                         {[]Op{ask(React), answer(Fail)}, false, false},
		"the checker ended":               {[]Op{ask(React)}, true, false},
		"the checker ended, taking back":  {[]Op{ask(React), answer(Ok), ask(Unreact)}, true, false},
		"an attempt to give may yet come": {[]Op{ask(React), answer(Unknown), ask(React), answer(Ok), ask(Unreact), answer(Ok)}, true, false},
		"an attempt to take may yet come": {[]Op{ask(Unreact), answer(Unknown), ask(Unreact), answer(Ok), ask(React), answer(Ok)}, true, false},
		"an edit takes nothing":           {[]Op{ask(React), answer(Ok), ask(Edit), answer(Ok)}, true, true},
		"a deletion takes all":            {[]Op{ask(React), answer(Unknown), ask(React), answer(Ok), ask(Delete), answer(Ok)}, false, false},
		"a deletion may yet come":         {[]Op{ask(React), answer(Ok), ask(Delete), answer(Unknown)}, true, false},
	} {
		h := &History{Clients: []*Client{{Name: "c", User: "ann", Ops: append([]Op{{Op: Send, ClientID: "a"}}, c.ops...)}}}
		h.Index()
		may, must := h.ByID["a"].Reacts()
		if is := slices.Contains(may, Reaction("+", "ann")); is != c.may || len(may) > 1 {
			t.Errorf("%s: may have %q", name, may)
		}
		if is := slices.Contains(must, Reaction("+", "ann")); is != c.must || len(must) > 1 {
			t.Errorf("%s: must have %q", name, must)
		}
	}
}

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
