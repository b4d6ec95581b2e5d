package goclient_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley"
	"github.com/parley-chat/parley/goclient"
)

// A server for the examples, with the accounts ann and bob. It gives its address, a token of each, and how to stop it.
func exampleServer() (url, ann, bob string, stop func()) {
	template.once.Do(makeTemplate)
	check(template.err)
	dir, err := os.MkdirTemp("", "goclient")
	check(err)
	check(os.CopyFS(dir, os.DirFS(template.dir)))
	check(os.Chmod(filepath.Join(dir, "token.key"), 0o600))
	server, err := parley.New(parley.Config{DataDir: dir, Addr: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler)})
	check(err)
	addr, err := server.Listen()
	check(err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	admin, err := parley.OpenAdmin(ctx, dir, nil)
	check(err)
	var tokens []string
	for _, name := range []string{"ann", "bob"} {
		token, _, err := admin.Token(ctx, name, time.Hour)
		check(err)
		tokens = append(tokens, token)
	}
	check(admin.Close())
	return "http://" + addr.String(), tokens[0], tokens[1], func() {
		cancel()
		check(<-ended)
		check(os.RemoveAll(dir))
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func ExampleClient_Send() {
	url, token, _, stop := exampleServer()
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	client, err := goclient.Connect(ctx, url, goclient.Options{Token: token})
	check(err)
	defer client.Close()
	ack, err := client.Send(ctx, "general", "Hello")
	check(err)
	fmt.Println("stored as number", ack.Seq)
	_, err = client.Send(ctx, "nowhere", "Hello?")
	fmt.Println(err)
	// Output:
	// stored as number 1
	// there is no such room
}

// The last messages and then what comes, without a gap in between.
func ExampleClient_History() {
	url, token, _, stop := exampleServer()
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client, err := goclient.Connect(ctx, url, goclient.Options{Token: token})
	check(err)
	defer client.Close()
	for _, text := range []string{"One", "Two", "Three"} {
		_, err = client.Send(ctx, "general", text)
		check(err)
	}

	page, err := client.History(ctx, "general", 0, 2)
	check(err)
	for _, m := range page.Messages {
		fmt.Printf("%s: %s\n", m.User, m.Content)
	}
	_, err = client.Send(ctx, "general", "Four")
	check(err)
	room, err := client.Subscribe(ctx, "general", page.Position)
	check(err)
	for event, err := range room.Events(ctx) {
		check(err)
		if m, ok := event.(*goclient.Message); ok {
			fmt.Printf("%s: %s\n", m.User, m.Content)
			break
		}
	}
	// Output:
	// ann: Two
	// ann: Three
	// ann: Four
}

// What was said while the program did not run.
func ExampleSubscription_Position() {
	url, token, _, stop := exampleServer()
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	first, err := goclient.Connect(ctx, url, goclient.Options{Token: token})
	check(err)
	room, err := first.Subscribe(ctx, "general", goclient.Position{})
	check(err)
	stored, err := json.Marshal(room.Position()) // into a file, say
	check(err)
	_, err = first.Send(ctx, "general", "You missed this")
	check(err)
	first.Close()

	var position goclient.Position
	check(json.Unmarshal(stored, &position))
	second, err := goclient.Connect(ctx, url, goclient.Options{Token: token})
	check(err)
	defer second.Close()
	room, err = second.Subscribe(ctx, "general", position)
	check(err)
	event, err := room.Next(ctx)
	check(err)
	switch e := event.(type) {
	case *goclient.Message:
		fmt.Println(e.Content)
	case *goclient.Reset:
		fmt.Println("that is too long ago")
	}
	// Output: You missed this
}

// A bot must not answer itself: it hears its own messages as well.
func ExampleSubscription_Events() {
	url, token, botToken, stop := exampleServer()
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	bot, err := goclient.Connect(ctx, url, goclient.Options{Token: botToken})
	check(err)
	defer bot.Close()
	hears, err := bot.Subscribe(ctx, "general", goclient.Position{})
	check(err)
	go func() {
		for event, err := range hears.Events(ctx) {
			if err != nil {
				return
			}
			m, ok := event.(*goclient.Message)
			if ok && m.UserID != bot.User().ID && strings.HasPrefix(m.Content, "!echo ") {
				_, _ = bot.Send(ctx, m.Room, m.User+" said: "+strings.TrimPrefix(m.Content, "!echo "))
			}
		}
	}()

	ann, err := goclient.Connect(ctx, url, goclient.Options{Token: token})
	check(err)
	defer ann.Close()
	room, err := ann.Subscribe(ctx, "general", goclient.Position{})
	check(err)
	_, err = ann.Send(ctx, "general", "!echo Hello")
	check(err)
	for range 2 {
		event, err := room.Next(ctx)
		check(err)
		if m, ok := event.(*goclient.Message); ok {
			fmt.Printf("%s: %s\n", m.User, m.Content)
		}
	}
	// Output:
	// ann: !echo Hello
	// bob: ann said: Hello
}

// The program with which the documentation begins is a whole one.
func TestTheFirstProgramCompiles(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, program, found := strings.Cut(string(doc), "//\tpackage main\n")
	program, _, ended := strings.Cut(program, "// # What it promises")
	if !found || !ended {
		t.Fatal("doc.go has no program")
	}
	var lines []string
	for line := range strings.Lines(program) {
		lines = append(lines, strings.TrimPrefix(strings.TrimPrefix(line, "//"), "\t"))
	}
	path := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(path, []byte("package main\n"+strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "go", "vet", path).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
