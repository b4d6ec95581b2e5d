package chaos

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/parley-chat/parley/internal/chaos/history"
)

// retryPause is about how long a client waits before it tries again.
const retryPause = 60 * time.Millisecond

// poster sends over REST, each message until it is answered, and looks then whether it is there.
type poster struct {
	*run
	*api
	name   string
	person *person
	rooms  []string
	rng    *rand.Rand
	w      *history.Writer
}

func (p *poster) close() error {
	p.api.close()
	return p.w.Close()
}

func (p *poster) live(ctx context.Context) {
	defer p.sending.Done()
	for said := 0; !isClosed(p.quiet) && ctx.Err() == nil; said++ {
		m := compose(p.rng, p.name, p.rooms, said, false)
		if _, ok := p.deliver(ctx, m); !ok || !p.rest(ctx) {
			return
		}
	}
}

// deliver tries until the outcome is certain; id is "" when the message was refused. ok is false when the client has to go
// before.
func (p *poster) deliver(ctx context.Context, m *pending) (id string, ok bool) {
	for {
		answer := p.post(ctx, m)
		if answer.Result != history.Unknown {
			return answer.ID, true
		}
		if !sleep(ctx, between(p.rng, retryPause)) {
			return "", false
		}
	}
}

// rest waits until it is time for the next message. It is false when the client has to go.
func (p *poster) rest(ctx context.Context) bool {
	pause := between(p.rng, p.pace)
	if p.person.gone.Load() {
		pause = time.Second
	}
	return sleep(ctx, pause)
}

// post tries once.
func (p *poster) post(ctx context.Context, m *pending) history.Op {
	p.w.Write(history.Op{Op: history.Send, Room: m.room, ClientID: m.clientID, Hash: m.hash, Invoke: p.now()})
	var f frame
	status, refusal, err := p.call(ctx, http.MethodPost, "/api/messages", p.person.token, object{"room": m.room, "content": m.content}, &f, "Idempotency-Key", m.clientID)
	answer := history.Op{Op: history.Answer, Room: m.room, ClientID: m.clientID, Result: history.Unknown, Code: refusal.Code, Return: p.now()}
	switch {
	case err != nil || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout:
	case status == http.StatusOK || status == http.StatusCreated:
		answer.Result, answer.Seq, answer.N, answer.ID = history.Ok, f.Seq, f.N, f.ID
		p.acks.Add(1)
	case p.person.gone.Load() && (status == http.StatusUnauthorized || status == http.StatusForbidden):
		answer.Result = history.Fail
	default:
		p.w.Write(history.Op{Op: history.Unexpected, Detail: "POST /api/messages was answered " + http.StatusText(status) + " " + refusal.Code, Return: p.now()})
	}
	p.w.Write(answer)
	if answer.Result == history.Ok {
		readPage(ctx, p.run, p.api, p.w, p.person, m.room, f.Seq-1, 1)
	}
	return answer
}

// readPage reads the messages behind seq and notes them. ok is false when there was no answer.
func readPage(ctx context.Context, r *run, a *api, w *history.Writer, who *person, room string, seq uint64, limit int) (got page, ok bool) {
	begun := r.now()
	got, status, err := a.after(ctx, who.token, room, seq, limit)
	switch {
	case err != nil || status == http.StatusServiceUnavailable:
		return page{}, false
	case status == http.StatusUnauthorized && who.gone.Load():
		w.Write(history.Op{Op: history.Expelled, Code: http.StatusText(status), Return: r.now()})
		return page{}, false
	case status != http.StatusOK:
		w.Write(history.Op{Op: history.Unexpected, Detail: "GET /api/messages was answered " + http.StatusText(status), Return: r.now()})
		return page{}, false
	}
	now := r.now()
	ops := []history.Op{{Op: history.Page, Room: room, Seq: seq, AsOf: got.AsOf, Epoch: got.Epoch, Count: len(got.Messages), Invoke: begun, Return: now}}
	for i := range got.Messages {
		op := entryOf(&got.Messages[i], "page")
		op.Room, op.Epoch, op.Return = room, got.Epoch, now
		ops = append(ops, op)
	}
	w.Write(ops...)
	return got, true
}

// pager reads one room over REST alone, from its beginning, page after page.
type pager struct {
	*run
	*api
	name   string
	person *person
	room   string
	rng    *rand.Rand
	w      *history.Writer
}

func (p *pager) close() error {
	p.api.close()
	return p.w.Close()
}

func (p *pager) live(ctx context.Context) {
	var pos uint64
	for ctx.Err() == nil {
		got, ok := readPage(ctx, p.run, p.api, p.w, p.person, p.room, pos, 50)
		if n := len(got.Messages); n > 0 {
			pos = got.Messages[n-1].Seq
		}
		if isClosed(p.home) && (ok && !got.HasMore || p.person.gone.Load()) {
			return
		}
		if !got.HasMore && !sleep(ctx, between(p.rng, 60*time.Millisecond)) {
			return
		}
	}
}
