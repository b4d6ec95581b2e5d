package websocket

import (
	"net"
	"os"
	"sync"
	"syscall"
	"unsafe"
)

// rawConn returns the descriptor of a plain stream socket, or nil. A type that wraps one must not be bypassed, so the
// types are exact.
func rawConn(nc net.Conn) syscall.RawConn {
	var rc syscall.RawConn
	var err error
	switch nc := nc.(type) {
	case *net.TCPConn:
		rc, err = nc.SyscallConn()
	case *net.UnixConn:
		rc, err = nc.SyscallConn()
	}
	if err != nil {
		return nil
	}
	return rc
}

// readRaw reads once, which takes what is there and never waits; false means that nothing is. Only then is the reader
// parked, so it holds no buffer while it is.
func (in *input) readRaw(fd uintptr) bool {
	in.buf = buffers.Get().(*[bufferSize]byte)
	for {
		n, err := syscall.Read(int(fd), in.buf[:])
		switch err {
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
			in.release()
			return false
		}
		in.n, in.err = max(n, 0), nil
		if err != nil {
			in.err = os.NewSyscallError("read", err)
		}
		return true
	}
}

// maxIOV is Linux's IOV_MAX.
const maxIOV = 1024

// vector is one writev call. It lives in a pool, with its callback, so that a write allocates nothing.
type vector struct {
	iov   [maxIOV]syscall.Iovec
	count int
	bytes int
	n     int
	errno syscall.Errno
	fn    func(fd uintptr) bool
}

var vectors = sync.Pool{New: func() any {
	v := &vector{}
	v.fn = v.write
	return v
}}

func (v *vector) write(fd uintptr) bool {
	for {
		n, _, errno := syscall.Syscall(syscall.SYS_WRITEV, fd, uintptr(unsafe.Pointer(&v.iov[0])), uintptr(v.count))
		if errno == syscall.EINTR {
			continue
		}
		v.n, v.errno = int(n), errno
		return true // also when nothing went: the caller does not wait
	}
}

// fill takes the first buffers that fit one call, and returns the rest.
func (v *vector) fill(bufs [][]byte) [][]byte {
	v.count, v.bytes = 0, 0
	for len(bufs) > 0 && v.count < maxIOV {
		if b := bufs[0]; len(b) > 0 {
			v.iov[v.count].Base = &b[0]
			v.iov[v.count].SetLen(len(b))
			v.count++
			v.bytes += len(b)
		}
		bufs = bufs[1:]
	}
	return bufs
}

// tryWrite: see Conn.TryWrite.
func tryWrite(rc syscall.RawConn, bufs [][]byte) (total int, err error) {
	v := vectors.Get().(*vector)
	for len(bufs) > 0 {
		used := v.count
		bufs = v.fill(bufs)
		if used > v.count {
			clear(v.iov[v.count:used])
		}
		if v.count == 0 {
			break
		}
		v.n, v.errno = 0, 0
		if err = rc.Write(v.fn); err != nil {
			break
		}
		if v.errno != 0 {
			if v.errno != syscall.EAGAIN {
				err = os.NewSyscallError("writev", v.errno)
			}
			break
		}
		total += v.n
		if v.n < v.bytes {
			break
		}
	}
	clear(v.iov[:v.count]) // the pool must not keep frames alive
	v.count = 0
	vectors.Put(v)
	return total, err
}
