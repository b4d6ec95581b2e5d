package auth

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

func TestSetupCode(t *testing.T) {
	c := newClock()
	s := NewSetup(c.now)
	code := s.Code()
	if !regexp.MustCompile(`^[a-z2-7]{26}$`).MatchString(code) {
		t.Errorf("the code is %q", code)
	}
	if other := NewSetup(c.now).Code(); other == code {
		t.Error("two codes are the same")
	}
	for range 2 { // looking uses nothing up
		if expires, err := s.Check(" " + strings.ToUpper(code) + "\n"); err != nil || !expires.Equal(c.t.Add(SetupTTL)) {
			t.Errorf("got %v, %v", expires, err)
		}
	}
	for _, wrong := range []string{"", code[:25], code + "a", strings.Repeat("a", 26), strings.Repeat("a", 1<<20)} {
		if _, err := s.Check(wrong); chat.CodeOf(err) != chat.NotFound {
			t.Errorf("%.30q: %v", wrong, err)
		}
	}
}

func TestSetupCodeEnds(t *testing.T) {
	c := newClock()
	s := NewSetup(c.now)
	code := s.Code()
	c.t = c.t.Add(SetupTTL - time.Second)
	if _, err := s.Check(code); err != nil {
		t.Errorf("a second before its end: %v", err)
	}
	c.t = c.t.Add(time.Second)
	if _, err := s.Check(code); chat.CodeOf(err) != chat.NotFound || s.Code() != "" {
		t.Errorf("at its end: %v, %q", err, s.Code())
	}

	s = NewSetup(nil)
	code = s.Code()
	s.Close()
	s.Close()
	for _, given := range []string{code, ""} {
		if _, err := s.Check(given); chat.CodeOf(err) != chat.NotFound {
			t.Errorf("closed, %q: %v", given, err)
		}
	}
}

func TestNoSetup(t *testing.T) {
	var s *Setup
	if _, err := s.Check(""); chat.CodeOf(err) != chat.NotFound || s.Code() != "" {
		t.Errorf("got %v, %q", err, s.Code())
	}
	s.Close()
}
