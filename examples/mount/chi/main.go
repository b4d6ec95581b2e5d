// Command chi is a chat inside a chi server: who somebody is, chi's BasicAuth says.
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
	"syscall"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/parley-chat/parley/hub/rooms"
)

var passwords = map[string]string{"ann": "tea", "bob": "coffee"} // the host's table of users

// who is asked behind the middleware, which has looked at the password.
func who(r *http.Request) (rooms.User, error) {
	name, _, ok := r.BasicAuth()
	if !ok {
		return rooms.User{}, errors.New("nobody is signed in")
	}
	return rooms.User{ID: name}, nil
}

func main() {
	addr := flag.String("addr", "localhost:8080", "where to listen")
	flag.Parse()
	chat := rooms.New(rooms.Options{Authenticate: who, Rooms: []string{"general", "random"}})
	router := chi.NewRouter()
	router.Group(func(r chi.Router) {
		r.Use(middleware.Logger, middleware.Recoverer, middleware.BasicAuth("chat", passwords))
		r.Method(http.MethodGet, "/ws", chat.Site())
		r.Method(http.MethodGet, "/ws/room/{name}", chat) // chi sets the path value "name"
	})
	if err := serve(*addr, router, chat); err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}

// serve runs until SIGINT or SIGTERM. The sockets end with the chat; http.Server does not know of them.
func serve(addr string, handler http.Handler, chat *rooms.Server) error {
	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	listener, err := new(net.ListenConfig).Listen(stop, "tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())
	server := &http.Server{Handler: handler}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err = <-failed:
	case <-stop.Done():
	}
	return errors.Join(err, chat.Shutdown(context.Background()), server.Shutdown(context.Background()))
}
