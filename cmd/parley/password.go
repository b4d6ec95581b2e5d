package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// maxLine is more than any password may have, so that one that is too long is told so and not cut.
const maxLine = 4096

// newPassword asks for a password twice, without showing it, when a person sits there; else it is the first line of
// standard input. command is what the user is told to type when it is missing.
func (c console) newPassword(ctx context.Context, name, command string) (string, error) {
	password, err := c.askPassword(ctx, name)
	switch {
	case err != nil:
		return "", fmt.Errorf("the password on standard input: %w", err)
	case password == "":
		return "", fmt.Errorf("the password is empty: give it on standard input, such as by: parley user %s %s < password.txt", command, name)
	}
	return password, nil
}

func (c console) askPassword(ctx context.Context, name string) (string, error) {
	f, ok := c.in.(*os.File)
	if !ok {
		return readLine(c.in)
	}
	fd := int(f.Fd())
	if !term.IsTerminal(fd) {
		return readLine(c.in)
	}
	first, err := c.hidden(ctx, fd, "Password for "+name+": ")
	if err != nil || first == "" {
		return "", err
	}
	again, err := c.hidden(ctx, fd, "The same again: ")
	if err == nil && again != first {
		err = errors.New("the two are not the same")
	}
	return first, err
}

// hidden reads a line from a terminal that does not show it. When ctx ends first, the terminal is put right again; the
// read cannot be broken off and ends with the process.
func (c console) hidden(ctx context.Context, fd int, prompt string) (string, error) {
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	type line struct {
		text []byte
		err  error
	}
	read := make(chan line, 1)
	fmt.Fprint(c.err, prompt)
	go func() {
		text, err := term.ReadPassword(fd)
		read <- line{text, err}
	}()
	defer fmt.Fprintln(c.err) // the one that was typed is not shown either
	select {
	case l := <-read:
		if l.err != nil && !errors.Is(l.err, io.EOF) {
			return "", l.err
		}
		return string(l.text), nil
	case <-ctx.Done():
		return "", errors.Join(errors.New("interrupted"), term.Restore(fd, before))
	}
}

func readLine(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, maxLine)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
}
