package chaos

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Options say what a run is like. The zero value of a field means its default.
type Options struct {
	Binary  string        // the program to start as `Binary serve`
	Length  time.Duration // of the part with faults; 60 s
	Seed    uint64        // of the plan; 0 draws one
	Senders int           // 12
	Readers int           // 6
	Rooms   int           // 4
	Faults  []string      // kinds of faults, or "all"
	Disk    string        // what the data lies on, one of Disks: auto
	Dir     string        // for the history, made if it is missing; it must not hold another run. "" makes one that is removed when all is well
	Keep    bool          // do not remove Dir in any case
	Log     io.Writer     // what happens, as it happens; nil: nothing

	script []strike // instead of a plan that is drawn; each comes to its end, however long that takes
}

// Limits of a run.
const (
	minLength = time.Second
	maxLength = 24 * time.Hour
	maxClient = 500
	maxRooms  = 50
)

// maxMessages is about how many messages a run makes at most: its histories are judged in memory. A longer run sends at a
// slower pace.
const maxMessages = 30000

// quickest is the least mean pause of a sender between two messages.
const quickest = 40 * time.Millisecond

// patience bounds what has to happen once there are no more faults.
const patience = 60 * time.Second

func (o Options) withDefaults() (Options, error) {
	set := func(to *int, value int) {
		if *to == 0 {
			*to = value
		}
	}
	set(&o.Senders, 12)
	set(&o.Readers, 6)
	set(&o.Rooms, 4)
	if o.Length == 0 {
		o.Length = time.Minute
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Disk == "" {
		o.Disk = diskAuto
	}
	switch {
	case !slices.Contains(Disks, o.Disk):
		return o, fmt.Errorf("there is no disk %q: there are %s", o.Disk, strings.Join(Disks, ", "))
	case o.Binary == "":
		return o, errors.New("no program to start")
	case o.Length < minLength || o.Length > maxLength:
		return o, fmt.Errorf("a run of %s: it may take from %s to %s", o.Length, minLength, maxLength)
	case o.Senders < 1 || o.Senders > maxClient || o.Readers < 1 || o.Readers > maxClient:
		return o, fmt.Errorf("from 1 to %d senders and readers", maxClient)
	case o.Rooms < 1 || o.Rooms > maxRooms:
		return o, fmt.Errorf("from 1 to %d rooms", maxRooms)
	}
	var err error
	o.Faults, err = faultNames(o.Faults)
	return o, err
}

// faultNames resolves "all" and refuses what is no fault.
func faultNames(given []string) ([]string, error) {
	if len(given) == 0 || slices.Contains(given, "all") {
		return slices.Clone(FaultNames), nil
	}
	var names []string
	for _, name := range given {
		switch {
		case name == "none":
		case !slices.Contains(FaultNames, name):
			return nil, fmt.Errorf("there is no fault %q: there are %s", name, strings.Join(FaultNames, ", "))
		case !slices.Contains(names, name):
			names = append(names, name)
		}
	}
	return names, nil
}
