package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/chat"
)

func (a *api) meRoutes(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "get-me", Method: http.MethodGet, Path: "/api/me", Tags: []string{"me"},
		Summary: "Who I am",
	}, a.me)
	register(a, h, huma.Operation{
		OperationID: "update-me", Method: http.MethodPut, Path: "/api/me", Tags: []string{"me"},
		Summary: "Change what is said about me", Description: "What is left out stays as it is. For who has an account.",
	}, a.updateMe)
	register(a, h, huma.Operation{
		OperationID: "change-password", Method: http.MethodPut, Path: "/api/me/password", Tags: []string{"me"},
		Summary: "Change my password", Description: "All of my sessions end, with their tokens and sockets, and a new one begins with the answer. For who has an account.",
	}, a.changePassword)
	register(a, h, huma.Operation{
		OperationID: "list-sessions", Method: http.MethodGet, Path: "/api/me/sessions", Tags: []string{"me"},
		Summary: "Where I am signed in, last seen first", Description: "For who has an account.",
	}, a.listSessions)
	register(a, h, huma.Operation{
		OperationID: "end-sessions", Method: http.MethodDelete, Path: "/api/me/sessions", Tags: []string{"me"},
		Summary: "Sign out everywhere but here", Description: "For who has an account.",
	}, a.endSessions)
	register(a, h, huma.Operation{
		OperationID: "end-session", Method: http.MethodDelete, Path: "/api/me/sessions/{id}", Tags: []string{"me"},
		Summary: "Sign out in one place", Description: "For who has an account.", DefaultStatus: http.StatusNoContent,
	}, a.endSession)
}

// account refuses who has none.
func account(ctx context.Context) (auth.Identity, error) {
	who := identity(ctx)
	if who.User.Kind == chat.KindGuest {
		return auth.Identity{}, chat.Errorf(chat.Forbidden, "httpapi", "guests have no account: register first")
	}
	return who, nil
}

type meAnswer struct {
	Body struct {
		Person
		Role      string  `json:"role" enum:"owner,moderator,member,guest"`
		Email     string  `json:"email,omitempty"`
		Status    *Status `json:"status,omitempty"`
		ExpiresAt string  `json:"expires_at,omitempty" format:"date-time" doc:"When the token of this request ends; with the cookie, when a socket opened now would have to be extended."`
	}
}

func (a *api) newMe(u chat.User, expires time.Time) *meAnswer {
	out := &meAnswer{}
	out.Body.Person = personOf(u)
	out.Body.Role, out.Body.Email = string(u.Role), u.Email
	out.Body.Status = newStatus(u.Status.At(a.chat.Now()))
	if !expires.IsZero() {
		out.Body.ExpiresAt = timestamp(expires)
	}
	return out
}

func (a *api) me(ctx context.Context, _ *struct{}) (*meAnswer, error) {
	who := identity(ctx)
	a.seen(who.User)
	return a.newMe(who.User, who.Expires), nil
}

type updateMeRequest struct {
	Body struct {
		Display *string `json:"display,omitempty" maxLength:"64" doc:"How I want to be called; empty: by my name."`
		Email   *string `json:"email,omitempty" maxLength:"254" doc:"To sign in with; empty: none."`
	}
}

func (a *api) updateMe(ctx context.Context, in *updateMeRequest) (*meAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.mayChange(who.User.ID); err != nil {
		return nil, err
	}
	u, err := a.chat.UpdateProfile(ctx, who.User.ID, in.Body.Display, in.Body.Email)
	if err != nil {
		return nil, err
	}
	a.seen(u)
	return a.newMe(u, who.Expires), nil
}

type passwordRequest struct {
	Body struct {
		Current string `json:"current" maxLength:"1024"`
		New     string `json:"new" maxLength:"1024" doc:"At least 8 characters, at most 1,024 bytes."`
	}
}

func (a *api) changePassword(ctx context.Context, in *passwordRequest) (*signInAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	again, err := a.accounts.ChangePassword(ctx, a.client(ctx), who, in.Body.Current, in.Body.New)
	if err != nil {
		return nil, err
	}
	return a.welcome(ctx, again), nil
}

type session struct {
	ID         string `json:"id" format:"uuid"`
	CreatedAt  string `json:"created_at" format:"date-time"`
	LastSeenAt string `json:"last_seen_at" format:"date-time" doc:"To the hour."`
	UserAgent  string `json:"user_agent" doc:"What the program called itself, at most 256 bytes."`
	Current    bool   `json:"current" doc:"This request came with it."`
}

type sessionsAnswer struct {
	Body struct {
		Sessions []session `json:"sessions"`
	}
}

func (a *api) listSessions(ctx context.Context, _ *struct{}) (*sessionsAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	all, err := a.chat.Sessions(ctx, who.User.ID)
	if err != nil {
		return nil, err
	}
	out := &sessionsAnswer{}
	out.Body.Sessions = make([]session, 0, len(all))
	for _, s := range all {
		out.Body.Sessions = append(out.Body.Sessions, session{
			ID: string(s.ID), CreatedAt: timestamp(s.Created), LastSeenAt: timestamp(s.LastSeen), UserAgent: s.UserAgent, Current: s.ID == who.Session,
		})
	}
	return out, nil
}

type endedAnswer struct {
	Body struct {
		Ended int `json:"ended" doc:"How many sessions have ended."`
	}
}

func (a *api) endSessions(ctx context.Context, _ *struct{}) (*endedAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	out := &endedAnswer{}
	out.Body.Ended, err = a.chat.EndSessions(ctx, who.User.ID, who.Session)
	return out, err
}

type sessionPath struct {
	ID string `path:"id" maxLength:"36" doc:"The session's id."`
}

func (a *api) endSession(ctx context.Context, in *sessionPath) (*struct{}, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.chat.EndSession(ctx, who.User.ID, chat.SessionID(in.ID)); err != nil {
		return nil, err
	}
	if e := exchangeOf(ctx); who.Cookie && in.ID == string(who.Session) {
		a.cookies.Clear(e.w, e.r)
	}
	return nil, nil
}
