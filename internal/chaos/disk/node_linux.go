package disk

import (
	"context"
	"errors"
	"os"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// node is what go-fuse calls for an inode. It has no file handles: everything goes through the inode's own descriptor.
type node struct {
	fs.Inode
	v *volume
	i *inode
}

var (
	_ fs.NodeLookuper   = (*node)(nil)
	_ fs.NodeReaddirer  = (*node)(nil)
	_ fs.NodeGetattrer  = (*node)(nil)
	_ fs.NodeSetattrer  = (*node)(nil)
	_ fs.NodeStatfser   = (*node)(nil)
	_ fs.NodeOpener     = (*node)(nil)
	_ fs.NodeReader     = (*node)(nil)
	_ fs.NodeWriter     = (*node)(nil)
	_ fs.NodeFsyncer    = (*node)(nil)
	_ fs.NodeCreater    = (*node)(nil)
	_ fs.NodeMkdirer    = (*node)(nil)
	_ fs.NodeMknoder    = (*node)(nil)
	_ fs.NodeSymlinker  = (*node)(nil)
	_ fs.NodeReadlinker = (*node)(nil)
	_ fs.NodeLinker     = (*node)(nil)
	_ fs.NodeUnlinker   = (*node)(nil)
	_ fs.NodeRmdirer    = (*node)(nil)
	_ fs.NodeRenamer    = (*node)(nil)
)

// answer is the answer of a call that finds or makes an entry.
func (n *node) answer(ctx context.Context, i *inode, st *syscall.Stat_t, errno syscall.Errno, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	if errno != 0 {
		return nil, errno
	}
	out.FromStat(st)
	return n.NewInode(ctx, &node{v: n.v, i: i}, i.attr), 0
}

// Lookup finds an entry.
func (n *node) Lookup(ctx context.Context, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	if errno := n.v.begin(); errno != 0 {
		return nil, errno
	}
	defer n.v.mu.Unlock()
	i, st, errno := n.v.open(n.i, name)
	return n.answer(ctx, i, st, errno, out)
}

// Readdir lists the entries.
func (n *node) Readdir(context.Context) (fs.DirStream, syscall.Errno) {
	return fs.NewLoopbackDirStream(n.i.path(""))
}

// Getattr is stat.
func (n *node) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	var st syscall.Stat_t
	if err := syscall.Fstat(n.i.fd, &st); err != nil {
		return fs.ToErrno(err)
	}
	out.FromStat(&st)
	return 0
}

// Setattr changes size, mode, owner and times.
func (n *node) Setattr(ctx context.Context, f fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	if errno := n.v.begin(); errno != 0 {
		return errno
	}
	errno := n.change(in)
	n.v.mu.Unlock()
	if errno != 0 {
		return errno
	}
	return n.Getattr(ctx, f, out)
}

func (n *node) change(in *fuse.SetAttrIn) syscall.Errno {
	path := n.i.path("")
	if mode, ok := in.GetMode(); ok {
		if err := unix.Chmod(path, mode&0o7777); err != nil {
			return fs.ToErrno(err)
		}
	}
	uid, changeUID := in.GetUID()
	gid, changeGID := in.GetGID()
	if changeUID || changeGID {
		u, g := -1, -1
		if changeUID {
			u = int(uid)
		}
		if changeGID {
			g = int(gid)
		}
		if err := unix.Fchownat(n.i.fd, "", u, g, unix.AT_EMPTY_PATH); err != nil {
			return fs.ToErrno(err)
		}
	}
	if size, ok := in.GetSize(); ok {
		if errno := n.v.truncate(n.i, int64(size)); errno != 0 {
			return errno
		}
	}
	accessed, changeA := in.GetATime()
	modified, changeM := in.GetMTime()
	if changeA || changeM {
		times := []unix.Timespec{{Nsec: unix.UTIME_OMIT}, {Nsec: unix.UTIME_OMIT}}
		if changeA {
			times[0] = unix.NsecToTimespec(accessed.UnixNano())
		}
		if changeM {
			times[1] = unix.NsecToTimespec(modified.UnixNano())
		}
		if err := unix.UtimesNanoAt(unix.AT_FDCWD, path, times, 0); err != nil {
			return fs.ToErrno(err)
		}
	}
	return 0
}

// Statfs says how much room there is.
func (n *node) Statfs(_ context.Context, out *fuse.StatfsOut) syscall.Errno {
	var st syscall.Statfs_t
	if err := syscall.Statfs(n.i.path(""), &st); err != nil {
		return fs.ToErrno(err)
	}
	out.FromStatfsT(&st)
	if room := n.v.faults.left(); room >= 0 {
		out.Bfree = min(out.Bfree, uint64(room)/uint64(out.Bsize))
		out.Bavail = min(out.Bavail, out.Bfree)
	}
	return 0
}

// Open keeps the kernel's cache: without it, no file could be mapped for writing.
func (n *node) Open(_ context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	if flags&syscall.O_TRUNC != 0 {
		if errno := n.v.begin(); errno != 0 {
			return nil, 0, errno
		}
		defer n.v.mu.Unlock()
		return nil, fuse.FOPEN_KEEP_CACHE, n.v.truncate(n.i, 0)
	}
	return nil, fuse.FOPEN_KEEP_CACHE, 0
}

// Read reads.
func (n *node) Read(_ context.Context, _ fs.FileHandle, dest []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	read, err := unix.Pread(n.i.fd, dest, off)
	if err != nil {
		return nil, fs.ToErrno(err)
	}
	return fuse.ReadResultData(dest[:read]), 0
}

// Write writes.
func (n *node) Write(_ context.Context, _ fs.FileHandle, data []byte, off int64) (uint32, syscall.Errno) {
	written, errno := n.v.write(n.i, data, off)
	return uint32(written), errno
}

// Fsync is fsync and fdatasync, of a file and of a directory.
func (n *node) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno { return n.v.sync(n.i) }

// Create makes a file. The kernel has masked the mode already, so that of this process must not be applied to it again.
func (n *node) Create(ctx context.Context, name string, flags, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	i, st, errno := n.v.make(n.i, name, func(path string) error {
		fd, err := unix.Open(path, unix.O_CREAT|unix.O_EXCL|unix.O_RDWR|unix.O_CLOEXEC, mode&0o7777)
		if err != nil {
			return err
		}
		return errors.Join(unix.Fchmod(fd, mode&0o7777), unix.Close(fd))
	})
	child, errno := n.answer(ctx, i, st, errno, out)
	return child, nil, fuse.FOPEN_KEEP_CACHE, errno
}

// Mkdir makes a directory.
func (n *node) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	i, st, errno := n.v.make(n.i, name, func(path string) error {
		if err := unix.Mkdir(path, 0o700); err != nil {
			return err
		}
		return unix.Chmod(path, mode&0o7777)
	})
	return n.answer(ctx, i, st, errno, out)
}

// Mknod makes a file, a socket or a pipe.
func (n *node) Mknod(ctx context.Context, name string, mode, dev uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	i, st, errno := n.v.make(n.i, name, func(path string) error {
		if err := unix.Mknod(path, mode, int(dev)); err != nil {
			return err
		}
		return unix.Chmod(path, mode&0o7777)
	})
	return n.answer(ctx, i, st, errno, out)
}

// Symlink makes a symbolic link.
func (n *node) Symlink(ctx context.Context, target, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	i, st, errno := n.v.make(n.i, name, func(path string) error { return os.Symlink(target, path) })
	return n.answer(ctx, i, st, errno, out)
}

// Readlink reads a symbolic link.
func (n *node) Readlink(context.Context) ([]byte, syscall.Errno) {
	target := make([]byte, unix.PathMax)
	length, err := unix.Readlinkat(n.i.fd, "", target)
	return target[:max(length, 0)], fs.ToErrno(err)
}

// Link gives a file another name.
func (n *node) Link(ctx context.Context, target fs.InodeEmbedder, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	other, ok := target.(*node)
	if !ok {
		return nil, unix.EXDEV
	}
	i, st, errno := n.v.make(n.i, name, func(path string) error {
		return unix.Linkat(unix.AT_FDCWD, other.i.path(""), unix.AT_FDCWD, path, unix.AT_SYMLINK_FOLLOW)
	})
	return n.answer(ctx, i, st, errno, out)
}

// Unlink removes an entry that is no directory.
func (n *node) Unlink(_ context.Context, name string) syscall.Errno { return n.remove(name) }

// Rmdir removes an empty directory.
func (n *node) Rmdir(_ context.Context, name string) syscall.Errno { return n.remove(name) }

// remove is told the difference by the kernel, which asks for what fits alone.
func (n *node) remove(name string) syscall.Errno {
	if errno := n.v.begin(); errno != 0 {
		return errno
	}
	defer n.v.mu.Unlock()
	e, err := n.v.remove(place{n.i, name})
	if err == nil {
		n.v.entries = append(n.v.entries, e)
	}
	return fs.ToErrno(err)
}

// Rename moves an entry.
func (n *node) Rename(_ context.Context, name string, newParent fs.InodeEmbedder, newName string, flags uint32) syscall.Errno {
	to, ok := newParent.(*node)
	if !ok {
		return unix.EXDEV
	}
	if errno := n.v.begin(); errno != 0 {
		return errno
	}
	defer n.v.mu.Unlock()
	return fs.ToErrno(n.v.rename(place{n.i, name}, place{to.i, newName}, flags))
}
