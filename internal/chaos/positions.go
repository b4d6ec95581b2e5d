package chaos

import "github.com/google/uuid"

// Forms of a position that is not where a device is. The last three no room has: the answer must be a reset.
const (
	formOld   = "old"   // where it has been before
	formStart = "start" // before the first entry
	formEpoch = "epoch" // of another epoch
	formAhead = "ahead" // beyond the room's end
	formID    = "id"    // of another entry than has that number
)

// Of where it has been, a device that strays keeps every pastStep-th entry, and of those the last pastMost.
const (
	pastStep = 40
	pastMost = 200
)

// remember keeps a position to come back to. The caller holds mu.
func (d *device) remember(p position) {
	if !d.strays || p.Seq == 0 || p.Seq%pastStep != 0 {
		return
	}
	if len(d.past) == pastMost {
		d.past = d.past[1:]
	}
	d.past = append(d.past, p)
}

// astray returns the position to come back with, and its form: own, every other time or when the run is to end, which has
// none; otherwise, in turn, one such as a client has that was restored from a copy, or comes to a server that was.
func (d *device) astray(own position) (position, string) {
	if !d.strays || isClosed(d.quiet) || own.Seq == 0 {
		return own, ""
	}
	d.strayed++
	p := own
	switch d.strayed % 10 {
	case 1:
		p.Epoch = uuid.NewString()
		return p, formEpoch
	case 3:
		p.Seq, p.ID = p.Seq+1+d.rng.Uint64N(5000), uuid.NewString()
		return p, formAhead
	case 5:
		return d.anOld(own), formOld
	case 7:
		p.ID = uuid.NewString()
		return p, formID
	case 9:
		return position{Room: p.Room, Epoch: p.Epoch}, formStart
	}
	return own, ""
}

// anOld returns one of the positions of a room that a device has had.
func (d *device) anOld(own position) position {
	d.mu.Lock()
	defer d.mu.Unlock()
	var of []position
	for _, p := range d.past {
		if p.Room == own.Room {
			of = append(of, p)
		}
	}
	if len(of) == 0 {
		return own
	}
	return of[d.rng.IntN(len(of))]
}
