// Package goclient is a client for a Parley server: it listens to rooms and speaks in them, over connections that come back
// by themselves. A whole program, a bot that answers:
//
//	package main
//
//	import (
//		"context"
//		"log"
//		"os"
//		"os/signal"
//
//		"github.com/parley-chat/parley/goclient"
//	)
//
//	func main() {
//		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
//		defer stop()
//		client, err := goclient.Connect(ctx, "http://localhost:8080", goclient.Options{
//			Token: os.Getenv("PARLEY_TOKEN"), // by: parley token NAME
//		})
//		if err != nil {
//			log.Fatal(err)
//		}
//		defer client.Close()
//		room, err := client.Subscribe(ctx, "general", goclient.Position{})
//		if err != nil {
//			log.Fatal(err)
//		}
//		for event, err := range room.Events(ctx) {
//			if err != nil {
//				log.Print(err)
//				return
//			}
//			if m, ok := event.(*goclient.Message); ok && m.Content == "ping" {
//				if _, err := client.Send(ctx, m.Room, "pong, "+m.User); err != nil {
//					log.Print(err)
//				}
//			}
//		}
//	}
//
// # What it promises
//
// A [Subscription] gives every message and change of its room exactly once and in order, the messages of this very client
// included, whatever happens to the connection or the server in between. Where the server cannot do that any more, it says
// so with a [Reset]. [Subscription.Position] can be stored and resumed from in another run.
//
// [Client.Send] returns when the message is on the server's disk, or with an error that tells whether it may be.
//
// Every call ends when its context does. [Client.Close] waits for all goroutines, of which there are three. Nothing grows
// without bound: a slow consumer costs about 1 MiB for each subscription, and holds up nobody else.
//
// The token goes into the header Authorization, never into an address. It is renewed before it ends, on the open
// connection; a session that has been signed out ends the client with [ErrSignedOut].
//
// Who types and who is there is not told; docs/protocol.md has it for clients of one's own.
package goclient
