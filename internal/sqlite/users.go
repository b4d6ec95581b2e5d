package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/parley-chat/parley/internal/chat"
)

// CreateUser stores u; see chat.UserStore.
func (s *Store) CreateUser(_ context.Context, u chat.User, by chat.Admission) (chat.User, error) {
	const op = "sqlite.CreateUser"
	if blob(u.ID) == nil {
		return chat.User{}, chat.Errorf(chat.Invalid, op, "the id of a user must be a UUID")
	}
	err := s.writer.transact(op, func() error {
		var others bool
		if err := s.writer.queryRow(anyMember).Scan(&others); err != nil {
			return err
		}
		if by.First && others {
			return chat.ErrNotFirst()
		}
		if u.Kind == chat.KindMember && u.ExternalID == "" && !others {
			u.Role = chat.RoleOwner
		}
		var invite chat.InviteID
		if by.Invite != nil {
			var err error
			if invite, err = s.writer.redeem(by.Invite, u.Created); err != nil {
				return err
			}
		}
		err := s.writer.exec(insertUser, userValues(u)...)
		if isUnique(err) {
			return chat.Errorf(chat.Conflict, op, "the name %s is taken, or looks like one that is", u.Name)
		}
		if err != nil || u.Kind == chat.KindGuest {
			return err
		}
		return s.writer.note(by.Audit(u, invite))
	})
	if err != nil {
		return chat.User{}, err
	}
	return u, nil
}

const (
	anyMember     = `SELECT EXISTS (SELECT 1 FROM users WHERE kind = 'member')`
	anyOtherOwner = `SELECT EXISTS (SELECT 1 FROM users INDEXED BY users_owner WHERE kind = 'member' AND role = 'owner' AND disabled = 0 AND id <> ?)`
)

// AnyMember says whether anybody has an account.
func (s *Store) AnyMember(ctx context.Context) (is bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	err = s.read.QueryRowContext(ctx, anyMember).Scan(&is)
	return is, translate("sqlite.AnyMember", err)
}

// UpdateUser changes an account; see chat.UserStore.
func (s *Store) UpdateUser(_ context.Context, up chat.UserUpdate) (d chat.Decision, err error) {
	const op = "sqlite.UpdateUser"
	err = s.writer.transact(op, func() error {
		by := up.By.Row()
		if !up.By.IsOperator() {
			if by, err = s.writer.actor(op, up.By); err != nil {
				return err
			}
		}
		var u chat.User
		if err := s.writer.user.QueryRowContext(context.Background(), blob(up.User)).Scan(userFields(&u)...); err != nil {
			return found(op, err, "there is no such user")
		}
		var otherOwner bool
		if err := s.writer.queryRow(anyOtherOwner, blob(up.User)).Scan(&otherOwner); err != nil {
			return err
		}
		if d, err = up.Decide(by, u, otherOwner); err != nil {
			return err
		}
		return s.writer.carryOut(&d)
	})
	if err != nil {
		return chat.Decision{}, err
	}
	return d, nil
}

// carryOut writes what was decided, in the transaction under way.
func (w *writer) carryOut(d *chat.Decision) (err error) {
	u := d.User
	if d.Changed {
		if err := w.exec(`UPDATE users SET name = ?, name_skeleton = ?, display = ?, email = ?, password_hash = ?, role = ?, disabled = ?,
			rev = ?, external_name = ?, avatar = ?, avatar_from = ?, avatar_asked = ?, status_emoji = ?, status_text = ?, status_until = ? WHERE id = ?`, u.Name, u.NameSkeleton, u.Display, u.Email, u.PasswordHash, string(u.Role), u.Disabled,
			int64(u.Rev), u.ExternalName, u.Avatar, string(u.AvatarFrom), maybeMillis(u.AvatarAsked),
			u.Status.Emoji, u.Status.Text, maybeMillis(u.Status.Until), blob(u.ID)); isUnique(err) {
			return chat.Errorf(chat.Conflict, "sqlite.UpdateUser", "the name %s is taken, or looks like one that is", u.Name)
		} else if err != nil {
			return err
		}
	}
	if d.EndSessions {
		if d.Ended, err = w.revokeAll(u.ID, ""); err != nil {
			return err
		}
	}
	return w.note(d.Audit...)
}

// actor reads the row of who acts, in the transaction under way.
func (w *writer) actor(op string, a chat.Actor) (u chat.User, err error) {
	err = w.user.QueryRowContext(context.Background(), blob(a.ID)).Scan(userFields(&u)...)
	if errors.Is(err, sql.ErrNoRows) {
		return chat.User{}, chat.Errorf(chat.Unauthenticated, op, "there is no such user")
	}
	return u, err
}

// User returns the user with this id.
func (s *Store) User(ctx context.Context, id chat.UserID) (chat.User, error) {
	return s.oneUser(ctx, "sqlite.User", s.reads.user, blob(id))
}

// UserBySkeleton finds a member or bot by name.
func (s *Store) UserBySkeleton(ctx context.Context, skeleton string) (chat.User, error) {
	return s.oneUser(ctx, "sqlite.UserBySkeleton", s.reads.bySkeleton, skeleton)
}

// UserByExternalID finds whom the host knows by id.
func (s *Store) UserByExternalID(ctx context.Context, id string) (chat.User, error) {
	return s.oneUser(ctx, "sqlite.UserByExternalID", s.reads.byExternal, id)
}

// UserByEmail finds a member by address; see chat.UserStore.
func (s *Store) UserByEmail(ctx context.Context, email string) (chat.User, error) {
	return s.oneUser(ctx, "sqlite.UserByEmail", s.reads.byEmail, chat.FoldEmail(email))
}

func (s *Store) oneUser(ctx context.Context, op string, stmt *sql.Stmt, key any) (u chat.User, err error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	err = stmt.QueryRowContext(ctx, key).Scan(userFields(&u)...)
	return u, found(op, err, "there is no such user")
}

// Users lists members and bots by name; see chat.UserStore.
func (s *Store) Users(ctx context.Context, after string, limit int) ([]chat.User, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	rows, err := s.read.QueryContext(ctx, `SELECT `+userColumns+` FROM users u WHERE u.kind <> 'guest' AND u.name_skeleton > ?
		ORDER BY u.name_skeleton LIMIT ?`, after, limit)
	us, err := collect(rows, err, userFields)
	return us, translate("sqlite.Users", err)
}
