package gateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parley-chat/parley/internal/chat"
)

// shown is what a client shows of a message.
type shown struct {
	Content, HTML, Edited string
	Deleted, Pinned       bool
	Reactions             map[string]string // what is said of each emoji, as JSON
}

// screen applies what a client hears of a room.
type screen map[string]shown

func (s screen) apply(t *testing.T, e chat.Event) {
	t.Helper()
	if m := e.Message; m != nil {
		s[m.ID] = shown{Content: m.Content, HTML: m.HTML, Edited: edited(m), Deleted: m.Deleted, Reactions: map[string]string{}}
		return
	}
	c := e.Change
	if c.Message == "" {
		return
	}
	var data struct {
		Content, HTML, Edited, Emoji string
		Deleted, Pinned              bool
		Count                        int
	}
	text := dataOf(c)
	if err := json.Unmarshal([]byte(text), &data); err != nil {
		t.Fatal(err)
	}
	m := s[c.Message]
	m.Reactions = maps.Clone(m.Reactions)
	switch {
	case data.Deleted || c.Kind == chat.ChangeDelete:
		m = shown{Deleted: true, Reactions: map[string]string{}}
	case c.Kind == chat.ChangeEdit:
		m.Content, m.HTML, m.Edited = data.Content, data.HTML, data.Edited
	case c.Kind == chat.ChangePin || c.Kind == chat.ChangeUnpin:
		m.Pinned = data.Pinned
	case data.Count == 0:
		delete(m.Reactions, data.Emoji)
	default:
		m.Reactions[data.Emoji] = string(text)
	}
	s[c.Message] = m
}

func edited(m *chat.Message) string {
	if m.Edited.IsZero() {
		return ""
	}
	return m.Edited.Format("2006-01-02T15:04:05.000Z07:00")
}

// Whoever heard everything live, whoever was there until some moment and reads up on the rest, and whoever loads the page see
// the same.
func TestLiveResumedAndLoadedAgree(t *testing.T) {
	var live []chat.Event
	s := start(t, func(_ *Config, c *chat.Config) {
		publish := c.Publish
		c.Publish = func(events []chat.Event) {
			live = append(live, events...)
			publish(events)
		}
	})
	people := []string{"ann", "bob", "eve"}
	for _, name := range people {
		s.person(name)
	}
	const seed = 7
	rng := rand.New(rand.NewPCG(seed, seed))
	var ids []string
	for range 12 {
		ids = append(ids, s.say(people[rng.IntN(3)], "general", "as it was said").ID)
	}
	emoji := []string{"👍", "🎉", "❤️"}
	for i := range 400 {
		by, id := s.users[people[rng.IntN(3)]].Actor(), ids[rng.IntN(len(ids))]
		chat.Wait(t.Context(), func(done func(chat.Outcome)) { // some are refused: it is not theirs, or deleted
			switch n := rng.IntN(40); {
			case n == 0:
				s.svc.DeleteMessage(by, "general", id, "", done)
			case n < 12:
				s.svc.EditMessage(by, "general", id, fmt.Sprint("edit ", i), done)
			case n < 18:
				s.svc.Pin(by, "general", id, n%2 == 0, done)
			default:
				s.svc.React(by, "general", id, emoji[rng.IntN(3)], n%3 > 0, done)
			}
		})
	}
	ann := s.users["ann"].Actor()
	page, err := s.svc.Page(t.Context(), ann, "general", chat.PageQuery{})
	if err != nil || len(page.Messages) != len(ids) || page.AsOf != uint64(len(live)) || len(live) < 100 {
		t.Fatal(len(page.Messages), page.AsOf, len(live), err)
	}
	loaded := screen{}
	for _, m := range page.Messages {
		is := shown{Content: m.Content, HTML: m.HTML, Edited: edited(&m), Deleted: m.Deleted, Pinned: m.Pinned, Reactions: map[string]string{}}
		for _, r := range m.Reactions {
			c := chat.Change{Kind: chat.ChangeReact, Now: &chat.Message{Reactions: []chat.Reaction{r}}}
			is.Reactions[r.Emoji] = string(dataOf(&c))
		}
		loaded[m.ID] = is
	}
	for _, from := range slices.Sorted(slices.Values([]int{0, rng.IntN(len(live)), rng.IntN(len(live)), len(live) / 2, len(live)})) {
		seen := screen{}
		for _, e := range live[:from] {
			seen.apply(t, e)
		}
		_, missed, err := s.svc.Entries(t.Context(), live[0].Room(), uint64(from), 1000)
		if err != nil || from+len(missed) != len(live) {
			t.Fatal(from, len(missed), err)
		}
		for _, e := range missed {
			seen.apply(t, e)
		}
		if diff := cmp.Diff(loaded, seen); diff != "" {
			t.Errorf("live until %d of %d, then resumed (-page +seen), seed %d:\n%s", from, len(live), seed, diff)
		}
	}
}
