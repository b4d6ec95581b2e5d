package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/parley-chat/parley/internal/chat"
)

func (a *api) reportRoutes(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "report-message", Method: http.MethodPost, Path: "/api/rooms/{name}/messages/{id}/report", Tags: []string{"messages"},
		Summary: "Show a message to the moderators", Description: "Once per person and message: conflict. For who has an account.", DefaultStatus: http.StatusCreated,
	}, a.reportMessage)
	register(a, h, huma.Operation{
		OperationID: "list-reports", Method: http.MethodGet, Path: "/api/reports", Tags: []string{"moderation"},
		Summary: "What was reported, newest first", Description: "For owners and moderators.",
	}, a.listReports)
	register(a, h, huma.Operation{
		OperationID: "resolve-report", Method: http.MethodPost, Path: "/api/reports/{id}/resolve", Tags: []string{"moderation"},
		Summary: "Close a report", Description: "Deleting the message closes its reports, too. For owners and moderators.", DefaultStatus: http.StatusNoContent,
	}, a.resolveReport)
}

type reportRequest struct {
	RoomPath
	ID   string `path:"id" maxLength:"64" doc:"The message's id."`
	Body struct {
		Reason string `json:"reason" doc:"At most 500 code points."`
	}
}

type reportedAnswer struct {
	Body struct {
		ID string `json:"id" format:"uuid" doc:"Of the report."`
	}
}

func (a *api) reportMessage(ctx context.Context, in *reportRequest) (*reportedAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	id, err := a.chat.Report(ctx, who.User.Actor(), in.Name, in.ID, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	out := &reportedAnswer{}
	out.Body.ID = string(id)
	return out, nil
}

// named is somebody in a list of acts.
type named struct {
	ID   string `json:"id" format:"uuid"`
	Name string `json:"name"`
}

type report struct {
	ID       string `json:"id" format:"uuid"`
	Room     string `json:"room"`
	Message  string `json:"message" format:"uuid"`
	Author   named  `json:"author" doc:"Of the message."`
	Content  string `json:"content,omitempty" doc:"Of the message, as it reads now."`
	Deleted  bool   `json:"deleted,omitempty" doc:"The message is."`
	Reporter named  `json:"reporter"`
	Reason   string `json:"reason"`
	At       string `json:"at" format:"date-time"`
	Resolved string `json:"resolved,omitempty" format:"date-time" doc:"Left out while it is open."`
	By       *named `json:"resolved_by,omitempty"`
	Note     string `json:"note,omitempty" doc:"Of whoever closed it."`
}

func newReport(r chat.Report) report {
	out := report{
		ID: string(r.ID), Room: r.RoomName, Message: r.Message, Author: named{string(r.Author), r.AuthorName}, Content: r.Content, Deleted: r.Deleted,
		Reporter: named{string(r.Reporter), r.ReporterName}, Reason: r.Reason, At: timestamp(r.Created), Note: r.Note,
	}
	if !r.Resolved.IsZero() {
		out.Resolved = timestamp(r.Resolved)
		out.By = &named{string(r.ResolvedBy), r.ResolvedName}
	}
	return out
}

type reportsRequest struct {
	Open   bool   `query:"open" doc:"Only those that nobody has closed."`
	Before string `query:"before" maxLength:"36" doc:"The next of the answer before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many."`
}

type reportsAnswer struct {
	Body struct {
		Reports []report `json:"reports"`
		Next    string   `json:"next,omitempty" doc:"There may be older ones: ask again with this as before."`
	}
}

func (a *api) listReports(ctx context.Context, in *reportsRequest) (*reportsAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	all, err := a.chat.Reports(ctx, who.User.Actor(), in.Open, chat.ReportID(in.Before), in.Limit)
	if err != nil {
		return nil, err
	}
	out := &reportsAnswer{}
	out.Body.Reports = make([]report, 0, len(all))
	for _, r := range all {
		out.Body.Reports = append(out.Body.Reports, newReport(r))
	}
	if len(all) == in.Limit {
		out.Body.Next = string(all[len(all)-1].ID)
	}
	return out, nil
}

type resolveRequest struct {
	ID   string `path:"id" maxLength:"36" doc:"The report's id."`
	Body struct {
		Note string `json:"note,omitempty" doc:"At most 500 code points."`
	}
}

func (a *api) resolveReport(ctx context.Context, in *resolveRequest) (*struct{}, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.chat.ResolveReport(ctx, who.User.Actor(), chat.ReportID(in.ID), in.Body.Note)
}
