package blob

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

func TestFilesAreKeptByTheirContent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pictures")
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	one, two := []byte("one"), []byte("two")
	k, err := f.Put(one)
	if err != nil || k != KeyOf(one) {
		t.Fatal(k, err)
	}
	if again, err := f.Put(one); err != nil || again != k {
		t.Errorf("the same again: %s, %v", again, err)
	}
	if _, err := f.Put(two); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Get(k); err != nil || !bytes.Equal(got, one) {
		t.Errorf("Get: %q, %v", got, err)
	}
	for range 2 { // the second time it is gone
		if err := f.Delete(k); err != nil {
			t.Error(err)
		}
	}
	if _, err := f.Get(k); chat.CodeOf(err) != chat.NotFound {
		t.Errorf("after Delete: %v", err)
	}
	if keys, err := f.Keys(); err != nil || len(keys) != 1 || keys[0] != KeyOf(two) {
		t.Errorf("Keys: %v, %v", keys, err)
	}
}

// What a crash left half written is gone at the next start; what is whole stays.
func TestHalfWrittenFilesAreTakenAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a[folder") // as people name folders
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	k, err := f.Put([]byte("whole"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, unfinished+"1"), []byte("ha"), 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err = Open(path); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Get(k); err != nil {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(path); len(entries) != 1 {
		t.Errorf("there are %v", entries)
	}
}

func TestOnlyKeysNameFiles(t *testing.T) {
	path := t.TempDir()
	f, err := Open(filepath.Join(path, "pictures"))
	if err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(path, "token.key")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, k := range []Key{"", ".", "..", "../token.key", Key(secret), "..\\token.key", KeyOf(nil)[:63], KeyOf(nil) + "0", "A" + KeyOf(nil)[1:], KeyOf(nil)[:63] + "\x00"} {
		if _, err := f.Get(k); chat.CodeOf(err) != chat.NotFound {
			t.Errorf("Get(%q): %v", k, err)
		}
		if err := f.Delete(k); err != nil {
			t.Errorf("Delete(%q): %v", k, err)
		}
	}
	if _, err := os.Stat(secret); err != nil {
		t.Error(err)
	}
}
