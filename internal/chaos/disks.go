package chaos

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/parley-chat/parley/internal/chaos/disk"
)

// diskFaults are those that take a disk of their own.
var diskFaults = []string{faultPower, faultSync, faultFull}

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
	late := time.NewTimer(min(syncWait, s.For))
	defer late.Stop()
	var how string
	select {
	case <-l.Ended():
		how = "the server ended with " + l.How()
	case <-late.C:
		how = "the server went on"
	case <-ctx.Done():
		how = "the run ended"
	}
	n.server.Kill()
	n.disk.FailSync(0)
	lost, err := n.crash(s)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("the fsync number %d was to fail; %s; %s", s.N, how, lost), n.restart()
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
