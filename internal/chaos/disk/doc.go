// Package disk is a file system that loses what nobody has synced.
//
// A kill -9 cannot test fsync: the kernel keeps what the process has written. Mount shows a folder at another place,
// through FUSE, and remembers of every change what was there before, until fsync has been called for it. Crash is a power
// cut: it undoes some of what was not synced, as a seed says, and shows the folder again. Besides, single calls can be
// made to fail as a disk's do.
//
// What counts as synced:
//   - a file's pages of 4 KiB and its size by fsync or fdatasync of that file. Each page is lost or kept by itself; a size
//     is lost or kept together with the truncations since the last fsync.
//   - a directory's entries (made, removed, renamed) by fsync of that directory and in no other way, as POSIX has it and
//     unlike most file systems. Of what was not synced an earlier change is never lost when a later one is kept, as in
//     a journal. A directory whose own entry is lost is lost with all there is in it.
//   - modes, owners and times always.
//
// Where FUSE cannot be used, a Tmpfs can at least be full.
//
// Dangers. A Disk takes Linux, /dev/fuse and the right to mount. The file system is served by the process that mounts it:
// this process must not map its files into memory, because a page fault holds a thread that the Go runtime thinks is
// running, and the next garbage collection waits for it for ever. SQLite in WAL mode maps its -shm file; so let another
// process open databases there, or copy their files out and open the copies. If the mounting process is killed, the
// folder answers "transport endpoint is not connected" until somebody runs umount -l on it; the folder behind it holds
// everything, synced or not.
package disk

import "errors"

// errUnavailable begins every error of Available.
var errUnavailable = errors.New("a file system of one's own cannot be mounted here")

// Options say where the files are.
type Options struct {
	// Backing is the folder that holds the files; it is made if it is missing. A folder for what may come back after a
	// Crash is made beside it. "": a folder beside the mount point, with ".backing" after its name.
	Backing string
}

// Loss is what a Crash did.
type Loss struct {
	Pages, PagesKept     int // of 4 KiB, not synced
	Sizes, SizesKept     int // of files that had grown or been truncated
	Entries, EntriesKept int // made, removed or renamed in directories that were not synced since
}
