package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/parley-chat/parley/examples/mount/mounttest"
)

func TestTwoUsersTalk(t *testing.T) { mounttest.Run(t, signIn) }

func TestNobodySignsInWithAWrongPassword(t *testing.T) {
	// Without a user of that name the table has "", which must not be a password.
	for name, password := range map[string]string{"ann": "coffee", "eve": ""} {
		r := &http.Request{Method: http.MethodPost, Form: url.Values{"name": {name}, "password": {password}}}
		w := httptest.NewRecorder()
		login(w, r)
		if w.Code != http.StatusUnauthorized || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s with %q was answered with %d and the cookie %q", name, password, w.Code, w.Header().Get("Set-Cookie"))
		}
	}
}

// signIn posts the form of the host's own login, and takes the cookie of its session.
func signIn(t *testing.T, base, name, password string) http.Header {
	answer, err := http.PostForm(base+"/login", url.Values{"name": {name}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if len(answer.Cookies()) != 1 {
		t.Fatalf("%s is answered with %s and the cookies %v", name, answer.Status, answer.Cookies())
	}
	return http.Header{"Cookie": {answer.Cookies()[0].Name + "=" + answer.Cookies()[0].Value}}
}
