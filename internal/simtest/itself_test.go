//go:build !race

package simtest

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// What these tests look at is the simulation, not the product. The race detector would find nothing here that it does not find in
// TestSeeds, makes each run fifteen times as long, and shuffles goroutines, so that a seed would not give the same trace.

// A session that was closed as slow has got whole frames up to some byte, and frames without a number have no fixed place among
// them: such seeds are left out.
func TestTheSameSeedGivesTheSameTrace(t *testing.T) {
	compared, differ := 0, 0
	for seed := uint64(2000); compared < 10; seed++ {
		if one, err := simulate(t, seed, none); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		} else if two, _ := simulate(t, seed, none); !one.plan.racing && one.slow+two.slow == 0 {
			compared++
			a, b := one.trace.mixed, two.trace.mixed
			for i := range max(len(a), len(b)) {
				if i >= len(a) || i >= len(b) || a[i] != b[i] {
					differ++
					t.Logf("seed %d differs from line %d on:\n%v\n%v", seed, i, a[max(0, i-3):min(i+3, len(a))], b[max(0, i-3):min(i+3, len(b))])
					break
				}
			}
		}
	}
	if differ > 0 {
		t.Errorf("%d of %d seeds gave another trace", differ, compared)
	}
}

func TestChecksNoticeWhatIsBroken(t *testing.T) {
	const most = 60 // seeds
	for m, checks := range caughtBy {
		t.Run(string(m), func(t *testing.T) {
			for seed := uint64(1); seed <= most; seed++ {
				_, err := simulate(t, seed, m)
				v := (*violation)(nil)
				if errors.As(err, &v) {
					if !slices.Contains(checks, v.check) {
						t.Fatalf("seed %d noticed something else: %v", seed, err)
					}
					t.Logf("seed %d: %v", seed, err)
					return
				}
			}
			t.Fatalf("not noticed in %d seeds", most)
		})
	}
}

// A schedule that was made short fails by the same check, can be run again from what is printed, and cannot do without any of
// its steps.
func TestAFailingScheduleIsMadeShort(t *testing.T) {
	for _, m := range []mutant{replayDropsOne, staleMembership} {
		var failed *sim
		var err error
		for seed := uint64(1); err == nil; seed++ {
			failed, err = simulate(t, seed, m)
			if failed.plan.racing {
				err = nil
			}
		}
		sh := shrink(t, failed, err, time.Minute)
		t.Logf("%s: %d of %d steps after %d runs: %s", m, len(sh.cuts.steps), failed.step+1, sh.runs, sh.cuts)
		if n := len(sh.cuts.steps); n == 0 || n > 20 {
			t.Errorf("%s: %d steps are left", m, n)
		}
		again, parseErr := parseCuts(sh.cuts.String())
		if parseErr != nil || again.String() != sh.cuts.String() {
			t.Fatalf("%q is read as %v, %v", sh.cuts, again, parseErr)
		}
		v := (*violation)(nil)
		if _, err := simulateCut(t, sh.seed, m, again); !errors.As(err, &v) || v.check != sh.check {
			t.Errorf("%s: the short schedule fails with %v, not by %s", m, err, sh.check)
		}
		if _, err := simulateCut(t, sh.seed, none, again); err != nil {
			t.Errorf("%s: the short schedule fails without the mutant: %v", m, err)
		}
	}
}
