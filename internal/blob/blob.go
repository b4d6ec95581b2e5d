// Package blob keeps files in a folder under the hash of what is in them.
//
// The invariant: a file that has its name is whole and on disk. What is written gets another name first, and its own only
// once it is synced, so that a crash or a full disk leaves nothing but such a first file, which the next Open takes away.
package blob

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// Key names a file: the SHA-256 of its content in 64 small hexadecimal digits.
type Key string

// KeyOf is the key of a content.
func KeyOf(content []byte) Key {
	sum := sha256.Sum256(content)
	return Key(hex.EncodeToString(sum[:]))
}

// valid keeps paths out: nothing but a key ever becomes the name of a file.
func (k Key) valid() bool {
	return len(k) == 2*sha256.Size && strings.Trim(string(k), "0123456789abcdef") == ""
}

// Folder is a folder of files. Its methods may be called concurrently, but for Put and Delete of the same key: whoever
// deletes must know that nobody puts.
type Folder struct{ path string }

const unfinished = "new-" // begins the names of files that are being written

// Open makes the folder if it is missing, and takes away what a crash has left half written.
func Open(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the folder for pictures: %w", err)
	}
	f := &Folder{path}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the folder for pictures: %w", err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), unfinished) {
			continue
		}
		if err := os.Remove(filepath.Join(path, e.Name())); err != nil {
			return nil, fmt.Errorf("cannot tidy the folder for pictures: %w", err)
		}
	}
	return f, syncFolder(filepath.Dir(path))
}

func (f *Folder) file(k Key) string { return filepath.Join(f.path, string(k)) }

// Put stores content durably and returns its key. Overloaded when the disk is full.
func (f *Folder) Put(content []byte) (Key, error) {
	const op = "blob.Put"
	k := KeyOf(content)
	if _, err := os.Stat(f.file(k)); err == nil {
		return k, nil
	}
	if err := f.write(k, content); err != nil {
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
			return "", &chat.Error{Code: chat.Overloaded, Op: op, Message: "the disk is full: nothing was stored", RetryAfter: 5 * time.Second, Err: err}
		}
		return "", chat.WrapInternal(op, err)
	}
	return k, nil
}

func (f *Folder) write(k Key, content []byte) error {
	file, err := os.CreateTemp(f.path, unfinished+"*")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), f.file(k))
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return syncFolder(f.path)
}

// Get returns the content of a file, or NotFound.
func (f *Folder) Get(k Key) ([]byte, error) {
	const op = "blob.Get"
	if !k.valid() {
		return nil, chat.Errorf(chat.NotFound, op, "there is no such file")
	}
	content, err := os.ReadFile(f.file(k))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, chat.Errorf(chat.NotFound, op, "there is no such file")
	}
	return content, chat.WrapInternal(op, err)
}

// Delete takes a file away. That there is none is no error.
func (f *Folder) Delete(k Key) error {
	if !k.valid() {
		return nil
	}
	if err := os.Remove(f.file(k)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return chat.WrapInternal("blob.Delete", err)
	}
	return nil
}

// Keys lists the files that there are.
func (f *Folder) Keys() ([]Key, error) {
	entries, err := os.ReadDir(f.path)
	if err != nil {
		return nil, chat.WrapInternal("blob.Keys", err)
	}
	var keys []Key
	for _, e := range entries {
		if k := Key(e.Name()); k.valid() {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// syncFolder puts a folder's entries on disk, where the file system can.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}
