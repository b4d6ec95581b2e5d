//go:build faults

package simtest

import (
	"errors"
	"testing"
	"time"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/internal/fault"
)

// mutantSeeds is how many seeds may be needed for a mutant, mutantTime the most that they may take: a bound against a run that
// hangs, far above the two seconds that a mutant lives on a core of its own.
const (
	mutantSeeds = 100
	mutantTime  = time.Minute
)

// firstSeeds are seeds that catch a mutant at once. They only save time: the seeds from 1 on follow.
var firstSeeds = map[string]uint64{
	"deleted-told-again":     64976153097804,
	"drop-on-full-queue":     19,
	"epoch-not-changed":      9,
	"gap-not-read":           10,
	"newcomer-sees-edits":    279088396176068,
	"presence-never-leaves":  13,
	"removed-keeps-stream":   8,
	"rename-not-replayed":    3,
	"skip-resumed-row":       7,
	"tail-dropped-on-close":  10,
	"token-never-expires":    7,
	"token-outlives-session": 8,
}

// TestMutants makes the mistakes in the product's own code, one after another: each must be noticed.
func TestMutants(t *testing.T) {
	for _, m := range fault.Mutants {
		if m.Catcher != fault.Simulator {
			continue
		}
		t.Run(m.Name, func(t *testing.T) {
			defer fault.Set(m.Name)()
			defer hub.SetMutants(m.Name)()
			hunt(t, m)
		})
	}
}

func hunt(t *testing.T, m fault.MutantInfo) {
	t.Helper()
	began := time.Now()
	for n := range uint64(mutantSeeds + 1) {
		seed := n
		if n == 0 {
			if seed = firstSeeds[m.Name]; seed == 0 {
				continue
			}
		}
		_, err := simulate(t, seed, none)
		if v := (*violation)(nil); errors.As(err, &v) {
			t.Logf("seed %d, %v: %v", seed, time.Since(began).Round(time.Millisecond), err)
			return
		}
		if time.Since(began) > mutantTime {
			break
		}
	}
	t.Fatalf("the mutant lives: %s (promise %d)", m.Mistake, m.Promise)
}
