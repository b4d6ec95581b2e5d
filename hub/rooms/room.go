package rooms

import (
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	"github.com/parley-chat/parley/hub"
)

// forgetAfter is how long a room that is not in Options.Rooms is kept after its last connection has left, for those who
// are just reconnecting.
const forgetAfter = 30 * time.Second

// room is what is kept of a room besides its log.
type room struct {
	name string

	// Guarded by Server.mu.
	users  int         // connections, and others who need it at the moment; rooms of Options.Rooms have one more
	forget *time.Timer // running while users is 0

	// mu is held while a message is given its number, so that what OnMessage sees, the log and the hub agree on the order.
	mu   sync.Mutex
	seq  uint64
	sent map[sendKey]sent // the answers to the kept messages that have a client_id
	keys []sendKey        // by seq modulo the length of the history; the zero key for messages without a client_id
}

type sendKey struct{ user, clientID string }

type sent struct {
	seq  uint64
	hash [sha256.Size]byte // of the content: tells a retry from another message
	ack  []byte
}

// acquire finds a room for whoever needs it; with create an open one begins to exist. It is nil if there is no such room.
// Each acquire needs a release.
func (s *Server) acquire(name string, create bool) *room {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[name]
	switch {
	case r == nil && (!create || !s.opts.Open || !validRoom(name)):
		return nil
	case r == nil:
		r = &room{name: name}
		s.rooms[name] = r
	case r.users == 0 && !create:
		return nil // on its way out
	}
	r.users++
	r.stopForgetting()
	return r
}

func (s *Server) release(r *room) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.users--; r.users == 0 && !s.stopping {
		r.forget = time.AfterFunc(forgetAfter, func() { s.drop(r) })
	}
}

// drop forgets a room and its log, unless somebody came in time. The hub has let go of it when its last subscriber left.
func (s *Server) drop(r *room) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.users == 0 && s.rooms[r.name] == r {
		delete(s.rooms, r.name)
		s.log.Drop(r.name)
	}
}

func (r *room) stopForgetting() {
	if r.forget != nil {
		r.forget.Stop()
		r.forget = nil
	}
}

// mayEnter says why a user may not enter a room, or nil.
func (s *Server) mayEnter(u User, name string) *refusal {
	if !validRoom(name) {
		return invalid(roomRule)
	}
	s.mu.Lock()
	exists := s.rooms[name] != nil || s.opts.Open
	s.mu.Unlock()
	if !exists {
		return &refusal{code: codeNotFound, message: "there is no such room"}
	}
	if s.opts.Allow == nil {
		return nil
	}
	switch err := s.opts.Allow(u, name); {
	case err == nil:
		return nil
	case errors.Is(err, ErrNotFound):
		return &refusal{code: codeNotFound, message: "there is no such room"}
	default:
		s.opts.Logger.Info("rooms: not let in", "user_id", u.ID, "room", name, "reason", err)
		return &refusal{code: codeForbidden, message: "you may not enter this room"}
	}
}

// post numbers, keeps and delivers a user's message, unless it is there already or OnMessage refuses it. It returns where
// the message stands, and its ack.
func (s *Server) post(r *room, m Message) (seq uint64, ack []byte, refused *refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key, hash := sendKey{m.UserID, m.ClientID}, sha256.Sum256([]byte(m.Content))
	if old, again := r.sent[key]; again && m.ClientID != "" {
		if old.hash != hash {
			return 0, nil, conflict()
		}
		return old.seq, old.ack, nil
	}
	if refused := s.ask(r, m); refused != nil {
		return 0, nil, refused
	}
	seq, ack = s.publishLocked(r, m)
	r.remember(key, sent{seq, hash, ack}, s.opts.History)
	return seq, ack, nil
}

func conflict() *refusal {
	return &refusal{code: codeConflict, message: "this client_id was used for another message"}
}

// conflicts says whether a message's client_id stands for another content.
func (r *room) conflicts(m *Message) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	old, ok := r.sent[sendKey{m.UserID, m.ClientID}]
	return ok && old.hash != sha256.Sum256([]byte(m.Content))
}

// ask lets OnMessage have its say. r.mu is held.
func (s *Server) ask(r *room, m Message) *refusal {
	if s.opts.OnMessage == nil {
		return nil
	}
	m.Seq = r.seq + 1
	err := s.opts.OnMessage(s.ctx, m)
	if err == nil {
		return nil
	}
	if why := Refusal(""); errors.As(err, &why) {
		return &refusal{code: codeForbidden, message: string(why)}
	}
	s.opts.Logger.Error("rooms: OnMessage failed", "room", m.Room, "user_id", m.UserID, "message_id", m.ID, "err", err)
	return &refusal{code: codeInternal, message: "something went wrong on the server (message " + m.ID + ")"}
}

// publish numbers, keeps and delivers a message that nobody is asked about.
func (s *Server) publish(r *room, m Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	seq, _ := s.publishLocked(r, m)
	r.remember(sendKey{}, sent{seq: seq}, s.opts.History)
}

func (s *Server) publishLocked(r *room, m Message) (seq uint64, ack []byte) {
	epoch, e := s.log.Append(r.name, func(seq uint64) hub.Entry {
		m.Seq = seq
		e := hub.Entry{ID: m.ID, Frame: m.frame(), Author: m.UserID, ClientID: m.ClientID, Ack: m.ack()}
		if e.ClientID == "" {
			e.ClientID = m.ID // the name of the send on the connection, which did not give one
		}
		return e
	})
	s.hub.Publish(r.name, epoch, e)
	return e.Seq, e.Ack
}

// remember keeps the answer to the message at a.seq, and forgets that of the one which has left the history.
func (r *room) remember(key sendKey, a sent, history int) {
	r.seq = a.seq
	if key.clientID == "" {
		key = sendKey{}
	}
	if at := int((a.seq - 1) % uint64(history)); at < len(r.keys) {
		delete(r.sent, r.keys[at])
		r.keys[at] = key
	} else {
		r.keys = append(r.keys, key)
	}
	if key == (sendKey{}) {
		return
	}
	if r.sent == nil {
		r.sent = map[sendKey]sent{}
	}
	r.sent[key] = a
}
