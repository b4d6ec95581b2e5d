package e2e

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
)

// Who may make the first account, and how long a token lives, are what the options say.
func TestRegistrationAndTheLifeOfTokens(t *testing.T) {
	t.Parallel()
	account := object{"name": "ann", "password": "a password of ann"}
	for _, c := range []struct {
		mode   string
		status int // of somebody without an invitation on an empty server
	}{{"invite", 403}, {"open", 201}, {"closed", 403}} {
		t.Run(c.mode, func(t *testing.T) {
			t.Parallel()
			s := startServer(t, "--registration", c.mode, "--token-ttl", "7m")
			var workspace struct{ Registration string }
			s.call(t, 200, "GET", "/api/workspace", "", nil, &workspace)
			if workspace.Registration != c.mode {
				t.Errorf("the workspace says registration is %q", workspace.Registration)
			}
			a, err := s.request("POST", "/api/auth/register", "", account)
			if err != nil || a.status != c.status {
				t.Fatalf("register: %v, %d %s", err, a.status, a.body)
			}
			if c.status != 201 {
				checkProblem(t, a, c.status, "forbidden")
				s.user("ann")
				if a, err = s.request("POST", "/api/auth/login", "", account); err != nil || a.status != 200 {
					t.Fatalf("login: %v, %d %s", err, a.status, a.body)
				}
			}
			var in struct {
				ExpiresIn int `json:"expires_in"`
				User      struct{ Role string }
			}
			if err := json.Unmarshal(a.body, &in); err != nil || in.ExpiresIn > 7*60 || in.ExpiresIn < 6*60 || in.User.Role != "owner" {
				t.Errorf("%v, %s", err, a.body)
			}
		})
	}
}

// The set-up link that is printed makes the owner, once.
func TestTheSetUpLink(t *testing.T) {
	t.Parallel()
	s := startServer(t, "--registration", "closed")
	s.eventually(t, "it printed where to go", func() error {
		if !strings.Contains(s.log.String(), "Ctrl+C") {
			return errors.New("nothing is printed")
		}
		return nil
	})
	found := regexp.MustCompile(`Set up Parley: open http://127\.0\.0\.1:\d+/setup#([a-z2-7]{26})\b`).FindAllStringSubmatch(s.log.String(), -1)
	if len(found) != 1 {
		t.Fatalf("printed %d times", len(found))
	}
	code := found[0][1]
	account := object{"name": "ann", "password": "a password of ann", "setup": strings.Repeat("a", 26)}
	s.problem(t, 403, "forbidden", "POST", "/api/auth/register", "", account)
	s.call(t, 200, "POST", "/api/auth/setup", "", object{"code": code}, nil)
	account["setup"] = code
	var in struct{ User struct{ Role string } }
	s.call(t, 201, "POST", "/api/auth/register", "", account, &in)
	if in.User.Role != "owner" {
		t.Errorf("a %s was made", in.User.Role)
	}
	account["name"] = "eve"
	s.problem(t, 403, "forbidden", "POST", "/api/auth/register", "", account)
	s.problem(t, 404, "not_found", "POST", "/api/auth/setup", "", object{"code": code})
}

// An address in a header counts from a proxy that was named, and from nobody else.
func TestOnlyNamedProxiesSpeakForOthers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flags []string
		want  string
	}{
		{nil, "127.0.0.1"},
		{[]string{"--trusted-proxy", "10.0.0.0/8"}, "127.0.0.1"},
		{[]string{"--trusted-proxy", "127.0.0.1"}, "203.0.113.9"},
		{[]string{"--public-url", "https://chat.example.org"}, "203.0.113.9"},
		{[]string{"--public-url", "https://chat.example.org", "--trusted-proxy", "10.0.0.7"}, "127.0.0.1"},
	} {
		s := startServer(t, c.flags...)
		if _, err := s.request("GET", "/api/workspace", "", nil, "X-Forwarded-For", "198.51.100.1, 203.0.113.9"); err != nil {
			t.Fatal(err)
		}
		s.stop(t) // the line of a request is written after its answer
		if line := regexp.MustCompile(`msg=request .*path=/api/workspace.*`).FindString(s.log.String()); !strings.Contains(line, "remote="+c.want+" ") {
			t.Errorf("%v: %s, want %s", c.flags, line, c.want)
		}
	}
}
