package chaos

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chaos/disk"
	"github.com/parley-chat/parley/internal/fault"
)

// found are the faults under which a mistake must come to light.
var found = map[string][]string{
	"sync-off":            {faultPower},
	"fsync-error-ignored": {faultSync},
}

// TestMistakesAreFound lets the checker loose on servers that make a mistake which only a real disk shows. It takes a
// program built with the tag faults and half a minute: make soak runs it.
func TestMistakesAreFound(t *testing.T) {
	for _, m := range fault.Mutants {
		if _, known := found[m.Name]; m.Catcher == fault.Chaos && !known {
			t.Errorf("nothing is said of how to find %s", m.Name)
		}
	}
	if os.Getenv("PARLEY_SOAK") == "" {
		t.Skip("PARLEY_SOAK is not set")
	}
	if err := disk.Available(); err != nil {
		t.Skip(err)
	}
	binary := filepath.Join(t.TempDir(), "parley")
	if out, err := exec.Command("go", "build", "-tags", "faults", "-o", binary, "../../cmd/parley").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for name, faults := range found {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PARLEY_MUTANT", name)
			r, err := Run(t.Context(), Options{Binary: binary, Length: 12 * time.Second, Seed: 5, Faults: faults, Dir: filepath.Join(t.TempDir(), "run"), Log: t.Output()})
			if err != nil {
				t.Fatal(err)
			}
			// Either a message is missed, or the server no longer starts on what is left of its database.
			if !slices.ContainsFunc(r.Properties, func(v Verdict) bool { return v.Number <= 1 && v.Verdict == Broken }) {
				t.Error("no acknowledged message is missed")
			}
		})
	}
}
