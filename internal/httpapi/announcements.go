package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/parley-chat/parley/internal/chat"
)

func (a *api) announcementRoutes(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "announce", Method: http.MethodPost, Path: "/api/announcements", Tags: []string{"workspace"},
		Summary: "Tell everybody something", Description: "Sockets are told by announcement. For owners.", DefaultStatus: http.StatusCreated,
	}, a.announce)
	register(a, h, huma.Operation{
		OperationID: "list-announcements", Method: http.MethodGet, Path: "/api/announcements", Tags: []string{"workspace"},
		Summary: "What everybody is told now, oldest first",
	}, a.listAnnouncements)
	register(a, h, huma.Operation{
		OperationID: "end-announcement", Method: http.MethodDelete, Path: "/api/announcements/{id}", Tags: []string{"workspace"},
		Summary: "Take an announcement back", Description: "For owners.", DefaultStatus: http.StatusNoContent,
	}, a.endAnnouncement)
}

// announcement has the fields that sockets give it.
type announcement struct {
	ID        string `json:"id" format:"uuid"`
	Content   string `json:"content"`
	HTML      string `json:"html,omitempty" doc:"As of a message."`
	User      string `json:"user"`
	UserID    string `json:"user_id" format:"uuid"`
	Timestamp string `json:"timestamp" format:"date-time"`
	Until     string `json:"until,omitempty" format:"date-time"`
}

func newAnnouncement(a chat.Announcement) announcement {
	out := announcement{
		ID: string(a.ID), Content: a.Content, HTML: a.HTML, User: a.AuthorName, UserID: string(a.Author), Timestamp: timestamp(a.Created),
	}
	if !a.Until.IsZero() {
		out.Until = timestamp(a.Until)
	}
	return out
}

type announceRequest struct {
	Body struct {
		Content string `json:"content" doc:"At most 1,000 code points."`
		Until   string `json:"until,omitempty" format:"date-time" doc:"It ends by itself then."`
	}
}

type announceAnswer struct {
	Body announcement
}

func (a *api) announce(ctx context.Context, in *announceRequest) (*announceAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	until, err := moment("until", in.Body.Until)
	if err != nil {
		return nil, err
	}
	made, err := a.chat.Announce(ctx, who.User.Actor(), in.Body.Content, until)
	if err != nil {
		return nil, err
	}
	return &announceAnswer{Body: newAnnouncement(made)}, nil
}

type announcementsAnswer struct {
	Body struct {
		Announcements []announcement `json:"announcements"`
	}
}

func (a *api) listAnnouncements(ctx context.Context, _ *struct{}) (*announcementsAnswer, error) {
	all, err := a.chat.Announcements(ctx)
	if err != nil {
		return nil, err
	}
	out := &announcementsAnswer{}
	out.Body.Announcements = make([]announcement, 0, len(all))
	for _, one := range all {
		out.Body.Announcements = append(out.Body.Announcements, newAnnouncement(one))
	}
	return out, nil
}

type announcementPath struct {
	ID string `path:"id" maxLength:"36" doc:"The announcement's id."`
}

func (a *api) endAnnouncement(ctx context.Context, in *announcementPath) (*struct{}, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.chat.EndAnnouncement(ctx, who.User.Actor(), chat.AnnouncementID(in.ID))
}
