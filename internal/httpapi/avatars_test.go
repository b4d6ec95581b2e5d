package httpapi

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-chat/parley/internal/avatar"
	"github.com/parley-chat/parley/internal/chat"
)

func somePNG(t *testing.T, side int) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, side, side))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAPictureIsUploadedShownAndTakenAway(t *testing.T) {
	f := newFixture(t, nil)
	// Attack 50: what it is said to be does not count.
	me := object(t, f.as(f.ann, "PUT", "/api/me/avatar", somePNG(t, 300), "Content-Type", "text/html"), 200)
	path, _ := me["avatar"].(string)
	if !strings.HasPrefix(path, "api/avatars/") {
		t.Fatalf("avatar %q", path)
	}
	if got := object(t, f.as(f.ann, "GET", "/api/me", ""), 200)["avatar"]; got != path {
		t.Errorf("GET /api/me: %v", got)
	}
	_, token := f.join("bob")
	for _, who := range []string{f.ann, token} {
		object(t, f.as(who, "POST", "/api/messages", `{"room":"general","content":"hello"}`), 201)
	}
	for _, list := range []string{"/api/users", "/api/rooms/general/members"} {
		if w := f.as(token, "GET", list, ""); strings.Count(w.Body.String(), path) != 1 || strings.Count(w.Body.String(), `"avatar"`) != 1 {
			t.Errorf("%s: %s", list, w.Body)
		}
	}
	w := f.as(token, "GET", "/"+path, "")
	h := w.Header()
	if w.Code != 200 || h.Get("Content-Type") != "image/jpeg" || h.Get("Cache-Control") != "private, max-age=31536000, immutable" ||
		h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Security-Policy") != "default-src 'none'; sandbox" ||
		h.Get("Content-Disposition") != "attachment" || !strings.HasPrefix(w.Body.String(), "\xff\xd8") {
		t.Errorf("%d %v", w.Code, h)
	}
	refused(t, f.as("", "GET", "/"+path, ""), 401, chat.Unauthenticated)
	if me := object(t, f.as(f.ann, "DELETE", "/api/me/avatar", ""), 200); me["avatar"] != nil {
		t.Errorf("after DELETE: %v", me)
	}
	refused(t, f.as(token, "GET", "/"+path, ""), 404, chat.NotFound)
	for _, hash := range []string{"x", "..%5Ctoken.key", strings.Repeat("0", 64)} {
		refused(t, f.as(token, "GET", "/api/avatars/"+hash, ""), 404, chat.NotFound)
	}
}

// What goes in and comes out is described as files, not as JSON.
func TestPicturesAreDescribedAsFiles(t *testing.T) {
	f := newFixture(t, nil)
	doc := f.as("", "GET", "/api/openapi.json", "").Body.Bytes()
	var paths struct {
		Paths map[string]map[string]struct {
			RequestBody struct{ Content map[string]any }
			Responses   map[string]struct{ Content map[string]any }
		}
	}
	if err := json.Unmarshal(doc, &paths); err != nil {
		t.Fatal(err)
	}
	in := slices.Sorted(maps.Keys(paths.Paths["/api/me/avatar"]["put"].RequestBody.Content))
	out := slices.Sorted(maps.Keys(paths.Paths["/api/avatars/{hash}"]["get"].Responses["200"].Content))
	if want := []string{"image/gif", "image/jpeg", "image/png", "image/webp"}; !slices.Equal(in, want) {
		t.Errorf("in: %v", in)
	}
	if want := []string{"image/jpeg", "image/png"}; !slices.Equal(out, want) {
		t.Errorf("out: %v", out)
	}
}

// Attacks 50, 51, 53: a picture that will not do says why, and the one before stays.
func TestAttack51PicturesThatAreRefusedSayWhy(t *testing.T) {
	f := newFixture(t, nil)
	before := object(t, f.as(f.ann, "PUT", "/api/me/avatar", somePNG(t, 10)), 200)["avatar"]
	for _, c := range []struct {
		name, body string
		status     int
		code       chat.Code
		says       string
	}{
		{"nothing", "", 400, chat.Invalid, "no picture"},
		{"SVG", "<svg onload=alert(1)>", 400, chat.Invalid, "PNG, JPEG, GIF or WebP"},
		{"half", somePNG(t, 300)[:200], 400, chat.Invalid, "broken"},
		{"50k", "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\xc3\x50\x00\x00\xc3\x50\x08\x00\x00\x00\x00\x6e\xc4\x62\x16", 413, chat.TooLarge, "8192"},
		{"bytes", strings.Repeat("x", avatar.MaxBytes+1), 413, chat.TooLarge, "5 MB"},
	} {
		m := refused(t, f.as(f.ann, "PUT", "/api/me/avatar", c.body), c.status, c.code)
		if !strings.Contains(m["detail"].(string), c.says) {
			t.Errorf("%s: %v", c.name, m["detail"])
		}
	}
	if now := object(t, f.as(f.ann, "GET", "/api/me", ""), 200)["avatar"]; now != before {
		t.Errorf("%v, before %v", now, before)
	}
}

// Attack 45: a page of another origin changes nobody's picture.
func TestAttack45PicturesFromElsewhere(t *testing.T) {
	f := newFixture(t, nil)
	for _, method := range []string{"PUT", "DELETE"} {
		refused(t, f.as(f.ann, method, "/api/me/avatar", somePNG(t, 10), "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"), 403, chat.Forbidden)
	}
}

func TestProfilesAreChangedOnlySoOften(t *testing.T) {
	asked := 0
	f := newFixture(t, func(cfg *Config) {
		cfg.Profiles = func(chat.UserID) (time.Duration, bool) { asked++; return time.Minute, false }
	})
	for _, c := range [][3]string{{"PUT", "/api/me/avatar", somePNG(t, 10)}, {"DELETE", "/api/me/avatar", ""}, {"PUT", "/api/me", `{"display":"x"}`}} {
		if m := refused(t, f.as(f.ann, c[0], c[1], c[2]), 429, chat.RateLimited); m["retry_after"] != 60_000.0 {
			t.Errorf("%v", m)
		}
	}
	if asked != 3 {
		t.Errorf("asked %d times", asked)
	}
}

func TestAHostKeepsThePictures(t *testing.T) {
	f := newFixture(t, func(cfg *Config) { cfg.Host = &Host{} })
	for _, method := range []string{"PUT", "DELETE"} {
		refused(t, f.as(f.ann, method, "/api/me/avatar", somePNG(t, 10)), 403, chat.Forbidden)
	}
}
