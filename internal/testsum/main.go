// Command testsum runs the tests of Go, of vitest and of Playwright, prints one line per package or file and the output
// of what failed, and ends in one line of counts over all of them.
//
//	testsum [-go ARGUMENTS]... [-vitest FOLDER]... [-playwright FOLDER]... [-- GO TEST ARGUMENTS]
//
// Two things go on at a time, so that one works while the other waits: Go's tests, and the suites of npm. Go's tests run in
// the order given, those behind -- first; so do the suites. -go is one more run of Go's tests, with other arguments, parted
// by spaces; those of another module begin with -C and its folder. It exits with 1 when a test failed, when a package or a
// suite did not get as far as its tests, and, with the variable CI set, when a test was skipped. It runs in the root of the
// repository, where node_modules is.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

// lane is suites that run one after another.
type lane []suite

// parse reads the command line; it has told what is wrong with it when it returns an error.
func parse(args []string) ([]lane, error) {
	var golang, npm lane
	flags := flag.NewFlagSet("testsum", flag.ContinueOnError)
	flags.Func("vitest", "run vitest in `folder`", func(dir string) error {
		npm = append(npm, vitest(dir))
		return nil
	})
	flags.Func("playwright", "run Playwright in `folder`", func(dir string) error {
		npm = append(npm, playwright(dir))
		return nil
	})
	flags.Func("go", "run go test once more, with these `arguments`", func(list string) error {
		golang = append(golang, goTest(strings.Fields(list)))
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		golang = append(lane{goTest(flags.Args())}, golang...)
	}
	return []lane{golang, npm}, nil
}

// runLanes runs the lanes side by side and returns what they found together.
func runLanes(ctx context.Context, lanes []lane, out io.Writer) *summary {
	w := &lockedWriter{w: out}
	all := newSummary(w)
	sums := make([]*summary, len(lanes))
	var running sync.WaitGroup
	for i, l := range lanes {
		sums[i] = newSummary(w)
		running.Go(func() {
			for _, s := range l {
				s.run(ctx, sums[i])
			}
		})
	}
	running.Wait()
	for _, s := range sums {
		all.add(s)
	}
	return all
}

// lockedWriter keeps what two lanes print from running into each other: each call of Write is whole.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func run(args []string) int {
	lanes, err := parse(args)
	if err != nil {
		return 2
	}
	start := time.Now()
	sum := runLanes(context.Background(), lanes, os.Stdout)
	failed := sum.failed > 0
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
