package gateway

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/parley-chat/parley/internal/chat"
)

// namelessStore finds no room by its name while it is broken.
type namelessStore struct {
	chat.Store
	broken bool
}

func (s *namelessStore) RoomByName(ctx context.Context, name string) (chat.Room, error) {
	if s.broken {
		return chat.Room{}, chat.Errorf(chat.Internal, "", "a read failed")
	}
	return s.Store.RoomByName(ctx, name)
}

// Whether a name is another one of the socket's own room takes a read. When that fails, the command may be tried again:
// refused as invalid, a message would be given up.
func TestANewNameOfTheOwnRoomThatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &namelessStore{}
		s := assemble(t, func(_ *Config, c *chat.Config) { store.Store, c.Store = c.Store, store })
		defer s.stop()
		ann := s.person("ann")
		c, _ := s.attach(t, ann, "help")
		s.do(func(done func(chat.Outcome)) { s.svc.Rename(ann.User, "help", "support", done) })
		for _, step := range []struct {
			name   string
			broken bool
			want   chat.Code
		}{{"support", true, chat.Internal}, {"nowhere", false, chat.Invalid}, {"support", false, ""}} {
			store.broken = step.broken
			if _, err := c.resolve(step.name); step.want == "" && err != nil || step.want != "" && chat.CodeOf(err) != step.want {
				t.Errorf("%s, broken %v: %v, want %q", step.name, step.broken, err, step.want)
			}
		}
	})
}
