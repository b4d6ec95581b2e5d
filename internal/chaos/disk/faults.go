package disk

import "sync"

// faults are the calls that are to fail. Its zero value lets all succeed but has no room; see newFaults.
type faults struct {
	mu         sync.Mutex
	failSync   int // calls until it happens; 0: never
	failWrite  int
	shortWrite int
	room       int64 // bytes that files may still grow by; negative: no limit
	lie        bool
	syncs      int // calls so far
	writes     int
}

func newFaults() *faults { return &faults{room: -1} }

// FailSync makes the n-th fsync from now fail with EIO, of a file or a directory. 0 takes that back. As on Linux, the
// pages that were to be written count as written from then on: they can still be read, the next fsync succeeds, and a
// Crash loses them for certain.
//
// Files that end in -shm take no part in FailSync, FailWrite and ShortWrite: SQLite maps them, and the kernel writes them
// when it likes.
func (f *faults) FailSync(n int) { f.set(func() { f.failSync = n }) }

// FailWrite makes the n-th write from now fail with EIO. 0 takes that back.
func (f *faults) FailWrite(n int) { f.set(func() { f.failWrite = n }) }

// ShortWrite makes the n-th write from now, of those of two bytes and more, write half of what it was given. 0 takes that
// back.
func (f *faults) ShortWrite(n int) { f.set(func() { f.shortWrite = n }) }

// Full leaves room for so many bytes, counted by the sizes of files; what is truncated or removed makes room. A write
// that does not fit is cut short, and fails with ENOSPC when nothing fits. A negative number takes the limit away. There is
// never an error.
func (f *faults) Full(bytes int64) error {
	f.set(func() { f.room = bytes })
	return nil
}

// LieOnSync makes every fsync succeed and do nothing.
func (f *faults) LieOnSync(on bool) { f.set(func() { f.lie = on }) }

// Calls returns how many calls of fsync and of write FailSync, FailWrite and ShortWrite have counted so far.
func (f *faults) Calls() (syncs, writes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.syncs, f.writes
}

func (f *faults) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// due counts down and says whether the time has come.
func due(n *int) bool {
	if *n <= 0 {
		return false
	}
	*n--
	return *n == 0
}

// onSync says what becomes of an fsync.
func (f *faults) onSync() (fail, lie bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.syncs++
	return due(&f.failSync), f.lie
}

// onWrite says what becomes of a write of n bytes: whether it fails, and otherwise how many bytes it writes.
func (f *faults) onWrite(n int) (fail bool, short int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.writes++
	if due(&f.failWrite) {
		return true, 0
	}
	if n > 1 && due(&f.shortWrite) {
		n /= 2
	}
	return false, n
}

// grow takes room for a file to grow by, or gives it back, and returns how much was granted.
func (f *faults) grow(by int64) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.room < 0 {
		return by
	}
	by = min(by, f.room)
	f.room -= by
	return by
}

// left is the room that is left; negative: no limit.
func (f *faults) left() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.room
}
