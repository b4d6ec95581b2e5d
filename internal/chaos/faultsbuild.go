package chaos

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// whyNoFaults is why a program cannot be told to die or to see another time.
const whyNoFaults = "the program was built without the tag faults"

// possible are the faults that can be made here. What is left out is noted with its reason.
func (r *run) possible() []string {
	var names []string
	for _, name := range r.Faults {
		if (name == faultPoint || name == faultClock) && !builtWithFaults(r.Binary) {
			r.meta.Skipped[name] = whyNoFaults
			continue
		}
		if slices.Contains(diskFaults, name) {
			if why := r.whyNot(name); why != "" {
				r.meta.Skipped[name] = why
				continue
			}
		}
		names = append(names, name)
	}
	return names
}

// builtWithFaults asks the program itself how it was built.
func builtWithFaults(binary string) bool {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return false
	}
	for _, s := range info.Settings {
		if s.Key == "-tags" {
			return slices.Contains(strings.Split(s.Value, ","), "faults")
		}
	}
	return false
}

// failPoint starts the server anew, told to die at the n-th time that it comes by a point.
func (n *nemesis) failPoint(ctx context.Context, s strike) (string, error) {
	if !n.hold(ctx) {
		return "", nil
	}
	defer n.process.Unlock()
	n.server.Kill()
	l, err := n.server.Launch(fmt.Sprintf("PARLEY_FAIL_AT=%s:%d", s.Point, s.N))
	if err != nil {
		return "", err
	}
	l.Expect()
	detail := fmt.Sprintf("died at %s, the time number %d", s.Point, s.N)
	late := time.NewTimer(10 * time.Second)
	defer late.Stop()
	select {
	case <-l.Ended():
	case <-late.C:
		detail = fmt.Sprintf("did not come by %s %d times", s.Point, s.N)
	case <-ctx.Done():
		detail = fmt.Sprintf("did not come by %s %d times before the end", s.Point, s.N)
	}
	n.server.Kill()
	return detail, n.restart()
}

// clockFile is the file from which servers of a run read how wrong their clock is.
func (r *run) clockFile() string { return filepath.Join(r.Dir, "clock") }

func (r *run) setClock(by time.Duration) error {
	if err := os.WriteFile(r.clockFile()+".new", []byte(by.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(r.clockFile()+".new", r.clockFile())
}

// clock moves the server's wall clock, and back after a while.
func (n *nemesis) clock(ctx context.Context, s strike) (string, error) {
	by := clockJumps[s.N]
	if err := n.setClock(by); err != nil {
		return "", err
	}
	sleep(ctx, s.For)
	return fmt.Sprintf("the clock was wrong by %s", by), n.setClock(0)
}
