package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/datadir"
)

// maxBody bounds a request and an answer, in bytes.
const maxBody = 64 << 10

// failure is an error on its way through the socket.
type failure struct {
	Code    chat.Code `json:"code"`
	Message string    `json:"message"`
}

// Server answers the command line over a Unix socket.
type Server struct {
	dir  *datadir.Dir
	http *http.Server
	log  *slog.Logger
	done sync.WaitGroup
}

// Listen opens the socket and leaves word of it in dir. The caller owes a Close.
func Listen(dir *datadir.Dir, commands Commands, log *slog.Logger) (*Server, error) {
	if err := dir.ForgetSocket(); err != nil { // of a server that was killed
		return nil, fmt.Errorf("the command socket: %w", err)
	}
	socket, err := datadir.MakeSocketDir()
	if err != nil {
		return nil, fmt.Errorf("the command socket: %w", err)
	}
	if err := dir.NoteSocket(socket); err != nil {
		return nil, err
	}
	s := &Server{dir: dir, log: log}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "unix", socket)
	if err == nil {
		err = os.Chmod(socket, 0o600)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the command socket: %w", err), dir.ForgetSocket())
	}
	s.http = &http.Server{
		Handler:           handler(commands, log),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	s.done.Go(func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the command socket has failed", "err", err)
		}
	})
	return s, nil
}

// Close waits for commands under way, or for ctx, and removes the socket.
func (s *Server) Close(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		_ = s.http.Close()
	}
	s.done.Wait()
	return errors.Join(err, s.dir.ForgetSocket())
}

func handler(c Commands, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /user", func(w http.ResponseWriter, r *http.Request) { serve(w, r, log, "user add", c.AddUser) })
	mux.HandleFunc("POST /users", func(w http.ResponseWriter, r *http.Request) { serve(w, r, log, "user list", c.Users) })
	mux.HandleFunc("POST /password", func(w http.ResponseWriter, r *http.Request) { serve(w, r, log, "user passwd", c.SetPassword) })
	mux.HandleFunc("POST /disabled", func(w http.ResponseWriter, r *http.Request) {
		serve(w, r, log, "user disable or enable", c.SetDisabled)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) { serve(w, r, log, "token", c.Token) })
	return mux
}

// serve does one command. The log says that it was done and how it ended, never with what.
func serve[I, O any](w http.ResponseWriter, r *http.Request, log *slog.Logger, name string, do func(context.Context, I) (O, error)) {
	var in I
	var out any
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		err = json.Unmarshal(body, &in)
	}
	if err != nil {
		err = chat.Errorf(chat.Invalid, "admin", "the request cannot be read")
	} else {
		out, err = do(r.Context(), in)
	}
	status := http.StatusOK
	if err != nil {
		e := (*chat.Error)(nil)
		if !errors.As(err, &e) {
			e = &chat.Error{Code: chat.Internal, Message: "something went wrong on the server"}
		}
		status, out = http.StatusUnprocessableEntity, failure{Code: e.Code, Message: e.Message}
	}
	if err != nil {
		log.Warn("a command failed", "command", name, "err", err)
	} else {
		log.Info("a command was done", "command", name)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out)
}

// Client has the commands done by the server behind a socket.
type Client struct {
	http *http.Client
}

var _ Commands = (*Client)(nil)

// Dial connects to the socket. An error means that nobody listens there. The caller owes a Close.
func Dial(ctx context.Context, socket string) (*Client, error) {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}
	conn, err := dial(ctx, "", "")
	if err != nil {
		return nil, err
	}
	_ = conn.Close()
	return &Client{http: &http.Client{Transport: &http.Transport{DialContext: dial}, Timeout: 30 * time.Second}}, nil
}

// Close lets go of the connection.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// AddUser implements Commands.
func (c *Client) AddUser(ctx context.Context, u NewUser) (User, error) {
	var made User
	err := c.call(ctx, "/user", u, &made)
	return made, err
}

// Users implements Commands.
func (c *Client) Users(ctx context.Context, r ListRequest) (UserList, error) {
	var page UserList
	err := c.call(ctx, "/users", r, &page)
	return page, err
}

// SetPassword implements Commands.
func (c *Client) SetPassword(ctx context.Context, r PasswordRequest) (User, error) {
	var user User
	err := c.call(ctx, "/password", r, &user)
	return user, err
}

// SetDisabled implements Commands.
func (c *Client) SetDisabled(ctx context.Context, r DisabledRequest) (User, error) {
	var user User
	err := c.call(ctx, "/disabled", r, &user)
	return user, err
}

// Token implements Commands.
func (c *Client) Token(ctx context.Context, t TokenRequest) (Token, error) {
	var token Token
	err := c.call(ctx, "/token", t, &token)
	return token, err
}

func (c *Client) call(ctx context.Context, path string, in, out any) error {
	const op = "admin.Client"
	body, err := json.Marshal(in)
	if err != nil {
		return chat.WrapInternal(op, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://parley"+path, bytes.NewReader(body))
	if err != nil {
		return chat.WrapInternal(op, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return &chat.Error{Code: chat.UnknownOutcome, Op: op, Message: "the running server did not answer", Err: err}
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return &chat.Error{Code: chat.UnknownOutcome, Op: op, Message: "the running server did not answer", Err: err}
	}
	if resp.StatusCode == http.StatusOK {
		return chat.WrapInternal(op, json.Unmarshal(answer, out))
	}
	var f failure
	if json.Unmarshal(answer, &f) != nil || f.Code == "" {
		return chat.Errorf(chat.Internal, op, "the running server answered %s: is it of another version?", resp.Status)
	}
	return chat.Errorf(f.Code, op, "%s", f.Message)
}
