package chat_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
)

// asked counts what a store is asked for the sake of mentions.
type asked struct {
	chat.Store
	times, names int
}

func (s *asked) UserIDs(ctx context.Context, skeletons []string) (map[string]chat.UserID, error) {
	s.times++
	s.names += len(skeletons)
	return s.Store.UserIDs(ctx, skeletons)
}

// A message that lists thousands of people asks the store once and mentions the first fifty.
func TestAMentionOfTenThousandPeople(t *testing.T) {
	inWorld(t, func(w *world) {
		store := &asked{Store: w.store}
		s := chat.NewService(chat.Config{Store: store, Skeleton: strings.ToLower, Logger: slog.New(slog.DiscardHandler)})
		defer func() { _ = s.Close(bg) }()
		var ids []chat.UserID
		var text strings.Builder
		for i := range 10_000 {
			if i < 60 {
				u, err := w.CreateUser(bg, chat.NewUser{Name: fmt.Sprintf("P%d", i)})
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, u.ID)
			}
			if next := fmt.Sprintf("@p%d ", i); text.Len()+len(next) <= chat.MaxContent {
				text.WriteString(next)
			}
		}
		o := chat.Wait(bg, func(done func(chat.Outcome)) {
			s.Post(w.ann, chat.NewMessage{Room: "general", Content: text.String()}, done)
		})
		w.wantCode(&o, "")
		if got := o.Event.Message.Mentions; !slices.Equal(got, ids[:chat.MaxMentions]) {
			t.Errorf("%d people are mentioned", len(got))
		}
		if store.times != 1 || store.names > 1000 {
			t.Errorf("the store was asked %d times for %d names", store.times, store.names)
		}
		w.wantCode(w.post("nobody is mentioned in mail to a@b.c", ""), "")
		if store.times != 1 {
			t.Error("the store was asked about a message that mentions nobody")
		}
	})
}

func TestMentionsInTheService(t *testing.T) {
	inWorld(t, func(w *world) {
		u, err := w.CreateUser(bg, chat.NewUser{Name: "bob"})
		if err != nil {
			t.Fatal(err)
		}
		bob := u.Actor()
		var content []string
		for i := range 3 {
			time.Sleep(time.Millisecond) // their ids have an order
			content = append(content, fmt.Sprintf("%d: @bob", i))
			w.wantCode(w.post(content[i], ""), "")
		}
		w.wantCode(w.post("@room, all", ""), "") // bob is no member yet
		st, err := w.RoomState(bg, bob, "general")
		if err != nil || st.Mentions != 3 || st.Unread != 0 {
			t.Errorf("%+v, %v", st, err)
		}
		page, err := w.Mentions(bg, bob, "", 2)
		if err != nil || len(page.Messages) != 2 || page.Messages[0].Content != content[2] || page.Next != page.Messages[1].ID {
			t.Fatalf("%+v, %v", page, err)
		}
		page, err = w.Mentions(bg, bob, strings.ToUpper(page.Next), 2)
		if err != nil || len(page.Messages) != 1 || page.Messages[0].Content != content[0] || page.Next != "" {
			t.Errorf("%+v, %v", page, err)
		}
		for _, c := range []struct {
			before string
			limit  int
		}{{"x", 0}, {"", -1}, {"", chat.PageSize + 1}} {
			_, err := w.Mentions(bg, bob, c.before, c.limit)
			chattest.WantCode(t, err, chat.Invalid)
		}
		edited := chat.Wait(bg, func(done func(chat.Outcome)) {
			w.EditMessage(w.ann, "general", page.Messages[0].ID, "`@bob` is not mentioned any more", done)
		})
		w.wantCode(&edited, "")
		if st, err = w.RoomState(bg, bob, "general"); err != nil || st.Mentions != 2 {
			t.Errorf("%+v, %v", st, err)
		}
		w.wantCode(w.postAs(chattest.Guest(), "general", "hello @room", ""), chat.Forbidden)
		_, err = w.Mentions(bg, chattest.Guest(), "", 0)
		chattest.WantCode(t, err, "")
	})
}

func TestSetNotify(t *testing.T) {
	inWorld(t, func(w *world) {
		loud, level, muted := chat.NotifyLevel("loud"), chat.NotifyNothing, true
		st, err := w.SetNotify(bg, w.ann, "general", &level, nil)
		if err != nil || st.Notify != level || st.Muted || !st.Member {
			t.Errorf("%+v, %v", st, err)
		}
		if st, err = w.SetNotify(bg, w.ann, "general", nil, &muted); err != nil || st.Notify != level || !st.Muted {
			t.Errorf("%+v, %v", st, err)
		}
		_, err = w.SetNotify(bg, w.ann, "general", &loud, nil)
		chattest.WantCode(t, err, chat.Invalid)
		_, err = w.SetNotify(bg, w.ann, "nowhere", &level, nil)
		chattest.WantCode(t, err, chat.NotFound)
		w.read = func(chat.UserID) (time.Duration, bool) { return time.Second, false }
		_, err = w.SetNotify(bg, w.ann, "general", &level, nil)
		chattest.WantCode(t, err, chat.RateLimited)
	})
}

func TestMayMentionAll(t *testing.T) {
	mod := &chat.Membership{Role: chat.RoleModerator}
	for i, c := range []struct {
		m       *chat.Membership
		by      chat.User
		members int
		code    chat.Code
	}{
		{nil, user(chat.KindMember, chat.RoleMember), 100, ""},
		{nil, user(chat.KindMember, chat.RoleMember), 101, chat.Forbidden},
		{&chat.Membership{Role: chat.RoleMember}, user(chat.KindMember, chat.RoleMember), 101, chat.Forbidden},
		{mod, user(chat.KindMember, chat.RoleMember), 101, ""},
		{&chat.Membership{Role: chat.RoleModerator, Removed: true}, user(chat.KindMember, chat.RoleMember), 101, chat.Forbidden},
		{nil, user(chat.KindMember, chat.RoleModerator), 5000, ""},
		{nil, user(chat.KindMember, chat.RoleOwner), 5000, ""},
		{nil, user(chat.KindGuest, chat.RoleGuest), 2, chat.Forbidden},
		{mod, user(chat.KindGuest, chat.RoleGuest), 2, chat.Forbidden},
	} {
		for _, all := range []string{chat.MentionRoom, chat.MentionHere} {
			err := chat.MayMentionAll(c.m, c.by, all, c.members)
			if chat.CodeOf(err) != c.code || c.code != "" && c.by.Kind != chat.KindGuest && !strings.Contains(err.Error(), "100 members") {
				t.Errorf("case %d, @%s: %v; want %q", i, all, err, c.code)
			}
		}
		if err := chat.MayMentionAll(c.m, c.by, "", c.members); err != nil {
			t.Errorf("case %d: %v", i, err)
		}
	}
}
