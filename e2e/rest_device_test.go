package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// poster is a client that sends over REST, each message until it is answered.
type poster struct {
	*load
	name, user, token string
	rng               *rand.Rand
	rooms             []string
	sends             []*send
}

func (p *poster) live() {
	defer p.present.Done()
	defer p.sending.Done()
	for {
		select {
		case <-p.quiet:
			return
		default:
		}
		room := p.rooms[p.rng.IntN(len(p.rooms))]
		s := &send{
			sender: p.name, user: p.user, room: room, clientID: newID(), ordered: true, begun: p.since(),
			content: fmt.Sprintf("%s posts %d in %s", p.name, len(p.sends), room),
		}
		p.sends = append(p.sends, s)
		for !p.post(s) {
			p.retries.Add(1)
			if !p.sleep(between(p.rng, 30*time.Millisecond)) {
				p.blame("%s never got an answer to %s", p.name, s.clientID)
				return
			}
		}
		if !p.sleep(between(p.rng, p.pace)) {
			return
		}
	}
}

// post tries once. It is true when the message is stored.
func (p *poster) post(s *send) bool {
	a, err := p.s.request("POST", "/api/messages", p.token, object{"room": s.room, "content": s.content}, "Idempotency-Key", s.clientID)
	if err != nil || a.status == 503 || a.status == 504 {
		return false // nobody there, or not now, or nobody knows
	}
	var f frame
	if err := json.Unmarshal(a.body, &f); err != nil || a.status != 200 && a.status != 201 {
		p.blame("%s was answered %d %s", p.name, a.status, a.body)
		return p.ctx.Err() != nil
	}
	s.settle(f, p.since())
	p.acks.Add(1)
	p.readBack(s)
	return true
}

// readBack: whoever has the answer finds the message, if anybody answers at all.
func (p *poster) readBack(s *send) {
	got, ok := p.after(p.token, s.room, s.ack.seq-1, 1)
	if ok && (len(got.Messages) != 1 || got.Messages[0].ID != s.ack.id) {
		p.blame("%s was told that %s is at %d and reads there %+v", p.name, s.clientID, s.ack.seq, got.Messages)
	}
}

// after reads a page behind seq. It is false when there was no answer.
func (l *load) after(token, room string, seq uint64, limit int) (page, bool) {
	a, err := l.s.request("GET", fmt.Sprintf("/api/messages?room=%s&after=%d&limit=%d", room, seq, limit), token, nil)
	if err != nil || a.status >= 500 {
		return page{}, false
	}
	var got page
	if err := json.Unmarshal(a.body, &got); err != nil || a.status != 200 {
		l.blame("GET /api/messages was answered %d %s", a.status, a.body)
		return page{}, false
	}
	return got, true
}

// pager is a client that reads one room over REST alone, from its beginning, page after page.
type pager struct {
	*load
	name, token, room string
	rng               *rand.Rand
	met               reading
}

func (p *pager) live() {
	defer p.present.Done()
	p.met = reading{reader: p.name, room: p.room, runs: []run{{}}}
	r := &p.met.runs[0]
	var pos uint64
	for {
		got, ok := p.after(p.token, p.room, pos, 50)
		for _, m := range got.Messages {
			r.entries = append(r.entries, entryOf(m))
			pos = m.Seq
		}
		if ok && got.AsOf < pos {
			p.blame("%s read %d in %s, whose head was %d", p.name, pos, p.room, got.AsOf)
		}
		select {
		case <-p.finish:
			if ok && pos >= p.heads[p.room] {
				return
			}
		default:
		}
		if !got.HasMore && !p.sleep(between(p.rng, 60*time.Millisecond)) {
			return
		}
	}
}
