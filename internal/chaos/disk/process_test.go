package disk_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chaos/disk"
)

// The real program, killed with the power cut at once: from its very first folder on, what it has acknowledged is there
// when it comes back.
func TestServerSurvivesPowerLoss(t *testing.T) {
	for seed := range uint64(3) {
		d := mount(t)
		s := newServer(t, filepath.Join(d.Dir(), "deep", "data"))
		s.start()
		token := s.user("ann")
		acked, _, _ := s.untilCut(token, "before", 15)
		_ = s.kill()
		t.Logf("%+v", crash(t, d, seed))
		s.start()
		again, _, _ := s.untilCut(token, "after", 5)
		if len(acked) != 15 || len(again) != 5 {
			t.Fatalf("%d and %d were acknowledged", len(acked), len(again))
		}
		s.wantOnce(token, append(acked, again...))
		_ = s.kill()
		check(t, d.Unmount())
	}
}

// The real program ends when an fsync fails, with status 1 and the reason in its log, and does not acknowledge what was
// being written. Started again it has everything it had acknowledged, and the retry of the one message that got no answer
// is there once, whether or not the disk had kept it.
func TestFailedSyncEndsTheServer(t *testing.T) {
	for seed := range uint64(3) {
		d := mount(t)
		s := newServer(t, filepath.Join(d.Dir(), "data"))
		s.start()
		token := s.user("ann")
		acked, _, _ := s.untilCut(token, "before", 10)
		d.FailSync(1 + int(seed))
		more, id, content := s.untilCut(token, "during", 100)
		acked = append(acked, more...)
		if id == "" {
			t.Fatal("every message was acknowledged while an fsync failed")
		}
		if status := s.ended(); status != 1 {
			t.Errorf("it ended with status %d, want 1", status)
		}
		if want := "the database's disk has failed; ending so that the next start recovers"; !strings.Contains(s.log.String(), want) {
			t.Errorf("the log does not say %q", want)
		}
		crash(t, d, seed) // pages that a failed fsync dropped are gone
		s.start()
		s.wantOnce(token, acked)
		if status, err := s.post(token, id, content); status/100 != 2 {
			t.Errorf("the retry is answered %d %v", status, err)
		}
		s.wantOnce(token, append(acked, content))
		_ = s.kill()
		check(t, d.Unmount())
	}
}

// The real program ends when a write fails, whether nothing of it was written or half, and acknowledges nothing that was
// being written; half a write it finishes. Started again it has everything it had acknowledged.
func TestFailedWriteEndsTheServer(t *testing.T) {
	for seed, set := range []func(d *disk.Disk){
		func(d *disk.Disk) { d.FailWrite(1) },
		func(d *disk.Disk) { d.ShortWrite(2); d.FailWrite(3) },
		func(d *disk.Disk) { d.ShortWrite(1) },
	} {
		d := mount(t)
		s := newServer(t, filepath.Join(d.Dir(), "data"))
		s.start()
		token := s.user("ann")
		acked, _, _ := s.untilCut(token, "before", 10)
		set(d)
		more, id, content := s.untilCut(token, "during", 10)
		acked = append(acked, more...)
		if survives := seed == 2; survives != (id == "") {
			t.Fatalf("%d: while writes failed, %d messages were acknowledged", seed, len(more))
		} else if survives {
			_ = s.kill()
		} else if status := s.ended(); status != 1 {
			t.Errorf("%d: it ended with status %d, want 1", seed, status)
		}
		crash(t, d, uint64(seed))
		s.start()
		s.wantOnce(token, acked)
		if id != "" {
			if status, err := s.post(token, id, content); status/100 != 2 {
				t.Errorf("%d: the retry is answered %d %v", seed, status, err)
			}
			s.wantOnce(token, append(acked, content))
		}
		_ = s.kill()
		check(t, d.Unmount())
	}
}
