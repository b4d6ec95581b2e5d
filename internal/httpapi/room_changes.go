package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/parley-chat/parley/internal/chat"
)

func (a *api) roomChangeRoutes(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "open-direct", Method: http.MethodPost, Path: "/api/direct", Tags: []string{"rooms"},
		Summary:     "Open the direct room of some people and me",
		Description: "201 when there was none. The same people have one such room; the others are shown it with its first message.",
	}, a.openDirect)
	register(a, h, huma.Operation{
		OperationID: "change-room", Method: http.MethodPatch, Path: "/api/rooms/{name}", Tags: []string{"rooms"},
		Summary:     "Rename a room, or change its topic or settings",
		Description: "What is given and different is changed, in the order settings, topic, name; what was changed before an error stays so. Names of before go on leading to the room.",
	}, a.changeRoom)
	register(a, h, huma.Operation{
		OperationID: "add-member", Method: http.MethodPut, Path: "/api/rooms/{name}/members/{user}", Tags: []string{"rooms"},
		Summary: "Add somebody to a room", DefaultStatus: http.StatusNoContent,
	}, a.addMember)
	register(a, h, huma.Operation{
		OperationID: "remove-member", Method: http.MethodDelete, Path: "/api/rooms/{name}/members/{user}", Tags: []string{"rooms"},
		Summary:     "Leave a room, or remove somebody from it",
		Description: "Leaving a direct room hides it until something is said in it.", DefaultStatus: http.StatusNoContent,
	}, a.removeMember)
	register(a, h, huma.Operation{
		OperationID: "set-member-role", Method: http.MethodPut, Path: "/api/rooms/{name}/members/{user}/role", Tags: []string{"rooms"},
		Summary: "Give a member another role in the room", DefaultStatus: http.StatusNoContent,
	}, a.setMemberRole)
}

// written waits for a write.
func written(ctx context.Context, write func(done func(chat.Outcome))) error {
	return chat.Wait(ctx, write).Err
}

type openDirectRequest struct {
	Body struct {
		Users []string `json:"users" doc:"Ids of the 1 to 9 others."`
	}
}

type openDirectAnswer struct {
	Status int
	Body   room
}

func (a *api) openDirect(ctx context.Context, in *openDirectRequest) (*openDirectAnswer, error) {
	r, made, err := a.chat.OpenDirect(ctx, identity(ctx).User.Actor(), userIDs(in.Body.Users))
	if err != nil {
		return nil, err
	}
	now, err := a.getRoom(ctx, &RoomPath{Name: r.Name})
	if err != nil {
		return nil, err
	}
	out := &openDirectAnswer{Status: http.StatusOK, Body: now.Body}
	if made {
		out.Status = http.StatusCreated
	}
	return out, nil
}

type changeRoomRequest struct {
	RoomPath
	Body struct {
		Name     *string `json:"name,omitempty" doc:"Matches [a-z0-9][a-z0-9-]{0,63}, and does not begin with dm-."`
		Topic    *string `json:"topic,omitempty"`
		ReadOnly *bool   `json:"read_only,omitempty"`
		History  *string `json:"history,omitempty" doc:"Of a private room: all or joined. It holds for those who join from now on."`
		SlowMode *int    `json:"slow_mode,omitempty" doc:"Seconds between two messages of one person, at most 21600; 0: none."`
	}
}

func (a *api) changeRoom(ctx context.Context, in *changeRoomRequest) (*roomAnswer, error) {
	by, want := identity(ctx).User.Actor(), in.Body
	now, err := a.chat.RoomState(ctx, by, in.Name)
	if err != nil {
		return nil, err
	}
	settings := chat.Settings{ReadOnly: want.ReadOnly, History: (*chat.History)(want.History), SlowMode: want.SlowMode}
	if settings.Change(now.Room) {
		if err := written(ctx, func(done func(chat.Outcome)) { a.chat.Set(by, in.Name, settings, done) }); err != nil {
			return nil, err
		}
	}
	if want.Topic != nil && *want.Topic != now.Topic {
		if err := written(ctx, func(done func(chat.Outcome)) { a.chat.SetTopic(by, in.Name, *want.Topic, done) }); err != nil {
			return nil, err
		}
	}
	if want.Name != nil && *want.Name != now.Name {
		if err := written(ctx, func(done func(chat.Outcome)) { a.chat.Rename(by, in.Name, *want.Name, done) }); err != nil {
			return nil, err
		}
	}
	return a.getRoom(ctx, &in.RoomPath)
}

// MemberPath is embedded in requests about somebody in a room.
type MemberPath struct {
	RoomPath
	User string `path:"user" maxLength:"200" doc:"The user's id."`
}

func (a *api) addMember(ctx context.Context, in *MemberPath) (*struct{}, error) {
	by := identity(ctx).User.Actor()
	return nil, written(ctx, func(done func(chat.Outcome)) { a.chat.AddMember(by, in.Name, chat.UserID(in.User), done) })
}

type removeMemberRequest struct {
	MemberPath
	Reason string `query:"reason" doc:"Why, at most 250 characters: the room and the audit log say so."`
	Ban    bool   `query:"ban" doc:"They may not come back by themselves."`
}

func (a *api) removeMember(ctx context.Context, in *removeMemberRequest) (*struct{}, error) {
	by, user := identity(ctx).User.Actor(), chat.UserID(in.User)
	how := chat.Removal{Reason: in.Reason, Ban: in.Ban}
	return nil, written(ctx, func(done func(chat.Outcome)) { a.chat.RemoveMember(by, in.Name, user, how, done) })
}

type memberRoleRequest struct {
	MemberPath
	Body struct {
		Role string `json:"role" doc:"owner, moderator or member."`
	}
}

func (a *api) setMemberRole(ctx context.Context, in *memberRoleRequest) (*struct{}, error) {
	by, role := identity(ctx).User.Actor(), chat.Role(in.Body.Role)
	return nil, written(ctx, func(done func(chat.Outcome)) { a.chat.SetMemberRole(by, in.Name, chat.UserID(in.User), role, done) })
}

type archiveRequest struct {
	RoomPath
	Body struct {
		Archived bool `json:"archived"`
	}
}

func (a *api) archiveRoom(ctx context.Context, in *archiveRequest) (*roomAnswer, error) {
	by := identity(ctx).User.Actor()
	if err := written(ctx, func(done func(chat.Outcome)) { a.chat.SetArchived(by, in.Name, in.Body.Archived, done) }); err != nil {
		return nil, err
	}
	return a.getRoom(ctx, &in.RoomPath)
}
