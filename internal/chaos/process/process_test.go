package process

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// The test's own program plays the server: `serve --addr ADDR --data DIR FLAG`.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		play(os.Args[3], os.Args[len(os.Args)-1])
		return
	}
	if len(os.Args) > 1 && os.Args[1] == "say" {
		fmt.Print(strings.Join(os.Environ(), "\n"))
		return
	}
	goleak.VerifyTestMain(m)
}

func play(addr, part string) {
	switch part {
	case "dead":
		os.Exit(7)
	case "stubborn":
		signal.Ignore(syscall.SIGTERM)
	case "twice":
		signals := make(chan os.Signal, 2)
		signal.Notify(signals, syscall.SIGTERM)
		go func() {
			<-signals
			<-signals
			os.Exit(3)
		}()
	}
	http.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"status":"ok"}`) })
	http.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "# HELP\ngo_goroutines 12\ngo_memstats_heap_inuse_bytes 4.5e+06\nprocess_open_fds 9\nmode{x=\"%s\"} 1\n", os.Getenv("PARLEY_MODE"))
	})
	fmt.Println("plays", os.Getenv("PARLEY_MODE"))
	_ = http.ListenAndServe(addr, nil)
}

func server(t *testing.T, part string) (*Server, *bytes.Buffer) {
	t.Helper()
	addr, err := FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	log := &bytes.Buffer{}
	s := &Server{Binary: os.Args[0], Addr: addr, Data: t.TempDir(), Flags: []string{part}, Log: log}
	t.Cleanup(s.Kill)
	return s, log
}

func TestALife(t *testing.T) {
	t.Setenv("PARLEY_MODE", "of the checker")
	s, log := server(t, "plain")
	if err := s.Start(t.Context(), "PARLEY_MODE=given"); err != nil {
		t.Fatal(err)
	}
	u, err := s.Usage(t.Context())
	if err != nil || u.Goroutines != 12 || u.Heap != 4_500_000 || u.FDs == 0 {
		t.Errorf("usage %+v, %v", u, err)
	}
	if err := s.Pause(); err != nil {
		t.Fatal(err)
	}
	// The signal takes a moment to arrive.
	late := time.Now().Add(20 * time.Second)
	for stopped := false; !stopped; {
		if time.Now().After(late) {
			t.Fatal("a stopped process answers")
		}
		short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		stopped = s.Ready(short, s.Life()) != nil
		cancel()
	}
	if err := s.Resume(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context(), s.Life()); err != nil {
		t.Error(err)
	}
	l := s.Life()
	if l.Wanted() {
		t.Error("its end is expected")
	}
	s.Kill()
	if !l.Wanted() || !strings.Contains(l.How(), "killed") {
		t.Errorf("ended with %s, wanted %v", l.How(), l.Wanted())
	}
	if got := log.String(); !strings.Contains(got, "plays given") || strings.Contains(got, "of the checker") {
		t.Errorf("the server's variables are the checker's: %q", got)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Errorf("a second life: %v", err)
	}
	if s.Life() == l {
		t.Error("the second life is the first")
	}
}

func TestTerminate(t *testing.T) {
	for part, c := range map[string]struct {
		again time.Duration
		how   string
		bad   bool
	}{
		"plain":    {0, "terminated", false},
		"twice":    {time.Millisecond, "status 3", false},
		"stubborn": {time.Millisecond, "killed", true},
	} {
		s, _ := server(t, part)
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		limit := time.Minute
		if c.bad {
			limit = 100 * time.Millisecond
		}
		_, err := s.Terminate(limit, c.again)
		if (err != nil) != c.bad || !strings.Contains(s.Life().How(), c.how) {
			t.Errorf("%s ended with %s, %v", part, s.Life().How(), err)
		}
	}
}

func TestAServerThatDoesNotStart(t *testing.T) {
	s, _ := server(t, "dead")
	if err := s.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "status 7") {
		t.Errorf("starting: %v", err)
	}
	if s.Life().Wanted() {
		t.Error("nobody wanted that")
	}
	s.Binary = "/nowhere"
	if err := s.Start(t.Context()); err == nil {
		t.Error("a program that is not there was started")
	}
	if _, err := (&Server{}).Terminate(0, 0); err != nil {
		t.Error(err)
	}
}

func TestCommandsDoNotInheritSettings(t *testing.T) {
	t.Setenv("PARLEY_DATA", "elsewhere")
	s, _ := server(t, "plain")
	out, err := s.Command(t.Context(), "", "say")
	if err != nil || strings.Contains(out, "PARLEY_DATA") {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := s.Command(t.Context(), "", "serve", "--addr", "x", "dead"); err == nil {
		t.Error("a command that failed did not")
	}
}

func TestMetricsThatTellNothing(t *testing.T) {
	if _, err := parseUsage(strings.NewReader("go_goroutines 5\n")); err == nil {
		t.Error("the heap is not told, and nobody minds")
	}
}
