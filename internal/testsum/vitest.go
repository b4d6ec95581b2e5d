package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// vitestReport is what vitest's reporter "json" writes (the format of Jest's --json), as far as it is read here.
type vitestReport struct {
	Files []vitestFile `json:"testResults"`
}

type vitestFile struct {
	Path    string  `json:"name"`
	Status  string  `json:"status"`
	Message string  `json:"message"` // why the file as a whole failed, such as an import that does not resolve
	Start   float64 `json:"startTime"`
	End     float64 `json:"endTime"`
	Tests   []struct {
		Name     string   `json:"fullName"`
		Status   string   `json:"status"`
		Failures []string `json:"failureMessages"`
	} `json:"assertionResults"`
}

// readVitest counts the tests of a report of vitest. A test that is neither passed nor failed is skipped: "todo" and
// "disabled" are names for that too.
func (s *summary) readVitest(r io.Reader) error {
	var report vitestReport
	if err := json.NewDecoder(r).Decode(&report); err != nil {
		return err
	}
	for _, f := range report.Files {
		s.takeVitestFile(f)
	}
	return nil
}

func (s *summary) takeVitestFile(f vitestFile) {
	name, failed := relative(f.Path), 0
	for _, t := range f.Tests {
		test := strings.TrimSpace(t.Name)
		switch t.Status {
		case "passed":
			s.passed++
		case "failed":
			s.failed++
			failed++
			fmt.Fprintf(s.w, "FAIL  %s %s\n%s", name, test, indent(strings.Join(t.Failures, "\n")))
		default:
			s.skipped++
			fmt.Fprintf(s.w, "SKIP  %s %s\n", name, test)
		}
	}
	if f.Status != "passed" && failed == 0 {
		s.failed++ // nobody else has counted it
		failed++
		fmt.Fprintf(s.w, "FAIL  %s\n%s", name, indent(f.Message))
	}
	s.finishFile(name, failed > 0, time.Duration((f.End-f.Start)*float64(time.Millisecond)))
}
