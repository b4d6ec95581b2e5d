package httpapi

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/parley-chat/parley/internal/chat"
)

func (a *api) workspaceRoutes(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "get-workspace", Method: http.MethodGet, Path: "/api/workspace", Tags: []string{"workspace"},
		Summary: "What this workspace is called, and how people come in",
	}, a.getWorkspace)
	register(a, h, huma.Operation{
		OperationID: "update-workspace", Method: http.MethodPut, Path: "/api/workspace", Tags: []string{"workspace"},
		Summary: "Rename or recolour the workspace", Description: "For owners.",
	}, a.updateWorkspace)
	register(a, h, huma.Operation{
		OperationID: "list-audit", Method: http.MethodGet, Path: "/api/audit", Tags: []string{"workspace"},
		Summary: "Who has changed accounts, rooms, invitations and the workspace, newest first", Description: "For owners.",
	}, a.listAudit)
}

type workspaceAnswer struct {
	Body struct {
		Name         string `json:"name"`
		Hue          int    `json:"hue" doc:"Of the accent colour, in degrees."`
		SetUp        bool   `json:"set_up" doc:"Somebody has an account."`
		Registration string `json:"registration" enum:"invite,open,closed" doc:"Who may make an account."`
		Guests       bool   `json:"guests" doc:"People are let in without an account."`
		Accounts     string `json:"accounts" enum:"own,host" doc:"Who keeps the people: this server, or the site that it is part of, which alone lets anybody in."`
		SignInURL    string `json:"sign_in_url,omitempty" doc:"With host: where people sign in, a path on the same host or a URL. Add next, the path to come back to."`
	}
}

func (a *api) getWorkspace(ctx context.Context, _ *struct{}) (*workspaceAnswer, error) {
	w, err := a.chat.Workspace(ctx)
	if err != nil {
		return nil, err
	}
	setUp, err := a.chat.SetUp(ctx)
	if err != nil {
		return nil, err
	}
	out := &workspaceAnswer{}
	out.Body.Name, out.Body.Hue, out.Body.SetUp = w.Name, w.Hue, setUp
	out.Body.Registration, out.Body.Guests = string(a.accounts.Mode()), a.accounts.GuestsAllowed()
	out.Body.Accounts = "own"
	if a.host != nil {
		out.Body.Accounts, out.Body.SignInURL, out.Body.SetUp = "host", a.host.SignInURL, true
	}
	return out, nil
}

type workspaceRequest struct {
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"64"`
		Hue  int    `json:"hue" minimum:"0" maximum:"359"`
	}
}

func (a *api) updateWorkspace(ctx context.Context, in *workspaceRequest) (*workspaceAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := a.chat.SetWorkspace(ctx, who.User.Actor(), chat.Workspace{Name: in.Body.Name, Hue: in.Body.Hue}); err != nil {
		return nil, err
	}
	return a.getWorkspace(ctx, nil)
}

type auditEntry struct {
	ID    int64  `json:"id"`
	At    string `json:"at" format:"date-time"`
	Actor struct {
		ID   string `json:"id" doc:"Empty for the server's command line."`
		Name string `json:"name" doc:"As it was then."`
	} `json:"actor"`
	Action      string         `json:"action" doc:"Such as role_changed; docs/protocol.md lists them."`
	Subject     string         `json:"subject" doc:"Id of the person, room or invitation; empty for the workspace."`
	SubjectName string         `json:"subject_name" doc:"As it was then."`
	Data        map[string]any `json:"data" doc:"What else there is to say; its fields depend on the action."`
}

type auditRequest struct {
	Before int64 `query:"before" minimum:"1" doc:"The next of the answer before."`
	Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many."`
}

type auditAnswer struct {
	Body struct {
		Entries []auditEntry `json:"entries"`
		Next    int64        `json:"next,omitempty" doc:"There may be older ones: ask again with this as before."`
	}
}

func (a *api) listAudit(ctx context.Context, in *auditRequest) (*auditAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	entries, err := a.chat.Audit(ctx, who.User.Actor(), in.Before, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &auditAnswer{}
	out.Body.Entries = make([]auditEntry, 0, len(entries))
	for _, e := range entries {
		entry := auditEntry{ID: e.ID, At: timestamp(e.At), Action: e.Action, Subject: e.Subject, SubjectName: e.SubjectName}
		entry.Actor.ID, entry.Actor.Name = string(e.Actor), e.ActorName
		if err := json.Unmarshal([]byte(e.Data), &entry.Data); err != nil {
			return nil, chat.WrapInternal("httpapi.listAudit", err)
		}
		out.Body.Entries = append(out.Body.Entries, entry)
	}
	if len(entries) == in.Limit {
		out.Body.Next = entries[len(entries)-1].ID
	}
	return out, nil
}
