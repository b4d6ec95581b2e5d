package goclient

import "time"

// WithPause returns opts with another pause between attempts to connect.
func WithPause(opts Options, pause func(attempt int) time.Duration) Options {
	opts.pause = pause
	return opts
}

// WithRenewal returns opts with another time to renew a token that lives for so long.
func WithRenewal(opts Options, renewIn func(life time.Duration) time.Duration) Options {
	opts.renewIn = renewIn
	return opts
}

// WithQueue returns opts with another bound for what a subscription keeps, in bytes.
func WithQueue(opts Options, bytes int) Options {
	opts.queueBytes = bytes
	return opts
}
