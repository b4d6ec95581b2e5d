package rooms

import (
	"sync"
	"time"
)

// limiter holds each user to a number of events a second: a bucket that holds burst and fills at rate. Buckets that are
// full again are forgotten. A nil limiter limits nothing.
type limiter struct {
	rate  float64 // a second
	burst float64

	mu      sync.Mutex
	buckets map[string]bucket
	sweepAt int // number of buckets at which to look for full ones
}

type bucket struct {
	left float64
	at   time.Time // when that was true
}

const minSweep = 1024

func newLimiter(rate float64, burst int) *limiter {
	if rate < 0 {
		return nil
	}
	return &limiter{rate: rate, burst: float64(burst), buckets: map[string]bucket{}, sweepAt: minSweep}
}

// take uses n events up, at most burst. If there are too few, nothing is used, and wait says when there will be enough.
func (l *limiter) take(user string, n int) (wait time.Duration) {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	left := l.burst
	if b, ok := l.buckets[user]; ok {
		left = l.leftAt(b, now)
	}
	if missing := float64(n) - left; missing > 0 {
		return max(time.Duration(missing/l.rate*float64(time.Second)), time.Millisecond)
	}
	l.buckets[user] = bucket{left - float64(n), now}
	if len(l.buckets) >= l.sweepAt {
		l.sweep(now)
	}
	return 0
}

func (l *limiter) leftAt(b bucket, now time.Time) float64 {
	return min(l.burst, b.left+l.rate*now.Sub(b.at).Seconds())
}

func (l *limiter) sweep(now time.Time) {
	for user, b := range l.buckets {
		if l.leftAt(b, now) >= l.burst {
			delete(l.buckets, user)
		}
	}
	l.sweepAt = max(minSweep, 2*len(l.buckets))
}

// limited is the answer to a user who was too fast.
func limited(wait time.Duration, what string) *refusal {
	return &refusal{code: codeRateLimited, message: "too many " + what + "; slow down", retryAfter: wait.Milliseconds() + 1}
}
