package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is a pseudo-terminal: a program sits at user, a person at keys.
type terminal struct {
	keys, user *os.File

	mu    sync.Mutex
	shown []byte
}

func openTerminal(t *testing.T) *terminal {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	if err := unix.IoctlSetPointerInt(int(keys.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(keys.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	user, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{keys: keys, user: user}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for buf := make([]byte, 256); ; {
			n, err := keys.Read(buf)
			term.mu.Lock()
			term.shown = append(term.shown, buf[:n]...)
			term.mu.Unlock()
			if err != nil {
				return // the other end is closed
			}
		}
	}()
	t.Cleanup(func() {
		_ = user.Close()
		<-read
		_ = keys.Close()
	})
	return term
}

func (term *terminal) screen() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return string(term.shown)
}

func (term *terminal) echoes(t *testing.T) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(term.user.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// asked waits until the prompt is shown and what is typed is not.
func (term *terminal) asked(t *testing.T, prompt string) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for !strings.HasSuffix(term.screen(), prompt) || term.echoes(t) {
		select {
		case <-poll.C:
		case <-deadline:
			t.Fatalf("not asked for %q: %q, echo %v", prompt, term.screen(), term.echoes(t))
		}
	}
}

func (term *terminal) typed(t *testing.T, line string) {
	t.Helper()
	if _, err := term.keys.WriteString(line + "\n"); err != nil {
		t.Fatal(err)
	}
}

func TestATypedPasswordIsNotShown(t *testing.T) {
	term := openTerminal(t)
	var out bytes.Buffer
	status := make(chan int, 1)
	dir := t.TempDir()
	go func() {
		status <- run(t.Context(), []string{"user", "add", "ann", "--data", dir}, console{term.user, &out, term.user})
	}()
	term.asked(t, "Password for ann: ")
	term.typed(t, "correct horse")
	term.asked(t, "The same again: ")
	term.typed(t, "correct horse")
	if got := <-status; got != 0 || out.String() != "made the account ann (owner)\n" {
		t.Errorf("status %d, output %q, screen %q", got, out.String(), term.screen())
	}
	if strings.Contains(term.screen(), "horse") || !term.echoes(t) {
		t.Errorf("the screen shows %q, echo %v", term.screen(), term.echoes(t))
	}
}

func TestATerminalIsPutRightAfterAnInterruption(t *testing.T) {
	term := openTerminal(t)
	ctx, interrupt := context.WithCancel(t.Context())
	status := make(chan int, 1)
	dir := t.TempDir()
	go func() {
		status <- run(ctx, []string{"user", "passwd", "ann", "--data", dir}, console{term.user, &bytes.Buffer{}, term.user})
	}()
	term.asked(t, "Password for ann: ")
	interrupt()
	if got := <-status; got != 1 || !term.echoes(t) {
		t.Errorf("status %d, echo %v", got, term.echoes(t))
	}
	term.typed(t, "x") // ends the read
}
