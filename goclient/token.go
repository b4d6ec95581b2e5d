package goclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// callTime is how long the server may take to renew a token.
const callTime = 20 * time.Second

// tokens hands out access tokens.
type tokens struct {
	c    *Client
	from func(context.Context) (string, error) // nil: held is renewed

	mu   sync.Mutex
	held string
}

// get returns a token, not the one that is stale.
func (t *tokens) get(ctx context.Context, stale string) (string, error) {
	if t.from != nil {
		token, err := t.from(ctx)
		if err != nil {
			return "", fmt.Errorf("goclient: no token: %w", err)
		}
		return token, nil
	}
	t.mu.Lock()
	held := t.held
	t.mu.Unlock()
	if held != stale {
		return held, nil
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	var fresh struct {
		AccessToken string `json:"access_token"`
	}
	err := t.c.call(ctx, http.MethodPost, "api/auth/refresh", nil, held, &fresh)
	if e := (*Error)(nil); errors.As(err, &e) && (e.Code == CodeNotFound || e.Status == http.StatusMethodNotAllowed) {
		return "", fmt.Errorf("%w: the token has ended, and this server renews none: use TokenFunc", ErrSignedOut)
	}
	if err != nil {
		return "", err
	}
	if fresh.AccessToken == "" {
		return "", errors.New("goclient: the server has renewed the token without one")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held = fresh.AccessToken
	return fresh.AccessToken, nil
}

// The times of renewals.
const (
	renewMargin = time.Minute      // before the end; a short life is renewed after three quarters of it
	renewAgain  = 5 * time.Second  // after an attempt that failed, and the least between two
	renewAnswer = 30 * time.Second // that the server has to answer auth
	longestWait = 24 * time.Hour
)

// expire notes how long the connection may live now.
func (l *link) expire(at time.Time) {
	select {
	case <-l.expires:
	default:
	}
	l.expires <- at // only the reader puts something in
}

// renew sends a fresh token before the old one ends, for as long as the connection lives. Its error ends the connection.
func (c *Client) renew(ctx context.Context, l *link) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	stale, due := l.token, false
	for {
		select {
		case <-ctx.Done():
			return nil
		case at := <-l.expires:
			due = !at.IsZero()
			timer.Reset(c.renewIn(time.Until(at)))
			continue
		case <-timer.C:
		}
		if !due {
			continue
		}
		token, err := c.tokens.get(ctx, stale)
		if errors.Is(err, ErrSignedOut) {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			c.log.Warn("no fresh token", "err", err)
			timer.Reset(renewAgain)
			continue
		}
		stale = token
		c.mu.Lock()
		l.queue(encode(authFrame{"auth", token}))
		c.mu.Unlock()
		timer.Reset(renewAnswer)
	}
}

// renewIn is when to renew a token that lives so long. Clocks differ: one that has ended by ours may be good, and the server
// tells when it is not.
func renewIn(life time.Duration) time.Duration {
	if life <= 0 {
		return renewAgain
	}
	return min(max(life-renewMargin, life*3/4), longestWait)
}
