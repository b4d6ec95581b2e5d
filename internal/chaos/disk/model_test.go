package disk_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"github.com/parley-chat/parley/internal/chaos/disk"
)

const page = 4096

// modelFile is what a file holds now and what a crash may make of it, told with whole contents.
type modelFile struct {
	now, synced []byte
	low         int          // the least size since the last fsync
	lost        map[int]bool // pages that a failed fsync has dropped
	dirty       map[int]bool // pages that were changed since the last fsync
}

func (f *modelFile) write(off int, data []byte) {
	if grown := off + len(data) - len(f.now); grown > 0 {
		f.now = append(f.now, make([]byte, grown)...)
	}
	copy(f.now[off:], data)
	for p := off / page; p*page < off+len(data); p++ {
		f.dirty[p] = true
		delete(f.lost, p)
	}
}

func (f *modelFile) truncate(size int) {
	for p := size / page; p*page < len(f.synced); p++ {
		f.dirty[p] = true
	}
	f.now = append(slices.Clone(f.now[:min(size, len(f.now))]), make([]byte, max(size-len(f.now), 0))...)
	f.low = min(f.low, size)
}

func (f *modelFile) sync() {
	synced := slices.Clone(f.now)
	for p := range f.lost {
		if p*page < len(synced) {
			copy(synced[p*page:], f.old(p, true)[:min(page, len(synced)-p*page)])
		}
	}
	f.synced, f.low, f.dirty = synced, len(synced), map[int]bool{}
}

func (f *modelFile) failSync() {
	maps.Copy(f.lost, f.dirty)
	f.dirty = map[int]bool{}
}

// old is a page as it was synced last, filled up with zeros; cut says that truncations since have come through.
func (f *modelFile) old(p int, cut bool) []byte {
	b := make([]byte, page)
	if p*page < len(f.synced) {
		copy(b, f.synced[p*page:])
	}
	if cut && f.low < len(f.synced) {
		clear(b[min(max(f.low-p*page, 0), page):])
	}
	return b
}

// may tells whether a crash may leave this, if the change of the size was lost or kept.
func (f *modelFile) may(got []byte, sizeLost bool) bool {
	size, truncated := len(f.now), f.low < len(f.synced)
	if sizeLost {
		size = len(f.synced)
	}
	if len(got) != size {
		return false
	}
	for p := 0; p*page < len(got); p++ {
		g := got[p*page : min((p+1)*page, len(got))]
		if bytes.Equal(g, f.old(p, truncated && !sizeLost)[:len(g)]) {
			continue
		}
		end := min(p*page+len(g), len(f.now))
		if f.lost[p] || sizeLost && truncated && (p+1)*page > f.low || end < p*page+len(g) || !bytes.Equal(g, f.now[p*page:end]) {
			return false
		}
	}
	return true
}

// model is one directory with its files; the names since the last fsync of the directory, the oldest first.
type model struct {
	files []*modelFile
	names []map[string]int
}

func (m *model) now() map[string]int { return m.names[len(m.names)-1] }

// change makes the directory's next state.
func (m *model) change(f func(names map[string]int)) {
	next := maps.Clone(m.now())
	f(next)
	m.names = append(m.names, next)
}

// explains tells whether a crash may leave this tree.
func (m *model) explains(got map[string]string) bool {
	return slices.ContainsFunc(m.names, func(names map[string]int) bool {
		if len(names) != len(got) {
			return false
		}
		for name, file := range names {
			content, ok := got[name]
			f := m.files[file]
			if !ok || !f.may([]byte(content), false) && !f.may([]byte(content), true) {
				return false
			}
		}
		return true
	})
}

// restart begins anew with what is there.
func (m *model) restart(got map[string]string) {
	m.files, m.names = nil, []map[string]int{{}}
	for name, content := range got {
		m.now()[name] = len(m.files)
		m.files = append(m.files, newModelFile([]byte(content)))
	}
}

func newModelFile(content []byte) *modelFile {
	return &modelFile{now: content, synced: slices.Clone(content), low: len(content), lost: map[int]bool{}, dirty: map[int]bool{}}
}

// modelRun does the same to a disk and to a model.
type modelRun struct {
	t *testing.T
	d *disk.Disk
	m model
}

func (r *modelRun) path(name string) string { return filepath.Join(r.d.Dir(), name) }

// file draws one of the files that are there.
func (r *modelRun) file(rt *rapid.T) (string, *modelFile) {
	all := slices.Sorted(maps.Keys(r.m.now()))
	if len(all) == 0 {
		rt.Skip("no file")
	}
	name := rapid.SampledFrom(all).Draw(rt, "file")
	return name, r.m.files[r.m.now()[name]]
}

// with opens a file for one action.
func (r *modelRun) with(name string, do func(f *os.File) error) {
	f, err := os.OpenFile(r.path(name), os.O_RDWR, 0)
	check(r.t, err)
	check(r.t, do(f), f.Close())
}

var drawName = rapid.SampledFrom([]string{"a", "b", "c"})

func (r *modelRun) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"create": func(rt *rapid.T) {
			name := drawName.Draw(rt, "name")
			if _, there := r.m.now()[name]; there {
				rt.Skip("it is there")
			}
			check(r.t, os.WriteFile(r.path(name), nil, 0o600))
			r.m.files = append(r.m.files, newModelFile(nil))
			r.m.change(func(names map[string]int) { names[name] = len(r.m.files) - 1 })
		},
		"write": func(rt *rapid.T) {
			name, f := r.file(rt)
			off := rapid.IntRange(0, 5*page).Draw(rt, "offset")
			data := bytes.Repeat([]byte{byte(rapid.IntRange('a', 'z').Draw(rt, "letter"))}, rapid.IntRange(1, 3*page).Draw(rt, "length"))
			r.with(name, func(file *os.File) error {
				_, err := file.WriteAt(data, int64(off))
				return err
			})
			f.write(off, data)
		},
		"fail write": func(rt *rapid.T) {
			name, _ := r.file(rt)
			r.d.FailWrite(1)
			r.with(name, func(file *os.File) error {
				if n, err := file.WriteAt([]byte("never"), int64(rapid.IntRange(0, 5*page).Draw(rt, "offset"))); n != 0 || !errors.Is(err, unix.EIO) {
					return fmt.Errorf("the write that was to fail wrote %d: %w", n, err)
				}
				return nil
			})
		},
		"tear write": func(rt *rapid.T) { // half of it is written, and the rest fails. It lies in one page, or the kernel may make it two
			name, f := r.file(rt)
			off := rapid.IntRange(0, 5).Draw(rt, "page")*page + rapid.IntRange(0, page/2).Draw(rt, "offset")
			data := bytes.Repeat([]byte{byte(rapid.IntRange('A', 'Z').Draw(rt, "letter"))}, rapid.IntRange(2, page/2).Draw(rt, "length"))
			r.d.ShortWrite(1)
			r.d.FailWrite(2)
			r.with(name, func(file *os.File) error {
				if _, err := file.WriteAt(data, int64(off)); !errors.Is(err, unix.EIO) { // it does not count the half
					return fmt.Errorf("the write that was to be torn: %w", err)
				}
				return nil
			})
			f.write(off, data[:len(data)/2])
		},
		"truncate": func(rt *rapid.T) {
			name, f := r.file(rt)
			size := rapid.IntRange(0, 6*page).Draw(rt, "size")
			check(r.t, os.Truncate(r.path(name), int64(size)))
			f.truncate(size)
		},
		"sync": func(rt *rapid.T) {
			name, f := r.file(rt)
			r.with(name, (*os.File).Sync)
			f.sync()
		},
		"fail sync": func(rt *rapid.T) {
			name, f := r.file(rt)
			r.d.FailSync(1)
			r.with(name, func(file *os.File) error {
				if err := file.Sync(); !errors.Is(err, unix.EIO) {
					return fmt.Errorf("the fsync that was to fail: %w", err)
				}
				return nil
			})
			f.failSync()
		},
		"rename": func(rt *rapid.T) {
			from, _ := r.file(rt)
			to := drawName.Draw(rt, "to")
			check(r.t, os.Rename(r.path(from), r.path(to)))
			if from != to {
				r.m.change(func(names map[string]int) { names[to] = names[from]; delete(names, from) })
			}
		},
		"remove": func(rt *rapid.T) {
			name, _ := r.file(rt)
			check(r.t, os.Remove(r.path(name)))
			r.m.change(func(names map[string]int) { delete(names, name) })
		},
		"sync directory": func(*rapid.T) {
			syncDir(r.t, r.d.Dir())
			r.m.names = r.m.names[len(r.m.names)-1:]
		},
		"crash": func(rt *rapid.T) {
			loss, err := r.d.Crash(rapid.Uint64().Draw(rt, "seed"))
			check(r.t, err)
			got := tree(r.t, r.d.Dir())
			if !r.m.explains(got) {
				rt.Fatalf("a crash left %s, which nothing explains; %+v", names(got), loss)
			}
			r.m.restart(got)
		},
		"": func(rt *rapid.T) {
			got := tree(r.t, r.d.Dir())
			if len(got) != len(r.m.now()) {
				rt.Fatalf("there are %s, want %v", names(got), r.m.now())
			}
			for name, file := range r.m.now() {
				if content := got[name]; content != string(r.m.files[file].now) {
					rt.Fatalf("%s holds %d bytes, not the %d that it should", name, len(content), len(r.m.files[file].now))
				}
			}
		},
	}
}

// Whatever is done to it, the disk shows what a plain one would, and after a crash nothing but what the package promises.
func TestAgainstAModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := &modelRun{t: t, d: mount(t)}
		r.m.restart(nil)
		rt.Repeat(r.actions())
		check(t, r.d.Unmount())
	})
}
