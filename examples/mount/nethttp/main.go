// Command nethttp is a chat inside a net/http server: who somebody is, its own sessions say.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/parley-chat/parley/hub/rooms"
)

var (
	passwords = map[string]string{"ann": "tea", "bob": "coffee"} // the host's table of users
	sessions  sync.Map                                           // the host's sessions: from the cookie to the name
)

func login(w http.ResponseWriter, r *http.Request) {
	name, password := r.FormValue("name"), r.FormValue("password")
	if passwords[name] == "" || passwords[name] != password {
		http.Error(w, "wrong name or password", http.StatusUnauthorized)
		return
	}
	id := rand.Text()
	sessions.Store(id, name)
	http.SetCookie(w, &http.Cookie{Name: "session", Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// who is the one line between the host's users and the rooms: the socket has the cookie of the page that opens it.
func who(r *http.Request) (rooms.User, error) {
	if cookie, err := r.Cookie("session"); err == nil {
		if name, ok := sessions.Load(cookie.Value); ok {
			return rooms.User{ID: name.(string)}, nil
		}
	}
	return rooms.User{}, errors.New("nobody is signed in")
}

func main() {
	addr := flag.String("addr", "localhost:8080", "where to listen")
	flag.Parse()
	chat := rooms.New(rooms.Options{Authenticate: who, Rooms: []string{"general", "random"}})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", login)
	chat.Register(mux)
	if err := serve(*addr, mux, chat); err != nil {
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
