// Package web is the page that people see in a browser, as it was built into dist. `npm run build` in this folder makes it
// anew; what it makes is committed, so that building the server needs Go alone.
package web

import (
	"embed"
	"io/fs"
)

// all: the names of some chunks begin with an underscore.
//
//go:embed all:dist
var files embed.FS

// Dist returns the built page: index.html, the files that it loads under assets, and what lies beside it.
func Dist() fs.FS {
	dist, err := fs.Sub(files, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path
	}
	return dist
}
