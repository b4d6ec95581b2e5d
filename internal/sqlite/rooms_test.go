package sqlite_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/sqlite"
)

// Lists of rooms are read by index, however many rooms there are that somebody is not in.
func TestRoomsAreFoundByIndex(t *testing.T) {
	plans := sqlite.RoomPlans(t, open(t, sqlite.Options{}))
	for name, indexes := range map[string][]string{
		"list": {"rooms_listed", "memberships_user"}, "name": {"sqlite_autoindex_rooms", "PRIMARY KEY (name=?)"}, "count": {"rooms_counted"}, "made": {"rooms_made"},
	} {
		for _, index := range indexes {
			if !strings.Contains(plans[name], index) {
				t.Errorf("%s does not use %s: %s", name, index, plans[name])
			}
		}
		if strings.Contains(plans[name], "SCAN r;") || strings.HasSuffix(plans[name], "SCAN r") || strings.Contains(plans[name], "SCAN m") {
			t.Errorf("%s reads everything: %s", name, plans[name])
		}
	}
}

// Nobody fills the database, or others' lists, with direct rooms; they take no place from other rooms.
func TestDirectRoomsAreBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parley.db")
	s := open(t, sqlite.Options{Path: path})
	ann, bob, eve := chattest.Member(t, s, chat.RoleMember), chattest.Member(t, s, chat.RoleMember), chattest.Member(t, s, chat.RoleMember)
	ctx := context.Background()
	if _, err := s.OpenDirect(ctx, chattest.NewRoom(chat.RoomDirect), eve.ID, []chat.UserID{ann.ID}); err != nil {
		t.Fatal(err)
	}
	execute(t, raw(t, path), `WITH RECURSIVE c(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM c WHERE i < ?)
		INSERT INTO rooms (id, name, kind, topic, seq, n, min_seq, epoch, archived, created, maker)
		SELECT randomblob(16), 'd' || i, kind, topic, seq, n, min_seq, epoch, archived, created, maker FROM c, rooms WHERE kind = 'direct'`, chat.MaxDirects)
	if _, err := s.OpenDirect(ctx, chattest.NewRoom(chat.RoomDirect), eve.ID, []chat.UserID{bob.ID}); chat.CodeOf(err) != chat.TooLarge {
		t.Errorf("eve's direct room %d: %v", chat.MaxDirects+1, err)
	}
	if _, err := s.OpenDirect(ctx, chattest.NewRoom(chat.RoomDirect), ann.ID, []chat.UserID{bob.ID}); err != nil {
		t.Errorf("ann's first: %v", err)
	}
	execute(t, raw(t, path), `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ?)
		INSERT INTO rooms (id, name, kind, topic, seq, n, min_seq, epoch, archived, created)
		SELECT randomblob(16), 'r' || i, 'public', '', 0, 0, 1, '', 0, 0 FROM c`, chat.MaxRooms-1)
	chattest.Room(t, s, ann.ID)
	if _, err := s.CreateRoom(ctx, chattest.NewRoom(chat.RoomPrivate), ann.ID); chat.CodeOf(err) != chat.TooLarge {
		t.Errorf("room %d: %v", chat.MaxRooms+1, err)
	}
	if states, err := s.RoomStates(ctx, bob.ID); err != nil || len(states) != chat.MaxRooms {
		t.Errorf("bob's list has %d rooms, %v", len(states), err)
	}
}
