package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/parley-chat/parley/internal/chat"
)

// Person is what everyone may know of somebody: no address, no hash.
type Person struct {
	ID      string `json:"id" format:"uuid"`
	Name    string `json:"name"`
	Display string `json:"display" doc:"How they want to be called; the name if they have not said."`
	Kind    string `json:"kind" enum:"member,guest,bot"`
	Avatar  string `json:"avatar,omitempty" doc:"Path of their picture, relative to where this server is reached; one that begins with a slash lies on the site that it is part of."`
}

func newPerson(id chat.UserID, name, display string, kind chat.UserKind, avatar string) Person {
	if display == "" {
		display = name
	}
	return Person{ID: string(id), Name: name, Display: display, Kind: string(kind), Avatar: avatar}
}

func personOf(u chat.User) Person { return newPerson(u.ID, u.Name, u.Display, u.Kind, u.Avatar) }

// seen tells of people who are being shown.
func (a *api) seen(people ...chat.User) {
	if a.pictures != nil {
		a.pictures.Seen(people...)
	}
}

func (a *api) peopleRoutes(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "list-users", Method: http.MethodGet, Path: "/api/users", Tags: []string{"people"},
		Summary: "Everyone who has an account, by name",
	}, a.listUsers)
	register(a, h, huma.Operation{
		OperationID: "set-role", Method: http.MethodPut, Path: "/api/users/{id}/role", Tags: []string{"people"},
		Summary: "Make somebody an owner, a moderator or a member", Description: "For owners. The last owner stays one.",
	}, a.setRole)
	register(a, h, huma.Operation{
		OperationID: "set-disabled", Method: http.MethodPut, Path: "/api/users/{id}/disabled", Tags: []string{"people"},
		Summary: "Disable an account or enable it again", Description: "All of its sessions end, with their tokens and sockets. For owners. The last owner is not disabled.",
	}, a.setDisabled)
}

// userAccount is what people may know of somebody's account.
type userAccount struct {
	Person
	Role     string `json:"role" enum:"owner,moderator,member"`
	Disabled bool   `json:"disabled"`
	Email    string `json:"email,omitempty" doc:"Shown to owners alone."`
	Whereabouts
}

// accountFor is u as reader may see them.
func (a *api) accountFor(reader, u chat.User) userAccount {
	out := userAccount{Person: personOf(u), Role: string(u.Role), Disabled: u.Disabled, Whereabouts: a.whereabouts(u)}
	if reader.Kind == chat.KindMember && reader.Role == chat.RoleOwner {
		out.Email = u.Email
	}
	return out
}

// UserPath is embedded in requests about one person.
type UserPath struct {
	ID string `path:"id" maxLength:"36" doc:"The person's id."`
}

type userAnswer struct {
	Body userAccount
}

type roleRequest struct {
	UserPath
	Body struct {
		Role string `json:"role" enum:"owner,moderator,member"`
	}
}

func (a *api) setRole(ctx context.Context, in *roleRequest) (*userAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	by := who.User
	u, err := a.chat.SetRole(ctx, by.Actor(), chat.UserID(in.ID), chat.Role(in.Body.Role))
	if err != nil {
		return nil, err
	}
	return &userAnswer{Body: a.accountFor(by, u)}, nil
}

type disabledRequest struct {
	UserPath
	Body struct {
		Disabled bool `json:"disabled"`
	}
}

func (a *api) setDisabled(ctx context.Context, in *disabledRequest) (*userAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	by := who.User
	u, err := a.chat.SetDisabled(ctx, by.Actor(), chat.UserID(in.ID), in.Body.Disabled)
	if err != nil {
		return nil, err
	}
	return &userAnswer{Body: a.accountFor(by, u)}, nil
}

// List is where a list of people begins and how long it is.
type List struct {
	After string `query:"after" maxLength:"200" doc:"The next of the answer before."`
	Limit number `query:"limit" doc:"How many, 1 to 200; 200 if not given."`
}

func (l List) limit() (int, error) {
	switch {
	case !l.Limit.Given:
		return chat.MaxList, nil
	case l.Limit.Value < 1 || l.Limit.Value > chat.MaxList:
		return 0, chat.Errorf(chat.Invalid, "httpapi", "limit must be between 1 and %d", chat.MaxList)
	}
	return int(l.Limit.Value), nil
}

type usersAnswer struct {
	Body struct {
		Users []userAccount `json:"users"`
		Next  string        `json:"next,omitempty" doc:"There may be more: ask again with this as after."`
	}
}

func (a *api) listUsers(ctx context.Context, in *List) (*usersAnswer, error) {
	limit, err := in.limit()
	if err != nil {
		return nil, err
	}
	users, err := a.chat.Users(ctx, in.After, limit)
	if err != nil {
		return nil, err
	}
	a.seen(users...)
	out := &usersAnswer{}
	out.Body.Users = make([]userAccount, 0, len(users))
	for _, u := range users {
		out.Body.Users = append(out.Body.Users, a.accountFor(identity(ctx).User, u))
	}
	if len(users) == limit {
		out.Body.Next = users[limit-1].Name
	}
	return out, nil
}

type member struct {
	Person
	Role   string `json:"role" enum:"owner,moderator,member,guest"`
	Joined string `json:"joined" format:"date-time"`
}

type membersRequest struct {
	RoomPath
	List
}

type membersAnswer struct {
	Body struct {
		Members []member `json:"members"`
		Next    string   `json:"next,omitempty" doc:"There may be more: ask again with this as after."`
	}
}

func (a *api) listMembers(ctx context.Context, in *membersRequest) (*membersAnswer, error) {
	limit, err := in.limit()
	if err != nil {
		return nil, err
	}
	members, err := a.chat.Members(ctx, identity(ctx).User.Actor(), in.Name, in.After, limit)
	if err != nil {
		return nil, err
	}
	out := &membersAnswer{}
	out.Body.Members = make([]member, 0, len(members))
	for _, m := range members {
		out.Body.Members = append(out.Body.Members, member{newPerson(m.User, m.UserName, m.Display, m.UserKind, m.Avatar), string(m.Role), timestamp(m.Joined)})
	}
	if len(members) == limit {
		out.Body.Next = members[limit-1].UserName
	}
	return out, nil
}
