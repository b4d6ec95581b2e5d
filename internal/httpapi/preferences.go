package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/parley-chat/parley/internal/chat"
)

func (a *api) preferenceRoutes(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "set-status", Method: http.MethodPut, Path: "/api/me/status", Tags: []string{"me"},
		Summary: "Say what I am doing", Description: "For who has an account.",
	}, a.setStatus)
	register(a, h, huma.Operation{
		OperationID: "clear-status", Method: http.MethodDelete, Path: "/api/me/status", Tags: []string{"me"},
		Summary: "Say so no more", Description: "For who has an account.",
	}, a.clearStatus)
	register(a, h, huma.Operation{
		OperationID: "get-preferences", Method: http.MethodGet, Path: "/api/me/preferences", Tags: []string{"me"},
		Summary: "What I want on all of my devices", Description: "For who has an account.",
	}, a.getPreferences)
	register(a, h, huma.Operation{
		OperationID: "set-preferences", Method: http.MethodPut, Path: "/api/me/preferences", Tags: []string{"me"},
		Summary: "Replace my preferences", Description: "My other devices are told. For who has an account.",
	}, a.setPreferences)
	register(a, h, huma.Operation{
		OperationID: "list-blocks", Method: http.MethodGet, Path: "/api/me/blocks", Tags: []string{"me"},
		Summary: "Whom I have blocked, newest first", Description: "For who has an account.",
	}, a.listBlocks)
	register(a, h, huma.Operation{
		OperationID: "block-user", Method: http.MethodPut, Path: "/api/me/blocks/{id}", Tags: []string{"me"}, DefaultStatus: http.StatusNoContent,
		Summary: "Block somebody", Description: "They can write to me in no direct room of the two of us, and their mentions of me do not count. They are not told. For who has an account.",
	}, a.blockUser)
	register(a, h, huma.Operation{
		OperationID: "unblock-user", Method: http.MethodDelete, Path: "/api/me/blocks/{id}", Tags: []string{"me"}, DefaultStatus: http.StatusNoContent,
		Summary: "Block somebody no more", Description: "For who has an account.",
	}, a.unblockUser)
}

// Status is what somebody says about what they are doing.
type Status struct {
	Emoji string `json:"emoji,omitempty" maxLength:"64" doc:"One emoji."`
	Text  string `json:"text,omitempty" maxLength:"100"`
	Until string `json:"until,omitempty" format:"date-time" doc:"It ends by itself then."`
}

// newStatus is nil for none.
func newStatus(s chat.Status) *Status {
	if s == (chat.Status{}) {
		return nil
	}
	out := &Status{Emoji: s.Emoji, Text: s.Text}
	if !s.Until.IsZero() {
		out.Until = timestamp(s.Until)
	}
	return out
}

// Whereabouts is whether somebody is here, and what they are doing.
type Whereabouts struct {
	State    string  `json:"state" enum:"online,away,dnd,offline" doc:"As sockets were last told by user_presence."`
	LastSeen string  `json:"last_seen,omitempty" format:"date-time" doc:"Of who is offline: when they were last here, if they share it."`
	Status   *Status `json:"status,omitempty"`
}

func (a *api) whereabouts(u chat.User) Whereabouts {
	w := Whereabouts{State: a.presence.State(u.ID), Status: newStatus(u.Status.At(a.chat.Now()))}
	if w.State == "offline" && !u.LastSeen.IsZero() {
		w.LastSeen = timestamp(u.LastSeen)
	}
	return w
}

// moment reads a time that may be left out.
func moment(field, given string) (time.Time, error) {
	if given == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, given)
	if err != nil {
		return time.Time{}, chat.Errorf(chat.Invalid, "httpapi", "%s must be a time such as 2026-01-31T09:30:00Z", field)
	}
	return at, nil
}

type statusRequest struct {
	Body Status
}

func (a *api) setStatus(ctx context.Context, in *statusRequest) (*meAnswer, error) {
	until, err := moment("until", in.Body.Until)
	if err != nil {
		return nil, err
	}
	st := chat.Status{Emoji: in.Body.Emoji, Text: in.Body.Text, Until: until}
	if st == (chat.Status{}) {
		return nil, chat.Errorf(chat.Invalid, "httpapi.setStatus", "a status needs an emoji or a text")
	}
	return a.changeStatus(ctx, st)
}

func (a *api) clearStatus(ctx context.Context, _ *struct{}) (*meAnswer, error) {
	return a.changeStatus(ctx, chat.Status{})
}

func (a *api) changeStatus(ctx context.Context, st chat.Status) (*meAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.mayChange(who.User.ID); err != nil {
		return nil, err
	}
	u, err := a.chat.SetStatus(ctx, who.User.ID, st)
	if err != nil {
		return nil, err
	}
	return a.newMe(u, who.Expires), nil
}

// Preferences are what somebody wants on all of their devices.
type Preferences struct {
	Highlights []string `json:"highlights" maxItems:"50" doc:"Words that count as a mention of me, at most 64 code points each."`
	DND        struct {
		Until    string `json:"until,omitempty" format:"date-time"`
		Schedule *hours `json:"schedule,omitempty" doc:"In these hours of each day."`
	} `json:"dnd" doc:"When I do not want to be disturbed. My clients keep to it, and say so to others."`
	ShareLastSeen bool `json:"share_last_seen" doc:"Others may know when I was last here."`
}

type hours struct {
	From string `json:"from" maxLength:"5" doc:"Such as 22:00."`
	To   string `json:"to" maxLength:"5" doc:"The next day when it is not after from."`
	Zone string `json:"zone" maxLength:"64" doc:"A name of the time zone database, such as Europe/London."`
}

type preferencesAnswer struct {
	Body Preferences
}

func newPreferences(p chat.Preferences) *preferencesAnswer {
	out := &preferencesAnswer{}
	out.Body.Highlights, out.Body.ShareLastSeen = append([]string{}, p.Highlights...), p.ShareLastSeen
	if !p.DoNotDisturb.Until.IsZero() {
		out.Body.DND.Until = timestamp(p.DoNotDisturb.Until)
	}
	if h := p.DoNotDisturb.Hours; h != nil {
		out.Body.DND.Schedule = &hours{h.From, h.To, h.Zone}
	}
	return out
}

func (a *api) getPreferences(ctx context.Context, _ *struct{}) (*preferencesAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	p, err := a.chat.Preferences(ctx, who.User.ID)
	if err != nil {
		return nil, err
	}
	return newPreferences(p), nil
}

type preferencesRequest struct {
	Body Preferences
}

func (a *api) setPreferences(ctx context.Context, in *preferencesRequest) (*preferencesAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	until, err := moment("dnd.until", in.Body.DND.Until)
	if err != nil {
		return nil, err
	}
	p := chat.Preferences{Highlights: in.Body.Highlights, DoNotDisturb: chat.DoNotDisturb{Until: until}, ShareLastSeen: in.Body.ShareLastSeen}
	if h := in.Body.DND.Schedule; h != nil {
		p.DoNotDisturb.Hours = &chat.Hours{From: h.From, To: h.To, Zone: h.Zone}
	}
	if err := a.mayChange(who.User.ID); err != nil {
		return nil, err
	}
	if p, err = a.chat.SetPreferences(ctx, who.User.ID, p); err != nil {
		return nil, err
	}
	return newPreferences(p), nil
}

type block struct {
	ID      string `json:"id" format:"uuid"`
	Name    string `json:"name"`
	Display string `json:"display"`
	Since   string `json:"since" format:"date-time"`
}

type blocksAnswer struct {
	Body struct {
		Blocks []block `json:"blocks"`
	}
}

func (a *api) listBlocks(ctx context.Context, _ *struct{}) (*blocksAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	all, err := a.chat.Blocks(ctx, who.User.Actor())
	if err != nil {
		return nil, err
	}
	out := &blocksAnswer{}
	out.Body.Blocks = make([]block, 0, len(all))
	for _, b := range all {
		person := newPerson(b.User, b.Name, b.Display, "", "")
		out.Body.Blocks = append(out.Body.Blocks, block{person.ID, person.Name, person.Display, timestamp(b.Created)})
	}
	return out, nil
}

func (a *api) blockUser(ctx context.Context, in *UserPath) (*struct{}, error) {
	return nil, a.setBlock(ctx, in.ID, true)
}

func (a *api) unblockUser(ctx context.Context, in *UserPath) (*struct{}, error) {
	return nil, a.setBlock(ctx, in.ID, false)
}

func (a *api) setBlock(ctx context.Context, id string, blocked bool) error {
	who, err := account(ctx)
	if err != nil {
		return err
	}
	if err := a.mayChange(who.User.ID); err != nil {
		return err
	}
	return a.chat.SetBlock(ctx, who.User.Actor(), chat.UserID(id), blocked)
}
