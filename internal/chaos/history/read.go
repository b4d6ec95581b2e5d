package history

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
)

// maxLine bounds a record, in bytes. The longest are lists of who is online.
const maxLine = 1 << 20

// Load reads a run's folder. The last line of a file may be cut off, as a crash leaves it, and is then dropped; any other
// line that cannot be read is an error.
func Load(dir string) (*History, error) {
	h := &History{}
	meta, err := os.ReadFile(filepath.Join(dir, metaName))
	if err != nil {
		return nil, fmt.Errorf("no run of the checker is in %s: %w", dir, err)
	}
	if err := json.Unmarshal(meta, &h.Meta); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, metaName), err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"+extension))
	if err != nil {
		return nil, err
	}
	sort.Strings(files)
	for _, path := range files {
		c, err := loadFile(path)
		if err != nil {
			return nil, err
		}
		h.Clients = append(h.Clients, c)
	}
	h.Index()
	return h, nil
}

func loadFile(path string) (*Client, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// Read reads one client's records.
func Read(r io.Reader) (*Client, error) {
	var (
		c     = &Client{}
		lines = bufio.NewScanner(r)
		words = interner{}
		bad   error // of a line that may yet turn out to be the last
	)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	for n := 1; lines.Scan(); n++ {
		if bad != nil {
			return nil, bad
		}
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		var op Op
		if err := json.Unmarshal(line, &op); err != nil {
			bad = fmt.Errorf("line %d: %w", n, err)
			continue
		}
		switch {
		case op.Op == "":
			return nil, fmt.Errorf("line %d says no op", n)
		case c.Name == "" && op.Op != ClientIs:
			return nil, fmt.Errorf("line %d: the first record does not say whose they are", n)
		case op.Op == ClientIs && (c.Name != "" || op.Client == ""):
			return nil, fmt.Errorf("line %d: a second client, or one without a name", n)
		case op.Op == ClientIs:
			c.Name, c.User, c.Form = op.Client, op.User, op.Form
			continue
		}
		op.Client = c.Name
		words.intern(&op)
		c.Ops = append(c.Ops, op)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if c.Name == "" {
		return nil, errors.New("there is no record in it")
	}
	return c, nil
}

// interner keeps one copy of what stands in very many records.
type interner map[string]string

func (in interner) intern(op *Op) {
	for _, s := range []*string{&op.User, &op.Form, &op.Room, &op.Epoch, &op.Code} {
		if known, ok := in[*s]; ok {
			*s = known
		} else {
			in[*s] = *s
		}
	}
}
