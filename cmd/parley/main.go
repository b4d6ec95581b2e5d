// Command parley serves team chat, and makes accounts and tokens for it. `parley --help` tells the rest.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/parley-chat/parley/internal/config"
)

// commandLine is everything that can be said after "parley".
type commandLine struct {
	Config  config.File `placeholder:"FILE" help:"JSON file with options, by their names; also PARLEY_CONFIG."`
	Serve   serveCmd    `cmd:"" default:"withargs" help:"Serve (the default)."`
	User    userCmd     `cmd:"" help:"Manage accounts; also while the server runs."`
	Token   tokenCmd    `cmd:"" help:"Print an access token of somebody; also while the server runs."`
	Send    sendCmd     `cmd:"" help:"Say something in a room, and tell whether it was stored."`
	Tail    tailCmd     `cmd:"" help:"Print what is said in a room until Ctrl+C."`
	Version versionCmd  `cmd:"" help:"Print the version."`
	Chaos   chaosCmd    `cmd:"" help:"Try to break a server of its own, and tell whether it kept its promises."`
}

// console is where a command reads and writes.
type console struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-signals
		cancel() // shut down in order
		<-signals
		os.Exit(exitAtOnce) // at once: somebody has lost patience
	}()
	os.Exit(run(ctx, os.Args[1:], console{os.Stdin, os.Stdout, os.Stderr}))
}

// The statuses beside 0 to 2: after a second signal, and of a message that may have been stored or not.
const (
	exitAtOnce  = 3
	exitUnknown = 4
)

// run returns the exit status: 0, 1 when a command failed, 2 when it was not understood or, of chaos, could not be carried
// out, 4 when nobody knows whether a message was stored.
func run(ctx context.Context, args []string, c console) int {
	fail := func(code int, err error) int {
		fmt.Fprintln(c.err, "parley: "+harmless(err.Error())) // it may have words of a server's
		return code
	}
	asked := -1 // the status of an end that was asked for, such as by --help
	var line commandLine
	parser, err := kong.New(&line, config.Variables(),
		kong.Name("parley"),
		kong.Description("Team chat in one program. Every option can also be given as a variable PARLEY_OPTION_NAME or in a JSON file; an option beats a variable beats the file."),
		kong.Writers(c.out, c.err),
		kong.Exit(func(code int) { asked = code }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(c),
	)
	if err != nil {
		return fail(2, err)
	}
	parsed, err := parser.Parse(args)
	if asked >= 0 {
		return asked
	}
	if err != nil {
		return fail(2, fmt.Errorf("%w (try: parley --help)", err))
	}
	err = parsed.Run()
	switch {
	case err == nil:
		return 0
	case errors.As(err, new(notMadeError)):
		return fail(2, err)
	case errors.As(err, new(unknownOutcomeError)):
		return fail(exitUnknown, err)
	default:
		return fail(1, err)
	}
}
