package disk_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/parley-chat/parley/internal/chaos/disk"
)

// The test binary is also the program that uses the disk, as what this variable names: see child_test.go.
const childRole = "PARLEY_TEST_DISK_ROLE"

func TestMain(m *testing.M) {
	if role := os.Getenv(childRole); role != "" {
		os.Exit(play(role, os.Args[1:]))
	}
	flag.Parse()
	if os.Getenv("PARLEY_SOAK") == "" { // each check costs 0.1 s under the race detector
		if err := flag.Set("rapid.checks", "25"); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if built.dir != "" {
			_ = os.RemoveAll(built.dir)
		}
		os.Exit(code)
	}))
}

// mount mounts a disk for the test. Where that cannot be done the test is skipped; where the tests must be complete, it
// fails.
func mount(t *testing.T) *disk.Disk {
	t.Helper()
	if err := disk.Available(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	d, err := disk.Mount(filepath.Join(t.TempDir(), "disk"), disk.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Unmount(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func crash(t *testing.T, d *disk.Disk, seed uint64) disk.Loss {
	t.Helper()
	loss, err := d.Crash(seed)
	if err != nil {
		t.Fatal(err)
	}
	return loss
}

func check(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// create makes a file that stays open until the end of the test.
func create(t *testing.T, d *disk.Disk, name string) *os.File {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(d.Dir(), name), os.O_RDWR|os.O_CREATE, 0o640)
	check(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// syncDir is fsync of a directory.
func syncDir(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	check(t, err)
	check(t, f.Sync(), f.Close())
}

// tree is all that is below a folder: folders end in a slash, files have their content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	check(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		name, _ := filepath.Rel(dir, path)
		switch {
		case err != nil || path == dir:
			return err
		case e.IsDir():
			all[name+"/"] = ""
		case e.Type() == fs.ModeSymlink:
			target, err := os.Readlink(path)
			all[name] = "-> " + target
			return err
		case e.Type().IsRegular():
			content, err := os.ReadFile(path)
			all[name] = string(content)
			return err
		default:
			all[name] = e.Type().String()
		}
		return nil
	}))
	return all
}

// names are the keys of a tree, in order.
func names(tree map[string]string) string {
	var all []string
	for name := range tree {
		all = append(all, name)
	}
	slices.Sort(all)
	return fmt.Sprint(all)
}
