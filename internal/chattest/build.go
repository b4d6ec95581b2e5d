package chattest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

var counter atomic.Int64

// ID returns a new UUID.
func ID() string { return chat.NewUUID(time.Now()) }

// Name returns a name, also good for a room, that no other call returns. Later ones sort later.
func Name(prefix string) string { return fmt.Sprintf("%s-%06d", prefix, counter.Add(1)) }

// NewUser returns a user of the given kind and role, not stored.
func NewUser(kind chat.UserKind, role chat.Role) chat.User {
	name := Name(string(role))
	u := chat.User{ID: chat.UserID(ID()), Kind: kind, Name: name, Role: role, Created: now(), Display: "The " + name, Email: name + "@example.org"}
	if kind != chat.KindGuest {
		u.NameSkeleton = strings.ToLower(name)
	}
	return u
}

// Member stores a user who has an account.
func Member(t testing.TB, s chat.Store, role chat.Role) chat.Actor {
	t.Helper()
	u, err := s.CreateUser(context.Background(), NewUser(chat.KindMember, role), chat.Admission{})
	if err != nil {
		t.Fatal(err)
	}
	return u.Actor()
}

// Guest is somebody who has no row yet.
func Guest() chat.Actor {
	return chat.Actor{ID: chat.UserID(ID()), Name: Name("guest"), Kind: chat.KindGuest, Role: chat.RoleGuest}
}

// NewRoom returns a room of the given kind, not stored.
func NewRoom(kind chat.RoomKind) chat.Room {
	return chat.Room{ID: chat.RoomID(ID()), Name: Name("room"), Kind: kind, MinSeq: 1, Epoch: ID(), Created: now(), History: chat.HistoryAll}
}

// Room stores a public room; creator may be "".
func Room(t testing.TB, s chat.Store, creator chat.UserID) chat.Room {
	t.Helper()
	r, err := s.CreateRoom(context.Background(), NewRoom(chat.RoomPublic), creator)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Post is a message by the given person, under a new client id.
func Post(room chat.RoomID, by chat.Actor, content string) chat.Op {
	sum := sha256.Sum256([]byte(content))
	return chat.Op{Post: &chat.Post{
		Message: chat.Message{ID: ID(), Room: room, Author: by.ID, UserName: by.Name, ClientID: ID(), Content: content, Created: now()},
		Actor:   by, RequestHash: [16]byte(sum[:16]),
	}}
}

// Retry is the same request once more, as a server makes it: with another id for the message.
func Retry(op chat.Op) chat.Op {
	p := *op.Post
	p.ID, p.Created = ID(), p.Created.Add(time.Second)
	return chat.Op{Post: &p}
}

// Topic changes the topic.
func Topic(room chat.RoomID, by chat.Actor, topic string) chat.Op {
	return chat.Op{Change: &chat.ChangeOp{By: by, Topic: topic, Change: newChange(room, by, chat.ChangeTopic, "", `{"topic":"`+topic+`"}`)}}
}

// Add makes somebody a member.
func Add(room chat.RoomID, by chat.Actor, who chat.UserID) chat.Op {
	return chat.Op{Change: &chat.ChangeOp{By: by, Change: newChange(room, by, chat.ChangeMemberAdded, who, `{"user_id":"`+string(who)+`"}`)}}
}

// Remove takes somebody out of the room for good.
func Remove(room chat.RoomID, by chat.Actor, who chat.UserID) chat.Op {
	return RemoveAs(room, by, who, chat.Removal{Ban: true})
}

// RemoveAs takes somebody out of the room.
func RemoveAs(room chat.RoomID, by chat.Actor, who chat.UserID, how chat.Removal) chat.Op {
	return chat.Op{Change: &chat.ChangeOp{By: by, Removal: how, Change: newChange(room, by, chat.ChangeMemberRemoved, who, "{}")}}
}

// Rename gives a room another name.
func Rename(room chat.RoomID, by chat.Actor, name string) chat.Op {
	return chat.Op{Change: &chat.ChangeOp{By: by, Name: name, Change: newChange(room, by, chat.ChangeRenamed, "", "{}")}}
}

// Set gives a room other settings.
func Set(room chat.RoomID, by chat.Actor, settings chat.Settings) chat.Op {
	return chat.Op{Change: &chat.ChangeOp{By: by, Settings: settings, Change: newChange(room, by, chat.ChangeSettings, "", "{}")}}
}

// SetRole gives a member another role in a room.
func SetRole(room chat.RoomID, by chat.Actor, who chat.UserID, role chat.Role) chat.Op {
	return chat.Op{Change: &chat.ChangeOp{By: by, Role: role, Change: newChange(room, by, chat.ChangeRole, who, "{}")}}
}

// Archive archives a room or brings it back.
func Archive(room chat.RoomID, by chat.Actor, archived bool) chat.Op {
	kind := chat.ChangeUnarchived
	if archived {
		kind = chat.ChangeArchived
	}
	return chat.Op{Change: &chat.ChangeOp{By: by, Change: newChange(room, by, kind, "", fmt.Sprintf(`{"archived":%t}`, archived))}}
}

// Edit changes what a message says.
func Edit(room chat.RoomID, by chat.Actor, message, content string) chat.Op {
	op := ofMessage(room, by, chat.ChangeEdit, message)
	op.Change.Content = content
	return op
}

// Delete makes a tombstone of a message.
func Delete(room chat.RoomID, by chat.Actor, message, reason string) chat.Op {
	op := ofMessage(room, by, chat.ChangeDelete, message)
	op.Change.Reason = reason
	return op
}

// React puts a reaction on a message, or takes it back with chat.ChangeUnreact.
func React(room chat.RoomID, by chat.Actor, kind chat.ChangeKind, message, emoji string) chat.Op {
	op := ofMessage(room, by, kind, message)
	op.Change.Emoji, op.Change.Data = emoji, fmt.Sprintf(`{"emoji":%q}`, emoji)
	return op
}

// Pin pins a message, or takes the pin out with chat.ChangeUnpin.
func Pin(room chat.RoomID, by chat.Actor, kind chat.ChangeKind, message string) chat.Op {
	return ofMessage(room, by, kind, message)
}

func ofMessage(room chat.RoomID, by chat.Actor, kind chat.ChangeKind, message string) chat.Op {
	c := newChange(room, by, kind, "", "{}")
	c.Message = message
	return chat.Op{Change: &chat.ChangeOp{By: by, Change: c}}
}

func newChange(room chat.RoomID, by chat.Actor, kind chat.ChangeKind, subject chat.UserID, data string) chat.Change {
	return chat.Change{ID: ID(), Room: room, Kind: kind, Actor: by.ID, Subject: subject, Data: data, Created: now()}
}

// Read moves a cursor; version may be nil.
func Read(room chat.RoomID, by chat.Actor, n uint64, version *uint64) chat.Op {
	return chat.Op{Read: &chat.ReadOp{Room: room, By: by, N: n, Version: version}}
}

// Commit commits ops and fails the test if the whole batch fails.
func Commit(t testing.TB, s chat.Store, ops ...chat.Op) []chat.Outcome {
	t.Helper()
	outcomes, err := s.Commit(context.Background(), ops)
	if err != nil {
		t.Fatal(err)
	}
	if len(outcomes) != len(ops) {
		t.Fatalf("%d outcomes of %d ops", len(outcomes), len(ops))
	}
	return outcomes
}

// Stored is Commit for ops that must all be accepted.
func Stored(t testing.TB, s chat.Store, ops ...chat.Op) []chat.Outcome {
	t.Helper()
	outcomes := Commit(t, s, ops...)
	for i, o := range outcomes {
		if o.Err != nil {
			t.Fatalf("op %d: %v", i, o.Err)
		}
	}
	return outcomes
}

// WantCode fails the test unless err has the code.
func WantCode(t testing.TB, err error, code chat.Code) {
	t.Helper()
	if chat.CodeOf(err) != code {
		t.Errorf("error %v; want code %q", err, code)
	}
}
