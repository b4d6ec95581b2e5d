package chaos

import (
	"testing"

	"github.com/parley-chat/parley/internal/fault"
)

// found are the faults under which a mistake must come to light; soak_test.go lets them.
var found = map[string][]string{
	"sync-off":            {faultPower},
	"fsync-error-ignored": {faultSync},
}

// Each mistake that only a real disk shows has a fault that shows it.
func TestEveryMistakeHasItsFault(t *testing.T) {
	for _, m := range fault.Mutants {
		if _, known := found[m.Name]; m.Catcher == fault.Chaos && !known {
			t.Errorf("nothing is said of how to find %s", m.Name)
		}
	}
}
