//go:build faults

package fault

import (
	"os"
	"strings"
	"sync/atomic"
)

// Enabled says whether this program was built with the tag faults.
const Enabled = true

var on atomic.Pointer[map[string]bool]

func init() { Set(strings.Split(os.Getenv("PARLEY_MUTANT"), ",")...) }

// Mutant says whether the mistake of this name is to be made.
func Mutant(name string) bool { return (*on.Load())[name] }

// Set makes the mistakes of these names and no others, until restore. It is for tests, one at a time.
func Set(names ...string) (restore func()) {
	now := make(map[string]bool, len(names))
	for _, name := range names {
		now[strings.TrimSpace(name)] = true
	}
	before := on.Swap(&now)
	return func() { on.Store(before) }
}
