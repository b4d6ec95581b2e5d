package process

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// commandTime bounds one command.
const commandTime = 60 * time.Second

// Command runs the program with args as somebody at a terminal would, and returns what it printed.
func (s *Server) Command(ctx context.Context, stdin string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.Binary, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = strings.NewReader(stdin), &stdout, &stderr, Environment()
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("parley %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return stdout.String(), nil
}

// Usage is what a process holds.
type Usage struct {
	Goroutines int
	FDs        int
	Heap       int64 // bytes in use
	Slow       int   // sockets that it has closed since its start because they did not keep up
}

// Usage asks /metrics, and /proc for the descriptors where there is one.
func (s *Server) Usage(ctx context.Context) (Usage, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Addr+"/metrics", nil)
	if err != nil {
		return Usage{}, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return Usage{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Usage{}, fmt.Errorf("/metrics answered %s", resp.Status)
	}
	u, err := parseUsage(resp.Body)
	if l := s.Life(); l != nil && err == nil {
		if files, err := os.ReadDir("/proc/" + strconv.Itoa(l.cmd.Process.Pid) + "/fd"); err == nil {
			u.FDs = len(files)
		}
	}
	return u, err
}

// parseUsage reads the exposition format.
func parseUsage(r io.Reader) (Usage, error) {
	values := map[string]float64{}
	for lines := bufio.NewScanner(r); lines.Scan(); {
		name, value, ok := strings.Cut(lines.Text(), " ")
		if f, err := strconv.ParseFloat(value, 64); ok && err == nil {
			values[name] = f
		}
	}
	u := Usage{
		Goroutines: int(values["go_goroutines"]), FDs: int(values["process_open_fds"]), Heap: int64(values["go_memstats_heap_inuse_bytes"]),
		Slow: int(values["parley_hub_slow_total"]),
	}
	if u.Goroutines == 0 || u.Heap == 0 {
		return u, fmt.Errorf("/metrics does not tell of goroutines and heap")
	}
	return u, nil
}
