module github.com/parley-chat/parley/examples/mount/echo

go 1.26.0

require github.com/parley-chat/parley v0.0.0-00010101000000-000000000000

require (
	github.com/labstack/echo/v5 v5.3.1
	golang.org/x/time v0.16.0 // indirect
)

replace github.com/parley-chat/parley => ../../..
