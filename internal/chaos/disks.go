package chaos

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/parley-chat/parley/internal/chaos/disk"
	"github.com/parley-chat/parley/internal/chaos/history"
	"github.com/parley-chat/parley/internal/chaos/process"
)

// diskFaults are those that take a disk of their own.
var diskFaults = []string{faultPower, faultSync, faultWrite, faultFull}

// Disks are the values of Options.Disk.
var Disks = []string{diskAuto, diskFUSE, diskTmpfs, diskNone}

const (
	diskAuto  = "auto"  // the first of the following that this machine allows
	diskFUSE  = "fuse"  // all faults of the disk
	diskTmpfs = "tmpfs" // disk-full alone
	diskNone  = "none"  // where the machine keeps it
)

// tmpfsSize is the size of a tmpfs, in bytes. What a run makes at most fits in, and it takes so much memory when it is full.
const tmpfsSize = 256 << 20

// medium is what the data folder lies on if it can be full: a *disk.Disk or a *disk.Tmpfs.
type medium interface {
	Full(room int64) error
	Backing() string // has the files after Unmount
	Unmount() error
}

// mount puts the data folder on what can fail, if a fault needs that. What this machine does not allow is an error only
// where it was asked for by name.
func (r *run) mount(data string) error {
	wanted := func(name string) bool { return slices.Contains(r.Faults, name) }
	if !slices.ContainsFunc(diskFaults, wanted) {
		return nil
	}
	if r.Disk == diskFUSE || r.Disk == diskAuto && disk.Available() == nil {
		d, err := disk.Mount(data, disk.Options{})
		if err == nil {
			r.disk, r.medium, r.meta.Disk = d, d, diskFUSE
		}
		return err
	}
	if r.Disk == diskTmpfs || r.Disk == diskAuto && wanted(faultFull) && disk.TmpfsAvailable() == nil {
		t, err := disk.MountTmpfs(data, tmpfsSize)
		if err == nil {
			r.medium, r.meta.Disk = t, diskTmpfs
		}
		return err
	}
	return nil
}

// whyNot says why a fault of the disk cannot be made; "": it can.
func (r *run) whyNot(name string) string {
	switch {
	case r.disk != nil || name == faultFull && r.medium != nil:
		return ""
	case r.Disk == diskNone:
		return "a disk that can fail was not asked for"
	case r.Disk == diskTmpfs:
		return "a tmpfs loses nothing and does not fail"
	case name == faultFull:
		return fmt.Sprintf("%v; %v", disk.Available(), disk.TmpfsAvailable())
	}
	return disk.Available().Error()
}

// unmount keeps what was written.
func (r *run) unmount() error {
	if r.medium == nil {
		return nil
	}
	m := r.medium
	r.disk, r.medium = nil, nil
	return m.Unmount()
}

// database is where the database lies once the server has ended and the disk is unmounted. This process may not open it
// on the mounted disk: SQLite maps files into memory, which whoever serves them must not.
func (r *run) database() string {
	folder := r.server.Data
	if r.backing != "" {
		folder = r.backing
	}
	return filepath.Join(folder, "parley.db")
}

// power kills the server and loses what it had not synced.
func (n *nemesis) power(ctx context.Context, s strike) (string, error) {
	if !n.hold(ctx) {
		return "", nil
	}
	defer n.process.Unlock()
	n.server.Kill()
	lost, err := n.crash(s)
	if err != nil {
		return "", err
	}
	return "killed; " + lost, n.restart()
}

func (n *nemesis) crash(s strike) (string, error) {
	l, err := n.disk.Crash(n.Seed + uint64(s.At))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("of what was not synced %d pages, %d sizes and %d names were lost, %d, %d and %d stayed",
		l.Pages, l.Sizes, l.Entries, l.PagesKept, l.SizesKept, l.EntriesKept), nil
}

// syncWait is how long the fsync that is to fail may be waited for, and the end of the server after it.
const syncWait = 10 * time.Second

// syncError has an fsync fail, after which the server must end by itself, and then loses what the kernel has forgotten: who
// goes on as if it were on disk is found out.
func (n *nemesis) syncError(ctx context.Context, s strike) (string, error) {
	if !n.hold(ctx) {
		return "", nil
	}
	defer n.process.Unlock()
	l := n.server.Life()
	l.Expect()
	n.disk.FailSync(s.N)
	how, _ := n.untilEnd(ctx, l, min(syncWait, s.For))
	n.server.Kill()
	n.disk.FailSync(0)
	lost, err := n.crash(s)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("the fsync number %d was to fail; %s; %s", s.N, how, lost), n.restart()
}

// untilEnd waits for the server to end because its disk has failed, which it does with status 1.
func (n *nemesis) untilEnd(ctx context.Context, l *process.Life, most time.Duration) (how string, ended bool) {
	late := time.NewTimer(most)
	defer late.Stop()
	select {
	case <-l.Ended():
		if l.How() != "exit status 1" {
			n.notes.Write(history.Op{Op: history.Unexpected, Detail: "the server has ended because its disk failed, but with " + l.How(), Return: n.now()})
		}
		return "the server ended with " + l.How(), true
	case <-late.C:
		return "the server went on", false
	case <-ctx.Done():
		return "the run ended", false
	}
}

// writeError has a write fail, or stop half-way. Of one that fails, the server must end by itself or refuse what it was for;
// half a write it may finish. Every other time, what was not synced is lost, too.
func (n *nemesis) writeError(ctx context.Context, s strike) (string, error) {
	if !n.hold(ctx) {
		return "", nil
	}
	defer n.process.Unlock()
	l := n.server.Life()
	l.Expect()
	switch s.Point {
	case writeFails:
		n.disk.FailWrite(s.N)
	case writeTorn:
		n.disk.ShortWrite(s.N)
		n.disk.FailWrite(s.N + 1)
	case writeShort:
		n.disk.ShortWrite(s.N)
	}
	how, ended := n.untilEnd(ctx, l, min(syncWait, s.For))
	if ended && s.Point == writeShort {
		n.notes.Write(history.Op{Op: history.Unexpected, Detail: "the server has ended because half a write was done, which could be finished", Return: n.now()})
	}
	n.server.Kill()
	n.disk.FailWrite(0)
	n.disk.ShortWrite(0)
	detail := fmt.Sprintf("write number %d was to be %s; %s", s.N, s.Point, how)
	if s.Again {
		lost, err := n.crash(s)
		if err != nil {
			return "", err
		}
		detail += "; " + lost
	}
	return detail, n.restart()
}

// full leaves little room for a while. The server must go on.
func (n *nemesis) full(ctx context.Context, s strike) (string, error) {
	if !n.hold(ctx) {
		return "", nil
	}
	defer n.process.Unlock()
	if err := n.medium.Full(int64(s.N) << 10); err != nil {
		return "", err
	}
	sleep(ctx, s.For)
	return fmt.Sprintf("there was room for %d KiB", s.N), n.medium.Full(-1)
}
