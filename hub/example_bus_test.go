package hub_test

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/hubtest"
)

// wire is a hub.Bus between two processes that have one connection. Everything goes over it, and the other side picks out
// what it has subscribed to.
type wire struct {
	conn net.Conn
	out  chan wired
	done chan struct{}
	wait sync.WaitGroup

	mu   sync.Mutex // held during a delivery, so that none outlasts its cancel
	last int
	subs map[string]map[int]func([]byte)
}

type wired struct {
	Topic string
	Data  []byte
}

func newWire(conn net.Conn) *wire {
	w := &wire{conn: conn, out: make(chan wired, 256), done: make(chan struct{}), subs: map[string]map[int]func([]byte){}}
	w.wait.Go(w.write)
	w.wait.Go(w.read)
	return w
}

// Close ends the connection. Hubs that use the bus go on alone.
func (w *wire) Close() {
	close(w.done)
	w.conn.Close()
	w.wait.Wait()
}

func (w *wire) write() {
	encoder := gob.NewEncoder(w.conn)
	for {
		select {
		case m := <-w.out:
			if encoder.Encode(m) != nil {
				return
			}
		case <-w.done:
			return
		}
	}
}

func (w *wire) read() {
	decoder := gob.NewDecoder(w.conn)
	for {
		var m wired
		if decoder.Decode(&m) != nil {
			return
		}
		w.mu.Lock()
		for _, deliver := range w.subs[m.Topic] {
			deliver(m.Data)
		}
		w.mu.Unlock()
	}
}

// Publish implements hub.Bus. It never waits: what does not fit is lost, and receivers read it from the Log.
func (w *wire) Publish(topic string, data []byte) error {
	select {
	case w.out <- wired{topic, data}:
		return nil
	default:
		return errors.New("wire: too much to send")
	}
}

// Subscribe implements hub.Bus.
func (w *wire) Subscribe(topic string, deliver func([]byte)) (cancel func(), err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last++
	id := w.last
	if w.subs[topic] == nil {
		w.subs[topic] = map[int]func([]byte){}
	}
	w.subs[topic][id] = deliver
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if delete(w.subs[topic], id); len(w.subs[topic]) == 0 {
			delete(w.subs, topic)
		}
	}, nil
}

// Flush implements hub.Bus. Nobody else needs to know of a subscription.
func (w *wire) Flush(context.Context) error { return nil }

// wires joins two nodes over TCP.
func wires() (a, b *wire) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer listener.Close()
	here, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		panic(err)
	}
	there, err := listener.Accept()
	if err != nil {
		panic(err)
	}
	return newWire(here), newWire(there)
}

// A Bus of one's own joins two hubs, which share a Log as two processes share a database.
func Example_ownBus() {
	log := hub.NewMemoryLog(100)
	here, there := wires()
	defer here.Close()
	defer there.Close()
	paris := hub.New(hub.Config{Log: log, Encoder: hubtest.Encoder{}, Bus: here})
	oslo := hub.New(hub.Config{Log: log, Encoder: hubtest.Encoder{}, Bus: there})
	ctx := context.Background()
	defer paris.Shutdown(ctx, 1001, "")
	defer oslo.Shutdown(ctx, 1001, "")

	bob, peer := hubtest.Connect(oslo, hub.User{ID: "bob"})
	bob.Subscribe(ctx, hub.SubscribeRequest{Topic: "news"})

	epoch, entry := log.Append("news", func(uint64) hub.Entry {
		return hub.Entry{ID: "a", Frame: hubtest.Frame("it is said in Paris")}
	})
	paris.Publish("news", epoch, entry)
	paris.Broadcast("news", hubtest.Frame("somebody types in Paris"), "")

	lines, _ := peer.Await(ctx, func(lines []string) bool { return len(lines) == 3 })
	for _, line := range lines {
		fmt.Println(line)
	}
	// Output:
	// subscribed news 0
	// it is said in Paris
	// somebody types in Paris
}
