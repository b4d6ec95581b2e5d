package goclient

import (
	"maps"
	"slices"
	"time"
)

// handle takes one frame of the server. It never waits for a consumer.
func (c *Client) handle(l *link, f *frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch f.Type {
	case "subscribed", "reset":
		c.begun(l, f)
	case "message":
		c.entry(f, f.message())
	case "change":
		c.changeOf(l, f)
	case "ack":
		c.acked(f)
	case "auth":
		c.log.Debug("the server has taken a fresh token", "until", f.ExpiresAt)
		l.expire(f.ExpiresAt)
	case "goodbye":
		l.goodbye = max(milliseconds(f.ReconnectAfter), time.Millisecond)
	case "error":
		c.refused(l, f)
	default: // skip, and whatever a newer server may have
		if f.Seq > 0 && f.Room != "" {
			c.entry(f, nil)
		}
	}
}

func (c *Client) entry(f *frame, event Event) {
	if s := c.subs[f.Room]; s != nil {
		s.entry(f, event)
	}
}

// begun is the answer to a subscribe. A reset may also come by itself.
func (c *Client) begun(l *link, f *frame) {
	was := l.asked[f.Room]
	delete(l.asked, f.Room)
	if len(l.asked) == 0 {
		l.kick()
	}
	s := c.subs[f.Room]
	if s == nil || was != nil && was != s || s.state != asked && s.state != live {
		return // it was for a subscription that has ended, or is not wanted now
	}
	s.begin(f)
}

// changeOf is a change. After one that takes this user out nothing more comes, unless they have been let in again since:
// asking again tells.
func (c *Client) changeOf(l *link, f *frame) {
	s := c.subs[f.Room]
	if s == nil {
		return
	}
	s.entry(f, f.change())
	if s.state == live && s.cursor.Seq == f.Seq && f.removes(l.user.ID) {
		s.askAgain(pace)
	}
}

// acked answers a send, and stands in the stream at its message's place.
func (c *Client) acked(f *frame) {
	if open := c.sends[f.ClientID]; open != nil {
		m := f.message()
		m.User, m.UserID, m.Content = c.user.Name, c.user.ID, open.content
		c.entry(f, m)
		c.settle(f.ClientID, answer{ack: Ack{ClientID: f.ClientID, ID: f.ID, Seq: f.Seq, N: f.N, Time: f.Timestamp}})
		return
	}
	// Not one of ours: as if it had not come, the gap behind it brings the message.
}

// refused takes an error frame.
func (c *Client) refused(l *link, f *frame) {
	switch f.Ref {
	case "auth":
		c.log.Warn("the fresh token was refused", "err", f.refusal())
	case "subscribe":
		rooms := []string{f.Room}
		if f.Room == "" {
			rooms = slices.Collect(maps.Keys(l.asked)) // the frame was refused as a whole
		}
		for _, room := range rooms {
			c.notBegun(l, room, f.refusal())
		}
	default:
		c.settle(f.Ref, answer{err: f.refusal()})
	}
}

func (c *Client) notBegun(l *link, room string, why *Error) {
	was := l.asked[room]
	delete(l.asked, room)
	if len(l.asked) == 0 {
		l.kick()
	}
	s := c.subs[room]
	switch {
	case s == nil || s != was:
	case why.Code.again():
		s.askAgain(max(pace, why.RetryAfter, min(why.minPause(), longestHint)))
	default:
		s.end(why)
	}
}

// minPause is how long to wait at least where the server gives no hint.
func (e *Error) minPause() time.Duration {
	if e.RetryAfter > 0 {
		return 0
	}
	return 2 * time.Second
}

// ask queues one subscribe for all rooms that are due, unless one is unanswered. It returns when the next room is due;
// zero: none. c.mu is held.
func (c *Client) ask(l *link) time.Time {
	if len(l.asked) > 0 || c.link != l {
		return time.Time{}
	}
	now := time.Now()
	var soonest time.Time
	var rooms []wanted
	for _, room := range slices.Sorted(maps.Keys(c.subs)) {
		s := c.subs[room]
		switch {
		case s.state != off:
		case s.askAt.After(now) || len(rooms) == l.rooms:
			if soonest.IsZero() || s.askAt.Before(soonest) {
				soonest = s.askAt
			}
		default:
			s.state = asked
			l.asked[room] = s
			rooms = append(rooms, want(room, s.cursor))
		}
	}
	if len(rooms) > 0 {
		l.out = append(l.out, encode(roomsFrame{"subscribe", rooms}))
		return time.Time{} // its answer wakes the writer
	}
	return soonest
}
