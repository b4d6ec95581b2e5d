package disk_test

import (
	"bytes"
	"errors"
	"regexp"
	"testing"

	"golang.org/x/sys/unix"
)

// pages is a letter for each page of a file: "0" for one of zeros, "?" for one of several letters.
func pages(content string) string {
	var all []byte
	for p := 0; p < len(content); p += page {
		b := []byte(content[p:min(p+page, len(content))])
		switch {
		case bytes.Count(b, b[:1]) < len(b):
			all = append(all, '?')
		case b[0] == 0:
			all = append(all, '0')
		default:
			all = append(all, b[0])
		}
	}
	return string(all)
}

// A truncation and what was written after it: if the truncation is lost, so is all that depends on it; if it came
// through, nothing from before it shows again.
func TestTruncatedFilesDoNotMixOldAndNew(t *testing.T) {
	legal := regexp.MustCompile(`^(aaa|[b0][b0][b0])$`)
	seen := map[string]bool{}
	for seed := range uint64(60) {
		d := mount(t)
		f := create(t, d, "file")
		_, err := f.Write(bytes.Repeat([]byte("a"), 3*page))
		check(t, err, f.Sync())
		syncDir(t, d.Dir())
		check(t, f.Truncate(0))
		_, err = f.WriteAt(bytes.Repeat([]byte("b"), 3*page), 0)
		check(t, err)
		crash(t, d, seed)
		got := pages(tree(t, d.Dir())["file"])
		if !legal.MatchString(got) {
			t.Errorf("seed %d leaves %s", seed, got)
		}
		seen[got] = true
		check(t, d.Unmount())
	}
	if !seen["aaa"] || !seen["bbb"] || len(seen) < 5 {
		t.Errorf("the seeds leave %v only", seen)
	}
}

// A page that a failed fsync dropped and a later truncation, which was synced, cut off: it must not come back as it was.
func TestLostPagesStayCutOff(t *testing.T) {
	for seed := range uint64(15) {
		d := mount(t)
		f := create(t, d, "file")
		_, err := f.Write(bytes.Repeat([]byte("a"), 2*page))
		check(t, err, f.Sync())
		syncDir(t, d.Dir())
		check(t, f.Truncate(page))
		d.FailSync(1)
		if err := f.Sync(); !errors.Is(err, unix.EIO) {
			t.Fatal(err)
		}
		check(t, f.Sync())
		_, err = f.WriteAt(bytes.Repeat([]byte("b"), page), page)
		check(t, err)
		crash(t, d, seed)
		if got := pages(tree(t, d.Dir())["file"]); got != "a" && got != "a0" && got != "ab" {
			t.Errorf("seed %d leaves %s", seed, got)
		}
		check(t, d.Unmount())
	}
}
