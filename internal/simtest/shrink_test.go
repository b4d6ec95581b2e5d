package simtest

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"
)

// shrinker looks for a shorter schedule that fails by the same check. It has found one when nothing more can be left out
// alone, or when its time is over.
type shrinker struct {
	t      *testing.T
	seed   uint64
	mutant mutant
	check  string
	until  time.Time
	runs   int

	cuts *cuts
	last *sim // of the shortest failing run
	err  error
}

// shrink is given a run that has failed.
func shrink(t *testing.T, failed *sim, err error, most time.Duration) *shrinker {
	t.Helper()
	sh := &shrinker{
		t: t, seed: failed.seed, mutant: failed.mutant, until: time.Now().Add(most), last: failed, err: err, cuts: &cuts{},
	}
	v := (*violation)(nil)
	if !errors.As(err, &v) {
		return sh
	}
	sh.check = v.check
	if failed.cuts != nil {
		*sh.cuts = *failed.cuts
	}
	// What was done after the failure is not needed. The healing that follows the last step is no step.
	steps := sh.cuts.steps
	if steps == nil {
		steps = []int{}
		for step := range failed.plan.steps {
			steps = append(steps, step)
		}
	}
	if n, _ := slices.BinarySearch(steps, failed.step+1); !sh.try(sh.with(steps[:n])) {
		sh.cuts = sh.with(steps) // a racing seed: it fails now and then
	}
	for before := -1; before != sh.size() && !sh.over(); {
		before = sh.size()
		for _, name := range slices.Sorted(maps.Keys(troubles)) {
			if !slices.Contains(sh.cuts.calm, name) {
				c := *sh.cuts
				c.calm = append(slices.Clone(c.calm), name)
				sh.try(&c)
			}
		}
		sh.shrinkSteps()
		for _, client := range sh.last.clients {
			c := *sh.cuts
			c.clients = append(slices.Clone(c.clients), client.label)
			sh.try(&c)
		}
	}
	return sh
}

// shrinkSteps leaves out halves, then quarters, and so on down to single steps.
func (sh *shrinker) shrinkSteps() {
	for size := (len(sh.cuts.steps) + 1) / 2; size > 0 && !sh.over(); size /= 2 {
		for from := len(sh.cuts.steps) - size; from > -size && !sh.over(); from -= size {
			steps := sh.cuts.steps
			at := max(0, min(from, len(steps)))
			sh.try(sh.with(slices.Concat(steps[:at], steps[min(max(0, from+size), len(steps)):])))
		}
	}
}

func (sh *shrinker) with(steps []int) *cuts {
	c := *sh.cuts
	c.steps = append([]int{}, steps...)
	return &c
}

func (sh *shrinker) size() int {
	return len(sh.cuts.steps) - len(sh.cuts.clients) - len(sh.cuts.calm)
}

func (sh *shrinker) over() bool { return time.Now().After(sh.until) }

// try keeps c if the run fails in the same way.
func (sh *shrinker) try(c *cuts) bool {
	if sh.over() {
		return false
	}
	sh.runs++
	s, err := simulateCut(sh.t, sh.seed, sh.mutant, c)
	v := (*violation)(nil)
	if !errors.As(err, &v) || v.check != sh.check {
		return false
	}
	sh.cuts, sh.last, sh.err = c, s, err
	return true
}

func TestCutsAreReadAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]string{
		"":                     "",
		"steps=3":              "steps=3",
		"steps=":               "steps=",
		"steps=1,2,3,7,9,10":   "steps=1-3,7,9-10",
		"calm=reads steps=0-2": "steps=0-2 calm=reads",
		"without=p0.1,p2.0":    "without=p0.1,p2.0",
		"steps=5-4":            "error",
		"steps=x":              "error",
		"steps=1-99999999999":  "error",
		"calm=sea":             "error",
		"anything":             "error",
	} {
		c, err := parseCuts(text)
		switch {
		case want == "error":
			if err == nil {
				t.Errorf("%q is taken for %q", text, c)
			}
		case err != nil || c.String() != want:
			t.Errorf("%q is read as %q, %v, want %q", text, c, err, want)
		}
	}
}
