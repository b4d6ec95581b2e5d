package disk

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"golang.org/x/sys/unix"
)

// entry is a change of one or two directories that can be undone.
type entry struct {
	made    *place // something is here that was not
	from    *place // and it was here before
	removed *place // something is not here any more
	limbo   string // but here
}

// place is an entry of a directory.
type place struct {
	dir  *inode
	name string
}

func (p *place) path() string { return p.dir.path(p.name) }

// touches tells whether the change is one of dir.
func (e *entry) touches(dirs map[*inode]bool) bool {
	return e.made != nil && dirs[e.made.dir] || e.from != nil && dirs[e.from.dir] || e.removed != nil && dirs[e.removed.dir]
}

// undo makes the change undone, if all later ones are.
func (e *entry) undo() error {
	switch {
	case e.from != nil:
		if err := os.Rename(e.made.path(), e.from.path()); err != nil {
			return err
		}
	case e.made != nil:
		if err := os.RemoveAll(e.made.path()); err != nil {
			return err
		}
	}
	if e.removed != nil {
		return os.Rename(e.limbo, e.removed.path())
	}
	return nil
}

// made notes a new entry, and returns its inode. The caller holds mu and has just made it.
func (v *volume) made(dir *inode, name string) (*inode, *syscall.Stat_t, syscall.Errno) {
	i, st, errno := v.open(dir, name)
	if errno != 0 {
		return nil, nil, errno
	}
	v.entries = append(v.entries, entry{made: &place{dir, name}})
	return i, st, 0
}

// remove takes an entry away. The caller holds mu.
func (v *volume) remove(p place) (entry, error) {
	i, st, errno := v.open(p.dir, p.name)
	if errno != 0 {
		return entry{}, errno
	}
	if i.attr.Mode == unix.S_IFDIR {
		inside, err := os.ReadDir(i.path(""))
		if err != nil {
			return entry{}, err
		}
		if len(inside) > 0 {
			return entry{}, unix.ENOTEMPTY
		}
	}
	v.limboed++
	limbo := filepath.Join(v.limbo, strconv.Itoa(v.limboed))
	if err := os.Rename(p.path(), limbo); err != nil {
		return entry{}, err
	}
	if i.attr.Mode == unix.S_IFREG && st.Nlink == 1 {
		v.faults.grow(-st.Size)
	}
	return entry{removed: &p, limbo: limbo}, nil
}

// rename moves an entry, over another one if there is one. The caller holds mu.
func (v *volume) rename(from, to place, flags uint32) error {
	if flags&^unix.RENAME_NOREPLACE != 0 {
		return unix.EINVAL
	}
	source, _, errno := v.open(from.dir, from.name)
	if errno != 0 {
		return errno
	}
	e := entry{made: &to, from: &from}
	target, _, errno := v.open(to.dir, to.name)
	switch {
	case errno == unix.ENOENT:
	case errno != 0:
		return errno
	case flags&unix.RENAME_NOREPLACE != 0:
		return unix.EEXIST
	case target == source:
		return nil // two names of one file: rename(2) does nothing
	case target.attr.Mode == unix.S_IFDIR && source.attr.Mode != unix.S_IFDIR:
		return unix.EISDIR
	case target.attr.Mode != unix.S_IFDIR && source.attr.Mode == unix.S_IFDIR:
		return unix.ENOTDIR
	default:
		gone, err := v.remove(to)
		if err != nil {
			return err
		}
		e.removed, e.limbo = gone.removed, gone.limbo
	}
	if err := os.Rename(from.path(), to.path()); err != nil {
		if e.removed != nil {
			err = errors.Join(err, os.Rename(e.limbo, e.removed.path()))
		}
		return err
	}
	v.entries = append(v.entries, e)
	return nil
}

// syncEntries makes all changes of a directory durable. A rename between two directories is one change, so it brings with
// it what happened in the other one before.
func (v *volume) syncEntries(dir *inode) error {
	dirs := map[*inode]bool{dir: true}
	var left []entry
	var err error
	for n := len(v.entries) - 1; n >= 0; n-- {
		e := v.entries[n]
		if !e.touches(dirs) {
			left = append(left, e)
			continue
		}
		for _, p := range []*place{e.made, e.from, e.removed} {
			if p != nil {
				dirs[p.dir] = true
			}
		}
		if e.removed != nil {
			err = errors.Join(err, os.RemoveAll(e.limbo))
		}
	}
	for a, b := 0, len(left)-1; a < b; a, b = a+1, b-1 {
		left[a], left[b] = left[b], left[a]
	}
	v.entries = left
	return err
}

// crashEntries undoes the latest changes of directories, as many as rng says.
func (v *volume) crashEntries(rng *rand.Rand, loss *Loss) error {
	keep := rng.IntN(len(v.entries) + 1)
	loss.Entries, loss.EntriesKept = len(v.entries)-keep, keep
	for n := len(v.entries) - 1; n >= keep; n-- {
		if err := v.entries[n].undo(); err != nil {
			return err
		}
	}
	return nil
}

// make carries out a call that makes an entry, and notes it.
func (v *volume) make(dir *inode, name string, call func(path string) error) (*inode, *syscall.Stat_t, syscall.Errno) {
	if errno := v.begin(); errno != 0 {
		return nil, nil, errno
	}
	defer v.mu.Unlock()
	if err := call(dir.path(name)); err != nil {
		return nil, nil, fs.ToErrno(err)
	}
	return v.made(dir, name)
}
