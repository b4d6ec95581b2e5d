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
// just before has left; so does one with something that was deleted, which must not lie in it until it is overwritten.
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
	_, err := c.once("TRUNCATE")
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
	size, erase := c.size(), c.store.writer.erased.Load()
	if size < checkpointFrom && !erase {
		return
	}
	_, err := c.once("PASSIVE")
	if err == nil && (size > truncateFrom || erase) {
		err = c.truncate()
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

// truncate empties the log while nobody writes. If a reader is in the way and something was deleted, it is tried again.
func (c *checkpointer) truncate() error {
	w := c.store.writer
	w.mu.Lock()
	defer w.mu.Unlock()
	done, err := c.once("TRUNCATE")
	switch {
	case done:
		w.erased.Store(false)
	case w.erased.Load():
		c.committed()
	}
	return err
}

func (c *checkpointer) size() int64 {
	info, err := os.Stat(c.log)
	if err != nil {
		return 0
	}
	return info.Size()
}

// once runs one checkpoint. A reader in the way makes it do less, which is no error: then it is not done.
func (c *checkpointer) once(mode string) (done bool, err error) {
	var busy, frames, moved int
	err = c.db.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &frames, &moved)
	return err == nil && busy == 0, err
}
