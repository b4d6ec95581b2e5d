package disk_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// mapFile maps a file for writing, and checks that what is mapped and what is read are one.
func mapFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := f.Truncate(8192); err != nil {
		return err
	}
	m, err := unix.Mmap(int(f.Fd()), 0, 8192, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return err
	}
	copy(m[5000:], "mapped")
	read := make([]byte, 6)
	if _, err := f.ReadAt(read, 5000); err != nil || string(read) != "mapped" {
		return fmt.Errorf("what was mapped reads %q, %w", read, err)
	}
	if _, err := f.WriteAt([]byte("written"), 100); err != nil || string(m[100:107]) != "written" {
		return fmt.Errorf("what was written is mapped as %q, %w", m[100:107], err)
	}
	return errors.Join(unix.Munmap(m), f.Sync(), f.Close())
}

func TestMappedFile(t *testing.T) {
	d := mount(t)
	f := create(t, d, "mapped")
	if out, err := ask(t, "map", f.Name()); err != nil {
		t.Fatal(out, err)
	}
	syncDir(t, d.Dir())
	crash(t, d, 1) // it was synced
	got := tree(t, d.Dir())["mapped"]
	if len(got) != 8192 || got[100:107] != "written" || got[5000:5006] != "mapped" {
		t.Errorf("the file is %q", strings.Trim(got, "\x00"))
	}
}

// lockFile tries to lock a file that the parent has locked, in the way SQLite does.
func lockFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	lock := unix.Flock_t{Type: unix.F_WRLCK, Start: 10, Len: 1}
	if err := unix.FcntlFlock(f.Fd(), unix.F_SETLK, &lock); !errors.Is(err, unix.EAGAIN) {
		return fmt.Errorf("locking what is locked: %w", err)
	}
	lock.Start = 11
	if err := unix.FcntlFlock(f.Fd(), unix.F_SETLK, &lock); err != nil {
		return fmt.Errorf("locking what is free: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return fmt.Errorf("flock: %w", err)
	}
	return nil
}

func TestLocksHoldBetweenProcesses(t *testing.T) {
	d := mount(t)
	f := create(t, d, "locked")
	lock := unix.Flock_t{Type: unix.F_WRLCK, Start: 10, Len: 1}
	check(t, unix.FcntlFlock(f.Fd(), unix.F_SETLK, &lock))
	if out, err := ask(t, "lock", f.Name()); err != nil {
		t.Fatal(out, err)
	}
}
