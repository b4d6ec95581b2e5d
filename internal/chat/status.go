package chat

import (
	"context"
	"strings"
	"time"
)

// Limits of a status.
const (
	MaxStatus     = 100                  // code points of its text
	MaxStatusTime = 366 * 24 * time.Hour // the longest that one can be asked to stand
)

// Status is what somebody says about what they are doing. The zero value is none.
type Status struct {
	Emoji string    // one, or ""
	Text  string    // at most MaxStatus code points, or ""
	Until time.Time // it ends by itself then; zero: it does not
}

// At returns what is to be shown at a time: nothing once it has ended.
func (s Status) At(now time.Time) Status {
	if !s.Until.IsZero() && !now.Before(s.Until) {
		return Status{}
	}
	return s
}

// SetStatus says what user is doing; the zero Status says nothing any more. For who has an account.
func (s *Service) SetStatus(ctx context.Context, user UserID, st Status) (User, error) {
	const op = "chat.SetStatus"
	now, none := s.now(), st == (Status{})
	st.Text = strings.TrimSpace(st.Text)
	if err := checkTitle(op, "text", st.Text, MaxStatus); err != nil {
		return User{}, err
	}
	if st.Emoji != "" {
		if err := CheckEmoji(st.Emoji); err != nil {
			return User{}, withOp(op, err)
		}
	}
	if !none && st.Emoji == "" && st.Text == "" {
		return User{}, Errorf(Invalid, op, "a status needs an emoji or a text")
	}
	if !st.Until.IsZero() {
		st.Until = st.Until.UTC().Truncate(time.Millisecond)
		if !now.Before(st.Until) || st.Until.Sub(now) > MaxStatusTime {
			return User{}, Errorf(Invalid, op, "until must be in the future, at most 366 days ahead")
		}
	}
	return s.update(ctx, op, UserUpdate{User: user, By: Actor{ID: user}, Status: &st})
}
