package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/parley-chat/parley/internal/chat"
)

// room is a room as the one who asks sees it.
type room struct {
	ID          string `json:"id" format:"uuid"`
	Name        string `json:"name" pattern:"^[a-z0-9][a-z0-9-]{0,63}$"`
	Kind        string `json:"kind" enum:"public,private,direct"`
	Topic       string `json:"topic"`
	Seq         uint64 `json:"seq" doc:"Number of the room's last entry."`
	N           uint64 `json:"n" doc:"Number of the room's last top-level message."`
	Online      int    `json:"online" doc:"How many people are in the room now."`
	Unread      uint64 `json:"unread"`
	ReadN       uint64 `json:"read_n" doc:"Messages up to this n are read."`
	ReadVersion uint64 `json:"read_version" doc:"Grows with each move of the cursor."`
	Member      bool   `json:"member"`
	Archived    bool   `json:"archived" doc:"Nothing can be said or changed in it."`
	Role        string `json:"role" enum:"owner,moderator,member,guest," doc:"Mine, in the room; empty unless I am a member."`
	ReadOnly    bool   `json:"read_only" doc:"Only owners and moderators write; everybody may answer in threads."`
	History     string `json:"history" enum:"all,joined" doc:"What new members see of what was said before they joined."`
	SlowMode    int    `json:"slow_mode" doc:"Seconds between two messages of one person; 0: none."`
	Left        bool   `json:"left,omitempty" doc:"I have left it; reading or writing in it makes me a member again."`

	Mentions uint64 `json:"mentions" doc:"Of the unread messages, those that mention me."`
	Notify   string `json:"notify" enum:",all,mentions,nothing" doc:"What I want to hear of it; empty is what is usual: all in direct rooms, mentions in others."`
	Muted    bool   `json:"muted"`

	People []directPerson `json:"people,omitempty" doc:"Everybody else in a direct room, by name."`
}

// directPerson is somebody in a direct room.
type directPerson struct {
	ID   string `json:"id" format:"uuid"`
	Name string `json:"name"`
}

func (a *api) room(s chat.RoomState) room {
	var people []directPerson
	for _, p := range s.People {
		people = append(people, directPerson{string(p.ID), p.Name})
	}
	return room{
		Role: string(s.Role), ReadOnly: s.ReadOnly, History: string(s.History), SlowMode: s.SlowMode, Left: s.Left, People: people,
		ID: string(s.ID), Name: s.Name, Kind: string(s.Kind), Topic: s.Topic, Seq: s.Seq, N: s.N,
		Online: a.presence.OnlineCount(s.ID), Unread: s.Unread, ReadN: s.Cursor.N, ReadVersion: s.Cursor.Version, Member: s.Member, Archived: s.Archived,
		Mentions: s.Mentions, Notify: string(s.Notify), Muted: s.Muted,
	}
}

// cursor is how far somebody has read in a room.
type cursor struct {
	N       uint64 `json:"n"`
	Version uint64 `json:"version"`

	Mentions uint64 `json:"mentions" doc:"How many messages beyond n mention me."`
}

func (a *api) roomRoutes(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "list-rooms", Method: http.MethodGet, Path: "/api/rooms", Tags: []string{"rooms"},
		Summary: "The rooms that I may see, by name", Description: "With browse, the public ones alone, also those that I have left.",
	}, a.listRooms)
	register(a, h, huma.Operation{
		OperationID: "create-room", Method: http.MethodPost, Path: "/api/rooms", Tags: []string{"rooms"},
		Summary: "Make a public or private room", DefaultStatus: http.StatusCreated,
	}, a.createRoom)
	register(a, h, huma.Operation{
		OperationID: "get-room", Method: http.MethodGet, Path: "/api/rooms/{name}", Tags: []string{"rooms"},
		Summary: "One room",
	}, a.getRoom)
	register(a, h, huma.Operation{
		OperationID: "read-room", Method: http.MethodPost, Path: "/api/rooms/{name}/read", Tags: []string{"rooms"},
		Summary:     "Move my cursor",
		Description: "Without version the cursor moves forward only. With version, which must be the cursor's own, it may also move back; a conflict carries the cursor as it is now.",
	}, a.readRoom)
	register(a, h, huma.Operation{
		OperationID: "list-members", Method: http.MethodGet, Path: "/api/rooms/{name}/members", Tags: []string{"rooms"},
		Summary: "The members of a room, by name",
	}, a.listMembers)
	register(a, h, huma.Operation{
		OperationID: "archive-room", Method: http.MethodPut, Path: "/api/rooms/{name}/archived", Tags: []string{"rooms"},
		Summary: "Archive a room or bring it back", Description: "For owners, moderators and the room's owner. Conflict when it is so already.",
	}, a.archiveRoom)
	a.roomChangeRoutes(h)
}

// RoomPath is embedded in requests about one room.
type RoomPath struct {
	Name string `path:"name" maxLength:"200" doc:"The room's name."`
}

type roomAnswer struct {
	Body room
}

type roomsAnswer struct {
	Body struct {
		Rooms []room `json:"rooms"`
	}
}

type roomsRequest struct {
	Browse bool `query:"browse" doc:"The public rooms, also those that I have left."`
}

func (a *api) listRooms(ctx context.Context, in *roomsRequest) (*roomsAnswer, error) {
	list := a.chat.RoomStates
	if in.Browse {
		list = a.chat.BrowseRooms
	}
	states, err := list(ctx, identity(ctx).User.Actor())
	if err != nil {
		return nil, err
	}
	out := &roomsAnswer{}
	out.Body.Rooms = make([]room, 0, len(states))
	for _, s := range states {
		out.Body.Rooms = append(out.Body.Rooms, a.room(s))
	}
	return out, nil
}

type createRoomRequest struct {
	Body struct {
		Name    string   `json:"name" doc:"Matches [a-z0-9][a-z0-9-]{0,63}, and does not begin with dm-."`
		Kind    string   `json:"kind,omitempty" doc:"public (if not given) or private."`
		Topic   string   `json:"topic,omitempty"`
		History string   `json:"history,omitempty" doc:"Of a private room: all (if not given) or joined."`
		Members []string `json:"members,omitempty" doc:"Ids of up to 50 people who are added."`
	}
}

func (a *api) createRoom(ctx context.Context, in *createRoomRequest) (*roomAnswer, error) {
	by := identity(ctx).User.Actor()
	made, err := a.chat.CreateRoom(ctx, by, chat.NewRoom{
		Name: in.Body.Name, Topic: in.Body.Topic, Kind: chat.RoomKind(in.Body.Kind), History: chat.History(in.Body.History), Members: userIDs(in.Body.Members),
	})
	if err != nil {
		return nil, err
	}
	return a.getRoom(ctx, &RoomPath{Name: made.Name})
}

func userIDs(ids []string) []chat.UserID {
	users := make([]chat.UserID, len(ids))
	for i, id := range ids {
		users[i] = chat.UserID(id)
	}
	return users
}

func (a *api) getRoom(ctx context.Context, in *RoomPath) (*roomAnswer, error) {
	state, err := a.chat.RoomState(ctx, identity(ctx).User.Actor(), in.Name)
	if err != nil {
		return nil, err
	}
	return &roomAnswer{Body: a.room(state)}, nil
}

type readRequest struct {
	RoomPath
	Body struct {
		N       uint64  `json:"n" doc:"Messages up to this n are read."`
		Version *uint64 `json:"version,omitempty" doc:"The version of the cursor that I have seen."`
	}
}

type readAnswer struct {
	Body cursor
}

func (a *api) readRoom(ctx context.Context, in *readRequest) (*readAnswer, error) {
	by := identity(ctx).User.Actor()
	out := chat.Wait(ctx, func(done func(chat.Outcome)) { a.chat.Read(by, in.Name, in.Body.N, in.Body.Version, done) })
	now := cursor{N: out.Cursor.N, Version: out.Cursor.Version, Mentions: out.Cursor.Mentions}
	if chat.CodeOf(out.Err) == chat.Conflict {
		p := problemOf(ctx, a.log, out.Err)
		p.Cursor = &now
		return nil, p
	}
	if out.Err != nil {
		return nil, out.Err
	}
	if a.moved != nil {
		a.moved(by.ID, in.Name, out.Cursor)
	}
	return &readAnswer{Body: now}, nil
}
