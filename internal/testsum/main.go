// Command testsum runs the tests of Go, of vitest and of Playwright, prints one line per package or file and the output
// of what failed, and ends in one line of counts over all of them.
//
//	testsum [-go ARGUMENTS]... [-vitest FOLDER]... [-playwright FOLDER]... [-- GO TEST ARGUMENTS]
//
// Go's tests run first when there are arguments for them, then the suites in the order given. -go is one more run of Go's
// tests, with other arguments, parted by spaces; those of another module begin with -C and its folder. It exits with 1 when a
// test failed, when a package or a suite did not get as far as its tests, and, with the variable CI set, when a test was
// skipped. It runs in the root of the repository, where node_modules is.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

// parse reads the command line; it has told what is wrong with it when it returns an error.
func parse(args []string) ([]suite, error) {
	var others, all []suite
	flags := flag.NewFlagSet("testsum", flag.ContinueOnError)
	flags.Func("vitest", "run vitest in `folder`", func(dir string) error {
		others = append(others, vitest(dir))
		return nil
	})
	flags.Func("playwright", "run Playwright in `folder`", func(dir string) error {
		others = append(others, playwright(dir))
		return nil
	})
	flags.Func("go", "run go test once more, with these `arguments`", func(list string) error {
		others = append(others, goTest(strings.Fields(list)))
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		all = append(all, goTest(flags.Args()))
	}
	return append(all, others...), nil
}

func run(args []string) int {
	suites, err := parse(args)
	if err != nil {
		return 2
	}
	start := time.Now()
	sum := newSummary(os.Stdout)
	for _, s := range suites {
		s.run(context.Background(), sum)
	}
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
