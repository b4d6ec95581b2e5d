package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/parley-chat/parley"
)

type userCmd struct {
	Add     userAddCmd     `cmd:"" help:"Make an account. The password is asked for, or is the first line of standard input."`
	List    userListCmd    `cmd:"" help:"List the accounts."`
	Passwd  userPasswdCmd  `cmd:"" help:"Give somebody another password, which ends all of their sessions. It is asked for, or is the first line of standard input."`
	Disable userDisableCmd `cmd:"" help:"Disable an account, which ends all of its sessions."`
	Enable  userEnableCmd  `cmd:"" help:"Enable an account again."`
}

// dataFolder is the flag that says on which folder a command works.
type dataFolder struct {
	Data string `default:"data" type:"path" placeholder:"DIR" help:"Folder of the server."`
}

// with opens the folder, or finds the server on it, for one command.
func (d dataFolder) with(ctx context.Context, do func(*parley.Admin) error) error {
	a, err := parley.OpenAdmin(ctx, d.Data, nil)
	if err != nil {
		return err
	}
	return firstError(do(a), a.Close())
}

type userAddCmd struct {
	Name string `arg:"" help:"Name of the account: 1 to 32 letters, digits, spaces, dots, dashes and underscores."`
	Role string `enum:"owner,moderator,member" default:"member" help:"What they may do: owner, moderator or member. The first account is the owner."`
	dataFolder
}

// Run makes the account.
func (u *userAddCmd) Run(ctx context.Context, c console) error {
	password, err := c.newPassword(ctx, u.Name, "add")
	if err != nil {
		return err
	}
	return u.with(ctx, func(a *parley.Admin) error {
		account, err := a.AddUser(ctx, u.Name, password, u.Role)
		if err == nil {
			fmt.Fprintf(c.out, "made the account %s (%s)\n", account.Name, account.Role)
		}
		return err
	})
}

type userListCmd struct {
	dataFolder
}

// Run prints a table.
func (u *userListCmd) Run(ctx context.Context, c console) error {
	return u.with(ctx, func(a *parley.Admin) error {
		accounts, err := a.Users(ctx)
		if err != nil {
			return err
		}
		if len(accounts) == 0 {
			fmt.Fprintln(c.out, "there are no accounts yet: make one by: parley user add NAME")
			return nil
		}
		return printAccounts(c.out, accounts)
	})
}

func printAccounts(out io.Writer, accounts []parley.AccountStatus) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tROLE\tSTATE\tSESSIONS\tLAST SEEN")
	for _, a := range accounts {
		state, seen := "active", "-"
		if a.Disabled {
			state = "disabled"
		}
		if !a.LastSeen.IsZero() {
			seen = a.LastSeen.Local().Format(time.DateTime)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", a.Name, a.Role, state, a.Sessions, seen)
	}
	return w.Flush()
}

type userPasswdCmd struct {
	Name string `arg:"" help:"Name of the account."`
	dataFolder
}

// Run replaces the password.
func (u *userPasswdCmd) Run(ctx context.Context, c console) error {
	password, err := c.newPassword(ctx, u.Name, "passwd")
	if err != nil {
		return err
	}
	return u.with(ctx, func(a *parley.Admin) error {
		account, err := a.SetPassword(ctx, u.Name, password)
		if err == nil {
			fmt.Fprintf(c.out, "changed the password of %s; all of their sessions have ended\n", account.Name)
		}
		return err
	})
}

type userDisableCmd struct {
	Name string `arg:"" help:"Name of the account."`
	dataFolder
}

// Run disables the account.
func (u *userDisableCmd) Run(ctx context.Context, c console) error {
	return u.with(ctx, func(a *parley.Admin) error {
		account, err := a.SetDisabled(ctx, u.Name, true)
		if err == nil {
			fmt.Fprintf(c.out, "disabled the account %s; all of its sessions have ended\n", account.Name)
		}
		return err
	})
}

type userEnableCmd struct {
	Name string `arg:"" help:"Name of the account."`
	dataFolder
}

// Run enables the account.
func (u *userEnableCmd) Run(ctx context.Context, c console) error {
	return u.with(ctx, func(a *parley.Admin) error {
		account, err := a.SetDisabled(ctx, u.Name, false)
		if err == nil {
			fmt.Fprintf(c.out, "enabled the account %s\n", account.Name)
		}
		return err
	})
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
