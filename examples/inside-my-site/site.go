package main

import (
	"context"
	_ "embed"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/parley-chat/parley"
)

var (
	//go:embed page.html
	pageHTML string
	page     = template.Must(template.New("page").Parse(pageHTML))
)

// site is what there is besides the chat: a home page, and the way in and out.
type site struct {
	*users
	revoke func(ctx context.Context, sessionKey string) error
	last   atomic.Pointer[parley.Message] // in general
}

func (s *site) heard(m parley.Message) {
	if m.Room == "general" {
		s.last.Store(&m)
	}
}

// view is what page.html shows. Name is "" while nobody is signed in.
type view struct {
	Name, Next   string
	Last         *parley.Message
	Login, Wrong bool
}

func (s *site) routes() *http.ServeMux {
	own := http.NewCrossOriginProtection() // pages of other sites may not sign anybody in or out
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		show(w, http.StatusOK, view{Login: true, Next: samePath(r.FormValue("next"))})
	})
	mux.Handle("POST /login", own.Handler(http.HandlerFunc(s.login)))
	mux.Handle("POST /logout", own.Handler(http.HandlerFunc(s.logout)))
	return mux
}

func (s *site) home(w http.ResponseWriter, r *http.Request) {
	id, _ := s.Authenticate(r) // nobody, if there is an error
	show(w, http.StatusOK, view{Name: id.Name, Last: s.last.Load()})
}

func (s *site) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	next := samePath(r.PostFormValue("next"))
	token, ok, err := s.signIn(r.Context(), r.PostFormValue("name"), r.PostFormValue("password"))
	switch {
	case err != nil:
		http.Error(w, "the site cannot sign you in now", http.StatusInternalServerError)
	case !ok:
		show(w, http.StatusUnauthorized, view{Login: true, Next: next, Wrong: true})
	case s.end(r) != nil:
		http.Error(w, "the site cannot sign out who was here before: try again", http.StatusInternalServerError)
	default:
		setCookie(w, r, token, int(sessionTime.Seconds()))
		http.Redirect(w, r, next, http.StatusSeeOther)
	}
}

func (s *site) logout(w http.ResponseWriter, r *http.Request) {
	if err := s.end(r); err != nil {
		http.Error(w, "the site cannot sign you out now: try again", http.StatusInternalServerError)
		return
	}
	setCookie(w, r, "", -1)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// end ends the browser's session, if it has one: here first, and then in the chat, whose tabs hear of it at once. A browser
// that hangs up does not keep it from that.
func (s *site) end(r *http.Request) error {
	cookie, err := r.Cookie(cookieName)
	if errors.Is(err, http.ErrNoCookie) {
		return nil
	}
	ctx, key := context.WithoutCancel(r.Context()), keyOf(cookie.Value)
	_, err = s.ExecContext(ctx, `DELETE FROM sessions WHERE key = ?`, key)
	return errors.Join(err, s.revoke(ctx, key))
}

func setCookie(w http.ResponseWriter, r *http.Request, value string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
	})
}

func show(w http.ResponseWriter, status int, v view) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	w.WriteHeader(status)
	_ = page.Execute(w, v) // who has gone needs no answer
}

// samePath is next if it is a path on this site, else the home page: a link to /login must not lead elsewhere.
func samePath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\t\r\n") {
		return "/"
	}
	return next
}
