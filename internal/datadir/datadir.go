// Package datadir is the folder a server keeps everything in: the database, the key that signs tokens, the lock that
// keeps a second server out, and the note where a running server's command socket is.
//
// The invariant: whoever holds a *Dir is the only one who may open the database in it. The lock belongs to the open
// file, so it ends with the process however that dies, and a lock file left behind means nothing.
package datadir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Names inside the folder.
const (
	lockName   = "parley.lock"
	dbName     = "parley.db"
	keyName    = "token.key"
	socketName = "socket"

	picturesName = "pictures"
)

// InUseError says that another process holds the folder.
type InUseError struct {
	Path string
	PID  int // 0 when it could not be read
}

func (e *InUseError) Error() string {
	who := "another process"
	if e.PID > 0 {
		who = "the process " + strconv.Itoa(e.PID)
	}
	return fmt.Sprintf("the data folder %s is in use by %s: stop that one, or give this one a folder of its own with --data", e.Path, who)
}

// Dir is a locked data folder.
type Dir struct {
	path string
	lock *os.File
}

// Open makes the folder if it is missing, readable by its owner alone, and locks it. The error is *InUseError when
// another process has it, and otherwise says what stands in the way.
func Open(path string) (*Dir, error) {
	if err := makeDurably(path); err != nil {
		return nil, fmt.Errorf("cannot make the data folder %s: %w: choose another with --data", path, cause(err))
	}
	lock, err := os.OpenFile(filepath.Join(path, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot write in the data folder %s: %w: make it writable for this user, or choose another with --data", path, cause(err))
	}
	if err := flock(lock); err != nil {
		defer lock.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, &InUseError{Path: path, PID: readPID(lock)}
		}
		return nil, fmt.Errorf("cannot lock %s: %w: the data folder must be on a file system with locks", lock.Name(), cause(err))
	}
	d := &Dir{path: path, lock: lock}
	if err := d.writePID(); err != nil {
		_ = d.Close()
		return nil, fmt.Errorf("cannot write in the data folder %s: %w", path, cause(err))
	}
	return d, nil
}

// makeDurably makes the folder at path, and those above it that are missing. What is synced in a folder is lost all the
// same if a power cut takes the folder's own entry, so the folder above is synced at every start: the one before may have
// died in between.
func makeDurably(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	above := []string{filepath.Dir(path)}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); err == nil || !errors.Is(err, os.ErrNotExist) {
			break
		}
		above = append(above, filepath.Dir(dir))
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	for _, dir := range above {
		if err := syncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

// syncDir puts a folder's entries on disk. One that this user may not read is left alone, and so is a file system that
// cannot do it.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if errors.Is(err, os.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOTSUP) {
		return err
	}
	return nil
}

func flock(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

func (d *Dir) writePID() error {
	if err := d.lock.Truncate(0); err != nil {
		return err
	}
	_, err := d.lock.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

func readPID(lock *os.File) int {
	var b [20]byte
	n, _ := lock.ReadAt(b[:], 0)
	pid, err := strconv.Atoi(strings.TrimSpace(string(b[:n])))
	if err != nil || pid < 1 {
		return 0
	}
	return pid
}

// Path returns the folder as it was given.
func (d *Dir) Path() string { return d.path }

// Database returns the path of the database.
func (d *Dir) Database() string { return filepath.Join(d.path, dbName) }

// Pictures returns the path of the folder for pictures of people. It need not be there.
func (d *Dir) Pictures() string { return filepath.Join(d.path, picturesName) }

// Close lets go of the folder. It may be called more than once.
func (d *Dir) Close() error {
	err := d.lock.Close()
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// cause takes the path and the system call out of a file error, for messages that name the path themselves.
func cause(err error) error {
	if p := (*os.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}
