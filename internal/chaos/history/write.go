package history

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

const (
	metaName  = "meta.json"
	extension = ".jsonl"
)

// Hash is what a record has of a content.
func Hash(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:8])
}

// Writer writes one client's file. It may be used concurrently. The first error stays; Close returns it.
type Writer struct {
	mu   sync.Mutex
	file *os.File
	buf  *bufio.Writer
	err  error
}

// Create makes the file of a client; what it is called in there is name with everything but letters and digits replaced.
// It must not be there yet.
func Create(dir, name, user, form string) (*Writer, error) {
	file, err := os.OpenFile(filepath.Join(dir, fileName(name)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	w := &Writer{file: file, buf: bufio.NewWriter(file)}
	w.Write(Op{Op: ClientIs, Client: name, User: user, Form: form})
	return w, nil
}

func fileName(client string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, client) + extension
}

// Write appends records together. They are with the operating system when it returns, so that nothing of them is lost
// when the checker itself dies.
func (w *Writer) Write(ops ...Op) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range ops {
		line, err := json.Marshal(&ops[i])
		if err == nil {
			_, err = w.buf.Write(append(line, '\n'))
		}
		w.note(err)
	}
	w.note(w.buf.Flush())
}

func (w *Writer) note(err error) {
	if w.err == nil {
		w.err = err
	}
}

// Close closes the file.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return errors.Join(w.err, w.file.Close())
}

// WriteMeta puts meta.json in place as a whole.
func WriteMeta(dir string, m *Meta) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, metaName)
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
