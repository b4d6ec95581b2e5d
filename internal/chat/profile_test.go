package chat_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
)

// slowFirst is a store whose first answer about a change of somebody comes a second after the change.
type slowFirst struct {
	chat.Store
	changes int
}

func (s *slowFirst) UpdateUser(ctx context.Context, up chat.UserUpdate) (chat.Decision, error) {
	d, err := s.Store.UpdateUser(ctx, up)
	if s.changes++; s.changes == 1 {
		time.Sleep(time.Second)
	}
	return d, err
}

// Whoever hears of two changes shows the later one, as the store does.
func TestProfilesAreToldInTheOrderInWhichTheyAreStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &slowFirst{Store: chattest.NewStore()}
		ann := chattest.Member(t, store, chat.RoleMember)
		var told []string
		s := chat.NewService(chat.Config{
			Store: store, Skeleton: strings.ToLower, Logger: slog.New(slog.DiscardHandler),
			ProfileChanged: func(u chat.User) { told = append(told, u.Display) },
		})
		change := func(display string) {
			if _, err := s.UpdateProfile(bg, ann.ID, &display, nil); err != nil {
				t.Error(err)
			}
		}
		var both sync.WaitGroup
		both.Go(func() { change("one") })
		synctest.Wait()
		ctx, cancel := context.WithCancel(bg)
		cancel()
		if _, err := s.SetPicture(ctx, ann.ID, "api/avatars/1"); chat.CodeOf(err) != chat.Overloaded {
			t.Errorf("who does not wait: %v", err)
		}
		both.Go(func() { change("two") })
		both.Wait()
		if !slices.Equal(told, []string{"one", "two"}) {
			t.Errorf("told were %q", told)
		}
		if err := s.Close(bg); err != nil {
			t.Error(err)
		}
	})
}
