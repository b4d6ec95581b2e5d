package datadir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// MaxSocketPath is the longest path a Unix socket can have on every system: 104 bytes on some, one of them a NUL.
const MaxSocketPath = 103

// socketFile is the name of the command socket in its folder.
const socketFile = "parley.sock"

// MakeSocketDir makes a folder that only this user can enter, for the command socket. It lies outside the data folder
// because a socket's path must be short; NoteSocket leaves word of it inside. It returns the path for the socket itself.
func MakeSocketDir() (socket string, err error) {
	for _, base := range []string{os.Getenv("XDG_RUNTIME_DIR"), "", "/tmp"} { // "" is the system's own choice
		if base != "" && !filepath.IsAbs(base) {
			continue
		}
		dir, err := os.MkdirTemp(base, "parley-")
		if err != nil {
			continue
		}
		if socket := filepath.Join(dir, socketFile); len(socket) <= MaxSocketPath {
			return socket, nil
		}
		_ = os.Remove(dir)
	}
	return "", errors.New("found no folder for temporary files with a short path: set TMPDIR to one of less than 80 bytes")
}

// NoteSocket records where the running server's command socket is.
func (d *Dir) NoteSocket(socket string) error {
	if err := writeDurably(filepath.Join(d.path, socketName), []byte(socket+"\n")); err != nil {
		return fmt.Errorf("cannot write in the data folder %s: %w", d.path, cause(err))
	}
	return nil
}

// ForgetSocket removes the record, the socket and its folder, also those of a server that was killed: whoever holds the
// data folder knows that nobody listens there any more. What is not there is no error.
func (d *Dir) ForgetSocket() error {
	socket, err := SocketOf(d.path)
	if err != nil {
		return err
	}
	if dir, name := filepath.Split(socket); name == socketFile && strings.HasPrefix(filepath.Base(dir), "parley-") {
		_ = os.Remove(socket)
		_ = os.Remove(dir) // unless something else is in it
	}
	err = os.Remove(filepath.Join(d.path, socketName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// SocketOf returns where the server on the folder at path says it can be reached, "" when none does. It needs no lock;
// the record of a server that was killed may lead nowhere.
func SocketOf(path string) (string, error) {
	b, err := os.ReadFile(filepath.Join(path, socketName))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("cannot read %s: %w", filepath.Join(path, socketName), cause(err))
	}
	socket := strings.TrimSpace(string(b))
	if len(socket) > MaxSocketPath || !filepath.IsAbs(socket) {
		return "", nil // not written by NoteSocket
	}
	return socket, nil
}
