package gateway

import (
	"context"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/websocket"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/fault"
	"github.com/parley-chat/parley/internal/wire"
)

// Log is the hub's log of rooms: what the Service has stored, encoded as Publisher encodes it.
type Log struct{ service *chat.Service }

// NewLog returns the log of what service stores.
func NewLog(service *chat.Service) *Log { return &Log{service} }

// Head implements hub.Log.
func (l *Log) Head(ctx context.Context, topic string) (hub.Head, error) {
	h, err := l.service.Head(ctx, chat.RoomID(topic))
	return headOf(h), err
}

// Read implements hub.Log.
func (l *Log) Read(ctx context.Context, topic string, after uint64, limit int) (hub.Head, []hub.Entry, error) {
	h, events, err := l.service.Entries(ctx, chat.RoomID(topic), after, limit)
	if err != nil {
		return hub.Head{}, nil, err
	}
	entries := make([]hub.Entry, len(events))
	var scratch []byte
	for i, ev := range events {
		entries[i], scratch = newEntry(ev, scratch)
		if ev.Change != nil && ev.Change.Kind.IsOfMessage() && fault.Mutant("change-not-replayed") {
			entries[i].Frame = websocket.Text((&wire.Skip{Room: ev.Change.RoomName, Seq: ev.Seq()}).Append(nil))
		}
		if ev.Change != nil && ev.Change.Kind == chat.ChangeRenamed && fault.Mutant("rename-not-replayed") {
			entries[i].Frame = websocket.Text((&wire.Skip{Room: ev.Change.RoomName, Seq: ev.Seq()}).Append(nil))
		}
	}
	return headOf(h), entries, nil
}

func headOf(h chat.Head) hub.Head {
	return hub.Head{Position: hub.Position{Epoch: h.Epoch, Seq: h.Seq, ID: h.ID}, MinSeq: h.MinSeq}
}

// encoder makes the frames that the hub itself has to say.
type encoder struct{ g *Gateway }

func (e encoder) Subscribed(topic string, p hub.Position, minSeq uint64) []byte {
	return e.g.encode(&wire.Subscribed{
		Room: e.g.roomName(topic), RoomID: topic, Epoch: p.Epoch, Seq: p.Seq, ID: p.ID, MinSeq: minSeq,
	})
}

func (e encoder) Reset(topic string, p hub.Position, minSeq uint64) []byte {
	return e.g.encode(&wire.Reset{
		Room: e.g.roomName(topic), RoomID: topic, Epoch: p.Epoch, Seq: p.Seq, ID: p.ID, MinSeq: minSeq,
	})
}

func (e encoder) Skip(topic string, seq uint64) []byte {
	return e.g.encode(&wire.Skip{Room: e.g.roomName(topic), Seq: seq})
}
