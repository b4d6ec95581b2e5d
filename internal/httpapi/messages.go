package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/parley-chat/parley/internal/chat"
)

// message is something said in a room, with the fields that sockets give it.
type message struct {
	ID        string `json:"id" format:"uuid"`
	Seq       uint64 `json:"seq" doc:"Its place in the room's sequence."`
	N         uint64 `json:"n,omitempty" doc:"Its place among the room's top-level messages; none of a reply."`
	Room      string `json:"room"`
	User      string `json:"user" doc:"The author's name now."`
	UserID    string `json:"user_id" format:"uuid"`
	Content   string `json:"content"`
	HTML      string `json:"html,omitempty" doc:"The content as Markdown, rendered: of the elements that docs/protocol.md lists alone. None where the content is plain."`
	Timestamp string `json:"timestamp" format:"date-time"`
	ClientID  string `json:"client_id" format:"uuid"`
	Deleted   bool   `json:"deleted,omitempty" doc:"The content was deleted."`

	Edited      string     `json:"edited,omitempty" format:"date-time" doc:"When the content last changed."`
	Thread      string     `json:"thread,omitempty" format:"uuid" doc:"The id of the message that it is a reply to."`
	Quote       string     `json:"quote,omitempty" format:"uuid" doc:"The id of the message of the room that it quotes."`
	Mentions    []string   `json:"mentions,omitempty" doc:"Ids of people, at most 50."`
	MentionsAll string     `json:"mentions_all,omitempty" enum:"room,here"`
	Reactions   []reaction `json:"reactions,omitempty" doc:"In the order of their first; each names at most 20 people."`
	Pinned      bool       `json:"pinned,omitempty"`
	Saved       bool       `json:"saved,omitempty" doc:"By me."`
	Replies     *replies   `json:"replies,omitempty" doc:"Those to it; in the answer to a reply those to the message that it replies to."`
	Following   bool       `json:"following,omitempty" doc:"I follow its thread."`
}

// replies sums up a thread.
type replies struct {
	Count   int      `json:"count"`
	LastSeq uint64   `json:"last_seq"`
	Last    string   `json:"last" format:"date-time"`
	Users   []person `json:"users" doc:"At most 3, the latest first."`
}

func newMessage(m *chat.Message) message {
	out := message{
		ID: m.ID, Seq: m.Seq, N: m.N, Room: m.RoomName, User: m.UserName, UserID: string(m.Author), Content: m.Content,
		HTML: m.HTML, Timestamp: timestamp(m.Created), ClientID: m.ClientID, Deleted: m.Deleted,
		Thread: m.Thread, Quote: m.Quote, MentionsAll: m.MentionsAll, Reactions: newReactions(m.Reactions),
		Pinned: m.Pinned, Saved: m.Saved, Following: m.Following,
	}
	if !m.Edited.IsZero() {
		out.Edited = timestamp(m.Edited)
	}
	for _, id := range m.Mentions {
		out.Mentions = append(out.Mentions, string(id))
	}
	if r := m.Replies; r != nil {
		out.Replies = &replies{Count: r.Count, LastSeq: r.LastSeq, Last: timestamp(r.Last), Users: newPeople(r.Users)}
	}
	return out
}

func newMessages(ms []chat.Message) []message {
	all := make([]message, len(ms))
	for i := range ms {
		all[i] = newMessage(&ms[i])
	}
	return all
}

// timestamp writes a time as frames have it: RFC 3339 in UTC with milliseconds.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

func (a *api) messageRoutes(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "list-messages", Method: http.MethodGet, Path: "/api/messages", Tags: []string{"messages"},
		Summary:     "A piece of a room's history, oldest first",
		Description: "By page (1 is the newest), the messages next to a sequence number, by before or after, or those on both sides of a message, by around. Everything in one answer is true at the sequence number as_of.",
	}, a.listMessages)
	register(a, h, huma.Operation{
		OperationID: "post-message", Method: http.MethodPost, Path: "/api/messages", Tags: []string{"messages"},
		Summary:     "Say something in a room",
		Description: "201 when it is stored, 200 when a request with the same Idempotency-Key had stored it before.", DefaultStatus: http.StatusCreated,
	}, a.postMessage)
}

type pageRequest struct {
	Room   string `query:"room" required:"true" maxLength:"200" doc:"The room's name."`
	Page   number `query:"page" doc:"1 is the newest page. At most one of page, before, after and around may be given; none means page 1."`
	Before number `query:"before" doc:"The messages with a lower sequence number, the newest of them."`
	After  number `query:"after" doc:"The messages with a higher sequence number, the oldest of them."`
	Around string `query:"around" maxLength:"64" doc:"The id of a message: it, and those on both sides of it, up to limit of them on each. 404 if the room has no such message."`
	Thread string `query:"thread" maxLength:"64" doc:"The id of a message: the replies to it instead of the room's top-level messages. Not with page; if nothing else is given, the newest."`
	Limit  number `query:"limit" doc:"How many messages, 1 to 50; 50 if not given."`
}

type pageAnswer struct {
	Body struct {
		Messages []message `json:"messages"`
		Page     uint64    `json:"page,omitempty" doc:"With a request by page."`
		HasMore  bool      `json:"has_more" doc:"There is more in the direction of the request: older, or newer with after."`
		HasNewer *bool     `json:"has_newer,omitempty" doc:"With around: there is more after the last one."`
		Epoch    string    `json:"epoch"`
		AsOf     uint64    `json:"as_of" doc:"The room's sequence number when this was read."`
	}
}

func (a *api) listMessages(ctx context.Context, in *pageRequest) (*pageAnswer, error) {
	const op = "httpapi.listMessages"
	query := chat.PageQuery{Page: in.Page.Value, Before: in.Before.pointer(), After: in.After.pointer(), Around: in.Around, Thread: in.Thread}
	if in.Page.Given && in.Page.Value == 0 {
		return nil, chat.Errorf(chat.Invalid, op, "page must be at least 1")
	}
	if in.Limit.Given {
		if in.Limit.Value < 1 || in.Limit.Value > chat.PageSize {
			return nil, chat.Errorf(chat.Invalid, op, "limit must be between 1 and %d", chat.PageSize)
		}
		query.Limit = int(in.Limit.Value)
	}
	page, err := a.chat.Page(ctx, identity(ctx).User.Actor(), in.Room, query)
	if err != nil {
		return nil, err
	}
	out := &pageAnswer{}
	out.Body.Messages = newMessages(page.Messages)
	out.Body.Page, out.Body.HasMore, out.Body.Epoch, out.Body.AsOf = page.Page, page.HasMore, page.Epoch, page.AsOf
	if in.Around != "" {
		out.Body.HasNewer = &page.HasNewer
	}
	return out, nil
}

type postRequest struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"64" doc:"A UUID of my own choice for this message. A retry with the same key never makes a second message; without a key a retry may."`
	Body           struct {
		Room    string `json:"room" doc:"The room's name."`
		Content string `json:"content" doc:"At most 8,000 code points."`
		Thread  string `json:"thread,omitempty" doc:"The id of the top-level message of the room that it replies to."`
		Quote   string `json:"quote,omitempty" doc:"The id of the message of the room that it quotes."`
	}
}

type postAnswer struct {
	Status int
	Body   message
}

func (a *api) postMessage(ctx context.Context, in *postRequest) (*postAnswer, error) {
	by := identity(ctx).User.Actor()
	// Some clients quote the key, as a draft of the header's standard has it.
	key := strings.Trim(in.IdempotencyKey, `"`)
	out := chat.Wait(ctx, func(done func(chat.Outcome)) {
		a.chat.Post(by, chat.NewMessage{Room: in.Body.Room, ClientID: key, Content: in.Body.Content, Thread: in.Body.Thread, Quote: in.Body.Quote}, done)
	})
	if out.Err != nil {
		return nil, out.Err
	}
	answer := &postAnswer{Status: http.StatusCreated, Body: newMessage(out.Event.Message)}
	if out.Again {
		answer.Status = http.StatusOK
	}
	return answer, nil
}
