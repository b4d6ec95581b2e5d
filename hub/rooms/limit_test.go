package rooms

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(2, 3)
		for range 3 {
			if wait := l.take("ann", 1); wait != 0 {
				t.Fatalf("held up by %v within the burst", wait)
			}
		}
		if wait := l.take("ann", 1); wait != 500*time.Millisecond {
			t.Errorf("wait %v, want 500ms", wait)
		}
		if wait := l.take("bob", 3); wait != 0 {
			t.Error("one user pays for another")
		}
		time.Sleep(500 * time.Millisecond)
		if wait := l.take("ann", 1); wait != 0 {
			t.Errorf("still held up by %v after the time that was told", wait)
		}
		if wait := l.take("ann", 2); wait != time.Second {
			t.Errorf("wait %v for two, want 1s", wait)
		}
	})
}

func TestLimiterForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(1, 1)
		for i := range 10 * minSweep {
			l.take("u"+strconv.Itoa(i), 1)
			time.Sleep(10 * time.Millisecond)
		}
		if len(l.buckets) > 2*minSweep {
			t.Errorf("%d buckets are kept", len(l.buckets))
		}
		for i := 10*minSweep - 50; i < 10*minSweep; i++ {
			if l.take("u"+strconv.Itoa(i), 1) == 0 {
				t.Fatal("a bucket that was not full has been forgotten")
			}
		}
	})
}

func TestNoLimit(t *testing.T) {
	if newLimiter(-1, 1).take("ann", 1000) != 0 {
		t.Error("a negative rate limits")
	}
}

func TestCleanContent(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\nb\tc\n": "a\nb\tc\n", " <b>&\u2028 ": " <b>&\u2028 ", strings.Repeat("😀", 8): strings.Repeat("😀", 8), "12345678\r\n"[:8]: "12345678",
	} {
		if got, refused := cleanContent(in, 8); refused != nil || got != want {
			t.Errorf("%q: %q %+v", in, got, refused)
		}
	}
	for in, want := range map[string]refusal{
		"":              {code: codeInvalid, message: "content is blank"},
		" \n\t":         {code: codeInvalid, message: "content is blank"},
		"\u200b\u2800":  {code: codeInvalid, message: "content is blank"},
		"a\x00":         {code: codeInvalid, message: "content has the control character U+0000"},
		"a\u0085b":      {code: codeInvalid, message: "content has the control character U+0085"},
		"a\rb":          {code: codeInvalid, message: "content has the control character U+000D"},
		"\xff":          {code: codeInvalid, message: "content is not valid UTF-8"},
		"123456789":     {code: codeTooLarge, message: "content is longer than 8 characters"},
		"        \x00 ": {code: codeTooLarge, message: "content is longer than 8 characters"},
	} {
		if _, refused := cleanContent(in, 8); refused == nil || *refused != want {
			t.Errorf("%q: %+v, want %+v", in, refused, want)
		}
	}
}

func TestUUIDs(t *testing.T) {
	id := newID(noon)
	if got, ok := normalUUID(strings.ToUpper(id)); !ok || got != id || id[14] != '7' {
		t.Errorf("%s is read as %q", id, got)
	}
	if id[:13] != "019c13ec-9e00" {
		t.Errorf("%s does not begin with the milliseconds of %v", id, noon)
	}
	for _, bad := range []string{"", id[:35], id + "0", strings.Replace(id, "-", "0", 1), "g" + id[1:], "{" + id[1:]} {
		if _, ok := normalUUID(bad); ok {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestOptionsThatCannotBeRight(t *testing.T) {
	auth := func(*http.Request) (User, error) { return User{ID: "u"}, nil }
	for name, o := range map[string]Options{
		"no Authenticate": {Rooms: []string{"general"}},
		"no room":         {Authenticate: auth},
		"a bad name":      {Authenticate: auth, Rooms: []string{"general", "No!"}},
	} {
		if !panics(func() { _ = New(o).Shutdown(context.Background()) }) {
			t.Errorf("%s: no panic", name)
		}
	}
}

func TestUserCheck(t *testing.T) {
	long := strings.Repeat("x", 257)
	for name, c := range map[string]struct {
		u  User
		ok bool
	}{
		"id alone":   {User{ID: "u1"}, true},
		"full":       {User{ID: "u1", Name: "Ann, of Ürüm 😀", Expires: time.Now().Add(time.Hour)}, true},
		"no id":      {User{Name: "Ann"}, false},
		"long id":    {User{ID: long, Name: "Ann"}, false},
		"id bytes":   {User{ID: "\xff", Name: "Ann"}, false},
		"long name":  {User{ID: "u", Name: long[:65]}, false},
		"blank name": {User{ID: "u", Name: " \u200b"}, false},
		"control":    {User{ID: "u", Name: "a\nb"}, false},
		"system":     {User{ID: "u", Name: "System\u200b"}, false},
		"system id":  {User{ID: "SYSTEM"}, false},
		"expired":    {User{ID: "u", Expires: time.Now()}, false},
	} {
		if err := c.u.check(); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
