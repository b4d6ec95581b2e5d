//go:build faults

package fault

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Enabled says whether this program was built with the tag faults.
const Enabled = true

var on atomic.Pointer[map[string]bool]

func init() {
	Set(strings.Split(os.Getenv("PARLEY_MUTANT"), ",")...)
	for name := range *on.Load() {
		if _, known := Lookup(name); name != "" && !known {
			refuse("PARLEY_MUTANT: there is no mutant %q", name)
		}
	}
	failAt.parse(os.Getenv("PARLEY_FAIL_AT"))
}

// refuse ends a program that was told something that means nothing: a run without the fault would prove nothing.
func refuse(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(2)
}

// Mutant says whether the mistake of this name is to be made.
func Mutant(name string) bool { return (*on.Load())[name] }

// Set makes the mistakes of these names and no others, until restore. It is for tests, one at a time. The hub's are set
// by hub.SetMutants.
func Set(names ...string) (restore func()) {
	now := make(map[string]bool, len(names))
	for _, name := range names {
		now[strings.TrimSpace(name)] = true
	}
	before := on.Swap(&now)
	return func() { on.Store(before) }
}

// death is when the process is to die.
type death struct {
	point string
	left  atomic.Int64
	kill  func()
}

var failAt = death{kill: func() {
	_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way
}}

func (d *death) parse(setting string) {
	if setting == "" {
		return
	}
	point, count, counted := strings.Cut(setting, ":")
	n, err := strconv.ParseInt(count, 10, 64)
	if !counted {
		n, err = 1, nil
	}
	if err != nil || n < 1 {
		refuse("PARLEY_FAIL_AT is %q: it must be a point and a number from 1 on, such as before-commit:3", setting)
	}
	for _, p := range Points {
		if p == point {
			d.point = point
			d.left.Store(n)
			return
		}
	}
	refuse("PARLEY_FAIL_AT: there is no point %q", point)
}

// Point is a place where the process can be made to die, as by SIGKILL: nothing is flushed, closed or said.
func Point(name string) { failAt.reach(name) }

func (d *death) reach(name string) {
	if d.point == name && d.left.Add(-1) == 0 {
		d.kill()
	}
}

// clockEvery is how often the file is read again at most.
const clockEvery = 100 * time.Millisecond

// clock reads an offset from a file.
type clock struct {
	file string

	mu     sync.Mutex
	read   time.Time
	offset time.Duration
}

var wall = clock{file: os.Getenv("PARLEY_CLOCK_FILE")}

// ClockOffset is what the wall clock is to be set forward by, or back by if it is negative. While the file is missing or
// holds no duration, such as in the middle of being written, what was read last holds.
func ClockOffset() time.Duration { return wall.now(time.Now()) }

func (c *clock) now(now time.Time) time.Duration {
	if c.file == "" {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.read.IsZero() || now.Sub(c.read) >= clockEvery {
		c.read = now
		if b, err := os.ReadFile(c.file); err == nil {
			if d, err := time.ParseDuration(strings.TrimSpace(string(b))); err == nil {
				c.offset = d
			}
		}
	}
	return c.offset
}
