package chaos

import (
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/fault"
)

// finding is under which faults a mistake must come to light, and which properties one of which must be broken then.
type finding struct {
	faults     []string // none: clients that come and go are enough
	properties []int
	script     []strike // instead of a plan that is drawn
}

// lost: a message is missed that was acknowledged, or the server no longer starts on what is left of its database.
var lost = []int{0, 1}

// found are the mistakes that the checker must find; soak_test.go lets it. Those of the simulator are here as well where
// their users would meet them: then the checker sees them from outside, too.
var found = map[string]finding{
	"sync-off":            {faults: []string{faultPower}, properties: lost},
	"fsync-error-ignored": {faults: []string{faultSync}, properties: lost},

	"swap-two-numbers":      {properties: []int{1}},
	"queue-not-in-order":    {properties: []int{7}},
	"ack-out-of-place":      {properties: []int{5}},
	"skip-resumed-row":      {properties: []int{5}},
	"reset-swallowed":       {properties: []int{5}},
	"epoch-not-changed":     {properties: []int{5}},
	"drop-on-full-queue":    {faults: []string{faultStall}, properties: []int{5}, script: []strike{{At: time.Second, Kind: faultStall, For: 20 * time.Second, N: stallTillSlow}}},
	"presence-never-leaves": {properties: []int{10}},
	"lost-unread":           {properties: []int{11}},
}

// Each mistake that only a real disk shows has a fault that shows it, and nothing is looked for that there is not.
func TestEveryMistakeHasItsFault(t *testing.T) {
	for _, m := range fault.Mutants {
		if _, known := found[m.Name]; m.Catcher == fault.Chaos && !known {
			t.Errorf("nothing is said of how to find %s", m.Name)
		}
	}
	for name := range found {
		if _, known := fault.Lookup(name); !known {
			t.Errorf("there is no mistake %s", name)
		}
	}
}
