package simtest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/gateway"
)

// session is a sign-in of one device. A nil session is a guest's and has no end.
type session struct {
	id      chat.SessionID
	signing bool      // a sign-out is on its way, or has been
	ended   time.Time // when the sign-out was answered; zero: it was not
}

// endedBy says whether the session may be, or, with some grace, must be signed out by now.
func (se *session) endedBy(grace time.Duration) bool {
	switch {
	case se == nil:
		return false
	case grace == 0:
		return se.signing
	}
	return !se.ended.IsZero() && time.Since(se.ended) > grace
}

func (l *link) expired(since time.Duration) bool {
	return !l.expires.IsZero() && time.Since(l.expires) >= since
}

// outWithin is how long somebody who was signed out may still be connected.
const outWithin = time.Second

// mayBe: who was signed out, or whose token has expired, is out soon.
func (l *link) mayBe() {
	if l.dead || l.lagged || l.ending {
		return
	}
	if l.session.endedBy(outWithin) {
		l.fail("session", "it lives on, and was signed out at %v", l.session.ended.Sub(l.c.sim.trace.began))
	}
	if l.expired(outWithin) {
		l.fail("session", "it lives on, and its token has expired at %v", l.expires.Sub(l.c.sim.trace.began))
	}
}

// letIn: nobody comes in by a session that had ended before they asked.
func (l *link) letIn() {
	if l.outFirst {
		l.fail("session", "it was let in, and had been signed out before")
	}
}

// token is what the client sends for who it is, and when that ends. Tokens end in the middle of a second, so that they do not meet
// anything else.
func (c *client) token() (string, time.Time) {
	if c.session == nil {
		return "guest." + c.me.Name, time.Time{}
	}
	var expires time.Time
	if ttl := c.sim.plan.tokenTTL; ttl > 0 {
		if c.sim.disk.isHealed() {
			ttl = time.Hour
		}
		expires = time.Now().Add(ttl).Truncate(time.Millisecond)
	}
	end := int64(0)
	if !expires.IsZero() {
		end = expires.UnixMilli()
	}
	return fmt.Sprintf("member.%s.%d", c.session.id, end), expires
}

// identify stands in for package auth: it reads what token has written, and asks whether the session lives.
func (s *server) identify(ctx context.Context, token string) (gateway.Identity, error) {
	parts := strings.Split(token, ".")
	if parts[0] == "guest" {
		return gateway.Identity{User: s.people[parts[1]]}, nil
	}
	var expires time.Time
	if end, err := strconv.ParseInt(parts[2], 10, 64); err != nil {
		panic(err)
	} else if end > 0 {
		if expires = time.UnixMilli(end); !time.Now().Before(expires) {
			return gateway.Identity{}, chat.Errorf(chat.Unauthenticated, "simtest", "the token has expired")
		}
	}
	se, user, err := s.service.Session(ctx, chat.SessionID(parts[1]))
	return gateway.Identity{User: user.Actor(), Session: se.ID, Expires: expires}, err
}

// signIn gives the client a session of its own.
func (c *client) signIn() {
	if c.me.Kind == chat.KindGuest {
		return
	}
	d, now := c.sim.disk, time.Now().UTC()
	c.session = &session{id: chat.SessionID(c.sim.uuid())}
	se := chat.Session{ID: c.session.id, User: c.me.ID, Created: now, LastSeen: now}
	d.set(func(raw *chattest.Store) {
		if _, err := raw.CreateSession(context.Background(), se); err != nil {
			panic(err)
		}
	})
}

// opSignOut ends a session, as another device may; its own device signs in again when it connects next.
func (s *sim) opSignOut() {
	c := s.client(func(c *client) bool { return c.session != nil && !c.session.signing })
	if c == nil || s.srv == nil {
		return
	}
	se := c.session
	se.signing = true
	s.trace.op("%s is signed out", c.label)
	s.later(func(srv *server) func() {
		err := srv.service.RevokeSession(context.Background(), se.id)
		return func() {
			s.trace.op("sign-out of %s: %v", c.label, chat.CodeOf(err))
			if err == nil {
				se.ended = time.Now()
			}
		}
	})
}

func (s *sim) opFreshToken() {
	if c := s.client(func(c *client) bool { return c.live() && !c.link.expires.IsZero() }); c != nil {
		s.trace.op("%s sends a fresh token", c.label)
		c.link.renew()
	}
}

// renew sends a fresh token, unless the present one lasts.
func (l *link) renew() {
	if l.expires.IsZero() || time.Until(l.expires) > l.c.sim.plan.tokenTTL {
		return
	}
	token, expires := l.c.token()
	l.renewed = append(l.renewed, expires)
	l.say(map[string]any{"type": "auth", "token": token})
}

// extended takes the answer to a fresh token.
func (l *link) extended(f *frame) {
	if len(l.renewed) == 0 {
		l.fail("session", "an auth without a question")
		return
	}
	l.expires, l.renewed = l.renewed[0], l.renewed[1:]
	if at, err := time.Parse(time.RFC3339, f.Expires); err != nil || !at.Equal(l.expires) {
		l.fail("session", "its fresh token ends at %q, not at %v", f.Expires, l.expires.UTC())
	}
}
