//go:build faults

package hub_test

import (
	"os"
	"os/exec"
	"regexp"
	"testing"
)

// violated is how the model test says that a promise was broken.
var violated = regexp.MustCompile(`seed \d+, step \d+: .*`)

// TestMutants runs the model test in a process of its own for each mistake that the hub's streams can make: it must fail, and by
// a seed, not by hanging.
func TestMutants(t *testing.T) {
	for _, name := range []string{
		"skip-resumed-row", "gap-not-read", "reset-swallowed", "drop-on-full-queue", "ack-out-of-place", "removed-keeps-stream",
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestModel$", "-test.timeout=60s")
			cmd.Env = append(os.Environ(), "PARLEY_MUTANT="+name)
			out, err := cmd.CombinedOutput()
			caught := violated.Find(out)
			if err == nil || caught == nil {
				t.Fatalf("the mutant lives, %v:\n%s", err, out[:min(len(out), 3000)])
			}
			t.Logf("%s", caught)
		})
	}
}
