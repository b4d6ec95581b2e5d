package parley

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/gateway"
)

// commitMetrics counts what the committer does.
type commitMetrics struct {
	batch, seconds prometheus.Histogram
	failures       prometheus.Counter
}

func newCommitMetrics(r prometheus.Registerer) *commitMetrics {
	m := &commitMetrics{
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "parley_commit_batch_ops", Help: "Writes in one transaction.", Buckets: []float64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000},
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "parley_commit_seconds", Help: "Time of one transaction, with its fsync.",
			Buckets: []float64{.0002, .0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 5},
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "parley_commit_failures_total", Help: "Transactions that failed as a whole.",
		}),
	}
	r.MustRegister(m.batch, m.seconds, m.failures, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *commitMetrics) observe(b chat.BatchStats) {
	m.batch.Observe(float64(b.Ops))
	m.seconds.Observe(b.Took.Seconds())
	if b.Err != nil {
		m.failures.Inc()
	}
}

// gatewayMetrics reads the counters of the gateway, the hub and the queue when somebody asks for them.
type gatewayMetrics struct {
	gate    *gateway.Gateway
	service *chat.Service
}

func newGatewayMetrics(r prometheus.Registerer, gate *gateway.Gateway, service *chat.Service) {
	r.MustRegister(gatewayMetrics{gate, service})
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("parley_"+name, help, labels, nil)
}

var (
	descConnections = desc("connections", "Open sockets.")
	descTopics      = desc("hub_topics", "Rooms that somebody is subscribed to.")
	descBacklog     = desc("hub_backlog_bytes", "Unsent bytes of sockets that do not keep up.")
	descPublished   = desc("hub_published_total", "Entries published to rooms.")
	descOffered     = desc("hub_offered_total", "Frames or joined chunks put into queues of sockets.")
	descWritten     = desc("hub_written_bytes_total", "Bytes written to sockets.")
	descFlushes     = desc("hub_flushes_total", "Rounds over the members of a room.")
	descSlow        = desc("hub_slow_total", "Sockets closed for being too slow.")
	descResets      = desc("hub_resets_total", "Subscriptions told to load afresh.")
	descReplays     = desc("hub_replays_total", "Subscriptions that had something to catch up on.")
	descLogReads    = desc("hub_log_reads_total", "Reads of the history for sockets.")
	descGapFills    = desc("hub_gap_fills_total", "Times that a missing entry was looked for in the history.")
	descFramesIn    = desc("frames_in_total", "Frames received, by type.", "type")
	descFramesOut   = desc("frames_out_total", "Frames made, by type; each once, however many get it.", "type")
	descQueuedOps   = desc("commit_queue_ops", "Writes that wait for a transaction.")
	descQueuedBytes = desc("commit_queue_bytes", "Bytes of writes that wait for a transaction.")
)

// Describe implements prometheus.Collector.
func (m gatewayMetrics) Describe(out chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, out) }

// Collect implements prometheus.Collector.
func (m gatewayMetrics) Collect(out chan<- prometheus.Metric) {
	s := m.gate.Stats()
	gauge := func(d *prometheus.Desc, v float64) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v)
	}
	counter := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	}
	gauge(descConnections, float64(s.Connections))
	gauge(descTopics, float64(s.Hub.Topics))
	gauge(descBacklog, float64(s.Hub.Backlog))
	counter(descPublished, float64(s.Hub.Published))
	counter(descOffered, float64(s.Hub.Offered))
	counter(descWritten, float64(s.Hub.Written))
	counter(descFlushes, float64(s.Hub.Flushes))
	counter(descSlow, float64(s.Hub.Slow))
	counter(descResets, float64(s.Hub.Resets))
	counter(descReplays, float64(s.Hub.Replays))
	counter(descLogReads, float64(s.Hub.LogReads))
	counter(descGapFills, float64(s.Hub.GapFills))
	for typ, n := range s.FramesIn {
		counter(descFramesIn, float64(n), typ)
	}
	for typ, n := range s.FramesOut {
		counter(descFramesOut, float64(n), typ)
	}
	ops, bytes := m.service.Queued()
	gauge(descQueuedOps, float64(ops))
	gauge(descQueuedBytes, float64(bytes))
}
