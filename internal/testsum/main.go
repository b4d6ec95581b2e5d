// Command testsum runs `go test -json` with the arguments it is given, prints one line per package and the output of
// what failed, and ends in one line of counts. It exits with 1 when a test failed, when a package did not build or
// died outside a test, and, with the variable CI set, when a test was skipped.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	cmd := exec.CommandContext(context.Background(), "go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
		return 1
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
		return 1
	}
	sum := newSummary(os.Stdout)
	readErr := sum.read(out)
	waitErr := cmd.Wait()
	if readErr != nil {
		fmt.Fprintln(os.Stderr, "testsum: reading go test's output:", readErr)
		return 1
	}
	failed := sum.failed > 0
	if exit := (*exec.ExitError)(nil); waitErr != nil && !failed {
		failed = true // go test itself failed, such as on a wrong flag; it has said so on stderr
		if !errors.As(waitErr, &exit) {
			fmt.Fprintln(os.Stderr, "testsum:", waitErr)
		}
	}
	if sum.skipped > 0 && os.Getenv("CI") != "" {
		fmt.Println("a skipped test counts as a failure in CI")
		failed = true
	}
	fmt.Printf("took %s\n", time.Since(start).Round(time.Second))
	sum.writeCounts()
	if failed {
		return 1
	}
	return 0
}
