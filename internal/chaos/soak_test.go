//go:build soak

package chaos

import (
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chaos/disk"
)

// TestMistakesAreFound lets the checker loose on servers that make a mistake which only a real disk shows. It takes a
// program built with the tag faults and half a minute: make soak runs it.
func TestMistakesAreFound(t *testing.T) {
	if err := disk.Available(); err != nil {
		t.Fatal(err)
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
