package chat

import (
	"context"
	"time"
)

// UserUpdate changes one account in one transaction. What is nil stays as it is.
type UserUpdate struct {
	User UserID
	By   Actor // the user themself, an owner, or the Operator
	At   time.Time

	Display, Email *string        // by the user themself
	PasswordHash   *string        // by the user themself, an owner or the Operator; ends all sessions
	Upgrade        *string        // with PasswordHash, by the user: only while this one is stored, and no session ends
	Was            *string        // with PasswordHash, by the user: Conflict unless this one is stored
	Role           *Role          // by an owner or the Operator
	Disabled       *bool          // by an owner or the Operator
	External       *HostView      // by the Host alone
	Picture        *PictureChange // by the user themself; from Gravatar, by the Operator
	Status         *Status        // by the user themself
}

// Decision is what a UserUpdate comes to.
type Decision struct {
	User        User         // as it is stored then
	Changed     bool         // the row is another one
	Standing    bool         // the name, the role, or whether the account is disabled, is another one
	Shown       bool         // what others see of them is another one: name, display name, picture, status
	EndSessions bool         // all sessions of the user end
	Audit       []AuditEntry // to be written

	Ended []SessionID // filled in by the store: those that were not revoked before
}

// Decide says what the update does to u, or refuses it. The rows are as the transaction finds them: u, by (of the
// Operator, what Actor.Row says), and whether there is an owner beside u whose account is not disabled.
func (up UserUpdate) Decide(by, u User, otherOwner bool) (Decision, error) {
	d := Decision{User: u}
	if err := up.allowed(by, u); err != nil {
		return Decision{}, err
	}
	if up.Was != nil && *up.Was != u.PasswordHash {
		return Decision{}, &Error{Code: Conflict, Message: "the password has been changed meanwhile"}
	}
	entry := func(action string) AuditEntry { return entryBy(by, up.At, action).about(string(u.ID), u.Name) }
	if up.Display != nil {
		d.User.Display = *up.Display
	}
	if up.Email != nil {
		d.User.readdress(*up.Email)
	}
	if up.Upgrade != nil {
		if u.PasswordHash == *up.Upgrade {
			d.User.PasswordHash = *up.PasswordHash
		}
	} else if up.PasswordHash != nil {
		d.User.PasswordHash, d.EndSessions = *up.PasswordHash, true
		if up.By.ID != u.ID {
			d.Audit = append(d.Audit, entry(AuditPasswordSet))
		}
	}
	if up.Role != nil && *up.Role != u.Role {
		d.User.Role = *up.Role
		d.Audit = append(d.Audit, entry(AuditRoleChanged).with(map[string]any{"role": string(*up.Role), "was": string(u.Role)}))
	}
	if up.Disabled != nil && *up.Disabled != u.Disabled {
		d.User.Disabled = *up.Disabled
		action := AuditUserEnabled
		if d.User.Disabled {
			action, d.EndSessions = AuditUserDisabled, true
		}
		d.Audit = append(d.Audit, entry(action))
	}
	if v := up.External; v != nil {
		d.User.Name, d.User.NameSkeleton, d.User.ExternalName = v.Name, v.NameSkeleton, v.ExternalName
		d.User.Display, d.User.Avatar, d.User.AvatarFrom = v.Display, v.Avatar, PictureNone
	}
	if up.Picture != nil {
		up.Picture.apply(&d.User)
	}
	if up.Status != nil {
		d.User.Status = *up.Status
	}
	if governs(u) && !governs(d.User) && !otherOwner && up.By != Host {
		return Decision{}, &Error{Code: Conflict, Message: "this is the last owner: make somebody else an owner first"}
	}
	d.Standing = d.User.Name != u.Name || d.User.Role != u.Role || d.User.Disabled != u.Disabled
	d.Shown = d.User.Name != u.Name || d.User.Display != u.Display || d.User.Avatar != u.Avatar || d.User.Status != u.Status
	if d.Changed = d.User != u; d.Changed {
		d.User.Rev++
	}
	return d, nil
}

// allowed says whether by may make this update of u.
func (up UserUpdate) allowed(by, u User) error {
	self := by.ID == u.ID && by.Kind != KindOperator
	switch {
	case by.Disabled:
		return ErrDisabled()
	case u.Kind == KindGuest && (up.Role != nil || up.PasswordHash != nil || up.Display != nil || up.Email != nil || up.Picture != nil || up.Status != nil):
		return &Error{Code: Forbidden, Message: "guests have no account"}
	case u.Kind == KindBot && up.Role != nil:
		return &Error{Code: Forbidden, Message: "bots have no role but their own"}
	case (up.Display != nil || up.Email != nil || up.Status != nil) && !self:
		return &Error{Code: Forbidden, Message: "this is somebody else's account"}
	case up.Picture != nil && !(up.Picture.From == PictureGravatar && up.By == Operator || up.Picture.From != PictureGravatar && self):
		return &Error{Code: Forbidden, Message: "this is somebody else's picture"}
	case up.External != nil && up.By != Host:
		return &Error{Code: Forbidden, Message: "only the host says who somebody is"}
	case up.Role != nil, up.Disabled != nil, up.PasswordHash != nil && !self:
		return MayGovern(by)
	}
	return nil
}

// governs says whether u is an owner who can act as one.
func governs(u User) bool { return u.Kind == KindMember && u.Role == RoleOwner && !u.Disabled }

// UpdateProfile changes what a user says about themself; nil stays as it is. display and email as in NewUser.
func (s *Service) UpdateProfile(ctx context.Context, user UserID, display, email *string) (User, error) {
	const op = "chat.UpdateProfile"
	up := UserUpdate{User: user, By: Actor{ID: user}}
	if display != nil {
		clean, err := cleanDisplay(op, *display)
		if err != nil {
			return User{}, err
		}
		up.Display = &clean
	}
	if email != nil {
		clean, err := cleanEmail(op, *email)
		if err != nil {
			return User{}, err
		}
		up.Email = &clean
	}
	return s.update(ctx, op, up)
}

// SetPassword replaces the hash of user's password and ends all of their sessions in the same transaction. by is nil
// when the user does it, who has proved to know the old one; otherwise an owner or the Operator, which is audited.
func (s *Service) SetPassword(ctx context.Context, user UserID, hash string, by *Actor) error {
	const op = "chat.SetPassword"
	if hash == "" {
		return Errorf(Invalid, op, "password is empty")
	}
	up := UserUpdate{User: user, By: Actor{ID: user}, PasswordHash: &hash}
	if by != nil {
		up.By = *by
	}
	_, err := s.update(ctx, op, up)
	return err
}

// ChangePassword is SetPassword by the user, who has proved to know the password of the hash old. Conflict when another one
// is stored by now: who knows the old one alone must not take back what an owner or the command line has set meanwhile.
func (s *Service) ChangePassword(ctx context.Context, user UserID, old, hash string) error {
	const op = "chat.ChangePassword"
	if old == "" || hash == "" {
		return Errorf(Invalid, op, "password is empty")
	}
	_, err := s.update(ctx, op, UserUpdate{User: user, By: Actor{ID: user}, PasswordHash: &hash, Was: &old})
	return err
}

// UpgradeHash replaces the hash old of user's password by another one of the same password, which the user has just proved
// to know. If old is not stored any more, nothing happens. No session ends, and nothing is audited.
func (s *Service) UpgradeHash(ctx context.Context, user UserID, old, hash string) error {
	const op = "chat.UpgradeHash"
	if old == "" || hash == "" {
		return Errorf(Invalid, op, "password is empty")
	}
	_, err := s.update(ctx, op, UserUpdate{User: user, By: Actor{ID: user}, PasswordHash: &hash, Upgrade: &old})
	return err
}

// SetRole makes a member an owner, a moderator or an ordinary member. For owners and the Operator. The last owner whose
// account is not disabled stays one: Conflict.
func (s *Service) SetRole(ctx context.Context, by Actor, user UserID, role Role) (User, error) {
	const op = "chat.SetRole"
	if err := checkRole(op, role); err != nil {
		return User{}, err
	}
	return s.update(ctx, op, UserUpdate{User: user, By: by, Role: &role})
}

// SetDisabled disables an account, which ends all of its sessions in the same transaction, or enables it again. For
// owners and the Operator. The last owner whose account is not disabled keeps it: Conflict.
func (s *Service) SetDisabled(ctx context.Context, by Actor, user UserID, disabled bool) (User, error) {
	return s.update(ctx, "chat.SetDisabled", UserUpdate{User: user, By: by, Disabled: &disabled})
}

// update carries an update out and tells whoever has to know of it.
func (s *Service) update(ctx context.Context, op string, up UserUpdate) (User, error) {
	norm, ok := NormalUUID(string(up.User))
	if !ok {
		return User{}, Errorf(Invalid, op, "user is not a UUID")
	}
	if up.By.ID == up.User {
		up.By.ID = UserID(norm)
	}
	up.User, up.At = UserID(norm), s.now()
	if up.Display != nil || up.External != nil || up.Picture != nil || up.Status != nil {
		select {
		case s.shown <- struct{}{}:
			defer func() { <-s.shown }()
		case <-ctx.Done():
			return User{}, &Error{Code: Overloaded, Op: op, Message: "too many profiles are being changed: try again", RetryAfter: time.Second, Err: ctx.Err()}
		}
	}
	d, err := s.store.UpdateUser(ctx, up)
	if err != nil {
		return User{}, withOp(op, err)
	}
	s.sessionsEnded(d.Ended...)
	if d.Standing && s.cfg.UserChanged != nil {
		s.cfg.UserChanged(d.User.ID)
	}
	if d.Shown && s.cfg.ProfileChanged != nil {
		s.cfg.ProfileChanged(d.User)
	}
	return d.User, nil
}

func checkRole(op string, role Role) error {
	switch role {
	case RoleOwner, RoleModerator, RoleMember:
		return nil
	}
	return Errorf(Invalid, op, "role must be owner, moderator or member")
}

// Row is what stands for an actor where a row of a user is asked for: the Operator has none of its own.
func (a Actor) Row() User { return a.asUser() }

// current returns by as the store has them now: what the edge knew when it looked may have changed.
func (s *Service) current(ctx context.Context, op string, by Actor) (User, error) {
	if by.IsOperator() {
		return by.asUser(), nil
	}
	u, err := s.store.User(ctx, by.ID)
	if CodeOf(err) == NotFound {
		return User{}, Errorf(Unauthenticated, op, "there is no such user")
	}
	return u, withOp(op, err)
}
