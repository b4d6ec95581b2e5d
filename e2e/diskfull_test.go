package e2e

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk mounts a file system of so many bytes. Where that is not allowed the test is skipped, in CI it fails.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%d,mode=700", size)); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("mounting a small disk: %v", err)
		}
		t.Skipf("mounting a small disk takes rights that are not there: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmounting %s: %v", dir, err)
		}
	})
	return dir
}

// fill takes all the room that is left.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// TestDiskFull: sends are refused with a reason while there is no room, nothing that was acknowledged is lost and no
// number is spent; readers go on; and when there is room again, so do senders.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, 24<<20)
	s := serverIn(t, filepath.Join(disk, "data"), "--rate-limits", "off")
	s.start()
	token := s.user("ann")
	k, witness := s.enter(t, "general", token), s.enter(t, "general", s.user("bob"))
	var acked []string
	for i := range 20 {
		acked = append(acked, k.say("general", fmt.Sprintf("before %d", i)).ID)
	}
	ballast := filepath.Join(disk, "ballast")
	fill(t, ballast)
	var refused string
	for i := 0; ; i++ { // the log beside the database may have some room left from before
		id := newID()
		k.send(object{"type": "message", "content": strings.Repeat("x", 8000), "client_id": id})
		f := k.next()
		if f.Type == "ack" && f.ClientID == id && i < 2000 {
			acked = append(acked, f.ID)
			continue
		}
		if f.Type != "error" || f.Code != "overloaded" || f.Ref != id || f.RetryAfter <= 0 || !strings.Contains(f.Message, "disk is full") {
			t.Fatalf("on a full disk, after %d messages: %s", i, f.raw)
		}
		refused = id
		break
	}
	s.problem(t, http.StatusServiceUnavailable, "overloaded", "POST", "/api/messages", token, object{"room": "random", "content": strings.Repeat("x", 8000)})
	s.checkAcked(t, token, acked)
	s.mustBeHealthy(t)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	k.send(object{"type": "message", "content": strings.Repeat("x", 8000), "client_id": refused})
	f := k.want("ack")
	if f.ClientID != refused || f.Seq != uint64(len(acked))+1 {
		t.Errorf("with room again: %s, want number %d", f.raw, len(acked)+1)
	}
	acked = append(acked, f.ID)
	for i, id := range acked { // the witness saw each once, and no hole
		if m := witness.want("message"); m.ID != id || m.Seq != uint64(i)+1 {
			t.Fatalf("bob heard %d %s, want %d %s", m.Seq, m.ID, i+1, id)
		}
	}
	s.kill()
	s.start()
	s.checkAcked(t, token, acked)
}

// checkAcked reads general and wants these messages in it, in this order, and nothing else.
func (s *server) checkAcked(t *testing.T, token string, ids []string) {
	t.Helper()
	var seq uint64
	for len(ids) > 0 {
		p := s.page(t, token, fmt.Sprintf("room=general&after=%d", seq))
		if len(p.Messages) == 0 || len(p.Messages) > len(ids) {
			t.Fatalf("%d messages after %d, want %d", len(p.Messages), seq, len(ids))
		}
		for _, m := range p.Messages {
			if m.ID != ids[0] || m.Seq != seq+1 {
				t.Fatalf("%d %s stands where %d %s was acknowledged", m.Seq, m.ID, seq+1, ids[0])
			}
			ids, seq = ids[1:], m.Seq
		}
		if !p.HasMore && (len(ids) > 0 || p.AsOf != seq) {
			t.Fatalf("the room ends at %d with %d acknowledged messages missing", p.AsOf, len(ids))
		}
	}
}
