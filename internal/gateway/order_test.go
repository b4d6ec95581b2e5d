package gateway

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/parley-chat/parley/internal/chat"
)

// meddledStore does something before a commit, and between the moment at which a list has changed and that at which the store
// says so.
type meddledStore struct {
	chat.Store
	before    func(ops int)
	meanwhile func()
}

func (s *meddledStore) Commit(ctx context.Context, ops []chat.Op) ([]chat.Outcome, error) {
	s.before(len(ops))
	return s.Store.Commit(ctx, ops)
}

func (s *meddledStore) HideRoom(ctx context.Context, room chat.RoomID, user chat.UserID) error {
	err := s.Store.HideRoom(ctx, room, user)
	s.meanwhile()
	return err
}

func (s *meddledStore) OpenDirect(ctx context.Context, r chat.Room, by chat.UserID, others []chat.UserID) (chat.Opened, error) {
	o, err := s.Store.OpenDirect(ctx, r, by, others)
	s.meanwhile()
	return o, err
}

// assembleMeddled is assemble with a store that does nothing beside at first.
func assembleMeddled(t *testing.T) (*server, *meddledStore) {
	store := &meddledStore{before: func(int) {}, meanwhile: func() {}}
	return assemble(t, func(_ *Config, c *chat.Config) { store.Store, c.Store = c.Store, store }), store
}

// Removed and added again in one commit, or the other way round, somebody is told so in this order: what they hear last is
// how it is.
func TestListsAreToldInTheOrderOfTheActs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, store := assembleMeddled(t)
		ann, bob := s.person("ann"), s.person("bob")
		made, err := s.svc.CreateRoom(t.Context(), ann.User, chat.NewRoom{Name: "secret", Kind: chat.RoomPrivate, Members: []chat.UserID{bob.User.ID}})
		if err != nil {
			t.Fatal(err)
		}
		_, bobs := s.attach(t, bob, "")
		var lines []string
		note := func(chat.Outcome) {}
		act := func(is bool) {
			if is {
				s.svc.AddMember(ann.User, "secret", bob.User.ID, note)
				lines = append(lines, fmt.Sprintf(`{"type":"room_added","room":"secret","room_id":%q,"topic":"","kind":"private"}`, made.ID))
			} else {
				s.svc.RemoveMember(ann.User, "secret", bob.User.ID, chat.Removal{}, note)
				lines = append(lines, fmt.Sprintf(`{"type":"room_removed","room":"secret","room_id":%q}`, made.ID))
			}
		}
		for _, acts := range [][]bool{{false, true}, {false, true, false}} {
			bobs.taken()
			lines = nil
			gate, sizes := make(chan struct{}), []int{}
			store.before = func(ops int) {
				sizes = append(sizes, ops)
				<-gate
			}
			s.svc.Post(ann.User, chat.NewMessage{Room: "general", Content: "the commit that the others wait for"}, note)
			synctest.Wait()
			for _, is := range acts {
				act(is)
			}
			close(gate)
			synctest.Wait()
			if len(sizes) != 2 || sizes[1] != len(acts) {
				t.Fatalf("commits of %v", sizes)
			}
			wantTold(t, fmt.Sprint("bob of ", acts), bobs, lines...)
		}
		s.stop()
	})
}

// What is said in a direct room after somebody has hidden it shows it to them again, and that is what they hear last; opening
// and hiding it on two devices is told as it is in the store, too.
func TestHidingWhileSomebodyPosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, store := assembleMeddled(t)
		ann, bob := s.person("ann"), s.person("bob")
		dm, _, err := s.svc.OpenDirect(t.Context(), ann.User, []chat.UserID{bob.User.ID})
		if err != nil {
			t.Fatal(err)
		}
		s.say("ann", dm.Name, "hi")
		_, bobs := s.attach(t, bob, "")
		bobs.taken()
		added := fmt.Sprintf(`{"type":"room_added","room":%q,"room_id":%q,"topic":"","kind":"direct","people":[{"id":%q,"name":"ann"}]}`,
			dm.Name, dm.ID, ann.User.ID)
		removed := fmt.Sprintf(`{"type":"room_removed","room":%q,"room_id":%q}`, dm.Name, dm.ID)
		listed := func() int {
			states, err := s.svc.RoomStates(t.Context(), bob.User)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, st := range states {
				if st.Kind == chat.RoomDirect {
					n++
				}
			}
			return n
		}
		hide := func() {
			s.svc.RemoveMember(bob.User, dm.Name, bob.User.ID, chat.Removal{}, func(o chat.Outcome) {
				if o.Err != nil {
					t.Error(o.Err)
				}
			})
		}
		store.meanwhile = func() {
			s.svc.Post(ann.User, chat.NewMessage{Room: dm.Name, Content: "are you there?"}, func(chat.Outcome) {})
			synctest.Wait()
		}
		hide()
		synctest.Wait()
		wantTold(t, "bob, who hides while ann posts", bobs, removed, added)
		if listed() != 1 {
			t.Error("what ann said does not show the room again")
		}
		store.meanwhile = func() {}
		hide()
		synctest.Wait()
		wantTold(t, "bob, who hides", bobs, removed)
		store.meanwhile = func() {
			store.meanwhile = func() {}
			go hide()
			synctest.Wait()
		}
		if _, _, err := s.svc.OpenDirect(t.Context(), bob.User, []chat.UserID{ann.User.ID}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		wantTold(t, "bob, who opens and hides", bobs, added, removed)
		if listed() != 0 {
			t.Error("the room is not hidden")
		}
		s.stop()
	})
}
