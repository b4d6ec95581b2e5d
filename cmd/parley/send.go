package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/parley-chat/parley/goclient"
)

type sendCmd struct {
	Room     string        `arg:"" help:"Name of the room."`
	Text     *string       `arg:"" optional:"" help:"What to say. All of standard input if it is missing or -."`
	Lines    bool          `help:"Each line of standard input is a message; blank ones are left out."`
	Quiet    bool          `short:"q" help:"Do not print the message's number."`
	Timeout  time.Duration `default:"30s" placeholder:"DURATION" help:"How long a message may take, also over a lost connection, 30s by default; 0 for as long as it needs."`
	ClientID string        `name:"client-id" placeholder:"UUID" help:"Id of the message. Repeating a message with the id that a failure named never says it twice."`
	remote   `embed:""`
}

// maxInput is more than any message may have, in bytes, so that a longer one is refused and not cut.
const maxInput = 64 << 10

// Validate is called by kong after parsing.
func (s *sendCmd) Validate() error {
	switch {
	case s.Lines && !s.fromInput():
		return errors.New("--lines: the lines come from standard input, not from the command line")
	case s.Lines && s.ClientID != "":
		return errors.New("--client-id: it is for one message, not for --lines")
	case s.Timeout < 0:
		return fmt.Errorf("--timeout: %s is less than nothing", s.Timeout)
	}
	return s.check()
}

func (s *sendCmd) fromInput() bool { return s.Text == nil || *s.Text == "-" }

// Run says it and returns once it is stored.
func (s *sendCmd) Run(ctx context.Context, c console) error {
	next, err := s.texts(ctx, c.in)
	if err != nil {
		return err
	}
	limited, cancel := s.limit(ctx)
	defer cancel()
	client, end, err := s.connect(limited, slog.New(slog.DiscardHandler))
	if err != nil {
		return because(ctx, err)
	}
	defer end()
	for {
		r := next()
		if errors.Is(r.err, io.EOF) {
			return nil
		}
		if r.err != nil {
			return r.err
		}
		if err := s.send(ctx, c, client, r.text); err != nil {
			return r.at(err)
		}
	}
}

func (s *sendCmd) send(ctx context.Context, c console, client *goclient.Client, text string) error {
	id := s.ClientID
	if id == "" {
		id = goclient.NewClientID()
	}
	limited, cancel := s.limit(ctx)
	defer cancel()
	ack, err := client.SendID(limited, s.Room, text, id)
	unknown := (*goclient.UnknownOutcomeError)(nil)
	switch {
	case errors.As(err, &unknown):
		return unknownOutcomeError{fmt.Errorf("%w: the message may have been stored or not: to make sure, send it again with --client-id %s", because(ctx, unknown.Err), id)}
	case err != nil:
		return because(ctx, err)
	case !s.Quiet:
		fmt.Fprintln(c.out, ack.Seq)
	}
	return nil
}

// unknownOutcomeError is the error of a message that may have been stored.
type unknownOutcomeError struct{ error }

func (s *sendCmd) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.Timeout == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, s.Timeout, fmt.Errorf("no answer within %s", s.Timeout))
}

// texts returns what yields one message after the other, and io.EOF at the end.
func (s *sendCmd) texts(ctx context.Context, in io.Reader) (func() read, error) {
	if s.Lines {
		return lines(ctx, in), nil
	}
	text := ""
	if s.fromInput() {
		var err error
		if text, err = whole(ctx, in); err != nil {
			return nil, err
		}
	} else {
		text = *s.Text
	}
	done := false
	return func() read {
		if done {
			return read{err: io.EOF}
		}
		done = true
		return read{text: text}
	}, nil
}

// read is something from standard input.
type read struct {
	text string
	line int // its number, with --lines
	err  error
}

// at says which line an error is about: what came before is said, what comes behind is not.
func (r read) at(err error) error {
	if r.line == 0 {
		return err
	}
	return fmt.Errorf("line %d: %w", r.line, err)
}

// wait waits for the next read. A read cannot be broken off; it ends with the process.
func wait(ctx context.Context, reads <-chan read) read {
	select {
	case r := <-reads:
		return r
	case <-ctx.Done():
		return read{err: errors.New("interrupted")}
	}
}

// whole reads all of it, without the line breaks at its end, as a shell's $(...) does.
func whole(ctx context.Context, in io.Reader) (string, error) {
	reads := make(chan read, 1)
	go func() {
		b, err := io.ReadAll(io.LimitReader(in, maxInput+1))
		if err == nil && len(b) > maxInput {
			err = fmt.Errorf("standard input has more than %d bytes: that is too long for a message", maxInput)
		}
		reads <- read{text: strings.TrimRight(string(b), "\r\n"), err: err}
	}()
	r := wait(ctx, reads)
	return r.text, r.err
}

// lines reads one line at a time.
func lines(ctx context.Context, in io.Reader) func() read {
	reads := make(chan read)
	go func() {
		scan := bufio.NewScanner(in)
		scan.Buffer(nil, maxInput)
		for n := 1; scan.Scan(); n++ {
			if strings.TrimSpace(scan.Text()) != "" {
				reads <- read{text: scan.Text(), line: n}
			}
		}
		err := scan.Err()
		switch {
		case errors.Is(err, bufio.ErrTooLong):
			err = fmt.Errorf("standard input has a line of more than %d bytes: that is too long for a message", maxInput)
		case err == nil:
			err = io.EOF
		}
		reads <- read{err: err}
	}()
	return func() read { return wait(ctx, reads) }
}
