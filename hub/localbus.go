package hub

import (
	"context"
	"sync"
)

// LocalBus joins hubs of one process as a Bus joins nodes: for tests, and for servers that run several hubs. Each hub
// takes a Node of it. What one node publishes is delivered to the others before Publish returns, nothing is lost.
type LocalBus struct {
	mu   sync.RWMutex
	subs map[string]map[*localSub]struct{}
}

type localSub struct {
	node    *localNode
	mu      sync.Mutex // one delivery at a time; also held to cancel
	deliver func([]byte)
}

// NewLocalBus returns a bus without nodes.
func NewLocalBus() *LocalBus { return &LocalBus{subs: map[string]map[*localSub]struct{}{}} }

// Node returns a new node of the bus.
func (b *LocalBus) Node() Bus { return &localNode{bus: b} }

type localNode struct{ bus *LocalBus }

func (n *localNode) Publish(topic string, data []byte) error {
	n.bus.mu.RLock()
	others := make([]*localSub, 0, len(n.bus.subs[topic]))
	for s := range n.bus.subs[topic] {
		if s.node != n {
			others = append(others, s)
		}
	}
	n.bus.mu.RUnlock()
	for _, s := range others {
		s.mu.Lock()
		if s.deliver != nil {
			s.deliver(data)
		}
		s.mu.Unlock()
	}
	return nil
}

func (n *localNode) Subscribe(topic string, deliver func([]byte)) (func(), error) {
	s := &localSub{node: n, deliver: deliver}
	n.bus.mu.Lock()
	defer n.bus.mu.Unlock()
	if n.bus.subs[topic] == nil {
		n.bus.subs[topic] = map[*localSub]struct{}{}
	}
	n.bus.subs[topic][s] = struct{}{}
	return func() {
		n.bus.mu.Lock()
		delete(n.bus.subs[topic], s)
		if len(n.bus.subs[topic]) == 0 {
			delete(n.bus.subs, topic)
		}
		n.bus.mu.Unlock()
		s.mu.Lock()
		s.deliver = nil
		s.mu.Unlock()
	}, nil
}

func (n *localNode) Flush(context.Context) error { return nil }
