package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// TmpfsAvailable says why a Tmpfs cannot be mounted on this machine; nil: it can. It tries it once.
var TmpfsAvailable = sync.OnceValue(func() error {
	if err := tryTmpfs(); err != nil {
		return fmt.Errorf("a tmpfs cannot be mounted here (it takes the right to mount): %w", err)
	}
	return nil
})

func tryTmpfs() error {
	dir, err := os.MkdirTemp("", "parley-tmpfs-")
	if err != nil {
		return err
	}
	t, err := MountTmpfs(filepath.Join(dir, "disk"), 1<<20)
	if err == nil {
		err = t.Unmount()
	}
	return errors.Join(err, os.RemoveAll(dir))
}

// ballastName is the file that takes the room of a Tmpfs.
const ballastName = ".ballast"

// Tmpfs is a real file system in memory, of limited size: the kernel itself says that it is full. It forgets nothing and
// fails in no other way. Its methods may be called at any time and from any goroutine.
type Tmpfs struct {
	dir, backing string

	mu      sync.Mutex
	mounted bool
}

// MountTmpfs mounts an empty one of size bytes at dir, which is made if it is missing.
func MountTmpfs(dir string, size int64) (*Tmpfs, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	t := &Tmpfs{dir: dir, backing: dir + ".backing", mounted: true}
	for _, d := range []string{t.dir, t.backing} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
	}
	if err := unix.Mount("parley-tmpfs", dir, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, fmt.Sprintf("size=%d,mode=0700", size)); err != nil {
		return nil, fmt.Errorf("mounting %s: %w", dir, err)
	}
	return t, nil
}

// Dir returns where the files are seen.
func (t *Tmpfs) Dir() string { return t.dir }

// Backing returns the folder that gets the files at Unmount.
func (t *Tmpfs) Backing() string { return t.backing }

// Full leaves room for so many bytes, in whole pages, by a file that takes the rest; what is truncated or removed makes
// room. A negative number takes the file away.
func (t *Tmpfs) Full(room int64) error {
	path := filepath.Join(t.dir, ballastName)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if room < 0 {
		return nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(t.fill(int(f.Fd()), room), f.Close())
}

// fill gives a file all there is but room. Others may take of it at the same time, so it goes by small steps and tries
// again.
func (t *Tmpfs) fill(fd int, room int64) error {
	var size int64
	for range 1000 {
		var st unix.Statfs_t
		if err := unix.Statfs(t.dir, &st); err != nil {
			return err
		}
		step := min(int64(st.Bavail)*st.Bsize-room, 16<<20) / pageSize * pageSize
		if step <= 0 {
			return nil
		}
		if err := unix.Fallocate(fd, 0, size, step); err == nil {
			size += step
		} else if !errors.Is(err, unix.ENOSPC) && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("filling %s: %w", t.dir, err)
		}
	}
	return fmt.Errorf("%s is not full after 1,000 steps", t.dir)
}

// Unmount copies the files to Backing and ends the file system. Nobody may have files open there.
func (t *Tmpfs) Unmount() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.mounted {
		return nil
	}
	err := errors.Join(t.Full(-1), t.save())
	if err == nil {
		err = unix.Unmount(t.dir, 0)
	}
	if err != nil {
		return fmt.Errorf("%s is still mounted: %w; end what uses it and run: umount -l %s", t.dir, err, t.dir)
	}
	t.mounted = false
	return nil
}

// save copies folders and regular files; sockets mean nothing without who listened.
func (t *Tmpfs) save() error {
	return filepath.WalkDir(t.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(t.dir, path)
		to := filepath.Join(t.backing, name)
		switch {
		case err != nil:
			return err
		case e.IsDir():
			return os.MkdirAll(to, 0o700)
		case !e.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, content, 0o600)
	})
}
