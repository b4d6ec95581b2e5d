package admin

import (
	"context"
	"time"

	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/chat"
)

// pageSize is how many accounts one answer lists, so that it stays far below maxBody.
const pageSize = 100

// ListRequest asks for accounts.
type ListRequest struct {
	After string `json:"after"` // UserList.Next of the page before, "" for the first
}

// UserList is a page of accounts.
type UserList struct {
	Users []UserStatus `json:"users"`
	Next  string       `json:"next"` // "" when there are no more
}

// UserStatus is an account as it stands.
type UserStatus struct {
	User
	Disabled bool      `json:"disabled"`
	Sessions int       `json:"sessions"`  // that live
	LastSeen time.Time `json:"last_seen"` // of those; zero without one
}

// PasswordRequest asks for another password of an account.
type PasswordRequest struct {
	Name     string `json:"name"`
	Password string `json:"password"` // see auth.CheckPassword
}

// DisabledRequest asks for an account to be disabled or enabled.
type DisabledRequest struct {
	Name     string `json:"name"`
	Disabled bool   `json:"disabled"`
}

// Users implements Commands.
func (l *Local) Users(ctx context.Context, r ListRequest) (UserList, error) {
	users, err := l.Chat.Users(ctx, r.After, pageSize)
	if err != nil {
		return UserList{}, err
	}
	page := UserList{Users: make([]UserStatus, 0, len(users))}
	for _, u := range users {
		sessions, err := l.Chat.Sessions(ctx, u.ID)
		if err != nil {
			return UserList{}, err
		}
		status := UserStatus{User: userOf(u), Disabled: u.Disabled, Sessions: len(sessions)}
		if len(sessions) > 0 {
			status.LastSeen = sessions[0].LastSeen
		}
		page.Users = append(page.Users, status)
	}
	if len(users) == pageSize {
		page.Next = users[pageSize-1].NameSkeleton
	}
	return page, nil
}

// SetPassword implements Commands.
func (l *Local) SetPassword(ctx context.Context, r PasswordRequest) (User, error) {
	if err := auth.CheckPassword(r.Password); err != nil {
		return User{}, err
	}
	user, err := l.Chat.UserByName(ctx, r.Name)
	if err != nil {
		return User{}, err
	}
	accounts := auth.NewAccounts(auth.AccountsConfig{Chat: l.Chat, Passwords: l.Passwords})
	if err := accounts.SetPassword(ctx, user.ID, r.Password); err != nil {
		return User{}, err
	}
	return userOf(user), nil
}

// SetDisabled implements Commands.
func (l *Local) SetDisabled(ctx context.Context, r DisabledRequest) (User, error) {
	user, err := l.Chat.UserByName(ctx, r.Name)
	if err != nil {
		return User{}, err
	}
	user, err = l.Chat.SetDisabled(ctx, chat.Operator, user.ID, r.Disabled)
	if err != nil {
		return User{}, err
	}
	return userOf(user), nil
}
