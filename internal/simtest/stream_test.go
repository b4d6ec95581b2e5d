package simtest

import (
	"slices"
	"strings"

	"github.com/parley-chat/parley/internal/chat"
)

// receive judges one frame.
func (l *link) receive(f *frame) {
	l.c.sim.trace.frame(l, f)
	if !l.welcome {
		if f.Type != "welcome" {
			l.fail("welcome", "the first frame is %s", f.Type)
		}
		l.welcome = true
		l.letIn()
		l.c.sim.welcomed(l, f)
		return
	}
	switch f.Type {
	case "subscribed", "reset":
		l.begins(f)
	case "message", "change", "skip":
		l.entry(f)
	case "ack":
		l.ack(f)
	case "error":
		l.refused(f)
	case "read":
		l.c.sim.cursorSeen(l, f.Room, chat.Cursor{N: f.N, Version: f.Version})
	case "join", "leave", "online_users", "typing", "stop_typing":
		l.presence(f)
	case "auth":
		l.extended(f)
	case "goodbye", "user_presence", "room_renamed", "room_added", "room_removed": // what they tell is in the streams, too, or in none
	default:
		l.fail("frame", "a frame of type %q", f.Type)
	}
}

// begins: a stream begins where the client asked, or anew where that is not possible.
func (l *link) begins(f *frame) {
	st, sim := l.stream(f.Room), l.c.sim
	if len(st.asked) == 0 {
		l.fail("stream", "%s of %s without a question", f.Type, f.Room)
		return
	}
	asked := st.asked[0]
	st.asked = st.asked[1:]
	st.streaming, st.evicted, st.ended = true, false, asked.ended
	st.pos, st.present, st.replaying, st.unsure = f.Seq, nil, !asked.none, false
	st.sees, st.begun = asked.sees, asked.asked
	l.loosen(f.Room)
	if f.Epoch != sim.disk.head(f.Room).Epoch {
		l.fail("resume", "%s of %s in an epoch that it does not have", f.Type, f.Room)
	}
	if f.Seq > sim.disk.head(f.Room).Seq {
		l.fail("stream", "%s of %s at %d, beyond the head", f.Type, f.Room, f.Seq)
	}
	if e, ok := sim.disk.entry(f.Room, f.Seq); ok && f.ID != "" && f.ID != e.ID() {
		l.fail("stream", "%s of %s at %d with the id of another entry", f.Type, f.Room, f.Seq)
	}
	v := l.c.view(f.Room)
	switch {
	case f.Type == "subscribed" && asked.wrong:
		l.fail("resume", "the position %d of %s does not exist and was taken", asked.Seq, f.Room)
	case f.Type == "subscribed" && !asked.none:
		if f.Seq != asked.Seq || f.Epoch != asked.Epoch || f.ID != asked.ID {
			l.fail("resume", "%s begins at %d, not at %d", f.Room, f.Seq, asked.Seq)
		}
		return
	case f.Type == "reset" && asked.none:
		l.fail("resume", "reset of %s without a position", f.Room)
	case f.Type == "subscribed" && asked.Epoch != "" && asked.Epoch != f.Epoch:
		l.fail("resume", "%s was asked for by an epoch that is over", f.Room)
	case f.Type == "reset" && !asked.wrong && asked.Epoch == f.Epoch && !sim.resetDue(asked, f.Room) && !sim.hides(f.Room, l.c.me.ID, asked.Seq+1):
		l.fail("resume", "the position %d of %s is good and was reset", asked.Seq, f.Room)
	}
	if len(st.asked) > 0 {
		return // what was asked since then decides
	}
	*v = view{room: v.room, want: v.want, known: true, epoch: f.Epoch, seq: f.Seq, id: f.ID, holds: holds{}}
	sim.load(l.c, v)
}

// entry: each number once, in order, without a hole, as it is stored, and to nobody who was removed.
func (l *link) entry(f *frame) {
	sim, me := l.c.sim, l.c.me
	if a := l.sends[f.ClientID]; f.Type == "message" && a != nil && a.strict && a.answers == 0 && f.UserID == string(me.ID) {
		l.fail("ack place", "%s %d came as a message on the connection that sent it", f.Room, f.Seq)
	}
	sim.compare(l, f)
	l.advance(f)
	if f.Kind == string(chat.ChangeMemberRemoved) && f.Data.UserID == string(me.ID) {
		st := l.stream(f.Room)
		since, is := sim.disk.removed(f.Room, me.ID)
		st.evicted = is && since == f.Seq
		st.unsure = !st.evicted // they are back by now: this may be history, or the end of the stream, read late
		clear(l.c.view(f.Room).holds)
	}
}

// advance moves the stream and the client's cursor to f.
func (l *link) advance(f *frame) {
	st, v := l.stream(f.Room), l.c.view(f.Room)
	if since, is := l.c.sim.disk.removed(f.Room, l.c.me.ID); is && f.Seq > since {
		l.fail("removed", "%s %d reached somebody who was removed at %d", f.Room, f.Seq, since)
	}
	switch {
	case !st.streaming || st.evicted:
		l.fail("stream", "%s %d outside of a stream", f.Room, f.Seq)
	case f.Seq <= st.pos:
		l.fail("stream", "%s %d after %d", f.Room, f.Seq, st.pos)
	case l.c.plain:
		for seq := st.pos + 1; seq < f.Seq; seq++ {
			if e, ok := l.c.sim.disk.entry(f.Room, seq); !ok || e.Message == nil || e.Message.Author != l.c.me.ID {
				l.fail("stream", "%s %d after %d, and %d is not its own", f.Room, f.Seq, st.pos, seq)
			}
		}
	case f.Seq != st.pos+1 && !l.leaps(f):
		l.fail("stream", "%s %d after %d: a hole", f.Room, f.Seq, st.pos)
	}
	st.pos, st.unsure = max(st.pos, f.Seq), false
	if l.c.plain {
		return
	}
	if v.known && f.Seq > v.seq+1 && len(st.asked) == 0 && !l.leaps(f) {
		l.fail("cursor", "%s %d with the cursor at %d", f.Room, f.Seq, v.seq)
	}
	if l.leaps(f) && v.known && f.Seq > v.seq {
		v.seq = f.Seq - 1
	}
	v.apply(f, l.c.sim.byID[f.ClientID])
}

// leaps says that f stands for all that is before what somebody sees.
func (l *link) leaps(f *frame) bool {
	return f.Type == "skip" && f.Seq+1 == l.c.sim.disk.seesFrom(f.Room, l.c.me.ID)
}

// apply is rules 1 and 2 of "Keeping in step". own is what an ack is for.
func (v *view) apply(f *frame, own *send) {
	if v.known && f.Seq == v.seq+1 {
		v.seq, v.id = f.Seq, f.ID
		v.holds.take(f, own)
		if f.Type == "change" && f.Kind == string(chat.ChangeRenamed) {
			v.name = f.Data.Name
		}
	}
}

// ack: what is acked can be read, is acked in its place, and is the same whenever it is acked.
func (l *link) ack(f *frame) {
	a := l.sends[f.ClientID]
	if a == nil || a.answers >= a.tries || a.room != f.Room {
		l.fail("ack", "an ack of %s for %s that it does not wait for", f.Room, f.ClientID)
		return
	}
	st, v := l.stream(f.Room), l.c.view(f.Room)
	if a.conflict {
		// The hub knows sends by their client id alone: a stream that is behind the first content's entry acks it, and so does
		// the outcome of an earlier try on this connection. The conflict is told besides.
		if a.tries == 1 && (!st.streaming || f.Seq <= st.pos) {
			l.fail("conflict", "another content under the client id of send %d was acked", a.no)
		}
		a.conflict = false
		a.besides++
	}
	switch {
	case !st.streaming || st.evicted:
		v.apply(f, a.send)
	case f.Seq == st.pos+1:
		l.advance(f)
	case st.loose():
	case f.Seq > st.pos:
		l.fail("ack place", "the ack of %s %d came when the stream was at %d", f.Room, f.Seq, st.pos)
	case a.strict && a.answers == 0:
		l.fail("ack place", "the first ack of %s %d came when the stream was at %d already", f.Room, f.Seq, st.pos)
	}
	a.answers++
	l.c.sim.acked(a.send, f.Seq, f.N, f.ID)
}

// refused: errors have a reason.
func (l *link) refused(f *frame) {
	sim := l.c.sim
	code := chat.Code(f.Code)
	switch code {
	case chat.UnknownOutcome, chat.Overloaded, chat.Internal:
		if code == chat.Internal && !sim.plan.readFaults && !sim.ended[l.life] {
			l.fail("error", "an internal error: %s", f.Message)
		}
	case chat.Forbidden:
		room := f.Room
		if a := l.sends[f.Ref]; a != nil {
			room = a.room
		}
		if room == "" {
			room = l.c.fixed
		}
		if _, is := sim.everRemoved(room, l.c.me.ID); !is && f.Ref != "read" && f.Ref != "message" && f.Ref != "change" {
			l.fail("error", "forbidden for no reason: %s", f.Message)
		}
	case chat.Unauthenticated:
		if f.Ref != "auth" || !l.session.endedBy(0) {
			l.fail("error", "%s: unauthenticated for no reason: %s", f.Ref, f.Message)
		}
		l.renewed = l.renewed[min(1, len(l.renewed)):]
	case chat.Conflict:
		if a := l.sends[f.Ref]; a != nil && a.besides > 0 { // the try has been answered, and others may have been made since
			a.besides--
			return
		} else if f.Ref != "read" && f.Ref != "change" && (a == nil || !a.conflict && !sim.rootless(a.send)) {
			l.fail("conflict", "a conflict for no reason")
		}
	case chat.NotFound:
		// What a change was about may be gone with a past that was put back, or have been said before they were brought in.
		if a := l.sends[f.Ref]; f.Ref != "change" && (a == nil || !sim.rootless(a.send)) {
			l.fail("error", "%s: %s", f.Ref, f.Message)
		}
	case chat.Invalid:
		if !strings.HasSuffix(f.Ref, "typing") { // not subscribed any more
			l.fail("error", "%s: %s", f.Ref, f.Message)
		}
	default:
		l.fail("error", "%s: %s", f.Code, f.Message)
	}
	if f.Ref == "subscribe" {
		st := l.stream(f.Room)
		if len(st.asked) == 0 {
			l.fail("error", "nobody has asked for %s", f.Room)
			return
		}
		st.asked = st.asked[1:]
		st.streaming = false
	}
	if a := l.sends[f.Ref]; a != nil {
		a.answers++
		a.strict, a.conflict = false, false
	}
}

// presence is kept as the frames tell, to be compared in the end.
func (l *link) presence(f *frame) {
	st := l.stream(f.Room)
	if st.evicted && !st.loose() {
		l.fail("removed", "%s of %s after the removal", f.Type, f.Room)
	}
	switch f.Type {
	case "online_users":
		st.present = map[string]bool{}
		for _, u := range f.Users {
			st.present[u] = true
		}
		if !slices.IsSorted(f.Users) || len(f.Users) != f.Count {
			l.fail("presence", "the list of %s: %v, count %d", f.Room, f.Users, f.Count)
		}
	case "join":
		if st.present != nil {
			st.present[f.User] = true
		}
	case "leave":
		delete(st.present, f.User)
	}
}
