package chat

import (
	"context"
	"crypto/sha256"
	"time"
)

// resolveTime bounds the reads that a write needs before it can be queued: a room or user that is not cached.
const resolveTime = 5 * time.Second

// NewMessage is what somebody wants to say.
type NewMessage struct {
	Room     string // its name
	ClientID string // any UUID, the idempotency key of the author in this room; "" gets one that nobody else knows
	Content  string // at most MaxContent code points, not blank; stored as it is, but for CRLF, which becomes LF
	Thread   string // id of the top-level message of the room that it replies to, or ""
	Quote    string // id of the message of the room that it quotes, or ""
}

// Post queues a message. Messages of one goroutine are stored in the order of its calls. done is called exactly once: by
// the committer once the message is durable and published, or at once, on the caller's goroutine, when it is refused. It
// must not block.
//
// A retry with the same ClientID gets the stored message (Outcome.Again), for ever; another content under it gets Conflict.
// A guest's first message stores the guest, too. RateLimited and Overloaded carry RetryAfter.
func (s *Service) Post(by Actor, p NewMessage, done func(Outcome)) {
	const op = "chat.Post"
	post, err := s.newPost(op, by, p)
	if err != nil {
		done(Outcome{Err: withOp(op, err)})
		return
	}
	s.committer.enqueue(Op{Post: post}, len(post.Content)+len(post.HTML), done)
}

func (s *Service) newPost(op string, by Actor, p NewMessage) (*Post, error) {
	if s.cfg.Limiter != nil {
		if after, ok := s.cfg.Limiter.Send(by.ID, by.Kind); !ok {
			return nil, &Error{Code: RateLimited, Op: op, Message: "too many messages at once", RetryAfter: after}
		}
	}
	if err := CheckEmail(by.Email); err != nil {
		return nil, err
	}
	content, err := cleanContent(op, p.Content)
	if err != nil {
		return nil, err
	}
	clientID := p.ClientID
	if clientID == "" {
		clientID = s.cfg.NewID()
	} else if id, ok := NormalUUID(clientID); ok {
		clientID = id
	} else {
		return nil, Errorf(Invalid, op, "client_id is not a UUID")
	}
	thread, err := maybeID(op, "thread", p.Thread)
	if err != nil {
		return nil, err
	}
	quote, err := maybeID(op, "quote", p.Quote)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), resolveTime)
	defer cancel()
	r, err := s.Room(ctx, by, p.Room)
	if err != nil {
		return nil, err
	}
	post := &Post{
		Message: Message{
			ID: s.cfg.NewID(), Room: r.ID, RoomName: r.Name, Author: by.ID, UserName: by.Name,
			ClientID: clientID, Content: content, Thread: thread, Quote: quote, Created: s.now(),
		},
		Actor:       by,
		RequestHash: requestHash(content, thread, quote),
	}
	m, err := s.mentioned(ctx, r.ID, content)
	if err != nil {
		return nil, err
	}
	post.Mentions, post.MentionsAll, post.Here = m.People, m.All, m.Here
	s.rendering.bring(&post.Message)
	return post, nil
}

// maybeID brings an id that may be missing to its normal form.
func maybeID(op, field, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	normal, ok := NormalUUID(id)
	if !ok {
		return "", Errorf(Invalid, op, "%s is not a UUID", field)
	}
	return normal, nil
}

// requestHash stands for everything of a request that a retry must repeat, beside the key. What was rendered of the content
// is no part: a retry may meet another version of the renderer.
func requestHash(content, thread, quote string) [16]byte {
	request := "post\x00" + content
	if thread != "" || quote != "" {
		request = "reply\x00" + thread + "\x00" + quote + "\x00" + content
	}
	sum := sha256.Sum256([]byte(request))
	return [16]byte(sum[:16])
}
