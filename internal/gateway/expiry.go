package gateway

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/fault"
	"github.com/parley-chat/parley/internal/wire"
)

// arm sets the timer that ends the connection with its token.
func (c *conn) arm() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.expiry != nil {
		c.expiry.Stop()
		c.expiry = nil
	}
	if c.who.Expires.IsZero() || c.ended || fault.Mutant("token-never-expires") {
		return
	}
	c.expiry = time.AfterFunc(c.who.Expires.Sub(c.g.cfg.Now()), func() {
		if !c.expireIfDue() { // an auth frame was too late to stop this, or the clock was set back
			c.arm()
		}
	})
}

// expireIfDue closes the connection if its token has expired.
func (c *conn) expireIfDue() bool {
	expires := c.identity().Expires
	due := !expires.IsZero() && !c.g.cfg.Now().Before(expires)
	if due {
		c.session.Close(CloseTokenExpired, "token expired")
	}
	return due
}

// authenticate extends the connection with a fresh token of the same person.
func (c *conn) authenticate(cmd *wire.Authenticate) {
	fresh, err := c.g.cfg.Verify(c.g.ctx, cmd.Token)
	if err != nil {
		c.fail(err, cmd.Ref(), "")
		return
	}
	if fresh.User.ID != c.who.User.ID {
		c.fail(chat.Errorf(chat.Forbidden, "gateway", "the token belongs to another person"), cmd.Ref(), "")
		return
	}
	if c.who.Alive != nil && fresh.Session != c.who.Session {
		c.fail(chat.Errorf(chat.Forbidden, "gateway", "the token belongs to another session"), cmd.Ref(), "")
		return
	}
	fresh.Release, fresh.Claim, fresh.Alive = c.who.Release, c.who.Claim, c.who.Alive
	c.mu.Lock()
	c.who = fresh
	c.mu.Unlock()
	c.arm()
	if err := c.stillSignedIn(c.g.ctx); err != nil { // its session may have ended between Verify and here
		c.refuse(err)
		return
	}
	c.session.Send(c.g.encode(&wire.AuthOK{ExpiresAt: wire.Time{Time: fresh.Expires}}))
}

// stillSignedIn looks the connection's session up, or whether its guest has signed out. Only a definite no is an error.
func (c *conn) stillSignedIn(ctx context.Context) error {
	who := c.identity()
	if who.Session != "" {
		return c.g.lookUp(ctx, who.Session)
	}
	if ended := c.g.cfg.GuestEnded; ended != nil && who.User.Kind == chat.KindGuest && ended(who.User.ID) {
		return chat.Errorf(chat.Unauthenticated, "gateway", "this guest has signed out")
	}
	return nil
}

// lookUp returns Unauthenticated when the session is gone. That the store cannot be asked is logged and no answer: an
// unreachable database must not sign everybody out.
func (g *Gateway) lookUp(ctx context.Context, id chat.SessionID) error {
	_, _, err := g.cfg.Service.Session(ctx, id)
	if err != nil && chat.CodeOf(err) != chat.Unauthenticated {
		g.log.Error("a session cannot be looked up", "session", id, "err", err)
		return nil
	}
	return err
}

// RevokeSession closes all connections of a session. The session must be revoked in the store by then: a connection
// that is just beginning looks there.
func (g *Gateway) RevokeSession(id chat.SessionID) {
	for _, c := range g.all() {
		if c.identity().Session == id {
			c.session.Close(CloseSessionRevoked, "session revoked")
		}
	}
}

// DisconnectUser closes all connections of a person.
func (g *Gateway) DisconnectUser(id chat.UserID, code int, reason string) {
	for _, s := range g.hub.Sessions(string(id)) {
		s.Close(code, reason)
	}
}

// recheckBatch is how many sessions are looked up in a row.
const recheckBatch = 100

// everySoOften calls look again and again until the gateway ends.
func (g *Gateway) everySoOften(look func()) {
	ticker := time.NewTicker(g.cfg.RecheckEvery)
	defer ticker.Stop()
	for {
		select {
		case <-g.ctx.Done():
			return
		case <-ticker.C:
			look()
		}
	}
}

// recheck looks every session up: a sign-out that did not reach this process ends here. Tokens are looked at as well, for
// a timer does not see that the clock was set or the machine slept. The look-ups are spread over half of RecheckEvery, so
// that a hundred thousand connections are no burst.
func (g *Gateway) recheck() {
	sessions := g.bySession(func(c *conn) bool {
		c.expireIfDue()
		return true
	})
	asked, next := 0, g.paced(len(sessions))
	for id, conns := range sessions {
		if asked++; !next(asked) {
			return
		}
		if g.lookUp(g.ctx, id) != nil {
			closeRevoked(id, conns)
		}
	}
}

// maxSilent is how many sessions in a row may go without an answer before a round of recheckElsewhere ends: then it is not
// about them.
const maxSilent = 3

// recheckElsewhere asks about each session wherever else it began. Nobody is signed out because whoever knows cannot be
// asked. It has a loop of its own: however long somebody else takes to answer, recheck goes on.
func (g *Gateway) recheckElsewhere() {
	sessions := g.bySession(func(c *conn) bool { return c.identity().Alive != nil })
	asked, silent, next := 0, 0, g.paced(len(sessions))
	for id, conns := range sessions {
		if asked++; !next(asked) {
			return
		}
		err := conns[0].identity().Alive(g.ctx)
		switch chat.CodeOf(err) {
		case "":
			silent = 0
		case chat.Unauthenticated:
			silent = 0
			closeRevoked(id, conns)
		default:
			if silent++; silent == maxSilent {
				return
			}
		}
	}
}

// bySession returns the connections of each session that of says yes to.
func (g *Gateway) bySession(of func(*conn) bool) map[chat.SessionID][]*conn {
	sessions := map[chat.SessionID][]*conn{}
	for _, c := range g.all() {
		if id := c.identity().Session; of(c) && id != "" {
			sessions[id] = append(sessions[id], c)
		}
	}
	return sessions
}

// paced returns what waits now and then, so that n questions take half of RecheckEvery; it is false when the gateway has
// ended.
func (g *Gateway) paced(n int) func(asked int) bool {
	pause := g.cfg.RecheckEvery / 2 / time.Duration(n/recheckBatch+1)
	return func(asked int) bool {
		return g.ctx.Err() == nil && (asked%recheckBatch != 0 || g.pause(pause))
	}
}

func closeRevoked(id chat.SessionID, conns []*conn) {
	for _, c := range conns {
		if c.identity().Session == id { // it may have another by now
			c.session.Close(CloseSessionRevoked, "session revoked")
		}
	}
}

// pause is false when the gateway has ended.
func (g *Gateway) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-g.ctx.Done():
		return false
	}
}
