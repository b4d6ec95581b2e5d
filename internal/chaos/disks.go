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

// mount puts the data folder on a disk that can fail, if a fault needs one and this machine allows it.
func (r *run) mount(data string) error {
	wanted := slices.ContainsFunc(r.Faults, func(name string) bool { return slices.Contains(diskFaults, name) })
	var err error
	if wanted && disk.Available() == nil {
		r.disk, err = disk.Mount(data, disk.Options{})
	}
	return err
}

// unmount keeps what was written.
func (r *run) unmount() error {
	if r.disk == nil {
		return nil
	}
	d := r.disk
	r.disk = nil
	return d.Unmount()
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
	n.disk.Full(int64(s.N) << 10)
	sleep(ctx, s.For)
	n.disk.Full(-1)
	return fmt.Sprintf("there was room for %d KiB", s.N), nil
}
