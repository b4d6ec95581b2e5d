// Package names decides what people may be called and when two names are too alike.
//
// Names are compared by their skeleton: NFKC, case folding, then the confusables of Unicode Technical Standard 39, so that
// "Ann", "ANN" and "Аnn" with a Cyrillic А are one name. Skeletons are never shown. A stored skeleton depends on the
// table here, so a change of the table is a migration.
//
// The table is made from Unicode's file of 700 KB, which is not kept here and changes once a year; `go generate` has nothing
// to do with it: go run ./gen -in confusables.txt -out confusables.go
package names
