package goclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// Page is a piece of a room's history.
type Page struct {
	Messages []Message // oldest first
	More     bool      // there are older ones
	// Position is where the room stood when the page was read: subscribing there misses nothing and repeats nothing, if this
	// is the newest page.
	Position Position
}

// History reads the newest messages with a Seq below before, which may be as old as the room; 0 means the newest of all.
// limit is 1 to 50, 0 for 50. It returns an *Error when the server refuses.
//
// The messages in front of a subscription are those before its Position's Seq + 1.
func (c *Client) History(ctx context.Context, room string, before uint64, limit int) (*Page, error) {
	query := url.Values{"room": {room}}
	if before > 0 {
		query.Set("before", strconv.FormatUint(before, 10))
	}
	if limit != 0 {
		query.Set("limit", strconv.Itoa(limit))
	}
	var answer struct {
		Messages []Message `json:"messages"`
		HasMore  bool      `json:"has_more"`
		Epoch    string    `json:"epoch"`
		AsOf     uint64    `json:"as_of"`
	}
	if err := c.authorised(ctx, http.MethodGet, "api/messages", query, &answer); err != nil {
		return nil, err
	}
	page := &Page{Messages: answer.Messages, More: answer.HasMore, Position: Position{Epoch: answer.Epoch, Seq: answer.AsOf}}
	if n := len(page.Messages); n > 0 && page.Messages[n-1].Seq == answer.AsOf {
		page.Position.ID = page.Messages[n-1].ID
	}
	return page, nil
}

// SignOut ends the session that the token belongs to, on the server, with all of its tokens and connections. The client
// ends with it: everything returns ErrSignedOut from then on. The caller still owes a Close.
func (c *Client) SignOut(ctx context.Context) error {
	err := c.authorised(ctx, http.MethodPost, "api/auth/logout", nil, nil)
	if errors.Is(err, ErrSignedOut) {
		return nil // it has ended already, or its end was faster than the answer
	}
	return err
}

// authorised makes a request, with a fresh token if the first is refused.
func (c *Client) authorised(ctx context.Context, method, path string, query url.Values, out any) error {
	if err := c.ended(); err != nil {
		return err
	}
	stale := ""
	for first := true; ; first = false {
		token, err := c.tokens.get(ctx, stale)
		if err != nil {
			return err
		}
		err = c.call(ctx, method, path, query, token, out)
		if !first || !errors.Is(err, ErrSignedOut) {
			return err
		}
		stale = token
	}
}

// maxAnswer is the longest answer that is read, in bytes.
const maxAnswer = 16 << 20

// call makes one request. out may be nil. Close breaks it off.
func (c *Client) call(ctx context.Context, method, path string, query url.Values, token string, out any) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(c.ctx, func() { cancel(c.endedOr(ErrClosed)) })()
	u := c.base.JoinPath(path)
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, u.String(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return because(ctx, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	switch {
	case err != nil:
		return because(ctx, err)
	case resp.StatusCode >= 300:
		return refusal(resp.StatusCode, resp.Header, body, token)
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("goclient: the server's answer to %s is not what it should be: %w", path, err)
	}
	return nil
}
