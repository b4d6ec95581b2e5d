package avatar

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/parley-chat/parley/internal/blob"
	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/chattest"
	"github.com/parley-chat/parley/internal/names"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type fixture struct {
	*Pictures
	t       *testing.T
	chat    *chat.Service
	files   *blob.Folder
	changes chan chat.User // those whom others see in another way
	answers chan chat.User // those about whom Gravatar has answered
}

func newFixture(t *testing.T, gravatar *Gravatar) *fixture {
	t.Helper()
	files, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, files: files, changes: make(chan chat.User, 100), answers: make(chan chat.User, 100)}
	f.chat = chat.NewService(chat.Config{
		Store: chattest.NewStore(), Skeleton: names.Skeleton, CleanName: names.Clean, ProfileChanged: func(u chat.User) { f.changes <- u },
	})
	f.Pictures = New(Config{People: listening{f.chat, f.answers}, Files: files, Gravatar: gravatar, Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() {
		f.Close()
		if err := f.chat.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return f
}

func (f *fixture) person(name, email string) chat.User {
	f.t.Helper()
	u, err := f.chat.CreateUser(f.t.Context(), chat.NewUser{Name: name, Email: email})
	if err != nil {
		f.t.Fatal(err)
	}
	return u
}

func (f *fixture) set(u chat.User, file []byte) chat.User {
	f.t.Helper()
	u, err := f.Set(f.t.Context(), u.ID, bytes.NewReader(file))
	if err != nil {
		f.t.Fatal(err)
	}
	return u
}

// kept holds the folder to exactly the pictures of these people.
func (f *fixture) kept(people ...chat.User) {
	f.t.Helper()
	want := map[string]bool{}
	for _, u := range people {
		want[u.Avatar] = true
	}
	keys, err := f.files.Keys()
	if err != nil {
		f.t.Fatal(err)
	}
	for _, k := range keys {
		if !want[Path+string(k)] {
			f.t.Errorf("%s is kept and nobody shows it", k)
		}
	}
	if len(keys) != len(want) {
		f.t.Errorf("%d files, want %d", len(keys), len(want))
	}
}

func TestPicturesAreKeptWhileSomebodyShowsThem(t *testing.T) {
	f := newFixture(t, nil)
	ann, bob := f.person("ann", ""), f.person("bob", "")
	one, two := pngOf(t, halves(30, 30)), pngOf(t, image.NewGray(image.Rect(0, 0, 30, 30)))
	ann, bob = f.set(ann, one), f.set(bob, one)
	if ann.Avatar != bob.Avatar || !strings.HasPrefix(ann.Avatar, Path) || ann.AvatarFrom != chat.PictureOwn {
		t.Fatalf("%q and %q", ann.Avatar, bob.Avatar)
	}
	content, mediaType, err := f.Open(strings.TrimPrefix(ann.Avatar, Path))
	if err != nil || mediaType != "image/jpeg" || !bytes.HasPrefix(content, []byte("\xff\xd8")) {
		t.Errorf("Open: %s, %v", mediaType, err)
	}
	first := ann
	ann = f.set(ann, two)
	f.kept(ann, first) // bob shows the first still
	if bob, err = f.Remove(t.Context(), bob.ID); err != nil || bob.Avatar != "" {
		t.Errorf("Remove: %q, %v", bob.Avatar, err)
	}
	f.kept(ann)
	ann = f.set(ann, two) // the same again
	f.kept(ann)
	if len(f.changes) != 4 {
		t.Errorf("%d changes were told, want 4", len(f.changes))
	}
}

// cut is a body that breaks off.
type cut struct{ io.Reader }

func (c cut) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if err == io.EOF {
		err = errors.New("gone")
	}
	return n, err
}

// Attack 53: what was not uploaded leaves nothing, and changes nothing.
func TestAttack53NothingIsLeftOfWhatFailed(t *testing.T) {
	f := newFixture(t, nil)
	ann := f.set(f.person("ann", ""), pngOf(t, halves(30, 30)))
	file := pngOf(t, halves(300, 300))
	for name, body := range map[string]io.Reader{
		"aborted": cut{bytes.NewReader(file[:len(file)/2])}, "wrong length": bytes.NewReader(file[:len(file)/2]),
		"too much": bytes.NewReader(append(bytes.Clone(file), make([]byte, MaxBytes)...)), "no picture": strings.NewReader("<svg/>"),
	} {
		if _, err := f.Set(t.Context(), ann.ID, body); err == nil {
			t.Errorf("%s: no error", name)
		}
		if now, err := f.chat.User(t.Context(), ann.ID); err != nil || now.Avatar != ann.Avatar {
			t.Errorf("%s: %q, %v", name, now.Avatar, err)
		}
		f.kept(ann)
	}
	if _, err := f.Set(t.Context(), chat.UserID(chattest.ID()), bytes.NewReader(file)); chat.CodeOf(err) != chat.NotFound {
		t.Errorf("nobody: %v", err)
	}
	f.kept(ann)
	// What a crash left, between the file and the row that names it.
	if _, err := f.files.Put([]byte("left")); err != nil {
		t.Fatal(err)
	}
	if err := f.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.kept(ann)
}

// leaving are people who hang up as soon as something is stored.
type leaving struct {
	People
	leave func()
}

func (l leaving) SetPicture(ctx context.Context, user chat.UserID, path string) (chat.User, error) {
	defer l.leave()
	return l.People.SetPicture(ctx, user, path)
}

func (l leaving) PictureUsed(ctx context.Context, path string) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	return l.People.PictureUsed(ctx, path)
}

func TestNothingIsLeftWhenTheUserIsGone(t *testing.T) {
	f := newFixture(t, nil)
	ann := f.set(f.person("ann", ""), pngOf(t, halves(30, 30)))
	ctx, cancel := context.WithCancel(t.Context())
	f.cfg.People = leaving{f.cfg.People, cancel}
	if _, err := f.Remove(ctx, ann.ID); err != nil {
		t.Error(err)
	}
	f.kept()
}

// unsure are people of whom it is not known whether they have been stored.
type unsure struct{ People }

func (unsure) SetPicture(context.Context, chat.UserID, string) (chat.User, error) {
	return chat.User{}, chat.Errorf(chat.UnknownOutcome, "test", "the disk has failed")
}

// The row may yet turn out to name the new picture, or the old one.
func TestBothPicturesStayWhenTheOutcomeIsUnknown(t *testing.T) {
	f := newFixture(t, nil)
	ann := f.set(f.person("ann", ""), pngOf(t, halves(30, 30)))
	f.cfg.People = unsure{f.cfg.People}
	if _, err := f.Set(t.Context(), ann.ID, bytes.NewReader(pngOf(t, image.NewGray(image.Rect(0, 0, 9, 9))))); chat.CodeOf(err) != chat.UnknownOutcome {
		t.Error(err)
	}
	if keys, err := f.files.Keys(); err != nil || len(keys) != 2 {
		t.Errorf("%d files, %v, want 2", len(keys), err)
	}
	if err := f.Sweep(t.Context()); err != nil { // as the next start does
		t.Fatal(err)
	}
	f.kept(ann)
}

// Who sends slowly keeps nobody out but themself.
func TestOneUploadOfEachPersonAtATime(t *testing.T) {
	f := newFixture(t, nil)
	ann, bob := f.person("ann", ""), f.person("bob", "")
	slow, end := io.Pipe()
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := f.Set(t.Context(), ann.ID, slow); chat.CodeOf(err) != chat.Invalid {
			t.Errorf("the slow one: %v", err)
		}
	})
	if _, err := end.Write([]byte("\x89PNG")); err != nil { // it is being read now
		t.Fatal(err)
	}
	file := pngOf(t, halves(9, 9))
	if _, err := f.Set(t.Context(), ann.ID, bytes.NewReader(file)); chat.CodeOf(err) != chat.RateLimited {
		t.Errorf("a second one meanwhile: %v", err)
	}
	bob = f.set(bob, file)
	end.Close()
	wg.Wait()
	ann = f.set(ann, file)
	f.kept(ann, bob)
}

func TestManyAtOnceLeaveOneEach(t *testing.T) {
	f := newFixture(t, nil)
	people := []chat.User{f.person("ann", ""), f.person("bob", "")}
	files := [][]byte{pngOf(t, halves(9, 9)), pngOf(t, image.NewGray(image.Rect(0, 0, 9, 9)))}
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			_, err := f.Set(t.Context(), people[i%2].ID, bytes.NewReader(files[i/2%2]))
			if err != nil && chat.CodeOf(err) != chat.Overloaded && chat.CodeOf(err) != chat.RateLimited {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range people {
		var err error
		if people[i], err = f.chat.User(t.Context(), people[i].ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := f.Open(strings.TrimPrefix(people[i].Avatar, Path)); err != nil {
			t.Errorf("what is shown is not there: %v", err)
		}
	}
	f.kept(people...)
}

// fake is a Gravatar inside the process.
func fake(t *testing.T, answer http.HandlerFunc) *Gravatar {
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return newGravatar(server.URL+"/avatar/", &http.Transport{DisableKeepAlives: true})
}

// listening tells of the answers of Gravatar that were kept.
type listening struct {
	*chat.Service
	answers chan chat.User
}

func (l listening) SetGravatar(ctx context.Context, user chat.UserID, email, path string, asked time.Time) (chat.User, error) {
	u, err := l.Service.SetGravatar(ctx, user, email, path, asked)
	if err == nil {
		l.answers <- u
	}
	return u, err
}

// answered waits for an answer of Gravatar to be kept.
func (f *fixture) answered() chat.User {
	f.t.Helper()
	select {
	case u := <-f.answers:
		return u
	case <-time.After(30 * time.Second):
		f.t.Fatal("Gravatar was not asked")
		return chat.User{}
	}
}

func TestGravatarIsAskedByTheServer(t *testing.T) {
	var path, query string
	gravatar := fake(t, func(w http.ResponseWriter, r *http.Request) {
		path, query = r.URL.Path, r.URL.RawQuery
		_, _ = w.Write(withExif(jpegOf(t, halves(80, 80)), 1))
	})
	f := newFixture(t, gravatar)
	ann := f.person("ann", "Ann@Example.org")
	f.Seen(ann, f.person("bob", ""))
	ann = f.answered()
	sum := sha256.Sum256([]byte("ann@example.org"))
	if want := "/avatar/" + hex.EncodeToString(sum[:]); path != want || query != "s=256&d=404&r=g" {
		t.Errorf("asked for %s?%s, want %s", path, query, want)
	}
	if ann.AvatarFrom != chat.PictureGravatar {
		t.Errorf("%+v", ann)
	}
	content, _, err := f.Open(strings.TrimPrefix(ann.Avatar, Path))
	if err != nil || bytes.Contains(content, []byte("Exif")) {
		t.Errorf("the picture is not drawn anew: %v", err)
	}
	own := f.set(ann, pngOf(t, image.NewGray(image.Rect(0, 0, 9, 9))))
	f.kept(own)
	f.Seen(own)
	if u, err := f.chat.SetGravatar(t.Context(), own.ID, own.Email, ann.Avatar, time.Now()); err != nil || u.Avatar != own.Avatar {
		t.Errorf("Gravatar beats what was uploaded: %q, %v", u.Avatar, err)
	}
}

// Hours may pass until it is somebody's turn. Who is not to be asked about any more by then is not.
func TestGravatarIsAskedAboutWhoIsStillToBe(t *testing.T) {
	asked, answer := make(chan string, 10), make(chan struct{})
	f := newFixture(t, fake(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		<-answer
		http.NotFound(w, r)
	}))
	ann, bob, eve := f.person("ann", "ann@example.org"), f.person("bob", "bob@example.org"), f.person("eve", "eve@example.org")
	dan := f.person("dan", "dan@example.org")
	f.Seen(ann, bob, eve, dan)
	<-asked // about Ann
	gone := ""
	if _, err := f.chat.UpdateProfile(t.Context(), bob.ID, nil, &gone); err != nil {
		t.Fatal(err)
	}
	f.set(eve, pngOf(t, halves(9, 9)))
	close(answer)
	for u := f.answered(); u.ID != dan.ID; u = f.answered() {
		if u.ID != ann.ID {
			t.Errorf("%s was asked about", u.Name)
		}
	}
	if len(asked) != 1 {
		t.Errorf("%d more questions went out, want Dan's alone", len(asked))
	}
}

// An answer holds for a day, also that there is none; no answer is no reason to ask at once again.
func TestGravatarIsAskedOnceADay(t *testing.T) {
	var now atomic.Int64
	now.Store(time.Now().UnixNano())
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		again  time.Duration
	}{
		"there is none":   {http.NotFound, askAgain},
		"it fails":        {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, retryAfter},
		"it is no image":  {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<svg/>") }, retryAfter},
		"it never ends":   {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, MaxBytes+2)) }, retryAfter},
		"it leads around": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, retryAfter},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, fake(t, c.answer))
			f.cfg.Now = func() time.Time { return time.Unix(0, now.Load()) }
			ann := f.person("ann", "ann@example.org")
			f.Seen(ann)
			ann = f.answered()
			if ann.Avatar != "" || len(f.changes) > 0 {
				t.Errorf("%+v", ann)
			}
			f.kept()
			since := time.Unix(0, now.Load()).Sub(ann.AvatarAsked)
			if left := askAgain - since; left < c.again-time.Second || left > c.again+time.Second {
				t.Errorf("asked again in %s, want %s", left, c.again)
			}
		})
	}
}

// Attack 54: whatever a name resolves to, only public addresses are connected to.
func TestAttack54PrivateAddressesAreRefused(t *testing.T) {
	for _, a := range []string{
		"127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255",
		"198.18.0.1", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
		"64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "fec0::1",
	} {
		if isPublic(netip.MustParseAddr(a)) {
			t.Errorf("%s is taken for public", a)
		}
	}
	for _, a := range []string{"192.0.73.2", "1.1.1.1", "2606:4700::1111", "2a04:fa87:fffe::c000:4902"} {
		if !isPublic(netip.MustParseAddr(a)) {
			t.Errorf("%s is refused", a)
		}
	}
	// The client that gravatar.com is asked with does not reach this machine, whatever name it goes by.
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was reached") }))
	defer server.Close()
	for _, host := range []string{server.Listener.Addr().String(), strings.Replace(server.Listener.Addr().String(), "127.0.0.1", "localhost", 1)} {
		g := NewGravatar()
		g.base = "http://" + host + "/avatar/"
		_, err := g.fetch(t.Context(), "ann@example.org")
		if err == nil || !strings.Contains(err.Error(), "no public address") {
			t.Errorf("%s: %v", host, err)
		} else if strings.Contains(err.Error(), "/avatar/") {
			t.Errorf("the error, which is logged, tells the hash of the address: %v", err)
		}
	}
}
