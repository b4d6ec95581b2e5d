package chaos

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// changeable is how many of its messages a changer goes on changing.
const changeable = 20

// emoji are what a changer reacts with.
var emoji = []string{"👍", "🎉", "❤️"}

// changer posts as a poster does and then changes what it has posted, now or a while ago: it edits, deletes, reacts, and takes
// reactions back. Each change is tried until it is certain what became of it: all of them may be repeated.
type changer struct {
	poster
	own  []posted
	done int // changes
}

// round are the kinds of changes, one after the other: even the shortest run has an edit and a deletion.
var round = []string{history.Edit, history.Delete, history.React, history.Edit, history.Unreact}

// posted is a message that is there.
type posted struct {
	*pending
	id string
}

func (c *changer) live(ctx context.Context) {
	defer c.sending.Done()
	for said := 0; !isClosed(c.quiet) && ctx.Err() == nil; said++ {
		m := compose(c.rng, c.name, c.rooms, said, false)
		id, ok := c.deliver(ctx, m)
		if !ok {
			return
		}
		if id != "" {
			c.own = append(c.own, posted{m, id})
			c.own = c.own[max(0, len(c.own)-changeable):]
		}
		for n := 3 - said%4; n > 0 && len(c.own) > 0; n-- {
			if !c.alter(ctx, fmt.Sprintf("%s, for the %d. time,", c.name, n), said) {
				return
			}
		}
		if !c.rest(ctx) {
			return
		}
	}
}

// alter changes one of the client's messages, and is false when the client has to go.
func (c *changer) alter(ctx context.Context, who string, number int) bool {
	i := c.rng.IntN(len(c.own))
	m := c.own[i]
	op := history.Op{Op: history.Change, Room: m.room, ID: m.id, ClientID: m.clientID, Code: round[c.done%len(round)]}
	c.done++
	var content string
	switch op.Code {
	case history.Edit:
		now := compose(c.rng, who, []string{m.room}, number, false)
		op.Hash, content = now.hash, now.content
	case history.Delete:
		op.Hash = history.Hash("")
		c.own = slices.Delete(c.own, i, i+1)
	default:
		op.Detail = emoji[c.rng.IntN(len(emoji))]
	}
	for c.try(ctx, op, content) == history.Unknown {
		if !sleep(ctx, between(c.rng, retryPause)) {
			return false
		}
	}
	return true
}

// try asks for a change once.
func (c *changer) try(ctx context.Context, op history.Op, content string) history.Result {
	op.Invoke = c.now()
	c.w.Write(op)
	path := "/api/rooms/" + url.PathEscape(op.Room) + "/messages/" + op.ID
	method, body := http.MethodDelete, any(nil)
	switch op.Code {
	case history.Edit:
		method, body = http.MethodPatch, object{"content": content}
	case history.React:
		method = http.MethodPut
		fallthrough
	case history.Unreact:
		path += "/reactions/" + url.PathEscape(op.Detail)
	}
	status, refusal, err := c.call(ctx, method, path, c.person.token, body, new(frame))
	op.Op, op.Invoke, op.Return, op.Result = history.Changed, 0, c.now(), history.Unknown
	switch {
	case err != nil || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout:
	case status == http.StatusOK || status == http.StatusNoContent:
		op.Result = history.Ok
	case c.person.gone.Load() && (status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound):
		op.Result = history.Fail
	default:
		c.w.Write(history.Op{Op: history.Unexpected, Room: op.Room, Detail: fmt.Sprintf("%s of a message was answered %d %s", op.Code, status, refusal.Code), Return: op.Return})
	}
	c.w.Write(op)
	return op.Result
}
