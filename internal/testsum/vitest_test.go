package main

import (
	"strings"
	"testing"
)

func vitestSummary(t *testing.T, report string) (*summary, string) {
	t.Helper()
	var out strings.Builder
	s := newSummary(&out)
	if err := s.readVitest(strings.NewReader(report)); err != nil {
		t.Fatal(err)
	}
	return s, out.String()
}

func TestVitestNamesWhatFailedAndWhatWasSkipped(t *testing.T) {
	s, out := vitestSummary(t, `{"testResults":[{"name":"a.test.ts","status":"failed","startTime":0,"endTime":250,"assertionResults":[
		{"fullName":" adds","status":"passed"},
		{"fullName":" takes away","status":"failed","failureMessages":["AssertionError: expected 1 to be 2\n    at a.test.ts:9:3"]},
		{"fullName":" later","status":"todo"},
		{"fullName":" elsewhere","status":"skipped"}]}]}`)
	want := `FAIL  a.test.ts takes away
      AssertionError: expected 1 to be 2
          at a.test.ts:9:3
SKIP  a.test.ts later
SKIP  a.test.ts elsewhere
FAIL  a.test.ts 0.2s
`
	if s.passed != 1 || s.failed != 1 || s.skipped != 2 || out != want {
		t.Errorf("%d passed, %d failed, %d skipped\ngot:\n%s\nwant:\n%s", s.passed, s.failed, s.skipped, out, want)
	}
}

func TestAVitestFileThatDoesNotLoadIsAFailure(t *testing.T) {
	s, out := vitestSummary(t, `{"testResults":[{"name":"a.test.ts","status":"failed","message":"cannot resolve ./b","assertionResults":[]}]}`)
	if s.failed != 1 || !strings.Contains(out, "cannot resolve ./b") {
		t.Errorf("%d failed\n%s", s.failed, out)
	}
}

func FuzzVitestReport(f *testing.F) {
	f.Add(vitestGood)
	f.Fuzz(func(t *testing.T, report string) {
		_ = newSummary(&strings.Builder{}).readVitest(strings.NewReader(report)) // must not panic
	})
}
