//go:build !linux

package websocket

import (
	"net"
	"syscall"
)

// rawConn is nil here: the connection is read with a buffer of its own and TryWrite leaves everything to Write.
func rawConn(net.Conn) syscall.RawConn { return nil }

func (in *input) readRaw(uintptr) bool { panic("unreachable: there is no raw connection") }

func tryWrite(syscall.RawConn, [][]byte) (int, error) { return 0, nil }
