package main

import (
	"fmt"
	"runtime"

	"github.com/parley-chat/parley"
)

type versionCmd struct{}

// Run prints the version and what it was built with.
func (versionCmd) Run(c console) error {
	fmt.Fprintf(c.out, "parley %s %s %s/%s\n", parley.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
