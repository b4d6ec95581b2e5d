package main

import (
	"strings"
	"testing"
)

func playwrightSummary(t *testing.T, report string) (*summary, string) {
	t.Helper()
	var out strings.Builder
	s := newSummary(&out)
	if err := s.readPlaywright(strings.NewReader(report)); err != nil {
		t.Fatal(err)
	}
	return s, out.String()
}

func TestPlaywrightNamesWhatFailedAndWhatWasSkipped(t *testing.T) {
	s, out := playwrightSummary(t, `{"suites":[{"title":"a.spec.ts","file":"a.spec.ts",
		"specs":[{"title":"opens","tests":[{"status":"expected","results":[{"duration":100}],
			"annotations":[{"type":"slow"},{"type":"measured","description":"first paint: 700 ms"}]}]}],
		"suites":[{"title":"in the dark","specs":[
			{"title":"closes","tests":[{"projectName":"phone","status":"unexpected","results":[{"duration":200,"errors":[{"message":"no button \"Close\""}]}]}]},
			{"title":"waits","tests":[{"status":"skipped","results":[]}]},
			{"title":"sometimes","tests":[{"status":"flaky","results":[{"errors":[{"message":"\u001b[31mlate\u001b[39m"}]},{"errors":[]}]}]}]}]}]}`)
	want := `      first paint: 700 ms
FAIL  a.spec.ts in the dark closes [phone] (unexpected)
      no button "Close"
SKIP  a.spec.ts in the dark waits
FAIL  a.spec.ts in the dark sometimes (flaky)
      late
FAIL  a.spec.ts 0.3s
`
	if s.passed != 1 || s.failed != 2 || s.skipped != 1 || out != want {
		t.Errorf("%d passed, %d failed, %d skipped\ngot:\n%s\nwant:\n%s", s.passed, s.failed, s.skipped, out, want)
	}
}

func TestAPlaywrightErrorOfNoTestIsAFailure(t *testing.T) {
	s, out := playwrightSummary(t, `{"suites":[],"errors":[{"message":"globalSetup: go build failed"}]}`)
	if s.failed != 1 || !strings.Contains(out, "go build failed") {
		t.Errorf("%d failed\n%s", s.failed, out)
	}
}

func FuzzPlaywrightReport(f *testing.F) {
	f.Add(playwrightGood)
	f.Fuzz(func(t *testing.T, report string) {
		_ = newSummary(&strings.Builder{}).readPlaywright(strings.NewReader(report)) // must not panic
	})
}
