package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"strings"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// SetupTTL is how long a set-up code is good.
const SetupTTL = 30 * time.Minute

// Setup is the one-time code with which the first account is made. It lives in memory alone, so that neither a backup nor
// a log has it. It may be used concurrently; a nil Setup has no code.
type Setup struct {
	now     func() time.Time
	expires time.Time

	mu   sync.Mutex
	code string // "" once closed
}

// NewSetup makes a code of 128 random bits, in 26 small letters and digits. now may be nil: then it is the system's clock,
// except that setting that back revives no code.
func NewSetup(now func() time.Time) *Setup {
	if now == nil {
		now = systemClock()
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	code := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))
	return &Setup{now: now, expires: now().Add(SetupTTL).UTC(), code: code}
}

// Code returns the code, "" when it is not good any more.
func (s *Setup) Code() string {
	if s == nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.now().Before(s.expires) {
		return ""
	}
	return s.code
}

// Check says until when code is good; NotFound when it is not. It uses nothing up.
func (s *Setup) Check(code string) (expires time.Time, err error) {
	want := s.Code()
	code = strings.ToLower(strings.TrimSpace(code))
	if want == "" || subtle.ConstantTimeCompare([]byte(code), []byte(want)) != 1 {
		return time.Time{}, chat.Errorf(chat.NotFound, "auth.Setup", "this set-up link is not valid any more: start the server again for a new one")
	}
	return s.expires, nil
}

// Close ends the code, once somebody has an account.
func (s *Setup) Close() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.code = ""
}
