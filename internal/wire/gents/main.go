// Command gents writes the frames of internal/wire as TypeScript, for the client package. The file is committed and
// compared by `make generate-check`, so that a field cannot be in one and not in the other.
//
//	go run ./internal/wire/gents [-from FOLDER] [-o FILE]
package main

import (
	"flag"
	"fmt"
	"os"
)

//go:generate go run . -from .. -o ../../../client/src/wire.ts

func main() {
	from := flag.String("from", "internal/wire", "the `folder` of the package that has the frames")
	out := flag.String("o", "client/src/wire.ts", "the `file` to write")
	flag.Parse()
	if err := run(*from, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gents:", err)
		os.Exit(1)
	}
}

func run(from, out string) error {
	pkg, err := read(from)
	if err != nil {
		return err
	}
	text, err := pkg.typescript()
	if err != nil {
		return err
	}
	return os.WriteFile(out, text, 0o644)
}
