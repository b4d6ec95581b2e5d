package main

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

// playwrightReport is what Playwright's reporter "json" writes (JSONReport in its testReporter.d.ts), as far as it is
// read here.
type playwrightReport struct {
	Suites []playwrightSuite `json:"suites"` // a file each
	Errors []playwrightError `json:"errors"` // of no test: a file that does not load, a set-up that failed
}

type playwrightSuite struct {
	Title  string            `json:"title"`
	File   string            `json:"file"`
	Specs  []playwrightSpec  `json:"specs"`
	Suites []playwrightSuite `json:"suites"`
}

type playwrightSpec struct {
	Title string `json:"title"`
	Tests []struct {
		Project     string `json:"projectName"`
		Annotations []struct {
			Type        string `json:"type"`
			Description string `json:"description"`
		} `json:"annotations"`
		Status  string `json:"status"` // expected, unexpected, flaky, skipped
		Results []struct {
			Duration float64           `json:"duration"`
			Errors   []playwrightError `json:"errors"`
		} `json:"results"`
	} `json:"tests"`
}

type playwrightError struct {
	Message string `json:"message"`
}

// colours are the escape sequences for a terminal that Playwright leaves in its messages whatever it is told.
var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// readPlaywright counts the tests of a report of Playwright. One that passed only when it was tried again has failed.
func (s *summary) readPlaywright(r io.Reader) error {
	var report playwrightReport
	if err := json.NewDecoder(r).Decode(&report); err != nil {
		return err
	}
	for _, file := range report.Suites {
		failed := s.failed
		took := s.takePlaywright(file, file.File, nil)
		s.finishFile(file.File, s.failed > failed, took)
	}
	for _, e := range report.Errors {
		s.failed++
		fmt.Fprintf(s.w, "FAIL  playwright\n%s", indent(colours.ReplaceAllString(e.Message, "")))
	}
	return nil
}

// takePlaywright counts the tests of a suite and those in it, and returns how long they took one after another.
func (s *summary) takePlaywright(suite playwrightSuite, file string, titles []string) time.Duration {
	var took time.Duration
	for _, spec := range suite.Specs {
		for _, t := range spec.Tests {
			name := strings.Join(append(append([]string{file}, titles...), spec.Title), " ")
			if t.Project != "" {
				name += " [" + t.Project + "]"
			}
			var errs []string
			for _, r := range t.Results {
				took += time.Duration(r.Duration * float64(time.Millisecond))
				for _, e := range r.Errors {
					errs = append(errs, colours.ReplaceAllString(e.Message, ""))
				}
			}
			s.finishPlaywright(name, t.Status, errs)
			for _, a := range t.Annotations {
				if a.Type == "measured" { // told and never judged
					fmt.Fprintf(s.w, "      %s\n", a.Description)
				}
			}
		}
	}
	for _, inner := range suite.Suites {
		took += s.takePlaywright(inner, file, append(titles[:len(titles):len(titles)], inner.Title))
	}
	return took
}

func (s *summary) finishPlaywright(name, status string, errs []string) {
	switch status {
	case "expected":
		s.passed++
	case "skipped":
		s.skipped++
		fmt.Fprintf(s.w, "SKIP  %s\n", name)
	default:
		s.failed++
		fmt.Fprintf(s.w, "FAIL  %s (%s)\n%s", name, status, indent(strings.Join(errs, "\n")))
	}
}
