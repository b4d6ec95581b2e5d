package chat_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
)

// loud is a renderer whose HTML tells its version. What has no star is plain.
type loud struct {
	version int
	asked   *int
}

func (l loud) Version() int { return l.version }

func (l loud) Render(text string) string {
	*l.asked++
	if !strings.Contains(text, "*") {
		return ""
	}
	return fmt.Sprintf("<p>%d %s</p>", l.version, text)
}

// served is a service with a renderer on a store that others were on before.
func served(t *testing.T, store chat.Store, version int) (*chat.Service, *int) {
	t.Helper()
	asked := new(int)
	cfg := chat.Config{Store: store, Skeleton: strings.ToLower, Logger: slog.New(slog.DiscardHandler)}
	if version > 0 {
		cfg.Renderer = loud{version, asked}
	}
	s := chat.NewService(cfg)
	t.Cleanup(func() {
		if err := s.Close(bg); err != nil {
			t.Error(err)
		}
	})
	return s, asked
}

func TestMessagesAreRenderedOnce(t *testing.T) {
	store := chattest.NewStore()
	s, asked := served(t, store, 1)
	ann := chattest.Member(t, store, chat.RoleMember)
	room := chattest.Room(t, store, ann.ID)
	for _, content := range []string{"*rich*", "plain"} {
		o := chat.Wait(bg, func(done func(chat.Outcome)) {
			s.Post(ann, chat.NewMessage{Room: room.Name, Content: content}, done)
		})
		if o.Err != nil || o.Event.Message.Renderer != 1 {
			t.Fatalf("%+v", o)
		}
	}
	for range 2 {
		page, err := s.Page(bg, ann, room.Name, chat.PageQuery{})
		if err != nil || page.Messages[0].HTML != "<p>1 *rich*</p>" || page.Messages[1].HTML != "" {
			t.Errorf("%+v %v", page.Messages, err)
		}
	}
	if *asked != 2 {
		t.Errorf("2 messages were rendered %d times", *asked)
	}
}

// What was stored before there was a renderer, or under other rules, is brought to those of now however it is read.
func TestOldMessagesAreRenderedWhenTheyAreRead(t *testing.T) {
	for _, before := range []int{0, 1} {
		store := chattest.NewStore()
		old, _ := served(t, store, before)
		ann := chattest.Member(t, store, chat.RoleMember)
		room := chattest.Room(t, store, ann.ID)
		key := chattest.ID()
		post := func(s *chat.Service, content string) chat.Outcome {
			return chat.Wait(bg, func(done func(chat.Outcome)) {
				s.Post(ann, chat.NewMessage{Room: room.Name, ClientID: key, Content: content}, done)
			})
		}
		if o := post(old, "*rich*"); o.Err != nil {
			t.Fatal(o.Err)
		}
		now, asked := served(t, store, 2)
		const want = "<p>2 *rich*</p>"
		retry := post(now, "*rich*")
		if *asked != 1 {
			t.Errorf("from %d: a retry is rendered %d times, want once: not where all commits wait", before, *asked)
		}
		if retry.Err != nil || !retry.Again || retry.Event.Message.HTML != want {
			t.Errorf("from %d: a retry: %+v %v", before, retry.Event.Message, retry.Err)
		}
		if other := post(now, "*another*"); chat.CodeOf(other.Err) != chat.Conflict {
			t.Errorf("from %d: another content under the key: %v", before, other.Err)
		}
		page, err := now.Page(bg, ann, room.Name, chat.PageQuery{})
		if err != nil || page.Messages[0].HTML != want {
			t.Errorf("from %d: a page: %+v %v", before, page.Messages, err)
		}
		_, events, err := now.Entries(bg, room.ID, 0, 10)
		if err != nil || events[0].Message.HTML != want {
			t.Errorf("from %d: the log: %+v %v", before, events[0].Message, err)
		}
	}
}
