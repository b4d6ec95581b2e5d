package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"time"
)

const (
	checkpointEvery = 500 * time.Millisecond // at most, while there are commits
	checkpointFrom  = 1 << 20                // bytes of log worth the while
	truncateFrom    = 64 << 20               // bytes of log past which it is emptied, holding up the writer
)

// checkpointer moves what is committed from the log into the database, off the commit path: on a connection and a
// goroutine of its own. Only a log that has grown past truncateFrom makes the writer wait, for what a passive checkpoint
// just before has left.
type checkpointer struct {
	store  *Store
	db     *sql.DB
	log    string // the log's path
	wake   chan struct{}
	ending chan struct{}
	ended  chan struct{}
}

func startCheckpointer(s *Store) (*checkpointer, error) {
	db, err := sql.Open("sqlite", dataSource(s.path, "busy_timeout(200)", "synchronous(FULL)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	c := &checkpointer{store: s, db: db, log: s.path + "-wal", wake: make(chan struct{}, 1),
		ending: make(chan struct{}), ended: make(chan struct{})}
	go c.run()
	return c, nil
}

// committed says that the log has grown.
func (c *checkpointer) committed() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// stop ends the goroutine and empties the log. If there is no room to do so, the log keeps what it has for the next start.
func (c *checkpointer) stop() error {
	close(c.ending)
	<-c.ended
	err := c.once("TRUNCATE")
	if isFull(err) {
		c.store.log.Warn("the database's log could not be written back: the disk is full", "err", err)
		err = nil
	}
	return errors.Join(err, c.db.Close())
}

func (c *checkpointer) run() {
	defer close(c.ended)
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-c.ending:
			return
		case <-pause.C:
		}
		select {
		case <-c.ending:
			return
		case <-c.wake:
		}
		c.checkpoint()
		pause.Reset(checkpointEvery)
	}
}

func (c *checkpointer) checkpoint() {
	size := c.size()
	if size < checkpointFrom {
		return
	}
	err := c.once("PASSIVE")
	if err == nil && size > truncateFrom {
		c.store.writer.mu.Lock()
		err = c.once("TRUNCATE")
		c.store.writer.mu.Unlock()
	}
	switch {
	case err == nil:
	case isBroken(err):
		// The pages may have left the kernel's cache without reaching the disk; a second try would forget the log that has them.
		w := c.store.writer
		w.mu.Lock()
		w.breakDown(err)
		w.mu.Unlock()
	default:
		c.store.log.Warn("the database's log could not be written back yet", "err", err)
	}
}

func (c *checkpointer) size() int64 {
	info, err := os.Stat(c.log)
	if err != nil {
		return 0
	}
	return info.Size()
}

// once runs one checkpoint. A reader in the way makes it do less, which is no error.
func (c *checkpointer) once(mode string) error {
	var busy, frames, done int
	return c.db.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &frames, &done)
}
