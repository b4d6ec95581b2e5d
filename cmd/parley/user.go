package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/parley-chat/parley"
)

type userCmd struct {
	Add userAddCmd `cmd:"" help:"Make an account. The password is the first line of standard input."`
}

type userAddCmd struct {
	Name string `arg:"" help:"Name of the account: 1 to 32 letters, digits, spaces, dots, dashes and underscores."`
	Role string `enum:"owner,moderator,member" default:"member" help:"What they may do: owner, moderator or member. The first account is the owner."`
	Data string `default:"data" type:"path" placeholder:"DIR" help:"Folder of the server."`
}

// maxLine is more than any password may have, so that one that is too long is told so and not cut.
const maxLine = 4096

// Run makes the account.
func (u *userAddCmd) Run(ctx context.Context, c console) error {
	if f, ok := c.in.(*os.File); ok {
		if s, err := f.Stat(); err == nil && s.Mode()&os.ModeCharDevice != 0 {
			fmt.Fprintf(c.err, "Password for %s (it will be visible): ", u.Name)
		}
	}
	password, err := readLine(c.in)
	if err != nil {
		return fmt.Errorf("the password on standard input: %w", err)
	}
	if password == "" {
		return fmt.Errorf("the password is empty: give it on standard input, such as by: parley user add %s < password.txt", u.Name)
	}
	a, err := parley.OpenAdmin(ctx, u.Data, nil)
	if err != nil {
		return err
	}
	account, err := a.AddUser(ctx, u.Name, password, u.Role)
	if err == nil {
		fmt.Fprintf(c.out, "made the account %s (%s)\n", account.Name, account.Role)
	}
	return firstError(err, a.Close())
}

func readLine(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, maxLine)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
