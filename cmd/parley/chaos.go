package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/parley-chat/parley/internal/chaos"
)

type chaosCmd struct {
	Seconds float64  `default:"60" help:"How long there are faults."`
	Seed    uint64   `help:"Plan of the faults; drawn and printed if left out. It repeats the plan, not how the machine schedules processes."`
	Senders int      `default:"12" help:"Clients that send."`
	Readers int      `default:"6" help:"Clients that only read."`
	Rooms   int      `default:"4" help:"Rooms they do it in."`
	Faults  []string `default:"all" placeholder:"NAME" help:"What is done: all, none, or names separated by commas, which docs/chaos.md explains."`
	Binary  string   `type:"path" placeholder:"FILE" help:"Program to start as server; this one by default."`
	Disk    string   `enum:"auto,fuse,tmpfs,none" default:"auto" help:"What the data lies on: fuse, where the disk can fail in all ways; tmpfs, where it can be full; none; or what this machine allows (auto)."`
	Dir     string   `type:"path" placeholder:"DIR" help:"Empty folder for the history; one that is removed when all is well, by default."`
	Keep    bool     `help:"Keep the history also when all is well."`
	JSON    bool     `name:"json" help:"Print the report as JSON."`
	Judge   string   `type:"path" placeholder:"DIR" help:"Make no run: judge the history in this folder again, also one of a run that was cut off."`
	Quiet   bool     `help:"Do not tell of faults as they happen."`
}

// errBroken has been explained by the report.
var errBroken = errors.New("a promise was broken")

// notMadeError is the error of a run that could not be made: it says nothing about the server.
type notMadeError struct{ error }

// Run makes a run against a server of its own, or judges one again.
func (x *chaosCmd) Run(ctx context.Context, c console) error {
	report, err := x.report(ctx, c)
	if err != nil {
		return notMadeError{err}
	}
	if x.JSON {
		out := json.NewEncoder(c.out)
		out.SetIndent("", "  ")
		err = out.Encode(report)
	} else {
		report.Print(c.out)
	}
	switch {
	case err != nil:
		return notMadeError{err}
	case !report.Held():
		return errBroken
	}
	return nil
}

func (x *chaosCmd) report(ctx context.Context, c console) (*chaos.Report, error) {
	if x.Judge != "" {
		return chaos.Judge(x.Judge)
	}
	binary := x.Binary
	if binary == "" {
		own, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("which program to start is not known: %w: name it with --binary", err)
		}
		binary = own
	}
	log := c.err
	if x.Quiet {
		log = io.Discard
	}
	return chaos.Run(ctx, chaos.Options{
		Binary: binary, Length: time.Duration(x.Seconds * float64(time.Second)), Seed: x.Seed, Senders: x.Senders, Readers: x.Readers, Rooms: x.Rooms,
		Faults: x.Faults, Disk: x.Disk, Dir: x.Dir, Keep: x.Keep, Log: log,
	})
}
