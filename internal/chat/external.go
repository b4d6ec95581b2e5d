package chat

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of what a host says of its people.
const (
	MaxExternalID = 256 // bytes
	MaxAvatar     = 512 // bytes
)

// External is somebody whom the server that Parley is part of, the host, has let in. ID is the same for the same person
// for ever; everything else may change.
type External struct {
	ID      string // 1 to MaxExternalID bytes
	Name    string // whatever the host calls them; the name here is made of it
	Display string // how they want to be called; "": by Name
	Avatar  string // path of a picture on the host's site, "" for none; what is none is left out
	Role    Role   // "" means RoleMember
}

// HostView is what the Host changes of a user when its word of them has changed.
type HostView struct {
	Name, NameSkeleton, ExternalName string
	Display, Avatar                  string
}

// Enter lets somebody in whom the host has let in, in the session that the host knows by a key; secret is made of that
// key, at least 16 bytes. The user is made at first sight and kept in step with what the host says. A name that is taken,
// or that nobody may have, never keeps somebody out: theirs is then made of it, such as ann-2, and stays until the host
// calls them something else.
//
// Unauthenticated when the session was revoked, for good; Forbidden when the account is disabled, or the session somebody
// else's; Invalid when the host breaks the rules above. A session that was long not used lives again, as the host says so.
func (s *Service) Enter(ctx context.Context, x External, secret []byte, userAgent string) (Session, User, error) {
	const op = "chat.Enter"
	x, err := x.clean(op)
	if err != nil {
		return Session{}, User{}, err
	}
	if len(secret) < minSecret {
		return Session{}, User{}, Errorf(Invalid, op, "secret is shorter than %d bytes", minSecret)
	}
	// Of two requests that begin the same session, the second finds what the first has made.
	for range 3 {
		se, u, err := s.enter(ctx, op, x, secret, userAgent)
		if CodeOf(err) != Conflict {
			return se, u, err
		}
	}
	return Session{}, User{}, Errorf(Internal, op, "a session is neither new nor there")
}

func (s *Service) enter(ctx context.Context, op string, x External, secret []byte, userAgent string) (Session, User, error) {
	se, u, err := s.store.SessionBySecret(ctx, secretHash(secret))
	known := err == nil
	switch {
	case err != nil && CodeOf(err) != NotFound:
		return Session{}, User{}, withOp(op, err)
	case known && u.ExternalID != x.ID:
		return Session{}, User{}, Errorf(Forbidden, op, "this session is somebody else's: sign out and in again")
	case known && se.Revoked:
		return Session{}, User{}, Errorf(Unauthenticated, op, "this session has been signed out")
	case !known:
		if u, err = s.external(ctx, op, x); err != nil {
			return Session{}, User{}, err
		}
	}
	if u.Disabled {
		return Session{}, User{}, withOp(op, ErrDisabled())
	}
	if u, err = s.inStep(ctx, op, u, x); err != nil {
		return Session{}, User{}, err
	}
	if known {
		if err := s.SessionSeen(ctx, se); err != nil && se.idle(s.now()) {
			return Session{}, User{}, err
		}
		return se, u, nil
	}
	se, err = s.OpenSession(ctx, u.ID, userAgent, secret)
	return se, u, err
}

// clean brings what the host says to its stored form, or says what is wrong with it.
func (x External) clean(op string) (External, error) {
	if x.ID == "" || len(x.ID) > MaxExternalID || !utf8.ValidString(x.ID) || strings.ContainsRune(x.ID, 0) {
		return x, Errorf(Invalid, op, "the id of the host's user must have 1 to %d bytes of UTF-8", MaxExternalID)
	}
	if x.Role == "" {
		x.Role = RoleMember
	}
	if err := checkRole(op, x.Role); err != nil {
		return x, err
	}
	x.Name = cutText(strings.ToValidUTF8(x.Name, ""), 4*MaxName)
	shown, err := cleanDisplay(op, x.Display)
	if err != nil || shown == "" {
		if shown, err = cleanDisplay(op, x.Name); err != nil {
			shown = ""
		}
	}
	x.Display = shown
	if !isSitePath(x.Avatar) {
		x.Avatar = ""
	}
	return x, nil
}

// isSitePath tells a path on the same site from the address of another one: browsers take // and /\ for the beginning of a
// host's name, and leave tabs and line breaks out.
func isSitePath(path string) bool {
	return len(path) <= MaxAvatar && strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") &&
		checkLine("", "", path, MaxAvatar) == nil && !strings.ContainsAny(path, "\\ \"'<>")
}

// external returns the user of x, and makes one at first sight.
func (s *Service) external(ctx context.Context, op string, x External) (User, error) {
	u, err := s.store.UserByExternalID(ctx, x.ID)
	if CodeOf(err) != NotFound {
		return u, withOp(op, err)
	}
	err = s.named(x.Name, func(name string) (err error) {
		u, err = s.store.CreateUser(ctx, User{
			ID: UserID(s.cfg.NewID()), Kind: KindMember, Name: name, NameSkeleton: s.cfg.Skeleton(name), Role: x.Role, Created: s.now(),
			Display: x.Display, ExternalID: x.ID, ExternalName: x.Name, Avatar: x.Avatar,
		}, Admission{By: ByHost})
		if CodeOf(err) != Conflict {
			return err
		}
		// The name is taken, or somebody was faster with this very person.
		if twin, twinErr := s.store.UserByExternalID(ctx, x.ID); CodeOf(twinErr) != NotFound {
			u = twin
			return twinErr
		}
		return err
	})
	if err != nil {
		return User{}, withOp(op, err)
	}
	s.setUp.Store(true)
	return u, nil
}

// inStep makes u what the host says of them now.
func (s *Service) inStep(ctx context.Context, op string, u User, x External) (User, error) {
	view := HostView{Name: u.Name, NameSkeleton: u.NameSkeleton, ExternalName: x.Name, Display: x.Display, Avatar: x.Avatar}
	up := UserUpdate{User: u.ID, By: Host, External: &view}
	if u.Role != x.Role {
		up.Role = &x.Role
	}
	if u.ExternalName == x.Name {
		if u.Display == x.Display && u.Avatar == x.Avatar && u.Role == x.Role {
			return u, nil
		}
		return s.update(ctx, op, up)
	}
	err := s.named(x.Name, func(name string) (err error) {
		view.Name, view.NameSkeleton = name, s.cfg.Skeleton(name)
		u, err = s.update(ctx, op, up)
		return err
	})
	return u, err
}

// nameTries is how many numbers are tried behind a name that is taken before longer ones are drawn.
const nameTries = 8

// named tries names made of what the host says until take has one: the name itself, then with a number behind it. take
// returns Conflict for a name that is taken.
func (s *Service) named(wanted string, take func(name string) error) error {
	base := s.handle(wanted)
	err := take(base)
	for i := 2; CodeOf(err) == Conflict && i <= nameTries+8; i++ {
		suffix := fmt.Sprintf("-%d", i)
		if i > nameTries { // many are called so: what is drawn is free
			suffix = "-" + drawn(min(i-nameTries+1, 8))
		}
		err = take(s.handle(cutRunes(base, MaxName-len(suffix)) + suffix))
	}
	return err
}

// handle makes a name that somebody may have of what the host calls them: the same if it may be, else without what may
// not be in it, else "user".
func (s *Service) handle(wanted string) string {
	for _, try := range []string{wanted, reduced(wanted)} {
		if name, err := s.cfg.CleanName(cutRunes(try, MaxName)); err == nil {
			return name
		}
	}
	return "user"
}

// reduced keeps ASCII letters, digits and what may stand between them, and joins words by a hyphen.
func reduced(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range name {
		if r < utf8.RuneSelf && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') {
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			gap = false
			continue
		}
		gap = true
	}
	return b.String()
}

// cutRunes shortens text to at most most code points, without a space or hyphen at its end.
func cutRunes(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		text = strings.TrimRight(string(runes[:most]), " -")
	}
	return text
}

// drawn returns n random bytes as hexadecimal digits.
func drawn(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// RevokeSecret ends the session of a secret for good, and its sockets. That there is none is no error.
func (s *Service) RevokeSecret(ctx context.Context, secret []byte) error {
	const op = "chat.RevokeSecret"
	se, _, err := s.store.SessionBySecret(ctx, secretHash(secret))
	if CodeOf(err) == NotFound {
		return nil
	}
	if err != nil {
		return withOp(op, err)
	}
	return s.RevokeSession(ctx, se.ID)
}
