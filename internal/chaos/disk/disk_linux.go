package disk

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// Available says why a Disk cannot be mounted on this machine; nil: it can. It tries it once.
var Available = sync.OnceValue(func() error {
	if err := try(); err != nil {
		return fmt.Errorf("%w (it takes /dev/fuse and the right to mount): %w", errUnavailable, err)
	}
	return nil
})

func try() error {
	dir, err := os.MkdirTemp("", "parley-disk-")
	if err != nil {
		return err
	}
	d, err := Mount(filepath.Join(dir, "disk"), Options{})
	if err == nil {
		err = d.Unmount()
	}
	return errors.Join(err, os.RemoveAll(dir))
}

// Disk is a mounted file system. Its methods may be called at any time and from any goroutine.
type Disk struct {
	*faults
	dir, backing string

	mu sync.Mutex
	v  *volume // nil once it is unmounted, or could not be mounted again
}

// Mount shows a folder at dir, which is made if it is missing, and serves it until Unmount. What the folder holds counts
// as synced.
func Mount(dir string, o Options) (*Disk, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	backing := o.Backing
	if backing == "" {
		backing = dir + ".backing"
	}
	for _, d := range []string{dir, backing} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
	}
	d := &Disk{faults: newFaults(), dir: dir, backing: backing}
	if d.v, err = mount(dir, backing, d.faults); err != nil {
		return nil, err
	}
	return d, nil
}

// Dir returns where the files are seen.
func (d *Disk) Dir() string { return d.dir }

// Backing returns the folder that holds the files, synced or not. Nobody may write there before Unmount.
func (d *Disk) Backing() string { return d.backing }

// Crash is a power cut. At one moment the file system stops: calls under way and later ones fail, and files that are open
// stay dead for ever, so kill those who write first or expect them to see errors. Then the seed chooses what was lost,
// and the file system is mounted again. The faults stay as they were set.
func (d *Disk) Crash(seed uint64) (Loss, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.v == nil {
		return Loss{}, errors.New("the disk is not mounted")
	}
	v := d.v
	v.stop()
	if err := v.unmount(unix.MNT_FORCE | unix.MNT_DETACH); err != nil {
		return Loss{}, err
	}
	d.v = nil
	loss, err := v.crash(rand.New(rand.NewPCG(seed, 0)))
	if err := errors.Join(err, v.close()); err != nil {
		return loss, fmt.Errorf("applying the crash to %s: %w", d.backing, err)
	}
	d.v, err = mount(d.dir, d.backing, d.faults)
	return loss, err
}

// Unmount ends the file system and keeps everything that was written. If somebody still has files open there, they are
// cut off. An error says what is left to be done by hand.
func (d *Disk) Unmount() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.v == nil {
		return nil
	}
	v := d.v
	if err := v.unmount(0); err != nil {
		if err := v.unmount(unix.MNT_FORCE | unix.MNT_DETACH); err != nil {
			return err
		}
	}
	d.v = nil
	return v.close()
}

// mount mounts backing at dir and serves it.
func mount(dir, backing string, f *faults) (*volume, error) {
	v, err := newVolume(dir, backing, f)
	if err != nil {
		return nil, err
	}
	// Every change comes through this mount, so what the kernel has cached is right until it is unmounted.
	raw := fs.NewNodeFS(&node{v: v, i: v.root}, &fs.Options{NullPermissions: true, EntryTimeout: &cached, AttrTimeout: &cached})
	server, err := fuse.NewServer(raw, dir, &fuse.MountOptions{
		FsName: "parley-disk", Name: "lossy", Options: []string{"default_permissions"},
		DirectMountStrict: true, DisableXAttrs: true, ExplicitDataCacheControl: true,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("mounting %s: %w", dir, err), v.close())
	}
	go func() {
		defer close(v.served)
		server.Serve()
	}()
	if err := server.WaitMount(); err != nil {
		return nil, errors.Join(fmt.Errorf("mounting %s: %w", dir, err), v.unmount(unix.MNT_FORCE|unix.MNT_DETACH), v.close())
	}
	return v, nil
}
