package chattest

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// CreateUser stores u; see chat.UserStore.
func (s *Store) CreateUser(_ context.Context, u chat.User, by chat.Admission) (chat.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := chat.ParseUUID(string(u.ID)); !ok {
		return chat.User{}, chat.Errorf(chat.Invalid, "", "the id of a user must be a UUID")
	}
	first := !s.anyMember()
	if by.First && !first {
		return chat.User{}, chat.ErrNotFirst()
	}
	var used chat.Invite
	if by.Invite != nil {
		i, ok := s.invite(func(i chat.Invite) bool { return bytes.Equal(i.CodeHash, by.Invite) }, u.Created)
		if !ok {
			return chat.User{}, chat.ErrInvite()
		}
		used = i
	}
	for _, other := range s.users {
		if other.ID == u.ID || u.ExternalID != "" && other.ExternalID == u.ExternalID || u.Kind != chat.KindGuest && other.Kind != chat.KindGuest && other.NameSkeleton == u.NameSkeleton {
			return chat.User{}, chat.Errorf(chat.Conflict, "", "the name %s is taken", u.Name)
		}
	}
	if first && u.Kind == chat.KindMember && u.ExternalID == "" {
		u.Role = chat.RoleOwner
	}
	if used.ID != "" {
		used.Uses++
		s.invites[used.ID] = used
	}
	s.users[u.ID] = u
	if u.Kind != chat.KindGuest {
		s.note(by.Audit(u, used.ID))
	}
	return u, nil
}

func (s *Store) anyMember() bool {
	for _, u := range s.users {
		if u.Kind == chat.KindMember {
			return true
		}
	}
	return false
}

// AnyMember says whether anybody has an account.
func (s *Store) AnyMember(context.Context) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.anyMember(), nil
}

// UserByExternalID finds whom the host knows by id.
func (s *Store) UserByExternalID(_ context.Context, id string) (chat.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.users {
		if u.ExternalID != "" && u.ExternalID == id {
			return u, nil
		}
	}
	return chat.User{}, chat.Errorf(chat.NotFound, "", "there is no such user")
}

// UserByEmail finds a member by address; see chat.UserStore.
func (s *Store) UserByEmail(_ context.Context, email string) (chat.User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []chat.User
	for _, u := range s.users {
		if u.Kind == chat.KindMember && u.Email != "" && chat.FoldEmail(u.Email) == chat.FoldEmail(email) {
			found = append(found, u)
		}
	}
	if len(found) == 0 {
		return chat.User{}, chat.Errorf(chat.NotFound, "", "there is no such user")
	}
	return slices.MinFunc(found, func(a, b chat.User) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID)) }), nil
}

// UpdateUser changes an account; see chat.UserStore.
func (s *Store) UpdateUser(_ context.Context, up chat.UserUpdate) (chat.Decision, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	by, err := s.actor(up.By, true)
	if err != nil {
		return chat.Decision{}, err
	}
	u, err := s.user(up.User)
	if err != nil {
		return chat.Decision{}, err
	}
	otherOwner := false
	for _, o := range s.users {
		otherOwner = otherOwner || o.ID != u.ID && o.Kind == chat.KindMember && o.Role == chat.RoleOwner && !o.Disabled
	}
	d, err := up.Decide(by, u, otherOwner)
	if err != nil {
		return chat.Decision{}, err
	}
	for _, o := range s.users {
		if o.ID != u.ID && u.Kind != chat.KindGuest && o.Kind != chat.KindGuest && o.NameSkeleton == d.User.NameSkeleton {
			return chat.Decision{}, chat.Errorf(chat.Conflict, "", "the name %s is taken", d.User.Name)
		}
	}
	s.users[u.ID] = d.User
	if d.EndSessions {
		d.Ended = s.revokeAll(u.ID, "")
	}
	s.note(d.Audit...)
	return d, nil
}

// actor returns the row of an actor; with operator also what stands for the chat.Operator, who has none.
func (s *Store) actor(a chat.Actor, operator bool) (chat.User, error) {
	if operator && a.IsOperator() {
		return a.Row(), nil
	}
	u, ok := s.users[a.ID]
	if !ok {
		return chat.User{}, chat.Errorf(chat.Unauthenticated, "", "there is no such user")
	}
	return u, nil
}

// note appends to the audit log.
func (s *Store) note(entries ...chat.AuditEntry) {
	for _, e := range entries {
		e.ID = int64(len(s.audit)) + 1
		s.audit = append(s.audit, e)
	}
}

// Audit lists entries; see chat.AuditStore.
func (s *Store) Audit(_ context.Context, before int64, limit int) ([]chat.AuditEntry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries := s.audit
	if before > 0 {
		entries = entries[:min(int64(len(entries)), before-1)]
	}
	entries = slices.Clone(entries[max(0, len(entries)-limit):])
	slices.Reverse(entries)
	return entries, nil
}

// Workspace returns the workspace.
func (s *Store) Workspace(context.Context) (chat.Workspace, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.space, nil
}

// SetWorkspace replaces the workspace; see chat.WorkspaceStore.
func (s *Store) SetWorkspace(_ context.Context, by chat.Actor, w chat.Workspace, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.actor(by, by == chat.Host)
	if err != nil {
		return err
	}
	if err := chat.MayGovern(u); err != nil {
		return err
	}
	if e, ok := s.space.Audit(u, w, at); ok {
		s.note(e)
	}
	s.space = w
	return nil
}

// CreateInvite stores an invitation; see chat.InviteStore.
func (s *Store) CreateInvite(_ context.Context, by chat.Actor, i chat.Invite, most int) (chat.Invite, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.actor(by, false)
	if err != nil {
		return chat.Invite{}, err
	}
	if err := chat.MayInvite(u); err != nil {
		return chat.Invite{}, err
	}
	living := 0
	for _, other := range s.invites {
		if other.Usable(i.Created, s.users[other.CreatedBy]) {
			living++
		}
	}
	if living >= most {
		return chat.Invite{}, chat.ErrManyInvites(most)
	}
	i.CreatedBy, i.CreatedByName = u.ID, u.Name
	s.invites[i.ID] = i
	s.note(i.AuditCreated(u))
	return i, nil
}

// usable lists the invitations that can be used now, newest first.
func (s *Store) usable(now time.Time) []chat.Invite {
	var all []chat.Invite
	for _, i := range s.invites {
		if maker := s.users[i.CreatedBy]; i.Usable(now, maker) {
			i.CreatedByName = maker.Name
			all = append(all, i)
		}
	}
	slices.SortFunc(all, func(a, b chat.Invite) int { return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(b.ID, a.ID)) })
	return all
}

func (s *Store) invite(is func(chat.Invite) bool, now time.Time) (chat.Invite, bool) {
	all := s.usable(now)
	at := slices.IndexFunc(all, is)
	if at < 0 {
		return chat.Invite{}, false
	}
	return all[at], true
}

// Invites lists invitations; see chat.InviteStore.
func (s *Store) Invites(_ context.Context, now time.Time) ([]chat.Invite, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.usable(now), nil
}

// InviteByHash finds an invitation; see chat.InviteStore.
func (s *Store) InviteByHash(_ context.Context, hash []byte, now time.Time) (chat.Invite, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.invite(func(i chat.Invite) bool { return bytes.Equal(i.CodeHash, hash) }, now)
	if !ok {
		return chat.Invite{}, noInvite()
	}
	return i, nil
}

func noInvite() error {
	return chat.Errorf(chat.NotFound, "", "there is no such invitation (any more)")
}

// RevokeInvite ends an invitation; see chat.InviteStore.
func (s *Store) RevokeInvite(_ context.Context, by chat.Actor, id chat.InviteID, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.actor(by, false)
	if err != nil {
		return err
	}
	if err := chat.MayInvite(u); err != nil {
		return err
	}
	i, ok := s.invite(func(i chat.Invite) bool { return i.ID == id }, now)
	if !ok {
		return noInvite()
	}
	i.Revoked = true
	s.invites[id] = i
	s.note(i.AuditRevoked(u, now))
	return nil
}
