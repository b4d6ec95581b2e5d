package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/parley-chat/parley"
	"github.com/parley-chat/parley/goclient"
)

// remote is how a command reaches a server as somebody. Tokens are in no flag, since everybody on the machine sees those.
type remote struct {
	URL       string `name:"url" default:"http://127.0.0.1:8080" placeholder:"URL" help:"Address of the server, http://127.0.0.1:8080 by default."`
	TokenFile string `type:"path" placeholder:"FILE" help:"File with an access token, which 'parley token' prints. Without it, the variable PARLEY_TOKEN has the token."`
	As        string `placeholder:"NAME" help:"Take no token, but speak as this account of the server on --data, which must run on this machine."`
	Data      string `default:"data" type:"path" placeholder:"DIR" help:"Folder of the server for --as."`
}

// signOutTime is how long a session of --as may take to end.
const signOutTime = 5 * time.Second

// check is for Validate, which kong calls on the command alone.
func (r *remote) check() error {
	if r.As != "" && r.TokenFile != "" {
		return errors.New("--as and --token-file: one of them is enough")
	}
	return nil
}

// connect connects. The caller owes the second result a call.
func (r *remote) connect(ctx context.Context, log *slog.Logger) (*goclient.Client, func(), error) {
	token, err := r.token(ctx)
	if err != nil {
		return nil, nil, err
	}
	client, err := goclient.Connect(ctx, r.URL, goclient.Options{Token: token, Logger: log})
	if err != nil {
		return nil, nil, fmt.Errorf("cannot connect to %s: %w", r.URL, err)
	}
	return client, func() {
		defer client.Close()
		if r.As == "" {
			return
		}
		// The session was made for this run alone. One that is left behind ends by itself in time.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), signOutTime)
		defer cancel()
		_ = client.SignOut(ctx)
	}, nil
}

func (r *remote) token(ctx context.Context) (string, error) {
	switch {
	case r.TokenFile != "":
		text, err := readSome(r.TokenFile, maxToken+2)
		if err != nil {
			return "", fmt.Errorf("--token-file: %w", err)
		}
		return oneToken("--token-file", text)
	case r.As != "":
		if _, err := os.Stat(r.Data); err != nil {
			return "", fmt.Errorf("--data: %w", err)
		}
		a, err := parley.OpenAdmin(ctx, r.Data, nil)
		if err != nil {
			return "", err
		}
		token, _, err := a.Token(ctx, r.As, parley.DefaultTokenTTL)
		return token, firstError(err, a.Close())
	}
	if token := os.Getenv("PARLEY_TOKEN"); token != "" {
		return oneToken("PARLEY_TOKEN", token)
	}
	return "", errors.New("who is speaking? Give a token in the variable PARLEY_TOKEN or with --token-file, or a name with --as on the server's machine")
}

// maxToken is more than any token has, in bytes.
const maxToken = 8192

// readSome reads a file's beginning. It may be a pipe.
func readSome(path string, most int64) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most))
	return string(b), err
}

// oneToken keeps what cannot be a token out of headers. The message does not show it.
func oneToken(from, text string) (string, error) {
	token := strings.TrimSpace(text)
	if token == "" || len(token) > maxToken || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", fmt.Errorf("%s: there is no token in it, or more than that", from)
	}
	return token, nil
}

// because tells the end that a person has asked for from all others.
func because(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return errors.New("interrupted")
	}
	return err
}
