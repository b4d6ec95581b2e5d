package e2e

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

// patience is how long a test waits for something that has to happen before it gives up. It is no measure of speed: the
// machine may be busy with other packages, and with the race detector the server is ten times slower.
var patience = func() time.Duration {
	if raceInServer() {
		return 2 * time.Minute
	}
	return 30 * time.Second
}()

// raceInServer says that the server under fire has the race detector as well.
func raceInServer() bool { return raceDetector && os.Getenv("PARLEY_SOAK") != "" }

func TestMain(m *testing.M) {
	// The ACME server that tests start has no end.
	endless := goleak.IgnoreTopFunction("github.com/letsencrypt/pebble/v2/va.VAImpl.processTasks")
	goleak.VerifyTestMain(m, endless, goleak.Cleanup(func(code int) {
		if built.dir != "" {
			_ = os.RemoveAll(built.dir)
		}
		os.Exit(code)
	}))
}

var built struct {
	once sync.Once
	dir  string
	err  error
}

// parley returns the path of the binary, built when it is asked for first.
func parley(t *testing.T) string {
	t.Helper()
	built.once.Do(func() { built.dir, built.err = build() })
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.dir, "parley")
}

// build makes the binary without the race detector, which the same code passes in the tests of its packages, unless it
// is for make soak: there the server under fire has it too.
func build() (string, error) {
	dir, err := os.MkdirTemp("", "parley-e2e-")
	if err != nil {
		return "", err
	}
	args := []string{"build", "-o", filepath.Join(dir, "parley")}
	if raceInServer() {
		// Not in SQLite itself, as the Makefile says.
		args = append(args, "-race", "-gcflags=modernc.org/sqlite/lib=-race=false", "-gcflags=modernc.org/libc/...=-race=false")
	}
	cmd := exec.Command("go", append(args, "../cmd/parley")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return dir, fmt.Errorf("go build ../cmd/parley: %w\n%s", err, out)
	}
	return dir, nil
}
