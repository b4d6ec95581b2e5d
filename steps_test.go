package parley

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestStepsAreUndoneInReverse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s steps
		var order []string
		for _, name := range []string{"lock", "database", "commits", "sockets"} {
			s.add(name, time.Second, func(ctx context.Context) error {
				order = append(order, name)
				if name == "sockets" {
					<-ctx.Done() // its own bound, not the whole
				}
				if name == "commits" {
					return errors.New("unhappy")
				}
				return nil
			})
		}
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := s.undo(ctx); err == nil || err.Error() != "commits: unhappy" {
			t.Errorf("%v", err)
		}
		if took := time.Since(begun); took != time.Second || !slices.Equal(order, []string{"sockets", "commits", "database", "lock"}) {
			t.Errorf("%v in %v", order, took)
		}
	})
}

// Whatever hangs, undoing ends; and what it stands on is left as it is.
func TestAStepThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s steps
		unlocked := false
		s.add("lock", time.Second, func(context.Context) error { unlocked = true; return nil })
		disk := make(chan struct{})
		s.add("database", time.Second, withoutContext(func() error { <-disk; return nil }))
		s.add("slow", time.Second, withoutContext(func() error { time.Sleep(2 * time.Second); return nil }))
		begun := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		err := s.undo(ctx)
		if took := time.Since(begun); took != 5*time.Second+graceTime {
			t.Errorf("it took %v", took)
		}
		if err == nil || !strings.HasPrefix(err.Error(), "database: ") || strings.Contains(err.Error(), "slow") {
			t.Errorf("%v", err)
		}
		close(disk)
		synctest.Wait()
		if unlocked {
			t.Error("the folder was unlocked while the database was still open")
		}
	})
}
