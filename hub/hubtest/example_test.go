package hubtest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/hubtest"
	"github.com/parley-chat/parley/hub/websocket"
)

// A test of one's own handler, here one that greets whoever comes with a cookie and says goodbye.
func ExampleDial() {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, err := r.Cookie("name")
		if err != nil {
			http.Error(w, "who are you?", http.StatusForbidden)
			return
		}
		conn, err := websocket.Upgrade(w, r, nil)
		if err != nil {
			return // it has been answered
		}
		p := parrot{conn} // a websocket.Handler, like the echo of that package
		p.write(websocket.Text([]byte(`{"type":"greeting","name":"` + name.Value + `"}`)))
		p.CloseFrame(conn.CloseFrame(websocket.CloseNormal, "that was all"))
		go conn.Serve(p)
	})
	server := httptest.NewServer(handler)
	defer server.Close()

	ctx := context.Background() // in a test: t.Context()
	_, err := hubtest.Dial(ctx, server.Client(), server.URL, nil)
	fmt.Println(err)

	client, err := hubtest.Dial(ctx, server.Client(), server.URL, http.Header{"Cookie": {"name=Ann"}})
	if err != nil {
		panic(err)
	}
	var greeting struct{ Name string }
	fmt.Println(client.Next("greeting", &greeting), greeting.Name)
	_, err = client.Receive()
	fmt.Println(err)
	// Output:
	// hubtest: answered with 403 Forbidden: websocket: who are you?
	// <nil> Ann
	// websocket: closed by the peer with 1000 "that was all"
}

// A session whose connection stalls, which takes no connection and, in a synctest bubble, no time.
func ExamplePeer() {
	log := hub.NewMemoryLog(100)
	h := hub.New(hub.Config{Log: log, Encoder: hubtest.Encoder{}})
	ann, peer := hubtest.Connect(h, hub.User{ID: "ann", Name: "Ann"})

	ctx := context.Background()
	if err := ann.Subscribe(ctx, hub.SubscribeRequest{Topic: "tea"}); err != nil {
		fmt.Println(err)
	}
	peer.Stall()
	epoch, e := log.Append("tea", func(uint64) hub.Entry {
		return hub.Entry{ID: "a", Frame: hubtest.Frame("the kettle is on")}
	})
	h.Publish("tea", epoch, e) // does not wait for ann
	peer.Release()

	lines, err := peer.Await(ctx, func(lines []string) bool { return len(lines) == 2 })
	fmt.Println(lines, err)
	fmt.Println(h.Shutdown(ctx, 1001, "closing time"), peer.Frames()[2:])
	// Output:
	// [subscribed tea 0 the kettle is on] <nil>
	// <nil> [close 1001 closing time]
}

// In a test file of one's own, with a Log of one's own in the place of MemoryLog.
func ExampleRunLogSuite() {
	TestMyLog := func(t *testing.T) {
		hubtest.RunLogSuite(t, func(t *testing.T) hubtest.LogUnderTest {
			log, n := hub.NewMemoryLog(50), new(atomic.Int64)
			return hubtest.LogUnderTest{
				Log: log, Topic: "a", Other: "b", Keeps: 50,
				Append: func(t testing.TB, topic string) (epoch string, e hub.Entry) {
					return log.Append(topic, func(uint64) hub.Entry {
						return hub.Entry{ID: fmt.Sprint(n.Add(1)), Frame: hubtest.Frame("hello")}
					})
				},
			}
		})
	}
	_ = TestMyLog
}

// In a test file of one's own, with two nodes of a Bus of one's own.
func ExampleRunBusSuite() {
	TestMyBus := func(t *testing.T) {
		hubtest.RunBusSuite(t, func(t *testing.T) (a, b hub.Bus) {
			bus := hub.NewLocalBus()
			return bus.Node(), bus.Node()
		})
	}
	_ = TestMyBus
}
