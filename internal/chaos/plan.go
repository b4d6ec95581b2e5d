package chaos

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// The kinds of faults.
const (
	faultKill     = "kill"        // SIGKILL under load, or while it starts
	faultTerm     = "term"        // SIGTERM under load, once or twice
	faultPause    = "pause"       // SIGSTOP, and later SIGCONT
	faultCut      = "cut"         // connections are reset after byte k, k growing from 1
	faultHalfOpen = "half-open"   // connections through which nothing goes any more
	faultStall    = "stall"       // readers that do not read
	faultStorm    = "storm"       // all connections are reset at once
	faultDelay    = "delay"       // each connection is slow by another measure
	faultRemoval  = "removal"     // a person is taken out
	faultPoint    = "fail-point"  // the server dies at a certain place of its code
	faultClock    = "clock"       // its wall clock jumps
	faultPower    = "power-loss"  // killed, and what was not synced is lost
	faultSync     = "fsync-error" // an fsync fails, and what it was for is lost
	faultWrite    = "write-error" // a write fails, or stops half-way
	faultFull     = "disk-full"   // there is no more room, for a while
)

// FaultNames are all kinds of faults.
var FaultNames = []string{
	faultKill, faultTerm, faultPause, faultCut, faultHalfOpen, faultStall, faultStorm, faultDelay, faultRemoval, faultPoint, faultClock,
	faultPower, faultSync, faultWrite, faultFull,
}

// The points at which a server that was built with the tag faults can be told to die.
var failPoints = []string{"before-commit", "after-commit", "before-publish", "before-ack"}

// What becomes of a write: it fails and writes nothing; it writes half, and the rest fails; it writes half, and the rest may be
// written.
const (
	writeFails = "refused"
	writeTorn  = "torn"
	writeShort = "halved"
)

var writeErrors = []string{writeFails, writeTorn, writeShort}

// strike is one fault of the plan.
type strike struct {
	At    time.Duration // from the start of the faults
	Kind  string
	For   time.Duration // what it takes, or a time within it
	N     int           // a size: connections, a count, a choice
	Point string        // a place in the server's code, or what becomes of a write
	Again bool          // kill: while it starts; term: a second time; write-error: and what was not synced is lost
}

func (s strike) String() string {
	text := fmt.Sprintf("%s at %s", s.Kind, s.At.Round(time.Millisecond))
	if s.For > 0 {
		text += fmt.Sprintf(" for %s", s.For.Round(time.Millisecond))
	}
	if s.N > 0 {
		text += fmt.Sprintf(", %d", s.N)
	}
	if s.Point != "" {
		text += " " + s.Point
	}
	if s.Again {
		text += ", again"
	}
	return text
}

// gap is the mean time between two strikes.
const gap = 1500 * time.Millisecond

// plan draws what happens when. Every kind comes about equally often, in rounds of a random order; three in ten come
// together with another.
func plan(rng *rand.Rand, names []string, length time.Duration) []strike {
	var (
		all   []strike
		round []string
	)
	kinds := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == faultRemoval })
	for at := gap / 2; len(kinds) > 0; {
		if len(round) == 0 {
			round = slices.Clone(kinds)
			rng.Shuffle(len(round), func(i, j int) { round[i], round[j] = round[j], round[i] })
		}
		s := draw(rng, round[0], length)
		round = round[1:]
		if s.At = at; s.At > length {
			break
		}
		all = append(all, s)
		if rng.IntN(10) >= 3 {
			at += between(rng, gap)
		}
	}
	if slices.Contains(names, faultRemoval) {
		all = append(all, strike{At: length/3 + time.Duration(rng.Int64N(int64(length/3))), Kind: faultRemoval})
	}
	slices.SortStableFunc(all, func(a, b strike) int { return int(a.At - b.At) })
	return all
}

// draw makes one strike of a kind. Nothing takes longer than a quarter of the run but a reader that stands still.
func draw(rng *rand.Rand, kind string, length time.Duration) strike {
	lasting := func(least, most time.Duration) time.Duration {
		most = min(most, length/4)
		least = min(least, most)
		return least + time.Duration(rng.Int64N(int64(most-least)+1))
	}
	s := strike{Kind: kind}
	switch kind {
	case faultKill:
		s.For, s.Again = lasting(0, 300*time.Millisecond), rng.IntN(4) == 0
	case faultTerm:
		s.For, s.Again = lasting(10*time.Millisecond, 500*time.Millisecond), rng.IntN(3) == 0
	case faultPause:
		s.For = lasting(time.Second, 1+time.Duration(rng.Int64N(int64(10*time.Second)))) // most are short
	case faultCut:
		s.For = lasting(time.Second, 3*time.Second)
	case faultHalfOpen:
		s.N = 1 + rng.IntN(4)
	case faultStall:
		s.For, s.N = min(length/2, 2*time.Second+time.Duration(rng.Int64N(int64(38*time.Second)))), rng.IntN(stallKinds)
		if s.N != stallThrough {
			s.For = min(length/2, 8*time.Second)
		}
	case faultDelay:
		s.For, s.N = lasting(time.Second, 4*time.Second), 5+rng.IntN(150)
	case faultPoint:
		s.Point, s.N = failPoints[rng.IntN(len(failPoints))], 1+rng.IntN(200)
	case faultSync:
		s.For, s.N = lasting(2*time.Second, 6*time.Second), 1+rng.IntN(40)
	case faultWrite:
		s.For, s.N, s.Point = lasting(2*time.Second, 6*time.Second), 1+rng.IntN(60), writeErrors[rng.IntN(len(writeErrors))]
		s.Again = rng.IntN(2) == 0
	case faultFull:
		s.For, s.N = lasting(time.Second, 4*time.Second), 1+rng.IntN(300)
	case faultClock:
		s.For, s.N = lasting(time.Second, 5*time.Second), rng.IntN(len(clockJumps))
	}
	return s
}

// clockJumps are how far the wall clock is moved.
var clockJumps = []time.Duration{time.Hour, -time.Hour, 24 * time.Hour, -24 * time.Hour, 90 * time.Second, -90 * time.Second}
