package sqlite

import (
	"context"
	"testing"
)

// WriterPragma reads a setting of the connection that writes.
func WriterPragma(t *testing.T, s *Store, name string) (value string) {
	t.Helper()
	if err := s.writer.conn.QueryRowContext(context.Background(), "PRAGMA "+name).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// SetWriterPragma changes a setting of the connection that writes.
func SetWriterPragma(t *testing.T, s *Store, pragma string) {
	t.Helper()
	s.writer.mu.Lock()
	defer s.writer.mu.Unlock()
	if _, err := s.writer.conn.ExecContext(context.Background(), "PRAGMA "+pragma); err != nil {
		t.Fatal(err)
	}
}

// WriteWithReader tries to write on a connection that reads.
func WriteWithReader(s *Store) error {
	_, err := s.read.Exec("UPDATE rooms SET topic = 'mine'")
	return err
}

// Checkpoint does at once what the checkpointer does after commits, and returns the size of the log.
func Checkpoint(s *Store) int64 {
	s.check.checkpoint()
	return s.check.size()
}

// LogSize returns the size of the log.
func LogSize(s *Store) int64 { return s.check.size() }
