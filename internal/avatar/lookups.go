package avatar

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/parley-chat/parley/internal/chat"
)

// How long an answer of Gravatar holds, also that there is no picture, and how long one waits after it could not be asked.
const (
	askAgain   = 24 * time.Hour
	retryAfter = time.Hour
)

// lookupsWaiting is how many people may wait for Gravatar; who does not fit is asked about when they are next seen.
const lookupsWaiting = 256

// lookups ask Gravatar about one person after another.
type lookups struct {
	p       *Pictures
	waiting chan chat.UserID
	ctx     context.Context
	cancel  context.CancelFunc
	ended   sync.WaitGroup

	mu     sync.Mutex
	queued map[chat.UserID]bool
}

func newLookups(p *Pictures) *lookups {
	l := &lookups{p: p, waiting: make(chan chat.UserID, lookupsWaiting), queued: map[chat.UserID]bool{}}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.ended.Go(l.run)
	return l
}

func (l *lookups) close() {
	l.cancel()
	l.ended.Wait()
}

// Seen is told of people who are shown to somebody. Those without a picture of their own are looked up at Gravatar, if that
// is switched on and was not done of late. It does not wait.
func (p *Pictures) Seen(people ...chat.User) {
	if p.lookups == nil {
		return
	}
	now := p.cfg.Now()
	for _, u := range people {
		if isDue(u, now) {
			p.lookups.add(u.ID)
		}
	}
}

// isDue tells whether Gravatar is to be asked about u.
func isDue(u chat.User, now time.Time) bool {
	return u.Kind != chat.KindGuest && u.Email != "" && u.ExternalID == "" && u.AvatarFrom != chat.PictureOwn && now.Sub(u.AvatarAsked) >= askAgain
}

func (l *lookups) add(id chat.UserID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.queued[id] {
		return
	}
	select {
	case l.waiting <- id:
		l.queued[id] = true
	default:
	}
}

func (l *lookups) run() {
	for {
		select {
		case <-l.ctx.Done():
			return
		case id := <-l.waiting:
			l.look(id)
			l.mu.Lock()
			delete(l.queued, id)
			l.mu.Unlock()
		}
	}
}

// look asks about one person, unless they have another picture or address by now, and keeps the answer. What is shown stays
// when there is no answer.
func (l *lookups) look(id chat.UserID) {
	p := l.p
	now := p.cfg.Now()
	u, err := p.cfg.People.User(l.ctx, id)
	if l.ctx.Err() != nil {
		return
	}
	if err != nil {
		p.cfg.Logger.WarnContext(l.ctx, "Gravatar is not asked about somebody who cannot be read", "user_id", id, "err", err)
		return
	}
	if !isDue(u, now) {
		return
	}
	file, err := p.cfg.Gravatar.fetch(l.ctx, u.Email)
	var made []byte
	if err == nil {
		made, err = p.maker.Make(l.ctx, file)
	}
	if l.ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithTimeout(l.ctx, storeTime)
	defer cancel()
	if err != nil && !errors.Is(err, errNoPicture) {
		p.cfg.Logger.InfoContext(ctx, "Gravatar could not be asked", "user_id", u.ID, "err", err)
		if _, err := p.cfg.People.SetGravatar(ctx, u.ID, u.Email, ownPath(u), now.Add(retryAfter-askAgain)); err != nil {
			p.cfg.Logger.WarnContext(ctx, "an answer of Gravatar was not kept", "user_id", u.ID, "err", err)
		}
		return
	}
	_, err = p.replace(ctx, u.ID, made, func(ctx context.Context, path string) (chat.User, error) {
		return p.cfg.People.SetGravatar(ctx, u.ID, u.Email, path, now)
	})
	if err != nil {
		p.cfg.Logger.WarnContext(ctx, "an answer of Gravatar was not kept", "user_id", u.ID, "err", err)
	}
}

// ownPath is what u shows from Gravatar by now.
func ownPath(u chat.User) string {
	if u.AvatarFrom == chat.PictureGravatar {
		return u.Avatar
	}
	return ""
}
