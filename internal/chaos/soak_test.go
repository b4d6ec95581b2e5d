//go:build soak

package chaos

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chaos/disk"
)

// TestMistakesAreFound lets the checker loose on servers that make a mistake: those that only a real disk shows, and
// those that clients meet; and on one without any, of which the code 4004 must be seen. It takes a program built with the tag faults and some minutes: make soak runs it.
func TestMistakesAreFound(t *testing.T) {
	if err := disk.Available(); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "parley")
	if out, err := exec.Command("go", "build", "-tags", "faults", "-o", binary, "../../cmd/parley").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	t.Run("a slow reader is told", func(t *testing.T) { slowReadersAreTold(t, binary) })
	for name, f := range found {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PARLEY_MUTANT", name)
			o := Options{Binary: binary, Length: 5 * time.Second, Seed: 5, Faults: []string{"none"}, Dir: filepath.Join(t.TempDir(), "run"), Log: t.Output(), script: f.script}
			if f.faults != nil {
				o.Faults, o.Length = f.faults, 12*time.Second
			}
			r, err := Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(r.Properties, func(v Verdict) bool {
				return v.Verdict == Broken && slices.Contains(f.properties, v.Number)
			}) {
				var text strings.Builder
				r.Print(&text)
				t.Errorf("none of %v is broken:\n%s", f.properties, &text)
			}
		})
	}
}

// slowReadersAreTold: where the machine has a few seconds, a reader that is given up reads why.
func slowReadersAreTold(t *testing.T, binary string) {
	for seed := uint64(1); seed <= 5; seed++ {
		r, err := Run(t.Context(), Options{
			Binary: binary, Length: 5 * time.Second, Seed: seed, Faults: []string{faultStall}, Dir: filepath.Join(t.TempDir(), "run"), Log: t.Output(),
			script: []strike{{At: time.Second, Kind: faultStall, For: patience, N: stallTwice}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if r.TooSlow > 0 && r.ResumesBy["after being too slow"] > 0 {
			return
		}
	}
	t.Error("in five runs nobody heard that they were too slow")
}
