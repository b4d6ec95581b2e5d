package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/chat"
)

func (a *api) inviteRoutes(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "create-invite", Method: http.MethodPost, Path: "/api/invites", Tags: []string{"invitations"},
		Summary: "Make an invitation", Description: "Its code is in this answer and nowhere else. For owners and moderators.", DefaultStatus: http.StatusCreated,
	}, a.createInvite)
	register(a, h, huma.Operation{
		OperationID: "list-invites", Method: http.MethodGet, Path: "/api/invites", Tags: []string{"invitations"},
		Summary: "The invitations that can be used, newest first", Description: "For owners and moderators.",
	}, a.listInvites)
	register(a, h, huma.Operation{
		OperationID: "revoke-invite", Method: http.MethodDelete, Path: "/api/invites/{id}", Tags: []string{"invitations"},
		Summary: "End an invitation", Description: "For owners and moderators.", DefaultStatus: http.StatusNoContent,
	}, a.revokeInvite)
}

// Invitation is an invitation without what lets people in.
type Invitation struct {
	ID        string `json:"id" format:"uuid"`
	CreatedBy string `json:"created_by" doc:"Name of whoever made it."`
	CreatedAt string `json:"created_at" format:"date-time"`
	ExpiresAt string `json:"expires_at,omitempty" format:"date-time"`
	MaxUses   int    `json:"max_uses,omitempty" doc:"How many people may use it; left out when there is no limit."`
	Uses      int    `json:"uses" doc:"How many have."`
}

func newInvite(i chat.Invite) Invitation {
	out := Invitation{ID: string(i.ID), CreatedBy: i.CreatedByName, CreatedAt: timestamp(i.Created), MaxUses: i.MaxUses, Uses: i.Uses}
	if !i.Expires.IsZero() {
		out.ExpiresAt = timestamp(i.Expires)
	}
	return out
}

type inviteRequest struct {
	Body struct {
		ExpiresIn int64 `json:"expires_in,omitempty" minimum:"1" maximum:"31536000" default:"604800" doc:"Seconds; 7 days if left out."`
		MaxUses   int   `json:"max_uses,omitempty" minimum:"1" maximum:"10000" doc:"How many people may use it; no limit if left out."`
	}
}

type newInviteAnswer struct {
	Body struct {
		Invitation
		Code string `json:"code" doc:"With it anybody can make an account."`
		URL  string `json:"url" format:"uri" doc:"The link to hand on."`
	}
}

func (a *api) createInvite(ctx context.Context, in *inviteRequest) (*newInviteAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	made, code, err := a.chat.CreateInvite(ctx, who.User.Actor(), chat.NewInvite{
		For: time.Duration(in.Body.ExpiresIn) * time.Second, MaxUses: in.Body.MaxUses,
	})
	if err != nil {
		return nil, err
	}
	out := &newInviteAnswer{}
	out.Body.Invitation, out.Body.Code, out.Body.URL = newInvite(made), code, a.base(ctx)+"/join/"+code
	return out, nil
}

// base is where people reach the server, without a slash at its end.
func (a *api) base(ctx context.Context) string {
	if a.publicURL != "" {
		return a.publicURL
	}
	scheme := "http://"
	if auth.ViaOf(ctx).Secure {
		scheme = "https://"
	}
	return scheme + exchangeOf(ctx).r.Host + a.prefix
}

type invitesAnswer struct {
	Body struct {
		Invites []Invitation `json:"invites"`
	}
}

func (a *api) listInvites(ctx context.Context, _ *struct{}) (*invitesAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	all, err := a.chat.Invites(ctx, who.User.Actor())
	if err != nil {
		return nil, err
	}
	out := &invitesAnswer{}
	out.Body.Invites = make([]Invitation, 0, len(all))
	for _, i := range all {
		out.Body.Invites = append(out.Body.Invites, newInvite(i))
	}
	return out, nil
}

type invitePath struct {
	ID string `path:"id" maxLength:"36" doc:"The invitation's id."`
}

func (a *api) revokeInvite(ctx context.Context, in *invitePath) (*struct{}, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.chat.RevokeInvite(ctx, who.User.Actor(), chat.InviteID(in.ID))
}
