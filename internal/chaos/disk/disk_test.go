package disk_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/parley-chat/parley/internal/chaos/disk"
)

func TestSyncedFilesSurviveEveryCrash(t *testing.T) {
	d := mount(t)
	f := create(t, d, "file")
	_, err := f.Write(bytes.Repeat([]byte("synced "), 3000))
	check(t, err, f.Sync())
	syncDir(t, d.Dir())
	want := tree(t, d.Dir())
	for seed := range uint64(20) {
		if loss := crash(t, d, seed); loss != (disk.Loss{}) {
			t.Errorf("seed %d: %+v", seed, loss)
		}
		if got := tree(t, d.Dir()); got["file"] != want["file"] || len(got) != 1 {
			t.Fatalf("seed %d changed what was synced: %s", seed, names(got))
		}
	}
}

// Of un-synced pages, over a few seeds, everything happens: all kept, all lost, some lost. And a seed says which.
func TestUnsyncedPagesAreLostAsTheSeedSays(t *testing.T) {
	results := map[string]bool{}
	var first string
	for seed := range uint64(40) {
		d := mount(t)
		f := create(t, d, "file")
		_, err := f.Write(bytes.Repeat([]byte("a"), 8*4096))
		check(t, err, f.Sync())
		syncDir(t, d.Dir())
		_, err = f.WriteAt(bytes.Repeat([]byte("b"), 4*4096), 2*4096)
		check(t, err)
		loss := crash(t, d, seed%39)
		got := tree(t, d.Dir())["file"]
		if lost := 8 - strings.Count(got, strings.Repeat("b", 4096)) - 4; lost != loss.Pages || loss.Pages+loss.PagesKept != 4 {
			t.Errorf("seed %d: %d pages are lost, and it says %+v", seed, lost, loss)
		}
		results[got] = true
		if seed == 0 {
			first = got
		}
		if seed == 39 && got != first {
			t.Error("a seed has two outcomes")
		}
		check(t, d.Unmount())
	}
	all, nothing := strings.Repeat("a", 8*4096), strings.Repeat("a", 2*4096)+strings.Repeat("b", 4*4096)+strings.Repeat("a", 2*4096)
	if !results[all] || !results[nothing] || len(results) < 6 {
		t.Errorf("%d outcomes; all lost: %v, nothing lost: %v", len(results), results[all], results[nothing])
	}
}

func TestDirectoryEntriesNeedTheirOwnSync(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(30) {
		d := mount(t)
		f := create(t, d, "old")
		_, err := f.WriteString("content")
		check(t, err, f.Sync(), os.Mkdir(filepath.Join(d.Dir(), "sub"), 0o700))
		syncDir(t, d.Dir())
		check(t, os.Rename(f.Name(), filepath.Join(d.Dir(), "sub", "new")))
		check(t, os.Mkdir(filepath.Join(d.Dir(), "lost"), 0o700))
		inner := create(t, d, "lost/inner")
		check(t, inner.Sync())
		syncDir(t, filepath.Join(d.Dir(), "lost"))
		check(t, os.Symlink("somewhere", filepath.Join(d.Dir(), "link")))
		crash(t, d, seed)
		got := tree(t, d.Dir())
		if (got["old"] == "content") == (got["sub/new"] == "content") {
			t.Errorf("seed %d: a rename went half: %s", seed, names(got))
		}
		seen[names(got)] = true
		check(t, d.Unmount())
	}
	for _, want := range []string{"[old sub/]", "[sub/ sub/new]", "[lost/ lost/inner sub/ sub/new]", "[link lost/ lost/inner sub/ sub/new]"} {
		if !seen[want] {
			t.Errorf("no seed leaves %s", want)
		}
		delete(seen, want)
	}
	for other := range seen {
		t.Errorf("a seed leaves %s", other)
	}
}

// What was removed or replaced, and not synced, comes back with what it held.
func TestRemovedFilesComeBack(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(20) {
		d := mount(t)
		for _, name := range []string{"a", "b"} {
			f := create(t, d, name)
			_, err := f.WriteString("in " + name)
			check(t, err, f.Sync())
		}
		check(t, os.MkdirAll(filepath.Join(d.Dir(), "c", "d"), 0o700))
		syncDir(t, filepath.Join(d.Dir(), "c"))
		syncDir(t, d.Dir())
		check(t, os.Rename(filepath.Join(d.Dir(), "a"), filepath.Join(d.Dir(), "b")))
		check(t, os.RemoveAll(filepath.Join(d.Dir(), "c")))
		crash(t, d, seed)
		got := tree(t, d.Dir())
		for name, content := range got {
			seen[names(got)+" "+name+"="+content] = true
		}
		check(t, d.Unmount())
	}
	for _, want := range []string{"[a b c/ c/d/] b=in b", "[b c/ c/d/] b=in a", "[b c/] b=in a", "[b] b=in a"} {
		if !seen[want] {
			t.Errorf("no seed leaves %s", want)
		}
	}
}

func TestFailedSyncLosesItsPages(t *testing.T) {
	for seed := range uint64(10) {
		d := mount(t)
		f := create(t, d, "file")
		_, err := f.Write(bytes.Repeat([]byte("a"), 3*4096))
		check(t, err, f.Sync())
		syncDir(t, d.Dir())
		_, err = f.WriteAt(bytes.Repeat([]byte("b"), 2*4096), 0)
		check(t, err)
		d.FailSync(1)
		if err := f.Sync(); !errors.Is(err, unix.EIO) {
			t.Fatalf("the fsync that was to fail: %v", err)
		}
		check(t, f.Sync()) // as on Linux, the next one knows of nothing
		if got := tree(t, d.Dir())["file"]; got[0] != 'b' {
			t.Error("what was written cannot be read any more")
		}
		_, err = f.WriteAt(bytes.Repeat([]byte("c"), 4096), 0)
		check(t, err, f.Sync()) // written again, and now for good
		crash(t, d, seed)
		if got, want := tree(t, d.Dir())["file"], strings.Repeat("c", 4096)+strings.Repeat("a", 2*4096); got != want {
			t.Fatalf("seed %d: pages %c%c%c", seed, got[0], got[4096], got[8192])
		}
		check(t, d.Unmount())
	}
}

func TestLyingSync(t *testing.T) {
	d := mount(t)
	f := create(t, d, "file")
	syncDir(t, d.Dir())
	d.LieOnSync(true)
	_, err := f.WriteString("content")
	check(t, err, f.Sync())
	for seed := uint64(0); ; seed++ {
		if loss := crash(t, d, seed); loss.Pages+loss.PagesKept != 1 {
			t.Fatalf("%+v", loss)
		} else if loss.Pages == 1 && loss.Sizes == 1 {
			break
		}
		f = create(t, d, "file")
		check(t, f.Truncate(0))
		d.LieOnSync(false)
		check(t, f.Sync())
		d.LieOnSync(true)
		_, err := f.WriteString("content")
		check(t, err, f.Sync())
	}
	if got := tree(t, d.Dir())["file"]; got != "" {
		t.Errorf("the file holds %q", got)
	}
}

func TestFailingAndShortWrites(t *testing.T) {
	d := mount(t)
	f := create(t, d, "file")
	d.FailWrite(2)
	_, err := f.WriteString("one ")
	check(t, err)
	if _, err := f.WriteString("two "); !errors.Is(err, unix.EIO) {
		t.Errorf("the second write: %v", err)
	}
	d.ShortWrite(1)
	if n, err := unix.Write(int(f.Fd()), []byte("three four")); n != 5 || err != nil {
		t.Errorf("a short write wrote %d bytes of 10, %v", n, err)
	}
	n, err := unix.Write(int(f.Fd()), []byte(" four"))
	if got := tree(t, d.Dir())["file"]; got != "one three four" || n != 5 || err != nil {
		t.Errorf("the file holds %q after %d, %v", got, n, err)
	}
	syncs, writes := d.Calls()
	if syncs != 0 || writes != 4 {
		t.Errorf("%d syncs and %d writes were counted", syncs, writes)
	}
}

func TestFullDisk(t *testing.T) {
	d := mount(t)
	f := create(t, d, "file")
	check(t, d.Full(10000))
	n, err := f.Write(make([]byte, 15000))
	if n != 10000 || !errors.Is(err, unix.ENOSPC) {
		t.Errorf("%d bytes fit, %v", n, err)
	}
	if _, err := f.WriteAt([]byte("over"), 0); err != nil {
		t.Errorf("what is there cannot be written over: %v", err)
	}
	if err := f.Truncate(20000); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("truncating it to more: %v", err)
	}
	var st unix.Statfs_t
	check(t, unix.Statfs(d.Dir(), &st))
	if st.Bavail != 0 {
		t.Errorf("%d blocks are said to be free", st.Bavail)
	}
	check(t, f.Truncate(9000))
	g := create(t, d, "other")
	if n, err := g.Write(make([]byte, 2000)); n != 1000 || !errors.Is(err, unix.ENOSPC) {
		t.Errorf("after truncating %d bytes fit, %v", n, err)
	}
	check(t, os.Remove(f.Name()))
	if _, err := g.Write(make([]byte, 9000)); err != nil {
		t.Errorf("after removing: %v", err)
	}
	check(t, d.Full(-1))
	_, err = g.Write(make([]byte, 100000))
	check(t, err)
}

// A power cut does not ask whether somebody has files open: they are dead afterwards.
func TestCrashCutsOffWhoIsThere(t *testing.T) {
	d := mount(t)
	f := create(t, d, "file")
	_, err := f.WriteString("content")
	check(t, err, f.Sync())
	syncDir(t, d.Dir())
	crash(t, d, 1)
	if _, err := f.WriteString("more"); err == nil {
		t.Error("a file that was open before the power cut can be written")
	}
	if got := tree(t, d.Dir())["file"]; got != "content" {
		t.Errorf("the file holds %q", got)
	}
}

func TestUnmountKeepsEverythingAndCutsOffWhoIsThere(t *testing.T) {
	d := mount(t)
	f := create(t, d, "file")
	_, err := io.WriteString(f, "not synced")
	check(t, err, d.Unmount(), d.Unmount())
	if _, err := f.WriteString("more"); err == nil {
		t.Error("a file can be written after the end")
	}
	if got := tree(t, d.Backing())["file"]; got != "not synced" {
		t.Errorf("the file holds %q", got)
	}
	if left := tree(t, d.Dir()); len(left) != 0 {
		t.Errorf("still mounted: %s", names(left))
	}
	if around := names(tree(t, filepath.Dir(d.Dir()))); around != "[disk.backing/ disk.backing/file disk/]" {
		t.Errorf("left behind: %s", around)
	}
	if _, err := d.Crash(1); err == nil {
		t.Error("what is not mounted crashes")
	}
}
