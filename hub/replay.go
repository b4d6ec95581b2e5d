package hub

import (
	"errors"

	"github.com/parley-chat/parley/hub/internal/fault"
)

// replay sends what is missing: at once what fits, the rest by and by.
func (sub *subscription) replay() {
	if live, more := sub.replayTail(); !live && more {
		h := sub.topic.hub
		h.stats.replays.Add(1)
		h.spawn(sub.catchUp)
	}
}

// replayTail queues the next piece from memory. live: the subscription is at the head and gets flushes from now on;
// more: it is still behind and has not ended.
func (sub *subscription) replayTail() (live, more bool) {
	t, s := sub.topic, sub.session
	t.mu.Lock()
	if sub.state != subCatching {
		t.mu.Unlock()
		return false, false
	}
	evicted := false
	if i, ok := t.tail.after(sub.pos); ok && sub.pos < t.head {
		var piece []byte
		s.mu.Lock()
		if !s.shortLocked() {
			s.mu.Unlock()
			t.mu.Unlock()
			return false, true
		}
		if fault.Mutant("skip-resumed-row") && i+1 < t.tail.n {
			i++
		}
		for ; i < t.tail.n && !evicted && len(piece) < t.hub.cfg.Limits.ReplayBytes; i++ {
			piece, evicted = sub.appendEntryLocked(piece, t.tail.at(i))
		}
		s.enqueueLocked(piece)
		if evicted {
			sub.endLocked(true)
		}
		s.mu.Unlock()
	}
	if !evicted && sub.pos >= t.head {
		sub.state = subLive
		live = true
	}
	t.mu.Unlock()
	if evicted {
		sub.afterEviction()
	}
	return live, !live && !evicted
}

// catchUp replays until the subscription is live or has ended: from the tail where that reaches, else from the log, the
// next piece when half of the last one has been written. The topics of one session take turns.
func (sub *subscription) catchUp() {
	retry := minRetry
	for sub.session.beginReplay() {
		more, err := sub.replayPiece()
		sub.session.endReplay()
		switch {
		case !more:
			return
		case err == nil:
			retry = minRetry
		case !sub.topic.hub.pause(retry):
			return
		default:
			retry = min(2*retry, maxRetry)
		}
	}
}

var errNotYet = errors.New("hub: the log has not come that far")

// replayPiece queues the next piece. more: the subscription is still behind; an error is a reason to wait.
func (sub *subscription) replayPiece() (more bool, err error) {
	t := sub.topic
	t.mu.Lock()
	after, epoch := sub.pos, t.epoch
	_, inTail := t.tail.after(after)
	behind := sub.state == subCatching && after < t.head && !inTail
	t.mu.Unlock()
	if !behind {
		_, more = sub.replayTail()
		return more, nil
	}
	if sub.ahead == 0 {
		sub.ahead = firstRead
	}
	head, entries, err := t.hub.readLog(t.hub.ctx, t.name, after, sub.ahead)
	if err != nil {
		return true, err
	}
	if len(entries) == 0 && !dropped(head, entries, after) {
		return true, errNotYet
	}
	return sub.replayRead(epoch, head, entries)
}

// replayRead queues entries that the log gave, as many as make a piece. The next time twice as many are read: what is read
// and not sent, which of large entries is most, is read again.
func (sub *subscription) replayRead(epoch string, head Head, entries []Entry) (more bool, err error) {
	t, s := sub.topic, sub.session
	t.mu.Lock()
	if sub.state != subCatching {
		t.mu.Unlock()
		return false, nil
	}
	if head.Epoch != epoch || t.epoch != epoch {
		if head.Epoch != t.epoch {
			t.readHead(head.Epoch)
		}
		t.mu.Unlock()
		return true, errNotYet
	}
	if dropped(head, entries, sub.pos) {
		sub.jumpLocked(t.head)
		t.mu.Unlock()
		return true, nil
	}
	var piece []byte
	sent, evicted := 0, false
	s.mu.Lock()
	if !s.shortLocked() { // another topic was quicker
		s.mu.Unlock()
		t.mu.Unlock()
		return true, nil
	}
	for i := range entries {
		if evicted || len(piece) >= t.hub.cfg.Limits.ReplayBytes {
			break
		}
		if entries[i].Seq == sub.pos+1 {
			piece, evicted = sub.appendEntryLocked(piece, &entries[i])
			sent++
		}
	}
	if sent > 0 {
		sub.ahead = min(2*sent, readEntries)
	}
	s.enqueueLocked(piece)
	if evicted {
		sub.endLocked(true)
	}
	s.mu.Unlock()
	t.mu.Unlock()
	if evicted {
		sub.afterEviction()
	}
	return !evicted, nil
}
