// Command echo is a chat inside an echo server: who somebody is, echo's BasicAuth says.
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

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/parley-chat/parley/hub/rooms"
)

var passwords = map[string]string{"ann": "tea", "bob": "coffee"} // the host's table of users

type userKey struct{}

// check is asked by echo's middleware, and leaves the name where who finds it.
func check(c *echo.Context, name, password string) (bool, error) {
	if passwords[name] == "" || passwords[name] != password {
		return false, nil
	}
	c.SetRequest(c.Request().WithContext(context.WithValue(c.Request().Context(), userKey{}, name)))
	return true, nil
}

func who(r *http.Request) (rooms.User, error) {
	name, _ := r.Context().Value(userKey{}).(string)
	if name == "" {
		return rooms.User{}, errors.New("nobody is signed in")
	}
	return rooms.User{ID: name}, nil
}

func main() {
	addr := flag.String("addr", "localhost:8080", "where to listen")
	flag.Parse()
	chat := rooms.New(rooms.Options{Authenticate: who, Rooms: []string{"general", "random"}})
	router := echo.New()
	router.Use(middleware.RequestLogger(), middleware.Recover(), middleware.BasicAuth(check))
	router.GET("/ws", echo.WrapHandler(chat.Site()))
	router.GET("/ws/room/:name", echo.WrapHandler(chat)) // WrapHandler sets the path value "name"
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
