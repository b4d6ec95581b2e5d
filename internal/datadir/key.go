package datadir

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// KeySize is the length of the key that signs tokens, in bytes.
const KeySize = 32

// TokenKey returns the key that signs tokens, made when the folder is used for the first time. A key that others can
// read is refused: whoever has it can be anyone.
func (d *Dir) TokenKey() ([]byte, error) {
	path := filepath.Join(d.path, keyName)
	key, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newKey(path)
	}
	return key, err
}

func readKey(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the token key %s: %w", path, cause(err))
	}
	defer f.Close()
	s, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("cannot read the token key %s: %w", path, cause(err))
	}
	if mode := s.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("the token key %s can be used by others (mode %04o): run `chmod 600 %s`, or delete it if somebody may have read it; deleting signs everyone out", path, mode, path)
	}
	key := make([]byte, KeySize+1)
	n, err := io.ReadFull(f, key)
	if n != KeySize || !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("the token key %s is damaged (it must hold %d bytes): restore it, or delete it, which signs everyone out", path, KeySize)
	}
	return key[:n], nil
}

// newKey makes the key under another name first, so that a crash cannot leave half of one.
func newKey(path string) ([]byte, error) {
	key := make([]byte, KeySize)
	_, _ = rand.Read(key) // never fails
	if err := writeDurably(path, key); err != nil {
		return nil, fmt.Errorf("cannot write the token key %s: %w", path, cause(err))
	}
	return key, nil
}

// writeDurably puts content at path in one step, for the owner alone, on disk when it returns.
func writeDurably(path string, content []byte) error {
	temp := path + ".new"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err := f.Chmod(0o600); err != nil {
		_ = f.Close()
		return err
	}
	if _, err := f.Write(content); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
