// Command gin is a chat inside a gin server: who somebody is, gin's BasicAuth says.
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

	"github.com/gin-gonic/gin"

	"github.com/parley-chat/parley/hub/rooms"
)

var passwords = gin.Accounts{"ann": "tea", "bob": "coffee"} // the host's table of users

type userKey struct{}

// mount hands a request on with what gin keeps beside it: the user, and the path value "name".
func mount(h http.Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Request.SetPathValue("name", c.Param("name"))
		h.ServeHTTP(c.Writer, c.Request.WithContext(context.WithValue(c.Request.Context(), userKey{}, c.GetString(gin.AuthUserKey))))
	}
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
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(gin.Logger(), gin.Recovery(), gin.BasicAuth(passwords))
	router.GET("/ws", mount(chat.Site()))
	router.GET("/ws/room/:name", mount(chat))
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
