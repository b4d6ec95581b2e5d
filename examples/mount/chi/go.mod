module github.com/parley-chat/parley/examples/mount/chi

go 1.26.0

require github.com/parley-chat/parley v0.0.0-00010101000000-000000000000

require github.com/go-chi/chi/v5 v5.5.0

replace github.com/parley-chat/parley => ../../..
