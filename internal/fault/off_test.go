//go:build !faults

package fault

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// holders are the packages whose code holds mutants or points.
var holders = []string{".", "./hub", "./hub/websocket", "./internal/auth", "./internal/chat", "./internal/gateway", "./internal/sqlite"}

// machineCode is what the compiler makes of packages, with the constants that it uses.
func machineCode(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append(append([]string{"build", "-gcflags=-S"}, args...), holders...)...)
	cmd.Dir = "../.."
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out[:min(len(out), 2000)])
	}
	return string(out)
}

func TestNothingIsLeftWithoutTheTag(t *testing.T) {
	without, with := machineCode(t), machineCode(t, "-tags", "faults")
	names := append([]string{}, Points...)
	for _, m := range Mutants {
		names = append(names, m.Name)
	}
	for _, name := range names {
		if strings.Contains(without, `go:string."`+name+`"`) {
			t.Errorf("%s is in the machine code of a program without the tag", name)
		}
	}
	for _, name := range names {
		if !strings.Contains(with, `go:string."`+name+`"`) {
			t.Errorf("%s is not found in the machine code of a program with the tag: this test sees nothing", name)
		}
	}
	for _, name := range []string{"Point", "ClockOffset"} { // Mutant is inlined with the tag, too
		call := regexp.MustCompile(`CALL\t\S*internal/fault\.` + name + `\(SB\)`)
		if !call.MatchString(with) {
			t.Errorf("no call of %s is found with the tag: this test sees nothing", name)
		}
		if call.MatchString(without) {
			t.Errorf("%s is called in a program without the tag", name)
		}
	}
	if Enabled || Mutant("skip-resumed-row") || ClockOffset() != 0 {
		t.Error("something is switched on")
	}
	Point("before-commit")
}
