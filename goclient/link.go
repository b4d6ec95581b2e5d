package goclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/parley-chat/parley/goclient/internal/ws"
)

// The times of a connection.
const (
	dialTime   = 20 * time.Second       // to connect, until the welcome
	silence    = 25 * time.Second       // after it the server is asked whether it is there
	answerTime = 10 * time.Second       // that it has for its answer
	closeTime  = 500 * time.Millisecond // that it has to return our goodbye
)

// link is one connection, from its welcome to its end.
type link struct {
	ws      *ws.Conn
	user    User
	token   string // with which it began
	rooms   int    // that one subscribe may name
	frame   int    // bytes that one frame may have
	kicked  chan struct{}
	expires chan time.Time // the newest end of the token; zero: none

	goodbye time.Duration // of the reader: the server's wish for the next connection

	// Guarded by Client.mu.
	out   [][]byte                 // frames for the writer
	asked map[string]*Subscription // rooms of the one subscribe that is not answered

	over  chan struct{} // closed when the reader has ended
	ended sync.Once
	why   error // valid once it is over
}

// end breaks the connection off. The first reason counts.
func (l *link) end(why error) {
	l.ended.Do(func() {
		l.why = why
		l.ws.Abort()
	})
}

// queue hands a frame to the writer. Client.mu is held.
func (l *link) queue(b []byte) {
	l.out = append(l.out, b)
	l.kick()
}

func (l *link) kick() {
	select {
	case l.kicked <- struct{}{}:
	default:
	}
}

// kick has the writer look again. c.mu is held.
func (c *Client) kick() {
	if c.link != nil {
		c.link.kick()
	}
}

// unsubscribe stops what the server sends of a room. c.mu is held.
func (c *Client) unsubscribe(room string) {
	if c.link != nil {
		c.link.queue(encode(roomsFrame{"unsubscribe", []wanted{{Room: room}}}))
	}
}

// dial opens a connection and waits for its welcome. stale is a token that is known to be of no use. A token that is
// refused is replaced by a fresh one once.
func (c *Client) dial(ctx context.Context, stale string) (*link, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, dialTime, fmt.Errorf("no answer from %s for %s", c.base.Host, dialTime))
	defer cancel()
	for first := true; ; first = false {
		token, err := c.tokens.get(ctx, stale)
		if err != nil {
			return nil, err
		}
		l, err := c.open(ctx, token)
		if err == nil || !first || !errors.Is(err, ErrSignedOut) {
			return l, err
		}
		stale = token
	}
}

func (c *Client) open(ctx context.Context, token string) (*link, error) {
	conn, err := ws.Dial(ctx, c.http, c.base.JoinPath("ws").String(), protocol, http.Header{"Authorization": {"Bearer " + token}})
	if refused := (*ws.RefusedError)(nil); errors.As(err, &refused) {
		return nil, refusal(refused.Status, refused.Header, refused.Body, token)
	}
	if err != nil {
		return nil, because(ctx, err)
	}
	stop := context.AfterFunc(ctx, conn.Abort)
	f, err := readFrame(conn)
	if err == nil && f.Type != "welcome" {
		err = fmt.Errorf("the server began with a frame %.40q and not with a welcome", f.Type)
	}
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		conn.Abort()
		return nil, because(ctx, err)
	}
	l := &link{
		ws: conn, user: User{f.UserID, f.User, f.Kind}, token: token, rooms: max(1, f.Limits.Subscribe), frame: max(1024, f.Limits.Frame),
		kicked: make(chan struct{}, 1), expires: make(chan time.Time, 1), over: make(chan struct{}),
		asked: map[string]*Subscription{},
	}
	l.expires <- f.ExpiresAt
	return l, nil
}

// because prefers the reason why ctx ended, which the network's error hides.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w (%w)", cause, err)
	}
	return err
}

func readFrame(conn *ws.Conn) (*frame, error) {
	b, err := conn.Read()
	if errors.Is(err, io.EOF) {
		return nil, errLost
	}
	if err != nil {
		return nil, err
	}
	return decode(b)
}

// serve uses a connection until it ends, and says why it did.
func (c *Client) serve(l *link) error {
	ctx, cancel := context.WithCancel(c.ctx)
	var others sync.WaitGroup
	others.Go(func() {
		if err := c.write(ctx, l); err != nil {
			l.end(err)
		}
	})
	others.Go(func() {
		if err := c.renew(ctx, l); err != nil {
			l.end(err)
		}
	})
	// A writer that waits for a server which does not read would keep Close waiting.
	defer context.AfterFunc(c.ctx, func() { time.AfterFunc(2*closeTime, l.ws.Abort) })()
	for {
		f, err := readFrame(l.ws)
		if err != nil {
			l.end(err)
			break
		}
		c.handle(l, f)
	}
	close(l.over)
	cancel()
	others.Wait()
	return l.why
}

var (
	errLost   = errors.New("the connection was lost")
	errSilent = errors.New("the server has not been heard for a while")
)

// write writes what is queued, asks for streams, and listens for the server's heartbeat, until ctx ends.
func (c *Client) write(ctx context.Context, l *link) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for pinged := l.ws.LastHeard(); ; {
		c.mu.Lock()
		ask := c.ask(l)
		out := l.out
		l.out = nil
		c.mu.Unlock()
		for _, b := range out {
			if err := l.ws.Write(b); err != nil {
				return err
			}
		}
		now, heard := time.Now(), l.ws.LastHeard()
		var due time.Time
		switch {
		case pinged.After(heard):
			if due = pinged.Add(answerTime); !now.Before(due) {
				return errSilent
			}
		case now.Sub(heard) >= silence:
			pinged = now
			due = now.Add(answerTime)
			if err := l.ws.Ping(); err != nil {
				return err
			}
		default:
			due = heard.Add(silence)
		}
		if !ask.IsZero() && ask.Before(due) {
			due = ask
		}
		timer.Reset(due.Sub(now))
		select {
		case <-l.kicked:
		case <-timer.C:
		case <-ctx.Done():
			return l.sayGoodbye()
		}
	}
}

// sayGoodbye does the closing handshake, unless the connection is over.
func (l *link) sayGoodbye() error {
	limit := time.AfterFunc(closeTime, l.ws.Abort)
	defer limit.Stop()
	err := l.ws.SendClose(1000)
	<-l.over
	return err
}
