package chaos

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chaos/disk"
	"github.com/parley-chat/parley/internal/chaos/history"
)

// A server whose disk is full refuses, for as long as there is no room, and has lost nothing then. The disk is a tmpfs,
// which the kernel fills.
func TestAFullTmpfs(t *testing.T) {
	if err := disk.TmpfsAvailable(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	smoke(t) // builds the program
	r, err := Run(t.Context(), Options{
		Binary: filepath.Join(built.dir, "parley"), Length: 3 * time.Second, Seed: 8, Senders: 4, Readers: 1, Rooms: 2, Faults: []string{faultFull, faultPower},
		Disk: diskTmpfs, Dir: filepath.Join(t.TempDir(), "run"), Log: t.Output(), script: []strike{{Kind: faultFull, For: 3 * time.Second}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	r.Print(&text)
	if !r.Held() || !r.Complete || r.Faults[faultFull] != 1 || r.Refusals == 0 || r.Disk != diskTmpfs {
		t.Errorf("the disk should have been full, and nothing broken:\n%s", &text)
	}
	if want := "power-loss (a tmpfs loses nothing and does not fail)"; !strings.Contains(text.String(), want) {
		t.Errorf("the report does not say %q:\n%s", want, &text)
	}
}

// What cannot be made on a disk is left out, with the reason.
func TestWhichDiskFaultsThereAre(t *testing.T) {
	for _, c := range []struct {
		name    string
		run     *run
		skipped int
		why     string
	}{
		{"all of a disk that loses things", &run{medium: &disk.Disk{}, disk: &disk.Disk{}}, 0, ""},
		{"a tmpfs that was asked for", &run{Options: Options{Disk: diskTmpfs}, medium: &disk.Tmpfs{}}, 3, "loses nothing"},
		{"none that was asked for", &run{Options: Options{Disk: diskNone}}, 4, "was not asked for"},
	} {
		c.run.Faults, c.run.meta = diskFaults, history.Meta{Skipped: map[string]string{}}
		names := c.run.possible()
		if len(c.run.meta.Skipped) != c.skipped || len(names) != len(diskFaults)-c.skipped {
			t.Errorf("%s: %v are possible, left out are %v", c.name, names, c.run.meta.Skipped)
		}
		for _, why := range c.run.meta.Skipped {
			if !strings.Contains(why, c.why) {
				t.Errorf("%s: %s", c.name, why)
			}
		}
	}
}
