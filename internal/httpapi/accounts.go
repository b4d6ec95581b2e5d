package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/chat"
)

func (a *api) accountRoutes(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "check-setup", Method: http.MethodPost, Path: "/api/auth/setup", Tags: []string{"accounts"},
		Summary: "Whether the code of a set-up link is good", Description: "It is not used up by this.",
	}, a.checkSetup)
	register(a, h, huma.Operation{
		OperationID: "check-invitation", Method: http.MethodPost, Path: "/api/auth/invitation", Tags: []string{"accounts"},
		Summary: "Whether the code of an invitation is good", Description: "It is not used up by this.",
	}, a.checkInvitation)
	register(a, h, huma.Operation{
		OperationID: "register", Method: http.MethodPost, Path: "/api/auth/register", Tags: []string{"accounts"},
		Summary:     "Make an account and sign in",
		Description: "With the code of a set-up link or of an invitation; without one where registration is open. The first account is the owner's.", DefaultStatus: http.StatusCreated,
	}, a.newAccount)
	register(a, h, huma.Operation{
		OperationID: "login", Method: http.MethodPost, Path: "/api/auth/login", Tags: []string{"accounts"},
		Summary: "Sign in", Description: "By name or e-mail address. The answer is the same whether the account or the password is wrong.",
	}, a.login)
	register(a, h, huma.Operation{
		OperationID: "refresh", Method: http.MethodPost, Path: "/api/auth/refresh", Tags: []string{"accounts"},
		Summary:     "Get a fresh token",
		Description: "For who sends the session's cookie, or an access token that ended less than 30 days ago and whose session lives. A guest's token must not have ended.",
	}, a.refresh)
	register(a, h, huma.Operation{
		OperationID: "logout", Method: http.MethodPost, Path: "/api/auth/logout", Tags: []string{"accounts"},
		Summary: "Sign out", Description: "The session ends with its tokens and sockets. Who is not signed in gets the same answer.", DefaultStatus: http.StatusNoContent,
	}, a.logout)
	register(a, h, huma.Operation{
		OperationID: "guest", Method: http.MethodPost, Path: "/api/auth/guest", Tags: []string{"accounts"},
		Summary: "Come in as a guest", Description: "Where guests are let in. Conflict while somebody has the name.", DefaultStatus: http.StatusCreated,
	}, a.guest)
}

// signedIn is who has just signed in, as everyone may see them.
type signedIn struct {
	ID      string `json:"id" format:"uuid"`
	Name    string `json:"name"`
	Display string `json:"display"`
	Role    string `json:"role" enum:"owner,moderator,member,guest"`
	Kind    string `json:"kind" enum:"member,guest,bot"`
}

type signInAnswer struct {
	Body struct {
		AccessToken string   `json:"access_token" doc:"For the header Authorization, as Bearer. A page needs none: it has the cookie that comes with this answer."`
		TokenType   string   `json:"token_type" enum:"Bearer"`
		ExpiresIn   int64    `json:"expires_in" doc:"Seconds."`
		User        signedIn `json:"user"`
	}
}

// welcome answers with a sign-in and gives the browser its cookies.
func (a *api) welcome(ctx context.Context, in auth.SignIn) *signInAnswer {
	e := exchangeOf(ctx)
	a.cookies.Set(e.w, e.r, in)
	noteUser(ctx, in.User.ID)
	u := personOf(in.User)
	out := &signInAnswer{}
	out.Body.AccessToken, out.Body.TokenType = in.Token, "Bearer"
	out.Body.ExpiresIn = max(0, int64(time.Until(in.Expires)/time.Second))
	out.Body.User = signedIn{ID: u.ID, Name: u.Name, Display: u.Display, Role: string(in.User.Role), Kind: u.Kind}
	return out
}

// client is who makes the request, as far as it tells.
func (a *api) client(ctx context.Context) auth.Client { return a.cookies.Client(exchangeOf(ctx).r) }

// mayLook bounds how often one address tries codes.
func (a *api) mayLook(ctx context.Context) error {
	if a.throttle == nil {
		return nil
	}
	if after, ok := a.throttle.Register(auth.ViaOf(ctx).Addr); !ok {
		return &chat.Error{Code: chat.RateLimited, Op: "httpapi", Message: "too many tries from this address: wait a moment", RetryAfter: after}
	}
	return nil
}

type codeRequest struct {
	Body struct {
		Code string `json:"code" minLength:"1" maxLength:"64" doc:"What stands at the end of the link."`
	}
}

type setupAnswer struct {
	Body struct {
		ExpiresAt string `json:"expires_at" format:"date-time"`
	}
}

func (a *api) checkSetup(ctx context.Context, in *codeRequest) (*setupAnswer, error) {
	if err := a.mayLook(ctx); err != nil {
		return nil, err
	}
	expires, err := a.setup.Check(in.Body.Code)
	if err != nil {
		return nil, err
	}
	out := &setupAnswer{}
	out.Body.ExpiresAt = timestamp(expires)
	return out, nil
}

type invitationAnswer struct {
	Body struct {
		InvitedBy string `json:"invited_by" doc:"Name of whoever made it."`
		ExpiresAt string `json:"expires_at,omitempty" format:"date-time"`
		UsesLeft  *int   `json:"uses_left,omitempty" doc:"How many people may still use it; left out when there is no limit."`
	}
}

func (a *api) checkInvitation(ctx context.Context, in *codeRequest) (*invitationAnswer, error) {
	if err := a.mayLook(ctx); err != nil {
		return nil, err
	}
	invite, err := a.chat.InviteByCode(ctx, in.Body.Code)
	if chat.CodeOf(err) == chat.NotFound { // whatever the reason
		return nil, chat.Errorf(chat.NotFound, "httpapi.checkInvitation", "this invitation is not valid (any more): ask for a new one")
	}
	if err != nil {
		return nil, err
	}
	out := &invitationAnswer{}
	out.Body.InvitedBy = invite.CreatedByName
	if !invite.Expires.IsZero() {
		out.Body.ExpiresAt = timestamp(invite.Expires)
	}
	if invite.MaxUses > 0 {
		left := invite.MaxUses - invite.Uses
		out.Body.UsesLeft = &left
	}
	return out, nil
}

type registerRequest struct {
	Body struct {
		Name     string `json:"name" maxLength:"64" doc:"1 to 32 letters, digits, spaces and -_., unlike the name of anyone else."`
		Password string `json:"password" maxLength:"1024" doc:"At least 8 characters, at most 1,024 bytes."`
		Email    string `json:"email,omitempty" maxLength:"254" doc:"To sign in with; shown to owners alone."`
		Display  string `json:"display,omitempty" maxLength:"64" doc:"How you want to be called; the name if left out."`
		Invite   string `json:"invite,omitempty" maxLength:"64" doc:"Code of an invitation."`
		Setup    string `json:"setup,omitempty" maxLength:"64" doc:"Code of the set-up link, for the first account."`
	}
}

func (a *api) newAccount(ctx context.Context, in *registerRequest) (*signInAnswer, error) {
	b := in.Body
	who, err := a.accounts.Register(ctx, a.client(ctx), auth.Registration{
		Name: b.Name, Display: b.Display, Password: b.Password, Email: b.Email, Invite: b.Invite, Setup: b.Setup,
	})
	if err != nil {
		return nil, err
	}
	return a.welcome(ctx, who), nil
}

type loginRequest struct {
	Body struct {
		Name     string `json:"name,omitempty" maxLength:"254" doc:"Name or e-mail address."`
		Email    string `json:"email,omitempty" maxLength:"254" doc:"E-mail address, instead of name."`
		Password string `json:"password" maxLength:"1024"`
	}
}

func (a *api) login(ctx context.Context, in *loginRequest) (*signInAnswer, error) {
	name := in.Body.Name
	switch {
	case name != "" && in.Body.Email != "":
		return nil, chat.Errorf(chat.Invalid, "httpapi.login", "give name or email, not both")
	case name == "" && in.Body.Email == "":
		return nil, chat.Errorf(chat.Invalid, "httpapi.login", "name or email is needed")
	case name == "":
		name = in.Body.Email
	}
	who, err := a.accounts.Login(ctx, a.client(ctx), name, in.Body.Password)
	if err != nil {
		return nil, err
	}
	return a.welcome(ctx, who), nil
}

func (a *api) refresh(ctx context.Context, _ *struct{}) (*signInAnswer, error) {
	who, err := a.auth.Refresher(exchangeOf(ctx).r)
	if err != nil {
		return nil, err
	}
	in, err := a.accounts.Refresh(ctx, who)
	if err != nil {
		return nil, err
	}
	return a.welcome(ctx, in), nil
}

// logout ends also the session of a token that has ended by itself: it could still be refreshed.
func (a *api) logout(ctx context.Context, _ *struct{}) (*struct{}, error) {
	e := exchangeOf(ctx)
	who, err := a.auth.Refresher(e.r)
	switch chat.CodeOf(err) {
	case "", chat.Conflict: // a guest whose name somebody else has by now could have it again later
		noteUser(ctx, who.User.ID)
		if err := a.accounts.Logout(ctx, who); err != nil {
			return nil, err
		}
	case chat.Unauthenticated: // nobody any more
	default:
		return nil, err
	}
	if who.Cookie || err != nil {
		a.cookies.Clear(e.w, e.r)
	}
	return nil, nil
}

type guestRequest struct {
	Body struct {
		Name  string `json:"name" maxLength:"64" doc:"As of an account; nobody else may have it."`
		Email string `json:"email,omitempty" maxLength:"254" doc:"Never shown to anyone."`
	}
}

func (a *api) guest(ctx context.Context, in *guestRequest) (*signInAnswer, error) {
	who, err := a.accounts.Guest(ctx, a.client(ctx), in.Body.Name, in.Body.Email)
	if err != nil {
		return nil, err
	}
	return a.welcome(ctx, who), nil
}
