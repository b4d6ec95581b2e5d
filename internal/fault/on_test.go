//go:build faults

package fault

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestFaultSetMakesTheseMistakesAndNoOthers(t *testing.T) {
	restore := Set("a", "b")
	if !Enabled || !Mutant("a") || !Mutant("b") || Mutant("c") || Mutant("") {
		t.Error("a and b are set")
	}
	inner := Set("c")
	if Mutant("a") || !Mutant("c") {
		t.Error("c alone is set")
	}
	inner()
	restore()
	if Mutant("a") {
		t.Error("none is set any more")
	}
}

// child runs this test's program again as a process that passes points and says how far it came.
func child(t *testing.T, env ...string) (out string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=TestFaultChild")
	cmd.Env = append(os.Environ(), append(env, "FAULT_TEST_CHILD=1")...)
	b, err := cmd.CombinedOutput()
	return string(b), err
}

func TestFaultChild(t *testing.T) {
	if os.Getenv("FAULT_TEST_CHILD") == "" {
		return // it is the test above that needs this one
	}
	for _, word := range []string{"one", "two", "three"} {
		Point("after-commit")
		Point("before-commit")
		os.Stdout.WriteString(word + "\n")
	}
	if Mutant("sync-off") {
		os.Stdout.WriteString("sync-off\n")
	}
}

func TestFaultProcessDiesAtItsPoint(t *testing.T) {
	for setting, want := range map[string]string{"before-commit:3": "one\ntwo\n", "before-commit": "", "after-commit:2": "one\n"} {
		out, err := child(t, "PARLEY_FAIL_AT="+setting)
		exit := (*exec.ExitError)(nil)
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL || out != want {
			t.Errorf("%s: %v, %q, want SIGKILL after %q", setting, err, out, want)
		}
	}
	for _, setting := range []string{"", "before-commit:4", "before-publish:1"} {
		if out, err := child(t, "PARLEY_FAIL_AT="+setting); err != nil || !strings.HasPrefix(out, "one\ntwo\nthree\n") {
			t.Errorf("%q: %v, %q", setting, err, out)
		}
	}
}

func TestFaultSettingsThatMeanNothingAreRefused(t *testing.T) {
	for _, env := range []string{
		"PARLEY_FAIL_AT=nowhere:1", "PARLEY_FAIL_AT=before-commit:0", "PARLEY_FAIL_AT=before-commit:x", "PARLEY_MUTANT=no-such-mutant",
	} {
		exit := (*exec.ExitError)(nil)
		if out, err := child(t, env); !errors.As(err, &exit) || exit.ExitCode() != 2 || strings.Contains(out, "one") {
			t.Errorf("%s: %v, %q", env, err, out)
		}
	}
	if out, err := child(t, "PARLEY_MUTANT=sync-off, skip-resumed-row"); err != nil || !strings.Contains(out, "three\nsync-off\n") {
		t.Errorf("%v, %q", err, out)
	}
}

func TestFaultClockIsReadFromItsFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock")
	c, now := clock{file: file}, time.Unix(1000, 0)
	expect := func(want time.Duration, why string) {
		t.Helper()
		if got := c.now(now); got != want {
			t.Errorf("%s: %v, want %v", why, got, want)
		}
		now = now.Add(clockEvery)
	}
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	expect(0, "there is no file")
	write("-1h\n")
	expect(-time.Hour, "it is set back")
	write("8760")
	expect(-time.Hour, "half of it is written")
	write("8760h")
	now = now.Add(-clockEvery / 2)
	expect(-time.Hour, "it was read a moment ago")
	expect(8760*time.Hour, "it is set forward")
	if (&clock{}).now(now) != 0 {
		t.Error("no file is named")
	}
}
