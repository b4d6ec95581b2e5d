package gateway

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/parley-chat/parley/hub/websocket"
	"github.com/parley-chat/parley/internal/wire"
)

// Clients are told to come back after a time between these, each after its own, so that they do not come all at once.
const (
	reconnectMin = 500 * time.Millisecond
	reconnectMax = 5 * time.Second
)

// drainTime is how long open sends may take to be answered before the connections are closed.
const drainTime = 3 * time.Second

// flushTime is left to the last entries, and the acks in their places, to reach the queues: a busy room is flushed every
// 100 ms at least.
const flushTime = 150 * time.Millisecond

// closing says whether Shutdown has begun.
func (g *Gateway) closing() bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.draining
}

// Shutdown takes no more connections and writes, says goodbye, waits for what is being stored, closes all connections with
// 1001 and waits until everything has ended, or for ctx. Service must be running until it returns.
func (g *Gateway) Shutdown(ctx context.Context) error {
	g.mu.Lock()
	g.draining = true
	g.mu.Unlock()
	for _, c := range g.all() {
		wait := reconnectMin + rand.N(reconnectMax-reconnectMin)
		c.send(g.encode(&wire.Goodbye{ReconnectAfter: wait.Milliseconds()}))
	}
	drained, cancel := context.WithTimeout(ctx, drainTime)
	g.sends.drain(drained)
	cancel()
	if len(g.all()) > 0 {
		select {
		case <-time.After(flushTime):
		case <-ctx.Done():
		}
	}
	err := g.hub.Shutdown(ctx, websocket.CloseGoingAway, "server restarting")
	g.cancel()
	g.tasks.Wait()
	g.roster.end()
	return err
}
