package chat_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
)

func TestStatusesEndByThemselves(t *testing.T) {
	now := time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)
	st := chat.Status{Text: "Lunch", Until: now.Add(time.Hour)}
	if st.At(now) != st || st.At(now.Add(time.Hour)) != (chat.Status{}) {
		t.Error("a status that ends")
	}
	if st.Until = (time.Time{}); st.At(now.Add(1000*time.Hour)) != st {
		t.Error("a status without an end")
	}
}

func TestAnnouncementsEndByThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := chattest.NewStore()
		var told []string
		s := chat.NewService(chat.Config{Store: store, Skeleton: func(n string) string { return n },
			Announced:         func(a chat.Announcement) { told = append(told, a.Content) },
			AnnouncementEnded: func(chat.AnnouncementID) { told = append(told, "ended") },
		})
		defer s.Close(t.Context())
		olga := chattest.Member(t, store, chat.RoleOwner)
		standing := func(want int) {
			t.Helper()
			if as, err := s.Announcements(t.Context()); err != nil || len(as) != want {
				t.Errorf("%d stand, not %d: %v", len(as), want, err)
			}
		}
		standing(0)
		if _, err := s.Announce(t.Context(), olga, "an hour", time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		a, err := s.Announce(t.Context(), olga, "for ever", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		standing(2)
		time.Sleep(time.Hour)
		standing(1)
		if err := s.EndAnnouncement(t.Context(), olga, a.ID); err != nil {
			t.Fatal(err)
		}
		standing(0)
		if len(told) != 3 || told[0] != "an hour" || told[1] != "for ever" || told[2] != "ended" {
			t.Errorf("told %v", told)
		}
	})
}
