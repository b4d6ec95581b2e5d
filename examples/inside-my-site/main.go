// Inside-my-site is a small site with users, sign-in and a database of its own, which has the whole chat under /chat/.
// README.md says what to look at.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/parley-chat/parley"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "where to listen")
	data := flag.String("data", "data", "folder for the site's database and the chat's")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *addr, *data)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "inside-my-site:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr, data string) (err error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	users, err := openUsers(ctx, filepath.Join(data, "site.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, users.Close()) }()
	site := &site{users: users}
	hue := 150 // the site's green
	chat, err := parley.New(parley.Config{
		DataDir:       filepath.Join(data, "chat"),
		Path:          "/chat/",
		Name:          "Green Grocer",
		Hue:           &hue,
		Authenticator: users,
		SignInURL:     "/login",
		OnMessage:     site.heard,
		Logger:        slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shutdown(chat)) }()
	site.revoke = chat.Revoke
	mux := site.routes()
	mux.Handle("/chat/", chat.Handler())

	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("open http://%s\n", l.Addr())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10}
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() { stopped <- shutdown(server) }) // open sockets are the chat's to close
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

func shutdown(s interface{ Shutdown(context.Context) error }) error {
	ctx, cancel := context.WithTimeout(context.Background(), parley.ShutdownTime)
	defer cancel()
	return s.Shutdown(ctx)
}
