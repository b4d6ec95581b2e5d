package disk_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/parley-chat/parley/internal/chaos/disk"
)

func TestTmpfsIsFullAndFreed(t *testing.T) {
	if err := disk.TmpfsAvailable(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	d, err := disk.MountTmpfs(filepath.Join(t.TempDir(), "disk"), 4<<20)
	check(t, err)
	t.Cleanup(func() { check(t, d.Unmount()) })
	check(t, os.Mkdir(filepath.Join(d.Dir(), "sub"), 0o700))
	f, err := os.Create(filepath.Join(d.Dir(), "sub", "file"))
	check(t, err)

	const room = 40 << 10
	for range 2 { // the second time takes the first ballast away before it measures
		check(t, d.Full(room))
	}
	n, err := f.Write(make([]byte, 1<<20))
	if !errors.Is(err, unix.ENOSPC) || n > room || n < room-2*page {
		t.Errorf("of 1 MiB %d bytes fit where there was room for %d: %v", n, room, err)
	}
	check(t, f.Truncate(0))
	if _, err := f.WriteAt(make([]byte, page), 0); err != nil {
		t.Errorf("after truncating: %v", err)
	}
	check(t, d.Full(-1))
	content := bytes.Repeat([]byte("x"), 1<<20)
	_, err = f.WriteAt(content, 0)
	check(t, err, f.Close())

	check(t, d.Full(0), d.Unmount(), d.Unmount())
	if left := tree(t, d.Dir()); len(left) != 0 {
		t.Errorf("still mounted: %s", names(left))
	}
	if kept := tree(t, d.Backing()); kept["sub/file"] != string(content) || len(kept) != 2 {
		t.Errorf("kept: %s", names(kept))
	}
}
