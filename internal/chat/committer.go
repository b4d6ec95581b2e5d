package chat

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Bounds of the committer. The queue's bound in bytes is what limits memory; opBytes is what an op costs beside its text.
const (
	maxBatch      = 1000     // ops in one commit
	maxBatchBytes = 4 << 20  // of text in one commit
	maxQueueBytes = 16 << 20 // queued or being committed
	maxQueueOps   = 1 << 16
	opBytes       = 512

	lookupFor   = 30 * time.Second // how long the outcome of a broken commit is asked for
	lookupEvery = 50 * time.Millisecond
	lookupMost  = 2 * time.Second
)

// BatchStats is what an observer learns of one commit.
type BatchStats struct {
	Ops    int           // in the batch
	Took   time.Duration // inside Store.Commit
	Err    error         // the batch failed as a whole
	Queued int           // ops that came meanwhile and wait for the next commit
	Bytes  int           // their size
}

// committer carries out writes in groups: whatever queued while the last commit ran is the next batch. One goroutine
// commits, publishes and answers, in this order; callers only append to the queue and never wait for the disk.
type committer struct {
	store   Journal
	publish func([]Event)
	joined  func(RoomID, UserID)
	shown   func(Showing)
	marked  func(UserID, Mark)
	observe func(BatchStats)
	log     *slog.Logger
	mutant  mutants
	// rendering is for retries alone: what is new comes rendered.
	rendering rendering

	mu     sync.Mutex
	queue  []pending
	bytes  int           // of the queue and of the batch under way
	last   time.Duration // what the last commit took
	closed bool

	wake    chan struct{} // capacity 1: there is something to do
	closing chan struct{}
	done    chan struct{} // closed when the goroutine has ended

	// unsure is set for good once an outcome has stayed unknown: what is stored may never have been published. A retry that
	// finds such an entry must show it, or its author's stream waits for a number that nobody knows of. It belongs to run.
	unsure bool

	// telling is full from a change of somebody's list until it is told; the Service has it, too, for what it changes beside the
	// queue. Whoever fills it has no other lock.
	telling chan struct{}
}

type pending struct {
	op   Op
	size int
	done func(Outcome)
}

func startCommitter(cfg Config) *committer {
	c := &committer{
		store: cfg.Store, publish: cfg.Publish, joined: cfg.Joined, shown: cfg.RoomShown, marked: cfg.Marked, observe: cfg.Observe, log: cfg.Logger, mutant: cfg.Mutant,
		rendering: rendering{cfg.Renderer},
		wake:      make(chan struct{}, 1), closing: make(chan struct{}), done: make(chan struct{}), telling: make(chan struct{}, 1),
	}
	go c.run()
	return c
}

// enqueue appends op, or answers at once that it cannot.
func (c *committer) enqueue(op Op, text int, done func(Outcome)) {
	p := pending{op: op, size: text + opBytes, done: done}
	if err := c.append(p); err != nil {
		done(Outcome{Err: err})
		return
	}
	c.signal()
}

func (c *committer) append(p pending) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return &Error{Code: Overloaded, Op: "chat.commit", Message: "the server is shutting down", RetryAfter: 2 * time.Second}
	}
	if c.bytes+p.size > maxQueueBytes || len(c.queue) >= maxQueueOps {
		return &Error{Code: Overloaded, Op: "chat.commit", Message: "the queue of writes is full", RetryAfter: c.drainTime()}
	}
	c.bytes += p.size
	c.queue = append(c.queue, p)
	if n := len(c.queue); n > 1 && c.mutant.on("queue-not-in-order") {
		c.queue[n-2], c.queue[n-1] = c.queue[n-1], c.queue[n-2]
	}
	return nil
}

// drainTime guesses when the queue will have been written, from what the last commit took.
func (c *committer) drainTime() time.Duration {
	t := c.last * time.Duration(len(c.queue)/maxBatch+1)
	return min(max(t, 100*time.Millisecond), 10*time.Second)
}

func (c *committer) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *committer) queued() (ops, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.queue), c.bytes
}

func (c *committer) close(ctx context.Context) error {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		close(c.closing)
	}
	c.mu.Unlock()
	c.signal()
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		return &Error{Code: UnknownOutcome, Op: "chat.Close", Message: "writes were still queued", Err: ctx.Err()}
	}
}

// run is the committer's goroutine.
func (c *committer) run() {
	defer close(c.done)
	batch := make([]pending, 0, maxBatch)
	ops := make([]Op, 0, maxBatch)
	for {
		var more bool
		if batch, more = c.take(batch[:0]); len(batch) == 0 {
			if !more {
				return
			}
			<-c.wake
			continue
		}
		ops = ops[:0]
		for _, p := range batch {
			ops = append(ops, p.op)
		}
		if c.publish != nil && c.mutant.on("publish-before-commit") {
			c.publish(newEvents(c.foresee(ops), false))
		}
		if c.mutant.on("ack-before-commit") {
			c.answerEarly(batch, ops)
		}
		c.telling <- struct{}{}
		outcomes := c.commit(ops)
		c.unsure = c.unsure || slices.ContainsFunc(outcomes, func(o Outcome) bool { return CodeOf(o.Err) == UnknownOutcome })
		c.answer(batch, outcomes)
		clear(batch) // what was answered is garbage now
		clear(ops)
	}
}

// take moves the front of the queue into batch. more is false when nothing will ever come again.
func (c *committer) take(batch []pending) (_ []pending, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	size := 0
	for _, p := range c.queue {
		if len(batch) == maxBatch || len(batch) > 0 && size+p.size > maxBatchBytes {
			break
		}
		size += p.size
		batch = append(batch, p)
	}
	rest := copy(c.queue, c.queue[len(batch):])
	clear(c.queue[rest:])
	c.queue = c.queue[:rest]
	return batch, !c.closed
}

// commit returns an Outcome for every op, whatever happens.
func (c *committer) commit(ops []Op) []Outcome {
	begun := time.Now()
	// No caller's context reaches the transaction: somebody who hangs up must not undo what others wait for.
	outcomes, err := c.store.Commit(context.Background(), ops)
	took := time.Since(begun)
	if err == nil && len(outcomes) != len(ops) {
		err = Errorf(Internal, "chat.commit", "the store answered %d of %d writes", len(outcomes), len(ops))
	}
	c.note(len(ops), took, err)
	switch {
	case err == nil:
		return outcomes
	case CodeOf(err) == UnknownOutcome && c.mutant.on("repeat-on-retry"):
		return c.commit(renamed(ops))
	case CodeOf(err) == UnknownOutcome:
		c.log.Error("a commit broke off; asking what became of it", "ops", len(ops), "err", err)
		return c.lookup(ops, err)
	}
	c.log.Error("a commit failed", "ops", len(ops), "err", err)
	return allFailed(ops, withOp("chat.commit", err))
}

func (c *committer) note(ops int, took time.Duration, err error) {
	c.mu.Lock()
	c.last = took
	s := BatchStats{Ops: ops, Took: took, Err: err, Queued: len(c.queue), Bytes: c.bytes}
	c.mu.Unlock()
	if c.observe != nil {
		c.observe(s)
	}
}

func allFailed(ops []Op, err error) []Outcome {
	outcomes := make([]Outcome, len(ops))
	for i := range outcomes {
		outcomes[i].Err = err
	}
	return outcomes
}

// lookup finds out what became of ops. What is not found is answered with UnknownOutcome, never as failed: the broken
// commit might still come through. A retry with the same id settles it.
func (c *committer) lookup(ops []Op, cause error) []Outcome {
	unknown := &Error{Code: UnknownOutcome, Op: "chat.commit", Message: "it may have been stored: retry with the same id", Err: cause}
	wait, until := lookupEvery, time.Now().Add(lookupFor)
	for {
		outcomes, err := c.store.Lookup(context.Background(), ops)
		if err == nil && len(outcomes) == len(ops) {
			for i := range outcomes {
				if CodeOf(outcomes[i].Err) == NotFound {
					outcomes[i].Err = unknown
				}
			}
			return outcomes
		}
		if !c.sleep(wait) || time.Now().After(until) {
			c.log.Error("the outcome of a commit stays unknown", "ops", len(ops), "err", err)
			return allFailed(ops, unknown)
		}
		wait = min(2*wait, lookupMost)
	}
}

// sleep returns false when the service is being closed.
func (c *committer) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-c.closing:
		return false
	}
}

// answer publishes what is new and then tells each caller.
func (c *committer) answer(batch []pending, outcomes []Outcome) {
	c.rendering.bringAll(batch, outcomes)
	c.tell(batch, outcomes)
	<-c.telling
	size := 0
	for i, p := range batch {
		size += p.size
		p.done(outcomes[i])
	}
	c.mu.Lock()
	c.bytes -= size
	c.mu.Unlock()
}

// tell publishes what is new, and tells whom it concerns beside: in the order of the ops, so that what somebody hears last is how
// it is. What is said of an op comes before what it has stored is published: whoever is shown a room subscribes to it.
func (c *committer) tell(batch []pending, outcomes []Outcome) {
	published := 0
	for i, o := range outcomes {
		if op := batch[i].op; o.Err == nil && o.concerns(op) {
			c.publishNew(outcomes[published:i])
			published = i
			c.tellBeside(op, o)
		}
	}
	c.publishNew(outcomes[published:])
}

func (c *committer) publishNew(outcomes []Outcome) {
	if c.publish == nil {
		return
	}
	events := newEvents(outcomes, c.unsure)
	if len(events) == 0 {
		return
	}
	if c.mutant.on("swap-two-numbers") {
		swapNumbers(events)
	}
	c.publish(events)
}

// concerns says whether there is anything to tell of op beside what it has stored.
func (o Outcome) concerns(op Op) bool {
	return o.Joined || o.Showing != nil || len(o.Follows) > 0 || op.Mark != nil && o.Mark.Changed
}

// tellBeside tells who has come into which room by what they did there, whose lists have changed, and whose marks are other ones.
func (c *committer) tellBeside(op Op, o Outcome) {
	switch {
	case !o.Joined || c.joined == nil:
	case op.Post != nil:
		c.joined(op.Post.Room, op.Post.Author)
	case op.Read != nil:
		c.joined(op.Read.Room, op.Read.By.ID)
	}
	if o.Showing != nil && c.shown != nil {
		c.shown(*o.Showing)
	}
	if c.marked == nil {
		return
	}
	if op.Mark != nil && o.Mark.Changed {
		c.marked(op.Mark.By.ID, o.Mark)
	}
	for _, user := range o.Follows {
		c.marked(user, Mark{Room: o.Event.Message.RoomName, Message: o.Event.Message.Thread, Kind: MarkFollow, On: true, Changed: true})
	}
}

// newEvents returns what is to be published: what is new, and with again also what retries have found.
func newEvents(outcomes []Outcome, again bool) []Event {
	var events []Event
	for _, o := range outcomes {
		if stored := o.Event.Message != nil || o.Event.Change != nil; o.Err == nil && stored && (again || !o.Again) {
			events = append(events, o.Event)
		}
	}
	return events
}
