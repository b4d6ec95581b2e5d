package datadir

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, path string) *Dir {
	t.Helper()
	d, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	s, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return s.Mode().Perm()
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if err == nil || !strings.Contains(err.Error(), p) {
			t.Errorf("got error %v, want one with %q", err, p)
		}
	}
}

func TestOpenMakesAFolderForItsOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "data")
	d := open(t, path)
	if got := mode(t, path); got != 0o700 {
		t.Errorf("folder has mode %o", got)
	}
	if want := filepath.Join(path, "parley.db"); d.Database() != want {
		t.Errorf("the database is %s, want %s", d.Database(), want)
	}
}

func TestASecondOneIsToldWhoHasTheFolder(t *testing.T) {
	path := t.TempDir()
	first := open(t, path)
	_, err := Open(path)
	var used *InUseError
	if !errors.As(err, &used) || used.PID != os.Getpid() {
		t.Fatalf("got %v, want the process %d named", err, os.Getpid())
	}
	wantError(t, err, path, "--data")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	open(t, path) // the lock file is still there and means nothing
}

func TestAFolderThatCannotBeUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(file)
	wantError(t, err, file, "--data")
	_, err = Open(filepath.Join(file, "below"))
	wantError(t, err, file, "--data")
	// A folder in the place of the lock file stops root too, whom modes do not.
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, lockName), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err = Open(dir)
	wantError(t, err, dir, "--data")
}

func TestTokenKeyIsMadeOnceAndKeptForItsOwner(t *testing.T) {
	path := t.TempDir()
	d := open(t, path)
	first, err := d.TokenKey()
	if err != nil {
		t.Fatal(err)
	}
	if len(first) != KeySize || bytes.Equal(first, make([]byte, KeySize)) {
		t.Fatalf("key is %x", first)
	}
	if got := mode(t, filepath.Join(path, keyName)); got != 0o600 {
		t.Errorf("key has mode %o", got)
	}
	second, err := d.TokenKey()
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("the key changed: %x, %v", second, err)
	}
	other, err := open(t, t.TempDir()).TokenKey()
	if err != nil || bytes.Equal(first, other) {
		t.Errorf("two folders have the key %x, %v", other, err)
	}
}

func TestAKeyThatOthersCanReadIsRefused(t *testing.T) {
	path := t.TempDir()
	d := open(t, path)
	if _, err := d.TokenKey(); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(path, keyName)
	for _, m := range []os.FileMode{0o644, 0o640, 0o604, 0o620} {
		if err := os.Chmod(key, m); err != nil {
			t.Fatal(err)
		}
		_, err := d.TokenKey()
		wantError(t, err, key, "chmod 600")
	}
}

func TestADamagedKeyIsNotReplaced(t *testing.T) {
	path := t.TempDir()
	d := open(t, path)
	for _, content := range []string{"", "short", strings.Repeat("x", KeySize+1)} {
		if err := os.WriteFile(filepath.Join(path, keyName), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := d.TokenKey()
		wantError(t, err, keyName, "damaged")
	}
}

func TestSocketRecord(t *testing.T) {
	path := t.TempDir()
	d := open(t, path)
	if got, err := SocketOf(path); got != "" || err != nil {
		t.Errorf("without a record: %q, %v", got, err)
	}
	socket, err := MakeSocketDir()
	if err != nil {
		t.Fatal(err)
	}
	if got := mode(t, filepath.Dir(socket)); got != 0o700 {
		t.Errorf("the socket's folder has mode %o", got)
	}
	if err := d.NoteSocket(socket); err != nil {
		t.Fatal(err)
	}
	if got, err := SocketOf(path); got != socket || err != nil {
		t.Errorf("got %q, %v; want %q", got, err, socket)
	}
	if err := os.WriteFile(socket, nil, 0o600); err != nil { // what a killed server leaves
		t.Fatal(err)
	}
	for range 2 {
		if err := d.ForgetSocket(); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := SocketOf(path); got != "" || err != nil {
		t.Errorf("after forgetting: %q, %v", got, err)
	}
	if _, err := os.Stat(filepath.Dir(socket)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket's folder is still there: %v", err)
	}
}

// The record is a file in the data folder: it must not be able to name what ForgetSocket then deletes.
func TestForgettingDeletesNothingElse(t *testing.T) {
	path := t.TempDir()
	d := open(t, path)
	for _, name := range []string{"letters.txt", filepath.Join("other", socketFile)} {
		victim := filepath.Join(t.TempDir(), name)
		if err := os.MkdirAll(filepath.Dir(victim), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(victim, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if len(victim) > MaxSocketPath {
			t.Fatalf("%s is too long for this test", victim)
		}
		if err := d.NoteSocket(victim); err != nil {
			t.Fatal(err)
		}
		if err := d.ForgetSocket(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(victim); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestALongTemporaryFolderIsPassedOver(t *testing.T) {
	long := filepath.Join(t.TempDir(), strings.Repeat("x", 120))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", long)
	t.Setenv("TMPDIR", long)
	socket, err := MakeSocketDir()
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(filepath.Dir(socket))
	if len(socket) > MaxSocketPath {
		t.Errorf("got %s", socket)
	}
	left, err := os.ReadDir(long)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
