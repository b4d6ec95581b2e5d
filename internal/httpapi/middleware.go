package httpapi

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/chat"
)

// trace is what becomes known of a request while it is answered.
type trace struct {
	id    string
	route string
	user  chat.UserID
}

type traceKey struct{}

func traceOf(ctx context.Context) *trace {
	t, _ := ctx.Value(traceKey{}).(*trace)
	return t
}

// requestID names the request in answers and in the log, "" outside of one.
func requestID(ctx context.Context) string {
	if t := traceOf(ctx); t != nil {
		return t.id
	}
	return ""
}

func noteRoute(ctx context.Context, pattern string) {
	if t := traceOf(ctx); t != nil {
		t.route = pattern
	}
}

func noteUser(ctx context.Context, user chat.UserID) {
	if t := traceOf(ctx); t != nil {
		t.user = user
	}
}

// around is what holds for every request, whoever answers it.
func (a *api) around(next http.Handler, prefix string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		t := &trace{id: incomingID(r)}
		via := a.trusted.via(r, a.publicHTTPS)
		r = r.WithContext(auth.WithVia(context.WithValue(r.Context(), traceKey{}, t), via))
		rec := &recorder{ResponseWriter: w}
		secure(w.Header(), t.id)
		if via.Secure {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		}
		defer func() {
			if v := recover(); v != nil {
				a.recovered(rec, r, v)
			}
			a.finished(rec, r, t, time.Since(start))
		}()
		if toFolder(rec, r, prefix) {
			return
		}
		inner := mounted(r, prefix)
		if strings.HasPrefix(inner.URL.Path, "/api/") {
			w.Header().Set("Cache-Control", "no-store")
		}
		if err := a.foreign.refuses(inner); err != nil {
			problemOf(r.Context(), a.log, err).write(rec)
			return
		}
		next.ServeHTTP(rec, inner)
	})
}

// incomingID takes the request's own id if it is harmless, and makes one otherwise.
func incomingID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if len(id) >= 8 && len(id) <= 64 && strings.IndexFunc(id, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_'
	}) < 0 {
		return id
	}
	return uuid.NewString()
}

// secure allows a page of ours nothing but talking to us, which is what somebody does who tries it out from a console.
func secure(h http.Header, id string) {
	h.Set("X-Request-Id", id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// recovered turns a panic into an answer, if none has begun.
func (a *api) recovered(w *recorder, r *http.Request, v any) {
	if r.Context().Err() != nil {
		return // the client has gone, and huma panics when it cannot write
	}
	a.log.ErrorContext(r.Context(), "a request panicked", "request_id", requestID(r.Context()), "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
	if w.status == 0 && !w.hijacked {
		newProblem(r.Context(), http.StatusInternalServerError, chat.Internal, "something went wrong on the server").write(w)
		return
	}
	w.broken = true
}

// finished writes the log line and counts. Of the address only the path and what is no secret is kept.
func (a *api) finished(w *recorder, r *http.Request, t *trace, took time.Duration) {
	status := w.status
	switch {
	case w.hijacked:
		status = http.StatusSwitchingProtocols
	case status == 0:
		status = http.StatusOK
	}
	a.counts.observe(t.route, method(r.Method), status, took)
	level := slog.LevelInfo
	switch {
	case status >= 500:
		level = slog.LevelError
	case t.route == "GET /health" || t.route == "GET /metrics":
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{
		slog.String("method", method(r.Method)), slog.String("path", redactPath(r.URL.Path)), slog.Int("status", status),
		slog.Int64("bytes", w.bytes), slog.Duration("took", took.Round(time.Microsecond)),
		slog.String("remote", auth.ViaOf(r.Context()).Addr.String()), slog.String("request_id", t.id),
	}
	if r.URL.RawQuery != "" {
		attrs = append(attrs, slog.String("query", a.loggedQuery(r, t.route)))
	}
	if agent := r.UserAgent(); agent != "" {
		attrs = append(attrs, slog.String("agent", redactText(agent)))
	}
	if t.user != "" {
		attrs = append(attrs, slog.String("user_id", string(t.user)))
	}
	a.log.LogAttrs(r.Context(), level, "request", attrs...)
	if w.broken {
		panic(http.ErrAbortHandler) // the answer had begun: the client must see that it is not whole
	}
}

// loggedQuery is what the log shows of a query. On sockets a host may know people by any parameter, so none is shown.
func (a *api) loggedQuery(r *http.Request, route string) string {
	if a.host != nil && !strings.Contains(route, " /api/") {
		return redacted
	}
	return redactQuery(r.URL.RawQuery)
}

// method keeps what is logged and counted to a known set.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}

// recorder remembers what was answered. It hands the connection on to whoever makes a socket of it.
type recorder struct {
	http.ResponseWriter
	status   int
	bytes    int64
	hijacked bool
	broken   bool
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Hijack implements http.Hijacker.
func (w *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	w.hijacked = w.hijacked || err == nil
	return conn, rw, err
}

// Unwrap lets http.ResponseController reach the connection's deadlines.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
