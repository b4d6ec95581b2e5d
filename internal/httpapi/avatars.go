package httpapi

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/parley-chat/parley/internal/chat"
)

// Pictures are those of people. avatar.Pictures are.
type Pictures interface {
	// Set makes what body holds the user's picture. Its errors are chat's; nothing changes when it fails.
	Set(ctx context.Context, user chat.UserID, body io.Reader) (chat.User, error)
	// Remove takes the user's picture away.
	Remove(ctx context.Context, user chat.UserID) (chat.User, error)
	// Open returns a picture and its media type, by the last part of its path; NotFound.
	Open(hash string) (content []byte, mediaType string, err error)
	// Seen is told of people who are shown to somebody. It does not wait.
	Seen(people ...chat.User)
}

func (a *api) avatarRoutes(h huma.API) {
	if a.pictures == nil {
		return
	}
	file := func(types ...string) map[string]*huma.MediaType {
		all := map[string]*huma.MediaType{}
		for _, t := range types {
			all[t] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
		}
		return all
	}
	upload := &huma.RequestBody{Required: true, Content: file("image/png", "image/jpeg", "image/gif", "image/webp"), Description: "The file itself, at most 5 MB, 8192 pixels a side and 24 megapixels."}
	register(a, h, huma.Operation{
		OperationID: "set-avatar", Method: http.MethodPut, Path: "/api/me/avatar", Tags: []string{"me"}, RequestBody: upload,
		Summary: "Change my picture", Description: "The square in its middle is kept, at 256 × 256 pixels, drawn anew: nothing else of the file is. For who has an account.",
	}, a.setAvatar)
	register(a, h, huma.Operation{
		OperationID: "remove-avatar", Method: http.MethodDelete, Path: "/api/me/avatar", Tags: []string{"me"},
		Summary: "Take my picture away", Description: "For who has an account.",
	}, a.removeAvatar)
	register(a, h, huma.Operation{
		OperationID: "get-avatar", Method: http.MethodGet, Path: "/api/avatars/{hash}", Tags: []string{"people"},
		Summary: "A picture of somebody", Description: "What is at a path never changes.",
		Responses: map[string]*huma.Response{"200": {Description: "The picture", Content: file("image/png", "image/jpeg")}},
	}, a.avatar)
}

// mayChange is RateLimited for who changes what others see of them too often: everybody who is connected is told.
func (a *api) mayChange(user chat.UserID) error {
	if a.profiles == nil {
		return nil
	}
	if wait, ok := a.profiles(user); !ok {
		return &chat.Error{Code: chat.RateLimited, Op: "httpapi", Message: "you have changed your profile too often: wait a little", RetryAfter: wait}
	}
	return nil
}

func (a *api) setAvatar(ctx context.Context, _ *struct{}) (*meAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.mayChange(who.User.ID); err != nil {
		return nil, err
	}
	u, err := a.pictures.Set(ctx, who.User.ID, exchangeOf(ctx).r.Body)
	if err != nil {
		return nil, err
	}
	return a.newMe(u, who.Expires), nil
}

func (a *api) removeAvatar(ctx context.Context, _ *struct{}) (*meAnswer, error) {
	who, err := account(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.mayChange(who.User.ID); err != nil {
		return nil, err
	}
	u, err := a.pictures.Remove(ctx, who.User.ID)
	if err != nil {
		return nil, err
	}
	a.pictures.Seen(u)
	return a.newMe(u, who.Expires), nil
}

type avatarPath struct {
	Hash string `path:"hash" maxLength:"64" doc:"The last part of the avatar of a person."`
}

// picture is an answer that no browser takes for anything but a picture, and keeps.
type picture struct {
	ContentType  string `header:"Content-Type"`
	CacheControl string `header:"Cache-Control"`
	Policy       string `header:"Content-Security-Policy"`
	Disposition  string `header:"Content-Disposition"`
	Body         []byte
}

func (a *api) avatar(_ context.Context, in *avatarPath) (*picture, error) {
	content, mediaType, err := a.pictures.Open(in.Hash)
	if err != nil {
		return nil, err
	}
	return &picture{
		ContentType: mediaType, CacheControl: "private, max-age=31536000, immutable", Policy: "default-src 'none'; sandbox",
		Disposition: "attachment", Body: content,
	}, nil
}

// profileLimit says whether somebody may change what others see of them now, and else when.
type profileLimit func(user chat.UserID) (retryAfter time.Duration, ok bool)
