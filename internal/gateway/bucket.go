package gateway

import "time"

const (
	readEvery = 50 * time.Millisecond // cursor moves of one connection, in the long run
	readBurst = 200                   // and at once
)

// bucket lets some through at once and one more each interval. It holds the time at which it was, or will be, full
// again; the zero value is full. It goes by the monotonic clock.
type bucket struct{ full time.Time }

// take asks for one of burst at once and one each every. When it is too early, ok is false and after says when to come
// again.
func (b *bucket) take(now time.Time, every time.Duration, burst int) (after time.Duration, ok bool) {
	full := b.full
	if full.Before(now) {
		full = now
	}
	full = full.Add(every)
	if late := full.Sub(now) - time.Duration(burst)*every; late > 0 {
		return late, false
	}
	b.full = full
	return 0, true
}
