//go:build !faults

package fault

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// holders are the packages whose code holds mutants or points.
var holders = []string{".", "./hub", "./hub/websocket", "./internal/auth", "./internal/chat", "./internal/gateway", "./internal/sqlite"}

// objects is what the compiler makes of packages: their constants, and the names of what they refer to as nm lists them. Builds of
// programs need the same files, so most of them are there already.
func objects(t *testing.T, args ...string) string {
	t.Helper()
	var all strings.Builder
	for _, file := range strings.Fields(tool(t, append(append([]string{"list", "-export", "-f", "{{.Export}}"}, args...), holders...)...)) {
		object, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(object)
		all.WriteString("\n" + tool(t, "tool", "nm", file))
	}
	return all.String()
}

func tool(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = "../.."
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out[:min(len(out), 2000)])
	}
	return string(out)
}

func TestNothingIsLeftWithoutTheTag(t *testing.T) {
	without, with := objects(t), objects(t, "-tags", "faults")
	names := append([]string{}, Points...)
	for _, m := range Mutants {
		names = append(names, m.Name)
	}
	for _, name := range names {
		if strings.Contains(without, `go:string."`+name+`"`) {
			t.Errorf("%s is in the objects of a program without the tag", name)
		}
	}
	for _, name := range names {
		if !strings.Contains(with, `go:string."`+name+`"`) {
			t.Errorf("%s is not found in the objects of a program with the tag: this test sees nothing", name)
		}
	}
	for _, name := range []string{"Point", "ClockOffset"} { // Mutant is inlined with the tag, too
		call := regexp.MustCompile(`(?m)^ +U \S*internal/fault\.` + name + `$`)
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
