package disk

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"golang.org/x/sys/unix"
)

const pageSize = 4096

var cached = time.Minute

// volume is a file system from one mounting to its end. The backing folder always holds what can be read now; the volume
// remembers what a crash would bring back.
type volume struct {
	dir    string
	limbo  string // a folder for what was removed and may come back
	faults *faults
	root   *inode
	served chan struct{} // closed when nothing is served any more

	mu      sync.Mutex
	dead    bool
	inodes  map[uint64]*inode // by number in the backing folder. Their descriptors keep the numbers from being used again
	changed int               // how many files have been given an inode.number
	entries []entry           // changes of directories that are not synced, the oldest first
	limboed int               // how many things were moved to limbo
}

// inode is a file, directory or whatever else in the backing folder.
type inode struct {
	fd   int // of a regular file: for reading and writing; otherwise O_PATH
	attr fs.StableAttr
	shm  bool // one of SQLite's, see faults.FailSync

	// Of a regular file, under volume.mu.
	number int   // by which files are in order; 0: never changed
	synced int64 // the size at the last fsync
	low    int64 // the least size since
	pages  map[int64]page
}

// page is what a page held at the last fsync, as far as the file reached then.
type page struct {
	old  []byte
	lost bool // an fsync has failed since: it is not written, and no other fsync will write it
}

func newVolume(dir, backing string, f *faults) (*volume, error) {
	limbo, err := os.MkdirTemp(filepath.Dir(backing), "."+filepath.Base(backing)+"-limbo-")
	if err != nil {
		return nil, err
	}
	v := &volume{dir: dir, limbo: limbo, faults: f, inodes: map[uint64]*inode{}, served: make(chan struct{})}
	fd, err := unix.Open(backing, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", backing, err), os.Remove(limbo))
	}
	v.root = &inode{fd: fd, attr: fs.StableAttr{Mode: unix.S_IFDIR}}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, errors.Join(err, v.close())
	}
	v.inodes[st.Ino] = v.root
	return v, nil
}

// stop makes every call from now on fail.
func (v *volume) stop() {
	v.mu.Lock()
	v.dead = true
	v.mu.Unlock()
}

// unmount takes the file system off its folder and waits until nothing is served any more.
func (v *volume) unmount(flags int) error {
	if err := unix.Unmount(v.dir, flags); err != nil {
		return fmt.Errorf("%s is still mounted: %w; end what uses it and run: umount -l %s", v.dir, err, v.dir)
	}
	<-v.served
	return nil
}

// close forgets what a crash would bring back. Nothing is served any more.
func (v *volume) close() error {
	var err error
	for _, i := range v.inodes {
		err = errors.Join(err, unix.Close(i.fd))
	}
	v.inodes = nil
	return errors.Join(err, os.RemoveAll(v.limbo))
}

// begin locks the volume for a change; the caller unlocks it unless there is an error.
func (v *volume) begin() syscall.Errno {
	v.mu.Lock()
	if v.dead {
		v.mu.Unlock()
		return unix.EIO
	}
	return 0
}

// open returns the inode of an entry, and its attributes. The caller holds mu.
func (v *volume) open(dir *inode, name string) (*inode, *syscall.Stat_t, syscall.Errno) {
	path := dir.path(name)
	var st syscall.Stat_t
	if err := syscall.Lstat(path, &st); err != nil {
		return nil, nil, fs.ToErrno(err)
	}
	if i := v.inodes[st.Ino]; i != nil {
		return i, &st, 0
	}
	flags := unix.O_PATH
	if st.Mode&unix.S_IFMT == unix.S_IFREG {
		flags = unix.O_RDWR
	}
	fd, err := unix.Open(path, flags|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fs.ToErrno(err)
	}
	i := &inode{
		fd: fd, attr: fs.StableAttr{Mode: st.Mode & unix.S_IFMT, Ino: st.Ino}, shm: strings.HasSuffix(name, "-shm"),
		synced: st.Size, low: st.Size, pages: map[int64]page{},
	}
	v.inodes[st.Ino] = i
	return i, &st, 0
}

// path is a way to the inode, or to an entry of it, that does not depend on what it is called now.
func (i *inode) path(name string) string {
	return strings.TrimSuffix(fmt.Sprintf("/proc/self/fd/%d/%s", i.fd, name), "/")
}

func (i *inode) size() (int64, error) {
	var st unix.Stat_t
	err := unix.Fstat(i.fd, &st)
	return st.Size, err
}

// write writes and returns how much of it.
func (v *volume) write(i *inode, data []byte, off int64) (int, syscall.Errno) {
	if errno := v.begin(); errno != 0 {
		return 0, errno
	}
	defer v.mu.Unlock()
	if !i.shm {
		fail, n := v.faults.onWrite(len(data))
		if fail {
			return 0, unix.EIO
		}
		data = data[:n]
	}
	size, err := i.size()
	if err != nil {
		return 0, fs.ToErrno(err)
	}
	if grow := off + int64(len(data)) - size; grow > 0 {
		missing := grow - v.faults.grow(grow)
		if missing >= int64(len(data)) {
			v.faults.grow(missing - grow)
			return 0, unix.ENOSPC
		}
		data = data[:int64(len(data))-missing]
	}
	if len(data) == 0 {
		return 0, 0
	}
	for p := off / pageSize; p*pageSize < off+int64(len(data)); p++ {
		if err := v.remember(i, p); err != nil {
			return 0, fs.ToErrno(err)
		}
		i.pages[p] = page{old: i.pages[p].old} // what was lost by a failed fsync is there to be written once more
	}
	for done := 0; done < len(data); {
		n, err := unix.Pwrite(i.fd, data[done:], off+int64(done))
		if err != nil {
			return done, fs.ToErrno(err)
		}
		done += n
	}
	return len(data), 0
}

// remember keeps what page p held at the last fsync, unless that is kept already.
func (v *volume) remember(i *inode, p int64) error {
	v.touch(i)
	if _, ok := i.pages[p]; ok {
		return nil
	}
	var old []byte
	if from, to := p*pageSize, min((p+1)*pageSize, i.synced); to > from {
		old = make([]byte, to-from)
		if err := readFull(i.fd, old, from); err != nil {
			return err
		}
	}
	i.pages[p] = page{old: old}
	return nil
}

func readFull(fd int, b []byte, off int64) error {
	for len(b) > 0 {
		n, err := unix.Pread(fd, b, off)
		if err != nil {
			return err
		}
		if n == 0 {
			return io.ErrUnexpectedEOF
		}
		b, off = b[n:], off+int64(n)
	}
	return nil
}

// touch gives the file its place in the order in which files were changed first.
func (v *volume) touch(i *inode) {
	if i.number == 0 {
		v.changed++
		i.number = v.changed
	}
}

// truncate sets the size. The caller holds mu.
func (v *volume) truncate(i *inode, size int64) syscall.Errno {
	was, err := i.size()
	if err != nil {
		return fs.ToErrno(err)
	}
	if granted := v.faults.grow(size - was); granted < size-was {
		v.faults.grow(-granted)
		return unix.ENOSPC
	}
	v.touch(i)
	for p := size / pageSize; p*pageSize < i.synced; p++ {
		if err := v.remember(i, p); err != nil {
			return fs.ToErrno(err)
		}
	}
	i.low = min(i.low, size)
	return fs.ToErrno(unix.Ftruncate(i.fd, size))
}

// sync is fsync of a file or a directory.
func (v *volume) sync(i *inode) syscall.Errno {
	if errno := v.begin(); errno != 0 {
		return errno
	}
	defer v.mu.Unlock()
	if !i.shm {
		fail, lie := v.faults.onSync()
		if fail {
			for p, kept := range i.pages {
				i.pages[p] = page{old: kept.old, lost: true}
			}
			return unix.EIO
		}
		if lie {
			return 0
		}
	}
	if i.attr.Mode == unix.S_IFDIR {
		return fs.ToErrno(v.syncEntries(i))
	}
	size, err := i.size()
	if err != nil {
		return fs.ToErrno(err)
	}
	for p, kept := range i.pages {
		if !kept.lost {
			delete(i.pages, p)
			continue
		}
		if from := p * pageSize; i.low < from+int64(len(kept.old)) { // the truncation is durable, for a lost page too
			kept.old = kept.old[:max(i.low-from, 0)]
			i.pages[p] = kept
		}
	}
	i.synced, i.low = size, size
	return 0
}

// crash makes the backing folder what a power cut at the moment of stop leaves. Nothing is served any more.
func (v *volume) crash(rng *rand.Rand) (Loss, error) {
	var loss Loss
	if err := v.crashEntries(rng, &loss); err != nil {
		return loss, err
	}
	var files []*inode
	for _, i := range v.inodes {
		if i.number > 0 {
			files = append(files, i)
		}
	}
	slices.SortFunc(files, func(a, b *inode) int { return cmp.Compare(a.number, b.number) })
	for _, i := range files {
		if err := i.crash(rng, &loss); err != nil {
			return loss, err
		}
	}
	return loss, nil
}

// chance is how likely it is that a page of a file is kept: often all or nothing, as a cache is written back or not.
func chance(rng *rand.Rand) float64 {
	switch rng.IntN(4) {
	case 0:
		return 0
	case 1:
		return 1
	}
	return rng.Float64()
}

// crash loses some of a file's changes.
func (i *inode) crash(rng *rand.Rand, loss *Loss) error {
	size, err := i.size()
	if err != nil {
		return err
	}
	keep, final, sizeLost := chance(rng), size, false
	truncated := i.low < i.synced
	if truncated || size != i.synced {
		if sizeLost = rng.Float64() >= keep; sizeLost {
			loss.Sizes++
			final = i.synced
		} else {
			loss.SizesKept++
		}
	}
	numbers := slices.Sorted(maps.Keys(i.pages))
	for _, p := range numbers {
		from, kept := p*pageSize, i.pages[p]
		// With a lost truncation comes back what it had cut off; with a lost size goes what was written beyond it.
		undone := sizeLost && (from >= final || truncated && from+pageSize > i.low)
		if !undone && !kept.lost && rng.Float64() < keep {
			loss.PagesKept++
			continue
		}
		loss.Pages++
		content := make([]byte, pageSize)
		copy(content, kept.old)
		if truncated && !sizeLost {
			clear(content[min(max(i.low-from, 0), pageSize):])
		}
		content = content[:min(max(final-from, 0), pageSize)]
		if _, err := unix.Pwrite(i.fd, content, from); err != nil {
			return err
		}
	}
	return unix.Ftruncate(i.fd, final)
}
