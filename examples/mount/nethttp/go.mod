module github.com/parley-chat/parley/examples/mount/nethttp

go 1.26.0

require github.com/parley-chat/parley v0.0.0-00010101000000-000000000000

replace github.com/parley-chat/parley => ../../..
