package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/parley-chat/parley/internal/chat"
)

const (
	readers  = 4               // connections that read
	readTime = 5 * time.Second // after which a read ends

	// applicationID marks the file as Parley's ("Prly").
	applicationID = 0x50726c79
)

// Options say where the file is.
type Options struct {
	Path   string       // of the database file; its folder is made if it is missing
	Logger *slog.Logger // nil: slog.Default
	// Fatal is called when the disk has failed in a way that leaves no ground to go on. It should not return; if it does, the
	// store refuses every further write. nil: log and end the process with status 1.
	Fatal func(error)
	Now   func() time.Time // nil: time.Now
}

// Store is a chat.Store in one SQLite file.
type Store struct {
	path   string
	log    *slog.Logger
	fatal  func(error)
	now    func() time.Time
	writer *writer
	read   *sql.DB
	reads  readStatements
	check  *checkpointer
	closed sync.Once
}

var _ chat.Store = (*Store)(nil)

// Open opens the database, making it or bringing it to the present schema first. It does not lock the folder against
// other processes: that is its caller's part. The folder gets mode 0700 if it is made, the file 0600.
func Open(ctx context.Context, o Options) (*Store, error) {
	path, err := prepareFile(o.Path)
	if err != nil {
		return nil, err
	}
	s := &Store{path: path, log: o.Logger, fatal: o.Fatal, now: o.Now}
	if s.log == nil {
		s.log = slog.Default()
	}
	if s.fatal == nil {
		s.fatal = func(err error) {
			s.log.Error("the database's disk has failed; ending so that the next start recovers", "path", path, "err", err)
			os.Exit(1)
		}
	}
	if s.now == nil {
		s.now = time.Now
	}
	if err := s.migrate(ctx); err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	if err := s.connect(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("database %s: %w", path, err), s.Close())
	}
	return s, nil
}

func (s *Store) connect(ctx context.Context) (err error) {
	if s.writer, err = openWriter(ctx, s.path, s.broke); err != nil {
		return err
	}
	if s.read, err = sql.Open("sqlite", dataSource(s.path, "busy_timeout(5000)", "query_only(1)", "cache_size(-8192)")); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	if err := s.reads.prepare(ctx, s.read); err != nil {
		return err
	}
	if s.check, err = startCheckpointer(s); err != nil {
		return err
	}
	s.writer.stored = s.check.committed
	return nil
}

// Close writes the log back into the database and closes it. Nothing may be called during or after it.
func (s *Store) Close() error {
	var err error
	s.closed.Do(func() {
		if s.check != nil {
			err = s.check.stop()
		}
		if s.read != nil {
			err = errors.Join(err, s.reads.close(), s.read.Close())
		}
		if s.writer != nil {
			err = errors.Join(err, s.writer.close())
		}
	})
	return err
}

// broke ends the process; see Options.Fatal.
func (s *Store) broke(err error) { s.fatal(err) }

// dataSource is the DSN of a connection. The pragmas are executed in this order; busy_timeout comes first, because the
// others may meet a lock.
func dataSource(path string, pragmas ...string) string {
	q := url.Values{"_pragma": pragmas}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// prepareFile makes folder and file with their permissions, so that a database nobody else may read never exists with
// wider ones, and what cannot be written is told apart before SQLite sees it.
func prepareFile(path string) (string, error) {
	if path == "" {
		return "", errors.New("database: no path given")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("database %s: %w", path, err)
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("the data folder %s cannot be made: %w", folder, err)
	}
	// SQLite keeps two more files beside the database, so the folder itself must be writable.
	probe, err := os.CreateTemp(folder, ".write-test-*")
	if err != nil {
		return "", fmt.Errorf("the data folder %s cannot be written: %w", folder, cause(err))
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return "", fmt.Errorf("the data folder %s cannot be written: %w", folder, err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", fmt.Errorf("the database %s cannot be written: %w", path, cause(err))
	}
	if err := errors.Join(file.Chmod(0o600), file.Close()); err != nil {
		return "", fmt.Errorf("the database %s cannot be written: %w", path, err)
	}
	return path, nil
}

// cause is the bare reason of a file error, whose path the message names already.
func cause(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}
