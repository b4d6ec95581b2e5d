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
	{"skip-resumed-row", 4, "a replay begins one entry too late", Simulator, true},
	{"drop-on-full-queue", 7, "frames for a full queue are dropped and the session goes on", Simulator, true},
	{"ack-out-of-place", 3, "the answer to a send is queued at once, wherever its stream is", Simulator, true},
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
