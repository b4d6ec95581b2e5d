package fault

// Points are the places where a process can be made to die.
var Points = []string{
	"before-commit",  // the batch is written, its transaction not committed
	"after-commit",   // it is committed, and nobody knows
	"before-publish", // the committer knows
	"before-ack",     // everybody is being told; those who wait for an answer have none
}

// Catcher is who must notice a mutant.
type Catcher string

// The simulator has no disk of its own and one process: what needs more is for chaos.
const (
	Simulator Catcher = "simulator"
	Chaos     Catcher = "chaos"
)

// MutantInfo is a row of Mutants.
type MutantInfo struct {
	Name    string
	Promise int    // the number in docs/promises.md of the promise that it breaks
	Mistake string // what the code does wrong
	Catcher Catcher
	Hub     bool // it is in the hub and set by hub.SetMutants
}

// Mutants are all mistakes that can be switched on. A test holds that each is caught by whom it says, and that each name stands
// in the product's code.
var Mutants = []MutantInfo{
	{"ack-before-commit", 1, "a send is answered while its transaction is still to come", Simulator, false},
	{"publish-before-commit", 1, "entries are published while their transaction is still to come", Simulator, false},
	{"sync-off", 1, "the database does not wait for the disk", Chaos, false},
	{"repeat-on-retry", 2, "a commit that broke off is tried again under new keys", Simulator, false},
	{"swap-two-numbers", 3, "two messages of one commit are published with each other's number", Simulator, false},
	{"queue-not-in-order", 3, "what was queued last but one is overtaken", Simulator, false},
	{"ack-out-of-place", 3, "the answer to a send is queued at once, wherever its stream is", Simulator, true},
	{"skip-resumed-row", 4, "a replay begins one entry too late", Simulator, true},
	{"gap-not-read", 4, "what a lost publication has left out is not read from the log", Simulator, true},
	{"reset-swallowed", 4, "a client is not told that its position is void", Simulator, true},
	{"drop-on-full-queue", 7, "frames for a full queue are dropped and the session goes on", Simulator, true},
	{"token-outlives-session", 8, "a session that was signed out is still taken", Simulator, false},
	{"token-never-expires", 8, "a connection does not end with its token, but when somebody looks", Simulator, false},
	{"stale-membership", 9, "who is connected is not asked again when they subscribe", Simulator, false},
	{"removed-keeps-stream", 9, "a removal ends no stream", Simulator, true},
	{"tail-dropped-on-close", 9, "closing a connection drops what was queued before", Simulator, true},
	{"newcomer-sees-edits", 9, "what changes of a message is told to those who came after it and may not see it", Simulator, false},
	{"change-not-replayed", 10, "what has changed of messages is left out of what is read from the log", Simulator, false},
	{"rename-not-replayed", 10, "a room's new name is left out of what is read from the log", Simulator, false},
	{"old-name-lost", 10, "a name that a room had leads nowhere", Simulator, false},
	{"deleted-told-again", 10, "what was edited or deleted stays in memory and is replayed from there", Simulator, false},
	{"presence-never-leaves", 11, "who has gone stays on the list", Simulator, true},
	{"lost-unread", 12, "a cursor that moved is told to one of a person's devices alone", Simulator, false},
	{"cursor-regress", 12, "a late read moves a cursor back", Simulator, false},
	{"fsync-error-ignored", 14, "a commit that the disk refused counts as done", Chaos, false},
	{"epoch-not-changed", 17, "a position of another epoch is taken for one of this", Simulator, false},
}

// Lookup finds a mutant by its name.
func Lookup(name string) (MutantInfo, bool) {
	for _, m := range Mutants {
		if m.Name == name {
			return m, true
		}
	}
	return MutantInfo{}, false
}
