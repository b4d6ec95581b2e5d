package httpapi

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// counts are the numbers of requests. Their labels are route patterns, known methods and statuses, so that no stranger
// can make new ones.
type counts struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newCounts(r prometheus.Registerer) *counts {
	c := &counts{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "parley_http_requests_total", Help: "Requests by route, method and status; 101 for sockets.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "parley_http_request_seconds", Help: "Time until a request was answered, or had become a socket.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route"}),
	}
	r.MustRegister(c.requests, c.seconds)
	return c
}

func (c *counts) observe(route, method string, status int, took time.Duration) {
	if c == nil {
		return
	}
	if route == "" {
		route = "none"
	}
	c.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	c.seconds.WithLabelValues(route).Observe(took.Seconds())
}
