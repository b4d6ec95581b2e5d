package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/parley-chat/parley/internal/chat"
)

func (a *api) mentionRoutes(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "list-mentions", Method: http.MethodGet, Path: "/api/mentions", Tags: []string{"messages"},
		Summary:     "What mentions me, newest first",
		Description: "By name, with @room, or with @here while I was there; replies in threads too. Fifty at a time, as far as I may see them now.",
	}, a.listMentions)
	register(a, h, huma.Operation{
		OperationID: "notify-room", Method: http.MethodPut, Path: "/api/rooms/{name}/notify", Tags: []string{"rooms"},
		Summary:     "Say what I want to hear of a room",
		Description: "What is not given stays as it is. The server counts and sends the same whatever it is: pages and apps go by it. My other connections get a room_prefs frame.",
	}, a.notifyRoom)
}

type mentionsRequest struct {
	Before string `query:"before" maxLength:"64" doc:"next of the answer before this one; none for the newest."`
}

type mentionsAnswer struct {
	Body struct {
		Messages []message `json:"messages"`
		Next     string    `json:"next,omitempty" doc:"What to ask for what is older with; none when there is no more."`
	}
}

func (a *api) listMentions(ctx context.Context, in *mentionsRequest) (*mentionsAnswer, error) {
	page, err := a.chat.Mentions(ctx, identity(ctx).User.Actor(), in.Before, 0)
	if err != nil {
		return nil, err
	}
	out := &mentionsAnswer{}
	out.Body.Messages = make([]message, 0, len(page.Messages))
	for i := range page.Messages {
		out.Body.Messages = append(out.Body.Messages, newMessage(&page.Messages[i]))
	}
	out.Body.Next = page.Next
	return out, nil
}

type notifyRequest struct {
	RoomPath
	Body struct {
		Level *string `json:"level,omitempty" doc:"all, mentions, nothing, or empty for what is usual: all in direct rooms, mentions in others."`
		Muted *bool   `json:"muted,omitempty" doc:"The room does not call for attention, whatever its level."`
	}
}

func (a *api) notifyRoom(ctx context.Context, in *notifyRequest) (*roomAnswer, error) {
	state, err := a.chat.SetNotify(ctx, identity(ctx).User.Actor(), in.Name, (*chat.NotifyLevel)(in.Body.Level), in.Body.Muted)
	if err != nil {
		return nil, err
	}
	return &roomAnswer{Body: a.room(state)}, nil
}
