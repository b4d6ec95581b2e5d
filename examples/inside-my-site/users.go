package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"time"

	"golang.org/x/crypto/argon2"
	_ "modernc.org/sqlite" // the driver that Parley brings along

	"github.com/parley-chat/parley"
)

const cookieName, sessionTime = "site_session", 12 * time.Hour

// users is the site's own table of people and of where they are signed in. It is also the chat's Authenticator.
type users struct {
	*sql.DB
	hashing chan struct{} // as many at a time as there are processors: each takes 19 MiB
}

// openUsers opens the site's database and makes two people in a new one, whose passwords it prints.
func openUsers(ctx context.Context, path string) (*users, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)")
	if err != nil {
		return nil, err
	}
	u := &users{db, make(chan struct{}, runtime.NumCPU())}
	if _, err = db.ExecContext(ctx, `
		CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, salt BLOB NOT NULL, hash BLOB NOT NULL, role TEXT NOT NULL);
		CREATE TABLE IF NOT EXISTS sessions (key TEXT PRIMARY KEY, user INTEGER NOT NULL REFERENCES users (id), expires INTEGER NOT NULL)`); err == nil {
		err = u.seed(ctx)
	}
	return u, err
}

func (u *users) seed(ctx context.Context) error {
	var there bool
	if err := u.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users)`).Scan(&there); err != nil || there {
		return err
	}
	for name, role := range map[string]parley.Role{"ann": parley.RoleOwner, "bob": parley.RoleMember} {
		password, salt := rand.Text(), []byte(rand.Text())
		if _, err := u.ExecContext(ctx, `INSERT INTO users (name, salt, hash, role) VALUES (?, ?, ?, ?)`, name, salt, u.hash(password, salt), string(role)); err != nil {
			return err
		}
		fmt.Printf("sign in as %s with the password %s\n", name, password)
	}
	return nil
}

func (u *users) hash(password string, salt []byte) []byte {
	u.hashing <- struct{}{}
	defer func() { <-u.hashing }()
	return argon2.IDKey([]byte(password), salt, 2, 19*1024, 1, 32)
}

// signIn returns the value of a new session's cookie. For a name that nobody has, a hash is computed as well, so that the
// time it takes tells nothing.
func (u *users) signIn(ctx context.Context, name, password string) (token string, ok bool, err error) {
	var id int64
	salt, want := []byte("nobody has this salt"), make([]byte, 32)
	err = u.QueryRowContext(ctx, `SELECT id, salt, hash FROM users WHERE name = ?`, name).Scan(&id, &salt, &want)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", false, err
	}
	if subtle.ConstantTimeCompare(u.hash(password, salt), want) != 1 || id == 0 {
		return "", false, nil
	}
	token = rand.Text()
	_, err = u.ExecContext(ctx, `INSERT INTO sessions (key, user, expires) VALUES (?, ?, ?)`, keyOf(token), id, time.Now().Add(sessionTime).Unix())
	return token, err == nil, err
}

// keyOf is what stands for a cookie in the database, and what the chat knows a session by: nobody can come in with it.
func keyOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Authenticate implements parley.Authenticator: the site's cookie says who somebody is.
func (u *users) Authenticate(r *http.Request) (parley.Identity, error) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return parley.Identity{}, parley.ErrUnauthenticated
	}
	return u.Check(r.Context(), keyOf(cookie.Value))
}

// Check implements parley.Checker.
func (u *users) Check(ctx context.Context, key string) (parley.Identity, error) {
	var id, expires int64
	var name, role string
	err := u.QueryRowContext(ctx, `SELECT u.id, u.name, u.role, s.expires FROM sessions s JOIN users u ON u.id = s.user
		WHERE s.key = ? AND s.expires > ?`, key, time.Now().Unix()).Scan(&id, &name, &role, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		err = parley.ErrUnauthenticated
	}
	return parley.Identity{ID: fmt.Sprint(id), Name: name, Role: parley.Role(role), Expires: time.Unix(expires, 0), SessionKey: key}, err
}
