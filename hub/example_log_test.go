package hub_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/parley-chat/parley/hub"
	"github.com/parley-chat/parley/hub/hubtest"
	"github.com/parley-chat/parley/hub/websocket"
)

// diary is a hub.Log in a file: its epoch, then one line of JSON for each entry. It keeps in memory what the file has.
type diary struct {
	mu     sync.Mutex
	file   *os.File
	epoch  string
	topics map[string][]hub.Entry
}

// note is a line of the file, and what clients get.
type note struct {
	Topic string `json:"topic"`
	Seq   uint64 `json:"seq"`
	ID    string `json:"id"`
	Text  string `json:"text"`
}

func openDiary(name string) (*diary, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	d := &diary{file: file, topics: map[string][]hub.Entry{}}
	lines := json.NewDecoder(file)
	if err = lines.Decode(&d.epoch); errors.Is(err, io.EOF) {
		d.epoch = rand.Text()
		return d, json.NewEncoder(file).Encode(d.epoch)
	}
	for err == nil {
		var n note
		if err = lines.Decode(&n); err == nil {
			d.keep(n)
		}
	}
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	// A last line that was cut short was never published. It goes.
	end, err := file.Seek(lines.InputOffset(), io.SeekStart)
	return d, errors.Join(err, file.Truncate(end))
}

func (d *diary) keep(n note) hub.Entry {
	line, _ := json.Marshal(n) // strings and a number
	e := hub.Entry{Seq: n.Seq, ID: n.ID, Frame: websocket.Text(line)}
	d.topics[n.Topic] = append(d.topics[n.Topic], e)
	return e
}

// Append returns what is to be published, once it is on disk. After an error the file is of no use.
func (d *diary) Append(topic, text string) (epoch string, e hub.Entry, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := note{topic, uint64(len(d.topics[topic]) + 1), rand.Text(), text}
	if err := errors.Join(json.NewEncoder(d.file).Encode(n), d.file.Sync()); err != nil {
		return "", hub.Entry{}, err
	}
	return d.epoch, d.keep(n), nil
}

// Head implements hub.Log.
func (d *diary) Head(ctx context.Context, topic string) (hub.Head, error) {
	head, _, err := d.Read(ctx, topic, 0, 0)
	return head, err
}

// Read implements hub.Log.
func (d *diary) Read(_ context.Context, topic string, after uint64, limit int) (hub.Head, []hub.Entry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	entries := d.topics[topic]
	head := hub.Head{Position: hub.Position{Epoch: d.epoch}, MinSeq: 1}
	if len(entries) > 0 {
		last := entries[len(entries)-1]
		head.Seq, head.ID = last.Seq, last.ID
	}
	rest := entries[min(after, head.Seq):]
	return head, append([]hub.Entry(nil), rest[:min(limit, len(rest))]...), nil
}

// diaryFrames are what the hub has to say: {"type":"subscribed","position":{…}}.
type diaryFrames struct{}

func (diaryFrames) Subscribed(_ string, p hub.Position, _ uint64) []byte {
	return positionFrame("subscribed", p)
}
func (diaryFrames) Reset(_ string, p hub.Position, _ uint64) []byte { return positionFrame("reset", p) }
func (diaryFrames) Skip(_ string, seq uint64) []byte {
	return positionFrame("skip", hub.Position{Seq: seq})
}

func positionFrame(typ string, p hub.Position) []byte {
	frame, _ := json.Marshal(map[string]any{"type": typ, "position": p}) // strings and a number
	return websocket.Text(frame)
}

// diarist is one connection: what it says is an entry.
type diarist struct {
	diary   *diary
	hub     *hub.Hub
	session *hub.Session
}

func (c diarist) Message(_ websocket.Opcode, text []byte) {
	epoch, e, err := c.diary.Append("diary", string(text))
	if err != nil {
		c.session.Close(websocket.CloseInternal, "the disk is full")
		return
	}
	c.hub.Publish("diary", epoch, e)
}
func (c diarist) Control(frame []byte)    { c.session.Send(frame) }
func (c diarist) CloseFrame(frame []byte) { c.session.CloseFrame(frame) }
func (c diarist) Closed(error)            { c.session.Detach() }

// serveDiary resumes at ?epoch=…&seq=…&id=…, the last entry that the client has.
func serveDiary(d *diary, h *hub.Hub) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		subscribe := hub.SubscribeRequest{Topic: "diary"}
		if q := r.URL.Query(); q.Has("seq") {
			seq, _ := strconv.ParseUint(q.Get("seq"), 10, 64) // what is no number is the beginning
			subscribe.From = &hub.Position{Epoch: q.Get("epoch"), Seq: seq, ID: q.Get("id")}
		}
		conn, err := websocket.Upgrade(w, r, nil)
		if err != nil {
			return // it has been answered
		}
		session := h.NewSession(hub.User{ID: rand.Text()}, conn)
		if err := session.Subscribe(r.Context(), subscribe); err != nil {
			session.Close(websocket.CloseInternal, "try again later")
		}
		go conn.Serve(diarist{d, h, session})
	}
}

// A Log of one's own, in a file. The server is started anew while a client is away; what the client missed it gets from
// the file.
func Example_ownLog() {
	folder, err := os.MkdirTemp("", "diary")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	run := func(query string, talk func(page *hubtest.Client)) {
		d, err := openDiary(filepath.Join(folder, "diary.json"))
		if err != nil {
			panic(err)
		}
		defer d.file.Close()
		h := hub.New(hub.Config{Log: d, Encoder: diaryFrames{}})
		defer h.Shutdown(context.Background(), websocket.CloseGoingAway, "until tomorrow")
		server := httptest.NewServer(serveDiary(d, h))
		defer server.Close()
		page, err := hubtest.Dial(context.Background(), server.Client(), server.URL+"/?"+query, nil)
		if err != nil {
			panic(err)
		}
		talk(page)
	}

	var begin struct{ Position hub.Position }
	var last note
	run("", func(page *hubtest.Client) {
		page.Next("subscribed", &begin)
		page.Send("It rains")
		page.Send("It still rains")
		text, _ := page.Receive()
		json.Unmarshal([]byte(text), &last)
		fmt.Println(last.Seq, last.Text)
		page.Receive() // the second comes, but let us say that the page has lost it
	})
	position := url.Values{"epoch": {begin.Position.Epoch}, "seq": {fmt.Sprint(last.Seq)}, "id": {last.ID}}
	run(position.Encode(), func(page *hubtest.Client) {
		page.Next("subscribed", nil)
		text, _ := page.Receive()
		json.Unmarshal([]byte(text), &last)
		fmt.Println(last.Seq, last.Text)
	})
	// Output:
	// 1 It rains
	// 2 It still rains
}
