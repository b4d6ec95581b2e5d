package parley

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/parley-chat/parley/internal/admin"
	"github.com/parley-chat/parley/internal/auth"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/datadir"
)

// openTime is how long OpenAdmin waits for a folder that is locked while nobody answers: a server that starts or stops,
// or another command.
const openTime = 5 * time.Second

// Admin manages accounts and makes tokens on a data folder, through the server that runs on it or, without one, by itself.
type Admin struct {
	commands admin.Commands
	client   *admin.Client // nil: this process holds the folder
	undo     steps
}

// Account is an account that was made.
type Account struct {
	ID   string
	Name string
	Role string // owner, moderator or member
}

// AccountStatus is an account as it stands.
type AccountStatus struct {
	Account
	Disabled bool
	Sessions int       // that have not ended
	LastSeen time.Time // of those, to within an hour; zero without one
}

// OpenAdmin finds the server on the folder, or locks the folder. The caller owes a Close. logger may be nil, which means
// silence.
func OpenAdmin(ctx context.Context, dataDir string, logger *slog.Logger) (*Admin, error) {
	if dataDir == "" {
		dataDir = DefaultDataDir
	}
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	patience := time.NewTimer(openTime)
	defer patience.Stop()
	for {
		a, err := openAdmin(ctx, dataDir, logger)
		if used := (*datadir.InUseError)(nil); !errors.As(err, &used) {
			return a, err
		}
		select {
		case <-patience.C:
			return nil, errors.Join(err, errors.New("it does not answer commands"))
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func openAdmin(ctx context.Context, dataDir string, logger *slog.Logger) (*Admin, error) {
	socket, err := datadir.SocketOf(dataDir)
	if err != nil {
		return nil, err
	}
	if socket != "" {
		if client, err := admin.Dial(ctx, socket); err == nil {
			return &Admin{commands: client, client: client}, nil
		}
	}
	a := &Admin{}
	c, err := openCore(ctx, dataDir, chat.Config{Logger: logger}, nil, &a.undo)
	if err != nil {
		return nil, errors.Join(err, a.undo.undo(ctx))
	}
	a.commands = &admin.Local{Chat: c.service, Passwords: auth.NewPasswords(auth.DefaultParams), Tokens: c.tokens}
	return a, nil
}

// AddUser makes an account. The password has 8 characters to 1,024 bytes. The role is owner, moderator or member, "" for
// member; the first account of a folder is the owner whatever is asked.
func (a *Admin) AddUser(ctx context.Context, name, password, role string) (Account, error) {
	u, err := a.commands.AddUser(ctx, admin.NewUser{Name: name, Password: password, Role: role})
	return Account(u), plain(err)
}

// Users lists all accounts, by name.
func (a *Admin) Users(ctx context.Context) ([]AccountStatus, error) {
	var all []AccountStatus
	for after := ""; ; {
		page, err := a.commands.Users(ctx, admin.ListRequest{After: after})
		if err != nil {
			return nil, plain(err)
		}
		for _, u := range page.Users {
			all = append(all, AccountStatus{Account(u.User), u.Disabled, u.Sessions, u.LastSeen})
		}
		if after = page.Next; after == "" {
			return all, nil
		}
	}
}

// SetPassword gives somebody another password, as AddUser takes it, and ends all of their sessions.
func (a *Admin) SetPassword(ctx context.Context, name, password string) (Account, error) {
	u, err := a.commands.SetPassword(ctx, admin.PasswordRequest{Name: name, Password: password})
	return Account(u), plain(err)
}

// SetDisabled disables an account, which ends all of its sessions, or enables it again. The last owner's cannot be
// disabled.
func (a *Admin) SetDisabled(ctx context.Context, name string, disabled bool) (Account, error) {
	u, err := a.commands.SetDisabled(ctx, admin.DisabledRequest{Name: name, Disabled: disabled})
	return Account(u), plain(err)
}

// Token signs somebody in and returns an access token that lives for ttl, at most 30 days; 0 means 15 minutes.
func (a *Admin) Token(ctx context.Context, name string, ttl time.Duration) (token string, expires time.Time, err error) {
	t, err := a.commands.Token(ctx, admin.TokenRequest{Name: name, TTL: ttl})
	return t.Token, t.Expires, plain(err)
}

// Close lets go of the server or the folder.
func (a *Admin) Close() error {
	if a.client != nil {
		a.client.Close()
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), ShutdownTime)
	defer cancel()
	return a.undo.undo(ctx)
}

// plain leaves of an error what a person needs: without the place in the code, but with the cause of a fault.
func plain(err error) error {
	e := (*chat.Error)(nil)
	if !errors.As(err, &e) || e.Message == "" {
		return err
	}
	if e.Err != nil {
		return errors.New(e.Message + ": " + e.Err.Error())
	}
	return errors.New(e.Message)
}
