package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/parley-chat/parley/goclient"
)

type tailCmd struct {
	Room   string `arg:"" help:"Name of the room."`
	Number int    `short:"n" default:"20" placeholder:"N" help:"How many messages of the past to begin with, 20 by default, at most 1000."`
	JSON   bool   `name:"json" help:"Print each message and change as a line of JSON, as the protocol has it."`
	remote `embed:""`
}

// Validate is called by kong after parsing.
func (t *tailCmd) Validate() error {
	if t.Number < 0 || t.Number > 1000 {
		return fmt.Errorf("--number: %d is not between 0 and 1000", t.Number)
	}
	return t.check()
}

// Run prints what is said until ctx ends.
func (t *tailCmd) Run(ctx context.Context, c console) error {
	client, end, err := t.connect(ctx, connectionLog(c.err))
	if err != nil {
		return because(ctx, err)
	}
	defer end()
	sub, err := client.Subscribe(ctx, t.Room, goclient.Position{})
	if err != nil {
		return because(ctx, err)
	}
	past, err := t.past(ctx, client, sub.Position().Seq+1)
	if err != nil {
		return because(ctx, err)
	}
	for _, m := range past {
		if err := t.print(c, &m); err != nil {
			return err
		}
	}
	for event, err := range sub.Events(ctx) {
		if ctx.Err() != nil {
			return nil
		}
		if err == nil {
			err = t.print(c, event)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// past loads the last messages before a number, oldest first.
func (t *tailCmd) past(ctx context.Context, client *goclient.Client, before uint64) ([]goclient.Message, error) {
	var all []goclient.Message
	for len(all) < t.Number {
		page, err := client.History(ctx, t.Room, before, min(50, t.Number-len(all)))
		if err != nil {
			return nil, err
		}
		all = append(slices.Clone(page.Messages), all...)
		if !page.More || len(page.Messages) == 0 {
			break
		}
		before = page.Messages[0].Seq
	}
	return all, nil
}

func (t *tailCmd) print(c console, event goclient.Event) error {
	var line string
	if t.JSON {
		b, err := jsonLine(event)
		if err != nil {
			return err
		}
		line = string(b)
	} else {
		line = textLine(event)
	}
	if _, ok := event.(*goclient.Reset); ok {
		fmt.Fprintln(c.err, "parley: something may be missing here: the server was restored, or the connection was lost for too long")
	}
	if line == "" {
		return nil
	}
	_, err := io.WriteString(c.out, harmless(line)+"\n")
	return err
}

// jsonLine is the frame of the protocol.
func jsonLine(event goclient.Event) ([]byte, error) {
	switch e := event.(type) {
	case *goclient.Message:
		return json.Marshal(struct {
			Type string `json:"type"`
			*goclient.Message
		}{"message", e})
	case *goclient.Change:
		return json.Marshal(struct {
			Type string `json:"type"`
			*goclient.Change
		}{"change", e})
	case *goclient.Reset:
		return json.Marshal(struct {
			Type string `json:"type"`
			*goclient.Reset
		}{"reset", e})
	}
	return nil, nil
}

// textLine is for people; "" for what they need not see.
func textLine(event goclient.Event) string {
	switch e := event.(type) {
	case *goclient.Message:
		text := e.Content
		if e.Deleted {
			text = "(deleted)"
		}
		// The lines of one message must not look like the messages of others.
		return clock(e.Time) + " " + oneLine(e.User) + ": " + strings.ReplaceAll(text, "\n", "\n    ")
	case *goclient.Change:
		if what := whatChanged(e); what != "" {
			return clock(e.Time) + " * " + oneLine(e.User+" "+what)
		}
	}
	return ""
}

func oneLine(s string) string { return strings.ReplaceAll(s, "\n", " ") }

func clock(t time.Time) string { return t.Local().Format(time.DateTime) }

func whatChanged(c *goclient.Change) string {
	var data struct{ Topic, User string }
	_ = json.Unmarshal(c.Data, &data) // a kind that is not here may have anything
	switch c.Kind {
	case "topic":
		return "set the topic: " + data.Topic
	case "member_added":
		return "added " + data.User
	case "member_removed":
		return "removed " + data.User
	case "archived":
		return "archived the room"
	case "unarchived":
		return "brought the room back from the archive"
	}
	return ""
}

// harmless escapes what would do something to a terminal: control characters, and those that turn the direction of writing.
// Of JSON it leaves JSON with the same meaning.
func harmless(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t' || !unicode.IsControl(r) && !unicode.Is(unicode.Bidi_Control, r) && r != '\u2028' && r != '\u2029':
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// connectionLog tells of lost and new connections.
func connectionLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}}))
}
