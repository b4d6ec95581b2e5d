package chaos

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/chaos/history"
	"github.com/parley-chat/parley/internal/chaos/property"
)

// maxShown is how many violations of a property a report tells of.
const maxShown = 5

// Report is what came of a run.
type Report struct {
	Seed       uint64            `json:"seed"`
	Seconds    float64           `json:"seconds"`
	Binary     string            `json:"binary"`
	Complete   bool              `json:"complete"`
	Dir        string            `json:"dir,omitempty"`
	Clients    int               `json:"clients"`
	Operations int               `json:"operations"`
	Messages   int               `json:"messages"`
	Retries    int               `json:"retries"`
	Changes    int               `json:"changes"` // of messages, that were done
	Unknowns   int               `json:"unknowns_resolved"`
	Refusals   int               `json:"refused_for_now"` // attempts that were answered with an error, to be tried again
	Entries    int               `json:"entries_heard"`
	Resumes    int               `json:"resumes"` // subscriptions asked for with a position
	ResumesBy  map[string]int    `json:"resumes_by_origin,omitempty"`
	Resets     int               `json:"resets"`
	ResetsBy   map[string]int    `json:"resets_by_cause,omitempty"`
	TooSlow    int               `json:"closed_as_too_slow"` // whose client has read the code
	Disk       string            `json:"disk,omitempty"`     // fuse or tmpfs; "": where the machine keeps it
	Faults     map[string]int    `json:"faults"`
	Skipped    map[string]string `json:"faults_left_out,omitempty"`
	Properties []Verdict         `json:"properties"`
}

// Verdict is what is to be said of one property.
type Verdict struct {
	Number     int                  `json:"number"`
	Name       string               `json:"name"`
	Verdict    string               `json:"verdict"` // held, broken, not applicable yet, not judged
	Why        string               `json:"why,omitempty"`
	Count      int                  `json:"count,omitempty"`
	Violations []property.Violation `json:"violations,omitempty"`
}

// The verdicts.
const (
	Held          = "held"
	Broken        = "broken"
	NotApplicable = "not applicable yet"
	NotJudged     = "not judged"
)

// Held says that no property was broken. It says nothing of those that could not be judged.
func (r *Report) Held() bool {
	return !slices.ContainsFunc(r.Properties, func(v Verdict) bool { return v.Verdict == Broken })
}

// Judge reads the history in a folder, also one of a run that was cut off, and judges it. Properties about the end of a run
// are not judged when there is none.
func Judge(dir string) (*Report, error) {
	h, err := history.Load(dir)
	if err != nil {
		return nil, err
	}
	r := count(h)
	r.Dir = dir
	for _, p := range property.All {
		v := Verdict{Number: p.Number, Name: p.Name, Verdict: Held, Why: p.NotYet}
		switch {
		case p.NotYet != "":
			v.Verdict = NotApplicable
		case p.NeedsEnd && !h.Meta.Complete:
			v.Verdict, v.Why = NotJudged, "the run did not come to its end"
		default:
			if reason := p.Blind(h); reason != "" {
				v.Verdict, v.Why = NotJudged, reason
			} else if found := p.Check(h); len(found) > 0 {
				v.Verdict, v.Count, v.Violations = Broken, len(found), found[:min(len(found), maxShown)]
			}
		}
		r.Properties = append(r.Properties, v)
	}
	return r, nil
}

func count(h *history.History) *Report {
	r := &Report{
		Seed: h.Meta.Seed, Seconds: h.Meta.Seconds, Binary: h.Meta.Binary, Complete: h.Meta.Complete, Skipped: h.Meta.Skipped, Disk: h.Meta.Disk, Faults: map[string]int{},
	}
	for _, c := range h.Clients {
		if c.Form != "nemesis" && c.Form != "dump" {
			r.Clients++
		}
		for _, op := range c.Ops {
			r.operation(op)
		}
	}
	for _, m := range h.Sends {
		r.Messages++
		r.Retries += m.Attempts - 1
		if m.Attempts > 1 && m.Acked != 0 {
			r.Unknowns++
		}
	}
	r.ResumesBy, r.ResetsBy = property.Comebacks(h)
	return r
}

func (r *Report) operation(op history.Op) {
	switch op.Op {
	case history.Open, history.Send, history.Page, history.Change:
		r.Operations++
	case history.Changed:
		if op.Result == history.Ok {
			r.Changes++
		}
	case history.Subscribe:
		r.Operations++
		if op.Placed {
			r.Resumes++
		}
	case history.Entry:
		r.Entries++
	case history.Answer:
		if op.Result == history.Unknown && op.Code != "" {
			r.Refusals++
		}
	case history.Reset:
		r.Resets++
	case history.Fault:
		if op.Result == "" { // otherwise it is how long one lived
			r.Faults[op.Form]++
		}
	case history.Closed:
		if op.Code == "4004" {
			r.TooSlow++
		}
	}
}

// Print writes the report for people.
func (r *Report) Print(w io.Writer) {
	fmt.Fprintf(w, "%s\nseed %d, %s with faults, %d clients, disk: %s\n", r.Binary, r.Seed, time.Duration(r.Seconds*float64(time.Second)), r.Clients, cmp.Or(r.Disk, "none of its own"))
	fmt.Fprintf(w, "%d operations, %d messages, %d changes of them, %d retries, %d unknown outcomes resolved, %d refused for now\n", r.Operations, r.Messages, r.Changes, r.Retries, r.Unknowns, r.Refusals)
	fmt.Fprintf(w, "%d entries heard, %d resumes, %d resets, %d closed as too slow\n", r.Entries, r.Resumes, r.Resets, r.TooSlow)
	counted := func(name string, n int) string { return fmt.Sprintf("%s %d", name, n) }
	fmt.Fprintf(w, "resumed: %s\nreset, because: %s\n", list(r.ResumesBy, counted), list(r.ResetsBy, counted))
	fmt.Fprintf(w, "faults: %s\n", list(r.Faults, counted))
	if len(r.Skipped) > 0 {
		fmt.Fprintf(w, "faults left out: %s\n", list(r.Skipped, func(name, why string) string { return name + " (" + why + ")" }))
	}
	fmt.Fprintln(w)
	for _, v := range r.Properties {
		fmt.Fprintf(w, "%3d  %-58s %s", v.Number, v.Name, v.Verdict)
		if v.Why != "" {
			fmt.Fprintf(w, ": %s", v.Why)
		}
		fmt.Fprintln(w)
		for _, one := range v.Violations {
			fmt.Fprintf(w, "       %s\n", one)
		}
		if more := v.Count - len(v.Violations); more > 0 {
			fmt.Fprintf(w, "       and %d more\n", more)
		}
	}
	fmt.Fprintln(w)
	if r.Held() {
		fmt.Fprintln(w, "nothing that was judged is broken")
	} else {
		fmt.Fprintln(w, "BROKEN")
	}
	if r.Dir != "" {
		fmt.Fprintf(w, "the history is in %s: parley chaos --judge %s\n", r.Dir, r.Dir)
	}
	fmt.Fprintln(w, "The seed repeats the plan of faults, not how the machine schedules processes.")
}

func list[V any](m map[string]V, one func(string, V) string) string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	for i, name := range names {
		names[i] = one(name, m[name])
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
