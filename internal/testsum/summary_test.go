package main

import (
	"strings"
	"testing"
)

func summarise(t *testing.T, lines ...string) (*summary, string) {
	t.Helper()
	var out strings.Builder
	s := newSummary(&out)
	if err := s.read(strings.NewReader(strings.Join(lines, "\n"))); err != nil {
		t.Fatal(err)
	}
	s.writeCounts()
	return s, out.String()
}

func TestCountsTestsAndSubtests(t *testing.T) {
	_, out := summarise(t,
		`{"Action":"run","Package":"p","Test":"A"}`,
		`{"Action":"output","Package":"p","Test":"A","Output":"noise of a passing test\n"}`,
		`{"Action":"pass","Package":"p","Test":"A/one"}`,
		`{"Action":"pass","Package":"p","Test":"A"}`,
		`{"Action":"output","Package":"p","Test":"B","Output":"    b_test.go:7: no such tool\n"}`,
		`{"Action":"skip","Package":"p","Test":"B"}`,
		`{"Action":"output","Package":"p","Test":"C","Output":"    c_test.go:9: got 1, want 2\n"}`,
		`{"Action":"fail","Package":"p","Test":"C"}`,
		`{"Action":"fail","Package":"p","Elapsed":1.25}`,
		`{"Action":"pass","Package":"q","Elapsed":0.5}`,
	)
	want := `SKIP  p B
          b_test.go:7: no such tool
FAIL  p C
          c_test.go:9: got 1, want 2
FAIL  p 1.2s
ok    q 0.5s
2 passed, 1 failed, 1 skipped
`
	if out != want {
		t.Errorf("got:\n%s\nwant:\n%s", out, want)
	}
}

func TestAPackageThatDiesOutsideATestIsAFailure(t *testing.T) {
	s, out := summarise(t,
		`{"Action":"pass","Package":"p","Test":"A"}`,
		`{"Action":"output","Package":"p","Output":"goleak: found unexpected goroutines\n"}`,
		`{"Action":"fail","Package":"p","Elapsed":0.1}`,
	)
	if s.failed != 1 || !strings.Contains(out, "goleak: found unexpected goroutines") {
		t.Errorf("failed = %d, output:\n%s", s.failed, out)
	}
}

func TestAPanicShowsTheTestThatDidNotFinish(t *testing.T) {
	s, out := summarise(t,
		`{"Action":"run","Package":"p","Test":"A"}`,
		`{"Action":"output","Package":"p","Test":"A","Output":"panic: out of reach\n"}`,
		`{"Action":"fail","Package":"p","Elapsed":0.1}`,
	)
	if s.failed != 1 || !strings.Contains(out, "A did not finish\n      panic: out of reach") {
		t.Errorf("failed = %d, output:\n%s", s.failed, out)
	}
}

func TestABrokenBuildIsCountedOnce(t *testing.T) {
	s, out := summarise(t,
		`{"Action":"build-output","ImportPath":"p [p.test]","Output":"p.go:3: undefined: x\n"}`,
		`{"Action":"build-fail","ImportPath":"p [p.test]"}`,
		`{"Action":"fail","Package":"p","Elapsed":0,"FailedBuild":"p [p.test]"}`,
	)
	if s.failed != 1 || !strings.Contains(out, "undefined: x") {
		t.Errorf("failed = %d, output:\n%s", s.failed, out)
	}
}

func TestForeignLinesPassThrough(t *testing.T) {
	_, out := summarise(t, `not json`, `{"also":"not an event"}`)
	if want := "not json\n{\"also\":\"not an event\"}\n0 passed, 0 failed, 0 skipped\n"; out != want {
		t.Errorf("got %q, want %q", out, want)
	}
}
