package e2e

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// What is missing is named with the command that installs it, and nothing is installed against somebody's will.
func TestMissingProgramsAreNamed(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		status int
		says   []string
	}{
		{nil, 0, nil},
		{[]string{"caddy", "node"}, 1, []string{"caddy node missing", "sudo apt-get install --no-install-recommends caddy nodejs"}},
		{[]string{"emacs"}, 2, []string{"no program emacs"}},
	} {
		cmd := exec.Command(sh, append([]string{"../scripts/need"}, c.args...)...)
		cmd.Env = []string{"PATH=" + t.TempDir(), "PARLEY_NO_INSTALL=1"}
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		err := cmd.Run()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) || cmd.ProcessState.ExitCode() != c.status {
			t.Errorf("need %v: %v\n%s", c.args, err, &out)
		}
		for _, part := range c.says {
			if !strings.Contains(out.String(), part) {
				t.Errorf("need %v does not say %q:\n%s", c.args, part, &out)
			}
		}
	}
}
