package disk_test

import (
	"path/filepath"
	"testing"
)

// writeAndCrash lets SQLite commit some rows, kills it, cuts the power, and returns how many rows had been committed and
// how many there are; an error if the database is broken.
func writeAndCrash(t *testing.T, seed uint64, synchronous string) (committed, left int, err error) {
	t.Helper()
	d := mount(t)
	path := filepath.Join(d.Dir(), "test.db")
	committed = len(until(t, 20+int(seed)*7%60, "sqlite-write", path, synchronous))
	loss := crash(t, d, seed)
	left, err = kept(t, path)
	t.Logf("seed %d, synchronous=%s: %d rows committed, %d left (%v); %+v", seed, synchronous, committed, left, err, loss)
	return committed, left, err
}

// What SQLite has committed with synchronous=FULL is there after a power cut.
func TestCommittedRowsSurviveACrash(t *testing.T) {
	for seed := range uint64(4) {
		committed, left, err := writeAndCrash(t, seed, "FULL")
		if err != nil || left < committed {
			t.Errorf("seed %d: %d rows were committed and %d are left: %v", seed, committed, left, err)
		}
	}
}

// With synchronous=OFF it is not: if this fails, the disk forgets nothing, and every other test of it proves nothing.
func TestUnsyncedRowsAreLostInACrash(t *testing.T) {
	for seed := range uint64(20) {
		if committed, left, err := writeAndCrash(t, seed, "OFF"); err != nil || left < committed {
			return
		}
	}
	t.Error("no crash lost anything that was never synced")
}
