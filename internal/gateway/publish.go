package gateway

import (
	"sync/atomic"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/websocket"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/fault"
	"github.com/parley-chat/parley/internal/wire"
)

// Publisher hands committed events to the hub, and tells of sessions that have ended. It is made before the Service that
// calls it and before the Gateway that connects it; what comes in between has nobody to hear it.
type Publisher struct {
	gate    atomic.Pointer[Gateway]
	counts  *counters
	scratch []byte
}

// NewPublisher returns a Publisher for one Service and one Gateway.
func NewPublisher() *Publisher { return &Publisher{counts: newCounters()} }

// Publish is chat.Config.Publish. It is called by one goroutine at a time and never waits.
func (p *Publisher) Publish(events []chat.Event) {
	g := p.gate.Load()
	if g == nil {
		return
	}
	for _, ev := range events {
		var e hub.Entry
		e, p.scratch = newEntry(ev, p.scratch)
		if ev.Message != nil {
			p.counts.out.add(wire.TypeMessage)
		} else {
			p.counts.out.add(wire.TypeChange)
		}
		g.hub.Publish(string(ev.Room()), ev.Epoch, e)
		if c := ev.Change; c != nil && c.Kind == chat.ChangeMemberRemoved {
			g.tell([]chat.UserID{c.Subject}, "", g.encode(&wire.RoomRemoved{Room: c.RoomName, RoomID: string(c.Room)}))
		}
	}
}

// SessionEnded is chat.Config.SessionEnded: it closes the session's connections.
func (p *Publisher) SessionEnded(id chat.SessionID) {
	if g := p.gate.Load(); g != nil {
		g.RevokeSession(id)
	}
}

// UserChanged is chat.Config.UserChanged: it closes a person's connections, which carry who they were. Clients come back
// with a fresh token as who they are now.
func (p *Publisher) UserChanged(id chat.UserID) {
	if g := p.gate.Load(); g != nil {
		g.DisconnectUser(id, CloseTokenExpired, "the account was changed")
	}
}

// GuestEnded closes the connections of a guest who has signed out.
func (p *Publisher) GuestEnded(id chat.UserID) {
	if g := p.gate.Load(); g != nil {
		g.DisconnectUser(id, CloseSessionRevoked, "signed out")
	}
}

// Marked is chat.Config.Marked: it tells the person on all of their connections.
func (p *Publisher) Marked(user chat.UserID, m chat.Mark) {
	g := p.gate.Load()
	if g == nil {
		return
	}
	g.sendUser(user, g.encode(markFrame(m)))
}

func markFrame(m chat.Mark) wire.Frame {
	switch m.Kind {
	case chat.MarkRead:
		return &wire.ThreadRead{Room: m.Room, Thread: m.Message, ReadSeq: m.Seq, Unread: m.Unread}
	case chat.MarkSave:
		return &wire.Saved{Room: m.Room, Message: m.Message, Saved: m.On}
	}
	return &wire.ThreadFollow{Room: m.Room, Thread: m.Message, Following: m.On}
}

// ProfileChanged is chat.Config.ProfileChanged: it tells how somebody is to be shown, on every connection that is not one
// room's own.
func (p *Publisher) ProfileChanged(u chat.User) {
	g := p.gate.Load()
	if g == nil {
		return
	}
	display := u.Display
	if display == "" {
		display = u.Name
	}
	f := &wire.UserChanged{UserID: string(u.ID), User: u.Name, Display: display, Avatar: u.Avatar}
	if st := u.Status.At(g.cfg.Now()); st != (chat.Status{}) {
		f.Status = &wire.Status{Emoji: st.Emoji, Text: st.Text, Until: wire.Time{Time: st.Until}}
	}
	g.sendAll(f)
}

// PreferencesChanged is chat.Config.PreferencesChanged: it tells a person's other devices.
func (p *Publisher) PreferencesChanged(user chat.UserID, now chat.Preferences) {
	g := p.gate.Load()
	if g == nil {
		return
	}
	f := &wire.Preferences{Highlights: now.Highlights, DND: wire.DND{Until: wire.Time{Time: now.DoNotDisturb.Until}}, ShareLastSeen: now.ShareLastSeen}
	if h := now.DoNotDisturb.Hours; h != nil {
		f.DND.Schedule = &wire.Hours{From: h.From, To: h.To, Zone: h.Zone}
	}
	g.sendUser(user, g.encode(f))
}

// Announced is chat.Config.Announced: it tells it on every connection that is not one room's own.
func (p *Publisher) Announced(a chat.Announcement) {
	if g := p.gate.Load(); g != nil {
		g.sendAll(announcementFrame(a))
	}
}

// AnnouncementEnded is chat.Config.AnnouncementEnded; as Announced.
func (p *Publisher) AnnouncementEnded(id chat.AnnouncementID) {
	if g := p.gate.Load(); g != nil {
		g.sendAll(&wire.AnnouncementEnded{ID: string(id)})
	}
}

func announcementFrame(a chat.Announcement) *wire.Announcement {
	return &wire.Announcement{
		ID: string(a.ID), Content: a.Content, HTML: a.HTML, User: a.AuthorName, UserID: string(a.Author),
		Timestamp: wire.Time{Time: a.Created}, Until: wire.Time{Time: a.Until},
	}
}

// Notified is chat.Config.Notified: it tells a person's connections what they want to hear of a room.
func (p *Publisher) Notified(user chat.UserID, room chat.Room, now chat.NotifyOutcome) {
	if g := p.gate.Load(); g != nil {
		g.sendUser(user, g.encode(&wire.RoomPrefs{Room: room.Name, Notify: string(now.Level), Muted: now.Muted}))
	}
}

// Here is chat.Config.Here: who is in a room at the moment.
func (p *Publisher) Here(room chat.RoomID) []chat.UserID {
	g := p.gate.Load()
	if g == nil {
		return nil
	}
	users, _ := g.hub.People(string(room), chat.MaxHere+1)
	here := make([]chat.UserID, len(users))
	for i, u := range users {
		here[i] = chat.UserID(u.ID)
	}
	return here
}

// newEntry encodes an event. scratch is overwritten and returned for the next call; the entry keeps nothing of it.
func newEntry(ev chat.Event, scratch []byte) (hub.Entry, []byte) {
	if ev.Message != nil {
		return messageEntry(ev.Message, scratch)
	}
	return changeEntry(ev.Change, scratch)
}

func messageEntry(m *chat.Message, scratch []byte) (hub.Entry, []byte) {
	scratch = (&wire.Message{
		Room: m.RoomName, ID: m.ID, Seq: m.Seq, N: m.N, User: m.UserName, UserID: string(m.Author), Content: m.Content,
		HTML: m.HTML, Timestamp: wire.Time{Time: m.Created}, ClientID: m.ClientID, Deleted: m.Deleted,
		Edited: wire.Time{Time: m.Edited}, Thread: m.Thread, Quote: m.Quote, Mentions: ids(m.Mentions), MentionsAll: m.MentionsAll,
		Replies: repliesOf(m.Replies),
	}).Append(scratch[:0])
	size := len(scratch)
	scratch = ackOf(m).Append(scratch)

	// Both frames share one allocation: they live and die together.
	const headers = 2 * 10
	both := websocket.AppendFrame(make([]byte, 0, len(scratch)+headers), websocket.OpText, scratch[:size])
	end := len(both)
	both = websocket.AppendFrame(both, websocket.OpText, scratch[size:])
	return hub.Entry{
		Seq: m.Seq, ID: m.ID, Frame: both[:end:end], Origin: m.RootSeq,
		Author: string(m.Author), ClientID: m.ClientID, Ack: both[end:],
	}, scratch
}

func ackOf(m *chat.Message) *wire.Ack {
	a := &wire.Ack{
		Room: m.RoomName, ClientID: m.ClientID, ID: m.ID, Seq: m.Seq, N: m.N, HTML: m.HTML, Timestamp: wire.Time{Time: m.Created},
		Edited: wire.Time{Time: m.Edited}, Deleted: m.Deleted, Thread: m.Thread, Mentions: ids(m.Mentions), MentionsAll: m.MentionsAll,
		Replies: repliesOf(m.Replies),
	}
	if !m.Edited.IsZero() {
		a.Content = m.Content
	}
	return a
}

func ids(users []chat.UserID) []string {
	var all []string
	for _, id := range users {
		all = append(all, string(id))
	}
	return all
}

func people(of []chat.Person) []wire.Person {
	all := make([]wire.Person, len(of))
	for i, p := range of {
		all[i] = wire.Person{ID: string(p.ID), Name: p.Name}
	}
	return all
}

func repliesOf(r *chat.Replies) *wire.Replies {
	if r == nil {
		return nil
	}
	return &wire.Replies{Count: r.Count, LastSeq: r.LastSeq, Last: wire.Time{Time: r.Last}, Users: people(r.Users)}
}

func changeEntry(c *chat.Change, scratch []byte) (hub.Entry, []byte) {
	scratch = (&wire.Change{
		Room: c.RoomName, Seq: c.Seq, ID: c.ID, Kind: string(c.Kind), Message: c.Message, User: c.UserName,
		UserID: string(c.Actor), Data: dataOf(c), Timestamp: wire.Time{Time: c.Created},
	}).Append(scratch[:0])
	e := hub.Entry{Seq: c.Seq, ID: c.ID, Frame: websocket.Text(scratch), Rewrites: c.Kind.Rewrites() && !fault.Mutant("deleted-told-again")}
	if c.Now != nil && !fault.Mutant("newcomer-sees-edits") {
		e.Origin = c.Now.Origin()
	}
	if c.Kind == chat.ChangeMemberRemoved {
		e.Evict = []string{string(c.Subject)}
	}
	return e, scratch
}
