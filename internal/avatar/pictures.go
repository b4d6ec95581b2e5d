package avatar

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/blob"
	"github.com/parley-chat/parley/internal/chat"
)

// Path begins the path of each picture that is kept here, relative to where the server is reached.
const Path = "api/avatars/"

// People are whose pictures these are. chat.Service is one.
type People interface {
	User(ctx context.Context, id chat.UserID) (chat.User, error)
	SetPicture(ctx context.Context, user chat.UserID, path string) (chat.User, error)
	SetGravatar(ctx context.Context, user chat.UserID, email, path string, asked time.Time) (chat.User, error)
	PictureUsed(ctx context.Context, path string) (bool, error)
}

// Files keep pictures. blob.Folder does.
type Files interface {
	Put(content []byte) (blob.Key, error)
	Get(k blob.Key) ([]byte, error)
	Delete(k blob.Key) error
	Keys() ([]blob.Key, error)
}

// Config is what Pictures are made of. People and Files are required.
type Config struct {
	People   People
	Files    Files
	Gravatar *Gravatar // nil: it is never asked
	Logger   *slog.Logger
	Now      func() time.Time // nil: time.Now
}

// storeTime bounds how long keeping a picture takes, once it is made.
const storeTime = 10 * time.Second

// uploadsOpen is how many pictures are read at the same time; each may take MaxBytes of memory.
const uploadsOpen = 8

// Pictures are those of everybody. All methods may be called concurrently.
type Pictures struct {
	cfg     Config
	maker   *Maker
	lookups *lookups // nil: Gravatar is never asked

	// mu holds from putting a file until somebody's row names it, and while a file is deleted that no row names: two people
	// may have the same picture.
	mu        sync.Mutex
	uploading map[chat.UserID]bool // those of whom a picture is being read or made
}

// New returns Pictures. The caller owes a Close.
func New(cfg Config) *Pictures {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	p := &Pictures{cfg: cfg, maker: NewMaker(), uploading: map[chat.UserID]bool{}}
	if cfg.Gravatar != nil {
		p.lookups = newLookups(p)
	}
	return p
}

// Close ends what runs by itself, and waits for it.
func (p *Pictures) Close() {
	if p.lookups != nil {
		p.lookups.close()
	}
}

// Set makes what body holds, at most MaxBytes, the user's picture. Its errors name the limit. Nothing changes when it
// fails, and nothing of it is left behind.
func (p *Pictures) Set(ctx context.Context, user chat.UserID, body io.Reader) (chat.User, error) {
	const op = "avatar.Set"
	done, err := p.begin(op, user)
	if err != nil {
		return chat.User{}, err
	}
	defer done()
	file, err := io.ReadAll(io.LimitReader(body, MaxBytes+1))
	if err != nil {
		return chat.User{}, &chat.Error{Code: chat.Invalid, Op: op, Message: "the body broke off", Err: err}
	}
	// What was sent slowly is not to be refused for that.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), waitTime+storeTime)
	defer cancel()
	made, err := p.maker.Make(ctx, file)
	if err != nil {
		return chat.User{}, err
	}
	return p.replace(ctx, user, made, func(ctx context.Context, path string) (chat.User, error) {
		return p.cfg.People.SetPicture(ctx, user, path)
	})
}

// begin lets an upload in: one of each person, so that nobody keeps the others out by sending slowly, and uploadsOpen in
// all. The caller owes done.
func (p *Pictures) begin(op string, user chat.UserID) (done func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.uploading[user]:
		return nil, &chat.Error{Code: chat.RateLimited, Op: op, Message: "you are sending a picture already: wait for it", RetryAfter: time.Second}
	case len(p.uploading) >= uploadsOpen:
		return nil, &chat.Error{Code: chat.Overloaded, Op: op, Message: "too many pictures are being sent: try again", RetryAfter: time.Second}
	}
	p.uploading[user] = true
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.uploading, user)
	}, nil
}

// Remove takes the user's picture away. That there is none is no error.
func (p *Pictures) Remove(ctx context.Context, user chat.UserID) (chat.User, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTime) // who is gone leaves no file behind
	defer cancel()
	return p.replace(ctx, user, nil, func(ctx context.Context, path string) (chat.User, error) {
		return p.cfg.People.SetPicture(ctx, user, path)
	})
}

// replace puts a picture that was made, nil for none, in the place of the user's, and takes away what nobody shows any
// more. set gets the path of the new one, "" for none.
func (p *Pictures) replace(ctx context.Context, user chat.UserID, made []byte, set func(ctx context.Context, path string) (chat.User, error)) (chat.User, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before, err := p.cfg.People.User(ctx, user)
	if err != nil {
		return chat.User{}, err
	}
	path := ""
	if made != nil {
		k, err := p.cfg.Files.Put(made)
		if err != nil {
			return chat.User{}, err
		}
		path = Path + string(k)
	}
	u, err := set(ctx, path)
	if chat.CodeOf(err) == chat.UnknownOutcome {
		return u, err // the row may name either picture: the next start tidies
	}
	p.tidy(ctx, before.Avatar)
	p.tidy(ctx, path)
	return u, err
}

// tidy takes the file at path away if nobody shows it. The caller holds mu. When it fails the file stays until the next
// start: that is no reason to refuse what was asked.
func (p *Pictures) tidy(ctx context.Context, path string) {
	k, ours := strings.CutPrefix(path, Path)
	if !ours {
		return
	}
	used, err := p.cfg.People.PictureUsed(ctx, path)
	if err == nil && !used {
		err = p.cfg.Files.Delete(blob.Key(k))
	}
	if err != nil {
		p.cfg.Logger.WarnContext(ctx, "a picture that nobody shows stays for now", "err", err)
	}
}

// Sweep takes away the pictures that nobody shows: a crash may have left some.
func (p *Pictures) Sweep(ctx context.Context) error {
	keys, err := p.cfg.Files.Keys()
	if err != nil {
		return err
	}
	for _, k := range keys {
		if err := ctx.Err(); err != nil {
			return err // the next start goes on
		}
		p.mu.Lock()
		p.tidy(ctx, Path+string(k))
		p.mu.Unlock()
	}
	return nil
}

// Open returns a picture and its media type, by what its path has behind Path; NotFound when there is none.
func (p *Pictures) Open(hash string) (content []byte, mediaType string, err error) {
	content, err = p.cfg.Files.Get(blob.Key(hash))
	if err != nil {
		return nil, "", err
	}
	return content, typeOf(content), nil
}
