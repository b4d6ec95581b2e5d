package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/parley-chat/parley/internal/chat"
)

// person is somebody with the name of now.
type person struct {
	ID   string `json:"id" format:"uuid"`
	Name string `json:"name"`
}

func newPeople(of []chat.Person) []person {
	all := make([]person, len(of))
	for i, p := range of {
		all[i] = person{ID: string(p.ID), Name: p.Name}
	}
	return all
}

// reaction is one emoji on a message.
type reaction struct {
	Emoji string   `json:"emoji"`
	Count int      `json:"count" doc:"How many people gave it."`
	First uint64   `json:"first" doc:"Sequence number of the oldest one that still stands: reactions are in its order."`
	Users []person `json:"users" doc:"Who gave it, the earliest ones."`
	Me    bool     `json:"me" doc:"I am among them."`
}

func newReactions(of []chat.Reaction) []reaction {
	var all []reaction
	for _, r := range of {
		all = append(all, reaction{Emoji: r.Emoji, Count: r.Count, First: r.First, Users: newPeople(r.Users), Me: r.Me})
	}
	return all
}

// MessagePath is embedded in requests about one message.
type MessagePath struct {
	RoomPath
	ID string `path:"id" maxLength:"64" doc:"The message's id."`
}

type reactionPath struct {
	MessagePath
	Emoji string `path:"emoji" maxLength:"200" doc:"One emoji of at most 64 bytes, percent-encoded."`
}

func (a *api) changeRoutes(h huma.API) {
	one := "/api/rooms/{name}/messages/{id}"
	add := func(id, method, path, summary, description string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Tags: []string{"messages"}, Summary: summary, Description: description}
	}
	done := func(op huma.Operation) huma.Operation {
		op.DefaultStatus = http.StatusNoContent
		return op
	}
	register(a, h, add("get-message", http.MethodGet, one, "One message", ""), a.getMessage)
	register(a, h, add("edit-message", http.MethodPatch, one, "Change what a message of mine says",
		"For its author, who must still be allowed to post. What it says already is no change. 409 when it was deleted."), a.editMessage)
	register(a, h, done(add("delete-message", http.MethodDelete, one, "Delete a message",
		"For its author, and who moderates the room or the workspace. A tombstone stays in its place; nothing else of it is kept.")), a.deleteMessage)
	register(a, h, add("list-edits", http.MethodGet, one+"/edits", "What a message said before its edits, oldest first",
		"For its author, and who moderates the room or the workspace."), a.listEdits)
	register(a, h, add("list-reactions", http.MethodGet, one+"/reactions", "Who reacted to a message", "Of each reaction at most the first thousand people."), a.listReactions)
	register(a, h, done(add("react", http.MethodPut, one+"/reactions/{emoji}", "React to a message", "At most 20 different reactions to a message.")), a.react(true))
	register(a, h, done(add("unreact", http.MethodDelete, one+"/reactions/{emoji}", "Take my reaction back", "")), a.react(false))
	register(a, h, done(add("pin-message", http.MethodPut, one+"/pin", "Pin a message to its room",
		"For whoever may post there, but no guests. At most 100 in a room.")), a.pin(true))
	register(a, h, done(add("unpin-message", http.MethodDelete, one+"/pin", "Take a pin out", "")), a.pin(false))
	register(a, h, add("list-pins", http.MethodGet, "/api/rooms/{name}/pins", "The pinned messages of a room, the latest pin first", ""), a.listPins)
}

type messageAnswer struct {
	Body message
}

func (a *api) getMessage(ctx context.Context, in *MessagePath) (*messageAnswer, error) {
	m, err := a.chat.Message(ctx, identity(ctx).User.Actor(), in.Name, in.ID)
	if err != nil {
		return nil, err
	}
	return &messageAnswer{Body: newMessage(&m)}, nil
}

type editRequest struct {
	MessagePath
	Body struct {
		Content string `json:"content" doc:"At most 8,000 code points."`
	}
}

func (a *api) editMessage(ctx context.Context, in *editRequest) (*messageAnswer, error) {
	by := identity(ctx).User.Actor()
	out := chat.Wait(ctx, func(done func(chat.Outcome)) { a.chat.EditMessage(by, in.Name, in.ID, in.Body.Content, done) })
	if out.Err != nil {
		return nil, out.Err
	}
	return a.getMessage(ctx, &in.MessagePath)
}

type deleteRequest struct {
	MessagePath
	Reason string `query:"reason" maxLength:"500" doc:"Why, for the audit log; at most 500 code points. Nobody else sees it."`
}

func (a *api) deleteMessage(ctx context.Context, in *deleteRequest) (*struct{}, error) {
	by := identity(ctx).User.Actor()
	return nil, chat.Wait(ctx, func(done func(chat.Outcome)) { a.chat.DeleteMessage(by, in.Name, in.ID, in.Reason, done) }).Err
}

// former is what a message said before an edit.
type former struct {
	Content string `json:"content"`
	At      string `json:"at" format:"date-time" doc:"When it was written."`
}

type editsAnswer struct {
	Body struct {
		Edits []former `json:"edits"`
	}
}

func (a *api) listEdits(ctx context.Context, in *MessagePath) (*editsAnswer, error) {
	all, err := a.chat.Edits(ctx, identity(ctx).User.Actor(), in.Name, in.ID)
	if err != nil {
		return nil, err
	}
	out := &editsAnswer{}
	out.Body.Edits = make([]former, len(all))
	for i, f := range all {
		out.Body.Edits[i] = former{Content: f.Content, At: timestamp(f.At)}
	}
	return out, nil
}

type reactionsAnswer struct {
	Body struct {
		Reactions []reaction `json:"reactions"`
	}
}

func (a *api) listReactions(ctx context.Context, in *MessagePath) (*reactionsAnswer, error) {
	all, err := a.chat.Reactions(ctx, identity(ctx).User.Actor(), in.Name, in.ID)
	if err != nil {
		return nil, err
	}
	out := &reactionsAnswer{}
	out.Body.Reactions = append([]reaction{}, newReactions(all)...)
	return out, nil
}

func (a *api) react(on bool) func(context.Context, *reactionPath) (*struct{}, error) {
	return func(ctx context.Context, in *reactionPath) (*struct{}, error) {
		by := identity(ctx).User.Actor()
		return nil, chat.Wait(ctx, func(done func(chat.Outcome)) { a.chat.React(by, in.Name, in.ID, in.Emoji, on, done) }).Err
	}
}

func (a *api) pin(on bool) func(context.Context, *MessagePath) (*struct{}, error) {
	return func(ctx context.Context, in *MessagePath) (*struct{}, error) {
		by := identity(ctx).User.Actor()
		return nil, chat.Wait(ctx, func(done func(chat.Outcome)) { a.chat.Pin(by, in.Name, in.ID, on, done) }).Err
	}
}

type pinsAnswer struct {
	Body struct {
		Messages []message `json:"messages"`
	}
}

func (a *api) listPins(ctx context.Context, in *RoomPath) (*pinsAnswer, error) {
	all, err := a.chat.Pins(ctx, identity(ctx).User.Actor(), in.Name)
	if err != nil {
		return nil, err
	}
	out := &pinsAnswer{}
	out.Body.Messages = newMessages(all)
	return out, nil
}
