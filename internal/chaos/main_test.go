package chaos

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if built.dir != "" {
			_ = os.RemoveAll(built.dir)
		}
		os.Exit(code)
	}))
}

// built is the program, and one run against it that several tests look at.
var built struct {
	once   sync.Once
	dir    string
	report *Report
	err    error
}

// smoke makes one short run against the real program.
func smoke(t *testing.T) (dir string, r *Report) {
	t.Helper()
	built.once.Do(func() { built.report, built.err = build(t) })
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.dir, "run"), built.report
}

func build(t *testing.T) (*Report, error) {
	var err error
	if built.dir, err = os.MkdirTemp("", "parley-chaos-test-"); err != nil {
		return nil, err
	}
	binary := filepath.Join(built.dir, "parley")
	if out, err := exec.Command("go", "build", "-o", binary, "../../cmd/parley").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return Run(t.Context(), Options{
		Binary: binary, Length: 5 * time.Second, Seed: 4, Senders: 9, Readers: 6, Rooms: 3, Dir: filepath.Join(built.dir, "run"),
		Faults: []string{faultKill, faultTerm, faultPause, faultCut, faultStorm, faultHalfOpen, faultRemoval, faultPower}, Log: t.Output(),
	})
}
