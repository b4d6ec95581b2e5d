package simtest

import (
	"flag"
	"math/rand/v2"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

var (
	oneSeed = flag.Uint64("simtest.seed", 0, "run this seed alone, and show its trace with -v")
	only    = flag.String("simtest.only", "", "with simtest.seed: leave out what a failing run has said can be left out")
	runs    = flag.Int("simtest.runs", 0, "run that many seeds from a random first one")
	shorten = flag.Duration("simtest.shrink", 20*time.Second, "look that long for a shorter schedule when a seed has failed")
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// simulate runs one seed in a bubble of its own.
func simulate(t *testing.T, seed uint64, m mutant) (s *sim, err error) {
	t.Helper()
	return simulateCut(t, seed, m, nil)
}

func simulateCut(t *testing.T, seed uint64, m mutant, c *cuts) (s *sim, err error) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		s = newSim(seed, m, c)
		err = s.run()
	})
	return s, err
}

func TestSeeds(t *testing.T) {
	first, n := uint64(1), 200
	if raceEnabled {
		n = 30 // it is fifteen times slower
	}
	switch {
	case *oneSeed != 0:
		first, n = *oneSeed, 1
	case *runs != 0:
		first, n = rand.Uint64()>>16, *runs
		t.Logf("seeds %d to %d", first, first+uint64(n)-1)
	}
	began := time.Now()
	t.Run("", func(t *testing.T) {
		for worker := range min(n, runtime.GOMAXPROCS(0)) {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				for i := worker; i < n && !t.Failed(); i += runtime.GOMAXPROCS(0) {
					trySeed(t, first+uint64(i))
				}
			})
		}
	})
	took := time.Since(began)
	t.Logf("%d seeds in %v: %.0f seeds a second", n, took.Round(time.Millisecond), float64(n)/took.Seconds())
}

func trySeed(t *testing.T, seed uint64) {
	c, err := parseCuts(*only)
	if err != nil {
		t.Fatal(err)
	}
	s, err := simulateCut(t, seed, none, c)
	if err != nil {
		report(t, s, err)
	} else if *oneSeed != 0 {
		t.Logf("seed %d: %+v\n%s", seed, *s.plan, s.trace.tail())
	}
}

// report tells of a failed run and of the shortest one that fails in the same way.
func report(t *testing.T, s *sim, err error) {
	t.Helper()
	began := time.Now()
	sh := shrink(t, s, err, *shorten)
	t.Errorf("seed %d: %v\n\nmade short in %d runs and %v, to %d of %d steps and %d of %d clients: %v\n%s\n\n"+
		"run it again:\n\tgo test ./internal/simtest -run TestSeeds -simtest.seed %d -v\n\tgo test ./internal/simtest -run TestSeeds -simtest.seed %d -simtest.only '%s' -v",
		s.seed, err, sh.runs, time.Since(began).Round(time.Millisecond), len(sh.cuts.steps), s.plan.steps, len(sh.last.clients), len(s.clients),
		sh.err, sh.last.trace.tail(), s.seed, s.seed, sh.cuts)
}
