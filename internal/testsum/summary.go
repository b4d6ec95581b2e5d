package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// event is one line of `go test -json`; see `go doc test2json` and, for the build actions, `go help buildjson`.
type event struct {
	Action     string
	Package    string
	ImportPath string // of build-output and build-fail
	Test       string
	Output     string
	Elapsed    float64
	// FailedBuild is set on the failure of a package that did not build; build-fail has told of it.
	FailedBuild string
}

// summary counts tests and keeps what running ones print, so that only the failed are shown. Subtests count as tests.
type summary struct {
	w                       io.Writer
	passed, failed, skipped int
	output                  map[string]*strings.Builder // by package and test
	bad                     map[string]int              // failed tests of a package
	built                   map[string]bool             // packages whose build failure has been counted
}

func newSummary(w io.Writer) *summary {
	return &summary{w: w, output: map[string]*strings.Builder{}, bad: map[string]int{}, built: map[string]bool{}}
}

// add takes over the counts of another summary.
func (s *summary) add(o *summary) {
	s.passed += o.passed
	s.failed += o.failed
	s.skipped += o.skipped
}

func (s *summary) read(r io.Reader) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) == nil && e.Action != "" {
				s.take(e)
			} else {
				fmt.Fprintf(s.w, "%s\n", strings.TrimRight(string(line), "\n")) // not of go test: somebody's own printing
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *summary) take(e event) {
	key := e.Package + "\x00" + e.Test
	switch e.Action {
	case "output":
		s.collect(key, e.Output)
	case "build-output":
		fmt.Fprint(s.w, e.Output)
	case "build-fail":
		if !s.built[e.ImportPath] {
			s.built[e.ImportPath] = true
			s.failed++
			fmt.Fprintf(s.w, "FAIL  %s does not build\n", e.ImportPath)
		}
	case "pass", "fail", "skip":
		if e.Test == "" {
			s.finishPackage(e)
		} else {
			s.finishTest(e, key)
		}
		delete(s.output, key)
	}
}

func (s *summary) collect(key, text string) {
	b := s.output[key]
	if b == nil {
		b = &strings.Builder{}
		s.output[key] = b
	}
	b.WriteString(text)
}

func (s *summary) finishTest(e event, key string) {
	switch e.Action {
	case "pass":
		s.passed++
	case "skip":
		s.skipped++
		fmt.Fprintf(s.w, "SKIP  %s %s\n%s", e.Package, e.Test, indent(s.text(key)))
	case "fail":
		s.failed++
		s.bad[e.Package]++
		fmt.Fprintf(s.w, "FAIL  %s %s\n%s", e.Package, e.Test, indent(s.text(key)))
	}
}

func (s *summary) finishPackage(e event) {
	switch e.Action {
	case "pass":
		fmt.Fprintf(s.w, "ok    %s %.1fs\n", e.Package, e.Elapsed)
	case "fail":
		if s.bad[e.Package] == 0 && e.FailedBuild == "" {
			s.failed++ // a leak found after the last test, a panic, a timeout: nobody else has counted it
		}
		fmt.Fprintf(s.w, "FAIL  %s %.1fs\n%s", e.Package, e.Elapsed, indent(s.text(e.Package+"\x00")))
		s.abandoned(e.Package)
	}
}

// abandoned shows what the tests of pkg printed that never came to an end: a panic or a timeout stands there.
func (s *summary) abandoned(pkg string) {
	for key, b := range s.output {
		if p, test, _ := strings.Cut(key, "\x00"); p == pkg && test != "" {
			fmt.Fprintf(s.w, "      %s did not finish\n%s", test, indent(b.String()))
			delete(s.output, key)
		}
	}
}

func (s *summary) text(key string) string {
	if b := s.output[key]; b != nil {
		return b.String()
	}
	return ""
}

func (s *summary) writeCounts() {
	fmt.Fprintf(s.w, "%d passed, %d failed, %d skipped\n", s.passed, s.failed, s.skipped)
}

// indent sets text off from the lines of the summary and leaves out go test's own running commentary.
func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || trimmed == "PASS" || trimmed == "FAIL" || strings.HasPrefix(trimmed, "=== ") {
			continue
		}
		b.WriteString("      ")
		b.WriteString(strings.TrimRight(line, "\n"))
		b.WriteByte('\n')
	}
	return b.String()
}
