package chattest

import (
	"crypto/sha256"
	"sync"
	"testing"

	"github.com/parley-chat/parley/internal/chat"
)

// external returns a user whom a host knows, not stored.
func external() chat.User {
	u := NewUser(chat.KindMember, chat.RoleMember)
	u.Email, u.ExternalID, u.ExternalName, u.Avatar = "", "host/"+ID(), "The one called "+u.Name, "/avatars/"+u.Name
	return u
}

func testExternal(t *testing.T, s chat.Store) {
	ann := external()
	stored, err := s.CreateUser(ctx, ann, chat.Admission{By: chat.ByHost})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the first, who is no owner for that", stored, ann)
	got, err := s.UserByExternalID(ctx, ann.ExternalID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "UserByExternalID", got, ann)
	es, err := s.Audit(ctx, 0, 1)
	if err != nil || len(es) != 1 || es[0].Actor != "" || es[0].ActorName != "host" || es[0].Data != `{"by":"host"}` {
		t.Errorf("the log says %+v, %v", es, err)
	}
	for _, id := range []string{"", "host/nobody", "HOST/" + ann.ExternalID[5:]} {
		_, err := s.UserByExternalID(ctx, id)
		WantCode(t, err, chat.NotFound)
	}
	for range 2 { // those without an id do not share one
		Member(t, s, chat.RoleMember)
	}
	twin := external()
	twin.ExternalID = ann.ExternalID
	_, err = s.CreateUser(ctx, twin, chat.Admission{By: chat.ByHost})
	WantCode(t, err, chat.Conflict)
	twin = external()
	twin.NameSkeleton = ann.NameSkeleton
	_, err = s.CreateUser(ctx, twin, chat.Admission{By: chat.ByHost})
	WantCode(t, err, chat.Conflict)
}

// What the host says of somebody is taken over whole or not at all, and from the host alone.
func testExternalUpdate(t *testing.T, s chat.Store) {
	ann, bob := external(), external()
	for _, u := range []chat.User{ann, bob} {
		if _, err := s.CreateUser(ctx, u, chat.Admission{By: chat.ByHost}); err != nil {
			t.Fatal(err)
		}
	}
	owner, member := chat.RoleOwner, chat.RoleMember
	view := chat.HostView{Name: "anna", NameSkeleton: Name("anna"), ExternalName: "Anna", Display: "Anna A.", Avatar: "/a.png"}
	other := Member(t, s, chat.RoleOwner)
	for _, by := range []chat.Actor{chat.Operator, ann.Actor(), other} {
		_, err := s.UpdateUser(ctx, chat.UserUpdate{User: ann.ID, By: by, At: now(), External: &view})
		WantCode(t, err, chat.Forbidden)
	}
	taken := view
	taken.NameSkeleton = bob.NameSkeleton
	_, err := s.UpdateUser(ctx, chat.UserUpdate{User: ann.ID, By: chat.Host, At: now(), External: &taken, Role: &owner})
	WantCode(t, err, chat.Conflict)
	got, err := s.User(ctx, ann.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "after a name that was taken", got, ann)

	d, err := s.UpdateUser(ctx, chat.UserUpdate{User: ann.ID, By: chat.Host, At: now(), External: &view, Role: &owner})
	if err != nil || !d.Standing {
		t.Fatalf("%+v, %v", d, err)
	}
	want := ann
	want.Name, want.NameSkeleton, want.ExternalName, want.Display, want.Avatar = view.Name, view.NameSkeleton, view.ExternalName, view.Display, view.Avatar
	want.Role, want.Rev = chat.RoleOwner, ann.Rev+1
	if got, err = s.User(ctx, ann.ID); err != nil {
		t.Fatal(err)
	}
	same(t, "after a new name", got, want)
	if got, err := s.UserBySkeleton(ctx, view.NameSkeleton); err != nil || got.ID != ann.ID {
		t.Errorf("%v, %v", got, err)
	}
	for _, u := range []chat.UserID{other.ID, ann.ID} { // the last owner too
		if _, err := s.UpdateUser(ctx, chat.UserUpdate{User: u, By: chat.Host, At: now(), Role: &member}); err != nil {
			t.Errorf("the host takes an owner's role: %v", err)
		}
	}
}

func testSessionSecretsAreUnique(t *testing.T, s chat.Store) {
	ann := Member(t, s, chat.RoleMember)
	sum := sha256.Sum256([]byte("one key"))
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = s.CreateSession(ctx, chat.Session{ID: chat.SessionID(ID()), User: ann.ID, Created: now(), LastSeen: now(), SecretHash: sum[:]})
		})
	}
	wg.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
			continue
		}
		WantCode(t, err, chat.Conflict)
	}
	if made != 1 {
		t.Errorf("%d sessions with one secret", made)
	}
}
