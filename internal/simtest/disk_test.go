package simtest

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
)

var (
	errCrashed = &chat.Error{Code: chat.Internal, Message: "the process is dead"}
	errRead    = &chat.Error{Code: chat.Internal, Message: "a read failed"}
	errBroken  = chattest.BrokenBefore.Err
)

// disk outlives the process: what is committed, how it behaves, and what the checks need to know of it.
type disk struct {
	seed   uint64
	plan   *plan
	mutant mutant

	coming   sync.WaitGroup // commits that come through late
	applying sync.Mutex     // batches are in the order of their numbers

	mu      sync.Mutex
	raw     *chattest.Store
	setup   []func(*chattest.Store)
	batches [][]chat.Op // committed: to go back
	durable int         // of batches
	alive   int         // the process that may use it; 0: none
	healed  bool
	calls   map[string]uint64
	removal map[memberKey][]removal
	rooms   map[string]chat.RoomID
	epochs  map[string]string
	late    map[string]bool      // contents in a commit that came through after it had been given up
	history map[string][]version // of messages, by id
}

type memberKey struct {
	room string
	user chat.UserID
}

// removal is an entry that took somebody out of a room or brought them in.
type removal struct {
	seq     uint64
	removed bool
}

func newDisk(seed uint64, p *plan, m mutant) *disk {
	return &disk{
		seed: seed, plan: p, mutant: m, raw: chattest.NewStore(), calls: map[string]uint64{},
		removal: map[memberKey][]removal{}, rooms: map[string]chat.RoomID{}, epochs: map[string]string{}, late: map[string]bool{}, history: map[string][]version{},
	}
}

// dice gives a number that depends on the seed, on what happens, and on how often that has happened before, but not on
// what else happens at that instant.
func (d *disk) dice(what string) uint64 {
	d.mu.Lock()
	d.calls[what]++
	n := d.calls[what]
	d.mu.Unlock()
	h := fnv.New64a()
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:], d.seed)
	binary.LittleEndian.PutUint64(b[8:], n)
	_, _ = h.Write(b[:])
	_, _ = h.Write([]byte(what))
	x := h.Sum64() // mixed once more: FNV's low bits are poor
	x ^= x >> 31
	x *= 0x9e3779b97f4a7c15
	return x ^ x>>29
}

// takes is how long a call takes: mostly well under a millisecond, now and then long.
func (d *disk) takes(dice uint64, slow time.Duration) time.Duration {
	if d.plan.racing && dice>>40%3 > 0 {
		return 0
	}
	if dice>>48%16 == 0 && !d.isHealed() {
		return time.Duration(dice % uint64(slow))
	}
	return time.Duration(20_000 + dice%300_000)
}

func (d *disk) isHealed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.healed
}

// die fences the process off. What it has under way is not stored.
func (d *disk) die() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.alive = 0
	if d.mutant != ackBeforeCommit || d.durable == len(d.batches) {
		return
	}
	d.backTo(d.durable)
}

// set does something that is no commit, now and whenever the disk goes back.
func (d *disk) set(f func(raw *chattest.Store)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.setup = append(d.setup, f)
	f(d.raw)
}

// backTo makes the disk what it was after the first n batches. d.mu is held.
func (d *disk) backTo(n int) {
	d.batches = d.batches[:n]
	d.raw = chattest.NewStore()
	clear(d.removal)
	clear(d.history)
	for _, f := range d.setup {
		f(d.raw)
	}
	for _, ops := range d.batches {
		outcomes, err := d.raw.Commit(context.Background(), ops)
		if err != nil {
			panic(err)
		}
		d.noteRemovals(ops, outcomes)
	}
}

func (d *disk) store() *chattest.Store {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.raw
}

// entry reads one entry past all delays; ok is false when there is none.
func (d *disk) entry(room string, seq uint64) (chat.Event, bool) {
	if seq == 0 {
		return chat.Event{}, false
	}
	_, es, err := d.store().Entries(context.Background(), d.rooms[room], seq-1, 1)
	if err != nil || len(es) == 0 || es[0].Seq() != seq {
		return chat.Event{}, false
	}
	return es[0], true
}

func (d *disk) entries(room string) []chat.Event {
	_, es, err := d.store().Entries(context.Background(), d.rooms[room], 0, 1<<30)
	if err != nil {
		panic(err)
	}
	return es
}

func (d *disk) head(room string) chat.Head {
	h, err := d.store().Head(context.Background(), d.rooms[room])
	if err != nil {
		panic(err)
	}
	return h
}

// removed says whether user is out of room now, and since which entry.
func (d *disk) removed(room string, user chat.UserID) (since uint64, is bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	rs := d.removal[memberKey{room, user}]
	if len(rs) == 0 {
		return 0, false
	}
	last := rs[len(rs)-1]
	return last.seq, last.removed
}

// handle is the store as one process sees it.
type handle struct {
	*disk
	life int
}

var _ chat.Store = handle{}

// wait is false when the process has died meanwhile.
func (h handle) wait(d time.Duration) bool {
	if d > 0 {
		time.Sleep(d)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.alive == h.life
}

func (h handle) waitCommit(d time.Duration) bool {
	time.Sleep(d)
	if !h.plan.racing {
		waitTurn(committerTurn)
	}
	return h.wait(0)
}

// read delays a read; one in fifty fails.
func (h handle) read(what string) error {
	dice := h.dice(fmt.Sprint(h.life, what))
	if !h.wait(h.takes(dice, 20*time.Millisecond)) {
		return errCrashed
	}
	if dice>>56%50 == 0 && h.plan.readFaults && !h.isHealed() {
		return errRead
	}
	return nil
}

// Close does nothing: the disk outlives it.
func (h handle) Close() error { return nil }

// outcome of a commit, as the dice have it.
const (
	commitWell = iota
	commitFull
	commitBrokenBefore
	commitBrokenAfter
	commitBrokenLate
)

func (h handle) fate(dice uint64) int {
	if h.isHealed() || int(dice>>32%100) >= h.plan.commitFaults {
		return commitWell
	}
	return 1 + int(dice>>52%4)
}

func (h handle) Commit(_ context.Context, ops []chat.Op) ([]chat.Outcome, error) {
	dice := h.dice(fmt.Sprint(h.life, "commit"))
	slow := 600 * time.Millisecond
	if !h.waitCommit(h.takes(dice, slow)) {
		return nil, errCrashed
	}
	fate := h.fate(dice)
	switch fate {
	case commitFull:
		return nil, chattest.DiskFull.Err
	case commitBrokenBefore:
		return nil, errBroken
	case commitBrokenLate:
		ops := append([]chat.Op(nil), ops...) // the committer uses its slice again
		h.isLate(ops)
		h.coming.Go(func() {
			if h.wait(time.Duration(1 + dice%200_000_000)) {
				h.apply(ops)
			}
		})
		return nil, errBroken
	}
	outcomes := h.apply(ops)
	if !h.waitCommit(h.takes(dice>>3, slow)) {
		return nil, errCrashed
	}
	if fate == commitBrokenAfter {
		return nil, errBroken
	}
	return outcomes, nil
}

func (h handle) isLate(ops []chat.Op) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, op := range ops {
		if op.Post != nil {
			h.late[op.Post.Content] = true
		}
	}
}

// apply stores ops and notes who was removed.
func (h handle) apply(ops []chat.Op) []chat.Outcome {
	if h.mutant == retryStoredTwice {
		ops = renamed(ops, h.store())
	}
	h.applying.Lock()
	defer h.applying.Unlock()
	outcomes, err := h.store().Commit(context.Background(), ops)
	if err != nil {
		panic(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.durable = len(h.batches)
	h.batches = append(h.batches, append([]chat.Op(nil), ops...))
	h.noteRemovals(ops, outcomes)
	return outcomes
}

// noteRemovals notes who was taken out or brought in, and what became of messages. d.mu is held.
func (d *disk) noteRemovals(ops []chat.Op, outcomes []chat.Outcome) {
	d.noteVersions(outcomes)
	for i, op := range ops {
		if op.Change == nil || outcomes[i].Err != nil || op.Change.Subject == "" {
			continue
		}
		c := outcomes[i].Event.Change
		key := memberKey{keyOf(c.RoomName), c.Subject}
		d.removal[key] = append(d.removal[key], removal{c.Seq, c.Kind == chat.ChangeMemberRemoved})
		d.newcomer(d.raw, c)
	}
}

func (h handle) Lookup(ctx context.Context, ops []chat.Op) ([]chat.Outcome, error) {
	dice := h.dice(fmt.Sprint(h.life, "lookup"))
	if !h.wait(h.takes(dice, 100*time.Millisecond)) {
		return nil, errCrashed
	}
	if dice>>56%4 == 0 && !h.isHealed() {
		return nil, errRead
	}
	return h.store().Lookup(ctx, ops)
}

func (h handle) Head(ctx context.Context, room chat.RoomID) (chat.Head, error) {
	if err := h.read("head" + h.name(room)); err != nil {
		return chat.Head{}, err
	}
	return h.store().Head(ctx, room)
}

func (h handle) Entries(ctx context.Context, room chat.RoomID, after uint64, limit int) (chat.Head, []chat.Event, error) {
	if err := h.read(fmt.Sprint("entries", h.name(room), after)); err != nil {
		return chat.Head{}, nil, err
	}
	return h.store().Entries(ctx, room, after, limit)
}

func (h handle) Page(ctx context.Context, room chat.RoomID, q chat.PageQuery) (chat.Page, error) {
	if err := h.read("page" + h.name(room)); err != nil {
		return chat.Page{}, err
	}
	p, err := h.store().Page(ctx, room, q)
	if h.mutant == pageTooNew {
		p.AsOf++
	}
	return p, err
}

func (h handle) RoomByName(ctx context.Context, name string) (chat.Room, error) {
	if err := h.read("room" + name); err != nil {
		return chat.Room{}, err
	}
	return h.store().RoomByName(ctx, name)
}

func (h handle) RoomByID(ctx context.Context, id chat.RoomID) (chat.Room, error) {
	return h.store().RoomByID(ctx, id) // the gateway asks for names with the hub's locks held
}

func (h handle) RoomStates(ctx context.Context, user chat.UserID) ([]chat.RoomState, error) {
	if err := h.read("states" + h.userName(user)); err != nil {
		return nil, err
	}
	return h.store().RoomStates(ctx, user)
}

func (h handle) Membership(ctx context.Context, room chat.RoomID, user chat.UserID) (chat.Membership, error) {
	if h.mutant == staleMembership {
		return chat.Membership{}, chat.Errorf(chat.NotFound, "", "as it was at first")
	}
	if err := h.read("membership" + h.name(room) + h.userName(user)); err != nil {
		return chat.Membership{}, err
	}
	return h.store().Membership(ctx, room, user)
}

func (h handle) Members(ctx context.Context, room chat.RoomID, after string, limit int) ([]chat.Member, error) {
	return h.store().Members(ctx, room, after, limit)
}

func (h handle) CreateRoom(ctx context.Context, r chat.Room, creator chat.UserID) (chat.Room, error) {
	return h.store().CreateRoom(ctx, r, creator)
}

func (h handle) OpenDirect(ctx context.Context, r chat.Room, by chat.UserID, others []chat.UserID) (chat.Opened, error) {
	return h.store().OpenDirect(ctx, r, by, others)
}

func (h handle) HideRoom(ctx context.Context, room chat.RoomID, user chat.UserID) error {
	return h.store().HideRoom(ctx, room, user)
}

func (h handle) CreateUser(ctx context.Context, u chat.User, by chat.Admission) (chat.User, error) {
	return h.store().CreateUser(ctx, u, by)
}

func (h handle) User(ctx context.Context, id chat.UserID) (chat.User, error) {
	return h.store().User(ctx, id)
}

func (h handle) UserBySkeleton(ctx context.Context, skeleton string) (chat.User, error) {
	return h.store().UserBySkeleton(ctx, skeleton)
}

func (h handle) Users(ctx context.Context, after string, limit int) ([]chat.User, error) {
	return h.store().Users(ctx, after, limit)
}

func (h handle) CreateSession(ctx context.Context, se chat.Session) ([]chat.SessionID, error) {
	return h.store().CreateSession(ctx, se)
}

func (h handle) Session(ctx context.Context, id chat.SessionID) (chat.Session, chat.User, error) {
	return h.store().Session(ctx, id)
}

func (h handle) RevokeSession(ctx context.Context, id chat.SessionID) error {
	if !h.wait(h.takes(h.dice(fmt.Sprint(h.life, "revoke", id)), 20*time.Millisecond)) {
		return errCrashed
	}
	h.set(func(raw *chattest.Store) { _ = raw.RevokeSession(ctx, id) })
	return nil
}

// name and userName stand in for ids, which differ from run to run.
func (h handle) name(room chat.RoomID) string {
	r, _ := h.store().RoomByID(context.Background(), room)
	return r.Name
}

func (h handle) userName(user chat.UserID) string {
	u, _ := h.store().User(context.Background(), user)
	return u.Name
}
