package main

import (
	"context"
	"fmt"
	"time"

	"github.com/parley-chat/parley"
)

type tokenCmd struct {
	Name string        `arg:"" help:"Name of the account."`
	TTL  time.Duration `name:"ttl" default:"15m" placeholder:"DURATION" help:"How long the token is good, such as 24h; at most 720h."`
	Data string        `default:"data" type:"path" placeholder:"DIR" help:"Folder of the server."`
}

// Validate is called by kong after parsing.
func (t *tokenCmd) Validate() error {
	if t.TTL < time.Second || t.TTL > 720*time.Hour {
		return fmt.Errorf("--ttl: %s is not between 1s and 720h", t.TTL)
	}
	return nil
}

// Run prints the token alone, so that it can be used in scripts.
func (t *tokenCmd) Run(ctx context.Context, c console) error {
	a, err := parley.OpenAdmin(ctx, t.Data, nil)
	if err != nil {
		return err
	}
	token, _, err := a.Token(ctx, t.Name, t.TTL)
	if err == nil {
		fmt.Fprintln(c.out, token)
	}
	return firstError(err, a.Close())
}
